//! Tags and digests as different things: tagging, untagging, deleting, and what would vanish.

use portreeve::client::{Deletion, Writer, siblings};
use portreeve::error::Code;
use portreeve::oci::media_type;

use super::*;
use crate::registry::Fault;

struct Shop {
    io: MemoryIo,
    client: Client<MemoryIo>,
    writer: Writer<MemoryIo>,
    digest: Digest,
}

/// The shop at a registry of this profile, and what its `v1.4.2` shows.
fn at(profile: Profile) -> Shop {
    at_host(HOST, profile)
}

fn at_host(host: &str, profile: Profile) -> Shop {
    let (client, io) = shop(profile, Settings::new(host));
    let head = io.run(client.head("shop/web", &tag("v1.4.2")));
    let digest = head.unwrap().unwrap().digest;
    io.registry().entries.clear();
    Shop {
        io,
        writer: Writer::new(client.clone()),
        client,
        digest,
    }
}

impl Shop {
    fn shows(&self, name: &str) -> Option<Digest> {
        let head = self.io.run(self.client.head("shop/web", &tag(name)));
        head.unwrap().map(|head| head.digest)
    }

    fn is_there(&self) -> bool {
        let target = Target::Digest(self.digest);
        let head = self.io.run(self.client.head("shop/web", &target));
        head.unwrap().is_some()
    }

    fn delete(&self, named: &[&str]) -> portreeve::error::Result<portreeve::client::Deleted> {
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        self.io
            .run(self.writer.delete("shop/web", &self.digest, &named))
    }
}

#[test]
fn the_tags_that_share_a_digest_are_found_by_looking_at_each() {
    for profile in [
        Profile::distribution_2_8(),
        Profile::distribution_3(),
        Profile::zot(),
    ] {
        let name = profile.name;
        let shop = at(profile);
        let found = shop
            .io
            .run(siblings(&shop.client, "shop/web", &shop.digest))
            .unwrap();
        let mut tags = found.tags.clone();
        tags.sort();
        assert_eq!(tags, ["latest", "v1.4.2"], "{name}");
        assert!(
            found.completeness.complete,
            "{name}: {:?}",
            found.completeness
        );
        assert!(shop.io.most_in_flight() <= 6, "{name}");
        let heads = shop.io.targets("HEAD").len();
        assert!((49..=60).contains(&heads), "{name}: one a tag, {heads}");
    }
}

#[test]
fn a_list_that_tells_of_digests_needs_no_further_request() {
    let shop = at(Profile::google());
    let found = shop
        .io
        .run(siblings(&shop.client, "shop/web", &shop.digest))
        .unwrap();
    assert_eq!(found.tags, ["latest", "v1.4.2"]);
    assert_eq!(shop.io.targets("HEAD").len(), 0);
}

#[test]
fn an_index_that_would_break_is_named() {
    let mut shop = at(Profile::distribution_3());
    let index = shop
        .io
        .run(shop.client.manifest("shop/web", &tag("v1.4.2")))
        .unwrap()
        .unwrap();
    let parent = shop.digest;
    shop.digest = index.children().next().unwrap().digest;
    let found = shop
        .io
        .run(siblings(&shop.client, "shop/web", &shop.digest))
        .unwrap();
    assert_eq!(found.tags, [""; 0]);
    assert_eq!(found.indexes[0].digest, parent);
    let error = shop.delete(&[]).unwrap_err();
    assert_eq!(error.code(), Code::Refused);
    assert!(error.to_string().contains(&parent.to_string()), "{error}");
    assert!(shop.is_there());
}

#[test]
fn an_index_of_an_index_would_break_as_well() {
    let shop = at(Profile::distribution_3());
    let (inner, kind) = (shop.digest, media_type::OCI_INDEX);
    let outer = format!(
        r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{{"mediaType":"{kind}","digest":"{inner}","size":2}}]}}"#
    );
    let bundle = tag("bundle");
    let push = shop.writer.push("shop/web", &bundle, kind, outer.into());
    let outer = shop.io.run(push).unwrap().descriptor.digest;
    let found = shop
        .io
        .run(siblings(&shop.client, "shop/web", &inner))
        .unwrap();
    assert_eq!(found.indexes[0].digest, outer);
    let error = shop.delete(&["v1.4.2", "latest"]).unwrap_err();
    assert_eq!(error.code(), Code::Refused);
    assert!(shop.is_there());
}

