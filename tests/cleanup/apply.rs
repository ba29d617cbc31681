//! The whole mission, and what is refused before it begins.

use portreeve::cleanup::{Ending, State};

use super::mission::{Mission, deleted};
use crate::registry::Profile;

fn profiles() -> [Profile; 5] {
    [
        Profile::demo(),
        Profile::distribution_2_8(),
        Profile::distribution_3(),
        Profile::google(),
        Profile::zot(),
    ]
}

#[test]
fn the_whole_mission_and_back_again() {
    for profile in profiles() {
        let name = profile.name;
        let mut mission = Mission::new(profile);
        let before = mission.held();
        let plan = mission.plan();
        let condemned = deleted(&plan);
        assert!(
            plan.summary.delete.groups >= 10,
            "{name}: {:?}",
            plan.summary
        );

        let run = mission.apply(&plan).unwrap();
        assert_eq!(run.state, State::Done, "{name}: {run:#?}");
        let after = mission.held();
        for digest in before.manifests.keys() {
            let is_condemned = condemned.contains(digest);
            assert_eq!(
                after.manifests.contains_key(digest),
                !is_condemned,
                "{name}: {digest}"
            );
        }
        assert!(after.missing().is_empty(), "{name}");
        for (tag, digest) in &before.tags {
            assert_eq!(
                after.tags.contains_key(tag),
                !condemned.contains(digest),
                "{name}: {tag}"
            );
        }
        let [repository] = &*run.repositories else {
            panic!("{name}")
        };
        assert_eq!(repository.deleted.manifests, condemned.len(), "{name}");
        assert_eq!(
            repository.deleted.groups as u64, plan.summary.delete.groups,
            "{name}"
        );
        let all_deleted =
            |group: &portreeve::cleanup::Group| matches!(group.ending, Ending::Deleted { .. });
        assert!(repository.groups.iter().all(all_deleted), "{name}");

        // a second run deletes nothing (rule 16)
        let again = mission.plan();
        assert_eq!(again.summary.delete.manifests, 0, "{name}");
        // the same plan again only tells what was done
        let requests = mission.io.requests().len();
        let told = mission.apply(&plan).unwrap();
        assert_eq!(told.repositories, run.repositories, "{name}");
        assert_eq!(mission.io.requests().len(), requests, "{name}");

        let restored = mission.restore(&run.run, &[]).unwrap();
        assert!(restored.whole, "{name}: {restored:#?}");
        assert_eq!(mission.held(), before, "{name}");
        // a restore can be repeated
        let again = mission.restore(&run.run, &[]).unwrap();
        assert!(
            again
                .groups
                .iter()
                .all(|group| group.put.is_empty() && group.tags.is_empty())
        );
    }
}
