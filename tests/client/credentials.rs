//! As whom: nobody first, and somebody where that does not do.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use portreeve::auth::{Credentials, Scope};
use portreeve::client::Writer;
use portreeve::error::{Code, Error};

use super::authentication::{conversation, with};
use super::*;
use crate::registry::Fault;
use crate::registry::profile::{Authentication, Hidden};

fn user() -> Credential {
    Credential::basic("demo", "demo-password")
}

/// A client that has to look credentials up, and finds the registry's user.
fn looking_up(profile: Profile) -> (Client<MemoryIo>, MemoryIo) {
    let (client, io) = shop(profile, settings());
    io.know(Ok(user().into()));
    (client, io)
}

fn head(client: &Client<MemoryIo>, io: &MemoryIo, name: &str) {
    let found = io.run(client.head("shop/web", &tag(name))).unwrap();
    assert!(found.is_some(), "{name}: {:?}", conversation(io));
}

#[test]
fn what_is_public_is_read_as_nobody_and_costs_no_look_up() {
    let (client, io) = looking_up(Profile::bearer());
    head(&client, &io, "v1.4.2");
    head(&client, &io, "v1.4.1");
    assert_eq!(
        conversation(&io),
        [
            "HEAD /v2/shop/web/manifests/v1.4.2 - 401",
            "GET /token - 200",
            "HEAD /v2/shop/web/manifests/v1.4.2 Bearer 200",
            "HEAD /v2/shop/web/manifests/v1.4.1 Bearer 200",
        ]
    );
    assert!(io.looked_up().is_empty());
}

#[test]
fn what_is_missing_in_public_costs_no_look_up_either() {
    let (client, io) = looking_up(Profile::bearer());
    let found = io.run(client.head("shop/web", &tag("nothing"))).unwrap();
    assert!(found.is_none());
    assert!(io.looked_up().is_empty());
}

#[test]
fn what_nobody_may_read_is_read_with_the_credential_from_then_on() {
    let (client, io) = looking_up(with(Authentication::PrivateBearer));
    head(&client, &io, "v1.4.2");
    head(&client, &io, "v1.4.1");
    io.advance(Duration::from_mins(5));
    head(&client, &io, "latest");
    assert_eq!(
        conversation(&io),
        [
            "HEAD /v2/shop/web/manifests/v1.4.2 - 401",
            "GET /token - 401",
            "GET /token Basic 200",
            "HEAD /v2/shop/web/manifests/v1.4.2 Bearer 200",
            "HEAD /v2/shop/web/manifests/v1.4.1 Bearer 200",
            // renewed before it is sent
            "GET /token Basic 200",
            "HEAD /v2/shop/web/manifests/latest Bearer 200",
        ]
    );
    assert_eq!(io.looked_up(), [HOST]);
}

#[test]
fn a_private_repository_is_told_from_a_public_one_by_every_registry() {
    for (row, profile, as_nobody) in [
        (
            "Docker Hub: a token that opens nothing",
            Profile::hub(),
            200,
        ),
        ("GHCR: no token", Profile::ghcr(), 403),
        (
            "others: a token that opens nothing",
            Profile {
                hidden: Hidden::NotFound,
                ..Profile::bearer()
            },
            200,
        ),
    ] {
        let (client, io) = looking_up(profile);
        let mut registry = io.registry();
        registry.state.repository("shop/web").private = true;
        drop(registry);
        head(&client, &io, "latest");
        let tokens: Vec<String> = conversation(&io)
            .into_iter()
            .filter(|line| line.starts_with("GET /token"))
            .collect();
        let expected = [
            format!("GET /token - {as_nobody}"),
            "GET /token Basic 200".to_owned(),
        ];
        assert_eq!(tokens, expected, "{row}: {:?}", conversation(&io));
        // what is public beside it stays nobody's
        io.run(client.head("shop/api", &tag("latest"))).unwrap();
        let last = conversation(&io).into_iter().rev().nth(1).unwrap();
        assert_eq!(last, "GET /token - 200", "{row}");
    }
}

#[test]
fn the_limits_of_nobody_are_left_for_those_of_an_account() {
    let (client, io) = looking_up(Profile::hub());
    io.fault(Fault {
        skip: 1,
        ..Fault::on("GET", "/v2/**").status(429)
    });
    let manifest = io.run(client.manifest("shop/web", &tag("latest"))).unwrap();
    assert!(manifest.is_some());
    assert_eq!(
        conversation(&io),
        [
            "GET /v2/shop/web/manifests/latest - 401",
            "GET /token - 200",
            "GET /v2/shop/web/manifests/latest Bearer 429",
            "GET /token Basic 200",
            "GET /v2/shop/web/manifests/latest Bearer 200",
        ]
    );
}

