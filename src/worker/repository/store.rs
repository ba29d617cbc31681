//! Named texts in the Durable Object's `SQLite`.
//!
//! A value of a row may hold 2 MB, so a text lies there in pieces. All statements of one call run
//! without an `await` between them, which makes them one transaction: the platform commits what an
//! event wrote before it went on, whole or not at all.

use futures_util::{Stream, future, stream};
use worker::{SqlStorage, SqlStorageValue};

use crate::{
    cleanup::Store,
    error::{Code, Error, Result},
};

/// Longest piece, in bytes of UTF-8.
const PIECE: usize = 1 << 20;

/// The [`Store`] of one repository.
#[derive(Debug, Clone)]
pub(super) struct SqlStore(SqlStorage);

impl SqlStore {
    /// Opens it, and creates the table in a new object.
    pub(super) fn open(sql: SqlStorage) -> Result<Self> {
        let store = Self(sql);
        store.run(
            "CREATE TABLE IF NOT EXISTS texts (
                path TEXT NOT NULL, piece INTEGER NOT NULL, text TEXT NOT NULL,
                PRIMARY KEY (path, piece)
            ) WITHOUT ROWID",
            vec![],
        )?;
        Ok(store)
    }

    /// The text at this path.
    pub(super) fn get(&self, path: &str) -> Result<Option<String>> {
        let rows = self.run(
            "SELECT text FROM texts WHERE path = ? ORDER BY piece",
            vec![path.into()],
        )?;
        let mut whole: Option<String> = None;
        for piece in rows {
            match &mut whole {
                Some(text) => text.push_str(&piece),
                None => whole = Some(piece),
            }
        }
        Ok(whole)
    }

    /// Whether there is a text at this path.
    pub(super) fn has(&self, path: &str) -> Result<bool> {
        let found = self.run(
            "SELECT path FROM texts WHERE path = ? AND piece = 0",
            vec![path.into()],
        )?;
        Ok(!found.is_empty())
    }

    /// The text at this path, piece by piece: of a long one no more than a piece is held.
    pub(super) fn stream(self, path: String) -> impl Stream<Item = worker::Result<String>> {
        stream::try_unfold(0_i32, move |number| {
            let next = self.run(
                "SELECT text FROM texts WHERE path = ? AND piece = ?",
                vec![path.as_str().into(), number.into()],
            );
            future::ready(match next {
                Ok(mut rows) => Ok(rows.pop().map(|piece| (piece, number + 1))),
                Err(error) => Err(worker::Error::RustError(error.to_string())),
            })
        })
    }

    /// Puts a text at this path.
    pub(super) fn put(&self, path: &str, text: &str) -> Result<()> {
        self.put_written(path, |write| {
            write(text);
        })
    }

    /// Puts a text at this path that is written in pieces of any length, and never held whole.
    pub(super) fn put_written(
        &self,
        path: &str,
        write: impl FnOnce(&mut dyn FnMut(&str)),
    ) -> Result<()> {
        self.run("DELETE FROM texts WHERE path = ?", vec![path.into()])?;
        let mut pieces = Pieces {
            store: self,
            path,
            number: 0,
            held: String::new(),
            stored: Ok(()),
        };
        write(&mut |text| pieces.take(text));
        // an empty text is one empty piece
        if !pieces.held.is_empty() || pieces.number == 0 {
            pieces.store();
        }
        pieces.stored
    }

    /// Removes the text at this path.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        self.run("DELETE FROM texts WHERE path = ?", vec![path.into()])?;
        Ok(())
    }

    /// The paths that begin so.
    pub(super) fn paths(&self, prefix: &str) -> Result<Vec<String>> {
        self.run(
            "SELECT DISTINCT path FROM texts WHERE substr(path, 1, ?) = ? ORDER BY path",
            vec![
                i32::try_from(prefix.chars().count())
                    .unwrap_or(i32::MAX)
                    .into(),
                prefix.into(),
            ],
        )
    }

    /// Runs a statement; its rows are the texts of its only column.
    fn run(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<Vec<String>> {
        let cursor = self.0.exec(statement, values).map_err(failed)?;
        cursor
            .raw()
            .map(|row| match row.map_err(failed)?.pop() {
                Some(SqlStorageValue::String(text)) => Ok(text),
                _ => Err(Error::new(Code::StorageFailed, "a row holds no text")),
            })
            .collect()
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` takes"
)]
fn failed(error: worker::Error) -> Error {
    Error::new(Code::StorageFailed, error.to_string())
        .doing("using the repository's Durable Object")
}

/// A text on its way into the store.
struct Pieces<'a> {
    store: &'a SqlStore,
    path: &'a str,
    number: i32,
    held: String,
    stored: Result<()>,
}

impl Pieces<'_> {
    fn take(&mut self, text: &str) {
        for part in pieces(text) {
            if self.held.len() + part.len() > PIECE {
                self.store();
            }
            self.held.push_str(part);
        }
    }

    /// Stores what is held. After a failure nothing more is stored, and the failure stays.
    fn store(&mut self) {
        if self.stored.is_ok() {
            let values = vec![
                self.path.into(),
                self.number.into(),
                self.held.as_str().into(),
            ];
            let statement = "INSERT INTO texts (path, piece, text) VALUES (?, ?, ?)";
            self.stored = self.store.run(statement, values).map(|_| ());
            self.number += 1;
        }
        self.held.clear();
    }
}

/// The text in pieces of at most [`PIECE`] bytes; an empty text is one empty piece.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    loop {
        let (piece, rest) = text.split_at(text.floor_char_boundary(PIECE));
        pieces.push(piece);
        if rest.is_empty() {
            return pieces;
        }
        text = rest;
    }
}

impl Store for SqlStore {
    async fn read(&self, path: &str) -> Result<Option<String>> {
        self.get(path)
    }

    async fn write(&self, path: &str, text: &str) -> Result<()> {
        self.put(path, text)
    }

    async fn append(&self, path: &str, line: &str) -> Result<()> {
        // a statement is whole or not at all, so no line can be left broken
        let line = format!("{line}\n");
        for piece in pieces(&line) {
            self.run(
                "INSERT INTO texts (path, piece, text)
                    SELECT ?1, coalesce(max(piece) + 1, 0), ?2 FROM texts WHERE path = ?1",
                vec![path.into(), piece.into()],
            )?;
        }
        Ok(())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let folder = format!("{folder}/");
        let inside = |path: String| {
            let name = path.strip_prefix(&folder)?;
            (!name.contains('/')).then(|| name.to_owned())
        };
        Ok(self
            .paths(&folder)?
            .into_iter()
            .filter_map(inside)
            .collect())
    }

    async fn swap(&self, path: &str, expected: Option<&str>, new: &str) -> Result<bool> {
        // nothing is awaited in between, and nobody else writes to this object
        let is_expected = self.get(path)?.as_deref() == expected;
        if is_expected {
            self.put(path, new)?;
        }
        Ok(is_expected)
    }
}
