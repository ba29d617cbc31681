//! What only one registry does, each under the name of the one that does it.

use serde_json::json;

use super::{Answer, get, send};
use crate::registry::Profile;
use crate::registry::content::{digest, hex};
use crate::registry::profile::Authentication;
use crate::support::memory_io::MemoryIo;

const TAGS: &str = "/v2/shop/web/tags/list";
const MANIFEST: &str = "/v2/shop/web/manifests/latest";

/// The same registry, which lets everybody in.
fn open(profile: Profile) -> Profile {
    Profile {
        authentication: Authentication::Anonymous,
        ..profile
    }
}

/// What the token endpoint says, and the answer to `target` with the token it gives.
fn with_token(io: &MemoryIo, user: Option<&str>, target: &str) -> (Answer, Option<Answer>) {
    let challenge = get(io, target);
    assert_eq!(challenge.status, 401, "{target}");
    let challenge = challenge.header("www-authenticate").to_owned();
    let part = |name: &str| {
        let (_, rest) = challenge.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let ask = format!("{}?scope={}", part("realm"), part("scope"));
    let basic = user.map(|basic| [("authorization", basic)]);
    let headers: &[(&str, &str)] = basic.as_ref().map_or(&[], |basic| basic);
    let token = send(io, "GET", &ask, headers, "");
    let text = token.json()["token"].as_str().map(str::to_owned);
    let answer = text.map(|text| {
        let bearer = format!("Bearer {text}");
        send(io, "GET", target, &[("authorization", &bearer)], "")
    });
    (token, answer)
}

#[test]
fn docker_hub_answers_what_is_missing_as_what_is_private() {
    let io = MemoryIo::shop(Profile::hub());
    let (_, there) = with_token(&io, None, TAGS);
    assert_eq!(there.unwrap().status, 200);
    io.registry().state.repository("shop/api").private = true;
    for target in [
        "/v2/shop/none/tags/list",
        "/v2/shop/api/tags/list",
        "/v2/_catalog",
    ] {
        let (token, refused) = with_token(&io, None, target);
        let refused = refused.unwrap();
        assert_eq!((token.status, refused.status), (200, 401), "{target}");
        let challenge = refused.header("www-authenticate");
        assert!(
            challenge.ends_with("error=\"insufficient_scope\""),
            "{challenge}"
        );
    }
}

#[test]
fn docker_hub_counts_every_get_of_a_manifest_and_no_head() {
    let io = MemoryIo::shop(Profile {
        pull_limit: Some(2),
        authentication: Authentication::Anonymous,
        ..Profile::hub()
    });
    let asked = ["HEAD", "GET", "HEAD", "GET", "HEAD", "GET"].map(|method| {
        let answer = send(&io, method, MANIFEST, &[], "");
        let left = answer.header("ratelimit-remaining").to_owned();
        (answer.status, left)
    });
    let expected = [(200, 2), (200, 1), (200, 1), (200, 0), (200, 0), (429, 0)];
    let expected = expected.map(|(status, left)| (status, format!("{left};w=21600")));
    assert_eq!(asked, expected);
    io.advance(std::time::Duration::from_hours(6));
    assert_eq!(get(&io, MANIFEST).status, 200);
}

#[test]
fn ghcr_refuses_a_token_for_what_is_not_public_and_lists_the_oldest_first() {
    let io = MemoryIo::shop(Profile::ghcr());
    let (token, _) = with_token(&io, None, "/v2/shop/none/tags/list");
    assert_eq!((token.status, token.code().as_str()), (403, "DENIED"));
    for number in 0..120 {
        let mut registry = io.registry();
        let web = registry.state.repository("shop/web");
        let latest = web.tags["latest"].digest.clone();
        web.tag(&format!("a{number}"), &latest);
    }
    let (_, page) = with_token(&io, None, &format!("{TAGS}?n=1000"));
    let page = page.unwrap();
    let tags = page.json()["tags"].as_array().unwrap().clone();
    assert_eq!((tags.len(), &tags[99]), (100, &json!("a49")));
    assert!(
        page.header("link")
            .starts_with("</v2/shop/web/tags/list?last=a49&n=100>")
    );
}

#[test]
fn ecr_leaves_digests_unsaid_and_refuses_large_pages() {
    let io = MemoryIo::shop(Profile::ecr());
    let basic = [("authorization", "Basic QVdTOmRlbW8tcGFzc3dvcmQ=")];
    let manifest = send(&io, "GET", MANIFEST, &basic, "");
    assert_eq!(
        (manifest.status, manifest.header("docker-content-digest")),
        (200, "")
    );
    let large = send(&io, "GET", &format!("{TAGS}?n=1001"), &basic, "");
    assert_eq!(large.status, 405);
    assert_eq!(send(&io, "GET", "/v2/_catalog", &basic, "").status, 404);
}

#[test]
fn links_are_written_in_every_way_there_is() {
    for (profile, link) in [
        (
            Profile::quay(),
            "<http://registry.example/v2/shop/web/tags/list?n=2&last=main-0fac06e>; rel=\"next\"",
        ),
        (
            Profile::jfrog(),
            "</v2/web/tags/list?n=2&last=2>; rel=\"next\"",
        ),
        (
            Profile::nexus(),
            "<http://nexus.internal:8081/repository/docker/v2/shop/web/tags/list?n=2&last=main-0fac06e>; rel=\"next\"",
        ),
        (
            Profile::gitea(),
            "</v2/shop/web/tags/list?last=main-0fac06e&n=2>; rel=\"next\"",
        ),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(open(profile));
        let page = get(&io, &format!("{TAGS}?n=2"));
        let second = page.json()["tags"][1].as_str().unwrap().to_owned();
        assert_eq!(
            page.header("link"),
            link.replace("main-0fac06e", &second),
            "{name}"
        );
    }
}

#[test]
fn serverless_registry_lists_digests_and_never_ends() {
    let io = MemoryIo::shop(Profile::serverless_registry());
    let basic = [("authorization", "Basic ZGVtbzpkZW1vLXBhc3N3b3Jk")];
    let mut target = TAGS.to_owned();
    let (mut pages, mut names) = (0, 0);
    loop {
        let page = send(&io, "GET", &target, &basic, "");
        let found = page.json()["tags"].as_array().unwrap().len();
        pages += 1;
        names += found;
        target = page
            .header("link")
            .strip_suffix("; rel=next")
            .unwrap()
            .to_owned();
        if found == 0 {
            break;
        }
    }
    let web = io.registry().state.repositories["shop/web"].clone();
    assert_eq!(names, web.tags.len() + web.manifests.len());
    assert_eq!(pages, names.div_ceil(50) + 1);
    assert_eq!(target, format!("http://registry.example{TAGS}?n=50&last="));
}

#[test]
fn quays_catalog_has_a_cursor_of_its_own() {
    let io = MemoryIo::shop(open(Profile::quay()));
    let first = get(&io, "/v2/_catalog?n=1");
    assert_eq!(first.json()["repositories"], json!(["shop/api"]));
    let link = first.header("link");
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    assert!(next.contains("next_page="), "{next}");
    let second = get(&io, next);
    assert_eq!(second.json()["repositories"], json!(["shop/web"]));
    assert_eq!(second.header("link"), "");
}

#[test]
fn a_last_that_is_no_tag_is_understood_in_three_ways() {
    for (profile, status) in [
        (Profile::distribution_3(), 200),
        (Profile::zot(), 404),
        (Profile::harbor(), 400),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(open(profile));
        assert_eq!(
            get(&io, &format!("{TAGS}?last=nothing")).status,
            status,
            "{name}"
        );
    }
}

#[test]
fn a_locked_tag_neither_moves_nor_goes() {
    let basic = |profile: &Profile| {
        use base64::Engine as _;
        let pair = format!("{}:{}", profile.username, profile.password);
        format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(pair))
    };
    for (profile, put, delete) in [
        (Profile::acr(), "405 DENIED", "405 DENIED"),
        (Profile::quay(), "409 TAG_IMMUTABLE", "409 TAG_IMMUTABLE"),
        (Profile::harbor(), "412 PRECONDITION", "412 PRECONDITION"),
        (Profile::ecr(), "400 TAG_INVALID", "405 UNSUPPORTED"),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(Profile {
            authentication: Authentication::Basic,
            ..profile.clone()
        });
        let (latest, older) = {
            let mut registry = io.registry();
            let web = registry.state.repository("shop/web");
            web.lock("latest");
            let older = web.tags["v1.0.0"].digest.clone();
            (
                web.tags["latest"].digest.clone(),
                web.manifests[&older].bytes.clone(),
            )
        };
        let auth = basic(&profile);
        let kind = "application/vnd.oci.image.index.v1+json";
        let headers = [("authorization", auth.as_str()), ("content-type", kind)];
        let put_answer = send(&io, "PUT", MANIFEST, &headers, older);
        assert_eq!(
            format!("{} {}", put_answer.status, put_answer.code()),
            put,
            "{name}"
        );
        let target = format!("/v2/shop/web/manifests/{latest}");
        let answer = send(&io, "DELETE", &target, &headers, "");
        assert_eq!(
            format!("{} {}", answer.status, answer.code()),
            delete,
            "{name}"
        );
    }
}

