//! The in-memory registry itself: what it holds, and that it does as its models do.

use crate::registry::Profile;
use crate::support::memory_io::MemoryIo;
use bytes::Bytes;
use futures_util::{StreamExt as _, future};
use http::Request;
use portreeve::io::{Body as _, Io as _};
use std::time::Duration;

fn get(target: &str) -> Request<Bytes> {
    Request::get(format!("http://registry.example{target}"))
        .body(Bytes::new())
        .unwrap()
}

#[test]
fn the_clock_moves_only_where_everything_waits() {
    let io = MemoryIo::shop(Profile::demo());
    let start = io.now();
    io.run(async {
        let timeout = std::pin::pin!(io.sleep(Duration::from_secs(30)));
        let answer = std::pin::pin!(io.fetch(get("/v2/")));
        assert!(matches!(
            future::select(timeout, answer).await,
            future::Either::Right(_)
        ));
        io.sleep(Duration::from_secs(7)).await;
    });
    assert_eq!(io.now().since(start), Duration::from_secs(7));
}

#[test]
fn requests_on_their_way_are_counted() {
    let io = MemoryIo::shop(Profile::demo());
    let statuses: Vec<u16> = io.run(
        futures_util::stream::iter(0..20)
            .map(|_| io.fetch(get("/v2/")))
            .buffer_unordered(6)
            .map(|answer| answer.unwrap().status().as_u16())
            .collect(),
    );
    assert_eq!(statuses, [200; 20]);
    assert_eq!(io.most_in_flight(), 6);
}

#[test]
fn a_listing_tells_push_times() {
    let io = MemoryIo::shop(Profile::demo());
    let body = io.run(async {
        let answer = io.fetch(get("/v2/shop/web/tags/list")).await.unwrap();
        answer.into_body().bytes(1 << 20).await.unwrap()
    });
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["tags"].as_array().unwrap().len(), 49);
    assert_eq!(body["manifest"].as_object().unwrap().len(), 269);
}