#[test]
fn nothing_is_deleted_that_was_not_named() {
    let shop = at(Profile::distribution_3());
    let error = shop.delete(&["v1.4.2"]).unwrap_err();
    assert_eq!(
        (error.code(), error.tags()),
        (Code::Refused, &["latest".to_owned()][..])
    );
    let error = shop.delete(&[]).unwrap_err();
    assert_eq!(error.tags().len(), 2);
    let error = shop.delete(&["v1.4.2", "latest", "v1.0.0"]).unwrap_err();
    assert_eq!(
        (error.code(), error.tags()),
        (Code::Conflict, &["v1.0.0".to_owned()][..])
    );
    assert!(shop.io.targets("DELETE").is_empty());
    assert!(shop.is_there());
}

#[test]
fn a_deletion_takes_the_tags_that_were_named() {
    for (profile, host) in [
        (Profile::demo(), HOST),
        (Profile::distribution_2_8(), HOST),
        (Profile::distribution_3(), HOST),
        (Profile::zot(), HOST),
        (Profile::ociregistry(), HOST),
        (Profile::google(), "gcr.io"),
    ] {
        let name = profile.name;
        let shop = at_host(host, profile);
        let deleted = shop
            .delete(&["latest", "v1.4.2"])
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(deleted.deletion, Deletion::Deleted, "{name}");
        let mut tags = deleted.tags;
        tags.sort();
        assert_eq!(tags, ["latest", "v1.4.2"], "{name}");
        assert_eq!(
            (shop.shows("latest"), shop.shows("v1.4.2")),
            (None, None),
            "{name}"
        );
        assert!(!shop.is_there(), "{name}");
        assert!(shop.shows("v1.4.1").is_some(), "{name}");
    }
}

#[test]
fn nothing_is_deleted_where_the_tags_are_not_all_known() {
    for (row, fault) in [
        (
            "a tag cannot be looked at",
            Fault {
                method: None,
                ..Fault::on("", "/v2/*/*/manifests/v1.0.0")
                    .status(403)
                    .times(0)
            },
        ),
        (
            "the list comes out of a cache",
            Fault::on("GET", "/v2/**/tags/list")
                .header("age", "30")
                .times(0),
        ),
        (
            "what a tag shows comes out of a cache",
            Fault::on("HEAD", "/v2/*/*/manifests/v1.0.0")
                .header("age", "30")
                .times(0),
        ),
        (
            "the list is throttled",
            Fault::on("HEAD", "/v2/*/*/manifests/v1.2.0")
                .status(429)
                .times(0),
        ),
    ] {
        let shop = at(Profile::distribution_3());
        shop.io.fault(fault);
        let error = shop.delete(&["latest", "v1.4.2"]).expect_err(row);
        assert_eq!(error.code(), Code::IncompleteListing, "{row}: {error}");
        assert!(shop.io.targets("DELETE").is_empty(), "{row}");
    }
}

#[test]
fn a_tag_goes_and_its_manifest_stays() {
    let shop = at(Profile::distribution_3());
    let untagged = shop
        .io
        .run(shop.writer.untag_now("shop/web", "v1.4.2"))
        .unwrap();
    assert_eq!(
        (untagged.digest, untagged.manifest_stays),
        (shop.digest, true)
    );
    assert_eq!(shop.shows("v1.4.2"), None);
    assert_eq!(shop.shows("latest"), Some(shop.digest));
    let error = shop
        .io
        .run(shop.writer.untag_now("shop/web", "v1.4.2"))
        .unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}

#[test]
fn a_registry_that_takes_no_tag_says_so_and_loses_nothing() {
    for (profile, host) in [
        (Profile::distribution_2_8(), HOST),
        (Profile::harbor(), HOST),
        (Profile::acr(), HOST),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(profile.clone());
        let mut settings = Settings::new(host);
        let password = profile.password.clone();
        settings.credential = Some(Credential::basic(profile.username.clone(), password));
        let client = Client::new(io.clone(), settings).unwrap();
        let writer = Writer::new(client.clone());
        let error = io.run(writer.untag_now("shop/web", "v1.4.2")).unwrap_err();
        assert_eq!(error.code(), Code::Unsupported, "{name}: {error}");
        assert!(
            error.to_string().contains("delete the digest"),
            "{name}: {error}"
        );
        for name in ["v1.4.2", "latest"] {
            assert!(
                io.run(client.head("shop/web", &tag(name)))
                    .unwrap()
                    .is_some(),
                "{name}"
            );
        }
        assert!(io.targets("PUT").is_empty(), "no dummy over the tag");
        assert!(
            io.targets("DELETE")
                .iter()
                .all(|target| !target.contains("sha256")),
            "{name}"
        );
    }
}

