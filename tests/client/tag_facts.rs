//! Tags with what a person wants to know of them: what it costs, and what it says.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use portreeve::client::{Cause, Completeness};
use portreeve::error::Code;
use portreeve::image::ContentCache as _;
use portreeve::image::{self, MemoryCache, Sort, Tag, TagOptions, TimeSource, With};
use portreeve::oci::media_type;
use portreeve::timestamp::Timestamp;

use super::*;
use crate::registry::{Content, Fault};

const DAY: i64 = 86_400;

const HEAD: With = With {
    digest: true,
    media_type: true,
    size: false,
    created: false,
    pushed: false,
    platforms: false,
};

const CREATED: With = With {
    created: true,
    ..HEAD
};

const ALL: With = With {
    digest: true,
    media_type: true,
    size: true,
    created: true,
    pushed: true,
    platforms: true,
};

/// What becomes an image in the registry.
#[derive(Clone, Default)]
struct Built {
    config: Option<i64>,
    annotation: Option<i64>,
    architecture: &'static str,
}

/// Writes images, one layer of a hundred bytes each, and indexes of them.
struct Yard(State);

impl Yard {
    fn new() -> Self {
        let mut state = State::default();
        state.repository("a");
        Self(state)
    }

    fn image(&mut self, built: &Built) -> (String, Digest, usize) {
        let created = built
            .config
            .map(|day| format!(r#""created":"{}","#, days_ago(day)));
        let architecture = if built.architecture.is_empty() {
            "amd64"
        } else {
            built.architecture
        };
        let config = format!(
            r#"{{{}"os":"linux","architecture":"{architecture}","rootfs":{{}}}}"#,
            created.unwrap_or_default()
        );
        let annotations = built.annotation.map(|day| {
            let key = "org.opencontainers.image.created";
            format!(r#","annotations":{{"{key}":"{}"}}"#, days_ago(day))
        });
        let layer = Digest::of(config.as_bytes());
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{}","size":{}}},"layers":[{{"mediaType":"x/y","digest":"{layer}","size":100}}]{}}}"#,
            media_type::OCI_CONFIG,
            Digest::of(config.as_bytes()),
            config.len(),
            annotations.unwrap_or_default(),
        );
        let size = manifest.len() + config.len() + 100;
        let repository = self.0.repository("a");
        let digest = Digest::of(config.as_bytes()).to_string();
        repository
            .blobs
            .insert(digest, Content::Held(config.into()));
        let digest = self.put(media_type::OCI_MANIFEST, manifest);
        (digest.to_string(), digest, size)
    }

    fn index(&mut self, children: &[(Digest, &str)]) -> (String, usize) {
        let children: Vec<String> = children
            .iter()
            .map(|(digest, more)| {
                let kind = media_type::OCI_MANIFEST;
                format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":2{more}}}"#)
            })
            .collect();
        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
            children.join(",")
        );
        let size = text.len();
        (self.put(media_type::OCI_INDEX, text).to_string(), size)
    }

    fn put(&mut self, kind: &str, text: String) -> Digest {
        let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
        let bytes = Bytes::from(text);
        let repository = self.0.repository("a");
        repository.put_manifest(kind, bytes, now).parse().unwrap()
    }

    fn tag(&mut self, name: &str, digest: &str) {
        self.0.repository("a").tag(name, digest);
    }
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOON.seconds() - days * DAY)
}

/// So many tags, each on an image of its own, `t00001` built yesterday and so on.
fn images(profile: Profile, count: i64) -> MemoryIo {
    let mut yard = Yard::new();
    for number in 1..=count {
        let built = Built {
            config: Some(number),
            ..Built::default()
        };
        let (digest, ..) = yard.image(&built);
        yard.tag(&format!("t{number:05}"), &digest);
    }
    MemoryIo::new(profile, yard.0, NOON)
}

struct Read {
    tags: Vec<Tag>,
    pages: usize,
    completeness: Completeness,
    requests: u64,
}

