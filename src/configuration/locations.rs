//! Where in a text each value of a JSON document begins.
//!
//! The document has been read by then, so this is only asked for where something is to be said
//! about it, and need not say what is wrong with it.

use std::{iter::Peekable, str::Chars};

use super::problem::Position;
use super::reader::member;
use crate::sorted;

/// The places of every value, by path.
#[derive(Debug)]
pub(super) struct Locations(Vec<(String, Position)>);

impl Locations {
    pub(super) fn of(text: &str) -> Self {
        let mut walker = Walker {
            rest: text.chars().peekable(),
            at: Position { line: 1, column: 1 },
            found: Vec::new(),
        };
        walker.value("$");
        let mut found = walker.found;
        sorted::sort_by(&mut found, |one, two| one.0.cmp(&two.0));
        Self(found)
    }

    /// Where the value at `path` begins; of a field that is missing, the object that lacks it.
    pub(super) fn find(&self, path: &str) -> Option<Position> {
        let parent = || path.rsplit_once('.').map(|(parent, _)| parent);
        self.exact(path).or_else(|| self.exact(parent()?))
    }

    fn exact(&self, path: &str) -> Option<Position> {
        let found = self
            .0
            .binary_search_by(|(known, _)| known.as_str().cmp(path));
        self.0.get(found.ok()?).map(|(_, position)| *position)
    }
}

/// Reads on as deep as the document is, which its reader has bounded.
struct Walker<'t> {
    rest: Peekable<Chars<'t>>,
    at: Position,
    found: Vec<(String, Position)>,
}

impl Walker<'_> {
    fn value(&mut self, path: &str) {
        self.space();
        self.found.push((path.to_owned(), self.at));
        match self.rest.peek() {
            Some('{') => self.members(path),
            Some('[') => self.items(path),
            Some('"') => drop(self.text()),
            _ => {
                while self
                    .next_if(|letter| !matches!(letter, ',' | '}' | ']'))
                    .is_some()
                {}
            }
        }
    }

    fn members(&mut self, path: &str) {
        self.next();
        loop {
            self.space();
            match self.rest.peek() {
                Some('"') => {
                    let name = self.text();
                    self.space();
                    self.next_if(|letter| letter == ':');
                    self.value(&member(path, &name));
                }
                Some(',') => drop(self.next()),
                _ => break,
            }
        }
        self.next();
    }

    fn items(&mut self, path: &str) {
        self.next();
        let mut position = 0_usize;
        loop {
            self.space();
            match self.rest.peek() {
                Some(']') | None => break,
                Some(',') => drop(self.next()),
                Some(_) => {
                    self.value(&format!("{path}[{position}]"));
                    position += 1;
                }
            }
        }
        self.next();
    }

    /// A text between quotes, decoded.
    fn text(&mut self) -> String {
        let mut quoted = String::new();
        let mut is_escaped = false;
        quoted.extend(self.next());
        while let Some(letter) = self.next() {
            quoted.push(letter);
            match letter {
                '"' if !is_escaped => break,
                '\\' => is_escaped = !is_escaped,
                _ => is_escaped = false,
            }
        }
        serde_json::from_str(&quoted).unwrap_or_default()
    }

    fn space(&mut self) {
        while self.next_if(char::is_whitespace).is_some() {}
    }

    fn next_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        self.rest.peek().filter(|letter| wanted(**letter))?;
        self.next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.next()?;
        if letter == '\n' {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
        Some(letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        let text = "{ \"a\": [1, {\"ü\\\"\": true}],\n  \"docker.io\" : { \"b\": \"x{,]\\\\\" }, \"c\":-1e5\n}";
        let locations = Locations::of(text);
        for (path, line, column) in [
            ("$", 1, 1),
            ("$.a", 1, 8),
            ("$.a[0]", 1, 9),
            ("$.a[1]", 1, 12),
            (r#"$.a[1]["ü\""]"#, 1, 20),
            (r#"$["docker.io"]"#, 2, 17),
            (r#"$["docker.io"].b"#, 2, 24),
            ("$.c", 2, 40),
            ("$.missing", 1, 1),
            (r#"$["docker.io"].missing"#, 2, 17),
        ] {
            assert_eq!(
                locations.find(path),
                Some(Position { line, column }),
                "{path}"
            );
        }
        assert_eq!(locations.find("$.x.y"), None);
    }

    #[test]
    fn what_is_no_document_has_an_answer_too() {
        for text in [
            "",
            "{",
            "[",
            "{\"",
            "[{\"a\":",
            "{\"a\" \"b\"",
            "]",
            "}}",
            "[1 2]",
            "\\",
        ] {
            assert!(Locations::of(text).find("$").is_some(), "{text}");
        }
    }
}