#[test]
fn where_tags_alone_can_be_deleted_the_last_one_is_not_untagged() {
    let host = "1.dkr.ecr.eu-west-1.amazonaws.com";
    let shop = at_host(host, Profile::demo());
    shop.io
        .run(shop.writer.untag_now("shop/web", "latest"))
        .unwrap();
    let error = shop
        .io
        .run(shop.writer.untag_now("shop/web", "v1.4.2"))
        .unwrap_err();
    assert_eq!(error.code(), Code::Refused, "{error}");
    assert!(shop.shows("v1.4.2").is_some());
}

#[test]
fn a_tag_that_moves_while_the_others_are_looked_at_is_not_taken() {
    let ecr = "1.dkr.ecr.eu-west-1.amazonaws.com";
    for (row, shop) in [
        ("deleting", at_host("gcr.io", Profile::google())),
        ("untagging", at_host(ecr, Profile::demo())),
    ] {
        let moved_to = shop.shows("v1.0.0").unwrap();
        let mut was_listed = false;
        shop.io.before_each(move |_, request, state| {
            let is_list = request.uri().path().ends_with("/tags/list");
            // behind the look at all the tags
            if was_listed && !is_list && request.uri().path().ends_with("/v1.4.2") {
                let repository = state.repository("shop/web");
                repository.tag("v1.4.2", &moved_to.to_string());
            }
            was_listed |= is_list;
        });
        let error = if row == "deleting" {
            shop.delete(&["latest", "v1.4.2"]).expect_err(row)
        } else {
            let untagged = shop.writer.untag_now("shop/web", "v1.4.2");
            shop.io.run(untagged).expect_err(row)
        };
        assert_eq!(error.code(), Code::Conflict, "{row}: {error}");
        assert_eq!(shop.shows("v1.4.2"), Some(moved_to), "{row}");
        let deletes = shop.io.targets("DELETE");
        assert!(deletes.iter().all(|at| at.ends_with("/latest")), "{row}");
        if row == "deleting" {
            let text = error.to_string();
            assert!(text.contains("taken away before: latest"), "{text}");
        }
    }
}

#[test]
fn many_tags_take_one_read_and_a_put_each_six_at_once() {
    let shop = at(Profile::distribution_3());
    let names: Vec<String> = (0..20).map(|number| format!("copy-{number}")).collect();
    let twice: Vec<String> = names.iter().chain(&names).cloned().collect();
    shop.io.set_latency(std::time::Duration::from_millis(50));
    let tagging = shop
        .io
        .run(shop.writer.tag("shop/web", &tag("v1.4.2"), &twice))
        .unwrap();
    assert_eq!(tagging.descriptor.digest, shop.digest);
    let done: Vec<&String> = tagging
        .outcomes
        .iter()
        .map(|(tag, outcome)| {
            assert!(outcome.is_ok(), "{tag}");
            tag
        })
        .collect();
    assert_eq!(done, names.iter().collect::<Vec<_>>());
    assert_eq!(
        (shop.io.targets("GET").len(), shop.io.targets("PUT").len()),
        (1, 20)
    );
    assert_eq!(shop.io.most_in_flight(), 6);
    assert_eq!(shop.shows("copy-19"), Some(shop.digest));
}

#[test]
fn each_tag_has_its_own_outcome() {
    let shop = at(Profile::distribution_3());
    shop.io.fault(
        Fault::on("PUT", "/v2/*/*/manifests/two")
            .status(409)
            .times(0),
    );
    let names = ["one", "two", "three"].map(str::to_owned);
    let tagging = shop
        .io
        .run(shop.writer.tag("shop/web", &tag("v1.4.2"), &names))
        .unwrap();
    let outcomes: Vec<Option<Code>> = tagging
        .outcomes
        .into_iter()
        .map(|(_, outcome)| outcome.err().map(|error| error.code()))
        .collect();
    assert_eq!(outcomes, [None, Some(Code::Refused), None]);
    assert!(shop.shows("three").is_some());
}

#[test]
fn a_name_that_is_no_tag_stops_all_before_anything_is_sent() {
    let shop = at(Profile::distribution_3());
    let names = ["fine".to_owned(), "no tag".to_owned()];
    let error = shop
        .io
        .run(shop.writer.tag("shop/web", &tag("v1.4.2"), &names))
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidReference);
    assert!(shop.io.requests().is_empty());
    let missing = shop
        .io
        .run(shop.writer.tag("shop/web", &tag("v9"), &names[..1]))
        .unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}

