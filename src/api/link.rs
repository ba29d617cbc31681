//! `Link: <...>; rel="next"`, the way to the next page of a listing (RFC 8288).

use http::{HeaderMap, header};
use url::Url;

use crate::named_address;

/// The next page after `asked`, on the same registry and at the same path; `None` after the last.
///
/// Only the query of the link is taken: Nexus names a wrong prefix and host, `JFrog` leaves the
/// repository key out, serverless-registry writes no `< >`. Credentials never follow a link to
/// another host, and a listing never strays into another repository.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, header};
/// use portreeve::api::link;
///
/// let asked = "https://registry.example/v2/a/tags/list?n=2".parse()?;
/// let mut headers = HeaderMap::new();
/// headers.insert(header::LINK, r#"</v2/a/tags/list?last=v2&n=2>; rel="next""#.parse()?);
/// assert_eq!(
///     link::next(&asked, &headers).unwrap().as_str(),
///     "https://registry.example/v2/a/tags/list?last=v2&n=2"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn next(asked: &Url, headers: &HeaderMap) -> Option<Url> {
    let target = headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(next_target)?;
    let target = named_address::join(asked, &target)?;
    let mut next = asked.clone();
    next.set_query(target.query());
    Some(next)
}

/// The target whose relation is `next` in one header, which may hold several links.
fn next_target(header: &str) -> Option<String> {
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return None;
        }
        let (target, parameters) = match rest.strip_prefix('<') {
            Some(bracketed) => bracketed.split_once('>')?,
            None => rest.split_once(';').unwrap_or((rest, "")),
        };
        let end = end_of_link(parameters);
        let (own, following) = parameters.split_at_checked(end)?;
        if own.split(';').any(is_next) {
            return Some(target.trim().to_owned());
        }
        rest = following;
    }
}

/// Where the parameters of one link end: at a comma outside quotes.
fn end_of_link(parameters: &str) -> usize {
    let mut quoted = false;
    parameters
        .find(|letter: char| {
            quoted ^= letter == '"';
            letter == ',' && !quoted
        })
        .unwrap_or(parameters.len())
}

fn is_next(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("rel")
            && value
                .trim()
                .trim_matches('"')
                .split_ascii_whitespace()
                .any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(links: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(header::LINK, link.parse().unwrap());
        }
        let asked = "https://registry.example/v2/team/web/tags/list?n=2"
            .parse()
            .unwrap();
        next(&asked, &headers).map(Into::into)
    }

    #[test]
    fn the_next_page_stays_where_the_first_was_asked() {
        for (registry, link) in [
            (
                "distribution 3",
                r#"</v2/team/web/tags/list?last=v2&n=2>; rel="next""#,
            ),
            (
                "Quay",
                r#"<https://registry.example/v2/team/web/tags/list?last=v2&n=2>; rel="next""#,
            ),
            (
                "serverless-registry",
                r#"/v2/team/web/tags/list?last=v2&n=2; rel="next""#,
            ),
            (
                "Nexus",
                r#"<http://nexus.internal:8081/repository/docker/v2/team/web/tags/list?last=v2&n=2>; rel="next""#,
            ),
            ("JFrog", r#"</v2/web/tags/list?last=v2&n=2>; rel="next""#),
            (
                "a hostile one",
                r#"<https://evil.example/v2/team/secret/tags/list?last=v2&n=2>; rel="next""#,
            ),
            ("a relative one", "<?last=v2&n=2>;rel=next"),
            (
                "several relations",
                r#"<?last=v2&n=2>; title="a, b; c"; REL="prev Next""#,
            ),
            (
                "several links",
                r#"</a,b>; rel="first", <?last=v2&n=2>; rel="next", </c>; rel="last""#,
            ),
        ] {
            assert_eq!(
                read(&[link]).as_deref(),
                Some("https://registry.example/v2/team/web/tags/list?last=v2&n=2"),
                "{registry}"
            );
        }
        assert!(read(&[r#"</x>; rel="last""#, r#"<?last=v2>; rel="next""#]).is_some());
    }

    #[test]
    fn what_is_no_link_to_a_next_page_ends_the_listing() {
        for link in [
            "",
            "<",
            "</x>",
            r#"</x>; rel="prev""#,
            r#"</x>; rev="next""#,
            "</x; rel=next",
            ",,,",
        ] {
            assert_eq!(read(&[link]), None, "{link}");
        }
    }
}
