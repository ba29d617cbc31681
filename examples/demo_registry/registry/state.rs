//! What a registry holds.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use time::OffsetDateTime;

use super::content::{self, Content};

/// Everything a registry holds between two requests.
#[derive(Clone, Default)]
pub(crate) struct State {
    /// Repositories by name. An emptied one stays, as it does in every registry met so far.
    pub(crate) repositories: BTreeMap<String, Repository>,
    /// Open upload sessions by id.
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// Issued tokens by their text.
    pub(crate) tokens: BTreeMap<String, Token>,
    /// When manifests were read by GET, oldest first, where that counts.
    pub(crate) pulls: Vec<OffsetDateTime>,
    issued: u64,
}

/// One repository.
#[derive(Clone, Default)]
pub(crate) struct Repository {
    /// Tags by name.
    pub(crate) tags: BTreeMap<String, Tag>,
    /// Manifests by digest.
    pub(crate) manifests: BTreeMap<String, Manifest>,
    /// Blobs by digest. Deleting a manifest leaves them, as until the next garbage collection.
    pub(crate) blobs: BTreeMap<String, Content>,
    /// Whether only the user may see it, where a registry tells public and private apart.
    pub(crate) private: bool,
    tagged: u64,
}

/// Where a tag points.
#[derive(Clone)]
pub(crate) struct Tag {
    /// The manifest's digest.
    pub(crate) digest: String,
    /// Whether it must neither move nor go, where a registry has such a thing.
    pub(crate) locked: bool,
    /// The older tag has the smaller number.
    pub(super) number: u64,
}

/// One stored manifest.
#[derive(Clone)]
pub(crate) struct Manifest {
    /// The media type it was pushed with.
    pub(crate) media_type: String,
    /// The bytes as pushed.
    pub(crate) bytes: Bytes,
    /// When this registry got it first.
    pub(crate) uploaded: OffsetDateTime,
}

/// An upload session.
#[derive(Clone)]
pub(crate) struct Upload {
    /// The repository it was opened for.
    pub(crate) repository: String,
    /// The bytes received.
    pub(crate) bytes: Vec<u8>,
    /// In how many pieces.
    pub(crate) pieces: usize,
    /// Whether the last of them was shorter than the registry takes, unless it is the last.
    pub(crate) is_short: bool,
}

/// A bearer token.
#[derive(Clone)]
pub(crate) struct Token {
    /// Pairs of repository and actions.
    pub(crate) access: Vec<(String, Vec<String>)>,
    /// When it ends.
    pub(crate) expires: OffsetDateTime,
}

impl State {
    /// The repository, made when it is new.
    pub(crate) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    /// An id that was not given out before: the same in every run, so that tests can name it.
    pub(crate) fn next_id(&mut self) -> String {
        self.issued += 1;
        let id = content::digest(&self.issued.to_be_bytes());
        id.trim_start_matches("sha256:").chars().take(32).collect()
    }
}

impl Repository {
    /// The digest that `reference`, a tag or a digest, stands for, whether or not it is held.
    pub(crate) fn resolve(&self, reference: &str) -> Option<String> {
        if reference.contains(':') {
            return Some(reference.to_owned());
        }
        self.tags.get(reference).map(|tag| tag.digest.clone())
    }

    /// Keeps a manifest and returns its digest.
    pub(crate) fn put_manifest(
        &mut self,
        media_type: &str,
        bytes: Bytes,
        uploaded: OffsetDateTime,
    ) -> String {
        let digest = content::digest(&bytes);
        self.put_manifest_at(&digest, media_type, bytes, uploaded);
        digest
    }

    /// Keeps a manifest under a digest that was compared with its bytes.
    pub(crate) fn put_manifest_at(
        &mut self,
        digest: &str,
        media_type: &str,
        bytes: Bytes,
        uploaded: OffsetDateTime,
    ) {
        self.manifests
            .entry(digest.to_owned())
            .or_insert_with(|| Manifest {
                media_type: media_type.to_owned(),
                bytes,
                uploaded,
            });
    }

    /// Points a tag at a digest.
    pub(crate) fn tag(&mut self, name: &str, digest: &str) {
        self.tagged += 1;
        let number = self.tags.get(name).map_or(self.tagged, |tag| tag.number);
        let tag = Tag {
            digest: digest.to_owned(),
            locked: false,
            number,
        };
        self.tags.insert(name.to_owned(), tag);
    }

    /// Locks a tag, where it is there.
    pub(crate) fn lock(&mut self, name: &str) {
        if let Some(tag) = self.tags.get_mut(name) {
            tag.locked = true;
        }
    }

    /// The names of the tags that point at `digest`, sorted.
    pub(crate) fn tags_of(&self, digest: &str) -> Vec<&str> {
        self.tags
            .iter()
            .filter(|(_, tag)| tag.digest == digest)
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Whether an index of this repository names `digest`.
    pub(crate) fn has_parent(&self, digest: &str) -> bool {
        self.manifests
            .values()
            .any(|manifest| manifest.children().iter().any(|child| child == digest))
    }
}

impl Manifest {
    /// The manifest as JSON; `null` when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The digests of an index's manifests.
    pub(crate) fn children(&self) -> Vec<String> {
        let json = self.json();
        let manifests = json["manifests"].as_array().into_iter().flatten();
        manifests.filter_map(digest_in).collect()
    }

    /// The digests of config and layers; layers that are kept elsewhere by their nature are not
    /// this registry's business.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let json = self.json();
        let elsewhere = |layer: &Value| {
            let media_type = layer["mediaType"].as_str().unwrap_or_default();
            media_type.contains("nondistributable") || media_type.contains(".foreign.")
        };
        let layers = json["layers"].as_array().into_iter().flatten();
        layers
            .filter(|layer| !elsewhere(layer))
            .chain([&json["config"]])
            .filter_map(digest_in)
            .collect()
    }

    /// The digest this manifest speaks about, as a signature or an SBOM does.
    pub(crate) fn subject(&self) -> Option<String> {
        digest_in(&self.json()["subject"])
    }
}

fn digest_in(descriptor: &Value) -> Option<String> {
    Some(descriptor["digest"].as_str()?.to_owned())
}