/// A manifest that speaks of the shop's `v1.4.2`, told apart by `name`.
fn sbom(shop: &Shop, name: &str) -> String {
    let subject = shop.digest;
    let (index, kind) = (media_type::OCI_INDEX, media_type::OCI_MANIFEST);
    let empty = r#"{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}"#;
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{kind}","artifactType":"application/spdx+json","config":{empty},"layers":[],"subject":{{"mediaType":"{index}","digest":"{subject}","size":2}},"annotations":{{"name":"{name}"}}}}"#
    )
}

impl Shop {
    fn with_empty_config(self) -> Self {
        let mut registry = self.io.registry();
        let digest = Digest::of(b"{}").to_string();
        let blobs = &mut registry.state.repository("shop/web").blobs;
        blobs.insert(digest, b"{}".to_vec().into());
        drop(registry);
        self
    }

    fn push(&self, manifest: &str) -> portreeve::error::Result<portreeve::client::Pushed> {
        let target = Target::Digest(Digest::of(manifest.as_bytes()));
        let bytes = manifest.to_owned().into();
        self.io.run(
            self.writer
                .push("shop/web", &target, media_type::OCI_MANIFEST, bytes),
        )
    }

    fn listed(&self) -> Vec<Digest> {
        let listing = self.client.referrers("shop/web", &self.digest);
        let found = self.io.run(listing.all()).unwrap().found;
        found
            .into_iter()
            .map(|referrer| referrer.descriptor.digest)
            .collect()
    }
}

#[test]
fn a_registry_that_lists_referrers_is_left_to_it() {
    use portreeve::client::ListedBy;
    let shop = at(Profile::demo()).with_empty_config();
    let pushed = shop.push(&sbom(&shop, "one")).unwrap();
    assert_eq!(
        (pushed.subject, pushed.listed),
        (Some(shop.digest), Some(ListedBy::Registry))
    );
    assert_eq!(shop.io.targets("PUT").len(), 1);
    // a page that may not see the header asks the registry itself
    shop.io
        .fault(Fault::on("PUT", "/v2/**").header("oci-subject", ""));
    let pushed = shop.push(&sbom(&shop, "two")).unwrap();
    assert_eq!(pushed.listed, Some(ListedBy::Registry));
    assert!(shop.listed().contains(&pushed.descriptor.digest));
    let plain = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[]}}"#,
        media_type::OCI_INDEX
    );
    let target = tag("plain");
    let pushed = shop
        .io
        .run(shop.writer.push("shop/web", &target, "", plain.into()))
        .unwrap();
    assert_eq!((pushed.subject, pushed.listed), (None, None));
    assert_eq!(pushed.descriptor.media_type, media_type::OCI_INDEX);
}

#[test]
fn where_nobody_lists_referrers_the_fallback_tag_is_kept_up() {
    use portreeve::client::ListedBy;
    let shop = at(Profile::distribution_3()).with_empty_config();
    let before = shop.listed();
    let mut expected = before.clone();
    for name in ["one", "two"] {
        let pushed = shop.push(&sbom(&shop, name)).unwrap();
        let tag = shop.digest.fallback_tag();
        assert_eq!(pushed.listed, Some(ListedBy::Tag(tag)));
        expected.push(pushed.descriptor.digest);
    }
    assert_eq!(shop.listed(), expected);
    let puts = shop.io.targets("PUT").len();
    shop.push(&sbom(&shop, "two")).unwrap();
    assert_eq!(
        shop.io.targets("PUT").len(),
        puts + 1,
        "what is listed is not listed again"
    );
    let listing = shop.client.referrers("shop/web", &shop.digest);
    let found = shop.io.run(listing.all()).unwrap().found;
    let last = &found.last().unwrap().descriptor;
    assert_eq!(last.artifact_type.as_deref(), Some("application/spdx+json"));
    assert_eq!(last.annotations["name"], "two");
}

