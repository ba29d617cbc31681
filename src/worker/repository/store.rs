//! Named texts in the Durable Object's `SQLite`.
//!
//! A value of a row may hold 2 MB, so a text lies there in pieces. All statements of one call run
//! without an `await` between them, which makes them one transaction: the platform commits what an
//! event wrote before it went on, whole or not at all.

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

    /// Puts a text at this path.
    pub(super) fn put(&self, path: &str, text: &str) -> Result<()> {
        self.run("DELETE FROM texts WHERE path = ?", vec![path.into()])?;
        for (number, piece) in (0_i32..).zip(pieces(text)) {
            self.run(
                "INSERT INTO texts (path, piece, text) VALUES (?, ?, ?)",
                vec![path.into(), number.into(), piece.into()],
            )?;
        }
        Ok(())
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