#[test]
fn deletion_has_its_own_rules_at_quay_acr_and_harbor() {
    for (profile, tag, untagged) in [
        (Profile::quay(), 202, 404),
        (Profile::acr(), 405, 202),
        (Profile::harbor(), 400, 202),
        (Profile::ghcr(), 405, 405),
        (Profile::hub(), 405, 405),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(open(profile));
        let loose = {
            let registry = io.registry();
            let web = &registry.state.repositories["shop/web"];
            let mut digests = web.manifests.keys();
            digests
                .find(|one| web.tags_of(one).is_empty())
                .unwrap()
                .clone()
        };
        let delete = |reference: &str| {
            send(
                &io,
                "DELETE",
                &format!("/v2/shop/web/manifests/{reference}"),
                &[],
                "",
            )
            .status
        };
        assert_eq!(
            (delete("v1.0.0"), delete(&loose)),
            (tag, untagged),
            "{name}"
        );
    }
}

#[test]
fn what_is_missing_is_said_in_other_words() {
    let target = "/v2/shop/web/manifests/nothing";
    let harbor = get(&MemoryIo::shop(open(Profile::harbor())), target);
    assert_eq!((harbor.status, harbor.code().as_str()), (404, "NOT_FOUND"));
    let jfrog = MemoryIo::shop(open(Profile::jfrog()));
    assert_eq!(send(&jfrog, "HEAD", target, &[], "").status, 403);
    assert_eq!(get(&jfrog, target).status, 404);
}

