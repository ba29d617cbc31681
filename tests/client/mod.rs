//! `client` against the registry in memory.

mod anything;
mod authentication;
mod capabilities;
mod catalog;
mod contract;
mod credentials;
mod listing;
mod reading;
mod realms;
mod referrers;
mod siblings;
mod tag_facts;
mod tokens;
mod transport;
mod upload;
mod writing;

use portreeve::auth::Credential;
use portreeve::client::{Client, Settings};
use portreeve::oci::{Digest, Target};

use crate::registry::{Profile, State};
use crate::support::memory_io::{MemoryIo, NOON};

const HOST: &str = "registry.acme.dev";

fn settings() -> Settings {
    Settings::new(HOST)
}

fn as_user(username: &str, password: &str) -> Settings {
    let mut settings = settings();
    settings.credential = Some(Credential::basic(username, password));
    settings
}

/// A client of the demo shop behind `profile`, and the seam below it.
fn shop(profile: Profile, settings: Settings) -> (Client<MemoryIo>, MemoryIo) {
    let io = MemoryIo::shop(profile);
    (Client::new(io.clone(), settings).unwrap(), io)
}

fn tag(name: &str) -> Target {
    Target::Tag(name.to_owned())
}

/// A registry with one repository `a` and so many tags, `t00001` and up, on one manifest.
fn tagged(profile: Profile, count: usize) -> MemoryIo {
    let mut state = State::default();
    let repository = state.repository("a");
    let bytes = br#"{"schemaVersion":2,"manifests":[]}"#;
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let kind = portreeve::oci::media_type::OCI_INDEX;
    let digest = repository.put_manifest(kind, bytes.as_slice().into(), now);
    for number in 1..=count {
        repository.tag(&format!("t{number:05}"), &digest);
    }
    assert_eq!(digest, Digest::of(bytes).to_string());
    MemoryIo::new(profile, state, NOON)
}