fn read(io: &MemoryIo, options: TagOptions) -> Read {
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = image::tags(&client, "a", options);
    let (mut tags, mut pages) = (Vec::new(), 0);
    while let Some(page) = io.run(listing.next_page()).unwrap() {
        assert!(!page.is_empty());
        tags.extend(page);
        pages += 1;
    }
    Read {
        tags,
        pages,
        completeness: listing.complete(),
        requests: listing.requests_used(),
    }
}

fn with(with: With) -> TagOptions {
    TagOptions {
        with,
        ..TagOptions::default()
    }
}

fn names(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(|tag| tag.name.as_str()).collect()
}

#[test]
fn a_thousand_tags_cost_their_pages_and_one_round_of_authentication() {
    for (profile, pages) in [
        // a last page of a round number is looked behind
        (Profile::bearer(), 1 + 1),
        (
            Profile {
                authentication: Profile::bearer().authentication,
                ..Profile::ghcr()
            },
            10 + 1,
        ),
    ] {
        let name = profile.name;
        let io = images(profile, 1000);
        let read = read(&io, TagOptions::default());
        assert_eq!(read.tags.len(), 1000, "{name}");
        // the challenge and the token
        assert_eq!(
            read.pages as u64,
            pages - 1,
            "{name}: as the registry pages them"
        );
        assert_eq!(read.requests, pages + 2, "{name}");
        assert_eq!(io.requests().len() as u64, pages + 2, "{name}");
        assert!(read.completeness.complete, "{name}");
    }
}

#[test]
fn digests_cost_one_head_for_each_tag_and_six_are_in_flight() {
    let io = images(Profile::bearer(), 1000);
    io.set_latency(Duration::from_millis(5));
    let read = read(&io, with(HEAD));
    assert_eq!(read.requests, 2 + 2 + 1000);
    assert_eq!(io.targets("HEAD").len(), 1000);
    assert_eq!(io.most_in_flight(), 6);
    let listed = names(&read.tags);
    assert!(listed.is_sorted() && listed.len() == 1000, "in order");
    assert!(
        read.tags
            .iter()
            .all(|tag| tag.digest.is_some() && tag.error.is_none())
    );
    assert!(read.pages > 10, "page by page");
}

#[test]
fn whoever_leaves_after_the_first_stops_within_the_requests_in_flight() {
    let io = images(Profile::distribution_3(), 1000);
    io.set_latency(Duration::from_millis(5));
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = image::tags(&client, "a", with(CREATED));
    let first = io.run(listing.next_page()).unwrap().unwrap();
    assert_eq!(first[0].name, "t00001");
    let sent = io.requests().len();
    // the list, and of the first six tags the HEAD, manifest and config
    assert_eq!((first.len(), sent), (6, 1 + 3 * 6));
    drop(listing);
    io.run(portreeve::io::Io::sleep(&io, Duration::from_mins(1)));
    assert_eq!(io.requests().len(), sent);
}

#[test]
fn whoever_gives_a_page_up_stops_its_requests_and_ends_the_listing() {
    let io = images(Profile::distribution_3(), 1000);
    io.set_latency(Duration::from_millis(5));
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = image::tags(&client, "a", with(CREATED));
    io.run(async {
        let page = std::pin::pin!(listing.next_page());
        let patience = portreeve::io::Io::sleep(&io, Duration::from_millis(12));
        futures_util::future::select(page, std::pin::pin!(patience)).await;
    });
    let sent = io.requests().len();
    io.run(portreeve::io::Io::sleep(&io, Duration::from_mins(1)));
    assert_eq!(io.requests().len(), sent);
    // its places are free again
    assert!(io.run(client.head("a", &tag("t00900"))).unwrap().is_some());
    assert!(io.run(listing.next_page()).unwrap().is_none());
    assert_eq!(listing.complete().cause, Some(Cause::Failed));
}

