//! Reading and deleting, as each registry does it. The tables repeat answers seen from
//! distribution 2.8.2, 3.1.2 and zot, and what Google documents.

use serde_json::json;

use super::{get, send};
use crate::registry::Profile;
use crate::registry::profile::{Authentication, Link, Paging};
use crate::support::memory_io::MemoryIo;

const WEB: &str = "/v2/shop/web";

fn digest_of(io: &MemoryIo, tag: &str) -> String {
    io.registry().state.repositories["shop/web"].tags[tag]
        .digest
        .clone()
}

#[test]
fn pages_add_up_to_the_whole() {
    for profile in [
        Profile::demo(),
        Profile::distribution_3(),
        Profile::zot(),
        Profile {
            link: Link::UntilEmpty,
            ..Profile::demo()
        },
        Profile {
            paging: Paging::Always(10, 413),
            ..Profile::demo()
        },
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(profile);
        let mut target = format!("{WEB}/tags/list?n=7");
        let mut tags = Vec::new();
        let mut manifests = 0;
        loop {
            let answer = get(&io, &target);
            let page = answer.json();
            assert!(page["tags"].as_array().unwrap().len() <= 7, "{name}");
            tags.extend(page["tags"].as_array().unwrap().clone());
            manifests += page["manifest"].as_object().map_or(0, serde_json::Map::len);
            let link = answer.header("link");
            if link.is_empty() {
                break;
            }
            let (start, end) = (link.find('<').unwrap() + 1, link.find('>').unwrap());
            target = link[start..end].to_owned();
        }
        let registry = io.registry();
        let web = &registry.state.repositories["shop/web"];
        let all: Vec<&str> = web.tags.keys().map(String::as_str).collect();
        assert_eq!(tags, all, "{name}");
        let expected = if registry.profile.manifest_map {
            web.manifests.len()
        } else {
            0
        };
        assert_eq!(manifests, expected, "{name}");
    }
}

#[test]
fn page_sizes_are_understood_differently() {
    for (profile, query, status, tags) in [
        (Profile::distribution_2_8(), "?n=2", 200, 50),
        (Profile::distribution_3(), "?n=2", 200, 2),
        (Profile::distribution_3(), "?n=0", 200, 0),
        (Profile::distribution_3(), "?n=-1", 400, 0),
        (Profile::distribution_3(), "?n=abc", 400, 0),
        (Profile::distribution_3(), "?last=nothing", 200, 19),
        (Profile::distribution_3(), "", 200, 50),
        (Profile::zot(), "?n=abc", 400, 0),
        (Profile::zot(), "?last=nothing", 404, 0),
        (Profile::google(), "?n=2", 200, 49),
    ] {
        let name = profile.name;
        let answer = get(&MemoryIo::shop(profile), &format!("{WEB}/tags/list{query}"));
        let found = answer.json()["tags"].as_array().map_or(0, Vec::len);
        assert_eq!((answer.status, found), (status, tags), "{name} {query}");
        assert_eq!(
            answer.header("link").is_empty(),
            tags != 2,
            "{name} {query}"
        );
    }
}

#[test]
fn no_tags_are_said_in_two_ways() {
    for (profile, expected) in [
        (Profile::distribution_2_8(), json!(null)),
        (Profile::distribution_3(), json!([])),
    ] {
        let io = MemoryIo::shop(profile);
        let mut repositories = std::mem::take(&mut io.registry().state.repositories);
        repositories.get_mut("shop/web").unwrap().tags.clear();
        io.registry().state.repositories = repositories;
        assert_eq!(get(&io, "/v2/shop/web/tags/list").json()["tags"], expected);
    }
}

#[test]
fn the_catalog_pages_and_refuses_more_than_a_thousand() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let answer = get(&io, "/v2/_catalog?n=1");
    assert_eq!(answer.json()["repositories"], json!(["shop/api"]));
    let link = r#"</v2/_catalog?last=shop%2Fapi&n=1>; rel="next""#;
    assert_eq!(answer.header("link"), link);
    let answer = get(&io, "/v2/_catalog?n=1001");
    let found = (answer.status, answer.code());
    assert_eq!(found, (400, "PAGINATION_NUMBER_INVALID".to_owned()));
}

