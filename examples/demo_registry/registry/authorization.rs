//! Challenges, Basic, and the token endpoint.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Method, Response};
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::answer::Call;
use super::content::{self, Content};
use super::profile::{Authentication, Catalog, Hidden, Profile};
use super::reply;
use super::route::{Route, Within};
use super::state::{State, Token};

/// Who may do what: pairs of repository and actions.
type Access = Vec<(String, Vec<String>)>;

/// The scope, and what a token opens, where a registry knows no parts.
const WHOLE: &str = "*";

/// The refusal of a request that proves too little; `None` lets it pass.
pub(super) fn refusal(
    call: &Call<'_>,
    route: &Route<'_>,
    state: &State,
) -> Option<Response<Content>> {
    let authentication = call.profile.authentication;
    if authentication == Authentication::Anonymous || matches!(route, Route::Storage(_)) {
        return None;
    }
    let basic_serves = matches!(
        authentication,
        Authentication::Basic | Authentication::BearerOrBasic
    );
    if basic_serves && is_user(call) {
        return None;
    }
    let needed = needed(call, route);
    let takes_tokens = authentication != Authentication::Basic;
    let token = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|bearer| state.tokens.get(bearer))
        .filter(|token| takes_tokens && token.expires > call.now);
    let grants = |token: &Token| {
        needed.as_ref().is_none_or(|(name, action)| {
            let mut access = token.access.iter();
            access.any(|(granted, actions)| {
                granted == WHOLE || (granted == name && actions.contains(action))
            })
        })
    };
    if token.is_some_and(grants) {
        return None;
    }
    let scope = needed.map(|(name, action)| match (name.as_str(), action.as_str()) {
        _ if call.profile.whole_scope => WHOLE.to_owned(),
        ("catalog", "*") => "registry:catalog:*".to_owned(),
        (name, "push") => format!("repository:{name}:pull,push"),
        (name, action) => format!("repository:{name}:{action}"),
    });
    let refusal = reply::error(401, "UNAUTHORIZED", "authentication required");
    let challenge = challenge(call, scope.as_deref(), token.is_some());
    Some(reply::with(refusal, "www-authenticate", &challenge))
}

/// What a token must grant for this request; `None` where any will do.
fn needed(call: &Call<'_>, route: &Route<'_>) -> Option<(String, String)> {
    let pair = |name: &str, action: &str| Some((name.to_owned(), action.to_owned()));
    match route {
        Route::Catalog if call.profile.catalog != Catalog::Missing => pair("catalog", "*"),
        Route::In(name, within) => match (call.request.method(), within) {
            _ if call.reads() => pair(name, "pull"),
            (&Method::DELETE, Within::Manifest(_) | Within::Blob(_)) => {
                pair(name, call.profile.delete_action)
            }
            _ => pair(name, "push"),
        },
        _ => None,
    }
}

fn challenge(call: &Call<'_>, scope: Option<&str>, insufficient: bool) -> String {
    let profile = call.profile;
    let basic = format!("Basic realm=\"{}\"", profile.basic_realm);
    if profile.authentication == Authentication::Basic {
        return basic;
    }
    let origin = call.origin();
    let (path, service) = (profile.token_path, profile.service);
    let mut bearer = format!("Bearer realm=\"{origin}{path}\",service=\"{service}\"");
    if let Some(scope) = scope {
        let _ = write!(bearer, ",scope=\"{scope}\"");
    }
    if insufficient {
        bearer.push_str(",error=\"insufficient_scope\"");
    }
    if profile.authentication == Authentication::BearerOrBasic {
        return format!("{bearer},{basic}");
    }
    bearer
}

/// The token endpoint: by GET with Basic or without a user, by POST with a password or a refresh token.
pub(super) fn token(call: &Call<'_>, state: &mut State) -> Response<Content> {
    let profile = call.profile;
    if matches!(
        profile.authentication,
        Authentication::Anonymous | Authentication::Basic
    ) {
        return super::answer::missing_page();
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.request.body())
        .into_owned()
        .collect();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let (known, anonymous, scopes, identity) = match *call.request.method() {
        Method::GET => {
            let anonymous = call.header("authorization").is_none();
            let identity = call.query("offline_token").is_some();
            (is_user(call), anonymous, call.queries("scope"), identity)
        }
        Method::POST if profile.token_by_post => {
            let known = match field("grant_type") {
                Some("password") => {
                    field("username") == Some(&profile.username)
                        && field("password") == Some(&profile.password)
                }
                Some("refresh_token") => field("refresh_token") == Some(&identity_token(profile)),
                _ => false,
            };
            let scopes = field("scope").unwrap_or_default();
            let scopes = scopes.split(' ').map(str::to_owned).collect();
            (
                known,
                false,
                scopes,
                field("access_type") == Some("offline"),
            )
        }
        _ => return super::answer::missing_page(),
    };
    let serves_anybody = anonymous && profile.authentication == Authentication::Bearer;
    if !known && !serves_anybody {
        return reply::error(401, "UNAUTHORIZED", "authentication required");
    }
    let mut access = granted(profile, &scopes, known);
    let asked = access.len();
    access.retain(|(name, actions)| is_shown(profile, state, name, actions, known));
    if profile.hidden == Hidden::Denied && !known && access.len() < asked {
        return reply::error(403, "DENIED", "requested access to the resource is denied");
    }
    let token = state.next_id();
    let seconds = profile.token_seconds;
    let mut body = json!({
        "token": token,
        "access_token": token,
        "expires_in": seconds,
        "issued_at": call.now.format(&Rfc3339).unwrap_or_default(),
    });
    if identity && known {
        body["refresh_token"] = identity_token(profile).into();
    }
    let expires: OffsetDateTime = call.now + Duration::seconds(seconds.into());
    state.tokens.insert(token, Token { access, expires });
    reply::json(200, &body)
}

/// Whether a token may name a repository: one that is there, or that the user is about to make.
fn is_shown(profile: &Profile, state: &State, name: &str, actions: &[String], known: bool) -> bool {
    let there = state.repositories.get(name);
    let hides_missing = match profile.hidden {
        Hidden::NotFound => false,
        Hidden::Ungranted => true,
        Hidden::Denied => !known,
    };
    match there {
        Some(repository) => known || !repository.private,
        None => !hides_missing || (known && actions.iter().any(|action| action == "push")),
    }
}

/// What the scopes ask for, cut down to `pull` for somebody unknown.
fn granted(profile: &Profile, scopes: &[String], known: bool) -> Access {
    if profile.whole_scope && known && scopes.iter().any(|scope| scope == WHOLE) {
        return vec![(WHOLE.to_owned(), Vec::new())];
    }
    scopes
        .iter()
        .filter_map(|scope| {
            let (kind, rest) = scope.split_once(':')?;
            let (name, actions) = rest.rsplit_once(':')?;
            let registry = kind == "registry" && known && profile.catalog != Catalog::Ungranted;
            let actions = actions
                .split(',')
                .filter(|action| known || *action == "pull");
            (registry || kind == "repository")
                .then(|| (name.to_owned(), actions.map(str::to_owned).collect()))
        })
        .collect()
}

fn identity_token(profile: &Profile) -> String {
    content::digest(profile.password.as_bytes()).replace("sha256:", "identity-")
}

fn is_user(call: &Call<'_>) -> bool {
    let expected = format!("{}:{}", call.profile.username, call.profile.password);
    let expected = format!("Basic {}", BASE64_STANDARD.encode(expected));
    call.header("authorization") == Some(&expected)
}
