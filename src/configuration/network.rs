//! Address ranges from which anonymous clients may come (RFC 4632 notation).

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// A range such as `127.0.0.0/8` or `::1/128`; an address alone is a range of one.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Network;
/// let network: Network = "127.0.0.0/8".parse()?;
/// assert!(network.contains("127.0.0.1".parse().unwrap()));
/// assert!(network.contains("::ffff:127.0.0.1".parse().unwrap()));
/// assert!(!network.contains("::1".parse().unwrap()));
/// # Ok::<(), portreeve::configuration::InvalidNetwork>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    length: u8,
}

/// A text that is no [`Network`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNetwork {
    /// Not an address and a prefix length.
    #[error("`{0}` is no address range: expected one such as 203.0.113.0/24 or ::1/128")]
    Malformed(String),
    /// Bits are set behind the prefix: either the address or the length is not what was meant.
    #[error("`{0}` has bits behind its prefix: write {1}")]
    HostBits(String, Network),
}

impl Network {
    /// Whether `address` lies in it. An IPv4 address in IPv6's clothes counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.length) == self.first
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let malformed = || InvalidNetwork::Malformed(text.to_owned());
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => most,
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| malformed())?
            }
            Some(_) => return Err(malformed()),
        };
        if length > most || (address.is_ipv6() && address.to_canonical().is_ipv4()) {
            return Err(malformed());
        }
        let network = Self {
            first: masked(address, length),
            length,
        };
        if network.first == address {
            Ok(network)
        } else {
            Err(InvalidNetwork::HostBits(text.to_owned(), network))
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.length)
    }
}

fn masked(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        for (range, address, expected) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("::/0", "2001:db8::1", true),
            ("::/0", "::ffff:192.0.2.1", false),
            ("::1/128", "::1", true),
        ] {
            let network: Network = range.parse().unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                expected,
                "{range} {address}"
            );
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "127.0.0.1/",
            "127.0.0.1/33",
            "::1/129",
            "127.0.0/8",
            "localhost",
            "::ffff:1.2.3.4/128",
            "10.0.0.0/+8",
        ] {
            assert!(
                matches!(text.parse::<Network>(), Err(InvalidNetwork::Malformed(_))),
                "{text}"
            );
        }
        let problem = "10.1.2.3/8".parse::<Network>().unwrap_err();
        assert_eq!(
            problem.to_string(),
            "`10.1.2.3/8` has bits behind its prefix: write 10.0.0.0/8"
        );
    }
}
