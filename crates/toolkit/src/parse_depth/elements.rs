//! Angle brackets: type arguments, comparisons, and the elements of JSX with their attributes and text.

use super::{Before, Kind, Last, MAX_DOUBLINGS, Scan, State, TRIAL_BYTES, TYPE_ARGUMENTS, is_word, precedence};
use crate::limits::MAX_NESTING_DEPTH;

impl Scan<'_> {
    pub(super) fn less(&mut self) {
        if self.follows("<!--") {
            return self.doubt();
        }
        let operand = matches!(self.before, Before::Operand | Before::Modifier);
        if self.dialect.has_elements() && (!operand || self.line_broken) {
            let after = self.behind_space(self.at + 1);
            let element = self.bytes.get(after).is_some_and(|byte| is_word(*byte) || matches!(byte, b'>' | b'\\'));
            if element {
                let begins = matches!(self.before, Before::Operator | Before::Start);
                let generics = if self.dialect.has_types() { self.generics(after) } else { Some(false) };
                match generics.or_else(|| self.is_no_element(after).then_some(true)) {
                    Some(false) if begins => return self.element(after),
                    Some(true) if begins => {}
                    _ => return self.doubt(),
                }
            }
        }
        match (self.peek(1), self.peek(2)) {
            (Some(b'='), _) => self.binary(2, precedence::RELATION),
            (Some(b'<'), Some(b'=')) if !self.dialect.has_types() => self.assignment(3),
            (Some(b'<'), _) if !self.dialect.has_types() => self.binary(2, precedence::SHIFT),
            _ if !self.dialect.has_types() => self.binary(1, precedence::RELATION),
            _ => {
                // Without an operand before it, what stands behind it takes an operand again.
                self.link(usize::from(!operand));
                // A shift, or two type arguments.
                let signs = if self.peek(1) == Some(b'<') { 2 } else { 1 };
                let weight = signs * self.weights.angle;
                self.change(|frame| frame.angles += weight);
                self.binary(signs, precedence::RELATION);
            }
        }
    }

    pub(super) fn greater(&mut self) {
        if self.dialect.has_types() && self.frames.last().is_some_and(|frame| frame.angles > 0) {
            let weight = self.weights.angle;
            self.change(|frame| frame.angles -= weight);
            self.visit();
            return self.take(1, Before::Angle);
        }
        let length = self.rest().iter().take_while(|byte| **byte == b'>').count().min(3);
        if self.peek(length) == Some(b'=') && length > 1 {
            return self.assignment(length + 1);
        }
        let precedence = if length == 1 { precedence::RELATION } else { precedence::SHIFT };
        let length = if self.peek(length) == Some(b'=') { length + 1 } else { length };
        self.binary(length, precedence);
    }

    // Where the next token begins.
    pub(super) fn behind_space(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
            if space > 0 {
                at += space;
            } else if rest.starts_with(b"//") {
                at += rest.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
            } else if rest.starts_with(b"/*") {
                let inside = rest.get(2..).unwrap_or_default();
                at += inside.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |length| length + 4);
            } else {
                return at;
            }
        }
    }

    // Whether `<` begins type parameters in a language that has elements too, by the word that stands there; if it is sure.
    pub(super) fn generics(&self, at: usize) -> Option<bool> {
        let end = at + self.word_length(at);
        let word = self.text.get(at..end).unwrap_or_default();
        if word.is_empty() {
            // A fragment, or no parameters at all.
            return match self.bytes.get(self.behind_space(at + 1)) {
                Some(b'(' | b'\\' | 0x80..) => None,
                _ => Some(false),
            };
        }
        if matches!(word, "const" | "in" | "out") {
            return None;
        }
        let third = self.behind_space(end);
        match self.bytes.get(third) {
            Some(b',' | b'=') => Some(true),
            // A type's parameters, or the text of an element.
            Some(b'>') => match self.bytes.get(self.behind_space(third + 1)) {
                Some(b'(' | b'\\' | 0x80..) => None,
                _ => Some(false),
            },
            Some(b'\\' | 0x80..) => None,
            Some(b'e') if self.text.get(third..third + self.word_length(third)) == Some("extends") => {
                match self.bytes.get(self.behind_space(third + "extends".len())) {
                    Some(b'=' | b'>' | b'/') => Some(false),
                    Some(byte) if byte.is_ascii_punctuation() && !matches!(byte, b'\\' | b'_' | b'$') => Some(true),
                    _ => None,
                }
            }
            _ => Some(false),
        }
    }

    // Whether what may be an element soon comes to a sign that cannot stand in one.
    pub(super) fn is_no_element(&mut self, name: usize) -> bool {
        if self.trials == 0 {
            return false;
        }
        self.trials -= 1;
        let mut trial = Self { trials: 0, ..self.clone() };
        trial.element(name);
        while let Some(byte) = trial.peek(0) {
            if trial.state != State::Sure || trial.at > name + TRIAL_BYTES || trial.is_too_deep() {
                break;
            }
            trial.step(byte);
        }
        trial.state == State::Dead
    }

    pub(super) fn is_too_deep(&self) -> bool {
        self.total > self.weights.limit || self.brackets > MAX_NESTING_DEPTH || self.doubtful > MAX_DOUBLINGS
    }

    // An element begins, its name at a byte or nameless.
    pub(super) fn element(&mut self, name: usize) {
        self.push(Kind::Tag);
        self.at = name;
        while self.peek(0).is_some_and(|byte| is_word(byte) || matches!(byte, b'.' | b'-' | b':')) {
            self.at += 1;
        }
        if !self.dialect.has_types() {
            return;
        }
        // Plain type arguments.
        let from = self.behind_space(self.at);
        if self.bytes.get(from) != Some(&b'<') {
            return;
        }
        let mut open = 0_usize;
        for (at, byte) in self.bytes.iter().enumerate().skip(from) {
            match byte {
                b'<' => open += 1,
                b'>' => open -= 1,
                b'.' | b',' | b'|' | b'&' | b'[' | b']' | b' ' | b'\n' => {}
                _ if is_word(*byte) => {}
                _ => break,
            }
            if open == 0 {
                self.at = at + 1;
                return;
            }
            if open > TYPE_ARGUMENTS {
                break;
            }
        }
        self.doubt();
    }

    pub(super) fn tag(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'-' | b':' | b'.' => self.at += 1,
            b'=' => {
                let value = self.bytes.get(self.behind_space(self.at + 1));
                if !matches!(value, Some(b'"' | b'\'' | b'{' | b'<')) {
                    self.state = State::Dead;
                }
                self.at += 1;
            }
            b'"' | b'\'' => match self.rest().iter().skip(1).position(|next| *next == byte) {
                Some(length) => self.at += length + 2,
                None => self.doubt(),
            },
            b'{' => {
                self.at += 1;
                self.push(Kind::Embedded);
            }
            b'/' if self.peek(1) == Some(b'>') => {
                self.at += 2;
                self.end_element();
            }
            b'/' => {
                if !self.comment() {
                    self.doubt();
                }
            }
            b'>' => {
                self.at += 1;
                if let Some(frame) = self.frames.last_mut() {
                    frame.kind = Kind::Children;
                }
            }
            // An element as the value of an attribute.
            b'<' if self.at > 0 && self.bytes.get(self.at - 1) == Some(&b'=') => {
                let after = self.behind_space(self.at + 1);
                if self.bytes.get(after).is_some_and(|byte| is_word(*byte) || *byte == b'>') {
                    self.element(after);
                } else {
                    self.doubt();
                }
            }
            b'<' if !self.dialect.has_types() && self.is_behind_word() => {
                self.state = State::Dead;
                self.at += 1;
            }
            _ if is_word(byte) => self.at += self.word_length(self.at).max(1),
            b',' | b';' | b'(' | b')' | b'[' | b']' | b'|' | b'&' => {
                self.state = State::Dead;
                self.at += 1;
            }
            _ => self.doubt(),
        }
    }

    // Not on a line below: that above may end in a comment.
    pub(super) fn is_behind_word(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_some_and(|byte| is_word(*byte))
    }

    pub(super) fn children(&mut self) {
        let length = self.rest().iter().take_while(|byte| !matches!(byte, b'{' | b'<' | b'>' | b'}')).count();
        if length > 0 {
            self.at += length;
            return;
        }
        if matches!(self.peek(0), Some(b'>' | b'}')) {
            self.state = State::Dead;
            self.at += 1;
            return;
        }
        if self.peek(0) == Some(b'{') {
            self.at += 1;
            return self.push(Kind::Embedded);
        }
        let after = self.behind_space(self.at + 1);
        match self.bytes.get(after) {
            Some(b'/') => {
                let inside = self.bytes.get(after + 1..).unwrap_or_default();
                let plain =
                    |byte: &&u8| is_word(**byte) || matches!(**byte, b'.' | b':' | b'-' | b' ' | b'\n' | b'\r' | b'\t');
                let length = inside.iter().take_while(plain).count();
                if inside.get(length) != Some(&b'>') {
                    return self.doubt();
                }
                self.at = after + length + 2;
                self.end_element();
            }
            Some(byte) if is_word(*byte) || *byte == b'>' => self.element(after),
            _ => self.doubt(),
        }
    }

    pub(super) fn end_element(&mut self) {
        self.pop();
        self.set(Before::Operand, Last::Other);
    }
}