#[test]
fn between_two_pages_others_may_ask() {
    let io = images(Profile::distribution_3(), 300);
    io.set_latency(Duration::from_millis(5));
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = image::tags(&client, "a", with(HEAD));
    let mut count = 0;
    while let Some(page) = io.run(listing.next_page()).unwrap() {
        for each in &page {
            let found = io.run(client.manifest("a", &tag(&each.name))).unwrap();
            assert_eq!(found.unwrap().digest(), each.digest.unwrap());
        }
        count += page.len();
    }
    assert_eq!(count, 300);
    assert!(portreeve::io::Io::now(&io).since(NOON) < Duration::from_secs(5));
}

#[test]
fn a_page_of_the_list_and_tags_on_their_way_do_not_wait_for_each_other() {
    // bodies that come in pieces hold the tags back, while others take the places
    let io = images(Profile::ghcr(), 350);
    let slow = Fault::on("GET", "/v2/a/blobs/*").times(0);
    io.fault(Fault {
        trickle_milliseconds: 3,
        ..slow
    });
    io.set_latency(Duration::from_millis(5));
    let read = read(&io, with(CREATED));
    assert_eq!(read.tags.len(), 350);
    assert!(read.tags.iter().all(|tag| tag.created.is_some()));
    let took = portreeve::io::Io::now(&io).since(NOON);
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_digest_is_read_once_however_many_tags_show_it() {
    let mut yard = Yard::new();
    let built = |day| Built {
        config: Some(day),
        ..Built::default()
    };
    let (_, one, one_size) = yard.image(&built(3));
    let (_, two, two_size) = yard.image(&built(5));
    let (index, index_size) = yard.index(&[(one, ""), (two, "")]);
    for number in 0..20 {
        yard.tag(&format!("i{number}"), &index);
        yard.tag(&format!("o{number}"), &one.to_string());
    }
    let io = MemoryIo::new(Profile::distribution_3(), yard.0, NOON);
    let read = read(&io, with(ALL));
    assert_eq!(io.targets("HEAD").len(), 40);
    let gets = io.targets("GET");
    let distinct: BTreeSet<&String> = gets.iter().collect();
    assert_eq!((gets.len(), distinct.len()), (1 + 3 + 2, 1 + 3 + 2));
    for tag in &read.tags {
        let expected = if tag.name.starts_with('i') {
            one_size + two_size + index_size
        } else {
            one_size
        };
        assert_eq!(tag.size, Some(expected as u64), "{}", tag.name);
        assert_eq!(tag.created, Some(days_ago(3)), "{}", tag.name);
    }
}

#[test]
fn created_is_the_later_of_annotation_and_config_where_it_can_be_true() {
    let days = |config, annotation| Built {
        config,
        annotation,
        ..Built::default()
    };
    let reproducible = Some(NOON.seconds() / DAY);
    for (row, built, created, source) in [
        (
            "config alone",
            days(Some(4), None),
            Some(4),
            Some(TimeSource::Config),
        ),
        (
            "annotation alone",
            days(None, Some(4)),
            Some(4),
            Some(TimeSource::Annotation),
        ),
        (
            "config later",
            days(Some(2), Some(4)),
            Some(2),
            Some(TimeSource::Config),
        ),
        (
            "annotation later",
            days(Some(4), Some(2)),
            Some(2),
            Some(TimeSource::Annotation),
        ),
        ("a reproducible build", days(reproducible, None), None, None),
        (
            "dated by its annotation",
            days(reproducible, Some(4)),
            Some(4),
            Some(TimeSource::Annotation),
        ),
        ("a clock that is ahead", days(Some(-2), None), None, None),
        ("neither", days(None, None), None, None),
    ] {
        let mut yard = Yard::new();
        let (digest, ..) = yard.image(&built);
        yard.tag("v1", &digest);
        let io = MemoryIo::new(Profile::distribution_3(), yard.0, NOON);
        let tag = read(&io, with(CREATED)).tags.remove(0);
        assert_eq!(tag.created, created.map(days_ago), "{row}");
        assert_eq!(tag.sources.created, source, "{row}");
    }
}

#[test]
fn an_index_is_as_young_as_its_youngest_image_and_attestations_do_not_count() {
    let image = |day| Built {
        config: Some(day),
        ..Built::default()
    };
    let attestation = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
    let none = Digest::of(b"gone");
    let mut yard = Yard::new();
    let (old, young, undated) = (
        yard.image(&image(9)).1,
        yard.image(&image(2)).1,
        yard.image(&Built::default()).1,
    );
    for (tag, children) in [
        ("youngest", vec![(old, ""), (young, "")]),
        ("attested", vec![(old, ""), (undated, attestation)]),
        ("unknown", vec![(old, ""), (undated, "")]),
        ("broken", vec![(old, ""), (none, "")]),
        ("empty", vec![]),
    ] {
        let (index, _) = yard.index(&children);
        yard.tag(tag, &index);
    }
    let io = MemoryIo::new(Profile::distribution_3(), yard.0, NOON);
    let read = read(&io, with(ALL));
    let created = |name: &str| {
        let tag = read.tags.iter().find(|tag| tag.name == name).unwrap();
        assert!(tag.error.is_none(), "{name}");
        (tag.created, tag.size.is_some())
    };
    assert_eq!(created("youngest"), (Some(days_ago(2)), true));
    assert_eq!(created("attested"), (Some(days_ago(9)), true));
    assert_eq!(created("unknown"), (None, true));
    assert_eq!(created("broken"), (None, false));
    assert_eq!(created("empty"), (None, true));
}

#[test]
fn platforms_of_an_index_cost_its_manifest_and_those_of_an_image_its_config() {
    let platforms = With {
        platforms: true,
        ..With::default()
    };
    let arm = r#","platform":{"os":"linux","architecture":"arm64"}"#;
    let mut yard = Yard::new();
    let (single, ..) = yard.image(&Built {
        architecture: "riscv64",
        ..Built::default()
    });
    let (_, child, _) = yard.image(&Built {
        architecture: "arm64",
        ..Built::default()
    });
    let (index, _) = yard.index(&[(child, arm)]);
    yard.tag("index", &index);
    yard.tag("single", &single);
    let io = MemoryIo::new(Profile::distribution_3(), yard.0, NOON);
    let read = read(&io, with(platforms));
    let shown: Vec<String> = read
        .tags
        .iter()
        .map(|tag| tag.platforms.clone().unwrap()[0].to_string())
        .collect();
    assert_eq!(shown, ["linux/arm64", "linux/riscv64"]);
    // the list, two manifests, one config
    assert_eq!(io.targets("GET").len(), 4);
}

#[test]
fn a_list_that_tells_by_itself_costs_nothing_more() {
    let wanted = With {
        platforms: false,
        ..ALL
    };
    for profile in [Profile::google(), Profile::demo()] {
        let name = profile.name;
        let io = images(profile, 40);
        let read = read(&io, with(wanted));
        assert_eq!(io.requests().len(), 1, "{name}");
        assert_eq!(read.requests, 1, "{name}");
        for (tag, number) in read.tags.iter().zip(1..) {
            assert_eq!(tag.created, Some(days_ago(number)), "{name}");
            assert_eq!(tag.pushed, Some(NOON), "{name}");
            let sources = (tag.sources.created, tag.sources.pushed);
            let list = Some(TimeSource::TagsList);
            assert_eq!(sources, (list, list), "{name}");
            assert!(tag.digest.is_some() && tag.size.is_some(), "{name}");
        }
    }
}

#[test]
fn what_a_list_leaves_out_is_read_by_the_digest_that_it_tells() {
    // Google tells no build time of an index
    let mut yard = Yard::new();
    let (_, digest, _) = yard.image(&Built {
        config: Some(3),
        ..Built::default()
    });
    let (index, _) = yard.index(&[(digest, "")]);
    yard.tag("v1", &index);
    let io = MemoryIo::new(Profile::google(), yard.0, NOON);
    let tag = read(&io, with(CREATED)).tags.remove(0);
    assert_eq!(tag.created, Some(days_ago(3)));
    assert_eq!(tag.sources.created, Some(TimeSource::Config));
    assert_eq!(tag.sources.pushed, Some(TimeSource::TagsList));
    assert_eq!(io.targets("HEAD").len(), 0);
}

#[test]
fn sorting_puts_the_unknown_last_and_the_limit_comes_after() {
    let mut yard = Yard::new();
    for (tag, built) in [("b", Some(5)), ("c", None), ("a", Some(1)), ("d", Some(9))] {
        let (digest, ..) = yard.image(&Built {
            config: built,
            ..Built::default()
        });
        yard.tag(tag, &digest);
    }
    let shuffled = Profile::distribution_2_8();
    let io = MemoryIo::new(shuffled, yard.0, NOON);
    for (sort, limit, expected) in [
        (Sort::Created, None, vec!["a", "b", "d", "c"]),
        (Sort::Created, Some(2), vec!["a", "b"]),
        (Sort::Name, None, vec!["a", "b", "c", "d"]),
        (Sort::Name, Some(3), vec!["a", "b", "c"]),
    ] {
        let before = io.targets("HEAD").len();
        let options = TagOptions {
            sort: Some(sort),
            limit,
            with: CREATED,
            ..TagOptions::default()
        };
        let read = read(&io, options);
        assert_eq!(names(&read.tags), expected, "{sort:?} {limit:?}");
        let cause = limit.map(|_| Cause::Limited);
        assert_eq!(read.completeness.cause, cause, "{sort:?} {limit:?}");
        let asked = io.targets("HEAD").len() - before;
        let needed = if sort == Sort::Name {
            expected.len()
        } else {
            4
        };
        assert_eq!(asked, needed, "{sort:?} {limit:?}");
    }
}

#[test]
fn a_limit_without_an_order_reads_no_further() {
    let io = images(Profile::distribution_3(), 1000);
    let options = TagOptions {
        limit: Some(3),
        ..with(HEAD)
    };
    let read = read(&io, options);
    assert_eq!(names(&read.tags), ["t00001", "t00002", "t00003"]);
    assert_eq!(read.completeness.cause, Some(Cause::Limited));
    assert_eq!(read.requests, 1 + 3);
    assert_eq!(io.targets("GET"), ["/v2/a/tags/list?n=3"]);
}

#[test]
fn a_callers_cache_saves_every_read_and_a_broken_one_costs_nothing_but_reads() {
    let io = images(Profile::distribution_3(), 20);
    let cache = Rc::new(MemoryCache::default());
    let cached = || TagOptions {
        cache: Some(cache.clone()),
        ..with(CREATED)
    };
    let first = read(&io, cached());
    assert_eq!((first.requests, cache.len()), (1 + 3 * 20, 40));
    let second = read(&io, cached());
    assert_eq!(second.requests, 1 + 20);
    assert_eq!(second.tags[7].created, first.tags[7].created);
    // every content replaced by another
    let broken = Rc::new(MemoryCache::default());
    for path in io.targets("GET") {
        let digest = path.rsplit('/').next().and_then(|last| last.parse().ok());
        if let Some(digest) = digest {
            io.run(broken.put(&digest, &Bytes::from_static(b"{}")));
        }
    }
    let third = read(
        &io,
        TagOptions {
            cache: Some(broken),
            ..with(CREATED)
        },
    );
    assert_eq!(third.requests, 1 + 3 * 20);
    assert_eq!(third.tags[7].created, first.tags[7].created);
}

#[test]
fn throttling_in_the_middle_gives_what_was_read_until_then() {
    for sort in [None, Some(Sort::Created)] {
        let io = images(Profile::distribution_3(), 200);
        let fault = Fault {
            skip: 50,
            ..Fault::on("HEAD", "/v2/a/manifests/*")
        };
        io.fault(fault.status(429).times(0));
        let options = TagOptions {
            sort,
            ..with(CREATED)
        };
        let read = read(&io, options);
        assert_eq!(read.tags.len(), 200, "{sort:?}");
        let known = read.tags.iter().filter(|tag| tag.created.is_some()).count();
        assert_eq!(known, 50, "{sort:?}");
        for tag in read.tags.iter().filter(|tag| tag.created.is_none()) {
            assert_eq!(tag.error.as_ref().unwrap().code(), Code::Throttled);
        }
        assert_eq!(read.completeness.cause, Some(Cause::Throttled), "{sort:?}");
        // those in flight repeat, and nothing new goes out
        let refused = io.targets("HEAD").len() - 50;
        assert!(refused <= 12 * 4, "{sort:?}: {refused}");
    }
}

#[test]
fn throttling_of_the_list_itself_gives_the_tags_until_then() {
    let io = images(Profile::ghcr(), 500);
    let fault = Fault {
        skip: 2,
        ..Fault::on("GET", "/v2/a/tags/list")
    };
    io.fault(fault.status(429).times(0));
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = image::tags(&client, "a", TagOptions::default());
    let mut count = 0;
    while let Some(page) = io.run(listing.next_page()).unwrap() {
        count += page.len();
    }
    assert_eq!(count % 100, 0);
    assert!((100..=200).contains(&count), "{count}");
    assert_eq!(listing.complete().cause, Some(Cause::Throttled));
}

#[test]
fn one_tag_that_cannot_be_read_does_not_stop_the_others() {
    let io = images(Profile::distribution_3(), 20);
    for (tag, status) in [("t00003", 404), ("t00005", 403), ("t00007", 500)] {
        // a refusal of HEAD alone is looked into by GET
        let fault = Fault {
            method: None,
            ..Fault::on("HEAD", &format!("/v2/a/manifests/{tag}"))
        };
        io.fault(fault.status(status).times(0));
    }
    let read = read(&io, with(CREATED));
    assert!(read.completeness.complete, "all tags are listed");
    let broken: Vec<(&str, Code)> = read
        .tags
        .iter()
        .filter_map(|tag| Some((tag.name.as_str(), tag.error.as_ref()?.code())))
        .collect();
    assert_eq!(
        broken,
        [
            ("t00003", Code::NotFound),
            ("t00005", Code::Denied),
            ("t00007", Code::UpstreamError)
        ]
    );
    let known = read.tags.iter().filter(|tag| tag.created.is_some()).count();
    assert_eq!(known, 17);
}

#[test]
fn a_registry_that_is_gone_is_an_error() {
    let io = images(Profile::distribution_3(), 20);
    let fault = Fault {
        skip: 5,
        drop: true,
        ..Fault::on("HEAD", "/v2/**")
    };
    io.fault(fault.times(0));
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = image::tags(&client, "a", with(HEAD));
    let error = io.run(async {
        loop {
            match listing.next_page().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended"),
                Err(error) => break error,
            }
        }
    });
    assert_eq!(error.code(), Code::Unreachable);
    assert_eq!(listing.complete().cause, Some(Cause::Failed));
    assert!(io.run(listing.next_page()).unwrap().is_none());
}

