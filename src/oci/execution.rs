//! What an image config says about running an image and about how it was made (image-spec 1.1,
//! config.md "Properties"; Docker's additions from its image specification 1.3). What is not here is in
//! [`ImageConfig::document`](super::ImageConfig::document).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Digest, absent};

/// How to run an image: the object `config` of an image config. A missing list is an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Execution {
    /// User, and group behind a `:`; root where it is empty.
    #[serde(deserialize_with = "absent::when_null")]
    pub user: String,
    /// Ports to serve on, such as `80/tcp`; the values are empty objects.
    #[serde(deserialize_with = "absent::when_null")]
    pub exposed_ports: Map<String, Value>,
    /// Environment variables, each `NAME=value`.
    #[serde(deserialize_with = "absent::when_null")]
    pub env: Vec<String>,
    /// The program, and its first arguments.
    #[serde(deserialize_with = "absent::when_null")]
    pub entrypoint: Vec<String>,
    /// Further arguments, which whoever runs the image may replace.
    #[serde(deserialize_with = "absent::when_null")]
    pub cmd: Vec<String>,
    /// Folders to be kept outside the image; the values are empty objects.
    #[serde(deserialize_with = "absent::when_null")]
    pub volumes: Map<String, Value>,
    /// Where the program starts.
    #[serde(deserialize_with = "absent::when_null")]
    pub working_dir: String,
    /// Free text by key.
    #[serde(deserialize_with = "absent::when_null")]
    pub labels: BTreeMap<String, String>,
    /// The signal that asks the program to end, such as `SIGTERM`.
    #[serde(deserialize_with = "absent::when_null")]
    pub stop_signal: String,
    /// Windows: the arguments are one command line, escaped already.
    #[serde(deserialize_with = "absent::when_null")]
    pub args_escaped: bool,
    /// Docker: how to see whether it works.
    pub healthcheck: Option<HealthCheck>,
    /// Docker: what `RUN` and others in shell form run with.
    #[serde(deserialize_with = "absent::when_null")]
    pub shell: Vec<String>,
    /// Docker: instructions for builds that begin with this image.
    #[serde(deserialize_with = "absent::when_null")]
    pub on_build: Vec<String>,
    /// Docker: how long to wait after the signal, in seconds.
    pub stop_timeout: Option<i64>,
}

/// How to see whether a container works (Docker).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct HealthCheck {
    /// `["CMD", ...]`, `["CMD-SHELL", command]`, `["NONE"]`; empty takes the base image's.
    #[serde(deserialize_with = "absent::when_null")]
    pub test: Vec<String>,
    /// Between two checks, in nanoseconds; 0 takes the base image's, here and below.
    pub interval: i64,
    /// For one check, in nanoseconds.
    pub timeout: i64,
    /// In which failures do not count, in nanoseconds.
    pub start_period: i64,
    /// Between two checks while it starts, in nanoseconds.
    pub start_interval: i64,
    /// Failures in a row that mean it does not work.
    pub retries: i64,
}

/// The layers of an image by the digests of their uncompressed archives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RootFs {
    /// Always `layers`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Base first, one for each layer of the manifest.
    #[serde(deserialize_with = "absent::when_null")]
    pub diff_ids: Vec<Digest>,
}

/// One step by which an image was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct History {
    /// When, as the builder wrote it: RFC 3339, and often no true time.
    pub created: Option<String>,
    /// The command or instruction.
    #[serde(deserialize_with = "absent::when_null")]
    pub created_by: String,
    /// Who.
    #[serde(deserialize_with = "absent::when_null")]
    pub author: String,
    /// What the builder had to say about it, such as `buildkit.dockerfile.v0`.
    #[serde(deserialize_with = "absent::when_null")]
    pub comment: String,
    /// It made no layer, so that the layers of the manifest belong to the other steps, in order.
    #[serde(deserialize_with = "absent::when_null")]
    pub empty_layer: bool,
}
