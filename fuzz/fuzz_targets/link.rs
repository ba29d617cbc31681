//! `Link`, one header a line: the next page is always of the listing that was asked.

#![no_main]

use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use portreeve::api::link;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(8) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::LINK, value);
        }
    }
    let asked: Url = "https://user@registry.example:5000/v2/a/tags/list?n=2"
        .parse()
        .expect("an address");
    if let Some(next) = link::next(&asked, &headers) {
        assert_eq!(next.origin(), asked.origin());
        assert_eq!(next.path(), asked.path());
        assert!(http::Uri::try_from(next.as_str()).is_ok(), "{next}");
    }
});
