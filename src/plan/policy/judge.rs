//! Second pass: what the rules say about one group.

use super::places::{Places, Slots, Standing};
use super::{PlacedTag, Truth, condition, contents, subjects};
use crate::configuration::policy::Rule;
use crate::plan::column::Column;
use crate::plan::decision::Ruling;
use crate::plan::document::Reason;
use crate::plan::graph::Node;
use crate::plan::scene::Scene;
use crate::plan::select;

/// A policy over one repository. Each pattern is run at most once for each tag.
pub(in crate::plan) struct Judge<'a> {
    pub(super) scene: Scene<'a>,
    /// In the order of [`Policy::rules`](super::Policy::rules): keep rules first.
    pub(super) rules: Vec<Prepared<'a>>,
    slots: Option<Slots>,
}

/// A rule, and what was found out beforehand for all manifests.
pub(super) struct Prepared<'a> {
    pub(super) rule: &'a Rule,
    number: usize,
    contents: Option<Column<Truth>>,
    places: Option<Places>,
}

/// How sure a rule is to select something: an undecided one before one that does not.
const fn rank(truth: Truth) -> u8 {
    match truth {
        Truth::No => 0,
        Truth::Unknown(_) => 1,
        Truth::Yes => 2,
    }
}

/// What a rule's selectors, times and counting left aside, say about a tag, and the value that it
/// is counted under.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<'i> {
    pub(super) truth: Truth,
    pub(super) value: &'i str,
}

/// What one rule says about one tag, or about an image without one.
pub(super) struct Finding {
    pub(super) truth: Truth,
    ruling: Ruling,
}

impl<'a> Judge<'a> {
    pub(in crate::plan) fn new(scene: Scene<'a>) -> Self {
        let counts = scene.policy.rules().any(|rule| rule.counting.is_some());
        let slots = counts.then(|| Slots::new(&scene));
        let prepare = |(number, rule): (usize, &'a Rule)| {
            let contents = contents::column(scene.graph, rule.keeps, condition::contents(rule));
            let mut prepared = Prepared {
                rule,
                number,
                contents,
                places: None,
            };
            if let (Some(counting), Some(slots)) = (&rule.counting, &slots) {
                let roots = scene.graph.images().filter(|(node, image)| {
                    scene.graph.is_root(*node) && select::is_judged(&scene, *image)
                });
                let select = |node, tag| prepared.select(&scene, node, tag);
                let mut candidates = roots.map(|(node, _)| node);
                let places = Places::new(&scene, counting, slots, &mut candidates, &select);
                prepared.places = Some(places);
            }
            prepared
        };
        let rules = scene.policy.rules().enumerate().map(prepare).collect();
        Self {
            scene,
            rules,
            slots,
        }
    }

    /// Keep overrides delete; a rule that is undecided keeps.
    pub(in crate::plan) fn rule(&self, node: Node) -> Ruling {
        self.kept(node).unwrap_or_else(|| self.deleted(node))
    }

