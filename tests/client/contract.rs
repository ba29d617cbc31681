//! One contract for every registry: the same questions, the same answers.
//!
//! Each row of `registries::profile` is imitated by the demo registry's profile of the same name,
//! under a host by which the row is known. What a scenario expects is computed from the row; what
//! it compares with is the imitation's own state. Requests are counted.

mod authentication;
mod faults;
mod listing;
mod reading;
mod verbs;
mod writing;

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use portreeve::auth::Credential;
use portreeve::client::{Client, Settings};
use portreeve::oci::{Digest, Target};
use portreeve::registries::profile::{self, Authentication as SignsIn, Support};
use time::OffsetDateTime;

use crate::registry::profile::Authentication;
use crate::registry::state::Repository;
use crate::registry::{Profile, State, seed};
use crate::support::memory_io::{MemoryIo, NOON};

/// How many tags `shop/many` has: three pages of the smallest size that any registry insists on.
const MANY: usize = 230;

/// One registry: what the table says of it, and its imitation.
struct Row {
    says: profile::Profile,
    imitation: Profile,
}

/// Whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    User,
    /// The user's name with a password of somebody else's.
    Impostor,
}

/// A password that must show up nowhere.
const WRONG_PASSWORD: &str = "planted-wrong-password";

/// A registry of one row, with its content, and somebody who asks it.
struct Place {
    row: Row,
    io: MemoryIo,
    client: Client<MemoryIo>,
}

/// Every row of the table, imitated.
fn rows() -> Vec<Row> {
    profile::Profile::ALL
        .iter()
        .map(|says| {
            let mut imitation = Profile::named(says.id).expect("an imitation of each row");
            // for the cleanup's tests the imitation of Google lets everybody in
            if says.authentication == SignsIn::Bearer
                && imitation.authentication == Authentication::Anonymous
            {
                imitation.authentication = Authentication::PrivateBearer;
            }
            Row {
                says: *says,
                imitation,
            }
        })
        .collect()
}

impl Row {
    fn id(&self) -> &'static str {
        self.says.id
    }

    /// A host by which the row is known, or anybody's.
    fn host(&self) -> String {
        match self.says.hosts {
            [] => "registry.acme.dev".to_owned(),
            [first, ..] => first.replace('*', "acme"),
        }
    }

    /// Whether anybody may read here.
    fn is_public(&self) -> bool {
        matches!(
            self.imitation.authentication,
            Authentication::Anonymous | Authentication::Bearer
        )
    }

    /// How many requests prove who asks, the first time: one that is refused, one for a token.
    fn round(&self) -> usize {
        match self.imitation.authentication {
            Authentication::Anonymous => 0,
            Authentication::Basic => 1,
            _ => 2,
        }
    }

    fn open(self, who: Who) -> Place {
        self.open_with(who, |_| {})
    }

    fn open_with(self, who: Who, change: impl FnOnce(&mut Settings)) -> Place {
        let state = content(&self.imitation);
        let io = MemoryIo::new(self.imitation.clone(), state, NOON);
        let mut settings = Settings::new(self.host());
        settings.profile = self.says;
        let name = &self.imitation.username;
        settings.credential = match who {
            Who::Nobody => None,
            Who::User => Some(Credential::basic(name, &self.imitation.password)),
            Who::Impostor => Some(Credential::basic(name, WRONG_PASSWORD)),
        };
        change(&mut settings);
        let client = Client::new(io.clone(), settings).unwrap();
        Place {
            row: self,
            io,
            client,
        }
    }
}

impl Place {
    /// How many requests there were since the last time this was asked.
    fn asked(&self) -> usize {
        std::mem::take(&mut self.io.registry().entries).len()
    }

    /// Proves who asks for this repository, so that what follows can be counted by itself.
    fn sign_in(&self, repository: &str) {
        self.io
            .run(self.client.head(repository, &Target::Tag("latest".into())))
            .unwrap();
        self.asked();
    }

    fn repository(&self, name: &str) -> Repository {
        self.io.registry().state.repositories[name].clone()
    }

    /// The digest that a tag of `shop/web` shows.
    fn shown(&self, tag: &str) -> Digest {
        let web = self.repository("shop/web");
        web.tags[tag].digest.parse().unwrap()
    }
}

/// `shop/web`, `shop/api` where Docker's types are taken, and `shop/many`.
fn content(imitation: &Profile) -> State {
    static MADE: LazyLock<Mutex<BTreeMap<(bool, bool), State>>> = LazyLock::new(Mutex::default);
    let key = (imitation.referrers, imitation.docker_types);
    let mut made = MADE.lock().unwrap();
    made.entry(key)
        .or_insert_with(|| {
            let now = OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
            let mut state = seed::shop(imitation, now);
            let web = state.repository("shop/web").clone();
            let latest = web.tags["latest"].digest.clone();
            let many = state.repository("shop/many");
            *many = web;
            many.tags.clear();
            many.manifests.retain(|digest, _| *digest == latest);
            for number in 0..MANY {
                many.tag(&format!("t{number:04}"), &latest);
            }
            many.tag("latest", &latest);
            state
        })
        .clone()
}

#[test]
fn each_row_of_the_table_is_imitated_and_each_imitation_is_in_the_table() {
    let ours = ["demo", "bearer", "basic"];
    let imitated: Vec<&str> = Profile::names()
        .into_iter()
        .filter(|name| !ours.contains(name))
        .collect();
    let table: Vec<&str> = rows().iter().map(Row::id).collect();
    assert_eq!(imitated, table);
}

#[test]
fn a_host_leads_to_its_row_and_a_row_to_how_it_lets_people_in() {
    for row in rows() {
        if !row.says.hosts.is_empty() {
            assert_eq!(profile::Profile::of(&row.host()), row.says);
        }
        let fits = match row.says.authentication {
            SignsIn::Basic => row.imitation.authentication == Authentication::Basic,
            SignsIn::Bearer => matches!(
                row.imitation.authentication,
                Authentication::Bearer | Authentication::PrivateBearer
            ),
            _ => true,
        };
        assert!(fits, "{}", row.id());
    }
}

/// Whether what was found may be so, by the table: `Yes` and `No` bind.
fn allows(says: Support, found: bool) -> bool {
    match says {
        Support::Yes => found,
        Support::No => !found,
        _ => true,
    }
}
