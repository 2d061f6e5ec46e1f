//! Reads constraints and turns them into conditions over sets of values.
//!
//! Owns the language of conditions and their three-valued truth on partly decided rows; refuses to own the search.

use super::model::{Fault, Model, Parameter, number};
use std::cmp::Ordering;

/// Most constraints of a model.
pub const MAX_CONSTRAINTS: usize = 1_000;
/// Deepest nesting of a condition.
pub const MAX_DEPTH: usize = 100;

/// A set of values of one parameter.
pub(super) type Domain = [u64; 4];

/// The set of the first `count` values.
pub(super) fn full(count: usize) -> Domain {
    let mut set = [0; 4];
    (0..count).for_each(|value| insert(&mut set, value));
    set
}

/// The set of one value.
pub(super) fn single(value: usize) -> Domain {
    let mut set = [0; 4];
    insert(&mut set, value);
    set
}

/// Puts a value in.
pub(super) fn insert(set: &mut Domain, value: usize) {
    if let Some(word) = set.get_mut(value / 64) {
        *word |= 1 << (value % 64);
    }
}

/// Takes a value out.
pub(super) fn remove(set: &mut Domain, value: usize) {
    if let Some(word) = set.get_mut(value / 64) {
        *word &= !(1 << (value % 64));
    }
}

/// Whether a value is in the set.
pub(super) fn contains(set: &Domain, value: usize) -> bool {
    set.get(value / 64).is_some_and(|word| word >> (value % 64) & 1 == 1)
}

/// How many values are in the set.
pub(super) fn count(set: &Domain) -> u32 {
    set.iter().map(|word| word.count_ones()).sum()
}

/// The values of a set.
pub(super) fn values(set: &Domain) -> impl Iterator<Item = usize> + use<> {
    let mut left = *set;
    std::iter::from_fn(move || {
        let (at, word) = left.iter_mut().enumerate().find(|(_, word)| **word != 0)?;
        let bit = word.trailing_zeros() as usize;
        *word &= *word - 1;
        Some(at * 64 + bit)
    })
}

fn and(a: &Domain, b: &Domain) -> Domain {
    [a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]]
}

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Open,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// A parameter has one of these values.
    One(usize, Domain),
    /// Two parameters have values that fit: for each value of the first, those of the second; and the other way round.
    Two(usize, usize, Vec<Domain>, Vec<Domain>),
    /// A row has an out-of-range value.
    AnyNegative,
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

impl Condition {
    /// Its truth for every row within the domains.
    pub(super) fn truth(&self, domains: &[Domain], negatives: &[Domain]) -> Truth {
        match self {
            Self::One(parameter, allowed) => {
                domains.get(*parameter).map_or(Truth::Open, |domain| within(domain, allowed))
            }
            Self::Two(first, second, forward, backward) => {
                let (Some(a), Some(b)) = (domains.get(*first), domains.get(*second)) else { return Truth::Open };
                if first == second {
                    let mut fitting = [0; 4];
                    values(a)
                        .filter(|value| forward.get(*value).is_some_and(|set| contains(set, *value)))
                        .for_each(|value| insert(&mut fitting, value));
                    return within(a, &fitting);
                }
                if count(a) == 1 {
                    values(a)
                        .next()
                        .and_then(|value| forward.get(value))
                        .map_or(Truth::Open, |allowed| within(b, allowed))
                } else if count(b) == 1 {
                    values(b)
                        .next()
                        .and_then(|value| backward.get(value))
                        .map_or(Truth::Open, |allowed| within(a, allowed))
                } else {
                    Truth::Open
                }
            }
            Self::AnyNegative => {
                let mut open = false;
                for (domain, negative) in domains.iter().zip(negatives) {
                    match within(domain, negative) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Open => open = true,
                        Truth::No => {}
                    }
                }
                if open { Truth::Open } else { Truth::No }
            }
            Self::Not(inner) => match inner.truth(domains, negatives) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Open => Truth::Open,
            },
            Self::And(parts) => {
                let mut open = false;
                for part in parts {
                    match part.truth(domains, negatives) {
                        Truth::No => return Truth::No,
                        Truth::Open => open = true,
                        Truth::Yes => {}
                    }
                }
                if open { Truth::Open } else { Truth::Yes }
            }
            Self::Or(parts) => {
                let mut open = false;
                for part in parts {
                    match part.truth(domains, negatives) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Open => open = true,
                        Truth::No => {}
                    }
                }
                if open { Truth::Open } else { Truth::No }
            }
        }
    }

    /// The parameters it speaks of.
    pub(super) fn parameters(&self, all: usize, found: &mut Vec<usize>) {
        match self {
            Self::One(parameter, _) => found.push(*parameter),
            Self::Two(first, second, _, _) => found.extend([*first, *second]),
            Self::AnyNegative => found.extend(0..all),
            Self::Not(inner) => inner.parameters(all, found),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.parameters(all, found)),
        }
    }
}