    /// A keep rule matches if any tag matches.
    fn kept(&self, node: Node) -> Option<Ruling> {
        let image = self.scene.graph.image(node)?;
        let mut undecided = None;
        for prepared in self.rules.iter().filter(|one| one.rule.keeps) {
            for tag in subjects(image) {
                let finding = self.ask(prepared, node, tag);
                match finding.truth {
                    Truth::Yes => return Some(finding.ruling),
                    Truth::Unknown(_) if !prepared.rule.ignores_unknown => {
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
    fn deleted(&self, node: Node) -> Ruling {
        let (mut selected, mut undecided) = (None, None);
        let image = self.scene.graph.image(node);
        for tag in image.into_iter().flat_map(subjects) {
            let best = self.best(node, tag);
            match best.truth {
                Truth::Yes => selected.get_or_insert(best.ruling),
                Truth::Unknown(_) => undecided.get_or_insert(best.ruling),
                Truth::No => return best.ruling,
            };
        }
        undecided
            .or(selected)
            .unwrap_or(Ruling::because(Reason::NotSelected))
    }

    /// What the delete rules together say about a tag: the first that selects it, else the first
    /// that might.
    fn best(&self, node: Node, tag: Option<PlacedTag<'a>>) -> Finding {
        let mut best = Finding {
            truth: Truth::No,
            ruling: Ruling::unselected(tag.map(|(position, _)| position)),
        };
        for prepared in self.rules.iter().filter(|one| !one.rule.keeps) {
            let finding = self.ask(prepared, node, tag);
            if rank(finding.truth) > rank(best.truth) {
                best = finding;
            }
            if best.truth == Truth::Yes {
                break;
            }
        }
        best
    }

    pub(super) fn ask(
        &self,
        prepared: &Prepared<'a>,
        node: Node,
        tag: Option<PlacedTag<'a>>,
    ) -> Finding {
        let mut ruling = Ruling::by(prepared.number, tag.map(|(position, _)| position));
        let mut truth = if let Some(counting) = &prepared.rule.counting {
            match self.standing(prepared, node, tag) {
                Standing::Out => Truth::No,
                Standing::Undecided(fact) => Truth::Unknown(fact),
                Standing::At(place, value) => {
                    ruling = ruling.placed(place, value);
                    condition::is_in_place(prepared.rule, counting, place).into()
                }
            }
        } else {
            prepared.select(&self.scene, node, tag).truth
        };
        if truth != Truth::No {
            let tag = tag.map(|(_, tag)| tag);
            truth = truth.and(condition::times(self.scene.clock, prepared.rule, node, tag));
        }
        ruling.reason = match truth {
            Truth::Yes if prepared.rule.keeps => Reason::KeepRule,
            Truth::Yes => Reason::DeleteRule,
            Truth::No => Reason::NotSelected,
            Truth::Unknown(fact) => fact.reason(),
        };
        Finding { truth, ruling }
    }

    /// How a tag stands among the groups that a rule counts.
    pub(super) fn standing(
        &self,
        prepared: &Prepared<'a>,
        node: Node,
        tag: Option<PlacedTag<'a>>,
    ) -> Standing {
        match (&prepared.places, &self.slots) {
            (Some(places), Some(slots)) => places.of(slots, node, tag),
            _ => Standing::Out,
        }
    }
}

impl<'a> Prepared<'a> {
    fn select(&self, scene: &Scene<'a>, node: Node, tag: Option<PlacedTag<'a>>) -> Selection<'a> {
        let rule = self.rule;
        let selection = |truth, value| Selection { truth, value };
        let kind = scene.graph.image(node).map(|image| image.kind());
        // where untagged manifests are not listed, what else might name this one is not known, and
        // what is listed no more takes nobody's place
        let is_seen = tag.is_some() || scene.inventory.lists_untagged;
        let out_of_sight = !is_seen && (!rule.keeps || rule.counting.is_some());
        let speaks = !out_of_sight
            && condition::is_tagged(rule, tag.is_some())
            && kind.is_some_and(|kind| rule.speaks_of(kind));
        let contents = self.contents.as_ref();
        let before = Truth::from(speaks).and(contents.map_or(Truth::Yes, |all| all.get(node)));
        let Some(tags) = rule.tags.as_ref().filter(|_| before != Truth::No) else {
            return selection(before, "");
        };
        let Some((_, tag)) = tag else {
            return selection(Truth::No, "");
        };
        let counting = rule.counting.as_ref();
        let per = counting.and_then(|counting| counting.per.as_ref());
        if per.is_none() && rule.captured.is_empty() {
            return selection(before.and(tags.matches(tag.name).into()), "");
        }
        let Some(found) = tags.find(tag.name) else {
            return selection(Truth::No, "");
        };
        let captured = rule.captured.iter();
        let captured = captured.map(|one| condition::captured(scene.reported, one, &found));
        selection(
            captured.fold(before, Truth::and),
            per.map_or("", |per| found.group(per)),
        )
    }
}
