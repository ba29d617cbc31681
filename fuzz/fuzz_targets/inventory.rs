//! Inventories, and plans of them. A closing line that fits is added to what has none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::oci::Digest;
use portreeve::plan::inventory::{self, Inventory, Reader};
use portreeve::plan::{self, Plan, policy::Policy};
use portreeve::timestamp::Timestamp;

const POLICY: &str = r#"{
    "keep": [{ "name": "new", "tags": "v*", "newest": { "count": 2, "by": "created" }, "optional": true }],
    "delete": [
        { "name": "tagged", "tags": "*", "olderThan": { "pushed": "7d" } },
        { "name": "untagged", "tagged": false, "olderThan": { "firstSeen": "7d" } }
    ]
}"#;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for text in [text.to_owned(), closed(text)] {
        let read = inventory::parse(&text);
        let mut reader = Reader::default();
        let mut pieces = text.split_inclusive([',', '\n']);
        let pushed = pieces.try_for_each(|piece| reader.push(piece));
        let in_pieces = pushed.and_then(|()| reader.finish());
        assert_eq!(read.is_ok(), in_pieces.is_ok());
        if let Ok(inventory) = read {
            holds(inventory);
        }
    }
});

fn closed(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("{line}\n")).collect();
    let images = text.lines().count().saturating_sub(1);
    let sha256 = Digest::of(lines.as_bytes()).hex();
    format!("{lines}{{\"images\":{images},\"sha256\":\"{sha256}\"}}\n")
}

fn holds(inventory: Inventory) {
    let text = inventory::write(&inventory);
    assert!(text.ends_with(&format!("{}\"}}\n", inventory.hash())));
    let again = inventory::parse(&text).expect("what was written");
    assert_eq!(inventory::write(&again), text);
    let mut rebuilt = inventory.clone();
    rebuilt.retain(|_| false);
    let mut entries = inventory.entries();
    entries.reverse();
    rebuilt.fill(entries).expect("the same manifests");
    assert_eq!(rebuilt, inventory);
    let strange = text.replace("\"digest\":", "\"unheardOf\":1,\"digest\":");
    let strange = strange
        .trim_end()
        .rsplit_once('\n')
        .map_or("", |(lines, _)| lines);
    let refused = inventory::parse(&closed(strange)).is_err();
    assert!(refused || inventory.is_empty(), "an unknown field was read");
    let images = inventory.len();
    let policy = Policy::parse(POLICY).expect("a policy");
    let inventories = [inventory];
    let now = Timestamp::from_seconds(1_795_507_200);
    let Ok(made) = plan::make(&plan::Input::new("fuzz", &policy, &inventories, now)) else {
        return;
    };
    let mut text = String::new();
    made.write(&mut |piece| text.push_str(piece));
    let plan = Plan::parse(text.as_bytes()).expect("what was written");
    assert_eq!(plan.repositories[0].images.len(), images);
}