fn within(domain: &Domain, allowed: &Domain) -> Truth {
    let common = and(domain, allowed);
    if common == *domain {
        Truth::Yes
    } else if common == [0; 4] {
        Truth::No
    } else {
        Truth::Open
    }
}

/// What reading the constraints gave.
#[derive(Debug, Default)]
pub(super) struct Constraints {
    /// Conditions that all must hold, each with the line it starts on.
    pub conditions: Vec<(Condition, u32)>,
    /// What cannot be understood.
    pub faults: Vec<Fault>,
    /// What is understood and certainly not meant: a constraint that speaks of nothing the model has.
    pub doubts: Vec<Fault>,
}

#[derive(Debug, Clone, PartialEq)]
enum Word {
    Name(String),
    Text(String),
    Number(f64),
    Bare(String),
    Sign(&'static str),
}

/// Reads the constraints of a model.
pub(super) fn read(model: &Model) -> Constraints {
    let mut read = Constraints::default();
    let words = match words(&model.constraints, model.constraints_line) {
        Ok(words) => words,
        Err(fault) => {
            read.faults.push(fault);
            return read;
        }
    };
    let mut reader = Reader { model, words: &words, at: 0, depth: 0, doubts: Vec::new() };
    while reader.at < words.len() {
        let line = reader.line();
        if reader.take(&[";"]).is_some() {
            continue;
        }
        match reader.constraint() {
            Ok(Some(condition)) => read.conditions.push((condition, line)),
            Ok(None) => {}
            Err(fault) => {
                read.faults.push(fault);
                break;
            }
        }
        if read.conditions.len() > MAX_CONSTRAINTS {
            read.faults.push(Fault { line, what: format!("is one constraint more than {MAX_CONSTRAINTS}") });
            break;
        }
    }
    read.doubts = reader.doubts;
    read
}

const SIGNS: [&str; 12] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", "{", "}", ",", ";"];

fn words(text: &str, first_line: u32) -> Result<Vec<(Word, u32)>, Fault> {
    let mut found = Vec::new();
    let mut line = first_line;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        let closing = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        if let Some(closing) = closing {
            let inside = rest.get(1..).unwrap_or_default();
            // A backslash keeps the sign behind it from ending the name or text.
            let (mut text, mut escaped, mut end) = (String::new(), false, None);
            for (at, sign) in inside.char_indices() {
                match sign {
                    '\\' if !escaped => escaped = true,
                    _ if sign == closing && !escaped => {
                        end = Some(at);
                        break;
                    }
                    _ => {
                        if escaped && !matches!(sign, '\\' | ']' | '"') {
                            text.push('\\');
                        }
                        text.push(sign);
                        escaped = false;
                    }
                }
            }
            let Some(end) = end else {
                return Err(Fault { line, what: format!("opens `{first}` without closing it") });
            };
            taken = end + 2;
            let lines = u32::try_from(text.matches('\n').count()).unwrap_or(0);
            found.push((if first == '[' { Word::Name(text) } else { Word::Text(text) }, line));
            line += lines;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            taken = sign.len();
            found.push((Word::Sign(sign), line));
        } else if first.is_whitespace() {
            line += u32::from(first == '\n');
        } else {
            taken =
                rest.find(|c: char| c.is_whitespace() || "[]\"<>=(){},;".contains(c)).unwrap_or(rest.len()).max(taken);
            let word = rest.get(..taken).unwrap_or_default();
            found.push((number(word).map_or_else(|| Word::Bare(word.to_owned()), Word::Number), line));
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(found)
}

struct Reader<'m> {
    model: &'m Model,
    words: &'m [(Word, u32)],
    at: usize,
    depth: usize,
    doubts: Vec<Fault>,
}

// Nothing where the condition speaks of a parameter that the model lacks: PICT then leaves the constraint out.
type Read = Result<Option<Condition>, Fault>;

enum Value {
    Text(String),
    Number(f64),
}

impl Reader<'_> {
    fn line(&self) -> u32 {
        self.words.get(self.at).or_else(|| self.words.last()).map_or(0, |(_, line)| *line)
    }

