//! Documents as `MongoDB`'s people write them: JSON, Extended JSON (both versions, canonical and relaxed), and the literals of
//! its shell (`ObjectId("..")`, `ISODate("..")`, unquoted keys, single quotes, comments, `/regex/`).
//!
//! A reader that goes on: a value that breaks off is an error with its place, and the next one can be read. It keeps the
//! types of BSON and knows nothing of any tool.

use octavo_toolkit::limits::MAX_NESTING_DEPTH;

/// A BSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `undefined`, long deprecated.
    Undefined,
    /// `true`, `false`.
    Bool(bool),
    /// A 32-bit integer.
    Int(i32),
    /// A 64-bit integer.
    Long(i64),
    /// A binary fraction.
    Double(f64),
    /// A decimal fraction, as written.
    Decimal(String),
    /// A text.
    String(String),
    /// 24 hexadecimal digits, in lower case.
    ObjectId(String),
    /// Milliseconds since 1970, where they are known.
    Date(Option<i64>),
    /// Bytes: how many, their subtype, and the base64 or hexadecimal text they came as.
    Binary(usize, u8, String),
    /// A pattern with its options.
    Regex(String, String),
    /// Code, and whether it has a scope.
    Code(String, bool),
    /// A symbol, long deprecated.
    Symbol(String),
    /// Seconds and a counter.
    Timestamp(u32, u32),
    /// Below everything.
    MinKey,
    /// Above everything.
    MaxKey,
    /// A list.
    Array(Vec<Self>),
    /// Named values, in order; a name comes once.
    Document(Vec<(String, Self)>),
}

impl Value {
    /// The alias of its BSON type, as `$type` and `$jsonSchema` take it.
    pub const fn alias(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Undefined => "undefined",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Long(_) => "long",
            Self::Double(_) => "double",
            Self::Decimal(_) => "decimal",
            Self::String(_) => "string",
            Self::ObjectId(_) => "objectId",
            Self::Date(_) => "date",
            Self::Binary(..) => "binData",
            Self::Regex(..) => "regex",
            Self::Code(_, false) => "javascript",
            Self::Code(_, true) => "javascriptWithScope",
            Self::Symbol(_) => "symbol",
            Self::Timestamp(..) => "timestamp",
            Self::MinKey => "minKey",
            Self::MaxKey => "maxKey",
            Self::Array(_) => "array",
            Self::Document(_) => "object",
        }
    }

    /// The member of a document.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Document(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The members of a document; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Document(members) => members,
            _ => &[],
        }
    }

    /// A number of any width.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(f64::from(*number)),
            #[expect(clippy::cast_precision_loss, reason = "asked for as a fraction")]
            Self::Long(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            Self::Decimal(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Bytes it takes in BSON, without its type and name.
    pub fn bson_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Undefined | Self::MinKey | Self::MaxKey => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 4,
            Self::Long(_) | Self::Double(_) | Self::Date(_) | Self::Timestamp(..) => 8,
            Self::ObjectId(_) => 12,
            Self::Decimal(_) => 16,
            Self::String(text) | Self::Symbol(text) | Self::Code(text, false) => 5 + text.len(),
            // Its own length, the code, an empty scope.
            Self::Code(text, true) => 4 + 5 + text.len() + 5,
            Self::Binary(bytes, ..) => 5 + bytes,
            Self::Regex(pattern, options) => pattern.len() + options.len() + 2,
            Self::Array(items) => {
                let keys = (0..items.len()).map(|at| at.checked_ilog10().unwrap_or(0) as usize + 1);
                5 + items.iter().zip(keys).map(|(item, key)| 2 + key + item.bson_bytes()).sum::<usize>()
            }
            Self::Document(members) => {
                5 + members.iter().map(|(name, value)| 2 + name.len() + value.bson_bytes()).sum::<usize>()
            }
        }
    }
}

/// What is wrong with a text, and where: a byte offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Where.
    pub at: usize,
    /// What, a sentence fragment.
    pub what: &'static str,
}

/// Reads values of a text, one after another.
#[derive(Debug, Clone)]
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    loose: bool,
    // The last text of each quote that did not close: one that begins at a quote within it does not close either.
    unclosed: [Option<Unclosed>; 3],
}