#[test]
fn gitea_asks_for_everything_in_two_ways_at_once() {
    let io = MemoryIo::shop(Profile::gitea());
    let challenge = get(&io, TAGS).header("www-authenticate").to_owned();
    assert_eq!(
        challenge,
        "Bearer realm=\"http://registry.example/v2/token\",service=\"container_registry\",scope=\"*\",Basic realm=\"Gitea Package API\""
    );
    let user = "Basic ZGVtbzpkZW1vLXBhc3N3b3Jk";
    let (_, page) = with_token(&io, Some(user), TAGS);
    assert_eq!(page.unwrap().status, 200);
    assert_eq!(
        send(&io, "GET", TAGS, &[("authorization", user)], "").status,
        200
    );
}

#[test]
fn sha512_is_taken_where_the_registry_knows_it() {
    use sha2::Digest as _;
    let name = format!("sha512:{}", hex(&sha2::Sha512::digest(b"hello")));
    for (profile, status) in [(Profile::zot(), 201), (Profile::distribution_3(), 400)] {
        let io = MemoryIo::shop(profile);
        let target = format!("/v2/shop/web/blobs/uploads/?digest={name}");
        assert_eq!(send(&io, "POST", &target, &[], "hello").status, status);
        let wrong = send(&io, "POST", &target, &[], "world");
        assert_eq!(wrong.status, 400);
        let read = get(&io, &format!("/v2/shop/web/blobs/{name}"));
        assert_eq!(read.status, if status == 201 { 200 } else { 404 });
    }
    assert_ne!(digest(b"hello"), name);
}
