//! Changed forms of a tool's arguments that keep their structure: what a hostile or careless caller sends.

use crate::Dice;
use serde_json::{Value, json};

/// Longest text that a change makes, in bytes.
const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Longest list that a change makes.
const MAX_ITEMS: usize = 2_000;

/// What opens something in one of the languages that tools read, and what closes it.
pub const NESTS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("<", ">"),
    ("<div>", "</div>"),
    ("<a b='", "'>"),
    ("${`", "`}"),
    ("$(", ")"),
    ("if x:\n ", "\n"),
    ("if(a){", "}"),
    ("(SELECT ", ")"),
    ("SELECT * FROM (", ") x"),
    ("- ", ""),
    ("a:\n ", ""),
    ("a: {", "}"),
    ("&a [*a,", "]"),
    ("\"{", "}\""),
    ("not ", ""),
    ("!", ""),
    ("-", ""),
    ("a.", "b"),
    ("a+", "b"),
    ("a=", "b"),
    ("x=>", "1"),
    ("f(", ")"),
    ("lambda:", "0"),
    ("var(--", ")"),
    ("calc(1 + ", ")"),
    ("{a{", "}}"),
    ("(?:", ")*"),
    ("\\", ""),
    ("/*", "*/"),
    ("/**/", ""),
    ("'", ""),
    ("\"", ""),
    ("`", ""),
    ("\n", ""),
    ("\t", ""),
    ("../", ""),
    ("{\"a\":", "}"),
    ("a[", "]"),
    ("case 1:", ""),
    ("else if(a){}", ""),
    ("@", ""),
    ("#", ""),
    ("|", ""),
    (",", ""),
];

const STRANGE: &[&str] = &[
    "\u{0}",
    "\u{feff}",
    "\u{202e}\u{2066}",
    "\u{200b}\u{200d}",
    "\u{2028}\u{2029}\u{85}",
    "\r",
    "\r\n",
    "\u{301}\u{301}\u{301}",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{10ffff}",
    "\u{dfff0}",
    "\u{fdd0}\u{ffff}",
    "\u{130}\u{df}\u{1e9e}\u{fb01}",
    "\u{ff21}\u{ff10}",
    "\u{661}\u{662}",
    "%00%ff%",
    "\\u0000\\ud800\\x",
    "&#x110000;&nope;&amp",
    "{{}}{%%}<%%>",
    "__proto__",
    "constructor",
    "null",
    "undefined",
    "NaN",
    "-0",
    "1e999",
    "0x",
    "---\n...\n",
    "<<: *x\n",
    "<!--",
    "]]>",
    "*/",
    "EOF\n",
];

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "99999999999999999999999999999999999999999999",
    "0.1",
    "1e308",
    "-1e-308",
    "00",
];

const MARKS: &str = "{}[]()<>\"'`\\/:;,.-+*=&|!?@#$%^~_ \n\t\r\u{0}\u{200b}\u{202e}\u{1f600}\u{e9}0a";

impl Dice {
    /// The arguments with one to three changes; `others` are arguments of other calls, from which pieces are taken.
    pub fn vary(&mut self, arguments: &Value, others: &[Value]) -> Value {
        let mut varied = arguments.clone();
        for _ in 0..=self.below(3) {
            let places = places_of(&varied);
            let at = places.get(self.below(places.len())).cloned().unwrap_or_default();
            let donor = others.get(self.below(others.len())).cloned().unwrap_or_default();
            if let Some(place) = varied.pointer_mut(&at) {
                self.change(place, &donor);
            }
        }
        varied
    }

    fn change(&mut self, place: &mut Value, donor: &Value) {
        match place {
            Value::String(text) => *text = self.change_text(text, donor),
            Value::Number(_) => *place = serde_json::from_str(self.one_of(NUMBERS)).unwrap_or(json!(-1)),
            Value::Bool(is) => *is = !*is,
            Value::Null => *place = donor.clone(),
            Value::Array(items) => self.change_list(items),
            Value::Object(members) => {
                let name = members.keys().nth(self.below(members.len())).cloned().unwrap_or_default();
                match self.below(4) {
                    0 => drop(members.remove(&name)),
                    1 => drop(members.insert(self.one_of(STRANGE).to_owned(), donor.clone())),
                    2 => drop(members.insert(name, donor.clone())),
                    _ => {
                        let value = members.remove(&name).unwrap_or_default();
                        members.insert(self.mutate(&name, MARKS), value);
                    }
                }
            }
        }
    }

