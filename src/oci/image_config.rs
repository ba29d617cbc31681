//! Image configs: how an image runs, and when it was built (image-spec 1.1, config.md).

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Execution, History, Platform, RootFs, UnknownFields, absent, build_time};
use crate::{
    error::{Code, Error, Result},
    timestamp::Timestamp,
};

/// An image config, with the bytes it was read from.
///
/// What nearly every caller wants are fields; the rest is read when it is asked for, so that one
/// odd field does not hide the others. Everything, known or not, is in [`ImageConfig::document`].
///
/// # Examples
///
/// ```
/// use portreeve::oci::ImageConfig;
/// let config = ImageConfig::parse(
///     br#"{"created":"2026-11-24T08:00:00Z","os":"linux","architecture":"arm64",
///          "config":{"Env":["PATH=/bin"]},
///          "history":[{"created_by":"COPY . /"},{"created_by":"CMD sh","empty_layer":true}]}"#,
/// )?;
/// assert_eq!(config.execution()?.env, ["PATH=/bin"]);
/// assert!(config.history()?[1].empty_layer);
/// assert_eq!(config.platform.unwrap().to_string(), "linux/arm64");
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageConfig {
    /// When it was built, as the builder says; `None` where it says nothing that can be true
    /// (missing, unreadable, or before 1980-01-02).
    pub created: Option<Timestamp>,
    /// Where it runs.
    pub platform: Option<Platform>,
    /// Who made it.
    pub author: Option<String>,
    /// The document as it came.
    pub document: Value,
    bytes: Bytes,
}

#[derive(Deserialize)]
struct Fields {
    created: Option<String>,
    author: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    #[serde(
        default,
        rename = "os.features",
        deserialize_with = "absent::when_null"
    )]
    os_features: Vec<String>,
}

impl ImageConfig {
    /// Reads a config blob.
    ///
    /// # Errors
    ///
    /// `upstream_error` for what is no config.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let document: Value = serde_json::from_slice(bytes).map_err(|e| unreadable(&e))?;
        let fields = Fields::deserialize(&document).map_err(|e| unreadable(&e))?;
        let present = |text: Option<String>| text.filter(|text| !text.is_empty());
        let platform = present(fields.os).zip(present(fields.architecture));
        Ok(Self {
            created: fields.created.as_deref().and_then(build_time::parse),
            platform: platform.map(|(os, architecture)| Platform {
                os,
                architecture,
                variant: present(fields.variant),
                os_version: present(fields.os_version),
                os_features: fields.os_features,
                features: Vec::new(),
                unknown_fields: UnknownFields::default(),
            }),
            author: present(fields.author),
            document,
            bytes: Bytes::copy_from_slice(bytes),
        })
    }

    /// The bytes as they came, which the digest names.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How to run it; the default where it does not say.
    ///
    /// # Errors
    ///
    /// `upstream_error` where a field is not of its type.
    pub fn execution(&self) -> Result<Execution> {
        self.part("config")
    }

    /// Its layers by the digests of their uncompressed archives.
    ///
    /// # Errors
    ///
    /// `upstream_error` where a field is not of its type, or a digest of an unknown kind.
    pub fn root_fs(&self) -> Result<RootFs> {
        self.part("rootfs")
    }

    /// The steps by which it was made, oldest first; none where the builder kept none.
    ///
    /// # Errors
    ///
    /// `upstream_error` where a field is not of its type.
    pub fn history(&self) -> Result<Vec<History>> {
        self.part("history")
    }

    fn part<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        let part = self.document.get(name).unwrap_or(&Value::Null);
        absent::when_null(part)
            .map_err(|problem| unreadable(&problem).with_path(format!("$.{name}")))
    }
}

