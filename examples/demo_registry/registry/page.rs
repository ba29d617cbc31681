//! Cutting a listing into pages.

use http::Response;

use super::answer::Call;
use super::content::Content;
use super::profile::{Link, Paging};
use super::reply;

/// One page and the `Link` to the next.
pub(super) struct Page {
    pub(super) names: Vec<String>,
    pub(super) link: Option<String>,
    /// Whether nothing follows.
    pub(super) last: bool,
}

/// Cuts the page out of `names` that `n` and `last` ask for.
///
/// The error is a refusal to answer with.
pub(super) fn cut(
    call: &Call<'_>,
    paging: Paging,
    names: Vec<String>,
) -> Result<Page, Box<Response<Content>>> {
    let asked = match call.query("n") {
        None => None,
        Some(text) => Some(text.parse::<usize>().map_err(|_| refused(call, 400))?),
    };
    let size = match (paging, asked) {
        (Paging::Ignored, _) => {
            return Ok(Page {
                names,
                link: None,
                last: true,
            });
        }
        (Paging::UpTo(_), None) => usize::MAX,
        (Paging::UpTo(most), Some(asked)) => asked.min(most),
        (Paging::Always(most, status), Some(asked)) if asked > most => {
            return Err(refused(call, status));
        }
        (Paging::Always(most, _), asked) => asked.unwrap_or(most),
    };
    let last = call.query("last");
    let forgotten = last.as_ref().is_some_and(|last| !names.contains(last));
    if forgotten && call.profile.unknown_last_is_missing {
        return Err(Box::new(reply::empty(404)));
    }
    let mut rest: Vec<String> = names
        .into_iter()
        .filter(|name| last.as_ref().is_none_or(|last| name > last))
        .collect();
    let complete = rest.len() <= size;
    rest.truncate(size);
    let link = match (call.profile.link, rest.last()) {
        (Link::Missing, _) | (_, None) => None,
        (Link::UntilEmpty, Some(last)) => Some(written(call, size, last)),
        (_, Some(last)) => (!complete).then(|| written(call, size, last)),
    };
    Ok(Page {
        last: complete && link.is_none(),
        names: rest,
        link,
    })
}

fn written(call: &Call<'_>, size: usize, last: &str) -> String {
    let path = call.request.uri().path();
    let escaped: String = url::form_urlencoded::byte_serialize(last.as_bytes()).collect();
    match call.profile.link {
        Link::CountFirst => format!("<{path}?n={size}&last={last}>; rel=\"next\""),
        Link::Bare => format!("{path}?n={size}&last={escaped}; rel=\"next\""),
        Link::WrongHost => {
            format!("<http://nexus.internal:8081{path}?n={size}&last={escaped}>; rel=\"next\"")
        }
        _ => format!("<{path}?last={escaped}&n={size}>; rel=\"next\""),
    }
}

fn refused(call: &Call<'_>, status: u16) -> Box<Response<Content>> {
    // zot sends no body here
    Box::new(if call.profile.unknown_last_is_missing {
        reply::empty(status)
    } else {
        let message = "invalid number of results requested";
        reply::error(status, "PAGINATION_NUMBER_INVALID", message)
    })
}
