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
/// let mut cache = TokenCache::default();
/// cache.put("registry.example", None, &Scope::pull("a"), token::read(br#"{"token":"t"}"#, now)?, now);
/// assert_eq!(cache.get("registry.example", None, &Scope::pull("a"), now).unwrap().value, "t");
/// assert!(cache.get("registry.example", None, &Scope::pull("b"), now).is_none());
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenCache {
    tokens: BTreeMap<String, Token>,
}

/// More repositories than a run of cleanup visits between two expiries.
const MOST: usize = 1000;

impl TokenCache {
    /// The token for this scope, if it is good at `now`.
    #[must_use]
    pub fn get(
        &self,
        host: &str,
        credential: Option<&Credential>,
        scope: &Scope,
        now: Timestamp,
    ) -> Option<&Token> {
        self.tokens
            .get(&key(host, credential, scope))
            .filter(|token| now < token.expires)
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
        self.tokens.retain(|_, token| now < token.expires);
        if self.tokens.len() >= MOST {
            self.tokens.clear();
        }
        self.tokens.insert(key(host, credential, scope), token);
    }

    /// Drops a token that the registry did not take.
    pub fn forget(&mut self, host: &str, credential: Option<&Credential>, scope: &Scope) {
        self.tokens.remove(&key(host, credential, scope));
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
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenCache({} tokens)", self.tokens.len())
    }
}

fn key(host: &str, credential: Option<&Credential>, scope: &Scope) -> String {
    let who = credential.map(Credential::fingerprint).unwrap_or_default();
    format!("{host} {who} {}", scope.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token;

    const NOW: Timestamp = Timestamp::from_seconds(1000);

    fn token(value: &str) -> Token {
        token::read(format!(r#"{{"token":"{value}"}}"#).as_bytes(), NOW).unwrap()
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
        assert!(!found(
            "one",
            Some(&ours),
            &pull,
            Timestamp::from_seconds(1050)
        ));
    }

    #[test]
    fn it_is_plain_data() {
        let mut cache = TokenCache::default();
        cache.put("one", None, &Scope::none(), token("t"), NOW);
        let text = serde_json::to_string(&cache).unwrap();
        assert_eq!(serde_json::from_str::<TokenCache>(&text).unwrap(), cache);
        assert_eq!(format!("{cache:?}"), "TokenCache(1 tokens)");
        let mut merged = TokenCache::default();
        merged.merge(cache.clone());
        assert_eq!(merged, cache);
        merged.forget("one", None, &Scope::none());
        assert_eq!(merged, TokenCache::default());
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut cache = TokenCache::default();
        for number in 0..=MOST {
            cache.put(
                "one",
                None,
                &Scope::pull(&number.to_string()),
                token("t"),
                NOW,
            );
        }
        assert!(cache.tokens.len() <= MOST);
    }
}