// A text without an end.
#[derive(Debug, Clone, Copy)]
struct Unclosed {
    start: usize,
    // Where reading ended.
    end: usize,
    what: &'static str,
    // Where the fault is, if it is not the beginning.
    at: Option<usize>,
}

impl<'t> Reader<'t> {
    /// Begins at the start of a text.
    pub const fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0, loose: false, unclosed: [None; 3] }
    }

    /// Begins at the start of a program's text: what is no literal (a variable, a call) is code, as written.
    pub const fn of_program(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0, loose: true, unclosed: [None; 3] }
    }

    /// Where it is: a byte offset.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Goes on from another place.
    pub fn seek(&mut self, at: usize) {
        self.at = at.min(self.text.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        self.depth = 0;
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character that is no blank and in no comment.
    pub fn peek(&mut self) -> Option<char> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.at += trimmed.find("*/").map_or(trimmed.len(), |end| end + 2);
            } else {
                return trimmed.chars().next();
            }
        }
    }

    /// Takes a character if it comes next.
    pub fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// Takes a word (letters, digits, `$`, `_`) if one comes next.
    pub fn word(&mut self) -> Option<&'t str> {
        self.peek();
        let rest = self.rest();
        // A number is none, however long: what goes on behind its first digit asks again.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
        let word = rest.get(..end).filter(|word| !word.is_empty())?;
        self.at += end;
        Some(word)
    }

    const fn broken(&self, what: &'static str) -> Broken {
        Broken { at: self.at, what }
    }

    /// Reads one value.
    pub fn value(&mut self) -> Result<Value, Broken> {
        match self.peek() {
            None => Err(self.broken("a value is missing")),
            Some('{') => self.nested(Self::document),
            Some('[') => self.nested(Self::array),
            Some('"' | '\'' | '`') => self.string().map(Value::String),
            Some('/') => self.regex(),
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            Some(_) => self.literal(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Broken>) -> Result<Value, Broken> {
        if self.depth >= MAX_NESTING_DEPTH {
            return Err(self.broken("values nest too deep"));
        }
        self.depth += 1;
        let value = read(self);
        self.depth = self.depth.saturating_sub(1);
        value
    }

    fn array(&mut self) -> Result<Value, Broken> {
        self.take('[');
        let mut items = Vec::new();
        while !self.take(']') {
            items.push(self.value()?);
            if !self.take(',') && self.peek() != Some(']') {
                return Err(self.broken("`,` or `]` is missing"));
            }
        }
        Ok(Value::Array(items))
    }

    fn document(&mut self) -> Result<Value, Broken> {
        self.take('{');
        let mut members: Vec<(String, Value)> = Vec::new();
        // A name that comes twice keeps its first place and its last value; wide documents look names up.
        let mut places: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        while !self.take('}') {
            let name = match self.peek() {
                Some('"' | '\'' | '`') => self.string()?,
                Some(c) if c.is_ascii_digit() => {
                    let rest = self.rest();
                    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    self.at += end;
                    rest.get(..end).unwrap_or_default().to_owned()
                }
                _ => self.word().ok_or_else(|| self.broken("a name is missing"))?.to_owned(),
            };
            if !self.take(':') {
                return Err(self.broken("`:` is missing after a name"));
            }
            let value = self.value()?;
            if let Some(slot) = places.get(&name).and_then(|at| members.get_mut(*at)) {
                slot.1 = value;
            } else {
                places.insert(name.clone(), members.len());
                members.push((name, value));
            }
            if !self.take(',') && self.peek() != Some('}') {
                return Err(self.broken("`,` or `}` is missing"));
            }
        }
        Ok(extended(members))
    }

    fn string(&mut self) -> Result<String, Broken> {
        let start = self.at;
        let kind = match self.rest().chars().next() {
            Some('"') => 0,
            Some('\'') => 1,
            _ => 2,
        };
        if let Some(known) = self.unclosed.get(kind).copied().flatten()
            && (known.start..known.end).contains(&start)
        {
            return Err(Broken { at: known.at.unwrap_or(start), what: known.what });
        }
        self.closed().map_err(|unclosed| {
            if let Some(slot) = self.unclosed.get_mut(kind) {
                *slot = Some(unclosed);
            }
            Broken { at: unclosed.at.unwrap_or(start), what: unclosed.what }
        })
    }

    fn closed(&mut self) -> Result<String, Unclosed> {
        let start = self.at;
        let unclosed = |end: usize, what, at| Unclosed { start, end, what, at };
        let mut chars = self.rest().char_indices();
        let Some((_, quote)) = chars.next() else { return Err(unclosed(start, "a text is missing", None)) };
        let mut text = String::new();
        // The first half of a character that JSON writes as two escapes.
        let mut high: Option<u32> = None;
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.at = start + at + c.len_utf8();
                if high.is_some() {
                    text.push('\u{fffd}');
                }
                return Ok(text);
            }
            let mut push = |text: &mut String, c: char| {
                if high.take().is_some() {
                    text.push('\u{fffd}');
                }
                text.push(c);
            };
            if c != '\\' {
                if c == '\n' && quote != '`' {
                    return Err(unclosed(start + at, "a text has no closing quote in its line", None));
                }
                push(&mut text, c);
                continue;
            }
            match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => push(&mut text, '\n'),
                Some('t') => push(&mut text, '\t'),
                Some('r') => push(&mut text, '\r'),
                Some('b') => push(&mut text, '\u{8}'),
                Some('f') => push(&mut text, '\u{c}'),
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let Ok(code) = u32::from_str_radix(&digits, 16) else {
                        let fault = start + at;
                        return Err(unclosed(fault, "an escape needs four hexadecimal digits", Some(fault)));
                    };
                    match (high.take(), code) {
                        (Some(first), 0xdc00..=0xdfff) => {
                            let joined = 0x1_0000 + ((first - 0xd800) << 10) + (code - 0xdc00);
                            text.push(char::from_u32(joined).unwrap_or('\u{fffd}'));
                        }
                        (before, 0xd800..=0xdbff) => {
                            if before.is_some() {
                                text.push('\u{fffd}');
                            }
                            high = Some(code);
                        }
                        (before, _) => {
                            if before.is_some() {
                                text.push('\u{fffd}');
                            }
                            text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                        }
                    }
                }
                Some('\n') => {}
                Some(other) => push(&mut text, other),
                None => break,
            }
        }
        Err(unclosed(self.text.len(), "a text has no closing quote", None))
    }

    fn number(&mut self) -> Result<Value, Broken> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.' | '_'))
            .unwrap_or(rest.len());
        let text = rest.get(..end).unwrap_or_default();
        let value = match text.trim_start_matches('+') {
            "-Infinity" => Some(Value::Double(f64::NEG_INFINITY)),
            text => whole(text).or_else(|| {
                let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
                text.parse().ok().filter(|_| plain).map(Value::Double)
            }),
        };
        match value {
            Some(value) => {
                self.at += end;
                Ok(value)
            }
            None => Err(self.broken("a number is malformed")),
        }
    }

    fn regex(&mut self) -> Result<Value, Broken> {
        let rest = self.rest();
        let mut escaped = false;
        let mut class = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    let pattern = rest.get(1..at).unwrap_or_default().to_owned();
                    self.at += at + 1;
                    let options = self.rest();
                    let end = options.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(options.len());
                    self.at += end;
                    return Ok(Value::Regex(pattern, options.get(..end).unwrap_or_default().to_owned()));
                }
                _ => {}
            }
        }
        Err(self.broken("a pattern has no closing `/`"))
    }

    fn literal(&mut self) -> Result<Value, Broken> {
        let start = self.at;
        let Some(mut word) = self.word() else { return Err(self.broken("this is no value")) };
        match word {
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "null" => return Ok(Value::Null),
            "undefined" => return Ok(Value::Undefined),
            "NaN" => return Ok(Value::Double(f64::NAN)),
            "Infinity" => return Ok(Value::Double(f64::INFINITY)),
            "new" => word = self.word().unwrap_or_default(),
            _ => {}
        }
        let mut arguments = Vec::new();
        let called = self.take('(');
        if called {
            if self.depth >= MAX_NESTING_DEPTH {
                return Err(self.broken("values nest too deep"));
            }
            self.depth += 1;
            while !self.take(')') {
                arguments.push(self.value()?);
                if !self.take(',') && self.peek() != Some(')') {
                    return Err(self.broken("`,` or `)` is missing"));
                }
            }
            self.depth = self.depth.saturating_sub(1);
        }
        if let Some(value) = constructed(word, called, &arguments) {
            return Ok(value);
        }
        if !self.loose {
            return Err(Broken { at: start, what: "this is no value of the shell" });
        }
        while self.take('.') {
            if self.word().is_none() {
                return Err(self.broken("a name is missing"));
            }
            if self.take('(') {
                while !self.take(')') {
                    self.nested(Self::value)?;
                    if !self.take(',') && self.peek() != Some(')') {
                        return Err(self.broken("`,` or `)` is missing"));
                    }
                }
            }
        }
        Ok(Value::Code(self.text.get(start..self.at).unwrap_or_default().to_owned(), false))
    }
}

