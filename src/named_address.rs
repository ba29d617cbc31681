//! Addresses that registries name in headers: `Link`, `Location`, the realm of a challenge.

use url::Url;

/// The address that a header names, taken relative to the one that was asked; `None` for what is
/// none.
///
/// Hosts of registries and token servers are ASCII, and so are those that headers name: a host that
/// would have to be mapped to ASCII first is refused instead.
///
/// # Examples
///
/// ```
/// use portreeve::named_address;
///
/// let asked = "https://registry.example/v2/".parse()?;
/// assert_eq!(named_address::join(&asked, "/token").unwrap().path(), "/token");
/// assert!(named_address::join(&asked, "//exämple/token").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn join(asked: &Url, named: &str) -> Option<Url> {
    let before_query = named.split(['?', '#']).next().unwrap_or_default();
    let is_escaped = |part: &str| {
        part.starts_with(|first: char| matches!(first, '8' | '9' | 'a'..='f' | 'A'..='F'))
    };
    // an address is read with its tabs and line ends taken out, so that `%\tC3` is `%C3`
    let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_control();
    if !named.bytes().all(is_plain) || before_query.split('%').skip(1).any(is_escaped) {
        return None;
    }
    asked.join(named).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_only_looks_like_punycode_ends_nothing() {
        let asked = "https://registry.example/v2/".parse().unwrap();
        let odd = "//dd.xn--aaIIIost4156c06IIIIIIIIIIIIIIIIIIIIIGIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIvvvvvvvvvvIi/p";
        if let Some(address) = join(&asked, odd) {
            assert_eq!(address.path(), "/p");
        }
    }

    #[test]
    fn a_host_that_is_not_ascii_is_refused_however_it_is_written() {
        let asked = "https://registry.example/v2/".parse().unwrap();
        for named in [
            "//Aé",
            "//A%C3%A9/x",
            "https://b%e9/",
            "\\\\A%C3%A9",
            "//I%\tE4/",
        ] {
            assert!(join(&asked, named).is_none(), "{named}");
        }
        for named in ["/v2/a%2Fb", "?last=%C3%A9", "https://b.example/x#%C3%A9"] {
            assert!(join(&asked, named).is_some(), "{named}");
        }
    }
}
