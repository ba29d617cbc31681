//! Reduction: what a report keeps of what it is taken from.
//!
//! Objects are looked at one by one and only digests, names of images and the names of what uses
//! them are taken over, so that a cluster of any size costs the memory of its largest object.
//!
//! Shapes: `kubectl get ... -o json` (Kubernetes API reference, `core/v1` and `apps/v1`); Flux's
//! `source.toolkit.fluxcd.io/v1` and `helm.toolkit.fluxcd.io/v2`; Argo CD's
//! `argoproj.io/v1alpha1`; kustomize's `images`.

mod application;
mod charts;
mod image_name;
mod input;
mod object;
mod oci_repository;
mod pod;
mod template;

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Gathered, Report, ReportKind, document::invalid};
use crate::error::Result;
use crate::timestamp::Timestamp;
use charts::Charts;

/// Reduces what was given to one report.
///
/// Texts are Kubernetes objects as `kubectl get ... -A -o json` prints them, a JSON array, lines,
/// or reports that are reduced already, such as those of other clusters.
///
/// # Examples
///
/// ```
/// use portreeve::plan::reports::{ReportKind, Reducer};
/// use portreeve::timestamp::Timestamp;
///
/// let mut reducer = Reducer::new(ReportKind::Images);
/// reducer.read(
///     r#"{ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "shop" },
///          "spec": { "template": { "spec": { "containers": [
///            { "name": "app", "image": "cr.acme.dev/shop/web:v1", "env": [{ "name": "KEY", "value": "secret" }] }] } } } }"#,
/// )?;
/// reducer.read("cr.acme.dev/shop/api:v2\n")?;
/// let report = reducer.finish(Timestamp::from_seconds(0));
/// assert_eq!(report.size(), 2);
/// assert_eq!(report.uses[1].sources, ["deployment/web in shop, container app"]);
/// assert!(!report.to_text().contains("secret"));
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Reducer {
    kind: ReportKind,
    found: Gathered,
    charts: Charts,
    strings: BTreeSet<String>,
    oldest: Option<Timestamp>,
}

/// [`Reducer`] over one text.
///
/// # Errors
///
/// As [`Reducer::read`].
pub fn reduce(input: &str, kind: ReportKind, taken_at: Timestamp) -> Result<Report> {
    let mut reducer = Reducer::new(kind);
    reducer.read(input)?;
    Ok(reducer.finish(taken_at))
}

impl Reducer {
    /// Nothing found yet.
    #[must_use]
    pub fn new(kind: ReportKind) -> Self {
        Self {
            kind,
            found: Gathered::default(),
            charts: Charts::default(),
            strings: BTreeSet::new(),
            oldest: None,
        }
    }

    /// Takes over what a text says.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for what is neither Kubernetes objects nor a list, with the place; for
    /// an error message of `kubectl`; and for an empty text where images are expected, which is
    /// what a command that failed leaves behind.
    pub fn read(&mut self, text: &str) -> Result<()> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        match text.bytes().next() {
            Some(b'{' | b'[') => input::json(self, text),
            Some(_) => self.lines(text),
            None if self.kind == ReportKind::Images => Err(invalid(
                "it is empty, which is what a command that failed leaves behind",
            )
            .next("write `[]` where nothing is in use")),
            None => Ok(()),
        }
    }

    /// The report. Reports that were read in make it as old as the oldest of them.
    #[must_use]
    pub fn finish(self, taken_at: Timestamp) -> Report {
        let Self {
            kind,
            mut found,
            charts,
            strings,
            oldest,
        } = self;
        charts.resolve(&mut found);
        let mut report = Report::new(kind, oldest.map_or(taken_at, |oldest| oldest.min(taken_at)));
        report.uses = found.into_uses();
        report.strings = strings.into_iter().collect();
        report
    }

    fn lines(&mut self, text: &str) -> Result<()> {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = |found: String| invalid(format!("line {}: {found}", number + 1));
            self.entry(line).map_err(place)?;
        }
        Ok(())
    }

    /// An entry of a plain list. What it names is taken to run: nobody says that it does not.
    fn entry(&mut self, text: &str) -> Result<(), String> {
        if self.kind == ReportKind::Strings {
            let whole = image_name::clipped(text);
            if whole.len() < text.len() {
                return Err(format!("it has more than {} bytes", whole.len()));
            }
            self.strings.insert(whole);
            return Ok(());
        }
        let Some(used) = image_name::written(text, true) else {
            return Err(format!(
                "`{}` is no image; Kubernetes objects are read as JSON (`-o json`)",
                image_name::clipped(text)
            ));
        };
        self.found.add(used, "a list");
        Ok(())
    }

    /// A value of a document: an object of Kubernetes or a report. `alone`: nothing else was in
    /// the text, so that something else is a mistake and not by the way.
    fn value(&mut self, value: &Value, alone: bool) -> Result<(), String> {
        let Value::Object(fields) = value else {
            return match value {
                Value::String(text) => self.entry(text),
                Value::Number(number) if self.kind == ReportKind::Strings => {
                    self.entry(&number.to_string())
                }
                _ if alone => Err("expected objects or texts".to_owned()),
                _ => Ok(()),
            };
        };
        if fields.contains_key("format") {
            return self.report(&value.to_string());
        }
        if self.kind == ReportKind::Strings {
            return Err("a report of strings is a JSON array of texts, or lines".to_owned());
        }
        object::reduce(&mut self.found, &mut self.charts, value, alone)
    }

    fn report(&mut self, text: &str) -> Result<(), String> {
        let report = Report::parse(text).map_err(|error| error.to_string())?;
        if report.kind != self.kind {
            let (found, expected) = (report.kind.as_str(), self.kind.as_str());
            return Err(format!("it is a report of {found}, not of {expected}"));
        }
        for one in report.uses {
            self.found.merge(one);
        }
        for text in report.strings {
            self.strings.insert(text);
        }
        let oldest = self.oldest.unwrap_or(report.taken_at);
        self.oldest = Some(oldest.min(report.taken_at));
        Ok(())
    }
}