#[test]
fn a_registry_that_names_no_digest_costs_one_read_and_no_second() {
    let profile = Profile {
        names_digest: false,
        ..Profile::distribution_3()
    };
    let io = images(profile, 10);
    let read = read(&io, with(CREATED));
    assert!(read.tags.iter().all(|tag| tag.created.is_some()));
    // the list, and for each tag a HEAD, its manifest and its config
    assert_eq!(read.requests, 1 + 3 * 10);
}

#[test]
fn a_tag_is_written_with_its_facts_and_sources() {
    let io = images(Profile::distribution_3(), 2);
    let fault = Fault::on("HEAD", "/v2/a/manifests/t00002");
    io.fault(fault.status(404).times(0));
    let read = read(&io, with(ALL));
    let json = serde_json::to_value(&read.tags).unwrap();
    assert_eq!(
        json[0]["sources"],
        serde_json::json!({ "created": "config" })
    );
    assert_eq!(json[0]["platforms"][0]["architecture"], "amd64");
    assert_eq!(json[0]["mediaType"], media_type::OCI_MANIFEST);
    assert_eq!(json[1]["error"]["code"], "not_found");
    assert!(
        json[1]["error"]["message"]
            .as_str()
            .unwrap()
            .contains("a:t00002")
    );
    assert_eq!(json[1].as_object().unwrap().len(), 2, "{}", json[1]);
}
