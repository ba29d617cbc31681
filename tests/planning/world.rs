//! What is decided about, as plain values: nothing here is the engine's.

use std::collections::BTreeMap;
use std::fmt;

use portreeve::oci::{Digest, Kind};
use serde_json::Value;

/// One job: its policy, its repositories, and what is known from outside. Times are seconds since
/// 1970.
#[derive(Clone)]
pub(crate) struct World {
    /// The policy's document.
    pub(crate) policy: Value,
    pub(crate) repositories: Vec<Repository>,
    pub(crate) reports: Vec<Report>,
    pub(crate) caps: Caps,
    pub(crate) now: i64,
    /// The same job as it was at an earlier time; what it condemned is remembered.
    pub(crate) before: Option<Box<World>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) share: u32,
    pub(crate) survivors: u32,
    pub(crate) deletions: u32,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone)]
pub(crate) struct Repository {
    pub(crate) host: String,
    pub(crate) name: String,
    pub(crate) complete: bool,
    pub(crate) lists_untagged: bool,
    pub(crate) records_pushed: bool,
    pub(crate) records_tag_pushed: bool,
    pub(crate) taken_at: i64,
    pub(crate) watched_since: i64,
    pub(crate) unreadable_tags: Vec<String>,
    /// The keys that were read; of others nothing is known.
    pub(crate) annotation_keys: Vec<String>,
    pub(crate) label_keys: Vec<String>,
    pub(crate) images: Vec<Image>,
    pub(crate) runs: Vec<Run>,
}

/// What an earlier run deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) at: i64,
    pub(crate) groups_before: u64,
    pub(crate) groups_deleted: u64,
}

#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) digest: Digest,
    pub(crate) kind: Kind,
    pub(crate) children: Vec<Digest>,
    pub(crate) subject: Option<Digest>,
    pub(crate) fallback_for: Option<Digest>,
    pub(crate) config: Option<Digest>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) created: Option<i64>,
    pub(crate) first_seen: Option<i64>,
    pub(crate) pulled: Option<i64>,
    pub(crate) pushed: Option<i64>,
    pub(crate) no_delete: bool,
    pub(crate) unreadable: bool,
    pub(crate) platform: Option<String>,
    pub(crate) annotations: Option<BTreeMap<String, String>>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) first_seen: Option<i64>,
    pub(crate) pushed: Option<i64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) required: bool,
    /// Seconds.
    pub(crate) max_age: i64,
    pub(crate) min: u64,
    /// Percent.
    pub(crate) max_shrink: Option<u32>,
    pub(crate) previous_size: Option<u64>,
    pub(crate) given: Option<Given>,
}

/// A report that came in: of strings or of what runs.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) taken_at: i64,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Strings(Vec<String>),
    Uses(Vec<Use>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    Digest(Digest),
    /// `host/path:tag`, of a running container or of a template.
    Reference {
        text: String,
        running: bool,
    },
    /// An image id, as container runtimes report it.
    Image(Digest),
    Unresolved(String),
}

impl fmt::Debug for World {
    /// What a person needs to see a difference: one line an image, and nothing that is as usual.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "policy {}\nat {}, {:?}",
            self.policy, self.now, self.caps
        )?;
        for report in &self.reports {
            writeln!(formatter, "{report:?}")?;
        }
        for repository in &self.repositories {
            writeln!(formatter, "{repository:?}")?;
        }
        match &self.before {
            Some(before) => write!(formatter, "BEFORE: {before:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [
            ("complete", self.complete),
            ("lists_untagged", self.lists_untagged),
            ("records_pushed", self.records_pushed),
            ("records_tag_pushed", self.records_tag_pushed),
        ];
        let flags: Vec<_> = flags
            .into_iter()
            .filter(|(_, is_so)| *is_so)
            .map(|(flag, _)| flag)
            .collect();
        let Self {
            host,
            name,
            taken_at,
            watched_since,
            ..
        } = self;
        writeln!(
            formatter,
            "{host}/{name}: {flags:?} taken {taken_at}, watched since {watched_since}"
        )?;
        writeln!(
            formatter,
            "  unreadable tags {:?}, runs {:?}",
            self.unreadable_tags, self.runs
        )?;
        writeln!(
            formatter,
            "  keys {:?} {:?}",
            self.annotation_keys, self.label_keys
        )?;
        self.images
            .iter()
            .try_for_each(|image| writeln!(formatter, "  {image:?}"))
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |digest: &Digest| digest.hex()[..4].to_owned();
        write!(formatter, "{} {}", short(&self.digest), self.kind.as_str())?;
        for (field, digests) in [
            ("children", self.children.iter().collect::<Vec<_>>()),
            ("subject", self.subject.iter().collect()),
            ("fallback for", self.fallback_for.iter().collect()),
            ("config", self.config.iter().collect()),
        ] {
            if !digests.is_empty() {
                write!(
                    formatter,
                    " {field} {}",
                    digests.into_iter().map(short).collect::<Vec<_>>().join(",")
                )?;
            }
        }
        for tag in &self.tags {
            write!(
                formatter,
                " [{} seen {:?} pushed {:?}]",
                tag.name, tag.first_seen, tag.pushed
            )?;
        }
        for (fact, time) in [
            ("created", self.created),
            ("seen", self.first_seen),
            ("pulled", self.pulled),
            ("pushed", self.pushed),
        ] {
            write!(
                formatter,
                " {fact} {}",
                time.map_or("-".to_owned(), |time| time.to_string())
            )?;
        }
        if self.no_delete || self.unreadable {
            write!(
                formatter,
                " locked {} unreadable {}",
                self.no_delete, self.unreadable
            )?;
        }
        write!(
            formatter,
            " {:?} {:?} {:?}",
            self.platform, self.annotations, self.labels
        )
    }
}
