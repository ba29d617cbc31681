//! `portreeve.backup/1`: everything that puts a group back, kept before the first deletion of it.
//!
//! Manifests are small and are kept whole. Layers and configs are not: they stay in the registry
//! until it collects them, and that is how long a deletion can be undone.

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::store::{Store, paths};
use crate::{
    error::{Code, Error, Result},
    oci::{Digest, Manifest},
    sorted,
    timestamp::Timestamp,
};

/// The name and version of the document.
pub(super) const FORMAT: &str = "portreeve.backup/1";

/// The back-up of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Backup {
    /// Always `portreeve.backup/1`.
    pub format: String,
    /// The run that deletes the group.
    pub run: String,
    /// The registry.
    pub host: String,
    /// The repository's path there.
    pub repository: String,
    /// The group's root.
    pub group: Digest,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The group's manifests, those that other groups share among them.
    pub manifests: Vec<Saved>,
}

/// One manifest of a back-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Saved {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// The tags that point there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its bytes, as base64 in JSON.
    #[serde(serialize_with = "encode", deserialize_with = "decode")]
    pub bytes: Bytes,
}

impl Saved {
    /// The digests that must be there before it: what it lists and what it speaks of.
    fn needs(&self) -> Vec<Digest> {
        let Ok(manifest) = Manifest::parse(&self.media_type, self.bytes.clone()) else {
            return Vec::new();
        };
        let children = manifest.children().map(|child| child.digest);
        let subject = manifest.subject().map(|subject| subject.digest);
        children.chain(subject).collect()
    }
}

impl Backup {
    /// The name under which the store keeps it.
    pub(super) fn key(host: &str, repository: &str, group: &Digest) -> String {
        let repository = repository.replace('/', "+");
        format!("{}+{repository}@{}.json", paths::folder(host), group.hex())
    }

    /// Writes it, reads it back and compares.
    ///
    /// # Errors
    ///
    /// `storage_failed` where what comes back is not what was written.
    pub(super) async fn keep(&self, store: &impl Store) -> Result<()> {
        let text = serde_json::to_string(self)
            .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        let path = self.path();
        store.write(&path, &text).await?;
        if store.read(&path).await?.as_deref() == Some(&*text) {
            Ok(())
        } else {
            Err(Error::new(
                Code::StorageFailed,
                format!("{path} does not read back as it was written"),
            )
            .doing("backing up a group")
            .next("nothing of it was deleted; look after the store of the state"))
        }
    }

    /// Reads one back, and proves that each manifest is what its digest names.
    pub(super) async fn load(store: &impl Store, path: &str) -> Result<Self> {
        let wrong = |problem: &str| {
            Error::new(Code::StorageFailed, format!("{path}: {problem}"))
                .doing("reading a back-up")
                .next("it cannot be used; the others of the run still can")
        };
        let text = store.read(path).await?.ok_or_else(|| wrong("it is gone"))?;
        let backup: Self =
            serde_json::from_slice(text.as_bytes()).map_err(|error| wrong(&error.to_string()))?;
        if backup.format != FORMAT {
            return Err(wrong(&format!("its format is {}", backup.format)));
        }
        let broken = backup
            .manifests
            .iter()
            .find(|saved| !saved.digest.names(&saved.bytes));
        match broken {
            Some(saved) => Err(wrong(&format!("{} has other bytes", saved.digest))),
            None => Ok(backup),
        }
    }

    pub(super) fn path(&self) -> String {
        let key = Self::key(&self.host, &self.repository, &self.group);
        format!("{}/{key}", paths::backups(&self.run))
    }

    /// The manifests in the order in which they can be put: children before indexes, subjects
    /// before what speaks of them.
    pub(super) fn in_order(&self) -> Vec<&Saved> {
        let needs = self.manifests.iter();
        let needs = sorted::map(needs.map(|saved| (saved.digest, saved.needs())));
        let mut ordered = Vec::new();
        let mut put = BTreeSet::new();
        let mut waiting: Vec<&Saved> = self.manifests.iter().collect();
        while !waiting.is_empty() {
            let is_ready = |saved: &&Saved| {
                let needs = needs.get(&saved.digest).into_iter().flatten();
                needs
                    .into_iter()
                    .all(|digest| put.contains(digest) || !needs_of(&waiting, digest))
            };
            let (ready, rest): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(is_ready);
            // digests cannot name each other in a circle; should they, the order is theirs
            let ready = if ready.is_empty() {
                rest.clone()
            } else {
                ready
            };
            put.extend(ready.iter().map(|saved| saved.digest));
            waiting = rest
                .into_iter()
                .filter(|saved| !put.contains(&saved.digest))
                .collect();
            ordered.extend(ready);
        }
        ordered
    }

