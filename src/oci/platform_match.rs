//! Which image of an index runs on a platform, and which runs best.
//!
//! As `containerd/platforms` 1.0 decides (`Normalize`, `Only`): `arm64` is `arm64/v8`; an arm of
//! one version runs what was built for older ones, down to v5, and a 64-bit one runs arm/v8 and
//! below; `amd64/v3` runs v2 and v1; amd64 runs 386. Windows images must be of the same build.

use super::{Descriptor, Index, Platform};

impl Platform {
    /// The same platform in the one way of writing it: `x86_64` is `amd64`, `arm64/v8` is `arm64`,
    /// `armhf` is `arm/v7`, `macos` is `darwin`.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::oci::Platform;
    /// let platform = Platform::new("linux", "aarch64").with_variant("v8");
    /// assert_eq!(platform.normalised(), Platform::new("linux", "arm64"));
    /// ```
    #[must_use]
    pub fn normalised(&self) -> Self {
        let os = self.os.to_ascii_lowercase();
        let architecture = self.architecture.to_ascii_lowercase();
        let variant = self.variant.as_deref().unwrap_or_default();
        let variant = variant.to_ascii_lowercase();
        let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
            ("i386", _) => ("386", ""),
            ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
            ("aarch64", variant) => ("arm64", variant),
            ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
            ("armel", _) | ("arm", "6") => ("arm", "v6"),
            ("arm", "5") => ("arm", "v5"),
            ("arm", "8") => ("arm", "v8"),
            same => same,
        };
        Self {
            os: if os == "macos" {
                "darwin".to_owned()
            } else {
                os
            },
            architecture: architecture.to_owned(),
            variant: (!variant.is_empty()).then(|| variant.to_owned()),
            ..self.clone()
        }
    }

    /// How well an image built for `offered` runs here: the smaller the better, `None` not at
    /// all.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::oci::Platform;
    /// let wanted: Platform = "linux/arm/v7".parse()?;
    /// let [v7, v6] = ["v7", "v6"].map(|v| Platform::new("linux", "arm").with_variant(v));
    /// assert!(wanted.fit(&v7) < wanted.fit(&v6) && wanted.fit(&v6).is_some());
    /// assert_eq!(wanted.fit(&Platform::new("linux", "arm64")), None);
    /// # Ok::<(), portreeve::oci::InvalidPlatform>(())
    /// ```
    #[must_use]
    pub fn fit(&self, offered: &Self) -> Option<usize> {
        let (wanted, offered) = (self.normalised(), offered.normalised());
        let has = |feature: &String| {
            // every Windows has it, and few who ask for one say so
            wanted.os_features.contains(feature) || wanted.os == "windows" && feature == "win32k"
        };
        if wanted.os != offered.os || !offered.os_features.iter().all(has) {
            return None;
        }
        let version = match (&wanted.os_version, &offered.os_version) {
            (Some(wanted), Some(offered)) if wanted == offered => 0,
            (Some(wanted), Some(offered)) if self.os == "windows" => {
                are_same_build(wanted, offered).then_some(1)?
            }
            (None, None) => 0,
            _ => 2,
        };
        let variant = offered.variant.as_deref().unwrap_or_default();
        let place = runs(
            &wanted.architecture,
            wanted.variant.as_deref().unwrap_or_default(),
        )
        .iter()
        .position(|(architecture, runs)| {
            *architecture == offered.architecture && runs == variant
        })?;
        Some(3 * place + version)
    }

    pub(super) fn has_known_architecture(&self) -> bool {
        matches!(
            self.architecture.as_str(),
            "386"
                | "amd64"
                | "arm"
                | "arm64"
                | "loong64"
                | "mips"
                | "mips64"
                | "mips64le"
                | "mipsle"
                | "ppc64"
                | "ppc64le"
                | "riscv64"
                | "s390x"
                | "wasm"
        )
    }
}

