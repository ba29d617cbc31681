//! Uses as they are found, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::{MOST_SOURCES, Use, Used};

/// What is in use, with the sources of each.
#[derive(Debug, Default)]
pub(super) struct Gathered(BTreeMap<Used, Sources>);

#[derive(Debug, Default)]
struct Sources {
    named: BTreeSet<String>,
    more: u64,
}

impl Gathered {
    pub(super) fn add(&mut self, used: Used, source: &str) {
        self.0.entry(used).or_default().name(source.to_owned());
    }

    pub(super) fn merge(&mut self, one: Use) {
        let sources = self.0.entry(one.used).or_default();
        sources.more = sources.more.saturating_add(one.more);
        for source in one.sources {
            sources.name(source);
        }
    }

    pub(super) fn into_uses(self) -> Vec<Use> {
        let entries = self.0.into_iter();
        entries
            .map(|(used, sources)| Use {
                used,
                sources: sources.named.into_iter().collect(),
                more: sources.more,
            })
            .collect()
    }
}

impl Sources {
    /// The first by name are kept, so that the same objects in another order give the same report.
    fn name(&mut self, source: String) {
        if self.named.insert(source) && self.named.len() > MOST_SOURCES {
            self.named.pop_last();
            self.more = self.more.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_sources_are_ten_and_a_count_whatever_their_order() {
        let one = Used::Unresolved("x".to_owned());
        let gather = |order: &mut dyn Iterator<Item = usize>| {
            let mut gathered = Gathered::default();
            for number in order {
                gathered.add(one.clone(), &format!("pod/{number:04}"));
            }
            gathered.into_uses()
        };
        let uses = gather(&mut (0..1000));
        assert_eq!(uses, gather(&mut (0..1000).rev()));
        assert_eq!(uses[0].sources.len(), MOST_SOURCES);
        assert_eq!(uses[0].sources[9], "pod/0009");
        assert_eq!(uses[0].more, 990);
    }
}