fn unreadable(problem: &serde_json::Error) -> Error {
    let found = format!("the image config cannot be read: {problem}");
    Error::new(Code::UpstreamError, found).next("push the image again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_time_that_cannot_be_true_is_none() {
        let created = |text: &str| ImageConfig::parse(text.as_bytes()).unwrap().created;
        assert_eq!(created(r#"{"created":"1980-01-01T00:00:01Z"}"#), None);
        assert!(created(r#"{"created":"1980-01-02T00:00:00Z"}"#).is_some());
    }

    #[test]
    fn half_a_platform_is_none() {
        for text in [r#"{"os":"linux"}"#, r#"{"os":"","architecture":""}"#, "{}"] {
            assert_eq!(
                ImageConfig::parse(text.as_bytes()).unwrap().platform,
                None,
                "{text}"
            );
        }
    }

    /// Docker's own, of an image with everything: `docker image save`, shortened.
    const WHOLE: &[u8] = br#"{"architecture":"amd64","author":"Acme","os":"windows",
        "os.version":"10.0.17763.1","os.features":["win32k"],"created":"2026-11-24T08:00:00Z",
        "config":{"User":"1000:1000","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],
            "Entrypoint":["/bin/web"],"Cmd":null,"Volumes":{"/data":{}},"WorkingDir":"/srv",
            "Labels":{"org.example":"yes"},"StopSignal":"SIGTERM","ArgsEscaped":true,
            "Healthcheck":{"Test":["CMD","true"],"Interval":1000000000,"Retries":3},
            "Shell":["sh","-c"],"OnBuild":["RUN x"],"StopTimeout":10,"Hostname":"old"},
        "rootfs":{"type":"layers","diff_ids":[
            "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"]},
        "history":[{"created":"2026-11-24T08:00:00Z","created_by":"ADD rootfs /",
            "comment":"buildkit","author":"Acme"},{"created_by":"CMD x","empty_layer":true}],
        "moby.buildkit.buildinfo.v1":"e30="}
        "#;

    #[test]
    fn every_field_of_the_specification_has_its_place() {
        let config = ImageConfig::parse(WHOLE).unwrap();
        assert_eq!(config.bytes(), WHOLE);
        assert_eq!(config.author.as_deref(), Some("Acme"));
        assert_eq!(config.document["moby.buildkit.buildinfo.v1"], "e30=");
        assert_eq!(config.platform.as_ref().unwrap().os_features, ["win32k"]);
        let execution = config.execution().unwrap();
        assert_eq!(execution.user, "1000:1000");
        assert!(execution.exposed_ports.contains_key("80/tcp"));
        assert_eq!(execution.entrypoint, ["/bin/web"]);
        assert_eq!(execution.cmd, [""; 0]);
        assert!(execution.volumes.contains_key("/data"));
        assert_eq!(execution.working_dir, "/srv");
        assert_eq!(execution.labels["org.example"], "yes");
        assert_eq!(execution.stop_signal, "SIGTERM");
        assert!(execution.args_escaped);
        assert_eq!(execution.healthcheck.unwrap().retries, 3);
        assert_eq!(execution.shell, ["sh", "-c"]);
        assert_eq!(execution.on_build, ["RUN x"]);
        assert_eq!(execution.stop_timeout, Some(10));
        assert_eq!(config.document["config"]["Hostname"], "old");
        assert_eq!(config.root_fs().unwrap().diff_ids.len(), 1);
        let history = config.history().unwrap();
        assert_eq!(history[0].comment, "buildkit");
        assert!(!history[0].empty_layer && history[1].empty_layer);
    }

    #[test]
    fn an_odd_part_hides_no_other() {
        let text =
            br#"{"os":"linux","architecture":"amd64","config":{"Env":"A=b"},"history":null}"#;
        let config = ImageConfig::parse(text).unwrap();
        assert!(config.platform.is_some());
        assert_eq!(config.history().unwrap(), []);
        assert_eq!(config.root_fs().unwrap(), RootFs::default());
        let error = config.execution().unwrap_err();
        assert_eq!(error.path(), Some("$.config"));
    }

    #[test]
    fn what_is_no_config_is_refused() {
        for text in ["", "[]", r#"{"os":7}"#] {
            assert!(ImageConfig::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
