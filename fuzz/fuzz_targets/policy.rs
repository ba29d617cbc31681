//! Policies, read strictly: what is refused is refused with its place, and what is read means the
//! same however it is written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::configuration::policy::Policy;

const TAGS: [&str; 6] = ["", "latest", "v1.2.3-rc.1", "pr-7-abc", "1.0.0", "a\nb"];

fuzz_target!(|text: &str| {
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.position.is_some(), "{problem}");
                assert!(problem.path.starts_with('$'), "{problem}");
            }
            return;
        }
    };
    for problem in policy.warnings().iter().chain(policy.unsupported()) {
        assert!(problem.position.is_some(), "{problem}");
    }
    let written = policy.source().to_string();
    let again = Policy::parse(&written).expect("what was read reads again");
    assert_eq!(again.hash(), policy.hash());
    assert_eq!(again.explain(), policy.explain());
    for rule in policy.rules() {
        assert!(!rule.explain().contains('\n'));
        let Some(tags) = &rule.tags else { continue };
        for tag in TAGS {
            assert_eq!(tags.matches(tag), tags.find(tag).is_some(), "{tag}");
        }
        for condition in &rule.captured {
            assert!(tags.has_group(&condition.group));
        }
    }
});