impl Index {
    /// The image that runs best on `wanted`, the first of those that run equally well; `None`
    /// where none does, or where the index names no platforms.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::oci::{Content, Manifest, media_type};
    /// # let text = r#"{"manifests":[
    /// #   {"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,
    /// #    "digest":"sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    /// #    "platform":{"os":"linux","architecture":"arm","variant":"v6"}}]}"#;
    /// let manifest = Manifest::parse(media_type::OCI_INDEX, text.into())?;
    /// let index = manifest.index()?;
    /// // listed: linux/arm/v6 alone
    /// assert!(index.image_for(&"linux/arm/v7".parse()?).is_some());
    /// assert!(index.image_for(&"linux/amd64".parse()?).is_none());
    /// # Ok::<(), portreeve::error::Error>(())
    /// ```
    #[must_use]
    pub fn image_for(&self, wanted: &Platform) -> Option<&Descriptor> {
        self.images()
            .filter_map(|image| Some((wanted.fit(image.platform.as_ref()?)?, image)))
            .min_by_key(|(fit, _)| *fit)
            .map(|(_, image)| image)
    }
}

/// `10.0.17763` of `10.0.17763.1` is what two Windows must have in common.
fn are_same_build(one: &str, other: &str) -> bool {
    one.split('.').take(3).eq(other.split('.').take(3))
}

