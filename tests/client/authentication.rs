//! Who may, and who sees the password.

use portreeve::auth::TokenCache;
use portreeve::client::Settings;
use portreeve::error::Code;

use super::*;
use crate::registry::Fault;
use crate::registry::profile::Authentication;

pub(super) fn with(authentication: Authentication) -> Profile {
    Profile {
        authentication,
        ..Profile::distribution_3()
    }
}

/// What was sent as `METHOD host/path scheme status`, without the query.
pub(super) fn conversation(io: &MemoryIo) -> Vec<String> {
    io.requests()
        .into_iter()
        .map(|request| {
            let path = request
                .target
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned();
            format!(
                "{} {path} {} {}",
                request.method,
                request.authorization.unwrap_or_else(|| "-".into()),
                request.status.unwrap_or(0)
            )
        })
        .collect()
}

#[test]
fn the_request_goes_first_and_the_token_is_kept() {
    let (client, io) = shop(Profile::bearer(), settings());
    for target in ["v1.4.2", "v1.4.1"] {
        assert!(
            io.run(client.head("shop/web", &tag(target)))
                .unwrap()
                .is_some()
        );
    }
    assert_eq!(
        conversation(&io),
        [
            "HEAD /v2/shop/web/manifests/v1.4.2 - 401",
            "GET /token - 200",
            "HEAD /v2/shop/web/manifests/v1.4.2 Bearer 200",
            "HEAD /v2/shop/web/manifests/v1.4.1 Bearer 200",
        ]
    );
    let asked = &io.targets("GET")[0];
    assert_eq!(
        asked,
        "/token?service=bearer&scope=repository%3Ashop%2Fweb%3Apull"
    );
}