#[test]
fn nobody_who_is_throttled_waits_where_no_credential_is_to_be_had() {
    for known in [
        Ok(Credentials::default()),
        Err(Error::new(Code::Unauthorized, "the helper is broken")),
    ] {
        let (client, io) = shop(Profile::hub(), settings());
        io.know(known);
        io.fault(Fault {
            skip: 1,
            ..Fault::on("GET", "/v2/**")
                .status(429)
                .header("retry-after", "3")
        });
        let manifest = io.run(client.manifest("shop/web", &tag("latest"))).unwrap();
        assert!(manifest.is_some());
        assert_eq!(conversation(&io).len(), 4);
    }
}

#[test]
fn nobody_who_is_forbidden_comes_back_as_somebody() {
    let (client, io) = looking_up(Profile::bearer());
    head(&client, &io, "latest");
    io.fault(Fault::on("HEAD", "/v2/**").status(403));
    head(&client, &io, "latest");
    assert_eq!(
        conversation(&io)[3..],
        [
            "HEAD /v2/shop/web/manifests/latest Bearer 403",
            "GET /token Basic 200",
            "HEAD /v2/shop/web/manifests/latest Bearer 200",
        ]
    );
}

#[test]
fn nobody_pushes_or_deletes() {
    let (client, io) = looking_up(Profile::bearer());
    let bytes = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap()
        .unwrap();
    assert!(io.looked_up().is_empty());
    let before = conversation(&io).len();
    let (kind, content) = (bytes.media_type().to_owned(), bytes.bytes().clone());
    let writer = Writer::new(client);
    let target = tag("again");
    io.run(writer.put_manifest("shop/web", &target, &kind, content))
        .unwrap();
    let after = conversation(&io);
    assert_eq!(
        after[before..before + 3],
        [
            // a token for pulling is not sent where it cannot do
            "PUT /v2/shop/web/manifests/again - 401",
            "GET /token Basic 200",
            "PUT /v2/shop/web/manifests/again Bearer 201",
        ]
    );
    assert_eq!(io.looked_up(), [HOST]);
}

#[test]
fn a_password_is_looked_up_where_the_registry_wants_it_itself() {
    let (client, io) = looking_up(Profile::basic());
    head(&client, &io, "v1.4.2");
    head(&client, &io, "v1.4.1");
    assert_eq!(
        conversation(&io),
        [
            "HEAD /v2/shop/web/manifests/v1.4.2 - 401",
            "HEAD /v2/shop/web/manifests/v1.4.2 Basic 200",
            "HEAD /v2/shop/web/manifests/v1.4.1 Basic 200",
        ]
    );
    assert_eq!(io.looked_up(), [HOST]);
}

#[test]
fn many_at_once_share_one_look_up() {
    for authentication in [Authentication::PrivateBearer, Authentication::Basic] {
        let (client, io) = looking_up(with(authentication));
        let all = (0..6).map(|_| async { client.head("shop/web", &tag("latest")).await });
        for head in io.run(join_all(all)) {
            assert!(head.unwrap().is_some());
        }
        assert_eq!(io.looked_up(), [HOST]);
        let asked = io.targets("GET").len();
        assert!(asked <= 2, "{:?}", conversation(&io));
    }
}

#[test]
fn a_look_up_that_fails_fails_those_that_waited_for_it_and_not_the_next() {
    let (client, io) = shop(with(Authentication::PrivateBearer), settings());
    io.know(Err(Error::new(
        Code::Unauthorized,
        "the helper does not answer",
    )));
    let all = (0..6).map(|_| async { client.head("shop/web", &tag("latest")).await });
    for head in io.run(join_all(all)) {
        let error = head.unwrap_err();
        let words =
            format!("looking up the credential for {HOST} at {HOST}: the helper does not answer");
        assert!(error.to_string().starts_with(&words), "{error}");
    }
    assert_eq!(io.looked_up().len(), 1);
    io.know(Ok(user().into()));
    head(&client, &io, "latest");
    assert_eq!(io.looked_up().len(), 2);
}

#[test]
fn nothing_found_is_unauthorized_and_asked_once() {
    let (client, io) = shop(with(Authentication::PrivateBearer), settings());
    for _ in 0..2 {
        let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
        assert_eq!(error.code(), Code::Unauthorized);
        assert!(
            error.to_string().contains("give credentials for"),
            "{error}"
        );
    }
    assert_eq!(io.looked_up(), [HOST]);
}

#[test]
fn a_wrong_credential_is_not_looked_up_again_and_again() {
    for authentication in [Authentication::PrivateBearer, Authentication::Basic] {
        let (client, io) = shop(with(authentication), settings());
        io.know(Ok(Credential::basic("demo", "WRONG-SECRET").into()));
        for _ in 0..3 {
            let error = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
            assert_eq!(error.code(), Code::Unauthorized);
            assert!(!error.to_string().contains("WRONG-SECRET"), "{error}");
        }
        assert_eq!(io.looked_up(), [HOST]);
    }
}

