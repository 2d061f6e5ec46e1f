//! What is sent, and what can be done to it.

use serde_json::Value;
use std::fmt::Write as _;

/// A request before it is written out. Values are raw JSON, and a repeated name is written twice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) top: Vec<(String, String)>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) meta: Vec<(String, String)>,
    pub(crate) tampers: Vec<Tamper>,
}

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Top,
    Params,
    Meta,
}

/// What is done to the written bytes.
#[derive(Debug, Clone)]
pub(crate) enum Tamper {
    /// Cut after this share of the bytes, in 256ths.
    Cut(u64),
    /// One byte replaced at this share.
    Byte(u64, u8),
    Before(&'static [u8]),
    After(&'static [u8]),
    /// An array of these around the message: `@` is the message itself.
    Batch(&'static [&'static str]),
    /// One byte over the limit.
    TooLarge,
}

/// One change of a request.
#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    Path(String),
    /// Sets a header, or takes it away.
    Header(String, Option<String>),
    /// Writes the names of all headers in capitals.
    Capitals,
    /// Sets a member, or takes it away.
    Member(Place, &'static str, Option<String>),
    /// Writes a member twice.
    Twice(Place, &'static str, String),
    Tamper(Tamper),
}

impl Mutation {
    pub(crate) fn apply(&self, sent: &mut Sent) {
        match self {
            Self::Path(path) => sent.path.clone_from(path),
            Self::Header(name, value) => {
                sent.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
                sent.headers.extend(value.iter().map(|value| (name.clone(), value.clone())));
            }
            Self::Capitals => sent.headers.iter_mut().for_each(|(name, _)| name.make_ascii_uppercase()),
            Self::Member(place, name, value) => {
                let members = sent.members(*place);
                match (members.iter_mut().find(|(member, _)| member == name), value) {
                    (Some(member), Some(value)) => member.1.clone_from(value),
                    (None, Some(value)) => members.push(((*name).to_owned(), value.clone())),
                    (_, None) => members.retain(|(member, _)| member != name),
                }
            }
            Self::Twice(place, name, value) => sent.members(*place).push(((*name).to_owned(), value.clone())),
            Self::Tamper(tamper) => sent.tampers.push(tamper.clone()),
        }
    }
}

impl Sent {
    pub(crate) fn members(&mut self, place: Place) -> &mut Vec<(String, String)> {
        match place {
            Place::Top => &mut self.top,
            Place::Params => &mut self.params,
            Place::Meta => &mut self.meta,
        }
    }

    /// Whether a member stands twice where routing reads.
    pub(crate) fn has_twins(&self) -> bool {
        let has = |members: &[(String, String)], wanted: &str| members.iter().any(|(name, _)| name == wanted);
        let twins = |members: &[(String, String)]| {
            members.iter().enumerate().any(|(at, (name, _))| has(members.get(at + 1..).unwrap_or_default(), name))
        };
        let in_meta = !has(&self.params, "_meta") && twins(&self.meta);
        let in_params = !has(&self.top, "params") && (twins(&self.params) || in_meta);
        twins(&self.top) || in_params
    }

    /// Whether a byte of it was replaced, which may make two names of one.
    pub(crate) fn is_retouched(&self) -> bool {
        self.tampers.iter().any(|tamper| matches!(tamper, Tamper::Byte(..)))
    }

    pub(crate) fn header_lines(&self) -> String {
        self.headers.iter().fold(String::new(), |mut lines, (name, value)| {
            let _ = writeln!(lines, "{name}:{value}");
            lines
        })
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let mut params = self.params.clone();
        if !self.meta.is_empty() && !params.iter().any(|(name, _)| name == "_meta") {
            params.push(("_meta".to_owned(), object(&self.meta)));
        }
        let mut top = self.top.clone();
        if !params.is_empty() && !top.iter().any(|(name, _)| name == "params") {
            top.push(("params".to_owned(), object(&params)));
        }
        self.tampers.iter().fold(object(&top).into_bytes(), |body, tamper| tamper.apply(body))
    }
}

pub(crate) fn object(members: &[(String, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", members.join(","))
}

pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Tamper {
    pub(crate) fn apply(&self, mut body: Vec<u8>) -> Vec<u8> {
        let at = |share: u64| usize::try_from(share).unwrap_or_default() * body.len() / 256;
        match self {
            Self::Cut(share) => {
                let at = at(*share);
                body.truncate(at);
                body
            }
            Self::Byte(share, byte) => {
                let at = at(*share);
                if let Some(place) = body.get_mut(at) {
                    *place = *byte;
                }
                body
            }
            Self::Before(bytes) => [*bytes, &body].concat(),
            Self::After(bytes) => [&body, *bytes].concat(),
            Self::Batch(items) => {
                let items: Vec<&[u8]> =
                    items.iter().map(|item| if *item == "@" { &body[..] } else { item.as_bytes() }).collect();
                [b"[", &items.join(&b","[..])[..], b"]"].concat()
            }
            Self::TooLarge => vec![b' '; octavo_gateway::MAX_BODY_BYTES + 1],
        }
    }
}

/// A text as headers carry what they cannot hold plainly.
pub(crate) fn sentinel(text: &str) -> String {
    format!("=?base64?{}?=", base64(text.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| (bits << 8) | usize::from(group.get(at).copied().unwrap_or_default()));
        for digit in 0..4 {
            text.push(if digit > group.len() { '=' } else { char::from(DIGITS[(bits >> (18 - 6 * digit)) & 63]) });
        }
    }
    text
}
