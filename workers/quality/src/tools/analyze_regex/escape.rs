//! Escapes and classes of regular expressions.

use super::parse::{Assert, Dialect, Fault, Feature, Kind, MAX_GROUP_DEPTH, Node, Parser};
use super::set::{LAST, Set};

impl Parser<'_> {
    pub(super) fn escape(&mut self, start: usize) -> Result<Node, Fault> {
        let Some(next) = self.peek() else { return self.fault("a backslash at the end") };
        let other = !self.is_javascript();
        let assert = match next {
            'b' => Some(Assert::Boundary),
            'B' => Some(Assert::NoBoundary),
            'A' if other => Some(Assert::TextStart),
            'z' if other && self.dialect != Dialect::Python => Some(Assert::TextEnd),
            'Z' if self.dialect == Dialect::Python => Some(Assert::TextEnd),
            'Z' if matches!(self.dialect, Dialect::Pcre | Dialect::Java) => Some(Assert::LastLineEnd),
            'G' if matches!(self.dialect, Dialect::Pcre | Dialect::Java) => Some(Assert::TextStart),
            _ => None,
        };
        if let Some(assert) = assert {
            self.next();
            match next {
                'A' => self.uses(Feature::TextAnchor, start),
                'z' => self.uses(Feature::EndAnchorLower, start),
                'Z' => self.uses(Feature::EndAnchorUpper, start),
                'G' => self.uses(Feature::LastMatchAnchor, start),
                _ => {}
            }
            return Ok(self.assert(assert, start));
        }
        match next {
            'K' if self.dialect == Dialect::Pcre => {
                self.next();
                self.uses(Feature::KeepOut, start);
                return Ok(Node { kind: Kind::Empty, span: start..self.at });
            }
            'R' | 'X' if matches!(self.dialect, Dialect::Pcre | Dialect::Java) => {
                self.next();
                self.uses(Feature::LinebreakEscape, start);
                let set =
                    if next == 'R' { Set::of(&[(0x0a, 0x0d), (0x85, 0x85), (0x2028, 0x2029)]) } else { Set::all() };
                return Ok(self.set(set, start));
            }
            'Q' if matches!(self.dialect, Dialect::Pcre | Dialect::Java | Dialect::Re2) => {
                self.next();
                let end = self.rest().find("\\E").unwrap_or(self.rest().len());
                let quoted = self.rest().get(..end).unwrap_or_default().to_owned();
                let items = quoted.chars().map(|one| self.set(Set::one(u32::from(one)), start)).collect();
                self.at = (self.at + end + 2).min(self.text.len());
                self.uses(Feature::QuotedText, start);
                return Ok(Node { kind: Kind::Concat(items), span: start..self.at });
            }
            'E' if matches!(self.dialect, Dialect::Pcre | Dialect::Java | Dialect::Re2) => {
                self.next();
                return Ok(Node { kind: Kind::Empty, span: start..self.at });
            }
            'k' if other || self.has_names || self.flags.unicode => {
                self.next();
                let close = match self.next() {
                    Some('<') => '>',
                    Some('{') if other => '}',
                    Some('\'') if other => '\'',
                    _ => return self.fault("a reference without a name"),
                };
                let name = self.name(close)?;
                self.uses(Feature::NamedReference, start);
                return self.reference_to(&name, start);
            }
            'g' if self.dialect == Dialect::Pcre => {
                self.next();
                let braced = self.eat("{");
                let from = self.at;
                while self.peek().is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '-')) {
                    self.next();
                }
                let name = self.text.get(from..self.at).unwrap_or_default().to_owned();
                if braced && !self.eat("}") {
                    return self.fault("a reference that is not closed");
                }
                let back = name.strip_prefix('-').and_then(|digits| digits.parse::<u32>().ok());
                let name = back.map_or(name, |back| (self.captures + 1).saturating_sub(back).to_string());
                return self.reference_to(&name, start);
            }
            '1'..='9' => {
                let digits: String = self.rest().chars().take_while(char::is_ascii_digit).take(3).collect();
                let number: u32 = digits.parse().unwrap_or(0);
                if self.dialect.is_linear() {
                    return self.fault("a reference, which this dialect does not have");
                }
                let strict = self.flags.unicode || !self.is_javascript();
                if number <= self.total || (strict && digits.len() == 1) {
                    self.at += digits.len();
                    self.uses(Feature::Backreference, start);
                    if number > self.total {
                        return self.fault("a reference to a group that is not there");
                    }
                    return Ok(Node { kind: Kind::Backreference(number), span: start..self.at });
                }
            }
            _ => {}
        }
        let set = self.escaped_set(start, false)?;
        Ok(self.set(set, start))
    }

    // The set of an escape, behind its backslash; in a class, or outside.
    fn escaped_set(&mut self, start: usize, in_class: bool) -> Result<Set, Fault> {
        let Some(next) = self.next() else { return self.fault("a backslash at the end") };
        let wide = matches!(self.dialect, Dialect::Python | Dialect::Rust);
        Ok(match next {
            'd' | 'D' => {
                self.uses(Feature::DigitEscape, start);
                negated_if(next == 'D', &if wide { Set::wide_digits() } else { Set::digits() })
            }
            'w' | 'W' => {
                self.uses(Feature::WordEscape, start);
                negated_if(next == 'W', &if wide { Set::word().union(&Set::letters()) } else { Set::word() })
            }
            's' | 'S' => {
                let wide = wide || self.is_javascript();
                negated_if(next == 'S', &if wide { Set::wide_spaces() } else { Set::spaces() })
            }
            'h' | 'H' if matches!(self.dialect, Dialect::Pcre | Dialect::Java) => {
                self.uses(Feature::HorizontalSpace, start);
                negated_if(next == 'H', &Set::of(&[(0x09, 0x09), (0x20, 0x20), (0xa0, 0xa0), (0x2000, 0x200a)]))
            }
            'N' if self.dialect == Dialect::Pcre && !in_class => self.line_breaks().negated(),
            't' => Set::one(0x09),
            'n' => Set::one(0x0a),
            'v' if matches!(self.dialect, Dialect::Pcre | Dialect::Java) => {
                Set::of(&[(0x0a, 0x0d), (0x85, 0x85), (0x2028, 0x2029)])
            }
            'v' => Set::one(0x0b),
            'f' => Set::one(0x0c),
            'r' => Set::one(0x0d),
            'a' if !self.is_javascript() => Set::one(0x07),
            'e' if matches!(self.dialect, Dialect::Pcre | Dialect::Java) => Set::one(0x1b),
            'b' if in_class => Set::one(0x08),
            'c' if !matches!(self.dialect, Dialect::Python | Dialect::Re2 | Dialect::Rust) => {
                self.uses(Feature::ControlEscape, start);
                match self.peek() {
                    Some(letter) if letter.is_ascii_alphabetic() => {
                        self.next();
                        Set::one(u32::from(letter) % 32)
                    }
                    _ if self.flags.unicode => return self.fault("a control escape without a letter"),
                    _ => {
                        self.at -= 1;
                        Set::one(u32::from('\\'))
                    }
                }
            }
            'x' => return self.hex_escape(start),
            'u' if self.dialect != Dialect::Pcre && self.dialect != Dialect::Re2 => return self.unicode_escape(start),
            'p' | 'P' if !self.is_javascript() || self.flags.unicode => return self.property(start, next == 'P'),
            '0'..='7' => {
                let mut value = next.to_digit(8).unwrap_or(0);
                let mut digits = 1;
                while let Some(digit) =
                    self.peek().and_then(|next| next.to_digit(8)).filter(|digit| digits < 3 && value * 8 + digit < 256)
                {
                    value = value * 8 + digit;
                    digits += 1;
                    self.next();
                }
                self.uses(if value == 0 && digits == 1 { Feature::NullEscape } else { Feature::Octal }, start);
                if self.flags.unicode && self.is_javascript() && (digits > 1 || value != 0) {
                    return self.fault("an octal escape");
                }
                Set::one(value)
            }
            '-' if in_class => Set::one(u32::from('-')),
            other => {
                let letter = other.is_ascii_alphanumeric();
                let syntax = matches!(
                    other,
                    '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/'
                );
                let strict = (self.is_javascript()
                    && self.flags.unicode
                    && !syntax
                    && !(in_class && self.flags.sets && other.is_ascii_punctuation()))
                    || (letter && !self.is_javascript());
                if strict {
                    return self.fault("an escape that means nothing");
                }
                if letter || other == '_' {
                    self.uses(Feature::IdentityEscape, start);
                }
                Set::one(u32::from(other))
            }
        })
    }

    fn braced_code(&mut self) -> Option<u32> {
        let close = self.rest().find('}')?;
        let digits = self.rest().get(1..close)?.to_owned();
        let code = u32::from_str_radix(digits.trim(), 16).ok().filter(|code| *code <= LAST)?;
        self.at += close + 1;
        Some(code)
    }

    fn code(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest().get(..digits)?;
        let code = text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(text, 16).ok())??;
        self.at += digits;
        Some(code)
    }

    fn hex_escape(&mut self, start: usize) -> Result<Set, Fault> {
        if self.rest().starts_with('{') && !self.is_javascript() {
            self.uses(Feature::HexBraces, start);
            return self.braced_code().map_or_else(|| self.fault("a code that is none"), |code| Ok(Set::one(code)));
        }
        match self.code(2) {
            Some(code) => Ok(Set::one(code)),
            None if self.flags.unicode || !self.is_javascript() => self.fault("a hexadecimal escape without digits"),
            None => Ok(Set::one(u32::from('x'))),
        }
    }

    fn unicode_escape(&mut self, start: usize) -> Result<Set, Fault> {
        if self.rest().starts_with('{') && (self.flags.unicode || self.dialect == Dialect::Rust) {
            let code = self.braced_code();
            self.uses(Feature::UnicodeBraces, start);
            return code.map_or_else(|| self.fault("a code that is none"), |code| Ok(Set::one(code)));
        }
        match self.code(4) {
            Some(high @ 0xd800..=0xdbff) if self.rest().starts_with("\\u") => {
                let before = self.at;
                self.at += 2;
                if let Some(low @ 0xdc00..=0xdfff) = self.code(4) {
                    return Ok(Set::one(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)));
                }
                self.at = before;
                Ok(Set::one(high))
            }
            Some(code) => {
                self.uses(Feature::UnicodeFour, start);
                Ok(Set::one(code))
            }
            None if self.flags.unicode || !self.is_javascript() => self.fault("a Unicode escape without digits"),
            None => Ok(Set::one(u32::from('u'))),
        }
    }

    fn property(&mut self, start: usize, negative: bool) -> Result<Set, Fault> {
        let name = if self.eat("{") {
            self.name('}')?
        } else if self.is_javascript() {
            return self.fault("a property without a name");
        } else {
            self.next().map(String::from).unwrap_or_default()
        };
        self.uses(Feature::Property, start);
        let (name, inverted) = name.strip_prefix('^').map_or((name.as_str(), false), |rest| (rest, true));
        let bare = name.rsplit(['=', ':']).next().unwrap_or(name).to_ascii_lowercase();
        let set = match bare.as_str() {
            "any" => Set::all(),
            "ascii" => Set::of(&[(0, 0x7f)]),
            "lu" | "upper" | "uppercase" | "uppercase_letter" => {
                Set::of(&[(0x41, 0x5a), (0xc0, 0xde), (0x391, 0x3a9), (0x410, 0x42f)])
            }
            "ll" | "lower" | "lowercase" | "lowercase_letter" => {
                Set::of(&[(0x61, 0x7a), (0xdf, 0xff), (0x3b1, 0x3c9), (0x430, 0x44f)])
            }
            "n" | "nd" | "number" | "digit" | "decimal_number" | "isdigit" => Set::wide_digits(),
            "p" | "punct" | "punctuation" | "po" | "ps" | "pe" | "pd" | "pc" => Set::of(&[
                (0x21, 0x23),
                (0x25, 0x2a),
                (0x2c, 0x2f),
                (0x3a, 0x3b),
                (0x3f, 0x40),
                (0x5b, 0x5d),
                (0x5f, 0x5f),
                (0x7b, 0x7b),
                (0x7d, 0x7d),
                (0x2010, 0x2027),
            ]),
            "s" | "symbol" | "sm" | "sc" | "sk" | "so" => Set::of(&[
                (0x24, 0x24),
                (0x2b, 0x2b),
                (0x3c, 0x3e),
                (0x5e, 0x5e),
                (0x60, 0x60),
                (0x7c, 0x7c),
                (0x7e, 0x7e),
                (0x20a0, 0x20c0),
            ]),
            "z" | "zs" | "separator" | "space_separator" | "white_space" | "space" => Set::wide_spaces(),
            "c" | "cc" | "control" | "other" => Set::of(&[(0, 0x1f), (0x7f, 0x9f)]),
            "m" | "mn" | "mark" | "mc" | "me" | "nonspacing_mark" => Set::of(&[(0x300, 0x36f)]),
            "alnum" | "word" | "id_continue" | "xid_continue" | "l&" => Set::letters().union(&Set::word()),
            "emoji" | "extended_pictographic" | "emoji_presentation" => {
                Set::of(&[(0x1f300, 0x1faff), (0x2600, 0x27bf)])
            }
            _ => Set::letters(),
        };
        Ok(negated_if(negative != inverted, &set))
    }

    pub(super) fn class(&mut self) -> Result<Set, Fault> {
        let start = self.at.saturating_sub(1);
        self.depth += 1;
        if self.depth > MAX_GROUP_DEPTH {
            return self.fault(format!("classes nested deeper than {MAX_GROUP_DEPTH}"));
        }
        let negative = self.eat("^");
        let mut set = Set::default();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        if self.rest().starts_with(']') {
            if self.is_javascript() {
                self.next();
                self.depth -= 1;
                self.uses(Feature::EmptyClass, start);
                return Ok(negated_if(negative, &set));
            }
            if !matches!(self.dialect, Dialect::Java) {
                self.next();
                ranges.push((u32::from(']'), u32::from(']')));
            }
        }
        let operations = self.flags.sets || matches!(self.dialect, Dialect::Rust | Dialect::Java);
        let mut pending: Option<(char, Set)> = None;
        loop {
            let before = self.at;
            if self.peek().is_none() {
                return self.fault("a class that is not closed");
            }
            if self.eat("]") {
                break;
            }
            let operator = ["&&", "--", "~~"].into_iter().find(|sign| self.rest().starts_with(*sign));
            if let Some(sign) = operator.filter(|sign| operations && (*sign == "&&" || self.dialect != Dialect::Java)) {
                self.at += 2;
                self.uses(Feature::ClassOperation, before);
                let left = set.union(&Set::of(&ranges));
                ranges.clear();
                set = Set::default();
                pending = Some((sign.chars().next().unwrap_or('&'), combined(pending.take(), left)));
                continue;
            }
            if self.rest().starts_with("[:") && !self.is_javascript() && self.rest().contains(":]") {
                set = set.union(&self.posix(before)?);
                continue;
            }
            if operations && self.eat("[") {
                self.uses(Feature::NestedClass, before);
                set = set.union(&self.class()?);
                continue;
            }
            let first = self.class_atom()?;
            let dashed = self.rest().starts_with('-')
                && !self.rest().starts_with("-]")
                && !(operations && self.rest().starts_with("--"));
            if dashed {
                self.next();
                let last = self.class_atom()?;
                match (single(&first), single(&last)) {
                    (Some(low), Some(high)) if low <= high => ranges.push((low, high)),
                    (Some(_), Some(_)) => {
                        self.at = before;
                        return self.fault("a range out of order");
                    }
                    // A class beside a dash: the dash stands for itself.
                    _ => {
                        ranges.push((u32::from('-'), u32::from('-')));
                        set = set.union(&first).union(&last);
                    }
                }
            } else if let Some(code) = single(&first) {
                ranges.push((code, code));
            } else {
                set = set.union(&first);
            }
        }
        self.depth -= 1;
        let mut whole = combined(pending, set.union(&Set::of(&ranges)));
        if self.flags.any_case {
            whole = whole.any_case();
        }
        Ok(negated_if(negative, &whole))
    }

    fn class_atom(&mut self) -> Result<Set, Fault> {
        let start = self.at;
        match self.next() {
            Some('\\') if self.flags.sets && self.eat("q{") => {
                // Alternatives of strings: their first characters stand for them.
                let close = self.rest().find('}').unwrap_or(0);
                let inner = self.rest().get(..close).unwrap_or_default().to_owned();
                self.at += close + 1;
                Ok(Set::of(
                    &inner
                        .split('|')
                        .filter_map(|one| one.chars().next())
                        .map(|one| (u32::from(one), u32::from(one)))
                        .collect::<Vec<_>>(),
                ))
            }
            Some('\\') => self.escaped_set(start, true),
            Some(other) => Ok(Set::one(u32::from(other))),
            None => self.fault("a class that is not closed"),
        }
    }

    fn posix(&mut self, start: usize) -> Result<Set, Fault> {
        self.at += 2;
        let negative = self.eat("^");
        let name = self.name(':')?;
        if !self.eat("]") {
            return self.fault("a class name that is not closed");
        }
        self.uses(Feature::PosixClass, start);
        let set = match name.as_str() {
            "alpha" => Set::of(&[(0x41, 0x5a), (0x61, 0x7a)]),
            "digit" => Set::digits(),
            "alnum" => Set::of(&[(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)]),
            "upper" => Set::of(&[(0x41, 0x5a)]),
            "lower" => Set::of(&[(0x61, 0x7a)]),
            "space" => Set::spaces(),
            "blank" => Set::of(&[(0x09, 0x09), (0x20, 0x20)]),
            "punct" => Set::of(&[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)]),
            "xdigit" => Set::of(&[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
            "word" => Set::word(),
            "cntrl" => Set::of(&[(0, 0x1f), (0x7f, 0x7f)]),
            "print" => Set::of(&[(0x20, 0x7e)]),
            "graph" => Set::of(&[(0x21, 0x7e)]),
            "ascii" => Set::of(&[(0, 0x7f)]),
            _ => return self.fault("a class name that is none"),
        };
        Ok(negated_if(negative, &set))
    }
}

fn negated_if(negative: bool, set: &Set) -> Set {
    if negative { set.negated() } else { set.clone() }
}

fn combined(pending: Option<(char, Set)>, right: Set) -> Set {
    match pending {
        None => right,
        Some(('&', left)) => left.intersection(&right),
        Some(('-', left)) => left.without(&right),
        Some((_, left)) => left.union(&right).without(&left.intersection(&right)),
    }
}

fn single(set: &Set) -> Option<u32> {
    match set.ranges() {
        [(start, end)] if start == end => Some(*start),
        _ => None,
    }
}
