//! Whatever a registry sends, the readers give a value or an error: a panic would end every
//! request of a Worker's isolate.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use portreeve::api::{error_body, freshness, link, manifest, referrers, tags};
use portreeve::auth::{Scope, challenge, docker_config::DockerConfig, realm, token};
use portreeve::retry;
use proptest::prelude::*;

use super::*;

/// Mostly the letters on which these grammars turn.
const LETTERS: &str = "[a-zA-Z0-9 <>;,=\"\\\\/?&:%{}\\[\\]\u{e9}\u{0}-\u{1f}-]{0,80}";

fn headers(text: &str) -> HeaderMap {
    let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) else {
        return HeaderMap::new();
    };
    let names = [
        header::WWW_AUTHENTICATE,
        header::LINK,
        header::AGE,
        header::WARNING,
        header::RETRY_AFTER,
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
    ];
    names
        .into_iter()
        .map(|name| (name, value.clone()))
        .collect()
}

proptest! {
    #[test]
    fn any_header_and_any_body_are_read_without_a_panic(
        text in LETTERS,
        body in prop_oneof![
            LETTERS.prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..80),
        ],
        status in 100_u16..1000,
    ) {
        let asked: url::Url = "https://registry.acme.dev/v2/a/tags/list".parse().unwrap();
        let (headers, status) = (headers(&text), StatusCode::from_u16(status).unwrap());
        let _ = challenge::parse(&headers);
        let _ = realm::trusted(&text, &asked, &[]);
        let _ = freshness::doubt(&headers);
        let _ = retry::retry_after(&headers, NOON);
        let _ = error_body::error(status, &headers, &body);
        let _ = tags::read(&asked, StatusCode::OK, &headers, &body);
        let _ = referrers::read(&asked, StatusCode::OK, &headers, &body);
        let _ = manifest::read_head(&tag("v1"), &headers);
        let _ = manifest::read(&tag("v1"), &headers, body.clone().into());
        let _ = token::read(&body, Some(NOON), NOON).map(|token| token.granted());
        let scope = Scope::parse(&text);
        prop_assert_eq!(&Scope::parse(scope.as_str()), &scope);
        prop_assert!(scope.covers(&scope));
        let _ = DockerConfig::parse(&body).map(|config| config.credentials(&text));
        if let Some(next) = link::next(&asked, &headers) {
            prop_assert_eq!((next.host(), next.path()), (asked.host(), asked.path()));
        }
    }
}

#[test]
fn a_host_of_mixed_letters_is_refused_and_not_a_panic() {
    let asked: url::Url = "https://registry.acme.dev/v2/".parse().unwrap();
    for text in ["//A\u{e9}", "//A%C3%A9/token"] {
        assert!(realm::trusted(text, &asked, &[]).is_err(), "{text}");
    }
}
