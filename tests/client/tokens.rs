//! Tokens: several scopes in one, kept, renewed, rotated, handed out.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use portreeve::auth::Scope;
use portreeve::client::Session;
use portreeve::error::Code;

use super::authentication::{conversation, with};
use super::*;
use crate::registry::Fault;
use crate::registry::profile::Authentication;

fn token_requests(io: &MemoryIo) -> Vec<String> {
    io.requests()
        .into_iter()
        .filter(|request| request.target.starts_with("/token"))
        .map(|request| {
            let query = request.target.split_once("scope=").unwrap_or_default().1;
            format!("{} {query}", request.method)
        })
        .collect()
}

fn private() -> Profile {
    with(Authentication::PrivateBearer)
}

fn send(
    session: &Session<MemoryIo>,
    io: &MemoryIo,
    method: &str,
    path: &str,
    scope: &Scope,
) -> u16 {
    let address = session.root().join(path).unwrap();
    let request = Request::builder()
        .method(method)
        .uri(address.as_str())
        .body(Bytes::new())
        .unwrap();
    io.run(session.send(request, scope))
        .unwrap()
        .status()
        .as_u16()
}

#[test]
fn a_mount_asks_for_both_repositories_in_one_request() {
    let io = MemoryIo::shop(private());
    let session = Session::new(io.clone(), as_user("demo", "demo-password")).unwrap();
    let both = Scope::push("shop/copy").and(&Scope::pull("shop/web"));
    let path = "/v2/shop/copy/blobs/uploads/";
    assert_eq!(send(&session, &io, "POST", path, &both), 202);
    assert_eq!(
        token_requests(&io),
        ["GET repository%3Ashop%2Fcopy%3Apull%2Cpush&scope=repository%3Ashop%2Fweb%3Apull"]
    );
    // which serves what needs less
    for (scope, path) in [(Scope::push("shop/copy"), path), (Scope::none(), "/v2/")] {
        let method = if path == "/v2/" { "GET" } else { "POST" };
        assert!(send(&session, &io, method, path, &scope) < 300);
    }
    let path = "/v2/shop/web/tags/list";
    assert_eq!(
        send(&session, &io, "GET", path, &Scope::pull("shop/web")),
        200
    );
    assert_eq!(token_requests(&io).len(), 1, "{:?}", conversation(&io));
    assert_eq!(io.requests().len(), 6);
}

#[test]
fn one_token_opens_all_of_a_registry_that_says_so() {
    let (client, io) = shop(Profile::gitea(), as_user("demo", "demo-password"));
    for repository in ["shop/web", "shop/api", "shop/web"] {
        io.run(client.head(repository, &tag("latest"))).unwrap();
    }
    let asked = io.targets("GET");
    assert_eq!(asked, ["/v2/token?service=container_registry&scope=*"]);
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let (client, io) = shop(Profile::bearer(), settings());
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    // 300 seconds, but for the last ten
    for (wait, tokens) in [(285, 1), (10, 2), (285, 2), (10, 3)] {
        io.advance(Duration::from_secs(wait));
        io.run(client.head("shop/web", &tag("latest"))).unwrap();
        assert_eq!(token_requests(&io).len(), tokens);
    }
    let refused = io
        .requests()
        .iter()
        .filter(|one| one.status == Some(401))
        .count();
    assert_eq!(refused, 1, "{:?}", conversation(&io));
}

#[test]
fn a_renewal_that_is_refused_starts_from_the_challenge() {
    let (client, io) = shop(private(), as_user("demo", "demo-password"));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    io.advance(Duration::from_mins(5));
    io.fault(Fault::on("GET", "/token").status(400));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(
        conversation(&io)[3..],
        [
            "GET /token Basic 400",
            "HEAD /v2/shop/web/manifests/latest - 401",
            "GET /token Basic 200",
            "HEAD /v2/shop/web/manifests/latest Bearer 200",
        ]
    );
}

#[test]
fn a_token_is_renewed_once_after_a_401_and_no_more() {
    let (client, io) = shop(private(), as_user("demo", "demo-password"));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    io.fault(Fault::on("HEAD", "/v2/**").status(401).times(0).header(
        "www-authenticate",
        r#"Bearer realm="/token",service="x",scope="repository:shop/web:pull""#,
    ));
    let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
    assert_eq!(error.code(), Code::Unauthorized);
    assert_eq!(
        conversation(&io)[3..],
        [
            "HEAD /v2/shop/web/manifests/latest Bearer 401",
            "GET /token Basic 200",
            "HEAD /v2/shop/web/manifests/latest Bearer 401",
        ]
    );
    // and nothing of it is kept
    io.registry().faults.clear();
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
}

#[test]
fn a_clock_of_the_token_servers_own_changes_nothing() {
    for issued_at in ["0001-01-01T00:00:00Z", "2126-01-01T00:00:00Z", "yesterday"] {
        let (client, io) = shop(Profile::bearer(), settings());
        let answer = |token: &str| Fault {
            body: Some(format!(
                r#"{{"access_token":"{token}","expires_in":300,"issued_at":"{issued_at}"}}"#
            )),
            ..Fault::on("GET", "/token").status(200)
        };
        let expires = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap()
            + Duration::from_hours(1);
        let access = vec![("shop/web".to_owned(), vec!["pull".to_owned()])];
        let token = crate::registry::state::Token { access, expires };
        io.registry().state.tokens.insert("known".to_owned(), token);
        io.fault(answer("known"));
        for _ in 0..3 {
            assert!(
                io.run(client.head("shop/web", &tag("latest")))
                    .unwrap()
                    .is_some()
            );
        }
        assert_eq!(token_requests(&io).len(), 1, "{issued_at}");
    }
}

