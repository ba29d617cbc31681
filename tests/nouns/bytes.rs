//! What was read is what is written again: documents byte by byte, descriptors field by field.

use portreeve::oci::{Algorithm, Content, Descriptor, Digest, ImageConfig, Manifest, media_type};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON, as somebody's extension may be.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Fields that no specification knows.
fn extensions() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("x-[a-z\\PC]{0,6}", anything(), 0..3)
        .prop_map(|map| map.into_iter().collect())
}

fn with(mut document: Value, fields: Map<String, Value>) -> Value {
    if let Value::Object(known) = &mut document {
        known.extend(fields);
    }
    document
}

fn platform() -> impl Strategy<Value = Value> {
    (
        prop::sample::subsequence(vec!["variant", "os.version"], 0..=2),
        prop::sample::subsequence(vec!["os.features", "features"], 0..=2),
        extensions(),
    )
        .prop_map(|(texts, lists, more)| {
            let mut platform = json!({ "os": "linux", "architecture": "arm" });
            for key in texts {
                platform[key] = "v7".into();
            }
            for key in lists {
                platform[key] = json!(["one", "two"]);
            }
            with(platform, more)
        })
}

fn descriptor() -> impl Strategy<Value = Value> {
    let media_type = prop::sample::select(vec![
        media_type::OCI_MANIFEST,
        media_type::OCI_INDEX,
        media_type::OCI_CONFIG,
        media_type::BUILDKIT_CACHE_CONFIG,
        "application/vnd.oci.image.layer.v1.tar+zstd",
    ]);
    (
        media_type,
        any::<u64>(),
        any::<bool>(),
        prop::option::of(platform()),
        prop::option::of(prop::collection::btree_map(
            "[a-z.]{1,9}",
            "\\PC{0,9}",
            1..3,
        )),
        prop::option::of("[a-z/]{1,9}"),
        extensions(),
    )
        .prop_map(
            |(kind, size, long, platform, annotations, artifact, more)| {
                let bytes = size.to_le_bytes();
                let digest = if long {
                    Algorithm::Sha512.digest_of(&bytes)
                } else {
                    Digest::of(&bytes)
                };
                let mut found = json!({ "mediaType": kind, "digest": digest, "size": size });
                for (key, value) in [
                    ("platform", platform),
                    ("annotations", annotations.map(|texts| json!(texts))),
                    ("artifactType", artifact.map(Value::from)),
                    ("urls", long.then(|| json!(["https://mirror.example/a"]))),
                ] {
                    if let Some(value) = value {
                        found[key] = value;
                    }
                }
                with(found, more)
            },
        )
}

fn index() -> impl Strategy<Value = Value> {
    (
        prop::collection::vec(descriptor(), 0..4),
        prop::option::of(descriptor()),
        extensions(),
    )
        .prop_map(|(manifests, subject, more)| {
            let mut found = json!({
                "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": manifests
            });
            if let Some(subject) = subject {
                found["subject"] = subject;
            }
            with(found, more)
        })
}

fn image() -> impl Strategy<Value = Value> {
    (
        descriptor(),
        prop::collection::vec(descriptor(), 0..4),
        extensions(),
    )
        .prop_map(|(config, layers, more)| {
            let found = json!({ "schemaVersion": 2, "config": config, "layers": layers });
            with(found, more)
        })
}

fn config() -> impl Strategy<Value = Value> {
    (
        prop::collection::vec("[A-Z]{1,4}=\\PC{0,9}", 0..3),
        prop::collection::vec(any::<bool>(), 0..3),
        extensions(),
    )
        .prop_map(|(env, steps, more)| {
            let step = |empty: &bool| json!({ "created_by": "RUN x", "empty_layer": empty });
            let history: Vec<Value> = steps.iter().map(step).collect();
            let found = json!({
                "os": "linux", "architecture": "arm64", "config": { "Env": env }, "history": history
            });
            with(found, more)
        })
}

/// The document as some builder writes it: packed or spread, with or without a line end.
fn written(document: &Value, spread: bool) -> Vec<u8> {
    if spread {
        let mut bytes = serde_json::to_vec_pretty(document).unwrap();
        bytes.extend_from_slice(b"\r\n");
        bytes
    } else {
        serde_json::to_vec(document).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_descriptor_loses_nothing(document in descriptor()) {
        let read: Descriptor = serde_json::from_value(document.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), document);
    }

    #[test]
    fn an_index_keeps_its_bytes(document in index(), spread: bool) {
        let bytes = written(&document, spread);
        let manifest = Manifest::parse("", bytes.clone().into()).unwrap();
        prop_assert_eq!(manifest.bytes(), &bytes);
        prop_assert!(manifest.digest().names(&bytes));
        let Content::Index(index) = manifest.content() else {
            panic!("no index: {document}")
        };
        prop_assert_eq!(&json!(index.manifests), &document["manifests"]);
        prop_assert_eq!(&json!(index.subject), &document["subject"]);
    }

    #[test]
    fn an_image_keeps_its_bytes(document in image(), spread: bool) {
        let bytes = written(&document, spread);
        let manifest = Manifest::parse(media_type::OCI_MANIFEST, bytes.clone().into()).unwrap();
        prop_assert_eq!(manifest.bytes(), &bytes);
        let image = manifest.image().unwrap();
        prop_assert_eq!(&json!(image.config), &document["config"]);
        prop_assert_eq!(&json!(image.layers), &document["layers"]);
    }

    #[test]
    fn a_config_keeps_its_bytes_and_every_field(document in config(), spread: bool) {
        let bytes = written(&document, spread);
        let config = ImageConfig::parse(&bytes).unwrap();
        prop_assert_eq!(config.bytes(), &bytes);
        prop_assert_eq!(&config.document, &document);
        prop_assert_eq!(&json!(config.execution().unwrap().env), &document["config"]["Env"]);
        let steps = config.history().unwrap();
        let written = document["history"].as_array().unwrap();
        for (step, written) in steps.iter().zip(written) {
            prop_assert_eq!(&json!(step.empty_layer), &written["empty_layer"]);
        }
        prop_assert_eq!(steps.len(), written.len());
    }
}