#[test]
fn deletion_differs() {
    // what is deleted, and status with code for: a tag; a tag that is not there; a repository that
    // is not there; a tagged digest; a child of an index; a digest that is not there
    let off = Profile {
        deletes: false,
        ..Profile::distribution_3()
    };
    let refused = "405 UNSUPPORTED";
    let tagged = "400 GOOGLE_MANIFEST_DANGLING_TAG";
    let parent = "400 GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE";
    let missing = "404 MANIFEST_UNKNOWN";
    let digest = "400 DIGEST_INVALID";
    let name = "400 NAME_UNKNOWN";
    let zot_child = "405 DENIED";
    for (profile, expected) in [
        (
            Profile::demo(),
            ["202 ", missing, missing, "202 ", "202 ", missing],
        ),
        (
            Profile::distribution_2_8(),
            [digest, digest, digest, "202 ", "202 ", missing],
        ),
        (
            Profile::distribution_3(),
            ["202 ", missing, missing, "202 ", "202 ", missing],
        ),
        (
            Profile::zot(),
            ["202 ", missing, name, "202 ", zot_child, missing],
        ),
        (
            Profile::google(),
            ["202 ", missing, missing, tagged, parent, missing],
        ),
        (off, [refused; 6]),
    ] {
        let io = MemoryIo::shop(profile);
        let tagged = digest_of(&io, "v1.2.0");
        let child = {
            let registry = io.registry();
            let web = &registry.state.repositories["shop/web"];
            web.manifests[&web.tags["v1.3.0"].digest].children()[0].clone()
        };
        let absent = format!("sha256:{}", "0".repeat(64));
        let found = [
            ("shop/web", "v1.0.0"),
            ("shop/web", "nothing"),
            ("shop/nothing", "v1.0.0"),
            ("shop/web", &tagged),
            ("shop/web", &child),
            ("shop/web", &absent),
        ]
        .map(|(repository, reference)| {
            let target = format!("/v2/{repository}/manifests/{reference}");
            let answer = send(&io, "DELETE", &target, &[], "");
            format!("{} {}", answer.status, answer.code())
        });
        assert_eq!(found, expected, "{}", io.registry().profile.name);
    }
}

#[test]
fn a_digest_takes_its_tags_and_a_tag_leaves_its_digest() {
    let io = MemoryIo::shop(Profile::demo());
    let (kept, gone) = (digest_of(&io, "v1.0.0"), digest_of(&io, "latest"));
    send(&io, "DELETE", &format!("{WEB}/manifests/v1.0.0"), &[], "");
    send(&io, "DELETE", &format!("{WEB}/manifests/{gone}"), &[], "");
    for (reference, status) in [
        ("v1.0.0", 404),
        (&kept, 200),
        ("latest", 404),
        ("v1.4.2", 404),
        (&gone, 404),
    ] {
        let target = format!("{WEB}/manifests/{reference}");
        assert_eq!(get(&io, &target).status, status, "{reference}");
    }
}

#[test]
fn tags_may_outlive_their_digest() {
    let io = MemoryIo::shop(Profile::ociregistry());
    let digest = digest_of(&io, "v1.4.2");
    let at = |reference: &str| format!("{WEB}/manifests/{reference}");
    assert_eq!(send(&io, "DELETE", &at(&digest), &[], "").status, 202);
    assert_eq!(send(&io, "HEAD", &at(&digest), &[], "").status, 404);
    let tag = send(&io, "HEAD", &at("v1.4.2"), &[], "");
    assert_eq!(
        (tag.status, tag.header("docker-content-digest")),
        (200, digest.as_str())
    );
    assert_eq!(get(&io, &at("v1.4.2")).status, 404);
    let listed = get(&io, &format!("{WEB}/tags/list")).json();
    assert!(
        listed["tags"]
            .as_array()
            .unwrap()
            .contains(&json!("v1.4.2"))
    );
    assert_eq!(send(&io, "DELETE", &at("v1.4.2"), &[], "").status, 202);
    assert_eq!(send(&io, "HEAD", &at("v1.4.2"), &[], "").status, 404);
}