/// The identity tokens that were posted to the token server.
fn posted(io: &MemoryIo) -> Rc<RefCell<Vec<String>>> {
    let tokens = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&tokens);
    io.before_each(move |_, request, _| {
        let form = url::form_urlencoded::parse(request.body()).into_owned();
        let fields = form.filter(|(name, _)| name == "refresh_token");
        seen.borrow_mut().extend(fields.map(|(_, token)| token));
    });
    tokens
}

fn with_identity(profile: Profile) -> (Client<MemoryIo>, MemoryIo, String) {
    let identity = Digest::of(profile.password.as_bytes())
        .to_string()
        .replace("sha256:", "identity-");
    let mut settings = settings();
    settings.credential = Some(Credential::IdentityToken(identity.clone()));
    let (client, io) = shop(profile, settings);
    (client, io, identity)
}

#[test]
fn what_comes_in_the_place_of_an_identity_token_is_used_next() {
    let (client, io, identity) = with_identity(private());
    let forms = posted(&io);
    let expires = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap()
        + Duration::from_hours(1);
    let access = vec![("shop/web".to_owned(), vec!["pull".to_owned()])];
    io.registry().state.tokens.insert(
        "first".to_owned(),
        crate::registry::state::Token { access, expires },
    );
    io.fault(Fault {
        body: Some(r#"{"access_token":"first","expires_in":60,"refresh_token":"rotated"}"#.into()),
        ..Fault::on("POST", "/token").status(200)
    });
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(*forms.borrow(), [identity.as_str()]);
    // the demo's token server does not know the new one: back to the one that was given
    io.advance(Duration::from_mins(1));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(*forms.borrow(), [&identity, "rotated", &identity]);
    io.advance(Duration::from_mins(5));
    // and the next session knows that, too
    let mut settings = settings();
    settings.credential = Some(Credential::IdentityToken(identity.clone()));
    settings.tokens = client.tokens();
    let next = Client::new(io.clone(), settings).unwrap();
    io.run(next.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(forms.borrow().len(), 4);
    assert_eq!(forms.borrow()[3], identity);
}

#[test]
fn a_token_server_without_post_is_not_posted_to_again() {
    for status in [404, 405] {
        let (client, io, _) = with_identity(private());
        io.fault(Fault::on("POST", "/token").status(status).times(0));
        for _ in 0..2 {
            let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
            assert_eq!(error.code(), Code::Unauthorized);
        }
        let methods: Vec<String> = token_requests(&io)
            .iter()
            .map(|line| line[..4].trim().to_owned())
            .collect();
        assert_eq!(methods, ["POST", "GET", "GET"], "{status}");
    }
}

#[test]
fn a_token_is_handed_out_for_another_program() {
    let (client, io) = shop(private(), as_user("demo", "demo-password"));
    let scope = Scope::repository("shop/web", &["pull", "delete"]);
    let token = io.run(client.token(&scope)).unwrap();
    assert_eq!(token.expires.unwrap().since(NOON), Duration::from_mins(5));
    assert_eq!(token.granted, None);
    assert!(io.registry().state.tokens.contains_key(&token.value));
    assert!(!format!("{token:?}").contains(&token.value));
    assert_eq!(
        conversation(&io),
        ["GET /v2/ - 401", "GET /token Basic 200"]
    );
    // kept, and used by ourselves
    assert_eq!(io.run(client.token(&scope)).unwrap(), token);
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(io.requests().len(), 3);
}

#[test]
fn a_token_that_is_a_json_web_token_shows_what_it_grants() {
    let (client, io) = shop(Profile::bearer(), settings());
    // {"access":[{"type":"repository","name":"a","actions":["pull"]}]}
    let claims =
        "eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEiLCJhY3Rpb25zIjpbInB1bGwiXX1dfQ";
    io.fault(Fault {
        body: Some(format!(r#"{{"token":"e30.{claims}.x"}}"#)),
        ..Fault::on("GET", "/token").status(200)
    });
    let token = io.run(client.token(&Scope::push("a"))).unwrap();
    assert_eq!(token.granted, Some(Scope::pull("a")));
    assert_eq!(io.looked_up(), [HOST]);
}

#[test]
fn a_registry_without_tokens_hands_out_none() {
    for profile in [Profile::demo(), Profile::basic()] {
        let (client, io) = shop(profile, as_user("demo", "demo-password"));
        let error = io.run(client.token(&Scope::pull("shop/web"))).unwrap_err();
        assert_eq!(error.code(), Code::Unsupported);
        let words = "asking for a token at registry.acme.dev: the registry names no token server";
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

#[test]
fn a_token_server_that_hangs_keeps_to_the_deadline() {
    let mut settings = settings();
    settings.limits.deadline = Duration::from_secs(40);
    let (client, io) = shop(Profile::bearer(), settings);
    io.fault(Fault {
        hang: true,
        ..Fault::on("GET", "/token").times(0)
    });
    let begun = portreeve::io::Io::now(&io);
    let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
    assert_eq!(error.code(), Code::Timeout, "{error}");
    let taken = portreeve::io::Io::now(&io).since(begun);
    assert!(taken <= Duration::from_secs(41), "{taken:?}");
}
