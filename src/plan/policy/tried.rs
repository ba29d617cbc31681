//! Rules asked once more, about one manifest, with every condition told.

use super::condition::{self, Condition, conditions};
use super::judge::{Judge, Prepared};
use super::places::Standing;
use super::{PlacedTag, Truth, contents, words};
use crate::configuration::policy::Rule;
use crate::plan::graph::Node;
use crate::plan::inventory::Image;

/// What one rule says about one tag.
#[derive(Debug)]
pub(in crate::plan) struct Tried<'a> {
    pub(in crate::plan) rule: &'a Rule,
    /// The tag's name, if it is not asked about as untagged.
    pub(in crate::plan) tag: Option<&'a str>,
    pub(in crate::plan) truth: Truth,
    pub(in crate::plan) conditions: Vec<TriedCondition>,
}

/// What one of its conditions says.
#[derive(Debug)]
pub(in crate::plan) struct TriedCondition {
    pub(in crate::plan) words: String,
    pub(in crate::plan) truth: Truth,
    pub(in crate::plan) found: Option<String>,
}

impl<'a> Judge<'a> {
    /// Every rule, asked about these tags of a manifest.
    pub(in crate::plan) fn tried(
        &self,
        node: Node,
        image: Image<'a>,
        tags: &[Option<PlacedTag<'a>>],
    ) -> Vec<Tried<'a>> {
        let mut all = Vec::new();
        for prepared in &self.rules {
            let conditions = self.decided(prepared.rule, node);
            for tag in tags {
                let mut told: Vec<TriedCondition> = conditions
                    .iter()
                    .map(|(condition, decided)| {
                        self.told(prepared, *condition, *decided, (node, image, *tag))
                    })
                    .collect();
                let is_left_out = !prepared.rule.keeps || prepared.rule.counting.is_some();
                if tag.is_none() && is_left_out && !self.scene.inventory.lists_untagged {
                    told.push(TriedCondition {
                        words: "the registry lists what has no tag".to_owned(),
                        truth: Truth::No,
                        found: None,
                    });
                }
                all.push(Tried {
                    rule: prepared.rule,
                    tag: tag.map(|(_, tag)| tag.name),
                    truth: self.ask(prepared, node, *tag).truth,
                    conditions: told,
                });
            }
        }
        all
    }

    /// The conditions of a rule, with what those say that need the whole repository.
    fn decided(&self, rule: &'a Rule, node: Node) -> Vec<(Condition<'a>, Option<Truth>)> {
        let all = conditions(rule).into_iter();
        all.map(|condition| {
            let column = contents::column(self.scene.graph, rule.keeps, condition.as_contents());
            (condition, column.map(|column| column.get(node)))
        })
        .collect()
    }

    fn told(
        &self,
        prepared: &Prepared<'a>,
        condition: Condition<'a>,
        decided: Option<Truth>,
        (node, image, placed): (Node, Image<'a>, Option<PlacedTag<'a>>),
    ) -> TriedCondition {
        let scene = &self.scene;
        let tag = placed.map(|(_, tag)| tag);
        let time = |fact| {
            scene
                .clock
                .time(node, tag, fact)
                .map(|time| time.to_string())
        };
        let (truth, found) = match condition {
            Condition::Tagged(tagged) => {
                let found = if tag.is_some() {
                    "it has"
                } else {
                    "it has none"
                };
                ((tagged == tag.is_some()).into(), Some(found.to_owned()))
            }
            Condition::Tags(tags) => {
                let name = tag.map(|tag| tag.name);
                let truth = name.is_some_and(|name| tags.matches(name)).into();
                (truth, name.map(str::to_owned))
            }
            Condition::Kinds(_) => {
                let kind = image.kind();
                let truth = prepared.rule.speaks_of(kind).into();
                (truth, Some(kind.as_str().to_owned()))
            }
            Condition::Annotation(named) => {
                let found = words::note(image, image.annotation(&named.key));
                (decided.unwrap_or(Truth::No), found)
            }
            Condition::Label(named) => {
                let found = words::note(image, image.label(&named.key));
                (decided.unwrap_or(Truth::No), found)
            }
            Condition::Platforms(_) => (
                decided.unwrap_or(Truth::No),
                words::platforms(scene.graph, image),
            ),
            Condition::Captured(captured) => {
                let tags = prepared.rule.tags.as_ref();
                let found = tags.zip(tag).and_then(|(tags, tag)| tags.find(tag.name));
                match found {
                    None => (Truth::No, None),
                    Some(found) => {
                        let text = found.group(&captured.group);
                        let truth = condition::captured(scene.reported, captured, &found);
                        (truth, Some(words::captured(scene, &captured.report, text)))
                    }
                }
            }
            Condition::Older(bound) => (
                condition::compare(scene.clock, node, tag, bound, true),
                time(bound.fact),
            ),
            Condition::Younger(bound) => (
                condition::compare(scene.clock, node, tag, bound, false),
                time(bound.fact),
            ),
            Condition::Counted(counting) => {
                let standing = self.standing(prepared, node, placed);
                let truth = match standing {
                    Standing::Out => Truth::No,
                    Standing::Undecided(fact) => Truth::Unknown(fact),
                    Standing::At(place, _) => {
                        condition::is_in_place(prepared.rule, counting, place).into()
                    }
                };
                (truth, words::standing(standing, tag))
            }
        };
        TriedCondition {
            words: words::condition(prepared.rule, condition),
            truth,
            found,
        }
    }
}
