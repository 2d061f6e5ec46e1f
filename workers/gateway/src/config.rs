//! What a deployment can choose, read from the worker's variables.

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
        Self { allowed_origins, version, state_key: Rc::default(), bound: Bound::default() }
    }

    /// Seals states with this key from now on.
    #[must_use]
    pub fn with_state_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.state_key = key.into().into();
        self
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
