//! Reports, and what they are reduced from. The first byte chooses the kind.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::plan::reports::{MOST_SOURCES, Reducer, Report, ReportKind};
use portreeve::timestamp::Timestamp;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let kind = if choice % 2 == 0 {
        ReportKind::Images
    } else {
        ReportKind::Strings
    };
    let mut reducer = Reducer::new(kind);
    // what was taken over before a text turns out to be broken is a report as any other
    let reduced = reducer.read(text);
    let report = reducer.finish(Timestamp::from_seconds(0));
    assert_eq!(report.kind, kind);
    holds(&report);
    if let Ok(report) = Report::parse(text) {
        assert!(
            report.kind != kind || reduced.is_ok(),
            "a report is reduced already"
        );
        holds(&report);
    }
});

fn holds(report: &Report) {
    assert!(
        report
            .uses
            .iter()
            .all(|one| one.sources.len() <= MOST_SOURCES)
    );
    assert!(report.uses.windows(2).all(|two| two[0].used < two[1].used));
    assert!(report.strings.windows(2).all(|two| two[0] < two[1]));
    let again = Report::parse(&report.to_text()).expect("what was written");
    assert_eq!(&again, report);
}
