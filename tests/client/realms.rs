//! Attacks on a credential by way of the token server's address: CVE-2020-15157 (containerd sent a
//! registry's credential to whoever a layer's address led to) and CVE-2026-33540 (distribution's
//! pull-through cache sent its upstream credential to any realm).

use portreeve::auth::Scope;
use portreeve::error::Code;

use super::authentication::{conversation, with};
use super::*;
use crate::registry::Fault;
use crate::registry::profile::Authentication;

const USER: (&str, &str) = ("demo", "demo-password");

fn challenged(challenge: &str) -> Fault {
    Fault::on("HEAD", "/v2/**")
        .status(401)
        .times(0)
        .header("www-authenticate", challenge)
}

/// Hosts that saw anything of a credential: a password, a token, or an identity token in a form.
fn hosts_that_saw_proof(io: &MemoryIo) -> Vec<String> {
    let requests = io.requests().into_iter();
    let mut hosts: Vec<String> = requests
        .filter(|request| request.authorization.is_some() || request.method == "POST")
        .map(|request| request.host)
        .collect();
    hosts.dedup();
    hosts
}

#[test]
fn no_realm_of_another_owner_is_asked_as_whomever() {
    for realm in [
        "https://evil.example/token",
        "https://registry.acme.dev.evil.example/token",
        "https://registry.acme.dev@evil.example/token",
        "https://registry.acme.dev:pass@evil.example/token",
        "https://evil.example\\@registry.acme.dev/token",
        "//evil.example/token",
        "\\\\evil.example/token",
        "http://registry.acme.dev/token",
        "http://auth.acme.dev/token",
        "https://127.0.0.1/token",
        "https://[::1]/token",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/token",
        "https://dev/token",
        "https://acme.dev.:443@evil.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:application/json,{}",
    ] {
        let credentials = [
            Some(Credential::basic(USER.0, USER.1)),
            Some(Credential::IdentityToken("identity".into())),
            None,
        ];
        for credential in credentials {
            let mut settings = settings();
            settings.credential = credential;
            let (client, io) = shop(Profile::basic(), settings);
            io.know(Ok(Credential::basic(USER.0, USER.1).into()));
            let quoted = realm.replace('\\', r"\\");
            io.fault(challenged(&format!(
                "Bearer realm=\"{quoted}\",service=\"x\""
            )));
            let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
            assert_eq!(error.code(), Code::Unauthorized, "{realm}: {error}");
            let asked = conversation(&io);
            assert_eq!(
                asked,
                ["HEAD /v2/shop/web/manifests/latest - 401"],
                "{realm}"
            );
        }
    }
}

#[test]
fn a_realm_can_be_pinned_and_its_likes_are_not() {
    for (pin, realm, asked) in [
        ("login.example", "https://login.example/token", true),
        ("login.example", "https://LOGIN.example:443/token", true),
        ("login.example", "http://login.example/token", false),
        ("login.example", "https://login.example:8443/token", false),
        (
            "login.example",
            "https://login.example.evil.example/token",
            false,
        ),
        (
            "login.example:8443",
            "https://login.example:8443/token",
            true,
        ),
        ("http://10.0.0.7:5001", "http://10.0.0.7:5001/token", true),
        ("http://10.0.0.7:5001", "http://10.0.0.7:5002/token", false),
        ("", "https://evil.example/token", false),
        ("*", "https://evil.example/token", false),
    ] {
        let mut settings = as_user(USER.0, USER.1);
        settings.realms = vec!["unrelated.example".into(), pin.into()];
        let (client, io) = shop(with(Authentication::PrivateBearer), settings);
        let challenge = format!("Bearer realm=\"{realm}\",scope=\"repository:shop/web:pull\"");
        io.fault(challenged(&challenge).times(1));
        let head = io.run(client.head("shop/web", &tag("latest")));
        assert_eq!(head.is_ok(), asked, "{pin} {realm}");
        assert_eq!(
            hosts_that_saw_proof(&io).len(),
            usize::from(asked) * 2,
            "{pin} {realm}"
        );
    }
}

