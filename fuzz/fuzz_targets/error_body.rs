//! What a registry says when it refuses. The first byte chooses the status, the second the type.

#![no_main]

use http::{HeaderMap, HeaderValue, StatusCode, header};
use libfuzzer_sys::fuzz_target;
use portreeve::{api::error_body, error::Code};

const STATUSES: [u16; 16] = [
    400, 401, 403, 404, 405, 408, 409, 412, 413, 418, 429, 500, 501, 502, 503, 504,
];
const TYPES: [&str; 4] = [
    "application/json",
    "text/html",
    "text/plain; charset=utf-8",
    "",
];

fuzz_target!(|data: &[u8]| {
    let [status, kind, body @ ..] = data else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let status = StatusCode::from_u16(status).expect("a status");
    let mut headers = HeaderMap::new();
    let kind = TYPES[usize::from(*kind) % TYPES.len()];
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));

    let error = error_body::error(status, &headers, body);
    let shown = error.to_string();
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(shown.chars().count() < 600, "{shown}");
    // a presigned query is a credential
    for query in shown.split('?').skip(1) {
        let first = query.chars().next();
        assert!(
            first.is_none_or(|first| first.is_whitespace() || matches!(first, '"' | '?' | ')')),
            "{shown}"
        );
    }
    assert_ne!(error.code(), Code::Internal);
    let _ = error_body::first_code(body);
});