    fn fault<T>(&self, what: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { line: self.line(), what: what.into() })
    }

    fn take(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let Some((Word::Sign(sign), _)) = self.words.get(self.at) else { return None };
        let sign = signs.iter().find(|wanted| *wanted == sign)?;
        self.at += 1;
        Some(sign)
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let taken = matches!(self.words.get(self.at), Some((Word::Bare(word), _)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(taken);
        taken
    }

    fn constraint(&mut self) -> Read {
        let condition = if self.take_word("if") {
            let premise = self.either()?;
            if !self.take_word("then") {
                return self.fault("has an IF without THEN");
            }
            let then = self.either()?;
            let otherwise = if self.take_word("else") { Some(self.either()?) } else { None };
            match (premise, then, otherwise) {
                (Some(premise), Some(then), None) => Some(Condition::Or(vec![Condition::Not(Box::new(premise)), then])),
                (Some(premise), Some(then), Some(Some(otherwise))) => Some(Condition::And(vec![
                    Condition::Or(vec![Condition::Not(Box::new(premise.clone())), then]),
                    Condition::Or(vec![premise, otherwise]),
                ])),
                _ => None,
            }
        } else {
            self.either()?
        };
        if self.take(&[";"]).is_none() {
            return self.fault("has no `;` at the end of a constraint, or something else before it");
        }
        Ok(condition)
    }

    fn either(&mut self) -> Read {
        self.joined("or", |reader| reader.joined("and", Self::clause, Condition::And), Condition::Or)
    }

    fn joined(
        &mut self,
        word: &str,
        mut part: impl FnMut(&mut Self) -> Read,
        join: impl FnOnce(Vec<Condition>) -> Condition,
    ) -> Read {
        let mut parts = vec![part(self)?];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        let Some(mut parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        Ok(if parts.len() == 1 { parts.pop() } else { Some(join(parts)) })
    }

    fn clause(&mut self) -> Read {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fault(format!("nests conditions deeper than {MAX_DEPTH}"));
        }
        let read = if self.take_word("not") {
            self.clause().map(|inner| inner.map(|inner| Condition::Not(Box::new(inner))))
        } else if self.take(&["("]).is_some() {
            let inner = self.either()?;
            if self.take(&[")"]).is_none() {
                return self.fault("opens `(` without closing it");
            }
            Ok(inner)
        } else {
            self.term()
        };
        self.depth -= 1;
        read
    }

    fn parameter(&mut self, name: &str) -> Option<usize> {
        let found = self.model.find(name);
        if found.is_none() {
            let line = self.line();
            self.doubts.push(Fault {
                line,
                what: "names a parameter that the model lacks; the constraint is left out".to_owned(),
            });
        }
        found
    }

    fn term(&mut self) -> Read {
        for (function, negative) in [("isnegative", true), ("ispositive", false)] {
            if self.take_word(function) {
                return self.sign_test(negative);
            }
        }
        let Some((Word::Name(name), _)) = self.words.get(self.at) else {
            return self.fault("lacks a parameter in square brackets, such as [Size]");
        };
        let parameter = self.parameter(name);
        self.at += 1;
        if self.take_word("like") {
            let Some((Word::Text(pattern), _)) = self.words.get(self.at) else {
                return self.fault("has LIKE without a text in quotes behind it");
            };
            self.at += 1;
            let pattern = pattern.to_lowercase();
            return self.values_that(parameter, |value| like(&pattern, &value.to_lowercase()));
        }
        let negated = self.take_word("not");
        if self.take_word("in") {
            return self.member(parameter, negated);
        }
        let Some(relation) = self.take(&["<>", "<=", ">=", "=", "<", ">"]).filter(|_| !negated) else {
            return self.fault("lacks one of = <> < <= > >= IN LIKE behind a parameter");
        };
        if let Some((Word::Name(other), _)) = self.words.get(self.at) {
            let other = self.parameter(other);
            self.at += 1;
            return self.between(parameter, other, relation);
        }
        let value = self.value()?;
        self.know(parameter, &value);
        self.compare(parameter, relation, &value)
    }

    fn sign_test(&mut self, negative: bool) -> Read {
        if self.take(&["("]).is_none() {
            return self.fault("lacks `(` behind a function");
        }
        let parameter = match self.words.get(self.at) {
            Some((Word::Name(name) | Word::Bare(name), _)) => {
                let name = name.clone();
                let parameter = self.parameter(&name);
                self.at += 1;
                Some(parameter)
            }
            _ => None,
        };
        if self.take(&[")"]).is_none() {
            return self.fault("lacks `)` behind a function");
        }
        let condition = match parameter {
            None => Some(Condition::AnyNegative),
            Some(parameter) => parameter.and_then(|index| {
                let choices = &self.model.parameters.get(index)?.choices;
                let mut set = [0; 4];
                choices
                    .iter()
                    .enumerate()
                    .filter(|(_, choice)| choice.negative)
                    .for_each(|(at, _)| insert(&mut set, at));
                Some(Condition::One(index, set))
            }),
        };
        Ok(condition.map(|condition| if negative { condition } else { Condition::Not(Box::new(condition)) }))
    }

    fn member(&mut self, parameter: Option<usize>, negated: bool) -> Read {
        if self.take(&["{"]).is_none() {
            return self.fault("has IN without a set in braces behind it");
        }
        let mut parts = Vec::new();
        while self.take(&["}"]).is_none() {
            if !parts.is_empty() && self.take(&[","]).is_none() {
                return self.fault("has a set whose values no comma parts, or that is not closed");
            }
            let value = self.value()?;
            self.know(parameter, &value);
            parts.push(self.compare(parameter, "=", &value)?);
        }
        let parts: Option<Vec<_>> = parts.into_iter().collect();
        Ok(parts.filter(|_| parameter.is_some()).map(|parts| {
            let any = Condition::Or(parts);
            if negated { Condition::Not(Box::new(any)) } else { any }
        }))
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let value = match self.words.get(self.at) {
            Some((Word::Text(text), _)) => Value::Text(text.clone()),
            Some((Word::Number(number), _)) => Value::Number(*number),
            _ => return self.fault("lacks a number, or a text in quotes, behind a sign"),
        };
        self.at += 1;
        Ok(value)
    }

    // Says when a value is compared that the parameter does not have.
    fn know(&mut self, parameter: Option<usize>, value: &Value) {
        let Some(parameter) = parameter.and_then(|index| self.model.parameters.get(index)) else { return };
        let Value::Text(text) = value else { return };
        let known = parameter.choices.iter().filter_map(|choice| choice.names.first());
        if !parameter.is_numeric() && !known.clone().any(|name| name.to_lowercase() == text.to_lowercase()) {
            let near = octavo_toolkit::suggest::nearest(text, known.map(String::as_str));
            let hint = near.map_or(String::new(), |near| format!("; {near:?} is near"));
            let what = format!("compares {} with a value that it does not have{hint}", parameter.name);
            self.doubts.push(Fault { line: self.line(), what });
        }
    }

    fn compare(&mut self, parameter: Option<usize>, relation: &str, value: &Value) -> Read {
        let numeric = parameter.and_then(|index| self.model.parameters.get(index)).map(Parameter::is_numeric);
        match (value, numeric) {
            (Value::Number(_), Some(false)) => {
                self.fault("compares a parameter of texts with a number; put the value in quotes")
            }
            (Value::Text(_), Some(true)) => {
                self.fault("compares a parameter of numbers with a text; leave out the quotes")
            }
            (Value::Number(wanted), _) => self.values_that(parameter, |name| {
                number(name).and_then(|own| own.partial_cmp(wanted)).is_some_and(|order| holds(relation, order))
            }),
            (Value::Text(wanted), _) => {
                let wanted = wanted.to_lowercase();
                self.values_that(parameter, |name| holds(relation, name.to_lowercase().cmp(&wanted)))
            }
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "every term is read the same way")]
    fn values_that(&self, parameter: Option<usize>, fits: impl Fn(&str) -> bool) -> Read {
        let Some(index) = parameter else { return Ok(None) };
        let Some(parameter) = self.model.parameters.get(index) else { return Ok(None) };
        let mut set = [0; 4];
        for (at, choice) in parameter.choices.iter().enumerate() {
            if choice.names.first().is_some_and(|name| fits(name)) {
                insert(&mut set, at);
            }
        }
        Ok(Some(Condition::One(index, set)))
    }

    fn between(&mut self, first: Option<usize>, second: Option<usize>, relation: &str) -> Read {
        let (Some(first), Some(second)) = (first, second) else { return Ok(None) };
        let (Some(a), Some(b)) = (self.model.parameters.get(first), self.model.parameters.get(second)) else {
            return Ok(None);
        };
        let numeric = a.is_numeric();
        if numeric != b.is_numeric() {
            return self.fault("compares a parameter of numbers with one of texts");
        }
        let name = |choice: &super::model::Choice| choice.names.first().cloned().unwrap_or_default();
        let mut forward = vec![[0; 4]; a.choices.len()];
        let mut backward = vec![[0; 4]; b.choices.len()];
        for (at, one) in a.choices.iter().enumerate() {
            for (to, other) in b.choices.iter().enumerate() {
                let order = if numeric {
                    number(&name(one)).zip(number(&name(other))).and_then(|(one, other)| one.partial_cmp(&other))
                } else {
                    Some(name(one).to_lowercase().cmp(&name(other).to_lowercase()))
                };
                if order.is_some_and(|order| holds(relation, order)) {
                    forward.get_mut(at).into_iter().for_each(|set| insert(set, to));
                    backward.get_mut(to).into_iter().for_each(|set| insert(set, at));
                }
            }
        }
        Ok(Some(Condition::Two(first, second, forward, backward)))
    }
}

fn holds(relation: &str, order: Ordering) -> bool {
    match relation {
        "=" => order.is_eq(),
        "<>" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}

// `*` stands for any characters, `?` for one. Linear in the product of the lengths.
fn like(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for sign in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            let before = at > 0 && reached[at - 1];
            next[at] = match sign {
                '*' => reached[at] || at > 0 && next[at - 1],
                '?' => before,
                _ => before && text[at - 1] == sign,
            };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(text: &str) -> Constraints {
        read(&Model::parse(&format!("A: 1, 2, 3\nB: x, y, ~Z\nC: 1, 2, 3\n{text}")))
    }

    fn allowed(text: &str) -> Vec<String> {
        let read = conditions(text);
        assert_eq!(read.faults, [], "{text}");
        let negatives = [[0; 4], single(2), [0; 4]];
        let mut rows = Vec::new();
        for a in 0..3 {
            for b in 0..3 {
                for c in 0..3 {
                    let domains = [single(a), single(b), single(c)];
                    if read.conditions.iter().all(|(condition, _)| condition.truth(&domains, &negatives) == Truth::Yes)
                    {
                        rows.push(format!("{}{}{}", a + 1, ["x", "y", "Z"][b], c + 1));
                    }
                }
            }
        }
        rows
    }

    #[test]
    fn conditions_mean_what_pict_says() {
        assert_eq!(allowed("[A] = 1; [B] = \"X\"; [C] >= 2;"), ["1x2", "1x3"]);
        assert_eq!(allowed("IF [A] < 3 THEN [B] = \"y\" ELSE [B] = \"x\"; [C] = [A];"), ["1y1", "2y2", "3x3"]);
        assert_eq!(allowed("[A] IN {1, 3}; [B] LIKE \"?\" ; NOT [B] in {\"x\",\"y\"}; [C] < [A];"), ["3Z1", "3Z2"]);
        assert_eq!(
            allowed("if not (IsNegative(B) or [A] <> 2) and ispositive() then [C] = 3; [A]=2; [B]<>\"x\";"),
            ["2y3", "2Z1", "2Z2", "2Z3"]
        );
        assert_eq!(allowed("[A] = 1; [C] <> [C];"), Vec::<String>::new());
        assert_eq!(words("\"a\\\"\\]\\b\"", 1).map(|words| words[0].0.clone()), Ok(Word::Text("a\"]\\b".to_owned())));
    }

    #[test]
    fn tells_what_cannot_be_meant() {
        for text in
            ["[A] = \"1\";", "[B] = 1;", "[A] = [B];", "[A] = 1", "IF [A] = 1;", "[A", "[A] IN 1;", "[A] = 1 [B];"]
        {
            assert_eq!(conditions(text).faults.len(), 1, "{text}");
        }
        assert!(
            conditions(&format!("{}[A]=1{};", "(".repeat(MAX_DEPTH + 1), ")".repeat(MAX_DEPTH + 1))).faults.len() == 1
        );
        assert!(
            conditions(&format!("{}[A]=1{};", "(".repeat(MAX_DEPTH - 1), ")".repeat(MAX_DEPTH - 1))).faults.is_empty()
        );
        assert_eq!(conditions("[D] = 1; [B] = \"xx\";").doubts.len(), 2);
        assert!(conditions(&"[A]=1;".repeat(MAX_CONSTRAINTS)).faults.is_empty());
        assert_eq!(conditions(&"[A]=1;".repeat(MAX_CONSTRAINTS + 1)).faults.len(), 1);
    }

    #[test]
    fn patterns_match_whole_names() {
        assert!(
            like("fat*", "fat32") && like("*", "") && like("?a*t", "faat") && !like("fat", "fat32") && !like("?", "")
        );
    }
}