#[test]
fn where_a_token_server_is_not_trusted_the_registry_itself_may_see_the_password() {
    let (client, io) = shop(Profile::basic(), as_user(USER.0, USER.1));
    let challenge = r#"Bearer realm="https://evil.example/token",Basic realm="x""#;
    io.fault(challenged(challenge).times(1));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(
        conversation(&io),
        [
            "HEAD /v2/shop/web/manifests/latest - 401",
            "HEAD /v2/shop/web/manifests/latest Basic 200",
        ]
    );
    assert_eq!(hosts_that_saw_proof(&io), [HOST]);
}

#[test]
fn the_challenge_of_another_host_is_not_answered() {
    // CVE-2020-15157: a blob's address leads to a host that asks for a password
    for challenge in [
        r#"Basic realm="x""#,
        r#"Bearer realm="https://registry.acme.dev/token",service="x""#,
        r#"Bearer realm="/token",service="x""#,
    ] {
        let (client, io) = shop(with(Authentication::PrivateBearer), as_user(USER.0, USER.1));
        io.know(Ok(Credential::basic(USER.0, USER.1).into()));
        io.run(client.head("shop/web", &tag("latest"))).unwrap();
        let before = io.requests().len();
        io.fault(
            Fault::on("HEAD", "/v2/**")
                .status(307)
                .header("location", "https://evil.example/layer"),
        );
        io.fault(
            Fault::on("HEAD", "/layer")
                .status(401)
                .times(0)
                .header("www-authenticate", challenge),
        );
        let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
        assert_eq!(error.code(), Code::Unauthorized);
        assert_eq!(
            conversation(&io)[before..],
            [
                "HEAD /v2/shop/web/manifests/latest Bearer 307",
                "HEAD /layer - 401",
            ],
            "{challenge}"
        );
    }
}

#[test]
fn a_token_server_that_sends_on_to_another_host_gets_and_gives_nothing_more() {
    for (credential, method) in [
        (Credential::basic(USER.0, USER.1), "GET"),
        (Credential::IdentityToken("identity".into()), "POST"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let mut settings = settings();
            settings.credential = Some(credential.clone());
            let (client, io) = shop(with(Authentication::PrivateBearer), settings);
            io.fault(
                Fault::on(method, "/token")
                    .status(status)
                    .times(0)
                    .header("location", "https://evil.example/stolen"),
            );
            let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
            assert_eq!(error.code(), Code::UpstreamError, "{error}");
            assert_eq!(hosts_that_saw_proof(&io), [HOST], "{method} {status}");
            // nor is a token from there taken to the registry
            let last = conversation(&io).pop().unwrap();
            assert!(!last.contains("Bearer"), "{last}");
        }
    }
}

#[test]
fn a_token_server_may_send_on_within_its_host() {
    let (client, io) = shop(with(Authentication::PrivateBearer), as_user(USER.0, USER.1));
    let target = "https://registry.acme.dev/token?service=x&scope=repository:shop/web:pull";
    io.fault(
        Fault::on("GET", "/auth")
            .status(307)
            .header("location", target),
    );
    io.fault(challenged(r#"Bearer realm="/auth""#).times(1));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(hosts_that_saw_proof(&io), [HOST]);
}

#[test]
fn a_credential_for_one_registry_is_never_another_ones() {
    let io = MemoryIo::shop(with(Authentication::PrivateBearer));
    let ours = Client::new(io.clone(), as_user(USER.0, USER.1)).unwrap();
    io.run(ours.head("shop/web", &tag("latest"))).unwrap();
    let mut theirs = Settings::new("registry.evil.example");
    theirs.tokens = ours.tokens();
    let theirs = Client::new(io.clone(), theirs).unwrap();
    let before = io.requests().len();
    io.run(theirs.head("shop/web", &tag("latest"))).unwrap_err();
    assert!(
        io.requests()[before..]
            .iter()
            .all(|request| request.authorization.is_none())
    );
    assert_eq!(io.looked_up(), ["registry.evil.example"]);
}

#[test]
fn a_token_is_handed_out_by_the_registrys_own_server_alone() {
    let (client, io) = shop(Profile::basic(), as_user(USER.0, USER.1));
    io.fault(Fault::on("GET", "/v2/").status(401).header(
        "www-authenticate",
        r#"Bearer realm="https://evil.example/""#,
    ));
    let error = io.run(client.token(&Scope::none())).unwrap_err();
    assert_eq!(error.code(), Code::Unauthorized);
    assert_eq!(conversation(&io), ["GET /v2/ - 401"]);
}
