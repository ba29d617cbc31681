//! Second pass: what the rules say about one group.

use super::places::{Places, value};
use super::{Policy, Truth, selects};
use crate::configuration::policy::{Order, Rule, TimeBound, TimeFact};
use crate::plan::clock::Clock;
use crate::plan::document::Reason;
use crate::plan::graph::{Graph, Node};
use crate::plan::inventory::ImageTag;

/// A policy over one repository.
pub(in crate::plan) struct Judge<'a> {
    keep: Vec<Counted<'a>>,
    delete: Vec<Counted<'a>>,
    graph: &'a Graph<'a>,
    clock: &'a Clock<'a>,
    lists_untagged: bool,
}

/// A rule and the places of the groups it counts.
struct Counted<'a> {
    rule: &'a Rule,
    places: Places<'a>,
}

/// What the rules say about a group, and what that rests on.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Ruling<'a> {
    pub(in crate::plan) reason: Reason,
    pub(in crate::plan) rule: Option<&'a Rule>,
    pub(in crate::plan) tag: Option<&'a str>,
    pub(in crate::plan) place: Option<u64>,
    pub(in crate::plan) per: Option<&'a str>,
}

/// What one rule says about one tag, or about an image without one.
struct Finding<'a> {
    truth: Truth,
    ruling: Ruling<'a>,
}

impl<'a> Judge<'a> {
    /// `candidates` are the roots that rules speak about at all.
    pub(in crate::plan) fn new(
        policy: &'a Policy,
        graph: &'a Graph<'a>,
        clock: &'a Clock<'a>,
        candidates: &[Node],
        lists_untagged: bool,
    ) -> Self {
        let counted = |rules: &'a [Rule]| {
            let counted = rules.iter().map(|rule| Counted {
                rule,
                places: Places::of(rule, graph, clock, candidates),
            });
            counted.collect()
        };
        Self {
            keep: counted(&policy.keep),
            delete: counted(&policy.delete),
            graph,
            clock,
            lists_untagged,
        }
    }

    /// Keep overrides delete; a rule that is undecided keeps.
    pub(in crate::plan) fn rule(&self, node: Node) -> Ruling<'a> {
        let mut tags: Vec<Option<ImageTag<'a>>> = match self.graph.image(node) {
            Some(image) => image.own_tags().map(Some).collect(),
            None => Vec::new(),
        };
        if tags.is_empty() {
            tags.push(None);
        }
        self.kept(node, &tags)
            .unwrap_or_else(|| self.deleted(node, &tags))
    }

    /// A keep rule matches if any tag matches.
    fn kept(&self, node: Node, tags: &[Option<ImageTag<'a>>]) -> Option<Ruling<'a>> {
        let mut undecided = None;
        for counted in &self.keep {
            for tag in tags {
                let finding = self.ask(counted, node, *tag);
                match finding.truth {
                    Truth::Yes => return Some(finding.ruling),
                    Truth::Unknown(_) if !counted.rule.ignores_unknown => {
                        undecided.get_or_insert(finding.ruling);
                    }
                    Truth::Unknown(_) | Truth::No => {}
                }
            }
        }
        undecided
    }

    /// Every tag must be selected by some delete rule: one digest, several tags, and any tag that
    /// nobody gave up protects it.
    fn deleted(&self, node: Node, tags: &[Option<ImageTag<'a>>]) -> Ruling<'a> {
        let (mut selected, mut undecided) = (None, None);
        for tag in tags {
            let findings = self
                .delete
                .iter()
                .map(|counted| self.ask(counted, node, *tag));
            let best = findings.reduce(|one, two| {
                if two.truth.or(one.truth) == one.truth {
                    one
                } else {
                    two
                }
            });
            match best {
                Some(finding) if finding.truth == Truth::Yes => {
                    selected.get_or_insert(finding.ruling);
                }
                Some(finding) if finding.truth != Truth::No => {
                    undecided.get_or_insert(finding.ruling);
                }
                _ => {
                    return Ruling {
                        tag: tag.map(|tag| tag.name),
                        ..Ruling::because(Reason::NotSelected)
                    };
                }
            }
        }
        undecided
            .or(selected)
            .unwrap_or(Ruling::because(Reason::NotSelected))
    }

    fn ask(&self, counted: &Counted<'a>, node: Node, tag: Option<ImageTag<'a>>) -> Finding<'a> {
        let rule = counted.rule;
        let name = tag.map(|tag| tag.name);
        let mut ruling = Ruling {
            reason: Reason::NotSelected,
            rule: Some(rule),
            tag: name,
            place: None,
            per: None,
        };
        // where untagged manifests are not listed, what else might name this one is not known
        let out_of_sight = tag.is_none() && !self.lists_untagged && !rule.keeps;
        if out_of_sight || !selects(rule, name) {
            return Finding {
                truth: Truth::No,
                ruling,
            };
        }
        let older = self.compare(node, tag, rule.older_than, true);
        let younger = self.compare(node, tag, rule.younger_than, false);
        let mut truth = older.and(younger);
        let is_decided = rule.annotations.is_empty()
            && rule.labels.is_empty()
            && rule.platforms.is_empty()
            && rule.captured.is_empty()
            && rule.kinds.is_empty();
        if !is_decided {
            truth = truth.and(Truth::Unknown(TimeFact::Pushed));
        }
        if let Some(counting) = &rule.counting {
            let value = name.map_or("", |name| value(rule, counting, name));
            ruling.place = counted.places.place(value, node);
            ruling.per = counting.per.as_ref().map(|_| value);
            truth = truth.and(match ruling.place {
                None => Truth::Unknown(match counting.by {
                    Order::Time(fact) => fact,
                    Order::Version => TimeFact::Pushed,
                }),
                Some(place) => {
                    let among_newest = place <= u64::from(counting.count);
                    Truth::from(among_newest == rule.keeps)
                }
            });
        }
        ruling.reason = match truth {
            Truth::Yes if rule.keeps => Reason::KeepRule,
            Truth::Yes => Reason::DeleteRule,
            Truth::No => Reason::NotSelected,
            Truth::Unknown(TimeFact::Created) => Reason::Created,
            Truth::Unknown(TimeFact::FirstSeen) => Reason::FirstSeen,
            Truth::Unknown(TimeFact::Pulled) => Reason::Pulled,
            Truth::Unknown(TimeFact::Pushed) => Reason::Pushed,
        };
        Finding { truth, ruling }
    }

    /// Whether a time lies at least, or less than, so long ago.
    fn compare(
        &self,
        node: Node,
        tag: Option<ImageTag<'_>>,
        bound: Option<TimeBound>,
        older: bool,
    ) -> Truth {
        let Some(bound) = bound else {
            return Truth::Yes;
        };
        match self.clock.time(node, tag, bound.fact) {
            None => Truth::Unknown(bound.fact),
            Some(time) => {
                let is_older = time <= self.clock.now.minus(bound.age.duration());
                Truth::from(is_older == older)
            }
        }
    }
}

impl Ruling<'_> {
    /// A ruling without a rule.
    pub(in crate::plan) const fn because(reason: Reason) -> Self {
        Self {
            reason,
            rule: None,
            tag: None,
            place: None,
            per: None,
        }
    }
}
