//! Reads `portreeve.inventory/1` as it comes: nothing waits in memory but the line that is open.

use serde::Deserialize;

use super::builder::Builder;
use super::document::{Closing, FORMAT, Head};
use super::{Entry, Inventory};
use crate::configuration::canonical_json::LineHasher;
use crate::error::{Code, Error, Result};
use crate::timestamp::Timestamp;

/// Reads a document that comes in pieces, cut anywhere.
///
/// # Examples
///
/// ```
/// use portreeve::plan::inventory::{self, Inventory, Reader};
/// use portreeve::timestamp::Timestamp;
/// let inventory = Inventory::new("registry.example", "shop/web", Timestamp::from_seconds(0));
/// let mut reader = Reader::default();
/// for piece in inventory::write(&inventory).split_inclusive(',') {
///     reader.push(piece)?;
/// }
/// assert_eq!(reader.finish()?, inventory);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Default)]
pub struct Reader {
    /// The line that is not yet whole.
    open: String,
    /// The last whole line: only at the end it is known to be the closing one.
    last: String,
    /// How many lines are whole.
    lines: usize,
    head: Option<Inventory>,
    builder: Builder,
    hasher: LineHasher,
}

impl Reader {
    /// Takes the next piece.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for another format and for an unknown field, with the line's number.
    pub fn push(&mut self, piece: &str) -> Result<()> {
        let mut rest = piece;
        while let Some((line, behind)) = rest.split_once('\n') {
            self.open.push_str(line);
            rest = behind;
            self.line()?;
        }
        self.open.push_str(rest);
        Ok(())
    }

    /// The inventory, once every piece was taken.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a document that its closing line does not prove, or that holds a
    /// digest twice.
    pub fn finish(mut self) -> Result<Inventory> {
        if !self.open.is_empty() {
            self.line()?;
        }
        let Some(mut inventory) = self.head else {
            let found = if self.last.is_empty() {
                "it is empty"
            } else {
                CUT
            };
            return Err(invalid(found));
        };
        let closing: Closing = read(&self.last, self.lines).map_err(|_| invalid(CUT))?;
        if closing.images != self.builder.len() || closing.sha256 != self.hasher.finish() {
            return Err(invalid("its closing line does not match its content"));
        }
        let columns = self.builder.finish();
        inventory.columns = columns
            .map_err(|error| error.doing("reading an inventory"))?
            .into();
        Ok(inventory)
    }

    /// Takes the line before the one that has just become whole.
    fn line(&mut self) -> Result<()> {
        std::mem::swap(&mut self.open, &mut self.last);
        let line = std::mem::take(&mut self.open);
        if self.last.ends_with('\r') {
            // somebody's editor was here
            self.last.pop();
        }
        match self.lines {
            0 => {}
            1 => {
                self.head = Some(head(&line)?);
                self.hasher.line(&line);
            }
            number => {
                self.builder.push(read::<Entry>(&line, number)?)?;
                self.hasher.line(&line);
            }
        }
        self.lines += 1;
        // its memory serves the next line
        self.open = line;
        self.open.clear();
        Ok(())
    }
}

/// Reads a document that is there whole.
///
/// # Errors
///
/// Those of [`Reader::push`] and [`Reader::finish`].
pub fn parse(text: &str) -> Result<Inventory> {
    let mut reader = Reader::default();
    reader.push(text)?;
    reader.finish()
}

const CUT: &str = "its last line does not close it: it was cut short";

fn head(line: &str) -> Result<Inventory> {
    let head: Head = read(line, 1)?;
    if head.format != FORMAT {
        return Err(invalid(format!(
            "its format is `{}`, not {FORMAT}",
            head.format
        )));
    }
    let taken_at = Timestamp::from_seconds(head.taken_at);
    let mut inventory = Inventory::new(head.host, head.repository, taken_at);
    inventory.watched_since = Timestamp::from_seconds(head.watched_since);
    inventory.complete = head.complete;
    inventory.incomplete_reason = head.incomplete_reason;
    inventory.lists_untagged = head.lists_untagged;
    inventory.records_pushed = head.records_pushed;
    inventory.records_tag_pushed = head.records_tag_pushed;
    inventory.deletes_by = head.deletes_by;
    inventory.annotation_keys = head.annotation_keys;
    inventory.label_keys = head.label_keys;
    inventory.unreadable_tags = head.unreadable_tags;
    Ok(inventory)
}

fn read<'de, T: Deserialize<'de>>(line: &'de str, number: usize) -> Result<T> {
    serde_json::from_slice(line.as_bytes()).map_err(|error| {
        // to serde every line is the first
        let (column, text) = (error.column(), error.to_string());
        let place = format!(" at line {} column {column}", error.line());
        let found = text.strip_suffix(&place).unwrap_or(&text);
        invalid(format!("line {number}, column {column}: {found}"))
    })
}

fn invalid(found: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, found)
        .doing("reading an inventory")
        .next("take a new one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;
    use crate::plan::inventory::{Kind, Tag, write};

    fn text() -> String {
        let mut inventory = Inventory::new("r.example", "a", Timestamp::from_seconds(7));
        let entries = ["a", "b", "c"].map(|name| {
            let mut entry = Entry::new(Digest::of(name.as_bytes()), Kind::Image);
            entry.tags.push(Tag::new(format!("{name} é")));
            entry
        });
        inventory.fill(entries).unwrap();
        write(&inventory)
    }

    fn in_pieces(pieces: &[&str]) -> Result<Inventory> {
        let mut reader = Reader::default();
        for piece in pieces {
            reader.push(piece)?;
        }
        reader.finish()
    }

    #[test]
    fn pieces_may_be_cut_anywhere() {
        let text = text();
        let whole = parse(&text).unwrap();
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let (one, two) = text.split_at(cut);
            assert_eq!(in_pieces(&[one, "", two]).unwrap(), whole, "{cut}");
            let is_whole = cut >= text.len() - 1;
            assert_eq!(in_pieces(&[one]).is_ok(), is_whole, "{cut}");
        }
        assert_eq!(parse(&text.replace('\n', "\r\n")).unwrap(), whole);
    }

    #[test]
    fn an_error_names_its_line() {
        let text = text();
        let message = |text: &str| parse(text).unwrap_err().to_string();
        for (from, to, expected) in [
            (
                "\"host\"",
                "\"hosts\"",
                "line 1, column 58: unknown field `hosts`",
            ),
            (
                "\"c é\"",
                "7",
                "line 2, column 116: invalid type: integer `7`, expected a string",
            ),
            (
                "portreeve.inventory/1",
                "portreeve.plan/1",
                "its format is `portreeve.plan/1`",
            ),
            (
                "\"kind\":\"image\"",
                "\"kind\":\"picture\"",
                "line 2, column 100: unknown variant",
            ),
            ("\"images\":3", "\"images\":4", "does not match"),
            ("\n{\"images", "\n\n{\"images", "line 5, column 0: EOF"),
        ] {
            let found = message(&text.replace(from, to));
            assert!(found.contains(expected), "{found}");
        }
        assert!(message("").contains("it is empty"));
        assert!(message("{}").contains("cut short"));
    }

    #[test]
    fn a_digest_twice_is_refused_whatever_the_closing_line_says() {
        let text = text();
        let lines: Vec<&str> = text.lines().collect();
        let twice = [lines[0], lines[1], lines[1]].join("\n") + "\n";
        let sha256 = Digest::of(twice.as_bytes()).hex();
        let error = parse(&format!("{twice}{{\"images\":2,\"sha256\":\"{sha256}\"}}")).unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
    }
}
