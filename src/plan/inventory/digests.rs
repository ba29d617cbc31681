//! Digests in 32 bytes each, those of sha512 in a list of their own.

use crate::oci::Digest;
use crate::sorted;

/// Digests in the order in which they came, or in their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Digests {
    sha256: Vec<[u8; 32]>,
    sha512: Vec<[u8; 64]>,
}

/// Marks the place of a sha512 digest.
const LONG: u32 = 1 << 31;

impl Digests {
    /// Adds one, and gives its place; `None` where 2^31 of its kind are there already.
    pub(super) fn push(&mut self, digest: &Digest) -> Option<u32> {
        let bytes = digest.as_bytes();
        let (at, mark) = if let Ok(short) = bytes.try_into() {
            self.sha256.push(short);
            (self.sha256.len(), 0)
        } else {
            self.sha512.push(bytes.try_into().ok()?);
            (self.sha512.len(), LONG)
        };
        let place = u32::try_from(at - 1).ok().filter(|place| *place < LONG)?;
        Some(place | mark)
    }

    /// The digest at a place that [`push`](Self::push) gave.
    pub(super) fn at(&self, place: u32) -> Option<Digest> {
        if place < LONG {
            self.sha256.get(place as usize).copied().map(Digest::sha256)
        } else {
            let long = self.sha512.get((place - LONG) as usize);
            long.copied().map(Digest::sha512)
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sha256.len() + self.sha512.len()
    }

    /// The places in the order of the digests.
    pub(super) fn order(&self) -> Vec<u32> {
        let mut order = self::order(self.sha256.len(), &|at| bytes_at(&self.sha256, at));
        let long = self::order(self.sha512.len(), &|at| bytes_at(&self.sha512, at));
        order.extend(long.into_iter().map(|place| place | LONG));
        order
    }

    /// The `number`-th, where they are sorted.
    pub(super) fn get(&self, number: u32) -> Option<Digest> {
        let number = number as usize;
        if let Some(bytes) = self.sha256.get(number) {
            return Some(Digest::sha256(*bytes));
        }
        let long = self.sha512.get(number - self.sha256.len());
        long.copied().map(Digest::sha512)
    }

    /// The number of a digest, where they are sorted.
    pub(super) fn find(&self, digest: &Digest) -> Option<u32> {
        let bytes = digest.as_bytes();
        let found = if let Ok(short) = bytes.try_into() {
            let short: &[u8; 32] = short;
            self.sha256.binary_search(short).ok()
        } else {
            let found = self.sha512.binary_search_by(|one| one[..].cmp(bytes));
            found.ok().map(|place| self.sha256.len() + place)
        };
        u32::try_from(found?).ok()
    }

    pub(super) fn shrink(&mut self) {
        self.sha256.shrink_to_fit();
        self.sha512.shrink_to_fit();
    }
}

/// A number for every place of [`Digests`].
#[derive(Debug)]
pub(super) struct Numbers {
    sha256: Vec<u32>,
    sha512: Vec<u32>,
}

impl Numbers {
    pub(super) fn of(digests: &Digests) -> Self {
        Self {
            sha256: vec![0; digests.sha256.len()],
            sha512: vec![0; digests.sha512.len()],
        }
    }

    pub(super) fn get(&self, place: u32) -> u32 {
        let found = if place < LONG {
            self.sha256.get(place as usize)
        } else {
            self.sha512.get((place - LONG) as usize)
        };
        found.copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, place: u32, number: u32) {
        let found = if place < LONG {
            self.sha256.get_mut(place as usize)
        } else {
            self.sha512.get_mut((place - LONG) as usize)
        };
        if let Some(found) = found {
            *found = number;
        }
    }
}

fn bytes_at<const LENGTH: usize>(all: &[[u8; LENGTH]], at: u32) -> &[u8] {
    all.get(at as usize).map_or(&[], |bytes| &bytes[..])
}

/// The numbers below `count` in the order of their bytes.
///
/// Digests are spread evenly, so that a counting sort over their first bits leaves one or two in
/// each bucket: the time is linear. Where somebody made up many with one beginning, that bucket
/// takes the time of an ordinary sort.
fn order<'a>(count: usize, bytes: &dyn Fn(u32) -> &'a [u8]) -> Vec<u32> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    if (1..count).all(|at| bytes(at - 1) <= bytes(at)) {
        return (0..count).collect();
    }
    let bits = count.ilog2().clamp(1, 20);
    let bucket = |at: u32| {
        let first = bytes(at)
            .first_chunk()
            .copied()
            .map_or(0, u32::from_be_bytes);
        (first >> (32 - bits)) as usize
    };
    let mut ends = vec![0_u32; (1 << bits) + 1];
    for at in 0..count {
        if let Some(behind) = ends.get_mut(bucket(at) + 1) {
            *behind += 1;
        }
    }
    let mut before = 0;
    for end in &mut ends {
        before += *end;
        *end = before;
    }
    let mut order = vec![0_u32; count as usize];
    for at in 0..count {
        if let Some(end) = ends.get_mut(bucket(at)) {
            if let Some(place) = order.get_mut(*end as usize) {
                *place = at;
            }
            *end += 1;
        }
    }
    let mut start = 0;
    for end in ends {
        let end = end as usize;
        if let Some(bucket @ [_, _, ..]) = order.get_mut(start..end) {
            sorted::positions(bucket, &|one, two| bytes(one).cmp(bytes(two)));
        }
        start = end;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Algorithm;

    fn in_order(digests: &[Digest]) -> Vec<Digest> {
        let mut all = Digests::default();
        for digest in digests {
            all.push(digest).unwrap();
        }
        let order = all.order();
        order.iter().map(|place| all.at(*place).unwrap()).collect()
    }

    #[test]
    fn they_sort_as_digests_do() {
        let mut digests: Vec<Digest> = (0..5000_u32)
            .map(|n| Digest::of(&(n % 4000).to_be_bytes()))
            .collect();
        let long = (0..50_u8).map(|n| Algorithm::Sha512.digest_of(&[n]));
        digests.extend(long);
        digests.extend((0..=255).map(|last| {
            let mut bytes = [7; 32];
            bytes[31] = 255 - last;
            Digest::sha256(bytes)
        }));
        let found = in_order(&digests);
        digests.sort_unstable();
        assert_eq!(found, digests);
        assert_eq!(in_order(&digests), digests);
        assert_eq!(in_order(&[]), []);
    }

    #[test]
    fn a_digest_is_found_by_its_number_and_the_number_by_it() {
        let mut digests: Vec<Digest> = (0..20_u8).map(|n| Digest::of(&[n])).collect();
        digests.extend((0..20_u8).map(|n| Algorithm::Sha512.digest_of(&[n])));
        digests.sort_unstable();
        let mut all = Digests::default();
        for digest in &digests {
            all.push(digest).unwrap();
        }
        assert_eq!(all.len(), 40);
        for (number, digest) in (0..).zip(&digests) {
            assert_eq!(all.get(number).as_ref(), Some(digest));
            assert_eq!(all.find(digest), Some(number));
        }
        assert_eq!(all.get(40), None);
        assert_eq!(all.find(&Digest::of(b"other")), None);
    }
}
