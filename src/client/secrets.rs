//! What a request showed of its sender, to be kept out of errors: a registry may answer with what
//! it was sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, Request, header};

/// A shorter one is in every text.
const SHORTEST: usize = 6;

/// The secrets in a request; `own` are the headers that the caller gave for the registry.
pub(super) fn of(request: &Request<Bytes>, own: &HeaderMap) -> Vec<String> {
    let headers = request.headers();
    let text = |name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let mut secrets: Vec<String> = own.keys().filter_map(text).collect();
    if let Some(proof) = text(&header::AUTHORIZATION) {
        let shown = proof.split_once(' ').map_or(&*proof, |(_, shown)| shown);
        secrets.push(shown.to_owned());
        if let Some((_, password)) = STANDARD
            .decode(shown)
            .ok()
            .and_then(|plain| String::from_utf8(plain).ok())
            .as_deref()
            .and_then(|plain| plain.split_once(':'))
        {
            secrets.push(password.to_owned());
        }
    }
    let is_form = text(&header::CONTENT_TYPE)
        .is_some_and(|content| content.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        secrets.extend(
            url::form_urlencoded::parse(request.body())
                .filter(|(name, _)| matches!(&**name, "refresh_token" | "password"))
                .map(|(_, value)| value.into_owned()),
        );
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets
}

/// A text without them.
pub(super) fn hidden(text: &str, secrets: &[String]) -> String {
    secrets
        .iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_comes_out_of_no_text() {
        let mut own = HeaderMap::new();
        own.insert("x-gateway", "own-SECRET".parse().unwrap());
        let basic = STANDARD.encode("robot:password-SECRET");
        for (name, value, body) in [
            ("authorization", "Bearer token-SECRET", ""),
            ("authorization", &*format!("Basic {basic}"), ""),
            ("x-gateway", "own-SECRET", ""),
            (
                "content-type",
                "application/x-www-form-urlencoded",
                "grant_type=refresh_token&refresh_token=identity-SECRET",
            ),
        ] {
            let request = Request::builder()
                .header(name, value)
                .body(Bytes::copy_from_slice(body.as_bytes()))
                .unwrap();
            let secrets = of(&request, &own);
            let shown = format!("{value} password-SECRET {basic} {body}");
            let shown = hidden(&shown, &secrets);
            assert!(
                !shown.replace("password-SECRET", "").contains("SECRET"),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_is_short_stays() {
        let request = Request::builder().header("authorization", "Bearer t");
        let secrets = of(&request.body(Bytes::new()).unwrap(), &HeaderMap::new());
        assert_eq!(hidden("a tag", &secrets), "a tag");
    }
}
