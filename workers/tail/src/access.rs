//! Who may ask: nobody, unless the deployment says who.
//!
//! A deployment names tokens, or a team of Cloudflare Access whose assertions the shell has checked, or both. Tokens are held as SHA-256 digests, each with scopes. Every digest is compared whole, whichever matches, so that the time
//! taken tells nothing of them.

use sha2::{Digest, Sha256};

/// Most tokens of a deployment.
const MAX_TOKENS: usize = 64;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Ask questions, follow the live feed.
    Read,
    /// Take whole stretches of the log away.
    Export,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Export];

    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Export => "export",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is configured, so there is nothing here.
    Closed,
    /// No token, or an unknown one.
    Unknown,
    /// The token lacks the scope.
    Scope,
}

/// Who may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nobody.
    Closed,
    /// Everybody; for a fleet on one's own machine.
    Open,
    /// Who holds a token, or has a valid assertion.
    Some {
        /// Digests with scopes.
        tokens: Vec<([u8; 32], u8)>,
        /// What the request's assertion allows; nothing where there is none.
        asserted: u8,
    },
}

impl Access {
    /// Reads the deployment's settings: `OPS_ACCESS`, and `OPS_TOKENS` as entries `scope+scope:sha256` between white space.
    /// An entry that cannot be read grants nothing.
    pub fn read(access: Option<&str>, tokens: Option<&str>) -> Self {
        if access == Some("open") {
            return Self::Open;
        }
        let tokens: Vec<_> = tokens.unwrap_or_default().split_whitespace().filter_map(entry).take(MAX_TOKENS).collect();
        if tokens.is_empty() { Self::Closed } else { Self::Some { tokens, asserted: 0 } }
    }

    /// Lets a team in too: whoever the shell says has a valid assertion, with these scopes (`read` when they are absent).
    #[must_use]
    pub fn with_team(self, scopes: Option<&str>, is_valid: bool) -> Self {
        let asserted = if is_valid { scopes_of(scopes.unwrap_or("read")).unwrap_or_default() } else { 0 };
        match self {
            Self::Open => Self::Open,
            Self::Closed => Self::Some { tokens: Vec::new(), asserted },
            Self::Some { tokens, .. } => Self::Some { tokens, asserted },
        }
    }

    /// Whether nothing is configured.
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Whether a request with this `Authorization` may do what needs the scope.
    pub fn check(&self, authorization: Option<&str>, scope: Scope) -> Result<(), Refusal> {
        let (entries, asserted) = match self {
            Self::Closed => return Err(Refusal::Closed),
            Self::Open => return Ok(()),
            Self::Some { tokens, asserted } => (tokens, *asserted),
        };
        let bearer = authorization.and_then(|value| value.split_once(' '));
        let token = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let digest: [u8; 32] = Sha256::digest(token.unwrap_or_default()).into();
        let mut granted = 0;
        for (held, scopes) in entries {
            let difference = held.iter().zip(&digest).fold(0, |all, (a, b)| all | (a ^ b));
            // All ones where nothing differs, computed without a branch.
            let same = (u16::from(difference).wrapping_sub(1) >> 8) as u8;
            granted |= std::hint::black_box(same) & scopes;
        }
        // The digest of nothing is no token, even where somebody configured it.
        match if token.is_some() { granted | asserted } else { asserted } {
            0 => Err(Refusal::Unknown),
            scopes if scopes & scope.bit() == 0 => Err(Refusal::Scope),
            _ => Ok(()),
        }
    }
}

fn scopes_of(text: &str) -> Option<u8> {
    let bit = |word: &str| Scope::ALL.iter().find(|scope| scope.name() == word).map(|scope| scope.bit());
    text.trim().split('+').try_fold(0, |all, word| Some(all | bit(word)?))
}

