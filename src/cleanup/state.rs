//! Typed access to what the store keeps about a repository.

use serde::{Deserialize, Serialize};

use super::store::{Store, paths};
use crate::{
    error::{Code, Error, Result},
    plan::{
        History,
        inventory::{self, Inventory},
    },
    timestamp::Timestamp,
};

/// The last inventory of a repository; `None` before the first, and where what is kept cannot be
/// read or is another repository's, copied there: an earlier inventory only adds to what is known,
/// and nothing rests on its being there.
pub async fn load_inventory(
    store: &impl Store,
    host: &str,
    repository: &str,
) -> Result<Option<Inventory>> {
    let text = store.read(&paths::inventory(host, repository)).await?;
    let inventory = text.and_then(|text| inventory::parse(&text).ok());
    Ok(inventory.filter(|kept| kept.host == host && kept.repository == repository))
}

/// Keeps an inventory as the last one of its repository.
pub async fn save_inventory(store: &impl Store, inventory: &Inventory) -> Result<()> {
    let path = paths::inventory(&inventory.host, &inventory.repository);
    store.write(&path, &inventory::write(inventory)).await
}

/// What earlier runs deleted from a repository, for the rolling cap of a plan.
///
/// # Errors
///
/// `storage_failed` where a line cannot be read: without it the cap would not hold.
pub async fn history(store: &impl Store, host: &str, repository: &str) -> Result<Vec<History>> {
    let path = paths::history(host, repository);
    let text = store.read(&path).await?.unwrap_or_default();
    let mut history = Vec::new();
    for line in text.lines() {
        // a line that broke off in the middle is one group less in the reckoning
        let Line {
            at,
            groups_before,
            groups_deleted,
        } = match serde_json::from_slice(line.as_bytes()) {
            Ok(line) => line,
            Err(error) if error.is_data() => {
                let error = Error::new(Code::StorageFailed, format!("{path}: {error}"))
                    .doing("reading what earlier runs deleted")
                    .next("repair or delete the file; deleting it resets the seven days' limit");
                return Err(error);
            }
            Err(_) => continue,
        };
        history.push(History::new(
            host,
            repository,
            at,
            groups_before,
            groups_deleted,
        ));
    }
    Ok(history)
}

/// Notes that groups of a repository were deleted.
pub(super) async fn remember(
    store: &impl Store,
    host: &str,
    repository: &str,
    line: &Line,
) -> Result<()> {
    let text = serde_json::to_string(line)
        .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    store.append(&paths::history(host, repository), &text).await
}

/// One line of the history.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) groups_before: u64,
    pub(super) groups_deleted: u64,
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::cleanup::MemoryStore;

    #[test]
    fn an_inventory_copied_from_another_repository_says_nothing() {
        let store = MemoryStore::default();
        let (host, name) = ("registry.example", "team/web");
        let now = Timestamp::from_seconds(1_795_507_200);
        block_on(save_inventory(&store, &Inventory::new(host, name, now))).unwrap();
        let load = |host, name| block_on(load_inventory(&store, host, name)).unwrap();
        assert!(load(host, name).is_some());
        let text = block_on(store.read(&paths::inventory(host, name)))
            .unwrap()
            .unwrap();
        let copy = paths::inventory("other.example", name);
        block_on(store.write(&copy, &text)).unwrap();
        assert!(load("other.example", name).is_none());
    }
}