#[test]
fn the_next_session_goes_on_with_the_tokens_until_they_expire() {
    let (client, io) = shop(Profile::bearer(), settings());
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    let kept = serde_json::to_string(&client.tokens()).unwrap();
    let mut settings = settings();
    settings.tokens = serde_json::from_str::<TokenCache>(&kept).unwrap();
    let next = Client::new(io.clone(), settings).unwrap();
    io.run(next.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(io.requests().len(), 4);
    io.advance(std::time::Duration::from_mins(5));
    io.run(next.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(conversation(&io)[4..].len(), 3);
}

#[test]
fn a_token_that_the_registry_forgot_is_renewed() {
    let (client, io) = shop(Profile::bearer(), settings());
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    io.registry().state.tokens.clear();
    assert!(
        io.run(client.head("shop/web", &tag("latest")))
            .unwrap()
            .is_some()
    );
    assert_eq!(
        conversation(&io)[3..],
        [
            "HEAD /v2/shop/web/manifests/latest Bearer 401",
            "GET /token - 200",
            "HEAD /v2/shop/web/manifests/latest Bearer 200",
        ]
    );
}

#[test]
fn many_at_once_ask_for_one_token() {
    let (client, io) = shop(Profile::bearer(), settings());
    let all = (0..6).map(|_| async { client.head("shop/web", &tag("latest")).await });
    for head in io.run(futures_util::future::join_all(all)) {
        assert!(head.unwrap().is_some());
    }
    let tokens = io
        .targets("GET")
        .iter()
        .filter(|target| target.starts_with("/token"))
        .count();
    assert_eq!(tokens, 1);
}

#[test]
fn a_password_is_sent_to_the_registry_only_when_it_asks() {
    let (client, io) = shop(Profile::basic(), as_user("demo", "demo-password"));
    io.run(client.head("shop/web", &tag("latest")))
        .unwrap()
        .unwrap();
    io.run(client.head("shop/web", &tag("latest")))
        .unwrap()
        .unwrap();
    assert_eq!(
        conversation(&io),
        [
            "HEAD /v2/shop/web/manifests/latest - 401",
            "HEAD /v2/shop/web/manifests/latest Basic 200",
            "HEAD /v2/shop/web/manifests/latest Basic 200",
        ]
    );
}

#[test]
fn bearer_comes_before_basic_in_one_header() {
    let (client, io) = shop(
        with(Authentication::BearerOrBasic),
        as_user("demo", "demo-password"),
    );
    io.run(client.head("shop/web", &tag("latest")))
        .unwrap()
        .unwrap();
    assert_eq!(
        conversation(&io)[1..],
        [
            "GET /token Basic 200",
            "HEAD /v2/shop/web/manifests/latest Bearer 200"
        ]
    );
}

#[test]
fn a_wrong_or_missing_password_is_unauthorized_with_advice() {
    let wrong = || as_user("demo", "WRONG-SECRET");
    let (check, give) = (
        "check the user name and the password",
        "give credentials for registry.acme.dev",
    );
    for (row, authentication, settings, advice, requests) in [
        ("Basic, wrong", Authentication::Basic, wrong(), check, 3),
        ("Basic, none", Authentication::Basic, settings(), give, 2),
        (
            "Bearer, wrong",
            Authentication::PrivateBearer,
            wrong(),
            check,
            4,
        ),
        (
            "Bearer, none",
            Authentication::PrivateBearer,
            settings(),
            give,
            4,
        ),
    ] {
        let (client, io) = shop(with(authentication), settings);
        for error in [
            io.run(client.head("shop/web", &tag("latest"))).unwrap_err(),
            io.run(client.tags("shop/web").next_page()).unwrap_err(),
        ] {
            assert_eq!(error.code(), Code::Unauthorized, "{row}");
            assert!(error.advice().unwrap().contains(advice), "{row}: {error}");
            assert!(error.to_string().contains("401"), "{row}: {error}");
            assert!(
                !error.to_string().contains("WRONG-SECRET"),
                "{row}: {error}"
            );
        }
        assert_eq!(
            io.requests().len(),
            requests,
            "{row}: {:?}",
            conversation(&io)
        );
    }
}

#[test]
fn a_token_server_that_fails_is_asked_as_often_as_a_registry() {
    let (client, io) = shop(Profile::bearer(), settings());
    io.fault(Fault::on("GET", "/token").status(503).times(0));
    let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError);
    let words = "asking for a token for registry.acme.dev at registry.acme.dev: the token server answered 503";
    assert!(error.to_string().starts_with(words), "{error}");
    assert_eq!(io.targets("GET").len(), 4);
    io.registry().faults.clear();
    io.fault(
        Fault::on("GET", "/token")
            .status(429)
            .header("retry-after", "2"),
    );
    assert!(
        io.run(client.head("shop/web", &tag("latest")))
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_realm_of_another_owner_gets_nothing() {
    for realm in [
        "https://evil.example/token",
        "http://registry.acme.dev/token",
        "//evil.example/t",
    ] {
        let (client, io) = shop(Profile::basic(), as_user("demo", "demo-password"));
        let challenge = format!("Bearer realm=\"{realm}\",service=\"x\"");
        io.fault(
            Fault::on("HEAD", "/v2/**")
                .status(401)
                .times(0)
                .header("www-authenticate", &challenge),
        );
        let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
        assert_eq!(error.code(), Code::Unauthorized, "{realm}");
        assert!(
            error.to_string().contains("nothing was sent there"),
            "{error}"
        );
        assert_eq!(
            conversation(&io),
            ["HEAD /v2/shop/web/manifests/latest - 401"],
            "{realm}"
        );
    }
}

#[test]
fn a_realm_on_the_same_domain_is_asked() {
    let (client, io) = shop(
        with(Authentication::PrivateBearer),
        as_user("demo", "demo-password"),
    );
    let challenge = r#"Bearer realm="https://auth.acme.dev/token",service="x",scope="repository:shop/web:pull""#;
    io.fault(
        Fault::on("HEAD", "/v2/**")
            .status(401)
            .header("www-authenticate", challenge),
    );
    assert!(
        io.run(client.head("shop/web", &tag("latest")))
            .unwrap()
            .is_some()
    );
    assert_eq!(io.requests()[1].host, "auth.acme.dev");
}

#[test]
fn a_401_without_a_challenge_asks_the_root() {
    let (client, io) = shop(Profile::basic(), as_user("demo", "demo-password"));
    io.fault(Fault::on("HEAD", "/v2/**").status(401));
    assert!(
        io.run(client.head("shop/web", &tag("latest")))
            .unwrap()
            .is_some()
    );
    assert_eq!(conversation(&io)[1], "GET /v2/ - 401");
}

#[test]
fn an_identity_token_is_posted_and_falls_back_to_get() {
    for (by_post, expected) in [
        (true, vec!["POST /token - 200"]),
        (false, vec!["POST /token - 404", "GET /token Basic 401"]),
    ] {
        let profile = Profile {
            token_by_post: by_post,
            ..with(Authentication::PrivateBearer)
        };
        let identity = Digest::of(profile.password.as_bytes())
            .to_string()
            .replace("sha256:", "identity-");
        let mut settings = settings();
        settings.credential = Some(Credential::IdentityToken(identity));
        let (client, io) = shop(profile, settings);
        let head = io.run(client.head("shop/web", &tag("latest")));
        assert_eq!(head.is_ok(), by_post);
        assert_eq!(conversation(&io)[1..=expected.len()], expected);
    }
}

#[test]
fn a_registry_token_is_sent_as_it_is_and_nowhere_else() {
    let mut settings = settings();
    settings.credential = Some(Credential::RegistryToken("unknown".into()));
    let (client, io) = shop(Profile::bearer(), settings);
    let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
    assert_eq!(error.code(), Code::Unauthorized);
    assert_eq!(
        conversation(&io),
        ["HEAD /v2/shop/web/manifests/latest Bearer 401"]
    );
}

#[test]
fn a_deletion_asks_for_more_where_the_first_token_is_not_enough() {
    let (client, io) = shop(
        with(Authentication::PrivateBearer),
        as_user("demo", "demo-password"),
    );
    let digest = io
        .run(client.head("shop/web", &tag("latest")))
        .unwrap()
        .unwrap()
        .digest;
    // a registry that names no scope, and wants `*`
    let insufficient = r#"Bearer realm="/token",service="x",error="insufficient_scope""#;
    io.fault(
        Fault::on("DELETE", "/v2/**")
            .status(401)
            .times(2)
            .header("www-authenticate", insufficient),
    );
    let writer = portreeve::client::Writer::new(client);
    let before = io.requests().len();
    // the demo's token endpoint grants `*` by name, which its DELETE does not take as `delete`
    let _ = io.run(writer.delete_manifest("shop/web", &digest));
    let scopes: Vec<String> = io
        .targets("GET")
        .into_iter()
        .filter(|target| target.starts_with("/token"))
        .collect();
    assert!(io.requests().len() > before);
    assert_eq!(scopes.len(), 3, "{scopes:?}");
    assert!(
        scopes[1].ends_with("%3Adelete") && scopes[2].ends_with("%3A*"),
        "{scopes:?}"
    );
}

#[test]
fn gateway_headers_go_to_the_registry_alone() {
    let mut settings: Settings = as_user("demo", "demo-password");
    // the log tells of `Range`, which no token request has of its own
    settings
        .headers
        .insert("range", "bytes=0-".parse().unwrap());
    let (client, io) = shop(with(Authentication::PrivateBearer), settings);
    io.run(client.head("shop/web", &tag("latest")))
        .unwrap()
        .unwrap();
    for request in io.requests() {
        assert_eq!(
            request.range.is_some(),
            !request.target.starts_with("/token"),
            "{request:?}"
        );
        assert!(request.user_agent.unwrap().starts_with("portreeve/"));
    }
}
