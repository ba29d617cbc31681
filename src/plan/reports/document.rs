//! `portreeve.report/1`: a report as it is stored and sent.

use serde::{Deserialize, Serialize};

use super::{MOST_SOURCES, Report, ReportKind, Use, Used};
use crate::error::{Code, Error, Result};
use crate::oci::{Digest, Reference};
use crate::sorted;
use crate::timestamp::Timestamp;

/// The name and version that the document carries.
pub const FORMAT: &str = "portreeve.report/1";

/// The longest source or text, in bytes: three Kubernetes names and some words are shorter.
const LONGEST: usize = 1024;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    format: String,
    kind: ReportKind,
    taken_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uses: Option<Vec<Row>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strings: Option<Vec<String>>,
}

/// A [`Use`]: exactly one of the first four fields says what is in use.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    config: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unresolved: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    running: bool,
    sources: Vec<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    more: u64,
}

impl Report {
    /// The document's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let document = Document {
            format: FORMAT.to_owned(),
            kind: self.kind,
            taken_at: self.taken_at,
            uses: (self.kind == ReportKind::Images)
                .then(|| self.uses.iter().map(Row::from).collect()),
            strings: (self.kind == ReportKind::Strings).then(|| self.strings.clone()),
        };
        // neither maps nor floats: it cannot fail
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// Reads the document's text. Entries may come in any order; one that comes twice counts once.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for another format, an unknown field, an entry that says nothing or two
    /// things, or a list of the other kind.
    pub fn parse(text: &str) -> Result<Self> {
        let document: Document =
            serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        if document.format != FORMAT {
            let found = format!("its format is `{}`, not {FORMAT}", document.format);
            return Err(invalid(found));
        }
        if document.taken_at.to_string().parse() != Ok(document.taken_at) {
            let found = format!("`takenAt` is {}, which no date can say", document.taken_at);
            return Err(invalid(found));
        }
        let mut report = Self::new(document.kind, document.taken_at);
        match (document.kind, document.uses, document.strings) {
            (ReportKind::Images, Some(rows), None) => {
                let mut gathered = super::Gathered::default();
                for (position, row) in rows.into_iter().enumerate() {
                    let place = |found| invalid(found).with_path(format!("$.uses[{position}]"));
                    gathered.merge(row.read().map_err(place)?);
                }
                report.uses = gathered.into_uses();
            }
            (ReportKind::Strings, None, Some(strings)) => {
                if let Some(position) = strings.iter().position(|text| text.len() > LONGEST) {
                    let found = format!("it has more than {LONGEST} bytes");
                    return Err(invalid(found).with_path(format!("$.strings[{position}]")));
                }
                report.strings = sorted::set(strings).into_iter().collect();
            }
            (ReportKind::Images, ..) => return Err(invalid("a report of images has `uses` alone")),
            (ReportKind::Strings, ..) => {
                return Err(invalid("a report of strings has `strings` alone"));
            }
        }
        Ok(report)
    }
}

impl Row {
    fn read(self) -> Result<Use, String> {
        let Self {
            digest,
            reference,
            config,
            unresolved,
            repository,
            running,
            sources,
            more,
        } = self;
        if repository.is_some() && digest.is_none() {
            return Err("`repository` belongs to a `digest`".to_owned());
        }
        if running && reference.is_none() {
            return Err("`running` belongs to a `reference`".to_owned());
        }
        if sources.len() > MOST_SOURCES {
            return Err(format!(
                "`sources` names {}, not at most {MOST_SOURCES}; `more` counts the others",
                sources.len()
            ));
        }
        let mut texts = sources.iter().chain(&repository).chain(&unresolved);
        if texts.any(|text| text.len() > LONGEST) {
            return Err(format!("a text of it has more than {LONGEST} bytes"));
        }
        let used = match (digest, reference, config, unresolved) {
            (Some(digest), None, None, None) => Used::Digest { digest, repository },
            (None, Some(reference), None, None) => {
                let reference = reference.parse::<Reference>();
                Used::named(reference.map_err(|problem| problem.to_string())?, running)
            }
            (None, None, Some(config), None) => Used::Config(config),
            (None, None, None, Some(text)) => Used::Unresolved(text),
            _ => {
                let words = "exactly one of `digest`, `reference`, `config` and `unresolved`";
                return Err(format!("expected {words}"));
            }
        };
        Ok(Use {
            used,
            sources,
            more,
        })
    }
}

