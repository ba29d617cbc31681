//! `platforms`: `linux/arm64`, `linux/*`, `*/arm64/v8`.

use std::{fmt, str::FromStr};

use crate::configuration::reader::Node;
use crate::oci::Platform;

/// A pattern over platforms, each of its parts a word or `*`.
///
/// A pattern without `*` is the platform that docker takes it for, so `linux/arm` is
/// `linux/arm/v7`; `linux/arm/*` is every variant.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::policy::PlatformPattern;
/// let pattern: PlatformPattern = "linux/*".parse().unwrap();
/// assert!(pattern.matches("linux/arm/v7") && !pattern.matches("windows/amd64"));
/// let pattern: PlatformPattern = "*/arm64/v8".parse().unwrap();
/// assert_eq!(pattern.to_string(), "*/arm64");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlatformPattern {
    /// `None` is any; likewise below.
    os: Option<String>,
    architecture: Option<String>,
    variant: Variant,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Variant {
    Any,
    None,
    Only(String),
}

impl PlatformPattern {
    /// Whether a normalised platform fits, such as `linux/amd64` or `linux/arm/v7`.
    #[must_use]
    pub fn matches(&self, platform: &str) -> bool {
        let mut parts = platform.splitn(3, '/');
        let fits = |wanted: &Option<String>, part: Option<&str>| {
            part.is_some_and(|part| wanted.as_deref().is_none_or(|wanted| wanted == part))
        };
        let (os, architecture) = (parts.next(), parts.next());
        fits(&self.os, os)
            && fits(&self.architecture, architecture)
            && match (&self.variant, parts.next()) {
                (Variant::Any, _) | (Variant::None, None) => true,
                (Variant::Only(wanted), Some(variant)) => wanted == variant,
                _ => false,
            }
    }

    pub(super) fn read(node: &Node<'_>) -> Option<Self> {
        match node.string()?.parse() {
            Ok(pattern) => Some(pattern),
            Err(problem) => {
                node.problem(problem);
                None
            }
        }
    }
}

impl FromStr for PlatformPattern {
    /// What is wrong, as half a sentence.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "`{text}` is no platform: expected something like linux/arm64, linux/* or */arm/v7"
            )
        };
        let mut parts = text.split('/');
        let (Some(os), Some(architecture)) = (parts.next(), parts.next()) else {
            return Err(invalid());
        };
        let variant = parts.next();
        if parts.next().is_some() || os.contains('(') {
            return Err(invalid());
        }
        if architecture == "*" && variant.is_some_and(|variant| variant != "*") {
            return Err(format!(
                "`{text}`: a variant belongs to an architecture, which is `*` here"
            ));
        }
        // wildcards aside, it is read as any other platform; the stand-ins are nobody's alias
        let stand_in = |part, stand_in| if part == "*" { stand_in } else { part };
        let mut plain = format!(
            "{}/{}",
            stand_in(os, "linux"),
            stand_in(architecture, "any")
        );
        if let Some(variant) = variant.filter(|variant| *variant != "*") {
            plain.push('/');
            plain.push_str(variant);
        }
        let platform: Platform = plain.parse().map_err(|_| invalid())?;
        let any_variant = variant == Some("*") || architecture == "*";
        Ok(Self {
            os: (os != "*").then_some(platform.os),
            architecture: (architecture != "*").then_some(platform.architecture),
            variant: match platform.variant {
                _ if any_variant => Variant::Any,
                Some(variant) => Variant::Only(variant),
                None => Variant::None,
            },
        })
    }
}

impl fmt::Display for PlatformPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".to_owned());
        write!(formatter, "{}/{}", part(&self.os), part(&self.architecture))?;
        match &self.variant {
            Variant::Any if self.architecture.is_some() => formatter.write_str("/*"),
            Variant::Any | Variant::None => Ok(()),
            Variant::Only(variant) => write!(formatter, "/{variant}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_match_whole() {
        for (pattern, platform, expected) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/amd64/v3", false),
            ("linux/amd64/*", "linux/amd64/v3", true),
            ("linux/amd64/*", "linux/amd64", true),
            ("linux/x86_64", "linux/amd64", true),
            ("linux/arm", "linux/arm/v7", true),
            ("linux/arm", "linux/arm/v6", false),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/*", "linux/arm/v6", true),
            ("linux/*/*", "linux/s390x", true),
            ("linux/*", "windows/amd64", false),
            ("*/arm64", "darwin/arm64", true),
            ("*/*", "wasip1/wasm", true),
            ("linux/arm", "linux/arm64", false),
            ("linux/*", "linux", false),
        ] {
            let parsed: PlatformPattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(platform), expected, "{pattern} {platform}");
            let again: PlatformPattern = parsed.to_string().parse().unwrap();
            assert_eq!(again, parsed, "{pattern}");
        }
    }

    #[test]
    fn what_is_no_platform_is_an_error() {
        for text in [
            "",
            "*",
            "arm64",
            "linux",
            "linux/",
            "/amd64",
            "linux/a/b/c",
            "lin*/amd64",
            "linux/*/v8",
            "windows(10.0)/amd64",
            "linux/ämd64",
            "linux/arm/v*",
        ] {
            assert!(text.parse::<PlatformPattern>().is_err(), "{text}");
        }
    }
}
