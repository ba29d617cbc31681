//! A job, its registries and its state, as a face would hold them.

use std::{cell::Cell, collections::BTreeMap, future::Future as _, task::Poll, time::Duration};

use portreeve::{
    cleanup::{self, Budget, Collect, Event, Job, MemoryStore, Registry, Restored, Run, Store},
    client::{Client, Settings, Writer},
    configuration::{Caps, Configuration, JobRepository},
    error::Result,
    io::Io as _,
    oci::Digest,
    plan::{self, Plan, inventory::Inventory, policy::Policy},
};

use super::{HOST, WEB, collect, every};
use crate::{
    registry::{Profile, State, state::Repository},
    support::memory_io::MemoryIo,
};

const POLICY: &str = r#"{
  "minimumAge": "48h",
  "keep": [
    { "name": "releases", "tags": { "regex": "v[0-9]+[.][0-9]+[.][0-9]+" } },
    { "name": "latest", "tags": "latest" }
  ],
  "delete": [
    { "name": "branch builds", "tags": { "regex": "(?<branch>.+)-[0-9a-f]{40}" },
      "beyondNewest": { "count": 10, "per": "branch", "by": "BY" }, "olderThan": { "BY": "30d" } },
    { "name": "closed prs", "tags": { "regex": "pr-[0-9]+(-.+)?" }, "olderThan": { "BY": "7d" } },
    { "name": "untagged", "tagged": false, "olderThan": { "BY": "14d" } }
  ] }"#;

pub(super) struct Mission {
    pub(super) io: MemoryIo,
    pub(super) store: MemoryStore,
    pub(super) policy: Policy,
    pub(super) caps: Caps,
    pub(super) configuration_hash: String,
    pub(super) repositories: Vec<JobRepository>,
    pub(super) events: Vec<Event>,
}

/// What a repository holds: digests with their bytes, and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) manifests: BTreeMap<String, Vec<u8>>,
    pub(super) tags: BTreeMap<String, String>,
}

impl Held {
    fn of(repository: &Repository) -> Self {
        let manifests = repository.manifests.iter();
        let tags = repository.tags.iter();
        Self {
            manifests: manifests
                .map(|(digest, manifest)| (digest.clone(), manifest.bytes.to_vec()))
                .collect(),
            tags: tags
                .map(|(name, tag)| (name.clone(), tag.digest.clone()))
                .collect(),
        }
    }

    /// The digests that tags lead to: down to children, out to referrers.
    pub(super) fn reachable(&self) -> Vec<String> {
        let mut reached: Vec<String> = Vec::new();
        let mut open: Vec<String> = self
            .tags
            .iter()
            .filter(|(name, _)| !name.starts_with("sha256-"))
            .map(|(_, digest)| digest.clone())
            .collect();
        while let Some(digest) = open.pop() {
            if reached.contains(&digest) {
                continue;
            }
            let Some(bytes) = self.manifests.get(&digest) else {
                reached.push(digest);
                continue;
            };
            let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            let children = json["manifests"].as_array().into_iter().flatten();
            open.extend(
                children
                    .filter_map(|child| child["digest"].as_str())
                    .map(str::to_owned),
            );
            reached.push(digest);
        }
        reached
    }

    /// What tags lead to and is not there.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut reachable = self.reachable();
        reachable.retain(|digest| !self.manifests.contains_key(digest));
        reachable
    }
}

impl Mission {
    /// The demo job on a registry of this profile. One that records no push times goes by build
    /// times.
    pub(super) fn new(profile: Profile) -> Self {
        let by = if profile.manifest_map {
            "pushed"
        } else {
            "created"
        };
        let mut policy = POLICY.replace("BY", by);
        if by == "created" {
            policy = policy.replace(r#""48h""#, r#"{ "created": "48h" }"#);
        }
        let mission = Self::with_policy(MemoryIo::shop(profile), &policy);
        if by == "created" {
            // a first scan cannot tell that no tag was moved yesterday
            mission.read();
            mission.io.advance(Duration::from_hours(72));
        }
        mission
    }

    pub(super) fn with_policy(io: MemoryIo, policy: &str) -> Self {
        let mut caps = Caps::default();
        (caps.share, caps.survivors) = (60, 10);
        Self {
            io,
            store: MemoryStore::default(),
            policy: Policy::parse(policy).unwrap(),
            caps,
            configuration_hash: "configuration".to_owned(),
            repositories: vec![place()],
            events: Vec::new(),
        }
    }

    /// What the store keeps of the repository's inventory.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        let path = portreeve::cleanup::paths::inventory(HOST, WEB);
        let text = self.io.run(self.store.read(&path)).unwrap();
        text.map(|text| (path, text)).into_iter().collect()
    }

