//! The parts that references are made of: host, repository, tag.

use std::net::{Ipv4Addr, Ipv6Addr};

/// distribution-spec 1.1 warns that clients count the host's characters, too.
pub(super) const LONGEST_NAME: usize = 255;

/// Whether it is a tag by distribution-spec 1.1: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

/// Whether it is a repository name by distribution-spec 1.1, "Pulling manifests".
///
/// ```
/// use portreeve::oci::is_repository;
/// assert!(is_repository("team/web-2__x"));
/// assert!(!is_repository("team/../web") && !is_repository("Team/web"));
/// ```
#[must_use]
pub fn is_repository(text: &str) -> bool {
    text.len() <= LONGEST_NAME && text.split('/').all(is_component)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !(bytes.first().is_some_and(word) && bytes.last().is_some_and(word)) {
        return false;
    }
    bytes.split(word).all(|separator| {
        matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
    })
}

/// The first component is a host if it has a dot or a colon, or is `localhost`; upper-case
/// letters make it one too, since no repository has them.
pub(super) fn looks_like_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost" || text.bytes().any(|b| b.is_ascii_uppercase())
}

/// A host name, IPv4 address or bracketed IPv6 address, with an optional port.
pub(super) fn is_host(text: &str) -> bool {
    let (name, port) = if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        // an IPv4 address in its tail has dots, which distribution/reference forbids
        if address.contains('.') || address.parse::<Ipv6Addr>().is_err() {
            return false;
        }
        match port.strip_prefix(':') {
            Some(port) => (None, Some(port)),
            None if port.is_empty() => (None, None),
            None => return false,
        }
    } else {
        match text.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => (Some(text), None),
        }
    };
    let label = |label: &str| {
        label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.is_none_or(|name| name.split('.').all(label) && !is_odd_number(name))
        && port.is_none_or(|port| {
            port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
        })
}

/// `127.1`, `0x7f000001` or `010.0.0.1`: addresses take such a name for a number, and go to
/// another host (127.0.0.1) than the text names, or to none. No top-level domain is a number.
fn is_odd_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .or(last.strip_prefix("0X"))
            .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    is_number && name.parse::<Ipv4Addr>().is_err()
}

pub(super) fn is_image_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a host is spoken to over plain HTTP unless told otherwise: `localhost` and its
/// subdomains, loopback, and the private IPv4 ranges of RFC 1918.
///
/// ```
/// use portreeve::oci::is_local_host;
/// assert!(is_local_host("127.0.0.1:5555") && is_local_host("registry.localhost"));
/// assert!(!is_local_host("127.0.0.1.evil.com") && !is_local_host("foo.svc.local"));
/// ```
#[must_use]
pub fn is_local_host(host: &str) -> bool {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback());
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let name = name.to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    name.parse::<Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback() || address.is_private())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_host_only_where_it_names_the_one_it_reaches() {
        for host in [
            "127.0.0.1:5000",
            "10.0.0.7",
            "1.example",
            "0x7f.example",
            "a1",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "127.1",
            "127.1:5000",
            "2130706433:5000",
            "0x7f000001:5000",
            "0X7F.1",
            "010.0.0.1",
            "256.0.0.1",
            "registry.055",
            "a.0x",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn plain_http_is_for_hosts_that_cannot_be_elsewhere() {
        for host in [
            "localhost",
            "localhost:5000",
            "a.localhost:80",
            "127.8.9.1",
            "[::1]",
            "[::1]:5000",
            "[0:0:0:0:0:0:0:1]",
            "10.0.0.7:5000",
            "172.31.255.255",
            "192.168.1.1",
        ] {
            assert!(is_local_host(host), "{host}");
        }
        for host in [
            "127.0.0.1.evil.com",
            "foo.svc.local",
            "10.256.0.0",
            "172.32.0.1",
            "[::2]",
            "[::1",
            "[::ffff:127.0.0.1]",
            "notlocalhost",
            "169.254.169.254",
            "0.0.0.0",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }
}
