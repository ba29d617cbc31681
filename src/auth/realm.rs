//! Which token server may see a credential.
//!
//! A registry names its token server itself, so a hostile or broken one could have our password
//! sent anywhere (CVE-2020-15157, CVE-2026-33540). A realm is trusted on the registry's own
//! domain or where `registries::profile` pins it, over https; over http on loopback alone.

use url::{Host, Url};

use crate::error::{Code, Error, Result};
use crate::named_address;

/// The token server's address, once it is known to belong to the registry at `asked`, or to be one
/// of the `pinned`: each a `host` or `host:port` to be asked by https, or a whole origin such as
/// `http://10.0.0.7:5001`, which allows plain http there.
///
/// # Errors
///
/// `unauthorized` where the realm is no address, or one that must not see a credential.
///
/// # Examples
///
/// ```
/// use portreeve::auth::realm;
///
/// let asked = "https://registry.acme.dev/v2/".parse()?;
/// assert_eq!(realm::trusted("/token", &asked, &[])?.as_str(), "https://registry.acme.dev/token");
/// assert!(realm::trusted("https://auth.acme.dev/token", &asked, &[]).is_ok());
/// assert!(realm::trusted("https://acme.dev.evil.com/token", &asked, &[]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn trusted(realm: &str, asked: &Url, pinned: &[&str]) -> Result<Url> {
    let mut url = named_address::join(asked, realm)
        .ok_or_else(|| refused("a token server whose address cannot be read"))?;
    let (Some(host), Some(registry)) = (url.host(), asked.host()) else {
        return Err(refused("a token server without a host"));
    };
    let both_loopback = is_loopback(&host) && is_loopback(&registry);
    let allowed = is_pinned(&url, pinned)
        || match url.scheme() {
            "https" => both_loopback || same_domain(&host, &registry),
            "http" => both_loopback,
            _ => false,
        };
    if allowed {
        // a name in an address would become an Authorization header of its own
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.set_fragment(None);
        Ok(url)
    } else {
        let origin = url.origin().ascii_serialization();
        Err(refused(&format!(
            "the token server {origin}, which is not part of it"
        )))
    }
}

fn refused(named: &str) -> Error {
    Error::new(
        Code::Unauthorized,
        format!("the registry asks to authenticate at {named}; nothing was sent there"),
    )
    .next("check the registry's address and its token settings: https, and a host on the registry's own domain; if this token server is rightly elsewhere, name it in `realms`")
}