    fn change_list(&mut self, items: &mut Vec<Value>) {
        let at = self.below(items.len());
        match (self.below(5), items.get(at).cloned()) {
            (0, _) => items.clear(),
            (1, _) => items.reverse(),
            (2, Some(item)) => {
                let most = (MAX_TEXT_BYTES / (item.to_string().len() + 1)).min(MAX_ITEMS);
                items.resize(items.len() + self.below(most), item);
            }
            (3, Some(item)) => items.push(item),
            (_, Some(_)) => drop(items.remove(at)),
            (_, None) => items.push(json!({})),
        }
    }

    fn change_text(&mut self, text: &str, donor: &Value) -> String {
        let changed = match self.below(12) {
            0..=3 => self.mutate(text, MARKS),
            4 | 5 => {
                let nest = self.nest();
                self.inserted(text, &nest)
            }
            6 => {
                let times = 2 + self.below(1_000);
                repeated(text, times)
            }
            7 => {
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let line = lines.get(self.below(lines.len())).copied().unwrap_or_default();
                let many = repeated(line, 1 + self.below(1_000));
                self.inserted(text, &many)
            }
            8 => self.with_other_number(text),
            9 => {
                let (strange, times) = (self.one_of(STRANGE), 1 + self.below(3).pow(8));
                self.inserted(text, &repeated(strange, times))
            }
            10 => {
                let (few, many) = (self.below(text.len()), self.below(2) == 0);
                let start = if many { String::new() } else { text.chars().take(few % 3).collect() };
                start + self.one_of(&["", " ", "\n", "\t\n", "\u{feff}"])
            }
            _ => {
                let texts: Vec<&str> = places_of(donor).iter().filter_map(|at| donor.pointer(at)?.as_str()).collect();
                let piece = texts.get(self.below(texts.len())).copied().unwrap_or("x").to_owned();
                if self.below(2) == 0 { piece } else { self.inserted(text, &piece) }
            }
        };
        cut(changed, 4 * MAX_TEXT_BYTES)
    }

    fn nest(&mut self) -> String {
        let (open, close) = NESTS.get(self.below(NESTS.len())).copied().unwrap_or_default();
        let depth = [3, 60, 120, 199, 201, 513, 2_000, 20_000, 100_000][self.below(9)];
        let core = self.one_of(&["", "1", "a", "x y"]);
        let closed = if self.below(3) == 0 { String::new() } else { repeated(close, depth) };
        format!("{}{core}{closed}", repeated(open, depth))
    }

    fn with_other_number(&mut self, text: &str) -> String {
        let runs: Vec<(usize, &str)> = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|run| !run.is_empty())
            .map(|run| (offset(text, run), run))
            .collect();
        let number = self.one_of(NUMBERS);
        match runs.get(self.below(runs.len())) {
            None => self.inserted(text, number),
            Some((at, run)) => {
                let (before, after) = (text.get(..*at), text.get(at + run.len()..));
                format!("{}{number}{}", before.unwrap_or_default(), after.unwrap_or_default())
            }
        }
    }

    fn inserted(&mut self, text: &str, piece: &str) -> String {
        let at = match self.below(4) {
            0 => 0,
            1 => text.len(),
            _ => self.below(text.len() + 1),
        };
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let (before, after) = text.split_at(at);
        [before, piece, after].concat()
    }

    fn one_of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }
}

fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

fn repeated(text: &str, times: usize) -> String {
    text.repeat(times.min(MAX_TEXT_BYTES / text.len().max(1)))
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let at = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(at);
    }
    text
}

/// JSON pointers of everything in a value, what is inside before what holds it.
pub fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                collect(inner, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                collect(inner, format!("{at}/{index}"), found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    found.push(at);
}

// The same, texts oftener than all else.
fn places_of(value: &Value) -> Vec<String> {
    let times = |at: &String| if value.pointer(at).is_some_and(Value::is_string) { 4 } else { 1 };
    pointers(value).into_iter().flat_map(|at| vec![at.clone(); times(&at)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varies_any_arguments_alike_in_every_run() {
        let arguments = json!({ "source": "a: 1\n", "files": [{ "path": "a", "source": "\u{1f600}" }], "depth": 3, "all": true, "none": null });
        let made = |seed: u64| {
            (0..2_000_u64)
                .map(|index| Dice::new(seed + index).vary(&arguments, &[json!({ "x": "piece" })]))
                .collect::<Vec<_>>()
        };
        let variants = made(1);
        assert_eq!(variants, made(1));
        assert!(variants.iter().filter(|varied| **varied != arguments).count() > 1_800);
        assert!(variants.iter().any(|varied| varied.to_string().len() > 100_000));
    }
}