impl From<&Use> for Row {
    fn from(one: &Use) -> Self {
        let mut row = Self {
            sources: one.sources.clone(),
            more: one.more,
            ..Self::default()
        };
        match &one.used {
            Used::Digest { digest, repository } => {
                row.digest = Some(*digest);
                row.repository.clone_from(repository);
            }
            Used::Reference { reference, running } => {
                row.reference = Some(reference.to_string());
                row.running = *running;
            }
            Used::Config(digest) => row.config = Some(*digest),
            Used::Unresolved(text) => row.unresolved = Some(text.clone()),
        }
        row
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

// not expected: in WebAssembly a reference is the shorter of the two
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(value: &u64) -> bool {
    *value == 0
}

pub(super) fn invalid(found: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, found)
        .doing("reading a report")
        .next("`portreeve report reduce` makes one")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#""format":"portreeve.report/1","takenAt":"2026-11-24T08:00:00Z""#;

    fn images(uses: &str) -> Result<Report> {
        Report::parse(&format!(r#"{{{HEAD},"kind":"images","uses":{uses}}}"#))
    }

    #[test]
    fn every_form_of_use_comes_back_as_it_was() {
        let digest = Digest::of(b"manifest");
        let text = format!(
            r#"[{{"digest":"{digest}","repository":"cr.acme.dev/shop/web","sources":["pod/a in shop"]}},
                {{"digest":"{digest}","sources":[]}},
                {{"reference":"cr.acme.dev/shop/web:v1","running":true,"sources":["pod/b in shop"],"more":7}},
                {{"reference":"alpine","sources":["cronjob/c in shop"]}},
                {{"config":"{digest}","sources":["pod/d in shop"]}},
                {{"unresolved":"$(IMAGE)","sources":["job/e in shop"]}}]"#
        );
        let report = images(&text).unwrap();
        assert_eq!(report.size(), 6);
        assert_eq!(Report::parse(&report.to_text()).unwrap(), report);
        assert!(
            report
                .to_text()
                .contains(r#""reference":"docker.io/library/alpine:latest","sources""#)
        );
    }

    #[test]
    fn what_says_nothing_or_two_things_is_refused_with_its_place() {
        let digest = Digest::of(b"manifest");
        for (uses, expected) in [
            (r#"[{"sources":[]}]"#.to_owned(), "exactly one of"),
            (
                format!(r#"[{{"digest":"{digest}","config":"{digest}","sources":[]}}]"#),
                "exactly one of",
            ),
            (r#"[{"reference":"we b","sources":[]}]"#.to_owned(), "we b"),
            (
                r#"[{"unresolved":"x","running":true,"sources":[]}]"#.to_owned(),
                "`running` belongs",
            ),
            (
                r#"[{"reference":"web","repository":"x","sources":[]}]"#.to_owned(),
                "`repository` belongs",
            ),
            (
                format!(
                    r#"[{{"reference":"web","sources":[{}]}}]"#,
                    [r#""a""#; 11].join(",")
                ),
                "names 11",
            ),
            (
                format!(r#"[{{"unresolved":"{}","sources":[]}}]"#, "x".repeat(1025)),
                "more than 1024",
            ),
        ] {
            let error = images(&uses).unwrap_err();
            assert_eq!(error.path(), Some("$.uses[0]"), "{uses}");
            assert!(error.found().contains(expected), "{error}");
        }
    }

    #[test]
    fn an_unknown_field_another_format_and_the_other_kinds_list_are_refused() {
        for (text, expected) in [
            (format!(r#"{{{HEAD},"kind":"images","uses":[],"env":{{}}}}"#), "unknown field `env`"),
            (
                format!(r#"{{{HEAD},"kind":"images","uses":[{{"reference":"web","sources":[],"env":[]}}]}}"#),
                "unknown field `env`",
            ),
            (format!(r#"{{{HEAD},"kind":"images","strings":[]}}"#), "has `uses` alone"),
            (format!(r#"{{{HEAD},"kind":"strings","uses":[]}}"#), "has `strings` alone"),
            (format!(r#"{{{HEAD},"kind":"strings","strings":[],"uses":[]}}"#), "alone"),
            (format!(r#"{{{HEAD},"kind":"pods","uses":[]}}"#), "unknown variant"),
            (format!(r#"{{{HEAD},{HEAD},"kind":"images","uses":[]}}"#), "duplicate field"),
            (
                r#"{"format":"portreeve.report/2","kind":"strings","takenAt":"2026-11-24T08:00:00Z","strings":[]}"#.to_owned(),
                "portreeve.report/2",
            ),
            (String::new(), "EOF"),
            (
                r#"{"format":"portreeve.report/1","kind":"strings","takenAt":"0000-01-01T00:00:00+01:00","strings":[]}"#.to_owned(),
                "no date can say",
            ),
        ] {
            let error = Report::parse(&text).unwrap_err();
            assert!(error.found().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn an_entry_that_comes_twice_counts_once_with_all_its_sources() {
        let report = images(
            r#"[{"reference":"web:v1","sources":["b"]},{"reference":"docker.io/library/web:v1","sources":["a"],"more":2}]"#,
        )
        .unwrap();
        assert_eq!(report.size(), 1);
        assert_eq!(report.uses[0].sources, ["a", "b"]);
        assert_eq!(report.uses[0].more, 2);
        let strings = format!(r#"{{{HEAD},"kind":"strings","strings":["9","10","9"]}}"#);
        let report = Report::parse(&strings).unwrap();
        assert_eq!(report.strings, ["10", "9"]);
        assert!(report.lists("9") && !report.lists("1"));
    }
}
