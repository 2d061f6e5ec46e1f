//! The grammar of operations and fragments, to the letter.
//!
//! The engine's parser goes on past some tokens that do not belong where they stand; a server does not. Definitions of types are
//! not looked at: they have no place beside operations, and the engine says so. Nesting is bounded before this is called.

/// The first place at which a text breaks the grammar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mark,
    Name,
    Number,
    Text,
    End,
}

#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    kind: Kind,
    text: &'t str,
    at: usize,
}

/// Reads a document; none where its operations and fragments keep the grammar.
pub(super) fn check(text: &str) -> Option<Broken> {
    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err(broken) => return Some(broken),
    };
    Reader { tokens, at: 0 }.document().err()
}

fn broken(at: usize, length: usize, message: &str) -> Broken {
    Broken { at, length, message: message.to_owned() }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Broken> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(byte) = bytes.get(at).copied() {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                continue;
            }
            b'.' if rest.starts_with("...") => (Kind::Mark, 3),
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => (Kind::Mark, 1),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                (Kind::Name, rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count())
            }
            b'-' | b'0'..=b'9' => {
                (Kind::Number, number(rest).ok_or_else(|| broken(at, 1, "a number as GraphQL writes it was expected"))?)
            }
            b'"' => (Kind::Text, string(rest).ok_or_else(|| broken(at, 1, "a string that ends was expected"))?),
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                return Err(broken(at, length, "this character has no meaning here"));
            }
        };
        found.push(Token { kind, text: rest.get(..length).unwrap_or_default(), at });
        at += length;
    }
    Ok(found)
}

fn number(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes.get(at) == Some(&b'0')) {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    let joined = bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    (!joined).then_some(at)
}

fn string(rest: &str) -> Option<usize> {
    if let Some(body) = rest.strip_prefix("\"\"\"") {
        let mut from = 0;
        loop {
            let end = from + body.get(from..)?.find("\"\"\"")?;
            if body.get(..end)?.ends_with('\\') {
                from = end + 3;
                continue;
            }
            return Some(end + 6);
        }
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

struct Reader<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Token<'t> {
        let end = self.tokens.last().map_or(0, |token| token.at + token.text.len());
        self.tokens.get(self.at).copied().unwrap_or(Token { kind: Kind::End, text: "", at: end })
    }

    fn is(&self, text: &str) -> bool {
        let token = self.peek();
        token.text == text && matches!(token.kind, Kind::Mark | Kind::Name)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> Broken {
        let token = self.peek();
        broken(token.at, token.text.len(), &format!("{what} was expected"))
    }

    fn expect(&mut self, text: &str) -> Result<(), Broken> {
        if self.eat(text) { Ok(()) } else { Err(self.expected(&format!("`{text}`"))) }
    }

    fn name(&mut self) -> Result<&'t str, Broken> {
        let token = self.peek();
        if token.kind != Kind::Name {
            return Err(self.expected("a name"));
        }
        self.at += 1;
        Ok(token.text)
    }

    fn document(&mut self) -> Result<(), Broken> {
        if self.peek().kind == Kind::End {
            return Err(self.expected("an operation"));
        }
        while self.peek().kind != Kind::End {
            if self.is("{") {
                self.selections()?;
            } else if self.is("query") || self.is("mutation") || self.is("subscription") {
                self.at += 1;
                if self.peek().kind == Kind::Name {
                    self.at += 1;
                }
                if self.eat("(") {
                    self.variables()?;
                }
                self.directives(false)?;
                self.selections()?;
            } else if self.eat("fragment") {
                if self.is("on") {
                    return Err(self.expected("a fragment's name"));
                }
                self.name()?;
                self.expect("on")?;
                self.name()?;
                self.directives(false)?;
                self.selections()?;
            } else if matches!(self.peek().kind, Kind::Name | Kind::Text) {
                // A definition of a type, or a word that is none; the engine tells.
                return Ok(());
            } else {
                return Err(self.expected("an operation or a fragment"));
            }
        }
        Ok(())
    }

    fn variables(&mut self) -> Result<(), Broken> {
        loop {
            self.expect("$")?;
            self.name()?;
            self.expect(":")?;
            self.type_of()?;
            if self.eat("=") {
                self.value(true)?;
            }
            self.directives(true)?;
            if self.eat(")") {
                return Ok(());
            }
        }
    }

    fn type_of(&mut self) -> Result<(), Broken> {
        if self.eat("[") {
            self.type_of()?;
            self.expect("]")?;
        } else {
            self.name()?;
        }
        self.eat("!");
        Ok(())
    }

    fn directives(&mut self, constant: bool) -> Result<(), Broken> {
        while self.eat("@") {
            self.name()?;
            if self.eat("(") {
                self.arguments(constant)?;
            }
        }
        Ok(())
    }

    fn arguments(&mut self, constant: bool) -> Result<(), Broken> {
        loop {
            self.name()?;
            self.expect(":")?;
            self.value(constant)?;
            if self.eat(")") {
                return Ok(());
            }
        }
    }

    fn value(&mut self, constant: bool) -> Result<(), Broken> {
        let token = self.peek();
        match (token.kind, token.text) {
            (Kind::Name | Kind::Number | Kind::Text, _) => self.at += 1,
            (Kind::Mark, "$") if !constant => {
                self.at += 1;
                self.name()?;
            }
            (Kind::Mark, "[") => {
                self.at += 1;
                while !self.eat("]") {
                    self.value(constant)?;
                }
            }
            (Kind::Mark, "{") => {
                self.at += 1;
                while !self.eat("}") {
                    self.name()?;
                    self.expect(":")?;
                    self.value(constant)?;
                }
            }
            _ => return Err(self.expected(if constant { "a value without variables" } else { "a value" })),
        }
        Ok(())
    }

    fn selections(&mut self) -> Result<(), Broken> {
        self.expect("{")?;
        if self.is("}") {
            return Err(self.expected("a field"));
        }
        while !self.eat("}") {
            if self.eat("...") {
                if self.peek().kind == Kind::Name && !self.is("on") {
                    self.at += 1;
                    self.directives(false)?;
                    continue;
                }
                if self.eat("on") {
                    self.name()?;
                }
                self.directives(false)?;
                self.selections()?;
                continue;
            }
            self.name()?;
            if self.eat(":") {
                self.name()?;
            }
            if self.eat("(") {
                self.arguments(false)?;
            }
            self.directives(false)?;
            if self.is("{") {
                self.selections()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_to_the_grammar() {
        for text in [
            "{ a }",
            "query A($n: [Int!]! = [1, 2] @d(x: {y: null})) @d { a: b(x: $n, y: -1.5e3, z: \"\\\"\") { ...f ... @skip(if: true) { a } ... on T { a } } }",
            "fragment f on T @d { a } subscription { a }",
            "{ a(x: \"\"\"b\\\"\"\" \"c\"\"\") } # c",
            "type T { a: Int }",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
        for text in [
            "",
            "{ }",
            "{ a",
            "{ a(first first: 1) }",
            "{ a(x: 1 2) }",
            "{ a() }",
            "{ a(x: 01) }",
            "{ a(x: 1a) }",
            "{ a(x: \"b) }",
            "query ($n: Int = $m) { a }",
            "query () { a }",
            "fragment on on T { a }",
            "{ a } }",
            "{ a @ }",
            "{ a: }",
            "{ a; }",
        ] {
            assert!(check(text).is_some(), "{text}");
        }
    }
}
