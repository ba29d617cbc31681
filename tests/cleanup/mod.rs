//! Cleanup on a registry in memory: reading, deleting, and taking it back.

mod apply;
mod collect;
mod crash;
mod expand;
mod interference;
mod mission;
mod refusal;
mod restore;
mod small;

use portreeve::{
    cleanup::{self, Budget, Collect, Reading},
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

/// Reads the repository whole, with every fact.
pub(crate) fn read(
    io: &MemoryIo,
    repository: &str,
    earlier: Option<&Inventory>,
) -> Result<Inventory> {
    let budget = Budget::unlimited();
    let mut reading = match earlier {
        Some(earlier) => {
            let known = cleanup::Known::from_inventory(earlier, Needs::everything());
            Reading::knowing(known)
        }
        None => Reading::default(),
    };
    let what = Collect {
        client: &client(io),
        repository,
        needs: Needs::everything(),
        earlier,
        referrers_of: None,
        budget: &budget,
    };
    let read = io.run(cleanup::collect(&what, &mut reading, &mut |_| {}))?;
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
