//! References, and the digests, targets and platforms that are written like them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::oci::{Digest, Platform, Reference, Target, is_local_host, is_repository, is_tag};

fuzz_target!(|text: &str| {
    if let Ok(reference) = text.parse::<Reference>() {
        let whole = reference.to_string();
        assert!(is_repository(reference.repository()), "{whole}");
        assert!(reference.tag().is_none_or(is_tag), "{whole}");
        let again = Reference::strict(&whole).expect("what was printed is written out");
        assert_eq!(again.to_string(), whole);
        assert_eq!(again.target(), reference.target());
        // it becomes an address of that host and of no other
        let address = format!("https://{}/v2/", reference.host());
        if let Ok(url) = address.parse::<url::Url>() {
            assert_eq!(url.path(), "/v2/");
            match url.host() {
                Some(url::Host::Ipv6(_)) => assert!(reference.host().starts_with('[')),
                Some(host) => {
                    let (name, _) = reference
                        .host()
                        .split_once(':')
                        .unwrap_or((reference.host(), ""));
                    assert_eq!(host.to_string(), name.to_ascii_lowercase());
                }
                None => panic!("{url} has no host"),
            }
        }
    }
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
    }
    if let Ok(target) = text.parse::<Target>() {
        assert_eq!(target.to_string(), text);
    }
    if let Ok(platform) = text.parse::<Platform>() {
        assert_eq!(platform.normalised(), platform);
        assert_eq!(platform.fit(&platform), Some(0));
        assert!(platform.to_string().parse::<Platform>().is_ok());
    }
    let _ = is_local_host(text);
});
