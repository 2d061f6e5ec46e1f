//! Reads one token after the other, and counts what each means for the depth.

use super::words::{DOUBTFUL_WORDS, MODIFIER_WORDS, OPERATOR_WORDS, STATEMENT_WORDS};
use super::{Before, Decorator, End, Head, Kind, Last, Next, Scan, is_word, precedence};

impl Scan<'_> {
    pub(super) fn code(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
            b'\n' | b'\r' => {
                self.line_broken = true;
                self.at += 1;
            }
            b'/' => self.slash(),
            b'"' | b'\'' => self.string(byte),
            b'`' => {
                self.begin(Next::Other);
                self.postfix();
                self.template();
            }
            b'0'..=b'9' => self.number(),
            b'\\' => self.doubt(),
            b'#' if self.at == 0 && self.follows("#!") => self.skip_line(),
            b'#' if self.follows("#!") => self.doubt(),
            b'#' => self.private_name(),
            _ if is_word(byte) => self.word(),
            0x80.. => self.character(),
            b'(' | b'[' | b'{' => self.open(byte),
            b')' | b']' | b'}' => self.close(byte),
            _ => self.sign(byte),
        }
    }

    // A link of what a visitor descends along, where an operand stands before.
    pub(super) fn postfix(&mut self) {
        if !matches!(self.before, Before::Operator | Before::Start) {
            self.visit();
        }
    }

    // Letters beyond ASCII are read with words; what else there is, is space.
    pub(super) fn character(&mut self) {
        let next = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        match next {
            Some('\u{2028}' | '\u{2029}') => self.line_broken = true,
            Some(letter) if letter.is_alphanumeric() => return self.word(),
            _ => {}
        }
        self.at += next.map_or(1, char::len_utf8);
    }

    pub(super) fn word_length(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        rest.find(|c: char| {
            !(c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii() && c.is_alphanumeric())
        })
        .unwrap_or(rest.len())
    }

    pub(super) fn private_name(&mut self) {
        self.begin(Next::Member);
        self.at += 1;
        self.at += self.word_length(self.at);
        self.set(Before::Operand, Last::Word(false));
    }

    pub(super) fn word(&mut self) {
        let start = self.at;
        let end = start + self.word_length(start);
        let word = self.text.get(start..end).unwrap_or_default();
        let behind = self.bytes.get(end).copied();
        if behind == Some(b'\\') || end == start {
            return self.doubt();
        }
        // A name after a dot, and a key before a colon, are no keywords.
        let member = self.last == Last::Dot;
        let key = behind == Some(b':');
        let is_boundary = matches!(self.before, Before::Start | Before::Brace)
            || self.line_broken
            || matches!(
                self.last,
                Last::Head | Last::Closed | Last::CloseBrace | Last::Colon | Last::BlockWord | Last::Semicolon
            );
        self.begin(if member { Next::Word("") } else { Next::Word(word) });
        let was_head = self.head;
        let declares_module = self.opens_module && !self.line_broken;
        self.at = end;
        if member || key && word != "default" {
            return self.set(Before::Operand, Last::Word(is_boundary && !member));
        }
        let weight = self.weight(word);
        if STATEMENT_WORDS.contains(&word) {
            self.change(|frame| frame.statements += weight);
            if word == "do" {
                self.change(|frame| frame.doing = true);
            }
        } else if word == "case" || word == "default" && self.colon_follows() {
            if matches!(self.kind(), Kind::Curly(_)) {
                self.end_statement();
            }
        } else {
            self.link(weight);
        }
        if declares_module {
            self.change(|frame| frame.dotted = true);
        }
        let before = if OPERATOR_WORDS.contains(&word) {
            Before::Operator
        } else if DOUBTFUL_WORDS.contains(&word) {
            Before::Unknown
        } else if MODIFIER_WORDS.contains(&word) {
            Before::Modifier
        } else {
            Before::Operand
        };
        let last = match word {
            "else" | "do" | "try" | "finally" => Last::BlockWord,
            "return" | "typeof" | "void" | "delete" | "in" | "instanceof" | "throw" | "case" | "default" => {
                Last::OperandWord
            }
            "catch" => Last::BlockWord,
            _ => Last::Word(is_boundary),
        };
        self.set(before, last);
        self.opens_module = matches!(word, "namespace" | "module");
        self.head = match word {
            "if" | "for" | "while" | "with" => Head::Statement,
            "switch" | "catch" => Head::Block,
            "await" => was_head,
            _ => Head::None,
        };
    }

    pub(super) fn colon_follows(&self) -> bool {
        self.rest().iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    pub(super) fn number(&mut self) {
        self.begin(Next::Other);
        let start = self.at;
        let is_decimal = !matches!(self.peek(1), Some(b'x' | b'X' | b'b' | b'B' | b'o' | b'O'));
        let mut has_dot = self.peek(0) == Some(b'.');
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            let signed = matches!(byte, b'+' | b'-')
                && is_decimal
                && self.at > start
                && matches!(self.bytes.get(self.at - 1), Some(b'e' | b'E'));
            let dot = byte == b'.' && is_decimal && !has_dot;
            has_dot |= dot || signed;
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || signed || dot) {
                break;
            }
            self.at += 1;
        }
        self.set(Before::Operand, Last::Other);
    }

    pub(super) fn skip_line(&mut self) {
        while let Some(byte) = self.peek(0) {
            let breaks = matches!(byte, b'\n' | b'\r') || self.follows("\u{2028}") || self.follows("\u{2029}");
            if breaks {
                break;
            }
            self.at += 1;
        }
    }

    // A comment, if one begins here.
    pub(super) fn comment(&mut self) -> bool {
        if self.follows("//") {
            self.skip_line();
            return true;
        }
        if !self.follows("/*") {
            return false;
        }
        let inside = self.rest().get(2..).unwrap_or_default();
        let Some(length) = inside.windows(2).position(|pair| pair == b"*/") else {
            self.doubt();
            return true;
        };
        let inside = self.text.get(self.at + 2..self.at + 2 + length).unwrap_or_default();
        self.line_broken |= inside.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
        self.at += length + 4;
        true
    }

    pub(super) fn string(&mut self, quote: u8) {
        self.begin(Next::Other);
        let mut length = 1;
        loop {
            match self.peek(length) {
                Some(b'\\') if self.peek(length + 1) == Some(b'\r') && self.peek(length + 2) == Some(b'\n') => {
                    length += 3;
                }
                Some(b'\\') => length += 2,
                Some(byte) if byte == quote => break,
                Some(b'\n' | b'\r') | None => return self.doubt(),
                Some(_) => length += 1,
            }
        }
        self.take(length + 1, Before::Operand);
    }

    // From a backquote, or from the brace that ends a `${`, to the next of either.
    pub(super) fn template(&mut self) {
        let mut length = 1;
        loop {
            match (self.peek(length), self.peek(length + 1)) {
                (Some(b'\\'), _) => length += 2,
                (Some(b'`'), _) => return self.take(length + 1, Before::Operand),
                (Some(b'$'), Some(b'{')) => {
                    self.at += length + 2;
                    return self.push(Kind::Template);
                }
                (Some(_), _) => length += 1,
                (None, _) => return self.doubt(),
            }
        }
    }

    pub(super) fn slash(&mut self) {
        if self.comment() {
            return;
        }
        self.begin(Next::Other);
        match self.before {
            Before::Operator | Before::Start => return self.regular_expression(),
            Before::Operand | Before::Modifier if !self.line_broken => {}
            // A division, or a regular expression, which would end on this line.
            _ => {
                let line = self.rest().iter().skip(1).take_while(|byte| !matches!(byte, b'\n' | b'\r'));
                if line.into_iter().any(|byte| *byte == b'/') {
                    return self.doubt();
                }
            }
        }
        if self.peek(1) == Some(b'=') {
            self.assignment(2);
        } else {
            self.binary(1, precedence::PRODUCT);
        }
    }

    pub(super) fn regular_expression(&mut self) {
        let mut length = 1;
        let mut in_class = false;
        loop {
            match self.peek(length) {
                None | Some(b'\n' | b'\r') => return self.doubt(),
                Some(b'\\') => length += 2,
                Some(b'/') if !in_class => break,
                Some(byte) => {
                    in_class = byte == b'[' || (in_class && byte != b']');
                    length += 1;
                }
            }
        }
        length += 1;
        while self.peek(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')) {
            length += 1;
        }
        self.take(length, Before::Operand);
    }

    pub(super) fn open(&mut self, byte: u8) {
        let (before, last, head) = (self.before, self.last, self.head);
        self.begin(if byte == b'(' { Next::Round } else { Next::Other });
        let kind = match byte {
            b'(' => {
                self.postfix();
                if matches!(last, Last::Word(_)) && before == Before::Operand {
                    // No type: what `<` there is compares.
                    self.change(|frame| frame.angles = 0);
                }
                Kind::Round(head)
            }
            b'[' => {
                self.postfix();
                Kind::Square
            }
            _ => Kind::Curly(match (before, last) {
                (_, Last::Head | Last::BlockWord) => End::Block,
                (Before::Start, _) if matches!(self.kind(), Kind::Text | Kind::Curly(_)) => End::Block,
                (_, Last::OperandWord) => End::Operand,
                (Before::Operator, Last::Other) => End::Operand,
                _ => End::Unknown,
            }),
        };
        self.at += 1;
        self.push(kind);
        if byte == b'{' {
            self.before = Before::Start;
        }
    }

    pub(super) fn close(&mut self, byte: u8) {
        self.begin(Next::Other);
        match (byte, self.kind()) {
            (b')', Kind::Round(head)) => {
                self.pop();
                self.at += 1;
                match head {
                    Head::None => self.set(Before::Operand, Last::Closed),
                    Head::Statement | Head::Block => self.set(Before::Operator, Last::Head),
                }
            }
            (b']', Kind::Square) => {
                self.pop();
                self.take(1, Before::Operand);
            }
            (b'}', Kind::Curly(end)) => {
                self.pop();
                self.at += 1;
                let before = match end {
                    End::Block => Before::Start,
                    End::Operand => Before::Operand,
                    End::Unknown => Before::Brace,
                };
                self.set(before, Last::CloseBrace);
            }
            (b'}', Kind::Template) => {
                self.pop();
                self.template();
            }
            (b'}', Kind::Embedded) => {
                self.pop();
                self.take(1, Before::Operand);
            }
            _ => self.doubt(),
        }
    }

    pub(super) fn binary(&mut self, length: usize, precedence: u16) {
        // What may stand in type arguments.
        let in_types =
            precedence::COALESCE | precedence::BIT_OR | precedence::BIT_AND | precedence::RELATION | precedence::SUM;
        let typed = self.dialect.has_types();
        self.change(|frame| {
            // Those that bind tighter have their right side, unless this stands in type arguments.
            frame.pending = if typed { frame.pending } else { frame.pending & (precedence - 1) } | precedence;
            if precedence & in_types == 0 {
                frame.angles = 0;
            }
        });
        self.visit();
        self.take(length, Before::Operator);
    }

    pub(super) fn assignment(&mut self, length: usize) {
        self.change(|frame| {
            frame.links += 1;
            frame.pending = 0;
        });
        self.take(length, Before::Operator);
    }

    pub(super) fn prefix(&mut self, length: usize) {
        let sure = matches!(self.before, Before::Operator | Before::Start) || self.ends_line();
        self.link(1);
        self.take(length, if sure { Before::Operator } else { Before::Unknown });
    }

    pub(super) fn sign(&mut self, byte: u8) {
        match byte {
            b'@' => {
                self.begin(Next::Member);
                self.change(|frame| {
                    frame.links += 1;
                    if frame.decorator == Decorator::None {
                        frame.decorator = Decorator::Name;
                    }
                });
                self.at += 1;
                return self.set(Before::Operator, Last::At);
            }
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => return self.number(),
            b'.' if !self.follows("...") => return self.dot(1),
            b'?' if self.peek(1) == Some(b'.') && !self.peek(2).is_some_and(|next| next.is_ascii_digit()) => {
                return self.dot(2);
            }
            _ => self.begin(Next::Other),
        }
        match (byte, self.peek(1), self.peek(2)) {
            (b';', _, _) => {
                self.at += 1;
                self.set(Before::Start, Last::Semicolon);
            }
            (b',', _, _) => {
                if self.frames.last().is_some_and(|frame| frame.angles == 0) {
                    self.end_expression();
                }
                self.take(1, Before::Operator);
            }
            (b'.', _, _) => {
                self.link(1);
                self.take(3, Before::Operator);
            }
            (b'?', Some(b'?'), Some(b'=')) => self.assignment(3),
            (b'?', Some(b'?'), _) => self.binary(2, precedence::COALESCE),
            (b'?', _, _) => {
                if self.dialect.has_types() && self.before != Before::Operand {
                    // What may be null.
                    self.link(self.weights.angle);
                }
                self.assignment(1);
            }
            (b':', _, _) => self.colon(),
            (b'=', Some(b'>'), _) => {
                let weight = self.weights.arrow;
                self.change(|frame| {
                    frame.links += weight;
                    frame.pending = 0;
                });
                self.at += 2;
                self.set(Before::Operator, Last::Arrow);
            }
            (b'=', Some(b'='), Some(b'=')) => self.binary(3, precedence::EQUALITY),
            (b'=', Some(b'='), _) => self.binary(2, precedence::EQUALITY),
            (b'=', _, _) => {
                self.find_expression();
                self.assignment(1);
            }
            (b'!', Some(b'='), Some(b'=')) => self.binary(3, precedence::EQUALITY),
            (b'!', Some(b'='), _) => self.binary(2, precedence::EQUALITY),
            (b'!', _, _) if self.dialect.has_types() && self.before == Before::Operand && !self.line_broken => {
                self.visit();
                self.take(1, Before::Operand);
            }
            (b'!' | b'~', _, _) => self.prefix(1),
            (b'-', Some(b'-'), Some(b'>')) if self.line_broken => self.doubt(),
            (b'+', Some(b'+'), _) | (b'-', Some(b'-'), _) => {
                if self.before == Before::Operand && !self.line_broken {
                    self.visit();
                    self.take(2, Before::Operand);
                } else {
                    self.prefix(2);
                }
            }
            (b'+' | b'-' | b'*' | b'%' | b'^', Some(b'='), _) => self.assignment(2),
            (b'+' | b'-', _, _) if self.before != Before::Operand => {
                self.binary(1, precedence::SUM);
                self.link(1);
            }
            (b'+' | b'-', _, _) => self.binary(1, precedence::SUM),
            (b'*', Some(b'*'), Some(b'=')) => self.assignment(3),
            (b'*', Some(b'*'), _) => {
                self.link(1);
                self.binary(2, precedence::PRODUCT);
            }
            (b'*', _, _) if self.before != Before::Operand => self.prefix(1),
            (b'*' | b'%', _, _) => self.binary(1, precedence::PRODUCT),
            (b'^', _, _) => self.binary(1, precedence::BIT_XOR),
            (b'&', Some(b'&'), Some(b'=')) | (b'|', Some(b'|'), Some(b'=')) => self.assignment(3),
            (b'&', Some(b'&'), _) => self.binary(2, precedence::AND),
            (b'|', Some(b'|'), _) => self.binary(2, precedence::OR),
            (b'&' | b'|', Some(b'='), _) => self.assignment(2),
            (b'&', _, _) => self.binary(1, precedence::BIT_AND),
            (b'|', _, _) => self.binary(1, precedence::BIT_OR),
            (b'<', _, _) => self.less(),
            (b'>', _, _) => self.greater(),
            _ => self.doubt(),
        }
    }

    pub(super) fn dot(&mut self, length: usize) {
        self.begin(Next::Dot);
        let dotted = self.frames.last().is_some_and(|frame| frame.dotted);
        self.link(usize::from(dotted || self.weights.visited));
        self.at += length;
        self.set(Before::Operator, Last::Dot);
    }

    pub(super) fn colon(&mut self) {
        // A label's statement goes on behind a comma.
        let label = self.last == Last::Word(true) && matches!(self.kind(), Kind::Text | Kind::Curly(_));
        let typed = self.dialect.has_types();
        self.change(|frame| {
            if label {
                frame.statements += 1;
            } else {
                frame.links += 1;
            }
            frame.annotates |= typed && matches!(frame.kind, Kind::Round(_));
            frame.pending = 0;
        });
        self.at += 1;
        self.set(Before::Operator, Last::Colon);
    }
}
