//! Texts one after another, without an allocation for each.

use std::collections::BTreeMap;

/// Many texts in one.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds one, and gives its number; `None` where 4 GiB of them are there already.
    pub(super) fn push(&mut self, text: &str) -> Option<u32> {
        let number = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.all.len() + text.len()).ok()?;
        self.all.push_str(text);
        self.ends.push(end);
        Some(number)
    }

    /// The text of a number; empty for one that was never given.
    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let end = self.ends.get(number).copied().unwrap_or_default();
        let range = start.copied().unwrap_or_default() as usize..end as usize;
        self.all.get(range).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Texts of which each is kept once.
#[derive(Debug, Default)]
pub(super) struct Interned {
    pub(super) texts: Texts,
    numbers: BTreeMap<String, u32>,
}

impl Interned {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> Option<u32> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        let number = self.texts.push(text)?;
        self.numbers.insert(text.to_owned(), number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_by_their_numbers() {
        let mut interned = Interned::default();
        for (text, number) in [("a", 0), ("", 1), ("bé", 2), ("a", 0), ("", 1)] {
            assert_eq!(interned.number(text), Some(number), "{text}");
        }
        let texts = interned.texts;
        assert_eq!(texts.len(), 3);
        assert_eq!(
            ["a", "", "bé", ""],
            [0, 1, 2, 3].map(|number| texts.get(number))
        );
    }
}
