//! Edges between numbered manifests, in two flat lists: a million manifests have millions.

use super::Node;

/// Who names whom, in one direction.
#[derive(Debug)]
pub(in crate::plan) struct Edges {
    /// Where the targets of each node begin, and one end more.
    starts: Vec<usize>,
    targets: Vec<Node>,
}

impl Edges {
    /// Takes `(from, to)` pairs in any order, among `count` nodes.
    pub(super) fn new(count: usize, pairs: &[(Node, Node)]) -> Self {
        let by_target = counted_out(count, pairs, |(_, to)| *to);
        let mut pairs = counted_out(count, &by_target, |(from, _)| *from);
        pairs.dedup();
        let mut starts = Vec::with_capacity(count + 1);
        let mut targets = Vec::with_capacity(pairs.len());
        let mut pairs = pairs.into_iter().peekable();
        for node in 0..count {
            starts.push(targets.len());
            while let Some((_, to)) = pairs.next_if(|(from, _)| *from == node) {
                targets.push(to);
            }
        }
        starts.push(targets.len());
        Self { starts, targets }
    }

    pub(super) fn reversed(&self, count: usize) -> Self {
        let pairs = (0..count).flat_map(|from| self.of(from).iter().map(move |to| (*to, from)));
        Self::new(count, &pairs.collect::<Vec<_>>())
    }

    /// The targets of `node`, ascending.
    pub(in crate::plan) fn of(&self, node: Node) -> &[Node] {
        match (self.starts.get(node), self.starts.get(node + 1)) {
            (Some(start), Some(end)) => self.targets.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Sorts stably by a node of each pair, in time linear in both: a counting sort.
fn counted_out(
    count: usize,
    pairs: &[(Node, Node)],
    key: impl Fn(&(Node, Node)) -> Node,
) -> Vec<(Node, Node)> {
    let mut places = vec![0; count + 1];
    for pair in pairs {
        if let Some(behind) = places.get_mut(key(pair) + 1) {
            *behind += 1;
        }
    }
    let mut before = 0;
    for place in &mut places {
        before += *place;
        *place = before;
    }
    let mut sorted = vec![(0, 0); pairs.len()];
    for pair in pairs {
        if let Some(place) = places.get_mut(key(pair)) {
            if let Some(free) = sorted.get_mut(*place) {
                *free = *pair;
            }
            *place += 1;
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_come_sorted_and_once() {
        let edges = Edges::new(3, &[(2, 1), (0, 2), (0, 1), (0, 2)]);
        assert_eq!(
            [edges.of(0), edges.of(1), edges.of(2), edges.of(3)],
            [&[1, 2][..], &[], &[1], &[]]
        );
        let back = edges.reversed(3);
        assert_eq!(
            [back.of(0), back.of(1), back.of(2)],
            [&[][..], &[0, 2], &[0]]
        );
    }
}
