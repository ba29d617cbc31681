//! Typed access to what the store keeps about a repository.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::store::{Store, paths};
use crate::{
    error::{Code, Error, Result},
    plan::{
        Condemned, History,
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

/// What earlier scans of a repository condemned; `None` before the first, and where what is kept
/// cannot be read or is another repository's: every grace then begins anew.
pub async fn load_condemned(
    store: &impl Store,
    host: &str,
    repository: &str,
) -> Result<Option<Condemned>> {
    let text = store.read(&paths::condemned(host, repository)).await?;
    let condemned = text.and_then(|text| Condemned::parse(&text).ok());
    Ok(condemned.filter(|kept| kept.host == host && kept.repository == repository))
}

/// Keeps what the last scan condemned, in the place of what those before it did.
pub async fn save_condemned(store: &impl Store, condemned: &Condemned) -> Result<()> {
    let path = paths::condemned(&condemned.host, &condemned.repository);
    store.write(&path, &condemned.text()).await
}

/// How large each report was when it was last accepted, by its name.
///
/// # Errors
///
/// `storage_failed` where it cannot be read: a report that shrank suddenly would pass.
pub async fn load_report_sizes(store: &impl Store) -> Result<BTreeMap<String, u64>> {
    let Some(text) = store.read(paths::REPORT_SIZES).await? else {
        return Ok(BTreeMap::new());
    };
    let broken = |found: String| {
        Error::new(
            Code::StorageFailed,
            format!("{}: {found}", paths::REPORT_SIZES),
        )
        .doing("reading how large reports were")
        .next(
            "repair or delete the file; deleting it lets every report pass as if it were the first",
        )
    };
    let read: ReportSizes =
        serde_json::from_slice(text.as_bytes()).map_err(|error| broken(error.to_string()))?;
    if read.format != REPORT_SIZES {
        let found = format!("its format is `{}`, not {REPORT_SIZES}", read.format);
        return Err(broken(found));
    }
    Ok(read.sizes)
}

/// Keeps how large each report was, once a plan has accepted them.
pub async fn save_report_sizes(store: &impl Store, sizes: &BTreeMap<String, u64>) -> Result<()> {
    let kept = ReportSizes {
        format: REPORT_SIZES.to_owned(),
        sizes: sizes.clone(),
    };
    let text = serde_json::to_string(&kept)
        .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    store.write(paths::REPORT_SIZES, &text).await
}

/// The name and version of what [`save_report_sizes`] writes.
const REPORT_SIZES: &str = "portreeve.report-sizes/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportSizes {
    format: String,
    sizes: BTreeMap<String, u64>,
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

    #[test]
    fn what_was_condemned_is_kept_for_its_own_repository_alone() {
        let store = MemoryStore::default();
        let condemned = Condemned::new("registry.example", "team/web", "policy");
        block_on(save_condemned(&store, &condemned)).unwrap();
        let load = |host, name| block_on(load_condemned(&store, host, name)).unwrap();
        assert_eq!(load("registry.example", "team/web"), Some(condemned));
        let path = |host| paths::condemned(host, "team/web");
        let text = block_on(store.read(&path("registry.example"))).unwrap();
        block_on(store.write(&path("other.example"), &text.unwrap())).unwrap();
        assert_eq!(load("other.example", "team/web"), None);
        // what nobody can read condemned nothing: graces begin anew
        block_on(store.write(&path("registry.example"), "{")).unwrap();
        assert_eq!(load("registry.example", "team/web"), None);
    }

    #[test]
    fn sizes_of_reports_that_cannot_be_read_let_nothing_pass() {
        let store = MemoryStore::default();
        assert!(block_on(load_report_sizes(&store)).unwrap().is_empty());
        let sizes = BTreeMap::from([("k8s-eu".to_owned(), 300)]);
        block_on(save_report_sizes(&store, &sizes)).unwrap();
        assert_eq!(block_on(load_report_sizes(&store)).unwrap(), sizes);
        for broken in ["{", r#"{"format":"portreeve.report-sizes/2","sizes":{}}"#] {
            block_on(store.write(paths::REPORT_SIZES, broken)).unwrap();
            let error = block_on(load_report_sizes(&store)).unwrap_err();
            assert_eq!(error.code(), Code::StorageFailed);
        }
    }
}
