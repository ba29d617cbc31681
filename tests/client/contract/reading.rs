//! Manifests, images and blobs.

use portreeve::client::Part;
use portreeve::error::Code;
use portreeve::image::describe;
use portreeve::io::Body as _;
use portreeve::oci::Content;

use super::*;

const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn tag(name: &str) -> Target {
    Target::Tag(name.to_owned())
}

fn nothing() -> Digest {
    format!("sha256:{NOTHING}").parse().unwrap()
}

#[test]
fn a_registry_that_is_there_answers() {
    for row in rows() {
        let place = row.open(Who::User);
        place.io.run(place.client.ping()).unwrap();
        assert_eq!(place.asked(), 1 + place.row.round(), "{}", place.row.id());
        assert_eq!(place.client.last_date(), Some(NOON), "{}", place.row.id());
    }
}

#[test]
fn a_head_shows_the_digest_and_costs_one_request() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let head = place
            .io
            .run(place.client.head("shop/web", &tag("v1.4.2")))
            .unwrap()
            .unwrap();
        let web = place.repository("shop/web");
        let stored = &web.manifests[&head.digest.to_string()];
        assert_eq!(head.digest, place.shown("v1.4.2"), "{}", place.row.id());
        assert_eq!(head.media_type, stored.media_type, "{}", place.row.id());
        assert_eq!(head.size, stored.bytes.len() as u64, "{}", place.row.id());
        let one = place.asked() == 1;
        assert!(
            allows(place.row.says.names_digests, one),
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn a_manifest_has_the_bytes_that_were_pushed() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let digest = place.shown("v1.4.2");
        for target in [tag("v1.4.2"), Target::Digest(digest)] {
            let manifest = place
                .io
                .run(place.client.manifest("shop/web", &target))
                .unwrap()
                .unwrap();
            let web = place.repository("shop/web");
            let stored = &web.manifests[&digest.to_string()];
            assert_eq!(
                manifest.bytes(),
                &stored.bytes,
                "{} {target}",
                place.row.id()
            );
            assert_eq!(manifest.digest(), digest, "{}", place.row.id());
            assert_eq!(place.asked(), 1, "{} {target}", place.row.id());
        }
    }
}

#[test]
fn an_index_leads_to_its_images_and_their_configs() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let index = place
            .io
            .run(place.client.manifest("shop/web", &tag("v1.4.2")))
            .unwrap()
            .unwrap();
        let Content::Index(content) = index.content() else {
            panic!("{}: no index", place.row.id())
        };
        let images: Vec<Digest> = content.images().map(|image| image.digest).collect();
        assert_eq!(place.asked(), 1, "{}", place.row.id());
        let shown = place
            .io
            .run(describe(&place.client, "shop/web", &tag("v1.4.2"), None))
            .unwrap();
        let platforms: Vec<Digest> = shown.platforms.iter().map(|one| one.digest).collect();
        assert_eq!(platforms, images, "{}", place.row.id());
        assert!(shown.created.is_some(), "{}", place.row.id());
        let both = images.len() * 2;
        assert_eq!(place.asked(), 1 + both, "{}", place.row.id());
    }
}

#[test]
fn a_blob_has_the_bytes_that_were_pushed() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let web = place.repository("shop/web");
        let (name, stored) = web.blobs.iter().next().unwrap();
        let digest: Digest = name.parse().unwrap();
        let bytes = place.io.run(async {
            let blob = place.client.blob("shop/web", &digest).await.unwrap();
            assert_eq!(blob.size, Some(stored.length()), "{}", place.row.id());
            blob.body.bytes(1 << 24).await.unwrap()
        });
        assert_eq!(bytes, stored.bytes(), "{}", place.row.id());
        assert_eq!(place.asked(), 1, "{}", place.row.id());
    }
}

#[test]
fn a_part_of_a_blob_and_its_size_are_told_without_the_rest() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let web = place.repository("shop/web");
        let large = web.blobs.iter().find(|(_, blob)| blob.length() > 20);
        let (name, stored) = large.unwrap();
        let digest: Digest = name.parse().unwrap();
        let head = place.io.run(place.client.blob_head("shop/web", &digest));
        assert_eq!(
            head.unwrap().unwrap().size,
            Some(stored.length()),
            "{}",
            place.row.id()
        );
        assert_eq!(place.asked(), 1, "{}", place.row.id());
        let part = place.io.run(async {
            let part = Part {
                from: 5,
                to: Some(9),
            };
            let blob = place
                .client
                .blob_part("shop/web", &digest, part)
                .await
                .unwrap();
            blob.body.bytes(1 << 20).await.unwrap()
        });
        assert_eq!(part, stored.bytes()[5..9], "{}", place.row.id());
        assert_eq!(place.asked(), 1, "{}", place.row.id());
        let missing = place.io.run(place.client.blob_head("shop/web", &nothing()));
        assert_eq!(missing.unwrap(), None, "{}", place.row.id());
    }
}

#[test]
fn a_blob_that_lies_elsewhere_is_fetched_there_without_a_credential() {
    for mut row in rows() {
        row.imitation.blob_redirect = Some("https://storage.example/_storage".to_owned());
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let web = place.repository("shop/web");
        let (name, stored) = web.blobs.iter().next().unwrap();
        let bytes = place.io.run(async {
            let digest = name.parse().unwrap();
            let blob = place.client.blob("shop/web", &digest).await.unwrap();
            blob.body.bytes(1 << 24).await.unwrap()
        });
        assert_eq!(bytes, stored.bytes(), "{}", place.row.id());
        let requests = place.io.requests();
        let [home, elsewhere] = requests.as_slice() else {
            panic!("{}: {} requests", place.row.id(), requests.len())
        };
        let proof = place.row.round() > 0;
        assert_eq!(home.authorization.is_some(), proof, "{}", place.row.id());
        assert_eq!(elsewhere.host, "storage.example", "{}", place.row.id());
        assert_eq!(elsewhere.authorization, None, "{}", place.row.id());
    }
}

#[test]
fn what_is_missing_is_nothing_or_not_found() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        for target in [tag("none"), Target::Digest(nothing())] {
            let head = place.io.run(place.client.head("shop/web", &target));
            assert_eq!(head.unwrap(), None, "{} {target}", place.row.id());
            let manifest = place.io.run(place.client.manifest("shop/web", &target));
            assert!(manifest.unwrap().is_none(), "{} {target}", place.row.id());
        }
        let blob = place.io.run(place.client.blob("shop/web", &nothing()));
        assert_eq!(
            blob.err().unwrap().code(),
            Code::NotFound,
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn a_missing_repository_is_not_found_or_nobodys_business() {
    for who in [Who::User, Who::Nobody] {
        for row in rows() {
            if who == Who::Nobody && !row.is_public() {
                continue;
            }
            let place = row.open(who);
            let head = place.io.run(place.client.head("shop/none", &tag("latest")));
            let tags = place.io.run(place.client.tags("shop/none").next_page());
            let found = tags.unwrap_err().code();
            let told = match found {
                Code::NotFound => head.unwrap().is_none(),
                Code::Unauthorized => head.unwrap_err().code() != found,
                _ => panic!("{} {who:?}: {found}", place.row.id()),
            };
            let is_user = who == Who::User;
            assert!(
                allows(place.row.says.tells_missing, told) || (is_user && told),
                "{} {who:?}: {found}",
                place.row.id()
            );
        }
    }
}
