//! Cleanup on a registry in memory: reading, deleting, and taking it back.

mod apply;
mod collect;
mod crash;
mod expand;
mod interference;
mod mission;
mod refusal;
mod requests;
mod restore;
mod small;

use portreeve::{
    cleanup::{self, Budget, Collect, Reading, ReferrersOf},
    client::{Client, Settings},
    error::Result,
    plan::{
        inventory::{Entry, Inventory},
        policy::Needs,
    },
};

use crate::support::memory_io::MemoryIo;

/// The demo registry's host, and the busy repository there.
const HOST: &str = "127.0.0.1:5555";
pub(crate) const WEB: &str = "shop/web";

fn client(io: &MemoryIo) -> Client<MemoryIo> {
    Client::new(io.clone(), Settings::new(HOST)).unwrap()
}

/// Everything about the repository, from a registry that is asked for the first time.
fn every<'a>(client: &'a Client<MemoryIo>, budget: &'a Budget) -> Collect<'a, MemoryIo> {
    Collect {
        client,
        repository: WEB,
        needs: Needs::everything(),
        earlier: None,
        cache: None,
        reported: &[],
        referrers: ReferrersOf::Every,
        budget,
    }
}

/// Reads the repository whole, with every fact.
pub(crate) fn read(
    io: &MemoryIo,
    repository: &str,
    earlier: Option<&Inventory>,
) -> Result<Inventory> {
    let (client, budget) = (client(io), Budget::unlimited());
    collect(
        io,
        &Collect {
            repository,
            earlier,
            ..every(&client, &budget)
        },
    )
}

/// Reads without a bound.
fn collect(io: &MemoryIo, what: &Collect<'_, MemoryIo>) -> Result<Inventory> {
    let read = io.run(cleanup::collect(what, &mut Reading::default(), &mut |_| {}))?;
    Ok(read.expect("the budget is unlimited"))
}

fn tagged(inventory: &Inventory, tag: &str) -> Entry {
    let shows = |image: &Entry| image.tags.iter().any(|one| one.name == tag);
    inventory
        .entries()
        .into_iter()
        .find(shows)
        .unwrap_or_else(|| panic!("no {tag}"))
}
