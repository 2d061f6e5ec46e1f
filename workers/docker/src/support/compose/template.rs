//! Variables in texts: `$NAME`, `${NAME}` and its six operators, as compose-go fills them in.

use std::collections::BTreeMap;

/// Deepest nesting of defaults inside defaults.
pub const MAX_DEFAULT_DEPTH: usize = 40;

/// Most that variables add to one text, in bytes: far above any value of people. Values may name values, so that without a bound forty
/// lines would fill any memory.
pub const MAX_FILLED_BYTES: usize = 64 * 1024;

/// Most that variables add to all texts that are filled in together, in bytes.
pub const MAX_GROWTH_BYTES: usize = 4 * 1024 * 1024;

/// Why a text could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A `${` that begins nothing, or defaults that nest too deep.
    Invalid,
    /// `${NAME?reason}` of a variable that is not set: its name and the reason.
    Required(String, String),
    /// The text would grow by more than [`MAX_FILLED_BYTES`], or all of them by more than [`MAX_GROWTH_BYTES`].
    TooLong,
}

/// Values of variables, and which were asked for in vain.
pub struct Variables<'a> {
    /// Looked at in this order.
    pub layers: Vec<&'a BTreeMap<String, String>>,
    /// Names that have no value and no default.
    pub unset: Vec<String>,
    // By how many bytes texts grew.
    grown: usize,
}

impl<'a> Variables<'a> {
    /// Values of these layers, the first ones first.
    pub fn new(layers: Vec<&'a BTreeMap<String, String>>) -> Self {
        Self { layers, unset: Vec::new(), grown: 0 }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.layers.iter().find_map(|layer| layer.get(name)).map(String::as_str)
    }

    /// Fills in a text.
    pub fn fill(&mut self, text: &str) -> Result<String, Fault> {
        if !text.contains('$') {
            return Ok(text.to_owned());
        }
        let filled = self.fill_at(text, 0)?;
        self.grown += filled.len().saturating_sub(text.len());
        if self.grown > MAX_GROWTH_BYTES { Err(Fault::TooLong) } else { Ok(filled) }
    }

    fn fill_at(&mut self, text: &str, depth: usize) -> Result<String, Fault> {
        if depth > MAX_DEFAULT_DEPTH {
            return Err(Fault::Invalid);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            if out.len() > text.len() + MAX_FILLED_BYTES {
                return Err(Fault::TooLong);
            }
            out.push_str(rest.get(..dollar).unwrap_or_default());
            rest = rest.get(dollar + 1..).unwrap_or_default();
            if let Some(behind) = rest.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if let Some(inner) = rest.strip_prefix('{') {
                let length = self.braced(inner, depth, &mut out)?;
                rest = inner.get(length..).unwrap_or_default();
            } else {
                let length = name_length(rest);
                if length == 0 {
                    out.push('$');
                    continue;
                }
                out.push_str(self.plain(rest.get(..length).unwrap_or_default()));
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        out.push_str(rest);
        if out.len() > text.len() + MAX_FILLED_BYTES { Err(Fault::TooLong) } else { Ok(out) }
    }

    fn plain(&mut self, name: &str) -> &'a str {
        self.get(name).unwrap_or_else(|| {
            self.unset.push(name.to_owned());
            ""
        })
    }

    // What follows `${`; gives its length with the closing brace.
    fn braced(&mut self, inner: &str, depth: usize, out: &mut String) -> Result<usize, Fault> {
        let length = name_length(inner);
        let name = inner.get(..length).unwrap_or_default();
        let behind = inner.get(length..).unwrap_or_default();
        if length == 0 {
            return Err(Fault::Invalid);
        }
        let colon = usize::from(behind.starts_with(':'));
        let operator =
            behind.get(colon..).and_then(|rest| rest.chars().next()).filter(|c| matches!(c, '-' | '+' | '?'));
        let line_end = behind.find('\n').unwrap_or(behind.len());
        let last_brace = behind.get(..line_end).and_then(|line| line.rfind('}'));
        let (Some(operator), Some(last)) = (operator, last_brace.filter(|last| *last > colon)) else {
            if !behind.starts_with('}') {
                return Err(Fault::Invalid);
            }
            out.push_str(self.plain(name));
            return Ok(length + 1);
        };
        // The value goes to the brace that closes this one; where braces do not pair, to the last one of the line.
        let close = closing_brace(inner, length + last).unwrap_or(length + last);
        let word = inner.get(length + colon + 1..close).unwrap_or_default();
        let value = self.get(name);
        let is_set = value.is_some_and(|value| colon == 0 || !value.is_empty());
        match (operator, is_set) {
            ('-', false) | ('+', true) => out.push_str(&self.fill_at(word, depth + 1)?),
            ('?', false) => return Err(Fault::Required(name.to_owned(), self.fill_at(word, depth + 1)?)),
            _ => out.push_str(value.unwrap_or_default()),
        }
        Ok(close + 1)
    }
}

// The brace that closes the one before `inner`; the character behind an opening brace is not looked at.
fn closing_brace(inner: &str, last: usize) -> Option<usize> {
    let mut depth = 1_usize;
    let mut bytes = inner.bytes().enumerate().skip(1).take_while(|(at, _)| *at <= last);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                depth += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let is_part = |at: usize, byte: u8| byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit());
    text.bytes().enumerate().position(|(at, byte)| !is_part(at, byte)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, Fault> {
        let values = [("A", "a"), ("E", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values = BTreeMap::from(values);
        Variables::new(vec![&values]).fill(text)
    }

    #[test]
    fn texts_grow_to_a_limit() {
        let of = |length: usize| BTreeMap::from([("A".to_owned(), "x".repeat(length))]);
        for (length, fits) in
            [(MAX_FILLED_BYTES + 2, true), (MAX_FILLED_BYTES + 3, false), (100 * MAX_FILLED_BYTES, false)]
        {
            let values = of(length);
            // What stands in the text counts beside what is added.
            assert_eq!(Variables::new(vec![&values]).fill("$A").is_ok(), fits, "{length}");
        }
        let values = of(MAX_FILLED_BYTES);
        let mut variables = Variables::new(vec![&values]);
        let times = MAX_GROWTH_BYTES / (MAX_FILLED_BYTES - 2);
        for _ in 0..times {
            assert!(variables.fill("$A").is_ok());
        }
        assert_eq!(variables.fill("$A"), Err(Fault::TooLong));
    }

    #[test]
    fn operators_do_what_compose_does() {
        for (text, filled) in [
            ("$A-${A}", "a-a"),
            ("$$A", "$A"),
            ("$1 $", "$1 $"),
            ("${X:-d}${E:-e}${E-f}", "de"),
            ("${X:-${A}b}c", "abc"),
            ("${X-{}}z", "{}z"),
            ("${A:+yes}${X:+no}${E+set}${E:+no}", "yesset"),
            ("${A:?r}${X}", "a"),
            ("${X:-a:-b}", "a:-b"),
        ] {
            assert_eq!(fill(text), Ok(filled.to_owned()), "{text}");
        }
        assert_eq!(fill("${"), Err(Fault::Invalid));
        assert_eq!(fill("${A"), Err(Fault::Invalid));
        assert_eq!(fill("${A!}"), Err(Fault::Invalid));
        assert_eq!(fill("${X:?need $A}"), Err(Fault::Required("X".to_owned(), "need a".to_owned())));
        assert_eq!(fill(&format!("{}x{}", "${X:-".repeat(500), "}".repeat(500))), Err(Fault::Invalid));
    }
}
