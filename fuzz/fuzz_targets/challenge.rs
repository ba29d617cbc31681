//! `WWW-Authenticate`, one header a line, and what becomes of its realm and scope.

#![no_main]

use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use portreeve::auth::{
    Scope,
    challenge::{self, Challenge},
    realm,
};
use url::Url;

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(8) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::WWW_AUTHENTICATE, value);
        }
    }
    let asked: Url = "https://registry.example/v2/".parse().expect("an address");
    let mut basic_came = false;
    for challenge in challenge::parse(&headers) {
        let Challenge::Bearer(bearer) = challenge else {
            basic_came = true;
            continue;
        };
        assert!(!basic_came, "Bearer goes before Basic");
        if let Some(scope) = bearer.scope {
            let scope = Scope::parse(&scope);
            assert!(scope.covers(&scope), "{}", scope.as_str());
            assert_eq!(Scope::parse(scope.as_str()).as_str(), scope.as_str());
        }
        if let Ok(realm) = realm::trusted(&bearer.realm, &asked, &[]) {
            assert_eq!(realm.scheme(), "https", "{realm}");
            let host = realm.host_str().unwrap_or_default();
            assert!(
                host == "registry.example" || host.ends_with(".registry.example"),
                "{realm}"
            );
        }
    }
});
