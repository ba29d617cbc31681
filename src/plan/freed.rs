//! How many bytes the deletions free: a range, because registries differ in what they store once.
//!
//! Cleaners promised the sum of all sizes and freed a tenth of it: layers are shared, within a
//! repository and between repositories, and come back only when the registry collects them.

use super::decision::Decision;
use super::document::Freed;
use super::inventory::{Image, Inventory, Kind};
use crate::oci::Digest;
use crate::sorted;

/// Something that goes has the layer.
const GOES: u8 = 1;
/// Something that stays has it.
const STAYS: u8 = 2;

/// Who has which layers of one repository.
struct Layers<'a> {
    inventory: &'a Inventory,
    /// Whether something goes or stays that has it, by the inventory's number of the layer.
    owners: Vec<u8>,
    sizes: Vec<u64>,
    /// The layers of something that goes were not read.
    goes_unread: bool,
    /// Something that stays may have any layer.
    stays_unread: bool,
}

/// What each repository frees, and all of them together.
pub(super) fn freed<'a>(
    repositories: impl Iterator<Item = (&'a Inventory, &'a [Decision])>,
) -> (Vec<Option<Freed>>, Option<Freed>) {
    let layers: Vec<Layers<'_>> = repositories
        .map(|(inventory, decisions)| Layers::new(inventory, decisions))
        .collect();
    let mut freed: Vec<Option<Freed>> = layers
        .iter()
        .map(|one| (!one.goes_unread).then(|| Freed::new(0, one.most())))
        .collect();
    let mut hosts: Vec<&str> = layers.iter().map(|one| &*one.inventory.host).collect();
    sorted::sort(&mut hosts);
    hosts.dedup();
    let mut least = 0_u64;
    for host in hosts {
        least = least.saturating_add(of_registry(host, &layers, &mut freed));
    }
    let most = freed.iter().try_fold(0_u64, |sum, one| {
        Some(sum.saturating_add(one.as_ref()?.most))
    });
    let total = most.map(|most| Freed::new(least, most));
    (freed, total)
}

/// Fills in the least of every repository of a registry; the least of all of them together.
fn of_registry(host: &str, layers: &[Layers<'_>], freed: &mut [Option<Freed>]) -> u64 {
    let of_host = || {
        let numbered = layers.iter().enumerate();
        numbered.filter(|(_, one)| one.inventory.host == host)
    };
    let mut owned: Vec<Owned> = Vec::new();
    for (repository, one) in of_host() {
        one.owned(repository, &mut owned);
    }
    sorted::sort_by(&mut owned, |one, two| one.digest.cmp(&two.digest));
    let mut least = vec![0_u64; layers.len()];
    let mut together = 0_u64;
    for same in owned.chunk_by(|one, two| one.digest == two.digest) {
        if same.iter().any(|one| one.owners & STAYS > 0) {
            continue;
        }
        let size = same.iter().map(|one| one.size).min().unwrap_or_default();
        together = together.saturating_add(size);
        if let [only] = same
            && let Some(sum) = least.get_mut(only.repository)
        {
            *sum = sum.saturating_add(size);
        }
    }
    let unread = |except: usize| {
        of_host().any(|(number, one)| one.stays_unread || (number != except && one.goes_unread))
    };
    for (number, _) in of_host() {
        if let (Some(Some(freed)), Some(least)) = (freed.get_mut(number), least.get(number))
            && !unread(number)
        {
            freed.least = *least;
        }
    }
    if of_host().any(|(_, one)| one.stays_unread) {
        0
    } else {
        together
    }
}

/// A layer of one of several repositories.
struct Owned {
    digest: Digest,
    size: u64,
    repository: usize,
    owners: u8,
}

impl<'a> Layers<'a> {
    fn new(inventory: &'a Inventory, decisions: &[Decision]) -> Self {
        let mut layers = Self {
            inventory,
            owners: Vec::new(),
            sizes: Vec::new(),
            goes_unread: false,
            stays_unread: !inventory.complete || !inventory.unreadable_tags.is_empty(),
        };
        for (image, decision) in inventory.images().zip(decisions) {
            layers.take(image, decision.deletes());
        }
        layers
    }

    fn take(&mut self, image: Image<'_>, goes: bool) {
        match image.layer_ids().filter(|_| image.unreadable().is_none()) {
            Some(ids) => {
                for (id, size) in ids.iter().zip(image.layer_sizes()) {
                    self.own(*id as usize, *size, if goes { GOES } else { STAYS });
                }
            }
            // an index has manifests and no layers
            None if image.kind() == Kind::Index && image.unreadable().is_none() => {}
            None if goes => self.goes_unread = true,
            None => self.stays_unread = true,
        }
    }

    fn own(&mut self, id: usize, size: u64, owner: u8) {
        if self.owners.is_empty() {
            let count = self.inventory.named();
            self.owners = vec![0; count];
            self.sizes = vec![0; count];
        }
        if let (Some(owners), Some(known)) = (self.owners.get_mut(id), self.sizes.get_mut(id)) {
            *owners |= owner;
            *known = size.max(*known);
        }
    }

    fn most(&self) -> u64 {
        let layers = self.owners.iter().zip(&self.sizes);
        let going = layers.filter(|(owners, _)| **owners == GOES);
        going.fold(0, |sum, (_, size)| sum.saturating_add(*size))
    }

    fn owned(&self, repository: usize, all: &mut Vec<Owned>) {
        for ((id, owners), size) in (0..).zip(&self.owners).zip(&self.sizes) {
            if *owners > 0
                && let Some(digest) = self.inventory.digest(id)
            {
                all.push(Owned {
                    digest,
                    size: *size,
                    repository,
                    owners: *owners,
                });
            }
        }
    }
}
