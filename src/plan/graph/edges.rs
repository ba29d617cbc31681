//! Edges between numbered manifests, in two flat lists: a million manifests have millions.

use super::Node;

/// Who names whom, in one direction.
#[derive(Debug)]
pub(in crate::plan) struct Edges {
    /// Where the targets of each node begin, and one end more.
    starts: Vec<u32>,
    targets: Vec<Node>,
}

impl Edges {
    /// Takes `(from, to)` pairs in any order, among `count` nodes.
    pub(super) fn new(count: usize, pairs: &[(Node, Node)]) -> Self {
        let by_target = counted_out(count, pairs, |(_, to)| *to);
        let mut pairs = counted_out(count, &by_target, |(from, _)| *from);
        pairs.dedup();
        Self::of_sorted(count, &pairs)
    }

    fn of_sorted(count: usize, pairs: &[(Node, Node)]) -> Self {
        let mut starts = vec![0; count + 1];
        for (from, _) in pairs {
            if let Some(behind) = starts.get_mut(*from as usize + 1) {
                *behind += 1;
            }
        }
        sum(&mut starts);
        let targets = pairs.iter().map(|(_, to)| *to).collect();
        Self { starts, targets }
    }

    pub(super) fn reversed(&self, count: usize) -> Self {
        let nodes = 0..u32::try_from(count).unwrap_or(u32::MAX);
        let pairs = nodes.flat_map(|from| self.of(from).iter().map(move |to| (*to, from)));
        // by their second they are sorted already
        let pairs = counted_out(count, &pairs.collect::<Vec<_>>(), |(to, _)| *to);
        Self::of_sorted(count, &pairs)
    }

    /// The targets of `node`, ascending.
    pub(in crate::plan) fn of(&self, node: Node) -> &[Node] {
        let node = node as usize;
        match (self.starts.get(node), self.starts.get(node + 1)) {
            (Some(start), Some(end)) => {
                let range = *start as usize..*end as usize;
                self.targets.get(range).unwrap_or_default()
            }
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
    let mut places = vec![0_u32; count + 1];
    for pair in pairs {
        if let Some(behind) = places.get_mut(key(pair) as usize + 1) {
            *behind += 1;
        }
    }
    sum(&mut places);
    let mut sorted = vec![(0, 0); pairs.len()];
    for pair in pairs {
        if let Some(place) = places.get_mut(key(pair) as usize) {
            if let Some(free) = sorted.get_mut(*place as usize) {
                *free = *pair;
            }
            *place += 1;
        }
    }
    sorted
}

/// From counts, each one place late, to where each begins.
fn sum(counts: &mut [u32]) {
    let mut before = 0;
    for count in counts {
        before += *count;
        *count = before;
    }
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
