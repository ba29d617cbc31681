//! Registries behind the proxy and under the cleanup.

use super::problem::Problem;
use super::reader::{Fields, Findings, Node};
use super::{Glob, ensure_supported};
use crate::error::{Code, Error, Result};

/// A registry, by the name that patterns and proxy paths use.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Upstream {
    /// Its name: a path segment, as `ghcr` in `/v2/ghcr/acme/app`.
    pub name: String,
    /// Its `host[:port]`.
    pub host: String,
    allow: Vec<Glob>,
    read: Credential,
    delete: Option<Credential>,
    unsupported: Vec<Problem>,
}

/// What to show to a registry. Secrets are *names* of Worker secrets or environment variables.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// Nothing: `"anonymous"`.
    Anonymous,
    /// The names under which user name and password are to be found.
    Password {
        /// The name of the user name's secret.
        username: String,
        /// The name of the password's secret.
        password: String,
    },
    /// Whatever docker's own configuration holds for the host: `"docker-config"`, on a command
    /// line only.
    DockerConfig,
}

/// What a credential is for. Writes of the cleanup use `Delete` and nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Pulling and listing.
    Read,
    /// Cleaning up: deleting, and putting back.
    Delete,
}

const KINDS: [&str; 12] = [
    "acr",
    "distribution",
    "docker-hub",
    "ecr",
    "ghcr",
    "gitea",
    "gitlab",
    "google",
    "harbor",
    "nexus",
    "quay",
    "zot",
];

impl Upstream {
    /// Whether `allow` lets this repository through; without `allow` every one passes.
    #[must_use]
    pub fn allows(&self, repository: &str) -> bool {
        self.allow.is_empty() || self.allow.iter().any(|glob| glob.matches(repository))
    }

    /// The credential for a purpose, or `None` where the configuration gives none for it.
    ///
    /// # Errors
    ///
    /// `unsupported` where a part of the upstream would not be carried out.
    pub fn credential(&self, purpose: Purpose) -> Result<Option<&Credential>> {
        self.ensure_supported()?;
        Ok(match purpose {
            Purpose::Read => Some(&self.read),
            Purpose::Delete => self.delete.as_ref(),
        })
    }

    /// The credential with which the cleanup may delete.
    ///
    /// # Errors
    ///
    /// `denied` with what to write where there is none; `unsupported` as
    /// [`Upstream::credential`].
    pub fn delete_credential(&self) -> Result<&Credential> {
        self.credential(Purpose::Delete)?.ok_or_else(|| {
            Error::new(
                Code::Denied,
                "the configuration gives no credential to delete with",
            )
            .with_path(super::reader::member("$.upstreams", &self.name))
            .next("add `credentials: { \"read\": ..., \"delete\": ... }` to the upstream")
        })
    }

    /// What is understood and not carried out by this release.
    #[must_use]
    pub fn unsupported(&self) -> &[Problem] {
        &self.unsupported
    }

    /// Refuses an upstream of which a part would not be carried out.
    ///
    /// # Errors
    ///
    /// `unsupported` with the path of every such part.
    pub fn ensure_supported(&self) -> Result<()> {
        ensure_supported(&self.unsupported)
    }

    pub(super) const fn can_delete(&self) -> bool {
        self.delete.is_some()
    }

    pub(super) fn read(name: &str, node: &Node<'_>, findings: &Findings) -> Option<Self> {
        if !is_name(name) {
            node.problem(
                "the name of an upstream is a path segment: lower-case letters and digits, with . _ - between them",
            );
        }
        let fields = node.fields()?;
        let host = fields.get("host").map_or(Some(name), |node| host(&node));
        let allow: Vec<Glob> = fields
            .get("allow")
            .map(|node| node.strings())
            .unwrap_or_default()
            .iter()
            .filter_map(|(text, item)| {
                text.parse()
                    .map_err(|problem: super::InvalidGlob| item.problem(problem.to_string()))
                    .ok()
            })
            .collect();
        let (read, delete) = credentials(&fields);
        read_later(&fields);
        fields.finish();
        Some(Self {
            name: name.to_owned(),
            host: host?.to_owned(),
            allow,
            read,
            delete,
            unsupported: findings.take_unsupported(),
        })
    }
}

/// Fields of later releases: read for their form, noted as not carried out.
fn read_later(fields: &Fields<'_>) {
    let later = |name, read: &dyn Fn(&Node<'_>)| {
        if let Some(node) = fields.get(name) {
            read(&node);
            node.unsupported();
        }
    };
    let age = |node: &Node<'_>| {
        node.age();
    };
    later("kind", &|node| {
        node.word(&KINDS.map(|kind| (kind, ())));
    });
    later("tagFreshness", &age);
    later("staleIfError", &age);
    later("blobs", &|node| {
        node.word(&[("redirect", ()), ("stream", ())]);
    });
    later("pullsSeen", &|node| {
        node.word(&[("all", ()), ("some", ())]);
    });
    later("alsoKnownAs", &|node| drop(node.strings()));
    later("headers", &|node| {
        for (_, value) in node.entries() {
            value.string();
        }
    });
    later("budget", &|node| {
        if let Some(fields) = node.fields() {
            if let Some(requests) = fields.require("requestsPerHour") {
                requests.integer(1, 100_000_000);
            }
            fields.finish();
        }
    });
}

