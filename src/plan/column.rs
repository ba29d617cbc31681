//! One small value for each manifest of a repository: a million manifests have no room for more.

use super::graph::Node;

/// A value for each node.
#[derive(Debug)]
pub(super) struct Column<T> {
    /// What is not there has this value.
    fallback: T,
    values: Vec<T>,
}

impl<T: Copy> Column<T> {
    /// `count` times the same value.
    pub(super) fn new(count: usize, value: T) -> Self {
        Self {
            fallback: value,
            values: vec![value; count],
        }
    }

    pub(super) fn get(&self, node: Node) -> T {
        let found = self.values.get(node as usize);
        found.copied().unwrap_or(self.fallback)
    }

    pub(super) fn set(&mut self, node: Node, value: T) {
        if let Some(place) = self.values.get_mut(node as usize) {
            *place = value;
        }
    }

    /// The values, in the order of the nodes.
    pub(super) fn into_values(self) -> Vec<T> {
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_has_the_first_value_and_takes_no_other() {
        let mut column = Column::new(2, 7);
        column.set(1, 8);
        column.set(2, 9);
        assert_eq!([column.get(0), column.get(1), column.get(2)], [7, 8, 7]);
        assert_eq!(column.into_values(), [7, 8]);
    }
}
