//! Docker's `config.json` and Podman's `auth.json`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::auth::docker_config::DockerConfig;

fuzz_target!(|text: &[u8]| {
    let config = match DockerConfig::parse(text) {
        Ok(config) => config,
        Err(error) => {
            // it may hold passwords: only places are named, in words of our own
            assert!(error.to_string().is_ascii());
            return;
        }
    };
    for host in ["docker.io", "quay.io", "localhost:5000", "[::1]:5000", ""] {
        if let Ok(credentials) = config.credentials(host) {
            for repository in [None, Some("team/web"), Some("")] {
                // the credential's debug form is what a log would show
                if let Some(credential) = credentials.for_repository(repository) {
                    assert!(!format!("{credential:?}").contains("fuzzed-secret"));
                }
            }
        }
        assert!(config.helper(host).is_none_or(|helper| !helper.is_empty()));
    }
});