#[test]
fn no_referrers_are_said_in_two_ways() {
    for (profile, expected) in [
        (Profile::demo(), json!([])),
        (Profile::ociregistry(), json!(null)),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(profile);
        let digest = digest_of(&io, "v1.4.1");
        let answer = get(&io, &format!("{WEB}/referrers/{digest}")).json();
        assert_eq!(answer["manifests"], expected, "{name}");
    }
}

#[test]
fn an_index_turns_into_its_child_for_who_cannot_read_indexes() {
    let index = "application/vnd.oci.image.index.v1+json";
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let both = format!("{manifest}, {index};q=0.5");
    for (profile, accept, status, answered) in [
        (Profile::demo(), both.as_str(), 200, index),
        (Profile::demo(), manifest, 200, manifest),
        (Profile::demo(), "*/*", 200, index),
        (Profile::distribution_3(), manifest, 404, "application/json"),
        (Profile::distribution_3(), "*/*", 404, "application/json"),
        (Profile::zot(), manifest, 200, index),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(profile);
        let target = format!("{WEB}/manifests/latest");
        let answer = send(&io, "GET", &target, &[("accept", accept)], "");
        let found = (answer.status, answer.header("content-type"));
        assert_eq!(found, (status, answered), "{name} {accept}");
    }
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let io = MemoryIo::shop(Profile::demo());
    let target = format!("{WEB}/manifests/v1.4.2");
    let (head, get) = (send(&io, "HEAD", &target, &[], ""), get(&io, &target));
    assert_eq!(head.headers, get.headers);
    assert!(head.body.is_empty());
    assert_eq!(get.header("content-length"), get.body.len().to_string());
    assert_eq!(
        get.header("docker-content-digest"),
        digest_of(&io, "latest")
    );
    assert_eq!(get.header("date"), "Tue, 24 Nov 2026 12:00:00 GMT");
    let known = [("if-none-match", get.header("etag"))];
    let again = send(&io, "GET", &target, &known, "");
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn blobs_come_in_ranges() {
    let io = MemoryIo::shop(Profile::demo());
    let digest = {
        let mut registry = io.registry();
        let repository = registry.state.repository("shop/web");
        let digest = crate::registry::content::digest(b"0123456789");
        let held = crate::registry::Content::from(b"0123456789".to_vec());
        repository.blobs.insert(digest.clone(), held);
        digest
    };
    for (range, status, body, answered) in [
        ("bytes=2-4", 206, "234", "bytes 2-4/10"),
        ("bytes=7-", 206, "789", "bytes 7-9/10"),
        ("bytes=-3", 206, "789", "bytes 7-9/10"),
        ("bytes=8-99", 206, "89", "bytes 8-9/10"),
        ("bytes=10-", 416, "", "bytes */10"),
        ("bytes=4-2", 200, "0123456789", ""),
        ("lines=1-2", 200, "0123456789", ""),
    ] {
        let target = format!("{WEB}/blobs/{digest}");
        let answer = send(&io, "GET", &target, &[("range", range)], "");
        assert_eq!(answer.status, status, "{range}");
        assert_eq!(answer.header("content-range"), answered, "{range}");
        if status != 416 {
            assert_eq!(answer.body, body, "{range}");
        }
    }
}

#[test]
fn a_redirected_blob_is_refused_to_who_brings_credentials() {
    let io = MemoryIo::shop(Profile {
        blob_redirect: Some("http://storage.example/_storage".to_owned()),
        ..Profile::demo()
    });
    let digest = io.registry().state.repositories["shop/web"]
        .blobs
        .keys()
        .next()
        .unwrap()
        .clone();
    let answer = get(&io, &format!("{WEB}/blobs/{digest}"));
    assert_eq!(answer.status, 307);
    let location = answer.header("location");
    assert!(location.starts_with("http://storage.example/_storage/sha256:"));
    assert_eq!(get(&io, location).status, 200);
    let credential = [("authorization", "Bearer leaked")];
    assert_eq!(send(&io, "GET", location, &credential, "").status, 400);
}

#[test]
fn referrers_are_listed_filtered_and_paged() {
    let io = MemoryIo::shop(Profile::demo());
    let subject = digest_of(&io, "v1.4.0");
    let target = format!("{WEB}/referrers/{subject}");
    let all = get(&io, &target);
    assert_eq!(all.json()["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(
        all.json()["manifests"][0]["artifactType"],
        "application/spdx+json"
    );
    let none = get(&io, &format!("{target}?artifactType=application%2Fother"));
    assert_eq!(none.json()["manifests"], json!([]));
    assert_eq!(none.header("oci-filters-applied"), "artifactType");
    io.registry().profile.referrers_page = Some(0);
    assert!(get(&io, &target).header("link").contains("rel=\"next\""));
    io.registry().profile.referrers = false;
    let missing = get(&io, &target);
    assert_eq!(missing.status, 404);
    assert_eq!(missing.header("content-type"), "text/plain; charset=utf-8");
}

#[test]
fn what_is_missing_or_malformed_has_its_code() {
    let io = MemoryIo::shop(Profile::distribution_3());
    for (target, status, code) in [
        ("/v2/shop/nothing/tags/list", 404, "NAME_UNKNOWN"),
        ("/v2/shop/web/manifests/nothing", 404, "MANIFEST_UNKNOWN"),
        ("/v2/shop/web/blobs/sha256:0", 404, "BLOB_UNKNOWN"),
        ("/v2/shop/web/blobs/uploads/0", 404, "BLOB_UPLOAD_UNKNOWN"),
        ("/v2/Shop/web/tags/list", 400, "NAME_INVALID"),
        ("/v2/shop/../web/tags/list", 400, "NAME_INVALID"),
        ("/v2/shop//web/tags/list", 400, "NAME_INVALID"),
        ("/v2/shop/web/else", 404, ""),
        ("/", 404, ""),
    ] {
        let answer = get(&io, target);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{target}"
        );
    }
}

#[test]
fn a_token_opens_what_its_scope_names() {
    let io = MemoryIo::shop(Profile::bearer());
    let target = format!("{WEB}/tags/list");
    let refused = get(&io, &target);
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer realm=\"http://registry.example/token\",service=\"bearer\",\
         scope=\"repository:shop/web:pull\""
    );
    let asked = "/token?service=bearer&scope=repository:shop/web:pull,delete";
    let token = get(&io, asked).json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let with = [("authorization", bearer.as_str())];
    assert_eq!(send(&io, "GET", &target, &with, "").status, 200);
    // nobody in particular may pull, and not delete
    let manifest = format!("{WEB}/manifests/latest");
    let denied = send(&io, "DELETE", &manifest, &with, "");
    assert_eq!(denied.status, 401);
    assert!(
        denied
            .header("www-authenticate")
            .ends_with("error=\"insufficient_scope\"")
    );
    io.advance(std::time::Duration::from_secs(301));
    assert_eq!(send(&io, "GET", &target, &with, "").status, 401);
}