fn is_pinned(url: &Url, pinned: &[&str]) -> bool {
    let origin = url.origin().ascii_serialization();
    pinned.iter().any(|pin| match pin.split_once("://") {
        Some(_) => pin.trim_end_matches('/').eq_ignore_ascii_case(&origin),
        // the origin of https leaves its own port out
        None => origin
            .strip_prefix("https://")
            .is_some_and(|named| pin.trim_end_matches(":443").eq_ignore_ascii_case(named)),
    })
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Whether two hosts belong to one owner: the same host, or names that share a domain which is
/// not one where anybody can have a name.
fn same_domain(left: &Host<&str>, right: &Host<&str>) -> bool {
    if left == right {
        return true;
    }
    let (Host::Domain(left), Host::Domain(right)) = (left, right) else {
        return false;
    };
    let shared: Vec<&str> = left
        .rsplit('.')
        .zip(right.rsplit('.'))
        .take_while(|(left, right)| left == right)
        .map(|(label, _)| label)
        .collect();
    match shared.as_slice() {
        [] | [_] => false,
        // without the public-suffix list (230 KB): `co.uk` and its like are short on both sides
        [top, second] if top.len() == 2 && second.len() <= 3 => false,
        _ => {
            let labels: Vec<&str> = shared.into_iter().rev().collect();
            let shared = labels.join(".");
            !MANY_TENANTS.iter().any(|suffix| {
                shared
                    .strip_suffix(suffix)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        }
    }
}

/// Domains below which strangers live side by side.
const MANY_TENANTS: &[&str] = &[
    "amazonaws.com",
    "amazonaws.com.cn",
    "appspot.com",
    "azure.com",
    "azurecr.io",
    "azurewebsites.net",
    "cloudapp.net",
    "cloudfront.net",
    "cluster.local",
    "digitaloceanspaces.com",
    "duckdns.org",
    "eu.org",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "googleapis.com",
    "herokuapp.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok.app",
    "ngrok.io",
    "nip.io",
    "onrender.com",
    "pages.dev",
    "pkg.dev",
    "run.app",
    "scw.cloud",
    "sslip.io",
    "traefik.me",
    "trycloudflare.com",
    "vercel.app",
    "windows.net",
    "workers.dev",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_belongs_to_the_registry_or_gets_nothing() {
        for (registry, realm, allowed) in [
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io/token",
                true,
            ),
            (
                "https://registry.gitlab.com",
                "https://gitlab.com/jwt/auth",
                true,
            ),
            ("https://ghcr.io", "https://ghcr.io/token", true),
            ("https://ghcr.io", "https://ghcr.io:8443/token", true),
            ("https://quay.io", "/v2/auth", true),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token", true),
            ("http://localhost:5000", "http://127.0.0.1:5001/token", true),
            // the attacks
            (
                "https://registry.acme.dev",
                "https://evil.example/token",
                false,
            ),
            (
                "https://registry.acme.dev",
                "https://acme.dev.evil.example/token",
                false,
            ),
            (
                "https://registry.acme.dev",
                "https://evilacme.dev/token",
                false,
            ),
            (
                "https://registry.acme.dev",
                "https://registry.acme.dev@evil.example/",
                false,
            ),
            ("https://registry.acme.dev", "//evil.example/token", false),
            // no downgrade
            (
                "https://registry.acme.dev",
                "http://registry.acme.dev/token",
                false,
            ),
            ("https://registry.acme.dev", "http://127.0.0.1/token", false),
            (
                "https://registry.acme.dev",
                "https://127.0.0.1/token",
                false,
            ),
            ("http://127.0.0.1:5000", "http://10.0.0.1/token", false),
            ("http://10.0.0.2:5000", "http://10.0.0.2:5000/token", false),
            ("https://registry.acme.dev", "file:///etc/passwd", false),
            // strangers under one roof
            (
                "https://registry.acme.co.uk",
                "https://auth.evil.co.uk/token",
                false,
            ),
            (
                "https://registry.acme.co.uk",
                "https://auth.acme.co.uk/token",
                true,
            ),
            ("https://a.azurecr.io", "https://b.azurecr.io/token", false),
            (
                "https://1.dkr.ecr.eu-west-1.amazonaws.com",
                "https://ec2-1.eu-west-1.amazonaws.com/",
                false,
            ),
            (
                "https://a.workers.dev",
                "https://b.workers.dev/token",
                false,
            ),
            ("https://127.0.0.1", "https://127.0.0.2/token", true),
            ("https://10.0.0.1", "https://10.0.0.2/token", false),
            ("https://registry", "https://auth/token", false),
        ] {
            let asked: Url = registry.parse().unwrap();
            assert_eq!(
                trusted(realm, &asked, &[]).is_ok(),
                allowed,
                "{registry} {realm}"
            );
        }
    }

    #[test]
    fn a_pinned_realm_is_asked_by_https_or_as_its_origin_says() {
        let asked: Url = "http://10.0.0.2:5000/v2/".parse().unwrap();
        let pinned = ["login.pinned.io", "ports.dev:1234", "http://10.0.0.7:5001/"];
        for (realm, allowed) in [
            ("https://login.pinned.io/t", true),
            ("https://Login.pinned.io:443/t", true),
            ("https://login.pinned.io:8443/t", false),
            ("http://login.pinned.io/t", false),
            ("https://x.login.pinned.io/t", false),
            ("https://ports.dev:1234/t", true),
            ("https://ports.dev/t", false),
            ("http://10.0.0.7:5001/token", true),
            ("https://10.0.0.7:5001/token", false),
            ("http://10.0.0.7/token", false),
        ] {
            assert_eq!(trusted(realm, &asked, &pinned).is_ok(), allowed, "{realm}");
        }
    }

    #[test]
    fn a_name_in_the_address_is_dropped() {
        let asked = "https://registry.acme.dev/v2/".parse().unwrap();
        let realm = "https://user:pass@auth.acme.dev/token?x=1#y";
        let url = trusted(realm, &asked, &[]).unwrap();
        assert_eq!(url.as_str(), "https://auth.acme.dev/token?x=1");
    }

    #[test]
    fn a_refused_realm_is_named_without_its_path() {
        let asked = "https://registry.acme.dev/v2/".parse().unwrap();
        let error = trusted("https://evil.example/token?secret=x", &asked, &[]).unwrap_err();
        assert_eq!(error.code(), Code::Unauthorized);
        assert!(
            error.to_string().contains("https://evil.example,"),
            "{error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