// A whole number, 32 bits wide if it fits, else 64.
fn whole(text: &str) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    // Minus nought is a fraction.
    if text.starts_with('-') && number == 0 {
        return Some(Value::Double(-0.0));
    }
    Some(i32::try_from(number).map_or(Value::Long(number), Value::Int))
}

fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn constructed(word: &str, called: bool, arguments: &[Value]) -> Option<Value> {
    let first = arguments.first();
    let text = || match first {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Int(number)) => Some(number.to_string()),
        Some(Value::Long(number)) => Some(number.to_string()),
        Some(Value::Double(number)) => Some(number.to_string()),
        _ => None,
    };
    let part = |at: usize| match arguments.get(at) {
        Some(Value::Int(number)) => u32::try_from(*number).ok(),
        Some(Value::Long(number)) => u32::try_from(*number).ok(),
        _ => None,
    };
    match word {
        "MinKey" => Some(Value::MinKey),
        "MaxKey" => Some(Value::MaxKey),
        _ if !called => None,
        "ObjectId" | "ObjectID" => match text() {
            Some(text) if is_object_id(&text) => Some(Value::ObjectId(text.to_lowercase())),
            Some(_) => None,
            None => Some(Value::ObjectId("0".repeat(24))),
        },
        "ISODate" | "Date" => Some(Value::Date(match first {
            Some(Value::String(text)) => date_ms(text),
            Some(value) => value.number().and_then(to_ms),
            None => None,
        })),
        "NumberInt" | "Int32" => text()?.trim().parse().ok().map(Value::Int),
        "NumberLong" | "Long" => text()?.trim().parse().ok().map(Value::Long),
        "Double" | "NumberDouble" => text()?.trim().parse().ok().map(Value::Double),
        "NumberDecimal" | "Decimal128" => Some(Value::Decimal(text()?)),
        "UUID" => Some(Value::Binary(16, 4, text().unwrap_or_default())),
        "BinData" | "Binary" => {
            let (subtype, data) = match arguments {
                [Value::Int(subtype), Value::String(data), ..] => (u8::try_from(*subtype).ok()?, data),
                [Value::String(data), ..] => (0, data),
                _ => return None,
            };
            Some(Value::Binary(base64_bytes(data), subtype, data.clone()))
        }
        "HexData" | "MD5" => {
            let data =
                arguments.last().and_then(|last| if let Value::String(text) = last { Some(text) } else { None })?;
            Some(Value::Binary(data.len() / 2, 0, data.clone()))
        }
        "Timestamp" => {
            let inner = |name: &str| first.and_then(|first| first.get(name)).and_then(Value::number);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "seconds and counters are 32 bits"
            )]
            let of = |number: f64| number.max(0.0) as u32;
            match (inner("t"), inner("i")) {
                (Some(t), Some(i)) => Some(Value::Timestamp(of(t), of(i))),
                _ => Some(Value::Timestamp(part(0).unwrap_or(0), part(1).unwrap_or(0))),
            }
        }
        "RegExp" => Some(Value::Regex(
            text()?,
            arguments
                .get(1)
                .and_then(|options| if let Value::String(text) = options { Some(text.clone()) } else { None })
                .unwrap_or_default(),
        )),
        "Code" => Some(Value::Code(text()?, arguments.len() > 1)),
        "Symbol" | "BSONSymbol" => Some(Value::Symbol(text()?)),
        "DBRef" => {
            let names = ["$ref", "$id", "$db"];
            Some(Value::Document(names.iter().map(|name| (*name).to_owned()).zip(arguments.iter().cloned()).collect()))
        }
        _ => None,
    }
}