#[test]
fn a_password_opens_more_than_nobody_gets() {
    let basic = [("authorization", "Basic ZGVtbzpkZW1vLXBhc3N3b3Jk")];
    let io = MemoryIo::shop(Profile::basic());
    assert_eq!(
        get(&io, "/v2/").header("www-authenticate"),
        "Basic realm=\"registry\""
    );
    assert_eq!(send(&io, "GET", "/v2/", &basic, "").status, 200);
    let io = MemoryIo::shop(Profile::bearer());
    let asked = "/token?scope=repository:shop/web:pull,delete&offline_token=true";
    let body = send(&io, "GET", asked, &basic, "").json();
    let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
    let manifest = format!("{WEB}/manifests/latest");
    let deleted = send(&io, "DELETE", &manifest, &[("authorization", &bearer)], "");
    assert_eq!(deleted.status, 202);
    let refresh = body["refresh_token"].as_str().unwrap();
    let form =
        format!("grant_type=refresh_token&scope=repository:shop/web:push&refresh_token={refresh}");
    assert_eq!(send(&io, "POST", "/token", &[], form).status, 200);
    let wrong = "grant_type=password&username=demo&password=wrong";
    assert_eq!(send(&io, "POST", "/token", &[], wrong).status, 401);
    io.registry().profile.authentication = Authentication::PrivateBearer;
    assert_eq!(get(&io, asked).status, 401);
}