fn manifest_of(name: &str) -> String {
    format!(r#"{{"schemaVersion":2,"manifests":[],"annotations":{{"name":"{name}"}}}}"#)
}

fn other(name: &str) -> Digest {
    Digest::of(manifest_of(name).as_bytes())
}

/// Somebody else adds `name` to the fallback index in the registry's own memory.
fn add_other(state: &mut State, subject: &Digest, name: &str) -> Digest {
    let repository = state.repository("shop/web");
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let tag = subject.fallback_tag();
    let shown = repository.tags.get(&tag).map(|tag| tag.digest.clone());
    let mut index = shown.map_or_else(
        || serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": []}),
        |digest| repository.manifests[&digest].json(),
    );
    let other = other(name);
    let own = manifest_of(name).into_bytes().into();
    repository.put_manifest(media_type::OCI_INDEX, own, now);
    let listed = index["manifests"].as_array_mut().unwrap();
    listed
        .push(serde_json::json!({"mediaType": media_type::OCI_INDEX, "digest": other, "size": 1}));
    let bytes = index.to_string().into_bytes().into();
    let digest = repository.put_manifest(media_type::OCI_INDEX, bytes, now);
    repository.tag(&tag, &digest);
    other
}

#[test]
fn an_entry_that_comes_at_the_same_time_is_not_lost() {
    for conditional in [true, false] {
        for moment in ["GET", "HEAD"] {
            let shop = at(Profile {
                conditional_puts: conditional,
                ..Profile::distribution_3()
            })
            .with_empty_config();
            let subject = shop.digest;
            let others = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
            let added = std::rc::Rc::clone(&others);
            let tag = subject.fallback_tag();
            let mut reads = 0;
            shop.io.before_each(move |_, request, state| {
                // behind our read, and before the request that comes next
                let of_tag = request.uri().path().ends_with(&tag);
                let before = if moment == "GET" { "HEAD" } else { "PUT" };
                let is_next = of_tag && request.method() == before;
                if is_next && (conditional || moment == "GET") && reads < 2 {
                    reads += 1;
                    added
                        .borrow_mut()
                        .push(add_other(state, &subject, &format!("other {reads}")));
                }
            });
            let pushed = shop.push(&sbom(&shop, "ours")).unwrap();
            let listed = shop.listed();
            assert!(listed.contains(&pushed.descriptor.digest), "{moment}");
            for other in others.borrow().iter() {
                assert!(listed.contains(other), "{moment} {conditional}");
            }
        }
    }
}

#[test]
fn an_entry_of_ours_that_somebody_overwrote_is_written_again() {
    let shop = at(Profile {
        conditional_puts: false,
        ..Profile::distribution_3()
    })
    .with_empty_config();
    let subject = shop.digest;
    let before = shop.io.registry().state.clone();
    let tag_name = subject.fallback_tag();
    let mut reads = 0;
    shop.io.before_each(move |_, request, state| {
        if request.method() == "GET" && request.uri().path().ends_with(&tag_name) {
            reads += 1;
            if reads == 2 {
                // somebody who read before us writes after us
                let mut theirs = before.clone();
                add_other(&mut theirs, &subject, "theirs");
                let shown = theirs.repository("shop/web").tags[&tag_name].digest.clone();
                let manifests = theirs.repository("shop/web").manifests.clone();
                let repository = state.repository("shop/web");
                repository.manifests.extend(manifests);
                repository.tag(&tag_name, &shown);
            }
        }
    });
    let pushed = shop.push(&sbom(&shop, "ours")).unwrap();
    let listed = shop.listed();
    assert!(listed.contains(&pushed.descriptor.digest));
    assert!(listed.contains(&other("theirs")));
}

#[test]
fn a_list_that_never_stands_still_is_a_conflict_and_loses_nobody() {
    let shop = at(Profile::distribution_3()).with_empty_config();
    let subject = shop.digest;
    let tag = subject.fallback_tag();
    let mut count = 0;
    shop.io.before_each(move |_, request, state| {
        if request.method() == "HEAD" && request.uri().path().ends_with(&tag) {
            count += 1;
            add_other(state, &subject, &format!("other {count}"));
        }
    });
    let manifest = sbom(&shop, "ours");
    let error = shop.push(&manifest).unwrap_err();
    assert_eq!(error.code(), Code::Conflict);
    assert!(error.to_string().contains("is stored"), "{error}");
    let stored = Target::Digest(Digest::of(manifest.as_bytes()));
    assert!(
        shop.io
            .run(shop.client.head("shop/web", &stored))
            .unwrap()
            .is_some()
    );
    assert_eq!(
        shop.io.targets("PUT").len(),
        1,
        "nothing was written over the others"
    );
}

#[test]
fn a_fallback_tag_that_holds_something_else_is_not_overwritten() {
    let shop = at(Profile::distribution_3()).with_empty_config();
    let image = shop
        .io
        .run(shop.client.manifest("shop/web", &tag("v1.4.2")))
        .unwrap()
        .unwrap();
    let child = image.children().next().unwrap().digest.to_string();
    let name = shop.digest.fallback_tag();
    shop.io
        .registry()
        .state
        .repository("shop/web")
        .tag(&name, &child);
    let error = shop.push(&sbom(&shop, "ours")).unwrap_err();
    assert_eq!(error.code(), Code::Refused, "{error}");
    assert_eq!(shop.shows(&name).unwrap().to_string(), child);
}
