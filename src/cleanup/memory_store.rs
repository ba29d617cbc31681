//! A store that forgets when the program ends: for tests, and for callers who keep it themselves.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use super::store::Store;
use crate::error::Result;

/// A [`Store`] in memory. Clones share what they keep.
///
/// # Examples
///
/// ```
/// use portreeve::cleanup::{MemoryStore, Store};
/// # futures_executor::block_on(async {
/// let store = MemoryStore::default();
/// store.append("runs/one/journal.jsonl", "{}").await?;
/// assert_eq!(store.clone().list("runs/one").await?, ["journal.jsonl"]);
/// # Ok::<(), portreeve::error::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Rc<RefCell<BTreeMap<String, String>>>);

impl Store for MemoryStore {
    async fn read(&self, path: &str) -> Result<Option<String>> {
        Ok(self.0.borrow().get(path).cloned())
    }

    async fn write(&self, path: &str, text: &str) -> Result<()> {
        let mut texts = self.0.borrow_mut();
        texts.insert(path.to_owned(), text.to_owned());
        Ok(())
    }

    async fn append(&self, path: &str, line: &str) -> Result<()> {
        let mut texts = self.0.borrow_mut();
        let text = texts.entry(path.to_owned()).or_default();
        text.push_str(line);
        text.push('\n');
        Ok(())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let texts = self.0.borrow();
        let inside = |path: &String| {
            let name = path.strip_prefix(folder)?.strip_prefix('/')?;
            (!name.contains('/')).then(|| name.to_owned())
        };
        Ok(texts.keys().filter_map(inside).collect())
    }

    async fn swap(&self, path: &str, expected: Option<&str>, new: &str) -> Result<bool> {
        let mut texts = self.0.borrow_mut();
        let is_expected = texts.get(path).map(String::as_str) == expected;
        if is_expected {
            texts.insert(path.to_owned(), new.to_owned());
        }
        Ok(is_expected)
    }
}