    /// A manifest with everything below it; for the root the whole group.
    pub(super) fn closure(&self, digest: &Digest) -> BTreeSet<Digest> {
        if *digest == self.group {
            return sorted::set(self.manifests.iter().map(|saved| saved.digest));
        }
        let mut closure = BTreeSet::new();
        let mut open = vec![*digest];
        while let Some(digest) = open.pop() {
            let saved = self.manifests.iter().find(|saved| saved.digest == digest);
            if let Some(saved) = saved.filter(|_| closure.insert(digest)) {
                open.extend(saved.needs());
            }
        }
        closure
    }
}

fn needs_of(waiting: &[&Saved], digest: &Digest) -> bool {
    waiting.iter().any(|saved| saved.digest == *digest)
}

fn encode<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = BASE64_STANDARD.decode(text).map_err(D::Error::custom)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cleanup::MemoryStore, oci::media_type};

    fn saved(text: String, media_type: &str) -> Saved {
        Saved {
            digest: Digest::of(text.as_bytes()),
            media_type: media_type.to_owned(),
            tags: Vec::new(),
            bytes: text.into(),
        }
    }

    fn descriptor(of: &Saved) -> String {
        format!(
            r#"{{"mediaType":"{}","digest":"{}","size":{}}}"#,
            of.media_type,
            of.digest,
            of.bytes.len()
        )
    }

    fn group() -> Backup {
        let child = saved(r#"{"layers":[]}"#.to_owned(), media_type::OCI_MANIFEST);
        let inner = saved(
            format!(r#"{{"manifests":[{}]}}"#, descriptor(&child)),
            media_type::OCI_INDEX,
        );
        let root = saved(
            format!(r#"{{"manifests":[{}]}}"#, descriptor(&inner)),
            media_type::OCI_INDEX,
        );
        let sbom = saved(
            format!(r#"{{"layers":[],"subject":{}}}"#, descriptor(&root)),
            media_type::OCI_MANIFEST,
        );
        Backup {
            format: FORMAT.to_owned(),
            run: "run".to_owned(),
            host: "127.0.0.1:5000".to_owned(),
            repository: "team/web".to_owned(),
            group: root.digest,
            taken_at: Timestamp::from_seconds(0),
            manifests: vec![root, sbom, inner, child],
        }
    }

    #[test]
    fn what_others_name_comes_first() {
        let group = group();
        let place = |at: usize| {
            let digest = group.manifests[at].digest;
            let mut ordered = group.in_order().into_iter();
            ordered.position(|saved| saved.digest == digest).unwrap()
        };
        let [root, sbom, inner, child] = [0, 1, 2, 3].map(place);
        assert!(child < inner && inner < root && root < sbom);
    }

    #[test]
    fn a_closure_goes_down_and_that_of_the_root_is_the_group() {
        let group = group();
        assert_eq!(group.closure(&group.group).len(), 4);
        assert_eq!(group.closure(&group.manifests[2].digest).len(), 2);
        assert_eq!(group.closure(&group.manifests[3].digest).len(), 1);
    }

    #[test]
    fn it_reads_back_and_a_changed_byte_is_noticed() {
        let (group, store) = (group(), MemoryStore::default());
        futures_executor::block_on(async {
            group.keep(&store).await.unwrap();
            let path = group.path();
            assert!(path.starts_with("runs/run/backup/127.0.0.1_5000+team+web@"));
            assert_eq!(Backup::load(&store, &path).await.unwrap(), group);
            let text = store.read(&path).await.unwrap().unwrap();
            let bytes = BASE64_STANDARD.encode(&group.manifests[3].bytes);
            let other = BASE64_STANDARD.encode(r#"{"layers":{}}"#);
            store
                .write(&path, &text.replace(&bytes, &other))
                .await
                .unwrap();
            let error = Backup::load(&store, &path).await.unwrap_err();
            assert_eq!(error.code(), Code::StorageFailed);
        });
    }
}
