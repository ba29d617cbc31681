//! A repository small enough to be disturbed at every single request.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{WEB, mission::Mission};
use crate::{
    registry::{Content, Profile, State, content, state::Repository},
    support::memory_io::{MemoryIo, NOON},
};
use portreeve::plan::Plan;

const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const SIGNATURE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SBOM: &str = "application/spdx+json";

const POLICY: &str = r#"{
  "minimumAge": { "created": "48h" },
  "keep": [{ "name": "releases", "tags": "v*" }, { "name": "latest", "tags": "latest" }],
  "delete": [{ "name": "old", "tags": "old-*", "olderThan": { "created": "30d" } }] }"#;

pub(super) fn noon() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap()
}

/// Pushes an image of this name, a year old, and gives its digest.
pub(super) fn image(repository: &mut Repository, name: &str) -> String {
    let pushed = noon() - Duration::days(365);
    let config = json!({
        "created": "2025-11-24T12:00:00Z", "os": "linux", "architecture": "amd64", "name": name,
    });
    let config = blob(repository, config.to_string());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_IMAGE, "layers": [],
        "config": { "mediaType": CONFIG, "digest": config.0, "size": config.1 },
    });
    repository.put_manifest(OCI_IMAGE, manifest.to_string().into(), pushed)
}

/// Pushes an index of these manifests.
pub(super) fn index(repository: &mut Repository, children: &[&String]) -> String {
    let pushed = noon() - Duration::days(365);
    let children: Vec<Value> = children
        .iter()
        .map(|child| {
            let manifest = &repository.manifests[*child];
            json!({
                "mediaType": manifest.media_type, "digest": child, "size": manifest.bytes.len(),
                "platform": { "os": "linux", "architecture": "amd64" },
            })
        })
        .collect();
    let manifest = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children });
    repository.put_manifest(OCI_INDEX, manifest.to_string().into(), pushed)
}

/// Signs as cosign does, under its fallback tag.
pub(super) fn sign(repository: &mut Repository, subject: &str) -> String {
    let payload = blob(repository, format!("signature of {subject}"));
    let config = blob(repository, "{}".to_owned());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_IMAGE,
        "config": { "mediaType": CONFIG, "digest": config.0, "size": config.1 },
        "layers": [{ "mediaType": SIGNATURE, "digest": payload.0, "size": payload.1 }],
    });
    let pushed = noon() - Duration::days(365);
    let digest = repository.put_manifest(OCI_IMAGE, manifest.to_string().into(), pushed);
    repository.tag(&format!("{}.sig", subject.replace(':', "-")), &digest);
    digest
}

/// Attaches an SBOM by its subject, and by the fallback tag where there is no endpoint.
pub(super) fn attach(repository: &mut Repository, subject: &str, has_endpoint: bool) -> String {
    let payload = blob(repository, format!("sbom of {subject}"));
    let config = blob(repository, "{}".to_owned());
    let size = repository
        .manifests
        .get(subject)
        .map_or(2, |manifest| manifest.bytes.len());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_IMAGE, "artifactType": SBOM,
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": config.0, "size": config.1 },
        "layers": [{ "mediaType": SBOM, "digest": payload.0, "size": payload.1 }],
        "subject": { "mediaType": OCI_INDEX, "digest": subject, "size": size },
    });
    let pushed = noon() - Duration::days(365);
    let digest = repository.put_manifest(OCI_IMAGE, manifest.to_string().into(), pushed);
    if !has_endpoint {
        let list = index(repository, &[&digest]);
        repository.tag(&subject.replace(':', "-"), &list);
    }
    digest
}

fn blob(repository: &mut Repository, text: String) -> (String, usize) {
    let (digest, size) = (content::digest(text.as_bytes()), text.len());
    let content = Content::Held(text.into());
    repository.blobs.insert(digest.clone(), content);
    (digest, size)
}

/// The names that tests speak of.
pub(super) type Names = BTreeMap<&'static str, String>;

/// Kept: `v1` (an index of `k1` and `shared`), `latest` (`solo`), `v2` (`platform`, a child of the
/// condemned index `a` with a tag of its own).
/// Condemned: `old-a` (index `a` of `a1`, `shared`, `platform`; signed, with an SBOM), `old-b` and
/// `old-b2` (image `b`), `old-c` (index `c` of `c1`, `both`; `both` is signed by `seal`), `old-d` (index `d` of `d1`, `both`),
/// `old-n` (index `n` of the index `inner` of `n1`).
pub(super) fn small(profile: Profile) -> (Mission, Names) {
    let mut state = State::default();
    let repository = state.repository(WEB);
    let mut names = Names::new();
    for name in [
        "k1", "shared", "solo", "platform", "a1", "b", "c1", "d1", "both", "n1",
    ] {
        names.insert(name, image(repository, name));
    }
    for (name, children) in [
        ("v1", &["k1", "shared"][..]),
        ("a", &["a1", "shared", "platform"]),
        ("c", &["c1", "both"]),
        ("d", &["d1", "both"]),
        ("inner", &["n1"]),
        ("n", &["inner"]),
    ] {
        let children: Vec<&String> = children.iter().map(|child| &names[child]).collect();
        let digest = index(repository, &children);
        names.insert(name, digest);
    }
    for (tag, name) in [
        ("v1", "v1"),
        ("v2", "platform"),
        ("latest", "solo"),
        ("old-a", "a"),
        ("old-b", "b"),
        ("old-b2", "b"),
        ("old-c", "c"),
        ("old-d", "d"),
        ("old-n", "n"),
    ] {
        repository.tag(tag, &names[name]);
    }
    names.insert("signature", sign(repository, &names["a"]));
    names.insert("seal", sign(repository, &names["both"]));
    names.insert("sbom", attach(repository, &names["a"], profile.referrers));
    let mut mission = Mission::with_policy(MemoryIo::new(profile, state, NOON), POLICY);
    (mission.caps.share, mission.caps.survivors) = (100, 1);
    // a first scan, so that the next one can tell how old tags are
    mission.read();
    mission.io.advance(std::time::Duration::from_hours(72));
    (mission, names)
}

/// The profiles whose ways of deleting differ.
pub(super) fn profiles() -> Vec<Profile> {
    vec![
        Profile::demo(),
        Profile::distribution_2_8(),
        Profile::distribution_3(),
        Profile::google(),
        Profile::zot(),
        Profile::ociregistry(),
    ]
}

/// A plan about to be applied, again and again from the same state.
pub(super) struct Scene {
    pub(super) profile: Profile,
    mission: Mission,
    pub(super) names: Names,
    pub(super) plan: Plan,
    state: State,
    kept: Vec<(String, String)>,
}

impl Scene {
    pub(super) fn new(profile: Profile) -> Self {
        let (mission, names) = small(profile.clone());
        let plan = mission.plan();
        let state = mission.io.registry().state.clone();
        let kept = mission.kept();
        Self {
            profile,
            mission,
            names,
            plan,
            state,
            kept,
        }
    }

    /// A mission at the same point, on a registry and with a state of its own.
    pub(super) fn again(&self) -> Mission {
        self.mission
            .again(&self.profile, self.state.clone(), &self.kept)
    }
}
