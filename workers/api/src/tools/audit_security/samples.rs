//! Rules on a sample token and sample response headers.

use super::rules::{
    COOKIE_FLAGS, CORS_ANY, CORS_CREDENTIALS, CORS_VARY, NO_HSTS, NO_NOSNIFF, NO_STORE, TOKEN_CLAIMS, TOKEN_KEY_URL,
    TOKEN_LONG, TOKEN_MALFORMED, TOKEN_NO_EXPIRY, TOKEN_NONE, TOKEN_SECRET, TOKEN_SYMMETRIC, TOKEN_WEAK,
    VERSION_HEADER,
};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, LineIndex, Rule};
use serde_json::Value;

/// A day, in seconds: how long a token should live at most.
const LONGEST_LIFE_SECONDS: f64 = 86_400.0;
/// Half a year, in seconds: the least that browsers' preload lists take is a year.
const LEAST_HSTS_SECONDS: u64 = 15_552_000;

/// Checks a token; it is not verified, since that needs the key.
pub(super) fn token(text: &str) -> Vec<Finding> {
    let text = text.trim();
    let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
    let mut found = Vec::new();
    let mut tell = |rule: &Rule, message: String| found.push(Finding::new(rule, message).in_file("token"));
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() == 5 {
        tell(&TOKEN_MALFORMED, "the token is encrypted, and cannot be looked into".to_owned());
        return found;
    }
    let [header, payload, signature] = parts.as_slice() else {
        tell(&TOKEN_MALFORMED, format!("the token has {} parts, not 3", parts.len()));
        return found;
    };
    let read = |part: &str| {
        let bytes = decode(part)?;
        serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
    };
    let (Some(header), Some(payload)) = (read(header), read(payload)) else {
        tell(&TOKEN_MALFORMED, "its header or payload is no JSON object in Base64URL".to_owned());
        return found;
    };
    match header["alg"].as_str() {
        Some(alg) if alg.eq_ignore_ascii_case("none") => tell(&TOKEN_NONE, "`alg` is `none`".to_owned()),
        _ if signature.is_empty() => tell(&TOKEN_NONE, "the token has no signature".to_owned()),
        Some(alg) if alg.starts_with("HS") => tell(&TOKEN_SYMMETRIC, format!("`alg` is `{}`", excerpt(alg))),
        Some(
            "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA"
            | "Ed25519",
        ) => {}
        Some(alg) => tell(&TOKEN_WEAK, format!("`alg` is `{}`", excerpt(alg))),
        None => tell(&TOKEN_WEAK, "the header has no `alg`".to_owned()),
    }
    for key in ["jku", "x5u", "jwk", "x5c"] {
        if header.get(key).is_some() {
            tell(&TOKEN_KEY_URL, format!("the header has `{key}`"));
        }
    }
    if let Some(kid) = header["kid"].as_str()
        && kid.contains(['/', '\'', '"', ';', '|', '\\'])
    {
        tell(&TOKEN_KEY_URL, "`kid` looks like a path or a query".to_owned());
    }
    match (payload["exp"].as_f64(), payload["iat"].as_f64().or_else(|| payload["nbf"].as_f64())) {
        (None, _) => tell(&TOKEN_NO_EXPIRY, "the token has no `exp`".to_owned()),
        (Some(end), Some(start)) if end - start > LONGEST_LIFE_SECONDS => {
            tell(&TOKEN_LONG, format!("the token lives {} hours", ((end - start) / 3600.0).round()));
        }
        _ => {}
    }
    let missing: Vec<&str> = ["iss", "aud", "sub"].into_iter().filter(|key| payload.get(key).is_none()).collect();
    if missing.iter().any(|key| *key != "sub") {
        tell(&TOKEN_CLAIMS, format!("the token lacks {}", missing.join(", ")));
    }
    for key in payload.as_object().into_iter().flat_map(|claims| claims.keys()) {
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if ["password", "passwd", "secret", "apikey", "privatekey", "creditcard", "cardnumber", "ssn", "clientsecret"]
            .contains(&plain.as_str())
        {
            tell(&TOKEN_SECRET, format!("the payload has `{}`", excerpt(key)));
        }
    }
    found
}

