//! Who asks, and what that opens.

use portreeve::error::{Code, Error};

use super::*;

fn read(place: &Place, repository: &str) -> Result<(), Error> {
    let latest = Target::Tag("latest".to_owned());
    place.io.run(async {
        place.client.tags(repository).next_page().await?;
        place.client.manifest(repository, &latest).await?;
        Ok(())
    })
}

#[test]
fn nobody_reads_what_is_public_and_nothing_else() {
    for row in rows() {
        let place = row.open(Who::Nobody);
        let outcome = read(&place, "shop/web");
        if place.row.is_public() {
            assert!(outcome.is_ok(), "{}: {outcome:?}", place.row.id());
            continue;
        }
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), Code::Unauthorized, "{}", place.row.id());
        let host = place.row.host();
        let advice = error.advice().unwrap();
        assert!(advice.contains(&host), "{}: {advice}", place.row.id());
    }
}

#[test]
fn a_private_repository_opens_to_the_user_alone() {
    let hides = |row: &Row| row.imitation.authentication == Authentication::Bearer;
    for who in [Who::Nobody, Who::User] {
        for row in rows().into_iter().filter(hides) {
            let place = row.open(who);
            place.io.registry().state.repository("shop/web").private = true;
            let outcome = read(&place, "shop/web").map_err(|error| error.code());
            let expected = match who {
                Who::User => Ok(()),
                _ => Err(Code::Unauthorized),
            };
            assert_eq!(outcome, expected, "{} {who:?}", place.row.id());
        }
    }
}

#[test]
fn a_wrong_password_is_said_and_never_shown() {
    for row in rows() {
        let place = row.open(Who::Impostor);
        let outcome = read(&place, "shop/web");
        if place.row.round() == 0 {
            assert!(outcome.is_ok(), "{}", place.row.id());
            continue;
        }
        let error = outcome.unwrap_err();
        assert_eq!(
            error.code(),
            Code::Unauthorized,
            "{}: {error}",
            place.row.id()
        );
        let words = format!("{error} {error:?} {:?}", place.client.tokens());
        assert!(
            !words.contains(WRONG_PASSWORD),
            "{}: {words}",
            place.row.id()
        );
    }
}

#[test]
fn a_token_serves_until_it_ends_and_is_renewed_once() {
    for row in rows() {
        let place = row.open(Who::User);
        read(&place, "shop/web").unwrap();
        assert_eq!(place.asked(), 2 + place.row.round(), "{}", place.row.id());
        read(&place, "shop/web").unwrap();
        assert_eq!(place.asked(), 2, "{}", place.row.id());
        place.io.advance(std::time::Duration::from_hours(1));
        read(&place, "shop/web").unwrap();
        // where to ask for a token is known by now
        let renewed = place.row.round().saturating_sub(1);
        assert_eq!(place.asked(), 2 + renewed, "{}", place.row.id());
    }
}