/// What a processor runs, as architecture and variant, best first; both are normalised.
fn runs<'a>(architecture: &'a str, variant: &str) -> Vec<(&'a str, String)> {
    let mut all = vec![(architecture, variant.to_owned())];
    let number = |text: &str| text.strip_prefix('v')?.parse::<u8>().ok();
    match architecture {
        "amd64" => {
            let older = number(variant).map_or(0..0, |version| 2..version);
            all.extend(older.rev().map(|version| ("amd64", format!("v{version}"))));
            if !variant.is_empty() {
                all.push(("amd64", String::new()));
            }
            all.push(("386", String::new()));
        }
        "arm" => {
            let older = number(variant).map_or(0..0, |version| 5..version);
            all.extend(older.rev().map(|version| ("arm", format!("v{version}"))));
        }
        "arm64" => {
            let (major, minor) = variant.split_once('.').unwrap_or((variant, "0"));
            let mut minor = minor.parse::<u8>().unwrap_or(0).min(9);
            let named = |major: u8, minor: u8| match (major, minor) {
                (8, 0) => String::new(),
                (major, 0) => format!("v{major}"),
                (major, minor) => format!("v{major}.{minor}"),
            };
            if major == "v9" {
                all.extend((0..minor).rev().map(|minor| ("arm64", named(9, minor))));
                // v9.0 grew out of v8.5, so that v9.x runs what v8.(x+5) runs
                minor += 5;
                all.push(("arm64", named(8, minor)));
            }
            if matches!(major, "v8" | "v9") {
                all.extend((0..minor).rev().map(|minor| ("arm64", named(8, minor))));
            }
            all.push(("arm", "v8".to_owned()));
            all.extend(runs("arm", "v8").into_iter().skip(1));
        }
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;

    /// What an index may hold, in no order that would help.
    const OFFERED: [&str; 23] = [
        "linux/ppc64le",
        "linux/386",
        "linux/arm/v5",
        "linux/arm64/v8.1",
        "linux/amd64/v2",
        "linux/arm/v7",
        "linux/arm64",
        "linux/arm64/v9",
        "linux/amd64",
        "linux/arm",
        "linux/arm/v6",
        "linux/arm64/v8.7",
        "linux/amd64/v3",
        "windows(10.0.20348.1)/amd64",
        "windows(10.0.17763.2)/amd64",
        "windows/amd64",
        "linux/arm64/v8.5",
        "linux/arm/v8",
        "linux/amd64/v1",
        "linux/ppc64le/power9",
        "linux/arm64/v9.1",
        "linux/arm64/v8",
        "linux/arm64/v9.2",
    ];

    fn platform(text: &str) -> Platform {
        text.parse().unwrap()
    }

    /// All that fits, best first; what is written in two ways is there twice.
    fn fitting(wanted: &str) -> Vec<&'static str> {
        let wanted = platform(wanted);
        let mut found: Vec<(usize, &str)> = OFFERED
            .into_iter()
            .filter_map(|offered| Some((wanted.fit(&platform(offered))?, offered)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, offered)| offered).collect()
    }

    /// The sets are what `platforms.Only` of containerd/platforms v1.0.0-rc.5 matched, run over the
    /// same platforms; the order is that of its vector.
    #[test]
    fn the_same_images_fit_as_for_containerd() {
        let arm = [
            "linux/arm/v8",
            "linux/arm",
            "linux/arm/v7",
            "linux/arm/v6",
            "linux/arm/v5",
        ];
        let arm64 = ["linux/arm64", "linux/arm64/v8"];
        let from_8_5 = ["linux/arm64/v8.5", "linux/arm64/v8.1"];
        for (wanted, expected) in [
            ("linux/arm64", [&arm64[..], &arm].concat()),
            ("linux/arm64/v8", [&arm64[..], &arm].concat()),
            ("linux/arm64/v8.5", [&from_8_5[..], &arm64, &arm].concat()),
            (
                "linux/arm64/v9",
                [&["linux/arm64/v9"], &from_8_5[..], &arm64, &arm].concat(),
            ),
            (
                "linux/arm64/v9.2",
                [
                    &[
                        "linux/arm64/v9.2",
                        "linux/arm64/v9.1",
                        "linux/arm64/v9",
                        "linux/arm64/v8.7",
                    ],
                    &from_8_5[..],
                    &arm64,
                    &arm,
                ]
                .concat(),
            ),
            ("linux/arm/v8", arm.to_vec()),
            ("linux/arm", arm[1..].to_vec()),
            ("linux/arm/v7", arm[1..].to_vec()),
            ("linux/arm/v6", arm[3..].to_vec()),
            (
                "linux/amd64",
                vec!["linux/amd64", "linux/amd64/v1", "linux/386"],
            ),
            (
                "linux/amd64/v3",
                vec![
                    "linux/amd64/v3",
                    "linux/amd64/v2",
                    "linux/amd64",
                    "linux/amd64/v1",
                    "linux/386",
                ],
            ),
            ("linux/386", vec!["linux/386"]),
            ("linux/ppc64le", vec!["linux/ppc64le"]),
            ("linux/ppc64le/power9", vec!["linux/ppc64le/power9"]),
            (
                "windows(10.0.17763.1)/amd64",
                vec!["windows(10.0.17763.2)/amd64", "windows/amd64"],
            ),
            ("darwin/arm64", vec![]),
        ] {
            assert_eq!(fitting(wanted), expected, "{wanted}");
        }
    }

    #[test]
    fn a_feature_that_is_missing_keeps_an_image_from_running() {
        let mut offered = platform("linux/amd64");
        offered.os_features = vec!["sgx".to_owned()];
        assert_eq!(platform("linux/amd64").fit(&offered), None);
        let mut wanted = platform("linux/amd64");
        wanted.os_features = vec!["other".to_owned(), "sgx".to_owned()];
        assert_eq!(wanted.fit(&offered), Some(0));
        let mut windows = platform("windows/amd64");
        windows.os_features = vec!["win32k".to_owned()];
        assert_eq!(platform("windows/amd64").fit(&windows), Some(0));
    }

    #[test]
    fn an_absurd_variant_is_one_that_nothing_else_fits() {
        for variant in ["v999999999999", "v255", "v-1", "v", "v8.99999999", "é"] {
            for architecture in ["amd64", "arm", "arm64"] {
                let wanted = Platform::new("linux", architecture).with_variant(variant);
                assert_eq!(wanted.fit(&wanted), Some(0), "{architecture}/{variant}");
            }
        }
    }

    #[test]
    fn the_first_of_equals_is_chosen_and_attestations_never() {
        let image = |name: &str, on: &str| {
            let media_type = crate::oci::media_type::OCI_MANIFEST;
            let digest = Digest::of(name.as_bytes());
            let mut descriptor = Descriptor::new(media_type, digest, 1);
            descriptor.platform = Some(on.parse().unwrap());
            descriptor
        };
        let mut attestation = image("attestation", "linux/arm64");
        attestation.annotations.insert(
            "vnd.docker.reference.type".to_owned(),
            "attestation-manifest".to_owned(),
        );
        let mut bare = image("bare", "linux/arm64");
        bare.platform = None;
        let index = Index {
            manifests: vec![
                attestation,
                bare,
                image("older", "linux/arm/v7"),
                image("first", "linux/arm64/v8"),
                image("second", "linux/arm64"),
            ],
            ..Index::default()
        };
        let chosen = index.image_for(&platform("linux/arm64")).unwrap();
        assert_eq!(chosen.digest, Digest::of(b"first"));
        assert_eq!(index.image_for(&platform("linux/s390x")), None);
    }
}
