//! The command line.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::registry::{Fault, Profile};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
An OCI registry in memory, on 127.0.0.1 alone.

Usage: cargo run --example demo_registry -- [OPTIONS]

  --port PORT          where to listen; 0 takes a free port [default: 5555]
  --profile NAME       which registry to imitate: demo, hub, ghcr, google, ecr, ecr_public, acr,
                       quay, harbor, gitlab, distribution_2_8, distribution_3, zot, gitea, jfrog,
                       nexus, serverless_registry, ociregistry, bearer, basic [default: demo]; those
                       that ask know the password `demo-password` of the user `demo` (ecr and
                       ecr_public: `AWS`, google: `oauth2accesstoken`)
  --empty              start without repositories
  --now TIME           start the clock at this RFC 3339 time
  --faults JSON        faults from the start, as POST /_demo/faults takes them
  --redirect-blobs URL answer GET of a blob by a redirect to URL/<digest>: `/_storage` stays here,
                       http://127.0.0.1:PORT/_storage leads to another demo registry
  --big-blob SIZE      hold one blob of SIZE made-up bytes, such as 1GiB, in the repository bench/blob
  --exit-with-parent   end when the process that started this one is gone
  --help               print this
";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) profile: Profile,
    pub(crate) empty: bool,
    pub(crate) now: Option<OffsetDateTime>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) big_blob: Option<u64>,
    pub(crate) exit_with_parent: bool,
}

impl Options {
    /// Reads the arguments; `None` where they ask for help.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            port: 5555,
            profile: Profile::demo(),
            empty: false,
            now: None,
            faults: Vec::new(),
            big_blob: None,
            exit_with_parent: false,
        };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--port" => options.port = number(&value()?)?,
                "--profile" => {
                    let blob_redirect = options.profile.blob_redirect.take();
                    options.profile = Profile {
                        blob_redirect,
                        ..profile(&value()?)?
                    };
                }
                "--empty" => options.empty = true,
                "--now" => options.now = Some(time(&value()?)?),
                "--faults" => options.faults = faults(value()?.as_bytes())?,
                "--redirect-blobs" => options.profile.blob_redirect = Some(value()?),
                "--big-blob" => options.big_blob = Some(size(&value()?)?),
                "--exit-with-parent" => options.exit_with_parent = true,
                other => return Err(format!("there is no option `{other}`")),
            }
        }
        Ok(Some(options))
    }
}

/// Reads one fault or an array of them.
pub(crate) fn faults(json: &[u8]) -> Result<Vec<Fault>, String> {
    let array = json.trim_ascii_start().starts_with(b"[");
    let faults = if array {
        serde_json::from_slice(json)
    } else {
        serde_json::from_slice(json).map(|fault| vec![fault])
    };
    faults.map_err(|error| format!("these are no faults: {error}"))
}

fn number(text: &str) -> Result<u16, String> {
    let problem = |_| format!("`{text}` is no port: a number from 0 to 65535");
    text.parse().map_err(problem)
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::named(name).ok_or_else(|| {
        let names = Profile::names().join(", ");
        format!("there is no profile `{name}`; there are {names}")
    })
}

fn time(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("`{text}` is no RFC 3339 time such as 2026-11-24T08:00:00Z"))
}

fn size(text: &str) -> Result<u64, String> {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let (digits, unit) = units
        .into_iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
        .unwrap_or((text, 1));
    digits
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(unit))
        .ok_or_else(|| format!("`{text}` is no size such as 1GiB, 64MiB or 4096"))
}
