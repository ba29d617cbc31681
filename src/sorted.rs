//! Sorting, compiled once.
//!
//! The standard library's sort is some 6 KB of WebAssembly for *every* element type that it
//! meets; the first release build held 250 KB of it. Here only positions are sorted, through one
//! `dyn` comparison. Collecting into a `BTreeMap` or `BTreeSet` sorts as well, which [`map`] and
//! [`set`] do not.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts in place; equal items stay in their order.
pub(crate) fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    // no list in memory has more
    let mut order: Vec<u32> = (0..u32::try_from(items.len()).unwrap_or(u32::MAX)).collect();
    positions(
        &mut order,
        &|one, two| match (items.get(one as usize), items.get(two as usize)) {
            (Some(one), Some(two)) => compare(one, two),
            _ => Ordering::Equal,
        },
    );
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(
        order
            .into_iter()
            .filter_map(|position| taken.get_mut(position as usize)?.take()),
    );
}

/// [`sort_by`] with the items' own order.
pub(crate) fn sort<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, T::cmp);
}

/// Sorts numbers by a number that each stands for, in linear time; equal ones stay in their order.
pub(crate) fn by_number(positions: &mut Vec<u32>, number: &dyn Fn(u32) -> u64) {
    let mut items: Vec<(u64, u32)> = positions.iter().map(|at| (number(*at), *at)).collect();
    let mut sorted = items.clone();
    for shift in [0, 16, 32, 48] {
        let digit = |key: u64| usize::try_from(key >> shift & 0xffff).unwrap_or_default();
        let mut places = vec![0_u32; 1 << 16];
        for (key, _) in &items {
            if let Some(count) = places.get_mut(digit(*key)) {
                *count += 1;
            }
        }
        if places.iter().any(|count| *count as usize == items.len()) {
            continue;
        }
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        for item in &items {
            if let Some(place) = places.get_mut(digit(item.0)) {
                if let Some(free) = sorted.get_mut(*place as usize) {
                    *free = *item;
                }
                *place += 1;
            }
        }
        std::mem::swap(&mut items, &mut sorted);
    }
    positions.clear();
    positions.extend(items.into_iter().map(|(_, at)| at));
}

/// A map of these entries; of two with one key the later stays.
pub(crate) fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        map.insert(key, value);
    }
    map
}

/// The set of these items.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// Sorts numbers by what they stand for; equal ones stay in their order.
pub(crate) fn positions(positions: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    positions.sort_by(|one, two| compare(*one, *two));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut items: Vec<(u32, String)> = (0..1000_u32)
            .map(|n| (n * 7919 % 31, n.to_string()))
            .collect();
        let mut expected = items.clone();
        expected.sort_by_key(|(key, _)| *key);
        sort_by(&mut items, |one, two| one.0.cmp(&two.0));
        assert_eq!(items, expected);
        expected.sort();
        sort(&mut items);
        assert_eq!(items, expected);
    }

    #[test]
    fn numbers_sort_by_what_they_stand_for() {
        let keys: Vec<u64> = (0..5000_u64)
            .map(|n| match n % 4 {
                0 => n * 7919 % 31,
                1 => n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                2 => u64::MAX - n % 7,
                _ => n << 40,
            })
            .collect();
        let mut expected: Vec<u32> = (0..5000).collect();
        let mut found = expected.clone();
        expected.sort_by_key(|at| keys[*at as usize]);
        by_number(&mut found, &|at| keys[at as usize]);
        assert_eq!(found, expected);
        by_number(&mut found, &|_| 7);
        assert_eq!(found, expected, "equal ones stay in their order");
    }
}
