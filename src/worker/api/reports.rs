//! `/api/v1/reports`: what runs or is open elsewhere, reduced before it is sent.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use worker::Request;

use super::{Endpoint, body, passed};
use crate::{
    configuration::{Action, Job, ReportKind, ReportRule},
    error::{Code, Error, Result},
    io::Io as _,
    plan::reports::{self, Report},
    web::FetchIo,
    worker::{
        answer::{self, Answer},
        repository::{self, Kept, Message, ReportView},
    },
};

/// Longest report, in bytes: some ten thousand images with what uses them.
const LONGEST: usize = 8 << 20;

#[derive(Serialize)]
struct Reports {
    reports: Vec<ReportView>,
}

/// All that is looked at before a body is known to be a report.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
}

/// `PUT /api/v1/reports/{name}`.
pub(super) async fn keep(endpoint: &Endpoint<'_>, request: &mut Request) -> Result<Answer> {
    let rule = named(endpoint)?;
    ensure_may_report(endpoint, rule)?;
    let document = body::text(request, LONGEST).await?;
    let report = reduced(&document, rule)?;
    let object = repository::of_reports(endpoint.env)?;
    let message = Message::KeepReport {
        name: rule.name.clone(),
        document: report.to_text(),
    };
    Ok(passed(repository::send(&object, &message).await?))
}

/// `GET /api/v1/reports`: how old and how large each is, and whether it can be relied on.
pub(super) async fn list(endpoint: &Endpoint<'_>) -> Result<Answer> {
    let caller = &endpoint.caller;
    if !caller.holds(Action::Plan) && !caller.holds(Action::Report) {
        let found = "the client is granted neither `plan` nor `report`";
        return Err(
            Error::new(Code::Denied, found).next("grant it under `clients` of portreeve.json")
        );
    }
    let rules = endpoint.configuration.reports();
    let mut views = Vec::new();
    if !rules.is_empty() {
        let object = repository::of_reports(endpoint.env)?;
        let kept: Vec<Kept> = repository::read(&object, &Message::Reports).await?;
        let now = FetchIo::new().now();
        for rule in rules {
            let found = kept.iter().find(|kept| kept.name == rule.name);
            let report = found.map(Kept::report).transpose()?.flatten();
            let accepted = found.and_then(|kept| kept.accepted);
            views.push(ReportView::new(rule, report.as_ref(), accepted, now));
        }
    }
    Ok(answer::json(StatusCode::OK, &Reports { reports: views }))
}

/// The report that the path names, as an address writes it.
fn named<'a>(endpoint: &Endpoint<'a>) -> Result<&'a ReportRule> {
    let url = &endpoint.call.url;
    let names = |rule: &&ReportRule| {
        let mut named = url.clone();
        if let Ok(mut segments) = named.path_segments_mut() {
            segments.pop().push(&rule.name);
        }
        named.path() == url.path()
    };
    let mut rules = endpoint.configuration.reports().iter();
    rules.find(names).ok_or_else(|| {
        let found = "the configuration knows no such report";
        Error::new(Code::NotFound, found).next("name it under `reports` of portreeve.json")
    })
}

/// Refuses who does not speak for every repository that the report decides about. Who could carry
/// out what a report makes possible is refused by the configuration already.
fn ensure_may_report(endpoint: &Endpoint<'_>, rule: &ReportRule) -> Result<()> {
    let caller = &endpoint.caller;
    if !caller.holds(Action::Report) {
        let found = "the client is not granted `report`";
        return Err(
            Error::new(Code::Denied, found).next("grant it under `clients` of portreeve.json")
        );
    }
    for job in endpoint.configuration.jobs() {
        if !decides_about(rule, job) {
            continue;
        }
        for pattern in &job.patterns {
            // any repository that the pattern means
            let path = pattern.path.as_str().replace("**", "a/a").replace('*', "a");
            caller.ensure(Action::Report, &pattern.upstream, &path)?;
        }
    }
    Ok(())
}

/// Images in use are kept by every job; texts matter to the jobs that rely on them.
fn decides_about(rule: &ReportRule, job: &Job) -> bool {
    rule.kind == ReportKind::Images
        || job.requires.contains(&rule.name)
        || job.policy.rules().any(|one| {
            one.captured
                .iter()
                .any(|captured| captured.report == rule.name)
        })
}

/// The report in a body.
///
/// # Errors
///
/// `invalid_argument` for what is not reduced, with the command that reduces it; of its content
/// nothing is said.
fn reduced(document: &str, rule: &ReportRule) -> Result<Report> {
    let head = serde_json::from_slice::<Head>(document.as_bytes());
    let format = head.ok().and_then(|head| head.format);
    if format.as_deref() != Some(reports::FORMAT) {
        let source = match rule.kind {
            ReportKind::Images => {
                "kubectl get pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs -A -o json"
            }
            ReportKind::Strings => "gh pr list --json number --jq '.[].number'",
        };
        let found = "the body is no reduced report, and was not kept";
        return Err(Error::new(Code::InvalidArgument, found).next(format!(
            "no environment variable should leave a cluster: send what `{source} | npx portreeve report reduce --kind {}` prints",
            rule.kind.as_str()
        )));
    }
    Report::parse(document)
}