// Base64URL without padding (RFC 4648, section 5), as RFC 7515 writes it.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    Some(bytes)
}

/// Checks response headers, one a line.
pub(super) fn headers(text: &str) -> Vec<Finding> {
    let index = LineIndex::new(text);
    let mut lines: Vec<(String, &str, std::ops::Range<usize>)> = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        let end = at + line.len();
        if let Some((name, value)) = line.split_once(':')
            && !name.trim().is_empty()
            && !name.trim().contains(' ')
        {
            lines.push((name.trim().to_ascii_lowercase(), value.trim(), at..end));
        }
        at = end + 1;
    }
    let mut found = Vec::new();
    let mut tell = |rule: &Rule, span: Option<&std::ops::Range<usize>>, message: String| {
        found.push(Finding::new(rule, message).in_file("headers").at(index.range(span.cloned().unwrap_or(0..0))));
    };
    let get = |name: &str| lines.iter().find(|(known, ..)| known == name);
    if let Some((_, origin, span)) = get("access-control-allow-origin") {
        let credentials =
            get("access-control-allow-credentials").is_some_and(|(_, value, _)| value.eq_ignore_ascii_case("true"));
        let varies = lines.iter().any(|(name, value, _)| {
            name == "vary"
                && value.split(',').any(|item| item.trim().eq_ignore_ascii_case("origin") || item.trim() == "*")
        });
        match (*origin, credentials) {
            ("*" | "null", true) => {
                tell(
                    &CORS_CREDENTIALS,
                    Some(span),
                    format!("credentials are allowed to the origin `{}`", excerpt(origin)),
                );
            }
            ("*" | "null", false) => {
                tell(&CORS_ANY, Some(span), format!("the origin `{}` may read the response", excerpt(origin)));
            }
            _ if !varies => tell(&CORS_VARY, Some(span), "the response does not say `Vary: Origin`".to_owned()),
            _ => {}
        }
    }
    match get("strict-transport-security") {
        None => tell(&NO_HSTS, None, "there is no `Strict-Transport-Security`".to_owned()),
        Some((_, value, span)) => {
            let age = value.split(';').find_map(|part| {
                let (name, value) = part.trim().split_once('=')?;
                name.trim()
                    .eq_ignore_ascii_case("max-age")
                    .then(|| value.trim().trim_matches('"').parse::<u64>().ok())?
            });
            if age.unwrap_or(0) < LEAST_HSTS_SECONDS {
                tell(&NO_HSTS, Some(span), "`max-age` is below half a year".to_owned());
            }
        }
    }
    if !get("x-content-type-options").is_some_and(|(_, value, _)| value.eq_ignore_ascii_case("nosniff")) {
        tell(&NO_NOSNIFF, None, "there is no `X-Content-Type-Options: nosniff`".to_owned());
    }
    if get("cache-control").is_none() {
        tell(&NO_STORE, None, "there is no `Cache-Control`".to_owned());
    }
    for (name, value, span) in &lines {
        let discloses = matches!(
            name.as_str(),
            "server" | "x-powered-by" | "x-aspnet-version" | "x-aspnetmvc-version" | "x-generator"
        );
        if discloses && (name == "x-powered-by" || value.bytes().any(|b| b.is_ascii_digit())) {
            tell(&VERSION_HEADER, Some(span), format!("`{}: {}`", excerpt(name), excerpt(value)));
        }
        if name == "set-cookie" {
            let flags: Vec<String> = value
                .split(';')
                .skip(1)
                .map(|part| part.split('=').next().unwrap_or_default().trim().to_ascii_lowercase())
                .collect();
            let missing: Vec<&str> = [("secure", "Secure"), ("httponly", "HttpOnly"), ("samesite", "SameSite")]
                .into_iter()
                .filter(|(flag, _)| !flags.iter().any(|known| known == flag))
                .map(|(_, shown)| shown)
                .collect();
            if !missing.is_empty() {
                tell(&COOKIE_FLAGS, Some(span), format!("a cookie lacks {}", missing.join(", ")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_decoded() {
        assert_eq!(decode("eyJhIjoxfQ").as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(decode("-_8").as_deref(), Some(&[0xfb, 0xff][..]));
        assert_eq!(decode("a b"), None);
    }
}