#[test]
fn a_credential_that_ends_is_looked_up_once_more() {
    for authentication in [Authentication::PrivateBearer, Authentication::Basic] {
        let (client, io) = looking_up(with(authentication));
        head(&client, &io, "latest");
        io.registry().profile.password = "new-password".to_owned();
        io.advance(Duration::from_mins(10));
        io.know(Ok(Credential::basic("demo", "new-password").into()));
        let all = (0..6).map(|_| async { client.head("shop/web", &tag("latest")).await });
        for head in io.run(join_all(all)) {
            assert!(head.unwrap().is_some(), "{authentication:?}");
        }
        assert_eq!(io.looked_up().len(), 2, "{authentication:?}");
        // and the end of that one, without another to be had
        io.registry().profile.password = "unknown".to_owned();
        io.advance(Duration::from_mins(10));
        for _ in 0..3 {
            io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
        }
        assert_eq!(io.looked_up().len(), 3, "{authentication:?}");
    }
}

#[test]
fn a_part_of_a_registry_has_its_own_credential() {
    let (client, io) = shop(with(Authentication::PrivateBearer), settings());
    let known = Credentials::from(Credential::basic("demo", "WRONG-SECRET")).below("shop", user());
    io.know(Ok(known));
    head(&client, &io, "latest");
    let other = io.run(client.head("other/web", &tag("latest")));
    assert_eq!(other.unwrap_err().code(), Code::Unauthorized);
    head(&client, &io, "latest");
    assert_eq!(io.looked_up(), [HOST]);
}

#[test]
fn a_registry_token_is_looked_up_and_sent_as_it_is() {
    let (client, io) = shop(Profile::bearer(), settings());
    let token = io.run(client.token(&Scope::pull("shop/web"))).unwrap();
    let (other, io) = (Client::new(io.clone(), settings()).unwrap(), io);
    io.know(Ok(Credential::RegistryToken(token.value).into()));
    io.registry().state.repository("shop/web").private = true;
    io.registry().profile.authentication = Authentication::PrivateBearer;
    let before = conversation(&io).len();
    head(&other, &io, "v1.4.2");
    head(&other, &io, "v1.4.1");
    assert_eq!(
        conversation(&io)[before..],
        [
            "HEAD /v2/shop/web/manifests/v1.4.2 - 401",
            "GET /token - 401",
            "HEAD /v2/shop/web/manifests/v1.4.2 Bearer 200",
            "HEAD /v2/shop/web/manifests/v1.4.1 Bearer 200",
        ]
    );
}

#[test]
fn a_credential_that_no_header_can_carry_is_refused_before_anything_is_sent() {
    let mut settings = settings();
    settings.credential = Some(Credential::RegistryToken("SECRET\n".into()));
    let (client, io) = shop(with(Authentication::PrivateBearer), super::settings());
    let error = Client::new(io.clone(), settings).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    io.know(Ok(Credential::basic("a:b", "SECRET").into()));
    let found = io.run(client.head("shop/web", &tag("latest"))).unwrap_err();
    assert_eq!(found.code(), Code::InvalidArgument);
    assert!(!format!("{error} {found} {error:?} {found:?}").contains("SECRET"));
}

#[test]
fn no_secret_shows_in_an_error_an_event_or_a_debug_text() {
    let secret = "PLANTED-SECRET";
    for credential in [
        Credential::basic("demo", secret),
        Credential::IdentityToken(secret.into()),
        Credential::RegistryToken(secret.into()),
    ] {
        for authentication in [Authentication::PrivateBearer, Authentication::Basic] {
            let shown = Rc::new(RefCell::new(String::new()));
            let show = |text: String| shown.borrow_mut().push_str(&text);
            let mut given = settings();
            given.credential = Some(credential.clone());
            given.headers.insert("x-gateway", secret.parse().unwrap());
            show(format!("{given:?} {given:#?}"));
            let (client, io) = shop(with(authentication), given);
            let results = [
                io.run(client.head("shop/web", &tag("latest"))).map(|_| ()),
                io.run(client.tags("shop/web").next_page()).map(|_| ()),
                io.run(client.token(&Scope::push("shop/web"))).map(|_| ()),
            ];
            for error in results.into_iter().filter_map(Result::err) {
                show(format!("{error} {error:?} {error:#?}"));
            }
            show(format!("{:?} {:?}", client.tokens(), io.events()));
            assert!(!shown.borrow().contains(secret), "{}", shown.borrow());
            assert!(shown.borrow().len() > 500);
        }
    }
}
