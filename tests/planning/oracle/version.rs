//! Versions and ranges by precedence (semver.org 2.0.0, 11), each comparator as an interval.

use std::cmp::Ordering;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [u64; 3],
    /// The identifiers behind the hyphen; none is a release.
    prerelease: Vec<String>,
}

impl Version {
    /// The version that a tag is, a leading `v` allowed.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        let text = tag.strip_prefix('v').unwrap_or(tag);
        let (core, prerelease) = match text.split_once('-') {
            Some((core, prerelease)) => (core, prerelease.split('.').map(str::to_owned).collect()),
            None => (text, Vec::new()),
        };
        let parts: Vec<&str> = core.split('.').collect();
        let [major, minor, patch] = parts[..] else {
            return None;
        };
        let numbers = [number(major)?, number(minor)?, number(patch)?];
        let is_fine = |part: &String| {
            let is_numeric = part.bytes().all(|byte| byte.is_ascii_digit());
            let letters = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            !part.is_empty() && letters && (!is_numeric || number(part).is_some())
        };
        prerelease.iter().all(is_fine).then_some(Self {
            numbers,
            prerelease,
        })
    }

    fn release(numbers: [u64; 3]) -> Self {
        Self {
            numbers,
            prerelease: Vec::new(),
        }
    }

    pub(super) fn precedence(&self, other: &Self) -> Ordering {
        let identifiers = || {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => return Ordering::Equal,
                (true, false) => return Ordering::Greater,
                (false, true) => return Ordering::Less,
                (false, false) => {}
            }
            for (one, two) in self.prerelease.iter().zip(&other.prerelease) {
                let order = match (number(one), number(two)) {
                    (Some(one), Some(two)) => one.cmp(&two),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (None, None) => one.cmp(two),
                };
                if order != Ordering::Equal {
                    return order;
                }
            }
            self.prerelease.len().cmp(&other.prerelease.len())
        };
        self.numbers.cmp(&other.numbers).then_with(identifiers)
    }

    fn is_at_least(&self, bound: &Self) -> bool {
        self.precedence(bound) != Ordering::Less
    }

    /// Whether the rule's range means it: with pre-releases a keep rule takes what lies in the
    /// range with or without its pre-release, a delete rule only what does with and without.
    pub(super) fn lies_in(&self, ranges: &[&str], prereleases: bool, keeps: bool) -> bool {
        let lies = |version: &Self| ranges.iter().any(|range| version.is_in(range));
        let release = Self::release(self.numbers);
        match (self.prerelease.is_empty(), prereleases, keeps) {
            (true, _, _) => lies(self),
            (false, false, _) => false,
            (false, true, true) => lies(self) || lies(&release),
            (false, true, false) => lies(self) && lies(&release),
        }
    }

    fn is_in(&self, range: &str) -> bool {
        range
            .split(',')
            .all(|comparator| self.satisfies(comparator.trim()))
    }

    fn satisfies(&self, comparator: &str) -> bool {
        let at = comparator.find(|c: char| c.is_ascii_digit()).unwrap();
        let (operator, numbers) = comparator.split_at(at);
        let given: Vec<u64> = numbers
            .split('.')
            .map(|part| part.parse().unwrap())
            .collect();
        let mut least = [0; 3];
        least[..given.len()].copy_from_slice(&given);
        // the first release behind everything that the comparator's own numbers begin
        let end = |place: usize| {
            let mut end = [0; 3];
            end[..=place].copy_from_slice(&least[..=place]);
            end[place] += 1;
            end
        };
        // whatever ends there leaves out its pre-releases, too
        let ends_before = |place: usize| self.numbers < end(place);
        let least_version = Self::release(least);
        let is_before_end = ends_before(given.len() - 1);
        match operator.trim() {
            ">=" => self.is_at_least(&least_version),
            "<" => !self.is_at_least(&least_version),
            "=" if given.len() == 3 => self.precedence(&least_version) == Ordering::Equal,
            "=" => self.is_at_least(&least_version) && is_before_end,
            ">" if given.len() == 3 => self.precedence(&least_version) == Ordering::Greater,
            ">" => self.is_at_least(&Self::release(end(given.len() - 1))),
            "<=" if given.len() == 3 => self.precedence(&least_version) != Ordering::Greater,
            "<=" => is_before_end,
            "~" => self.is_at_least(&least_version) && ends_before(1.min(given.len() - 1)),
            "^" => {
                let first_nonzero = given.iter().position(|number| *number > 0);
                let place = first_nonzero.unwrap_or(given.len() - 1);
                self.is_at_least(&least_version) && ends_before(place)
            }
            other => panic!("the operator {other}"),
        }
    }
}

/// Digits without a leading zero.
fn number(text: &str) -> Option<u64> {
    let is_plain = text == "0" || !text.starts_with('0');
    (is_plain && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
