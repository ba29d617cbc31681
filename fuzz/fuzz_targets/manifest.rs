//! Manifests of every kind and image configs. The first byte chooses what it was sent as.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::oci::{Content, Descriptor, ImageConfig, Manifest, Platform, media_type};

const SENT_AS: [&str; 8] = [
    media_type::OCI_MANIFEST,
    media_type::OCI_INDEX,
    media_type::DOCKER_MANIFEST,
    media_type::DOCKER_LIST,
    media_type::OCI_ARTIFACT,
    media_type::DOCKER_SCHEMA_1,
    "application/json; charset=utf-8",
    media_type::OCI_CONFIG,
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let sent_as = SENT_AS[usize::from(*choice) % SENT_AS.len()];
    if sent_as == media_type::OCI_CONFIG {
        config(bytes);
        return;
    }
    let Ok(manifest) = Manifest::parse(sent_as, bytes.to_vec().into()) else {
        return;
    };
    assert_eq!(manifest.bytes(), bytes);
    assert!(manifest.digest().names(bytes));
    let again = Manifest::parse(manifest.media_type(), manifest.bytes().clone());
    assert_eq!(again.expect("it was read before"), manifest);

    let wanted = Platform::new("linux", "arm64");
    let mut named: Vec<&Descriptor> = manifest.children().chain(manifest.subject()).collect();
    match manifest.content() {
        Content::Index(index) => {
            named.extend(&index.manifests);
            let chosen = index.image_for(&wanted);
            assert!(chosen.is_none_or(Descriptor::is_manifest));
            assert_eq!(
                index.manifests.len(),
                index.blobs().count() + manifest.children().count()
            );
        }
        Content::Image(image) => {
            named.extend(image.config.iter().chain(&image.layers));
            assert!(manifest.image().is_ok());
        }
        _ => assert!(manifest.index().is_err() && manifest.image().is_err()),
    }
    for descriptor in named {
        let text = serde_json::to_string(descriptor).expect("JSON");
        let read: Descriptor = serde_json::from_str(&text).expect("what was written");
        assert_eq!(&read, descriptor);
        if let Ok(Some(content)) = descriptor.embedded() {
            assert!(descriptor.digest.names(&content));
        }
    }
    let _ = (manifest.artifact_type(), manifest.is_build_cache());
});

fn config(bytes: &[u8]) {
    let Ok(config) = ImageConfig::parse(bytes) else {
        return;
    };
    assert_eq!(config.bytes(), bytes);
    let _ = (config.execution(), config.root_fs(), config.history());
    if let Some(platform) = &config.platform {
        assert_eq!(platform.normalised().normalised(), platform.normalised());
    }
}
