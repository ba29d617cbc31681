//! Tokens that are still good, as plain data: the one thing that invocations of a Worker share.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Credential, Scope, token::Token};
use crate::timestamp::Timestamp;

/// Tokens by registry, credential and scope.
///
/// # Examples
///
/// ```
/// use portreeve::{auth::{Scope, TokenCache, token}, timestamp::Timestamp};
///
/// let now = Timestamp::from_seconds(0);
/// let token = token::read(br#"{"token":"t"}"#, None, now)?;
/// let mut cache = TokenCache::default();
/// cache.put("registry.example", None, &Scope::push("a"), token, now);
/// let found = |scope| cache.get("registry.example", None, &scope, now);
/// assert_eq!(found(Scope::pull("a")).unwrap().value, "t");
/// assert!(found(Scope::pull("b")).is_none());
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenCache {
    tokens: BTreeMap<String, Token>,
    /// What token servers gave in the place of an identity token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rotated: BTreeMap<String, String>,
}

/// More repositories than a run of cleanup visits between two expiries.
const MOST: usize = 1000;

impl TokenCache {
    /// A token for this scope or for more, if it is good at `now`.
    #[must_use]
    pub fn get(
        &self,
        host: &str,
        credential: Option<&Credential>,
        scope: &Scope,
        now: Timestamp,
    ) -> Option<&Token> {
        let owner = owner(host, credential);
        let exact = self.tokens.get(&format!("{owner}{scope}"));
        exact.filter(|token| token.is_good(now)).or_else(|| {
            self.tokens
                .range(owner.clone()..)
                .map_while(|(key, token)| Some((key.strip_prefix(&owner)?, token)))
                .filter(|(_, token)| token.is_good(now))
                .find(|(key, _)| Scope::parse(key).covers(scope))
                .map(|(_, token)| token)
        })
    }

    /// Keeps a token, and drops those that have expired by `now`.
    pub fn put(
        &mut self,
        host: &str,
        credential: Option<&Credential>,
        scope: &Scope,
        token: Token,
        now: Timestamp,
    ) {
        self.tokens.retain(|_, token| token.is_good(now));
        if self.tokens.len() >= MOST {
            self.tokens.clear();
        }
        let key = format!("{}{scope}", owner(host, credential));
        self.tokens.insert(key, token);
    }

    /// Drops a token that the registry did not take, for whatever it was kept.
    pub fn forget(&mut self, value: &str) {
        self.tokens.retain(|_, token| token.value != value);
    }

    /// The identity token to use instead of this one, which a token server has replaced.
    #[must_use]
    pub fn rotated(&self, host: &str, credential: &Credential) -> Option<&str> {
        let key = owner(host, Some(credential));
        self.rotated.get(&key).map(String::as_str)
    }

    /// Keeps what a token server gave in the place of an identity token; `None` goes back to the
    /// one that was given.
    pub fn rotate(&mut self, host: &str, credential: &Credential, next: Option<String>) {
        let key = owner(host, Some(credential));
        match next {
            Some(next) => self.rotated.insert(key, next),
            None => self.rotated.remove(&key),
        };
    }

    /// Takes over what another cache holds, the longer life first.
    pub fn merge(&mut self, other: Self) {
        for (key, token) in other.tokens {
            match self.tokens.get(&key) {
                Some(ours) if ours.expires >= token.expires => {}
                _ => {
                    self.tokens.insert(key, token);
                }
            }
        }
        self.rotated.extend(other.rotated);
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenCache({} tokens)", self.tokens.len())
    }
}

/// Whose tokens, with the space that ends it: no host or fingerprint holds one.
fn owner(host: &str, credential: Option<&Credential>) -> String {
    let who = credential.map(Credential::fingerprint).unwrap_or_default();
    format!("{host} {who} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token;

    const NOW: Timestamp = Timestamp::from_seconds(1000);

    fn token(value: &str) -> Token {
        token::read(format!(r#"{{"token":"{value}"}}"#).as_bytes(), None, NOW).unwrap()
    }

    #[test]
    fn a_token_serves_one_registry_credential_and_scope_while_it_lives() {
        let (ours, theirs) = (Credential::basic("a", "b"), Credential::basic("a", "c"));
        let (pull, push) = (Scope::pull("x"), Scope::push("x"));
        let mut cache = TokenCache::default();
        cache.put("one", Some(&ours), &pull, token("t"), NOW);
        let found = |host, who, scope, now| cache.get(host, who, scope, now).is_some();
        assert!(found("one", Some(&ours), &pull, NOW));
        assert!(!found("two", Some(&ours), &pull, NOW));
        assert!(!found("one", Some(&theirs), &pull, NOW));
        assert!(!found("one", None, &pull, NOW));
        assert!(!found("one", Some(&ours), &push, NOW));
        let end = Timestamp::from_seconds(1050);
        assert!(!found("one", Some(&ours), &pull, end));
    }

    #[test]
    fn a_token_for_more_serves_less_and_the_exact_one_goes_first() {
        let both = Scope::push("a").and(&Scope::pull("b"));
        let mut cache = TokenCache::default();
        cache.put("one", None, &both, token("both"), NOW);
        let found = |cache: &TokenCache, scope| {
            let token = cache.get("one", None, &scope, NOW);
            token.map(|token| token.value.clone())
        };
        for scope in [Scope::pull("a"), Scope::pull("b"), Scope::none()] {
            assert_eq!(found(&cache, scope).as_deref(), Some("both"));
        }
        assert_eq!(found(&cache, Scope::push("b")), None);
        cache.put("one", None, &Scope::pull("b"), token("exact"), NOW);
        assert_eq!(found(&cache, Scope::pull("b")).as_deref(), Some("exact"));
    }

    #[test]
    fn it_is_plain_data() {
        let credential = Credential::IdentityToken("old".into());
        let mut cache = TokenCache::default();
        cache.put("one", None, &Scope::none(), token("t"), NOW);
        cache.put("one", None, &Scope::pull("a"), token("t"), NOW);
        cache.rotate("one", &credential, Some("new".into()));
        let text = serde_json::to_string(&cache).unwrap();
        assert_eq!(serde_json::from_str::<TokenCache>(&text).unwrap(), cache);
        assert_eq!(format!("{cache:?}"), "TokenCache(2 tokens)");
        let mut merged = TokenCache::default();
        merged.merge(cache.clone());
        assert_eq!(merged, cache);
        assert_eq!(merged.rotated("one", &credential), Some("new"));
        assert_eq!(merged.rotated("two", &credential), None);
        merged.forget("t");
        merged.rotate("one", &credential, None);
        assert_eq!(merged, TokenCache::default());
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut cache = TokenCache::default();
        for number in 0..=MOST {
            let scope = Scope::pull(&number.to_string());
            cache.put("one", None, &scope, token("t"), NOW);
        }
        assert!(cache.tokens.len() <= MOST);
    }
}
