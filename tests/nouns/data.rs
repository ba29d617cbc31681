//! Content that a descriptor carries in `data`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use portreeve::client::{Client, Settings};
use portreeve::image;
use portreeve::oci::{Digest, Target, media_type};
use serde_json::json;

use crate::registry::{Content, Profile, State};
use crate::support::memory_io::{MemoryIo, NOON};

const CONFIG: &[u8] = br#"{"os":"linux","architecture":"riscv64"}"#;

/// The platform of an image whose config's descriptor carries `data`, and the requests for it.
fn described(data: &[u8]) -> (String, usize) {
    let mut state = State::default();
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let repository = state.repository("a");
    let name = Digest::of(CONFIG).to_string();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "layers": [],
        "config": {
            "mediaType": media_type::OCI_CONFIG, "digest": name, "size": CONFIG.len(),
            "data": STANDARD.encode(data)
        }
    });
    let bytes = manifest.to_string().into_bytes();
    let digest = repository.put_manifest(media_type::OCI_MANIFEST, bytes.into(), now);
    repository.tag("v1", &digest);
    repository
        .blobs
        .insert(name, Content::from(CONFIG.to_vec()));
    let io = MemoryIo::new(Profile::demo(), state, NOON);
    let client = Client::new(io.clone(), Settings::new("127.0.0.1:5555")).unwrap();
    let v1 = Target::Tag("v1".to_owned());
    let image = io.run(image::describe(&client, "a", &v1, None)).unwrap();
    (image.platforms[0].platform.to_string(), io.requests().len())
}

#[test]
fn a_config_that_came_along_is_not_asked_for() {
    assert_eq!(described(CONFIG), ("linux/riscv64".to_owned(), 1));
}

#[test]
fn what_came_along_and_is_another_is_left_aside() {
    let other = br#"{"os":"linux","architecture":"mips64le"}"#;
    assert_eq!(described(other), ("linux/riscv64".to_owned(), 2));
}
