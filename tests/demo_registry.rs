//! The in-memory registry itself: what it holds, and that it does as its models do.

mod answers;
mod delivery;
mod quirks;
mod seed;
mod uploads;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, Request};
use portreeve::io::{Body as _, Io as _};
use serde_json::Value;

use crate::support::memory_io::MemoryIo;

/// An answer, read whole.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The first error's code, as the specification words it.
    fn code(&self) -> String {
        let json = self.json();
        json["errors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: Bytes) -> Request<Bytes> {
    let target = if target.starts_with('/') {
        Cow::Owned(format!("http://registry.example{target}"))
    } else {
        Cow::Borrowed(target)
    };
    let mut request = Request::builder().method(method).uri(&*target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

fn send(
    io: &MemoryIo,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let request = request(method, target, headers, body.into());
    io.run(async {
        let answer = io.fetch(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.bytes(1 << 24).await.unwrap(),
        }
    })
}

fn get(io: &MemoryIo, target: &str) -> Answer {
    send(io, "GET", target, &[], "")
}
