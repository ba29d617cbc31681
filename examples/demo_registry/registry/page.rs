//! Cutting a listing into pages.

use http::Response;

use super::answer::Call;
use super::content::Content;
use super::profile::{Link, Paging, TagOrder, UnknownLast};
use super::reply;

/// One page and the `Link` to the next.
pub(super) struct Page {
    pub(super) names: Vec<String>,
    pub(super) link: Option<String>,
    /// Whether nothing follows.
    pub(super) last: bool,
}

/// Cuts the page out of `names` that `n` and the cursor ask for.
///
/// The error is a refusal to answer with.
pub(super) fn cut(
    call: &Call<'_>,
    paging: Paging,
    link: Link,
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
        (Paging::Always(most, _) | Paging::Default(most), asked) => asked.unwrap_or(most),
        (Paging::Capped(most), asked) => asked.unwrap_or(most).min(most),
    };
    let start = start(call, link, &names)?;
    let mut rest: Vec<String> = names.into_iter().skip(start).collect();
    let complete = rest.len() <= size;
    rest.truncate(size);
    let end = start + rest.len();
    let goes_on = match link {
        Link::Missing => false,
        Link::Endless => true,
        Link::UntilEmpty => !rest.is_empty(),
        _ => !complete && !rest.is_empty(),
    };
    let last = rest.last().map_or("", String::as_str);
    Ok(Page {
        link: goes_on.then(|| written(call, link, size, last, end)),
        last: !goes_on,
        names: rest,
    })
}

/// Where the page begins, as a place in `names`.
fn start(call: &Call<'_>, link: Link, names: &[String]) -> Result<usize, Box<Response<Content>>> {
    if link == Link::NextPage {
        let cursor = call.query("next_page");
        let place = cursor
            .as_deref()
            .and_then(|cursor| cursor.strip_prefix(CURSOR));
        return Ok(place.and_then(|place| place.parse().ok()).unwrap_or(0));
    }
    let Some(last) = call.query("last").filter(|last| !last.is_empty()) else {
        return Ok(0);
    };
    if link == Link::Numbered {
        return last.parse().map_err(|_| refused(call, 400));
    }
    if let Some(place) = names.iter().position(|name| *name == last) {
        return Ok(place + 1);
    }
    match call.profile.unknown_last {
        UnknownLast::Missing => Err(Box::new(reply::empty(404))),
        UnknownLast::Refused => Err(refused(call, 400)),
        UnknownLast::Position if call.profile.order == TagOrder::Sorted => {
            Ok(names.iter().take_while(|name| **name <= last).count())
        }
        UnknownLast::Position => Ok(names.len()),
    }
}

/// What a cursor of Quay's begins with here; there it is encrypted.
const CURSOR: &str = "gAAAAAB-";

fn written(call: &Call<'_>, link: Link, size: usize, last: &str, end: usize) -> String {
    let path = call.request.uri().path();
    let origin = call.origin();
    let escaped: String = url::form_urlencoded::byte_serialize(last.as_bytes()).collect();
    match link {
        Link::CountFirst => format!("<{path}?n={size}&last={last}>; rel=\"next\""),
        Link::Bare => format!("{path}?n={size}&last={escaped}; rel=\"next\""),
        Link::Endless => format!("{origin}{path}?n={size}&last={escaped}; rel=next"),
        Link::Absolute => format!("<{origin}{path}?n={size}&last={escaped}>; rel=\"next\""),
        Link::WrongHost => format!(
            "<http://nexus.internal:8081/repository/docker{path}?n={size}&last={escaped}>; \
             rel=\"next\""
        ),
        Link::Numbered => {
            let name = path.strip_prefix("/v2/").unwrap_or_default();
            let within = name.split_once('/').map_or(name, |(_, within)| within);
            format!("</v2/{within}?n={size}&last={end}>; rel=\"next\"")
        }
        Link::NextPage => {
            format!("<{origin}{path}?n={size}&next_page={CURSOR}{end}>; rel=\"next\"")
        }
        Link::LastFirst | Link::UntilEmpty | Link::Missing => {
            format!("<{path}?last={escaped}&n={size}>; rel=\"next\"")
        }
    }
}

fn refused(call: &Call<'_>, status: u16) -> Box<Response<Content>> {
    // zot sends no body here
    Box::new(if call.profile.unknown_last == UnknownLast::Missing {
        reply::empty(status)
    } else {
        let message = "invalid number of results requested";
        reply::error(status, "PAGINATION_NUMBER_INVALID", message)
    })
}