    /// The same mission at the same time on a registry of its own.
    pub(super) fn again(&self, profile: &Profile, state: State, kept: &[(String, String)]) -> Self {
        let store = MemoryStore::default();
        let io = MemoryIo::new(profile.clone(), state, self.io.now());
        for (path, text) in kept {
            io.run(store.write(path, text)).unwrap();
        }
        Self {
            io,
            store,
            policy: self.policy.clone(),
            caps: self.caps,
            configuration_hash: self.configuration_hash.clone(),
            repositories: self.repositories.clone(),
            events: Vec::new(),
        }
    }

    pub(super) fn held(&self) -> Held {
        Held::of(self.io.registry().state.repository(WEB))
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::new(HOST);
        // Google's way of deleting, where that is imitated
        if !self.io.registry().profile.delete_tagged {
            settings.profile.deletion = portreeve::registries::profile::DeleteBy::UntagThenDigest;
        }
        settings
    }

    pub(super) fn registries(&self) -> [Registry<MemoryIo>; 1] {
        let client = || Client::new(self.io.clone(), self.settings()).unwrap();
        [Registry {
            reader: client(),
            writer: Writer::new(client()),
        }]
    }

    /// Reads and keeps the inventory, as a face does when it plans.
    pub(super) fn read(&self) -> Inventory {
        let [registry] = self.registries();
        let budget = Budget::unlimited();
        let earlier = self
            .io
            .run(cleanup::load_inventory(&self.store, HOST, WEB))
            .unwrap();
        let what = Collect {
            needs: self.policy.needs(),
            earlier: earlier.as_ref(),
            ..every(&registry.reader, &budget)
        };
        let inventory = collect(&self.io, &what).unwrap();
        self.io
            .run(cleanup::save_inventory(&self.store, &inventory))
            .unwrap();
        inventory
    }

    pub(super) fn plan(&self) -> Plan {
        let inventory = self.read();
        self.plan_of(&inventory)
    }

    pub(super) fn plan_of(&self, inventory: &Inventory) -> Plan {
        let history = cleanup::history(&self.store, HOST, WEB);
        let history = self.io.run(history).unwrap();
        let inventories = std::slice::from_ref(inventory);
        let made = plan::make(&plan::Input {
            configuration_hash: &self.configuration_hash,
            caps: self.caps,
            history: &history,
            ..plan::Input::new("shop", &self.policy, inventories, self.io.now())
        });
        made.unwrap().document()
    }

    pub(super) fn apply(&mut self, plan: &Plan) -> Result<Run> {
        self.apply_within(plan, &Budget::unlimited())
    }

    pub(super) fn apply_within(&mut self, plan: &Plan, budget: &Budget) -> Result<Run> {
        let store = self.store.clone();
        let run = self.apply_until(plan, budget, &store, &Cell::new(false));
        run.expect("nothing ends it early")
    }

    /// Applies until `ended` is set: what happens after that never happens, as in a crash.
    pub(super) fn apply_until(
        &mut self,
        plan: &Plan,
        budget: &Budget,
        store: &impl Store,
        ended: &Cell<bool>,
    ) -> Option<Result<Run>> {
        let mut events = Vec::new();
        let job = Job {
            name: "shop",
            configuration_hash: &self.configuration_hash,
            repositories: Some(&self.repositories),
            policy: &self.policy,
            caps: self.caps,
            reports: &[],
            condemned: &[],
        };
        let registries = self.registries();
        let mut apply = Box::pin(cleanup::apply(
            &registries,
            &job,
            plan,
            store,
            budget,
            |event| events.push(event),
        ));
        let run = self.io.run(std::future::poll_fn(|context| {
            let polled = apply.as_mut().poll(context).map(Some);
            if ended.get() {
                Poll::Ready(None)
            } else {
                polled
            }
        }));
        drop(apply);
        self.events = events;
        run
    }

    pub(super) fn restore(&self, run: &str, only: &[Digest]) -> Result<Restored> {
        let registries = self.registries();
        self.io.run(cleanup::restore(
            &registries,
            run,
            only,
            &self.store,
            |_| {},
        ))
    }

    /// Long enough for any lease to run out.
    pub(super) fn wait(&self) {
        self.io.advance(Duration::from_mins(2));
    }
}

/// The busy repository as a job names it.
fn place() -> JobRepository {
    let text = format!(
        r#"{{ "version": 1,
            "upstreams": {{ "demo": {{ "host": "{HOST}" }} }},
            "policies": {{ "all": {{ "delete": [{{ "name": "old", "tags": "old-*" }}] }} }},
            "jobs": {{ "shop": {{ "repositories": ["demo/{WEB}"], "policy": "all" }} }} }}"#
    );
    let configuration = Configuration::parse(&text).unwrap();
    configuration.jobs()[0].repositories[0].clone()
}

/// The digests that a plan deletes.
pub(super) fn deleted(plan: &Plan) -> Vec<String> {
    let images = plan.repositories.iter().flat_map(|one| &one.images);
    images
        .filter(|image| image.verdict == plan::Verdict::Delete)
        .map(|image| image.digest.to_string())
        .collect()
}
