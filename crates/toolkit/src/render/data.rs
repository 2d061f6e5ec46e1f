//! A page of a report's `data`: a result may be longer than a model can read, and nothing of it may be lost.
//!
//! What can be cut is an atom: an item of a list that has no list inside, or a piece of a long text. Everything else (the
//! fields of objects, short texts, numbers) is the frame, which every page repeats, so that each page is valid by itself.
//! Lists and texts put together from all pages, in order, are the whole.

use crate::tokens::estimate;
use serde_json::{Map, Value};

/// A text longer than this is cut in pieces of this length, in characters.
const PIECE_CHARS: usize = 400;

/// A page of data.
#[derive(Debug, PartialEq)]
pub(super) struct Portion {
    /// The frame with the atoms of this page.
    pub(super) value: Value,
    /// Tokens of the atoms and of the frames of list items around them, once.
    pub(super) tokens: usize,
    /// The first atom of the next page, if there is one.
    pub(super) next: Option<usize>,
}

/// The atoms of `data` from the one numbered `from`, as many as `room` tokens hold. The outermost frame is not counted.
/// `at_least_one` takes the first atom even where it does not fit.
pub(super) fn portion(data: &Value, from: usize, room: usize, at_least_one: bool) -> Portion {
    let mut cutter = Cutter { from, at: 0, room, spent: 0, owed: 0, must: at_least_one, next: None };
    let value = cutter.frame(data);
    Portion { value, tokens: cutter.spent, next: cutter.next }
}

struct Cutter {
    from: usize,
    // Number of the atom that comes next.
    at: usize,
    room: usize,
    spent: usize,
    // Tokens of the frames around the next atom that are not on this page yet.
    owed: usize,
    must: bool,
    next: Option<usize>,
}

impl Cutter {
    // Whether the next atom is on this page.
    fn takes(&mut self, tokens: impl FnOnce() -> usize) -> bool {
        let at = self.at;
        self.at += 1;
        if at < self.from || self.next.is_some() {
            return false;
        }
        let tokens = self.owed + tokens();
        if self.spent + tokens > self.room && !self.must {
            self.next = Some(at);
            return false;
        }
        self.must = false;
        self.spent += tokens;
        self.owed = 0;
        true
    }

    // A value that every page has, with what this page has of its atoms.
    fn frame(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().filter_map(|item| self.item(item)).collect()),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), self.frame(value))).collect())
            }
            Value::String(text) if is_long(text) => Value::String(self.pieces(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    // An item of a list, if this page has it or a part of it.
    fn item(&mut self, item: &Value) -> Option<Value> {
        if !has_atoms(item) {
            return self.takes(|| estimate(&item.to_string()) + 1).then(|| item.clone());
        }
        if self.next.is_some() {
            return None;
        }
        let (spent, owed) = (self.spent, self.owed);
        self.owed += estimate(&bare(item).to_string()) + 1;
        let framed = self.frame(item);
        let is_here = self.spent > spent;
        if !is_here {
            self.owed = owed;
        }
        is_here.then_some(framed)
    }

    fn pieces(&mut self, text: &str) -> String {
        let mut kept = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.char_indices().nth(PIECE_CHARS).map_or(rest.len(), |(at, _)| at);
            let Some((piece, after)) = rest.split_at_checked(end) else { break };
            if self.takes(|| estimate(piece) + 1) {
                kept.push_str(piece);
            }
            rest = after;
        }
        kept
    }
}

fn is_long(text: &str) -> bool {
    text.len() > PIECE_CHARS && text.chars().nth(PIECE_CHARS).is_some()
}

fn has_atoms(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => members.values().any(has_atoms),
        Value::String(text) => is_long(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a value's texts and names have no more bytes than `most`, as far as one must look to tell.
pub(super) fn is_short(value: &Value, most: usize) -> bool {
    fn rest(value: &Value, left: usize) -> Option<usize> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => left.checked_sub(1),
            Value::String(text) => left.checked_sub(text.len() + 2),
            Value::Array(items) => items.iter().try_fold(left, |left, item| rest(item, left)),
            Value::Object(members) => {
                members.iter().try_fold(left, |left, (name, value)| rest(value, left.checked_sub(name.len() + 3)?))
            }
        }
    }
    rest(value, most).is_some()
}

// The frame alone.
pub(super) fn bare(value: &Value) -> Value {
    match value {
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), bare(value))).collect::<Map<_, _>>())
        }
        Value::String(text) if is_long(text) => Value::String(String::new()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // What a reader does with the pages: texts and lists one after the other; an item of a list that was cut goes on where
    // it stopped, which its `id` tells.
    fn join(whole: &mut Value, page: &Value) {
        match (whole, page) {
            (Value::Object(whole), Value::Object(page)) => {
                for (name, value) in page {
                    match whole.get_mut(name) {
                        Some(own) => join(own, value),
                        None => {
                            whole.insert(name.clone(), value.clone());
                        }
                    }
                }
            }
            (Value::Array(whole), Value::Array(page)) => {
                for item in page {
                    match whole.last_mut() {
                        Some(last) if item.get("id").is_some() && last.get("id") == item.get("id") => join(last, item),
                        _ => whole.push(item.clone()),
                    }
                }
            }
            (Value::String(whole), Value::String(page)) if *whole != *page => whole.push_str(page),
            _ => {}
        }
    }

    fn sample() -> Value {
        json!({
            "total": 7,
            "rows": (0..50).map(|n| json!({ "name": format!("row number {n}"), "n": n })).collect::<Vec<_>>(),
            "text": "line of text\n".repeat(200),
            "none": null,
            "empty": [],
            "nested": (0..5).map(|n| json!({ "id": n, "empty": [], "list": (0..20).collect::<Vec<_>>() })).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn pages_put_together_are_the_whole() {
        let whole = sample();
        for room in [1, 40, 100, 333, 5000] {
            let mut joined = bare(&whole);
            let (mut from, mut pages) = (0, 0);
            loop {
                let page = portion(&whole, from, room, true);
                assert_eq!(page.value["total"], 7, "the frame is on every page");
                join(&mut joined, &page.value);
                pages += 1;
                match page.next {
                    Some(next) => {
                        assert!(next > from, "each page brings something");
                        from = next;
                    }
                    None => break,
                }
            }
            assert_eq!(joined, whole, "{room} tokens a page");
            assert_eq!(pages == 1, room == 5000, "{room} tokens a page: {pages} pages");
        }
    }

    #[test]
    fn a_page_holds_what_it_may() {
        let whole = sample();
        let page = portion(&whole, 0, 300, false);
        assert!(page.tokens <= 300 && page.tokens > 250, "{}", page.tokens);
        assert!(estimate(&page.value.to_string()) < 300 + estimate(&bare(&whole).to_string()) + 20);
        assert_eq!(portion(&whole, 0, 0, false).value, bare(&whole));
    }

    #[test]
    fn what_has_no_lists_is_never_cut() {
        let value = json!({ "a": 1, "b": { "c": "short" } });
        assert_eq!(portion(&value, 0, 0, false), Portion { value: value.clone(), tokens: 0, next: None });
    }
}
