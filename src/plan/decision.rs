//! The verdict on one manifest, without a string in it: there are millions of them.

use super::document::{Reason, Verdict};
use super::graph::Node;
use super::inventory::{Image, ImageTag};
use super::policy::Policy;
use crate::configuration::policy::Rule;

const NO_RULE: u16 = u16::MAX;
const NONE: u32 = u32::MAX;

/// A verdict, and the root it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) ruling: Ruling,
    /// The root it belongs to.
    pub(super) group: Node,
    through: u32,
    missing: u32,
}

/// What the rules say about a group, and what that rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) reason: Reason,
    rule: u16,
    tag: u32,
    place: u32,
    per: Piece,
}

/// A piece of a tag: what a group of its pattern captured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Piece {
    start: u16,
    length: u16,
}

impl Decision {
    pub(super) const fn new(group: Node, reason: Reason) -> Self {
        Self {
            ruling: Ruling::because(reason),
            group,
            through: NONE,
            missing: NONE,
        }
    }

    pub(super) const fn verdict(&self) -> Verdict {
        self.ruling.reason.verdict()
    }

    pub(super) const fn deletes(&self) -> bool {
        matches!(self.verdict(), Verdict::Delete)
    }

    /// What leads to it and stays, or the member that restrains its group.
    pub(super) fn through(&self) -> Option<Node> {
        Some(self.through).filter(|node| *node != NONE)
    }

    /// What it, or that member, names and is missing: a number of the inventory's digests.
    pub(super) fn missing(&self) -> Option<u32> {
        Some(self.missing).filter(|id| *id != NONE)
    }

    pub(super) const fn led_through(mut self, node: Node) -> Self {
        self.through = node;
        self
    }

    pub(super) fn lacking(mut self, missing: Option<u32>) -> Self {
        self.missing = missing.unwrap_or(NONE);
        self
    }
}

impl Ruling {
    /// A ruling without a rule.
    pub(super) const fn because(reason: Reason) -> Self {
        Self {
            reason,
            rule: NO_RULE,
            tag: NONE,
            place: 0,
            per: Piece {
                start: 0,
                length: 0,
            },
        }
    }

    /// The ruling of a rule, by its position among all rules of the policy, on a tag by its
    /// position among all tags of the manifest.
    pub(super) fn by(rule: usize, tag: Option<u32>) -> Self {
        Self {
            rule: u16::try_from(rule).unwrap_or(NO_RULE),
            tag: tag.unwrap_or(NONE),
            ..Self::because(Reason::NotSelected)
        }
    }

    /// No delete rule selects it, or not this one of its tags.
    pub(super) fn unselected(tag: Option<u32>) -> Self {
        Self {
            tag: tag.unwrap_or(NONE),
            ..Self::because(Reason::NotSelected)
        }
    }

    /// With a place among the groups that the rule counts, from 1, under a captured value.
    pub(super) const fn placed(mut self, place: u32, per: Piece) -> Self {
        self.place = place;
        self.per = per;
        self
    }

    /// The rule that decided, if one did.
    pub(super) fn rule<'p>(&self, policy: &'p Policy) -> Option<&'p Rule> {
        policy.rules().nth(usize::from(self.rule))
    }

    /// The tag that decided, if one did.
    pub(super) fn tag<'i>(&self, image: Image<'i>) -> Option<ImageTag<'i>> {
        image.tag(self.tag)
    }

    /// Its place among the groups that the rule counts, newest first, from 1.
    pub(super) fn place(&self) -> Option<u64> {
        Some(u64::from(self.place)).filter(|place| *place > 0)
    }

    /// The value that it was counted under, where the rule counts each value for itself.
    pub(super) fn per<'i>(&self, policy: &Policy, image: Image<'i>) -> Option<&'i str> {
        self.rule(policy)?.counting.as_ref()?.per.as_ref()?;
        self.place()?;
        Some(self.per.of(self.tag(image)?.name))
    }
}

impl Piece {
    /// Where `piece`, a slice of `whole`, lies in it. Tags are short; a piece of one that is not
    /// is only not shown.
    pub(super) fn new(whole: &str, piece: &str) -> Self {
        let start = piece.as_ptr().addr().checked_sub(whole.as_ptr().addr());
        let ends = start
            .and_then(|start| u16::try_from(start).ok())
            .zip(u16::try_from(piece.len()).ok())
            .filter(|(start, length)| {
                let end = usize::from(*start) + usize::from(*length);
                whole.get(usize::from(*start)..end) == Some(piece)
            });
        ends.map_or(Self::default(), |(start, length)| Self { start, length })
    }

    pub(super) fn of(self, whole: &str) -> &str {
        let start = usize::from(self.start);
        whole
            .get(start..start + usize::from(self.length))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_small_because_there_are_millions() {
        assert_eq!(size_of::<Option<Decision>>(), 28);
    }

    #[test]
    fn a_piece_is_found_again_in_its_tag_and_nowhere_else() {
        let tag = "pr-17-abc".to_owned();
        assert_eq!(Piece::new(&tag, tag.get(3..5).unwrap()).of(&tag), "17");
        assert_eq!(Piece::new(&tag, "17").of(&tag), "");
        let long = "x".repeat(100_000);
        assert_eq!(Piece::new(&long, long.get(70_000..).unwrap()).of(&long), "");
    }
}