/// The credentials to read and to delete with.
fn credentials(fields: &Fields<'_>) -> (Credential, Option<Credential>) {
    match (fields.get("credential"), fields.get("credentials")) {
        (Some(short), Some(_)) => {
            short.problem(
                "contradiction: `credential` is short for `credentials: { read }`; give one of them",
            );
            (Credential::Anonymous, None)
        }
        (Some(short), None) => match credential(&short) {
            Credential::DockerConfig => (Credential::DockerConfig, Some(Credential::DockerConfig)),
            read => (read, None),
        },
        (None, Some(node)) => {
            let Some(fields) = node.fields() else {
                return (Credential::Anonymous, None);
            };
            let read = fields.require("read").as_ref().map(credential);
            let delete = fields.get("delete").as_ref().map(credential);
            if let Some(push) = fields.get("push") {
                credential(&push);
                push.unsupported();
            }
            fields.finish();
            (read.unwrap_or(Credential::Anonymous), delete)
        }
        (None, None) => (Credential::Anonymous, None),
    }
}

/// Reads one credential. What cannot be used has noted a problem or `unsupported`, so that the
/// `Anonymous` returned for it is never shown to a registry.
fn credential(node: &Node<'_>) -> Credential {
    if node.value().is_string() {
        let words = [("anonymous", true), ("docker-config", false)];
        return match node.word(&words) {
            Some(false) => Credential::DockerConfig,
            _ => Credential::Anonymous,
        };
    }
    let Some(fields) = node.fields() else {
        return Credential::Anonymous;
    };
    let name = |field: Option<Node<'_>>| {
        field
            .and_then(|node| secret_name(&node))
            .unwrap_or_default()
    };
    let aws = ["awsAccessKeyId", "awsSecretAccessKey", "assumeRole"];
    let is_aws = aws.iter().any(|field| fields.get(field).is_some());
    let found = if is_aws {
        name(fields.require("awsAccessKeyId"));
        name(fields.require("awsSecretAccessKey"));
        if let Some(role) = fields.get("assumeRole") {
            role.string();
        }
        node.unsupported();
        Credential::Anonymous
    } else {
        Credential::Password {
            username: name(fields.require("username")),
            password: name(fields.require("password")),
        }
    };
    fields.finish();
    found
}

/// The name of a secret. A secret itself, pasted by mistake, mostly is no name, and is not
/// repeated in the message.
fn secret_name(node: &Node<'_>) -> Option<String> {
    let text = node.string()?;
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    node.problem("expected the name of a Worker secret or environment variable, such as HUB_TOKEN, never the secret itself");
    None
}

/// A segment of a repository's path (distribution-spec, "Pulling manifests"), so that
/// `<worker>/<name>/<path>` is a reference that clients accept.
fn is_name(name: &str) -> bool {
    !name.contains('/') && crate::oci::is_repository(name)
}

/// Whether two hosts are names of one registry: its usual names, and a port that goes without
/// saying. Two jobs that clean one repository would each delete what the other keeps.
pub(super) fn is_same_registry(one: &str, other: &str) -> bool {
    let usual = |host: &'_ str| -> (String, u16) {
        let port = host
            .rsplit_once(':')
            .and_then(|(name, port)| Some((name, port.parse().ok()?)));
        let default = if crate::oci::is_local_host(host) {
            80
        } else {
            443
        };
        let (name, port) = port.unwrap_or((host, default));
        let name = match name {
            "127.0.0.1" | "[::1]" => "localhost",
            "index.docker.io" | "registry-1.docker.io" => "docker.io",
            other => other,
        };
        (name.to_owned(), port)
    };
    one == other || usual(one) == usual(other)
}

fn host<'a>(node: &Node<'a>) -> Option<&'a str> {
    let text = node.string()?;
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') => (name, Some(port)),
        _ => (text, None),
    };
    let name_fits = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .map_or_else(
            || {
                !name.is_empty()
                    && name.bytes().all(|byte| {
                        byte.is_ascii_lowercase()
                            || byte.is_ascii_digit()
                            || matches!(byte, b'.' | b'-')
                    })
            },
            |address| address.parse::<std::net::Ipv6Addr>().is_ok(),
        );
    let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    if name_fits && port_fits {
        return Some(text);
    }
    node.problem("expected host[:port] in lower case, without a scheme or a path");
    None
}
