//! What a deployment can choose, read from the worker's variables.

use crate::seal::hex;
use hmac::{Hmac, KeyInit, Mac};
use octavo_rpc::PRINCIPAL_DIGITS;
use sha2::Sha256;
use std::rc::Rc;

/// A deployment's choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    allowed_origins: Vec<String>,
    /// Deployed version, for logs and health.
    pub version: Option<String>,
    /// What states are sealed with; the same in all isolates, so that any of them can go on with a call.
    pub(crate) state_key: Rc<[u8]>,
    /// What the deployment can do by the objects that it has bound.
    pub(crate) bound: Bound,
    /// What principals are hashed with, if callers are told apart in the log.
    principal_key: Option<Rc<[u8]>>,
}

/// What a deployment can do by the Durable Objects that it has bound; without any it keeps no state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bound {
    /// Older clients get sessions, so that calls may ask them something.
    pub sessions: bool,
    /// Calls may go on as tasks.
    pub tasks: bool,
    /// Clients that subscribed hear of changes, whichever isolate makes them.
    pub changes: bool,
}

/// Shortest key of a caller that tells it apart: shorter ones are guessed, and then somebody else's.
const MIN_KEY_BYTES: usize = 16;

/// Origins allowed unless `ALLOWED_ORIGINS` says otherwise: pages served by the user's own machine.
pub(crate) const DEFAULT_ORIGINS: &str = "http://localhost:*, http://127.0.0.1:*, http://[::1]:*";

impl Default for Config {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Config {
    /// From the variable `ALLOWED_ORIGINS` (a comma-separated list) and the version's id.
    pub fn new(allowed_origins: Option<&str>, version: Option<String>) -> Self {
        let list = allowed_origins.unwrap_or(DEFAULT_ORIGINS);
        let allowed_origins =
            list.split(',').map(|origin| origin.trim().to_ascii_lowercase()).filter(|o| !o.is_empty()).collect();
        Self { allowed_origins, version, state_key: Rc::default(), bound: Bound::default(), principal_key: None }
    }

    /// Seals states with this key from now on.
    #[must_use]
    pub fn with_state_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.state_key = key.into().into();
        self
    }

    /// Tells callers apart in the log from now on; an empty key tells nobody apart.
    #[must_use]
    pub fn with_principal_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.principal_key = Some(key.into().into()).filter(|key: &Rc<[u8]>| !key.is_empty());
        self
    }

    /// Who a caller is in the log: a keyed digest of its bearer key, [`PRINCIPAL_DIGITS`] long. None without such a key, and
    /// where callers are not told apart.
    pub(crate) fn principal_of(&self, authorization: &str) -> Option<String> {
        let (scheme, key) = authorization.trim().split_once(' ')?;
        let key = key.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || key.len() < MIN_KEY_BYTES || key.contains(' ') {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.principal_key.as_deref()?).ok()?;
        mac.update(b"principal\0");
        mac.update(key.as_bytes());
        let mut text = hex(&mac.finalize().into_bytes());
        text.truncate(PRINCIPAL_DIGITS);
        Some(text)
    }

    /// Has these objects from now on.
    #[must_use]
    pub fn with_bound(mut self, bound: Bound) -> Self {
        self.bound = bound;
        self
    }

    /// The methods of the MCP endpoint: a session can be ended where there are any.
    pub const fn methods(&self) -> &'static str {
        if self.bound.sessions { "POST, DELETE, OPTIONS" } else { "POST, OPTIONS" }
    }

    /// Whether a browser page of this origin may call. Never compared with the Host header: under DNS rebinding both are
    /// the attacker's.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        self.allowed_origins.iter().any(|allowed| match allowed.strip_suffix(":*") {
            Some(host) => origin.strip_prefix(host).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix(':')
                        .is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
            }),
            None => origin == *allowed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_a_keyed_digest_of_the_bearer_key() {
        let config = Config::default().with_principal_key(*b"pepper");
        let of = |authorization| config.principal_of(authorization);
        let one = of("Bearer 0123456789abcdef").expect("a principal");
        assert_eq!(one.len(), PRINCIPAL_DIGITS);
        assert_eq!(of("bearer  0123456789abcdef "), Some(one.clone()), "the same key");
        assert_ne!(of("Bearer 0123456789abcdeF"), Some(one.clone()));
        for nobody in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer short",
            "Basic 0123456789abcdef",
            "0123456789abcdef",
            "Bearer 01234567 89abcdef",
        ] {
            assert_eq!(of(nobody), None, "{nobody}");
        }
        let other = Config::default().with_principal_key(*b"rotated");
        assert_ne!(other.principal_of("Bearer 0123456789abcdef"), Some(one), "another pepper unlinks");
        for config in [Config::default(), Config::default().with_principal_key(Vec::new())] {
            assert_eq!(config.principal_of("Bearer 0123456789abcdef"), None);
        }
    }

    #[test]
    fn origins_are_matched_whole() {
        let config = Config::new(Some("http://localhost:*, https://app.example.com"), None);
        for (origin, allowed) in [
            ("http://localhost", true),
            ("http://localhost:6274", true),
            ("HTTP://LOCALHOST:1", true),
            ("http://localhost:", false),
            ("http://localhost:1x", false),
            ("http://localhost.evil.com", false),
            ("http://localhost:80@evil.com", false),
            ("https://localhost:1", false),
            ("https://app.example.com", true),
            ("https://app.example.com:8443", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(config.allows_origin(origin), allowed, "{origin}");
        }
    }
}