fn entry(text: &str) -> Option<([u8; 32], u8)> {
    let (scopes, digest) = text.split_once(':')?;
    let scopes = scopes_of(scopes)?;
    if digest.len() != 64 || !digest.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digest.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some((bytes, scopes))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SHA-256 of `reader` and of `exporter`.
    fn settings() -> String {
        let hex =
            |token: &str| Sha256::digest(token).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        format!("read:{}\nread+export:{} broken read:12 admin:{}", hex("reader"), hex("exporter"), hex("admin"))
    }

    #[test]
    fn closed_unless_configured() {
        for (access, tokens) in [(None, None), (Some("closed"), Some("")), (Some("true"), Some("read:zz nonsense"))] {
            assert_eq!(Access::read(access, tokens).check(Some("Bearer reader"), Scope::Read), Err(Refusal::Closed));
        }
        assert_eq!(Access::read(Some("open"), None).check(None, Scope::Export), Ok(()));
    }

    #[test]
    fn tokens_open_what_their_scopes_say() {
        let access = Access::read(None, Some(&settings()));
        for (authorization, read, export) in [
            (Some("Bearer reader"), Ok(()), Err(Refusal::Scope)),
            (Some("bearer  exporter "), Ok(()), Ok(())),
            (Some("Bearer admin"), Err(Refusal::Unknown), Err(Refusal::Unknown)),
            (Some("Basic reader"), Err(Refusal::Unknown), Err(Refusal::Unknown)),
            (Some("reader"), Err(Refusal::Unknown), Err(Refusal::Unknown)),
            (Some("Bearer "), Err(Refusal::Unknown), Err(Refusal::Unknown)),
            (Some(""), Err(Refusal::Unknown), Err(Refusal::Unknown)),
            (None, Err(Refusal::Unknown), Err(Refusal::Unknown)),
        ] {
            assert_eq!(access.check(authorization, Scope::Read), read, "{authorization:?}");
            assert_eq!(access.check(authorization, Scope::Export), export, "{authorization:?}");
        }
    }

    #[test]
    fn a_team_is_let_in_beside_tokens() {
        let may = |access: &Access, authorization| {
            [Scope::Read, Scope::Export].map(|scope| access.check(authorization, scope).err())
        };
        let (unknown, scope) = (Some(Refusal::Unknown), Some(Refusal::Scope));
        let alone = Access::read(None, None);
        assert_eq!(may(&alone.clone().with_team(None, false), None), [unknown, unknown]);
        assert_eq!(may(&alone.clone().with_team(None, true), None), [None, scope]);
        assert_eq!(may(&alone.clone().with_team(Some("read+export"), true), None), [None, None]);
        assert_eq!(may(&alone.with_team(Some("everything"), true), None), [unknown, unknown]);
        let both = Access::read(None, Some(&settings()));
        assert_eq!(may(&both.clone().with_team(None, false), Some("Bearer exporter")), [None, None]);
        assert_eq!(may(&both.clone().with_team(None, true), Some("Bearer wrong")), [None, scope]);
        assert_eq!(may(&both.with_team(None, false), Some("Bearer wrong")), [unknown, unknown]);
    }

    // By construction each check hashes the token once and then reads every held digest whole. Times are taken in turns and
    // the best of many counts, so that a busy machine only adds to all; the bound leaves room for what is left.
    #[test]
    fn a_wrong_token_costs_the_same_time_as_a_right_one() {
        use std::time::{Duration, Instant};
        let hex =
            |token: &str| Sha256::digest(token).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let held: Vec<String> = (0..MAX_TOKENS).map(|at| format!("read:{}", hex(&format!("token-{at:03}")))).collect();
        let access = Access::read(None, Some(&held.join(" ")));
        let asked =
            ["token-000", "token-063", "token-064", "xoken-000", "token-00x"].map(|token| format!("Bearer {token}"));
        let measure = || {
            let mut best = [Duration::MAX; 5];
            for _ in 0..60 {
                for (best, authorization) in best.iter_mut().zip(&asked) {
                    let started = Instant::now();
                    for _ in 0..20 {
                        std::hint::black_box(access.check(Some(std::hint::black_box(authorization)), Scope::Read)).ok();
                    }
                    *best = started.elapsed().min(*best);
                }
            }
            let (least, most) =
                (best.iter().min().copied().unwrap_or_default(), best.iter().max().copied().unwrap_or_default());
            most.as_secs_f64() / least.as_secs_f64().max(1e-9)
        };
        assert!((0..10).any(|_| measure() < 1.15), "right and wrong differ by {}", measure());
    }

    #[test]
    fn the_digest_of_nothing_is_no_token() {
        let empty = "read:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let access = Access::read(None, Some(empty));
        assert_eq!(access.check(None, Scope::Read), Err(Refusal::Unknown));
    }
}
