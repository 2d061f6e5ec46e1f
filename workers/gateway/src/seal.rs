//! State that a worker wants back, sealed: the client carries it to the next round and cannot change it or use it elsewhere.
//!
//! A seal binds the state to what was asked, the arguments, the caller and an end in time. It does not hide it.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How long a client may take to answer, in milliseconds.
pub(crate) const STATE_TTL_MS: u64 = 3_600_000;

/// Version of the seal's layout.
const LAYOUT: &str = "1";

/// What a state belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding<'a> {
    /// What was asked: the tool, the prompt or the resource.
    pub(crate) name: &'a str,
    /// The arguments, JSON.
    pub(crate) arguments: &'a str,
    /// Who asked: the value of the `Authorization` header.
    pub(crate) caller: &'a str,
}

/// Seals a state until a time, in milliseconds since the Unix epoch.
pub(crate) fn seal(key: &[u8], binding: &Binding<'_>, expires: u64, state: &str) -> String {
    let mac = mac_of(key, binding, expires, state).map(|mac| hex(&mac.finalize().into_bytes())).unwrap_or_default();
    format!("{LAYOUT}.{expires:x}.{}.{mac}", hex(state.as_bytes()))
}

/// The state under a seal; none when it was changed, is of something else, or is too old.
pub(crate) fn unseal(key: &[u8], binding: &Binding<'_>, now_ms: u64, sealed: &str) -> Option<String> {
    let mut parts = sealed.split('.');
    let (layout, expires, state, mac) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let expires = u64::from_str_radix(expires, 16).ok().filter(|_| layout == LAYOUT && parts.next().is_none())?;
    let state = String::from_utf8(unhex(state)?).ok()?;
    // Compared in constant time.
    mac_of(key, binding, expires, &state)?.verify_slice(&unhex(mac)?).ok()?;
    (now_ms < expires).then_some(state)
}

fn mac_of(key: &[u8], binding: &Binding<'_>, expires: u64, state: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    let arguments = canonical(binding.arguments);
    for part in [LAYOUT, binding.name, &arguments, binding.caller, &expires.to_string(), state] {
        // Lengths keep parts apart.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Some(mac)
}

// Clients write the same arguments anew, with other white space and perhaps another order.
fn canonical(json: &str) -> String {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members: BTreeMap<String, Value> =
                    members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
                Value::Object(members.into_iter().collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
            plain => plain,
        }
    }
    serde_json::from_str(json).map_or_else(|_| json.to_owned(), |value| sorted(value).to_string())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let digits = std::str::from_utf8(pair).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u8::from_str_radix(digits, 16).ok()
    };
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"key";
    const BINDING: Binding<'_> = Binding { name: "tool", arguments: r#"{"a":1,"b":[{"c":2,"d":3}]}"#, caller: "me" };

    #[test]
    fn a_seal_opens_for_the_same_call_until_it_ends() {
        let sealed = seal(KEY, &BINDING, 9_000, "st\u{e9}te");
        assert_eq!(unseal(KEY, &BINDING, 1_000, &sealed).as_deref(), Some("st\u{e9}te"));
        let rewritten = Binding { arguments: r#"{ "b": [{"d":3,"c":2}], "a": 1 }"#, ..BINDING };
        assert!(unseal(KEY, &rewritten, 2_000, &sealed).is_some(), "the order of members is nobody's business");
        assert_eq!(unseal(KEY, &BINDING, 9_000, &sealed), None, "too old");
        for other in [
            Binding { name: "other", ..BINDING },
            Binding { arguments: "{}", ..BINDING },
            Binding { caller: "you", ..BINDING },
        ] {
            assert_eq!(unseal(KEY, &other, 1_000, &sealed), None, "{other:?}");
        }
        assert_eq!(unseal(b"other key", &BINDING, 1_000, &sealed), None);
    }

    #[test]
    fn no_change_of_any_character_opens() {
        let sealed = seal(KEY, &BINDING, 9_000, "state");
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(unseal(KEY, &BINDING, 1_000, &changed), None, "{changed}");
        }
        for broken in ["", ".", "1.2.3", "1.g.00.00", "1.1.0.00", "1.1.00.00.00", "\u{e9}"] {
            assert_eq!(unseal(KEY, &BINDING, 0, broken), None, "{broken}");
        }
    }
}