// What a document with dollar names stands for in Extended JSON.
fn extended(members: Vec<(String, Value)>) -> Value {
    let dollar = members.first().is_some_and(|(name, _)| name.starts_with('$'));
    if !dollar || members.len() > 2 {
        return Value::Document(members);
    }
    let whole = Value::Document(members);
    let text = |name: &str| match whole.get(name) {
        Some(Value::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let named = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    let count = |value: &Value, name: &str| value.get(name).and_then(Value::number).unwrap_or(0.0);
    let (first, alone) = match whole.members() {
        [(name, _)] => (name.as_str(), true),
        [(name, _), ..] => (name.as_str(), false),
        [] => return whole,
    };
    let read = match first {
        "$oid" if alone => {
            text("$oid").filter(|text| is_object_id(text)).map(|text| Value::ObjectId(text.to_lowercase()))
        }
        "$date" if alone => match whole.get("$date") {
            Some(Value::String(text)) => Some(Value::Date(date_ms(text))),
            Some(value) => value.number().map(|ms| Value::Date(to_ms(ms))),
            None => None,
        },
        "$numberInt" if alone => text("$numberInt").and_then(|text| text.parse().ok()).map(Value::Int),
        "$numberLong" if alone => text("$numberLong").and_then(|text| text.parse().ok()).map(Value::Long),
        "$numberDouble" if alone => text("$numberDouble").and_then(|text| text.parse().ok()).map(Value::Double),
        "$numberDecimal" if alone => text("$numberDecimal").map(|text| Value::Decimal(text.to_owned())),
        "$undefined" if alone => Some(Value::Undefined),
        "$minKey" if alone => Some(Value::MinKey),
        "$maxKey" if alone => Some(Value::MaxKey),
        "$uuid" if alone => text("$uuid").map(|text| Value::Binary(16, 4, text.to_owned())),
        "$symbol" if alone => text("$symbol").map(|text| Value::Symbol(text.to_owned())),
        "$code" => text("$code")
            .filter(|_| alone || whole.get("$scope").is_some())
            .map(|text| Value::Code(text.to_owned(), !alone)),
        "$binary" => {
            let inner = whole.get("$binary");
            let subtype = |text: Option<String>| text.and_then(|text| u8::from_str_radix(&text, 16).ok()).unwrap_or(0);
            match inner {
                Some(Value::String(data)) => {
                    Some(Value::Binary(base64_bytes(data), subtype(named(&whole, "$type")), data.clone()))
                }
                Some(inner) => named(inner, "base64")
                    .map(|data| Value::Binary(base64_bytes(&data), subtype(named(inner, "subType")), data)),
                None => None,
            }
        }
        "$regularExpression" if alone => whole.get("$regularExpression").and_then(|inner| {
            Some(Value::Regex(named(inner, "pattern")?, named(inner, "options").unwrap_or_default()))
        }),
        "$timestamp" if alone => whole.get("$timestamp").map(|inner| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "seconds and counters are 32 bits"
            )]
            let of = |name: &str| count(inner, name).max(0.0) as u32;
            Value::Timestamp(of("t"), of("i"))
        }),
        _ => None,
    };
    read.unwrap_or(whole)
}

