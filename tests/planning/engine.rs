//! A world as the engine is given it, and what the engine makes of it.

use portreeve::configuration::{Caps, ReportKind, ReportRule};
use portreeve::error::Error;
use portreeve::plan::inventory::{Entry, Inventory, Tag};
use portreeve::plan::policy::Policy;
use portreeve::plan::reports::{Report, Use, Used};
use portreeve::plan::{self, Condemned, GivenReport, History, Input, Plan};
use portreeve::timestamp::Timestamp;

use super::world::{self, Content, World};

/// What the engine says of a world.
pub(super) struct Answer {
    pub(super) plan: Plan,
    /// What it remembers of each repository that was read to its end.
    pub(super) condemned: Vec<Condemned>,
}

/// Plans the world, and before it, where it has one, the earlier world whose record counts.
pub(super) fn make(world: &World) -> Result<Answer, Error> {
    let condemned = match &world.before {
        Some(before) => make(before)?.condemned,
        None => Vec::new(),
    };
    let inventories: Vec<Inventory> = world.repositories.iter().map(inventory).collect();
    let policy = policy(world);
    let rules: Vec<ReportRule> = world.reports.iter().map(rule).collect();
    let reports: Vec<Option<Report>> = world.reports.iter().map(report).collect();
    let given = world.reports.iter().zip(rules.iter().zip(&reports));
    let given: Vec<GivenReport<'_>> = given
        .map(|(world, (rule, report))| GivenReport {
            rule,
            report: report.as_ref(),
            previous_size: world.previous_size,
            required: world.required,
        })
        .collect();
    let history = history(world);
    let made = plan::make(&Input {
        caps: caps(world),
        reports: &given,
        condemned: &condemned,
        history: &history,
        ..Input::new("shop", &policy, &inventories, seconds(world.now))
    })?;
    Ok(Answer {
        plan: made.document(),
        condemned: made.condemned(),
    })
}

fn policy(world: &World) -> Policy {
    let text = world.policy.to_string();
    Policy::parse(&text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

fn caps(world: &World) -> Caps {
    let world::Caps {
        share,
        survivors,
        deletions,
    } = world.caps;
    let mut caps = Caps::default();
    (caps.share, caps.survivors, caps.deletions) = (share, survivors, deletions);
    caps
}

fn history(world: &World) -> Vec<History> {
    let runs = world.repositories.iter().flat_map(|repository| {
        repository.runs.iter().map(|run| {
            let (host, name) = (&*repository.host, &*repository.name);
            History::new(
                host,
                name,
                seconds(run.at),
                run.groups_before,
                run.groups_deleted,
            )
        })
    });
    runs.collect()
}

fn seconds(time: i64) -> Timestamp {
    Timestamp::from_seconds(time)
}

fn inventory(world: &world::Repository) -> Inventory {
    let mut inventory = Inventory::new(&*world.host, &*world.name, seconds(world.taken_at));
    inventory.complete = world.complete;
    inventory.lists_untagged = world.lists_untagged;
    inventory.records_pushed = world.records_pushed;
    inventory.records_tag_pushed = world.records_tag_pushed;
    inventory.watched_since = seconds(world.watched_since);
    inventory.unreadable_tags.clone_from(&world.unreadable_tags);
    inventory.annotation_keys.clone_from(&world.annotation_keys);
    inventory.label_keys.clone_from(&world.label_keys);
    inventory.fill(world.images.iter().map(entry)).unwrap();
    inventory
}

fn entry(world: &world::Image) -> Entry {
    let mut entry = Entry::new(world.digest, world.kind);
    entry.children.clone_from(&world.children);
    entry.subject = world.subject;
    entry.fallback_for = world.fallback_for;
    entry.config = world.config;
    entry.tags = world.tags.iter().map(tag).collect();
    entry.times.created = world.created.map(seconds);
    entry.times.first_seen = world.first_seen.map(seconds);
    entry.times.pulled = world.pulled.map(seconds);
    entry.times.pushed = world.pushed.map(seconds);
    entry.locks.no_delete = world.no_delete;
    entry.unreadable = world.unreadable.then(|| "404".to_owned());
    entry.platform.clone_from(&world.platform);
    entry.annotations.clone_from(&world.annotations);
    entry.labels.clone_from(&world.labels);
    entry
}

fn tag(world: &world::Tag) -> Tag {
    let mut tag = Tag::new(&*world.name);
    tag.first_seen = world.first_seen.map(seconds);
    tag.pushed = world.pushed.map(seconds);
    tag
}

fn rule(world: &world::Report) -> ReportRule {
    let kind = match world.given.as_ref().map(|given| &given.content) {
        Some(Content::Uses(_)) => ReportKind::Images,
        _ => ReportKind::Strings,
    };
    let max_age = format!("{}s", world.max_age).parse().unwrap();
    let mut rule = ReportRule::new(&*world.name, kind, max_age);
    rule.min = world.min;
    rule.max_shrink = world.max_shrink;
    rule
}

fn report(world: &world::Report) -> Option<Report> {
    let given = world.given.as_ref()?;
    let mut report = Report::new(rule(world).kind, seconds(given.taken_at));
    match &given.content {
        Content::Strings(strings) => report.strings.clone_from(strings),
        Content::Uses(uses) => {
            report.uses = uses
                .iter()
                .map(|used| Use::new(self::used(used), "a pod"))
                .collect();
        }
    }
    Some(report)
}

fn used(world: &world::Use) -> Used {
    match world {
        world::Use::Digest(digest) => Used::Digest {
            digest: *digest,
            repository: None,
        },
        world::Use::Image(digest) => Used::Config(*digest),
        world::Use::Reference { text, running } => Used::Reference {
            reference: text.parse().unwrap(),
            running: *running,
        },
        world::Use::Unresolved(text) => Used::Unresolved(text.clone()),
    }
}