fn base64_bytes(text: &str) -> usize {
    text.bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte)).count() * 3 / 4
}

fn to_ms(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "within the range of dates")]
    (number.abs() <= 8.64e15).then_some(number as i64)
}

/// Milliseconds since 1970 of an ISO 8601 date with or without a time and an offset.
pub fn date_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.find(['T', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    let number = |part: &str| part.parse::<i64>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() || date.len() != 10 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    if time.is_empty() {
        return Some(days * 86_400_000);
    }
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (time.get(..at)?, time.get(at..)?),
        None => (time, ""),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let seconds: f64 = parts.next().map_or(Some(0.0), |part| part.parse().ok())?;
    if parts.next().is_some() || hour > 24 || minute > 59 || !(0.0..=60.0).contains(&seconds) {
        return None;
    }
    let digits = offset.trim_start_matches(['+', '-', 'Z', 'z']).replace(':', "");
    let shift = if digits.is_empty() {
        0
    } else {
        let value = number(&digits)?;
        let minutes = if digits.len() <= 2 { value * 60 } else { value / 100 * 60 + value % 100 };
        if offset.starts_with('-') { -minutes } else { minutes }
    };
    #[expect(clippy::cast_possible_truncation, reason = "below a minute")]
    let ms = (seconds * 1000.0).round() as i64;
    Some(days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + ms - shift * 60_000)
}

// Howard Hinnant's count of days in the proleptic Gregorian calendar.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        Reader::new(text).value().unwrap_or_else(|broken| panic!("{text}: {broken:?}"))
    }

    #[test]
    fn all_spellings_of_one_value_are_one() {
        let id = Value::ObjectId("65a000000000000000000001".to_owned());
        assert_eq!(read("ObjectId('65A000000000000000000001')"), id);
        assert_eq!(read(r#"{"$oid": "65a000000000000000000001"}"#), id);
        let date = Value::Date(Some(1_704_067_200_000));
        for text in [
            "ISODate(\"2024-01-01T00:00:00Z\")",
            "new Date(1704067200000)",
            r#"{"$date": "2024-01-01T00:00:00.000Z"}"#,
            r#"{"$date": {"$numberLong": "1704067200000"}}"#,
            r#"{"$date": "2024-01-01T02:00:00+02:00"}"#,
        ] {
            assert_eq!(read(text), date, "{text}");
        }
        assert_eq!(read("NumberLong(5)"), read(r#"{"$numberLong": "5"}"#));
        assert_eq!(read("5000000000"), Value::Long(5_000_000_000));
        assert_eq!(read("1.0"), Value::Double(1.0));
        assert_eq!(read("{a: 'x', /* c */ b: [1, 2,],}"), read(r#"{"a": "x", "b": [1, 2]}"#));
        assert_eq!(read("/a[/]b/i"), Value::Regex("a[/]b".to_owned(), "i".to_owned()));
        assert_eq!(read(r#""\ud83d\ude00\u00e9""#), Value::String("\u{1f600}\u{e9}".to_owned()));
        assert_eq!(read(r#"{"a": 1, "a": 2}"#), read("{a: 2}"));
        assert_eq!(read(r#"{"$gt": 5}"#).alias(), "object");
    }

    #[test]
    fn what_breaks_is_placed() {
        for (text, at) in [("{a: }", 4), ("[1 2]", 3), ("\"abc", 0), ("{a: foo}", 4), ("", 0), ("{a", 2)] {
            assert_eq!(Reader::new(text).value().map_err(|broken| broken.at), Err(at), "{text}");
        }
        let deep = |depth: usize| Reader::new(&"[".repeat(depth)).value().map_err(|broken| broken.what);
        assert_eq!(deep(MAX_NESTING_DEPTH), Err("a value is missing"));
        assert_eq!(deep(MAX_NESTING_DEPTH + 1), Err("values nest too deep"));
    }

    #[test]
    fn quotes_within_a_text_that_does_not_close_do_not_close_either() {
        // Each reads as it would from there alone.
        for text in ["'\\'\\'\\'\na''", "`\\`\\`", "'\\'\\u00zz'\\'x'", "'\\'a\"b'c'\n\"d\"", "1'2"] {
            let mut all = Reader::of_program(text);
            for (at, quote) in text.char_indices().filter(|(_, c)| matches!(c, '\'' | '"' | '`')) {
                let mut one = Reader::of_program(text);
                one.seek(at);
                all.seek(at);
                assert_eq!(all.value(), one.value(), "{text} at {at}, {quote}");
                assert_eq!(all.at(), one.at(), "{text} at {at}, {quote}");
            }
        }
        let mut reader = Reader::of_program("99a");
        assert_eq!(reader.word(), None);
        assert_eq!(reader.at(), 0);
    }

    #[test]
    fn sizes_are_those_of_bson() {
        // By the specification: length, type, name, value, end.
        assert_eq!(read("{}").bson_bytes(), 5);
        assert_eq!(read("{a: 1}").bson_bytes(), 12);
        assert_eq!(read("{a: 'xy', b: [true, null]}").bson_bytes(), 5 + (2 + 1 + 7) + (2 + 1 + 5 + 4 + 3));
    }
}
