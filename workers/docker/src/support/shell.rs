//! Shell text cut into commands: enough of the POSIX shell and bash to say which programs run with which words.
//!
//! Owns quotes, operators, reserved words, redirections, substitutions and their nesting. Expands nothing and judges
//! nothing. Never fails: text that does not fit is read as far as it goes. Reading takes one pass; nesting beyond
//! [`MAX_DEPTH`] is not entered.

use super::text::Text;
use std::ops::Range;

/// Deepest nesting of substitutions and groups that is read, as deep as any parser of the fleet goes.
pub const MAX_DEPTH: usize = octavo_toolkit::limits::MAX_NESTING_DEPTH;

/// What a piece of shell text does.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Every simple command, those in substitutions and groups included, in the order they start.
    pub commands: Vec<ShellCommand>,
    /// Every pipe, as a span of the source.
    pub pipes: Vec<Range<usize>>,
    /// Where nesting was too deep to go on, as a source offset.
    pub too_deep: Option<usize>,
}

/// A simple command: a program and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCommand {
    /// `NAME=value` words before the program.
    pub assignments: Vec<ShellWord>,
    /// The program; `exec`, `builtin`, `command` and `busybox` are seen through.
    pub name: ShellWord,
    /// The words behind the program, redirections not among them.
    pub arguments: Vec<ShellWord>,
    /// What stands between the command before it and this one.
    pub joined_by: Joint,
    /// How many groups and substitutions it is in.
    pub depth: usize,
}

/// What joins a command to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// Nothing: it is the first of its list.
    Start,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|` or `|&`.
    Pipe,
    /// `;`, a line break, or `&`.
    Sequence,
}

/// A word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellWord {
    /// Without quotes and escapes; expansions stay as written.
    pub value: String,
    /// Whether any of it was quoted.
    pub quoted: bool,
    /// Whether a variable or substitution is part of it.
    pub expands: bool,
    /// Bytes of the source it covers.
    pub span: Range<usize>,
}

impl Script {
    /// Reads shell text.
    pub fn parse(text: &Text) -> Self {
        let mut lexer = Lexer { text, source: text.as_str(), at: 0, end: text.as_str().len(), script: Self::default() };
        // A closing bracket without an opening one ends a list; what is behind it is read as another list.
        while lexer.at < lexer.end {
            lexer.list(0, None);
        }
        lexer.script.commands.sort_by_key(|command| command.name.span.start);
        lexer.script
    }

    /// The one command of an instruction in exec form.
    pub fn of_exec(words: &[super::text::Word]) -> Self {
        let mut words = words.iter().map(|word| ShellWord {
            value: word.value.clone(),
            quoted: true,
            expands: false,
            span: word.span.clone(),
        });
        let commands = words.next().map(|name| ShellCommand {
            assignments: Vec::new(),
            name,
            arguments: words.collect(),
            joined_by: Joint::Start,
            depth: 0,
        });
        Self { commands: commands.into_iter().collect(), ..Self::default() }
    }
}

const RESERVED: [&str; 14] =
    ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time", "coproc"];

struct Lexer<'a> {
    text: &'a Text,
    source: &'a str,
    at: usize,
    end: usize,
    script: Script,
}

// The words of the command being read.
#[derive(Default)]
struct Pending {
    assignments: Vec<ShellWord>,
    words: Vec<ShellWord>,
    // Inside `[[ ... ]]`, where operators are words.
    in_test: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    // Enters a deeper level, unless that is too deep: then the rest of the text is given up.
    fn enter(&mut self, depth: usize) -> bool {
        if depth < MAX_DEPTH {
            return true;
        }
        self.script.too_deep.get_or_insert(self.text.source_offset(self.at));
        self.at = self.end;
        false
    }

    // Reads commands until `close` or the end. A `)` that closes nothing also ends the list.
    fn list(&mut self, depth: usize, close: Option<&str>) {
        let mut pending = Pending::default();
        let mut joint = Joint::Start;
        loop {
            while self.eat(" ") || self.eat("\t") || self.eat("\r") || self.eat("\\\n") {}
            if !pending.in_test {
                if close.is_some_and(|close| self.eat(close)) {
                    break;
                }
                if let Some(next) = self.operator() {
                    self.finish(&mut pending, &mut joint, depth);
                    joint = next;
                    continue;
                }
            }
            match self.peek() {
                None => break,
                Some('#') if !pending.in_test => self.skip_line(),
                Some('\n') => {
                    self.bump();
                }
                Some('(') if !pending.in_test => self.parenthesis(&mut pending, &mut joint, depth),
                Some(')') if !pending.in_test => {
                    self.bump();
                    break;
                }
                Some('<' | '>') if !pending.in_test => self.redirection(depth),
                Some(_) => self.next_word(&mut pending, depth),
            }
        }
        self.finish(&mut pending, &mut joint, depth);
    }

    fn operator(&mut self) -> Option<Joint> {
        if self.rest().starts_with("&>") {
            return None;
        }
        let start = self.at;
        for (token, joint) in [("&&", Joint::And), ("||", Joint::Or), ("|&", Joint::Pipe), ("|", Joint::Pipe)] {
            if self.eat(token) {
                if joint == Joint::Pipe {
                    self.script.pipes.push(self.text.source_span(start..self.at));
                }
                return Some(joint);
            }
        }
        // The words that end a branch of `case` separate commands too.
        let ends = [";;&", ";;", ";&", ";", "&", "\n"];
        ends.into_iter().any(|token| self.eat(token)).then_some(Joint::Sequence)
    }

    fn skip_line(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        self.at += length;
    }

    // `(` opens a group, an arithmetic command, or, behind a name, a function.
    fn parenthesis(&mut self, pending: &mut Pending, joint: &mut Joint, depth: usize) {
        self.bump();
        if !pending.words.is_empty() {
            // `name()` declares; anything else is no shell, and its inside is read as a list all the same.
            let rest = self.rest().trim_start();
            if rest.starts_with(')') {
                self.at = self.end - rest.len() + 1;
                pending.words.clear();
                return;
            }
        }
        self.finish(pending, joint, depth);
        if self.peek() == Some('(') {
            self.bump();
            self.arithmetic(depth + 1);
        } else if self.enter(depth + 1) {
            self.list(depth + 1, Some(")"));
        }
    }

    // `2>&1`, `>file`, `<(command)`, `<<<word`: the operator, then its target.
    fn redirection(&mut self, depth: usize) {
        if (self.rest().starts_with("<(") || self.rest().starts_with(">(")) && self.enter(depth + 1) {
            self.at += 2;
            self.list(depth + 1, Some(")"));
            return;
        }
        for token in ["<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"] {
            if self.eat(token) {
                break;
            }
        }
        while self.eat(" ") || self.eat("\t") {}
        if self.peek().is_some_and(|next| !ends_word(next)) {
            self.word(depth);
        }
    }

    fn next_word(&mut self, pending: &mut Pending, depth: usize) {
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let behind = rest.get(digits..).unwrap_or_default();
        if !pending.in_test && (behind.starts_with(['<', '>']) || rest.starts_with("&>")) {
            self.at += digits;
            self.eat("&");
            self.redirection(depth);
            return;
        }
        if pending.in_test && self.rest().starts_with("]]") {
            self.at += "]]".len();
            pending.in_test = false;
            return;
        }
        let before = self.at;
        let word = if pending.in_test { self.test_word(depth) } else { self.word(depth) };
        if self.at == before {
            self.bump();
        } else if pending.in_test {
            // What a test compares is no argument of a program.
        } else if pending.words.is_empty() {
            self.first_word(word, pending, depth);
        } else {
            pending.words.push(word);
        }
    }

    // The word at the place of the program: a reserved word, an assignment, or the program.
    fn first_word(&mut self, word: ShellWord, pending: &mut Pending, depth: usize) {
        let is_bare = !word.quoted && !word.expands && pending.assignments.is_empty();
        match word.value.as_str() {
            reserved if is_bare && RESERVED.contains(&reserved) => {}
            "case" if is_bare => self.case(depth),
            "esac" if is_bare => {}
            "for" | "select" if is_bare => self.loop_head(depth),
            "function" if is_bare => {
                self.skip_blanks();
                self.word(depth);
                if self.rest().trim_start().starts_with("()") {
                    self.skip_blanks();
                    self.eat("()");
                }
            }
            "[[" if is_bare => {
                pending.in_test = true;
                pending.words.push(word);
            }
            value if is_assignment(value) => pending.assignments.push(word),
            _ => pending.words.push(word),
        }
    }

    fn skip_blanks(&mut self) {
        while self.eat(" ") || self.eat("\t") || self.eat("\\\n") {}
    }

    // The elements of `name=( ... )`.
    fn array(&mut self, depth: usize) {
        loop {
            while self.eat(" ") || self.eat("\t") || self.eat("\n") || self.eat("\\\n") {}
            let before = self.at;
            match self.peek() {
                None => return,
                Some(')') => {
                    self.bump();
                    return;
                }
                Some(_) => {
                    self.word(depth);
                }
            }
            if self.at == before {
                self.bump();
            }
        }
    }

    // `for name in words` up to the `;` or line break; the `do` behind it is a reserved word.
    fn loop_head(&mut self, depth: usize) {
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some(';' | '\n' | ')' | '|' | '&') => return,
                Some('(') => {
                    self.bump();
                    if self.peek() == Some('(') {
                        self.bump();
                        self.arithmetic(depth + 1);
                    }
                }
                Some(_) => {
                    let before = self.at;
                    self.word(depth);
                    if self.at == before {
                        self.bump();
                    }
                }
            }
        }
    }

    // `case word in pattern) list;; ... esac`. The lists of the branches are read as one.
    fn case(&mut self, depth: usize) {
        self.skip_blanks();
        self.word(depth);
        while self.eat(" ") || self.eat("\t") || self.eat("\n") || self.eat("\\\n") {}
        if !self.eat("in") || !self.enter(depth + 1) {
            return;
        }
        loop {
            // A pattern, up to its `)`.
            loop {
                while self.eat(" ")
                    || self.eat("\t")
                    || self.eat("\n")
                    || self.eat("\\\n")
                    || self.eat("|")
                    || self.eat("(")
                {}
                let before = self.at;
                match self.peek() {
                    None => return,
                    Some('#') => self.skip_line(),
                    Some(')') => {
                        self.bump();
                        break;
                    }
                    Some(_) => {
                        if self.word(depth + 1).value == "esac" {
                            return;
                        }
                    }
                }
                if self.at == before {
                    self.bump();
                }
            }
            if self.branch(depth + 1) {
                return;
            }
        }
    }

    // The list of one branch; says whether `esac` ended it.
    fn branch(&mut self, depth: usize) -> bool {
        let mut pending = Pending::default();
        let mut joint = Joint::Start;
        loop {
            while self.eat(" ") || self.eat("\t") || self.eat("\r") || self.eat("\\\n") {}
            if !pending.in_test {
                if [";;&", ";;", ";&"].into_iter().any(|token| self.eat(token)) {
                    self.finish(&mut pending, &mut joint, depth);
                    return false;
                }
                if let Some(next) = self.operator() {
                    self.finish(&mut pending, &mut joint, depth);
                    joint = next;
                    continue;
                }
            }
            match self.peek() {
                None => break,
                Some('#') if !pending.in_test => self.skip_line(),
                Some('\n') => {
                    self.bump();
                }
                Some('(') if !pending.in_test => self.parenthesis(&mut pending, &mut joint, depth),
                Some(')') if !pending.in_test => break,
                Some('<' | '>') if !pending.in_test => self.redirection(depth),
                Some(_) => {
                    let is_first = pending.words.is_empty() && pending.assignments.is_empty();
                    if is_first && self.at_word("esac") {
                        self.at += "esac".len();
                        break;
                    }
                    self.next_word(&mut pending, depth);
                }
            }
        }
        self.finish(&mut pending, &mut joint, depth);
        true
    }

    fn at_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| rest.chars().next().is_none_or(ends_word))
    }

    // Up to the brackets that close an arithmetic expression; substitutions inside it are read.
    fn arithmetic(&mut self, depth: usize) {
        if !self.enter(depth) {
            return;
        }
        let mut open = 2_usize;
        while let Some(next) = self.bump() {
            match next {
                '(' => open += 1,
                ')' => {
                    open -= 1;
                    if open == 0 {
                        return;
                    }
                }
                '$' => {
                    self.dollar(depth);
                }
                '`' => self.backquote(depth),
                _ => {}
            }
        }
    }

    // One word of `[[ ... ]]`: up to white space outside quotes.
    fn test_word(&mut self, depth: usize) -> ShellWord {
        self.word_until(depth, |next| matches!(next, ' ' | '\t' | '\n'))
    }

    fn word(&mut self, depth: usize) -> ShellWord {
        self.word_until(depth, ends_word)
    }

    fn word_until(&mut self, depth: usize, ends: fn(char) -> bool) -> ShellWord {
        let start = self.at;
        let mut word = ShellWord::default();
        while let Some(next) = self.peek() {
            if ends(next) {
                // `name=(` and `name=` before a bracket belong to arrays, which are words of their own.
                let is_array = next == '(' && word.value.ends_with('=') && self.at > start && word.value.len() > 1;
                if is_array && is_assignment(&word.value) && self.enter(depth + 1) {
                    self.bump();
                    self.array(depth + 1);
                    continue;
                }
                break;
            }
            self.bump();
            match next {
                '\\' => {
                    word.quoted = true;
                    match self.bump() {
                        Some('\n') => {}
                        kept => word.value.extend(kept),
                    }
                }
                '\'' => {
                    word.quoted = true;
                    self.single_quoted(&mut word.value);
                }
                '"' => {
                    word.quoted = true;
                    word.expands |= self.double_quoted(&mut word.value, depth);
                }
                '`' | '$' => word.expands |= self.expansion(next, &mut word, depth),
                other => word.value.push(other),
            }
        }
        word.span = self.text.source_span(start..self.at);
        word
    }

    // Reads what a `$` or backquote starts, and keeps it as written.
    fn expansion(&mut self, first: char, word: &mut ShellWord, depth: usize) -> bool {
        let start = self.at - 1;
        if first == '$' && self.peek() == Some('\'') {
            self.bump();
            word.quoted = true;
            self.ansi_quoted(&mut word.value);
            return false;
        }
        if first == '$' && self.peek() == Some('"') {
            return false;
        }
        if first == '`' {
            self.backquote(depth);
        } else if !self.dollar(depth) {
            word.value.push('$');
            return false;
        }
        word.value.push_str(self.source.get(start..self.at).unwrap_or_default());
        true
    }

    fn single_quoted(&mut self, value: &mut String) {
        while let Some(next) = self.bump().filter(|next| *next != '\'') {
            value.push(next);
        }
    }

    fn ansi_quoted(&mut self, value: &mut String) {
        while let Some(next) = self.bump().filter(|next| *next != '\'') {
            value.push(next);
            if next == '\\' {
                value.extend(self.bump());
            }
        }
    }

    // Up to the closing quote; says whether anything in it expands.
    fn double_quoted(&mut self, value: &mut String, depth: usize) -> bool {
        let mut expands = false;
        while let Some(next) = self.bump() {
            let start = self.at - next.len_utf8();
            match next {
                '"' => break,
                '\\' => match self.bump() {
                    Some('\n') => {}
                    Some(kept @ ('"' | '\\' | '$' | '`')) => value.push(kept),
                    other => {
                        value.push('\\');
                        value.extend(other);
                    }
                },
                '`' => {
                    expands = true;
                    self.backquote(depth);
                    value.push_str(self.source.get(start..self.at).unwrap_or_default());
                }
                '$' => {
                    expands |= self.dollar(depth);
                    value.push_str(self.source.get(start..self.at).unwrap_or_default());
                }
                other => value.push(other),
            }
        }
        expands
    }

    // Behind a `$`: a substitution, an arithmetic expansion, or a parameter. Says whether it was one of them.
    fn dollar(&mut self, depth: usize) -> bool {
        match self.peek() {
            Some('(') => {
                self.bump();
                if self.peek() == Some('(') {
                    self.bump();
                    self.arithmetic(depth + 1);
                } else if self.enter(depth + 1) {
                    self.list(depth + 1, Some(")"));
                }
                true
            }
            Some('{') => {
                self.bump();
                self.braces(depth + 1);
                true
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.bump();
                }
                true
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.bump();
                true
            }
            _ => false,
        }
    }

    // `${...}`: its default values may hold quotes and substitutions.
    fn braces(&mut self, depth: usize) {
        if !self.enter(depth) {
            return;
        }
        let mut ignored = String::new();
        while let Some(next) = self.bump() {
            match next {
                '}' => return,
                '\\' => {
                    self.bump();
                }
                '"' => {
                    self.double_quoted(&mut ignored, depth);
                }
                '`' => self.backquote(depth),
                '$' => {
                    self.dollar(depth);
                }
                _ => {}
            }
        }
    }

    // The commands between backquotes, which cannot nest without escapes.
    fn backquote(&mut self, depth: usize) {
        let start = self.at;
        let mut inside = start;
        let mut escaped = false;
        for character in self.rest().chars() {
            if character == '`' && !escaped {
                break;
            }
            escaped = character == '\\' && !escaped;
            inside += character.len_utf8();
        }
        if depth + 1 < MAX_DEPTH {
            let end = std::mem::replace(&mut self.end, inside);
            while self.at < self.end {
                self.list(depth + 1, None);
            }
            self.end = end;
        }
        self.at = inside;
        self.eat("`");
    }

    // Turns the words read so far into a command.
    fn finish(&mut self, pending: &mut Pending, joint: &mut Joint, depth: usize) {
        let Pending { assignments, words, .. } = std::mem::take(pending);
        let mut words = words.into_iter().peekable();
        let mut name = words.next();
        while let (Some(wrapper), Some(next)) = (&name, words.peek()) {
            let sees_through = matches!(wrapper.value.as_str(), "exec" | "builtin" | "command" | "busybox");
            if !sees_through || next.value.starts_with('-') {
                break;
            }
            name = words.next();
        }
        let is_test = name.as_ref().is_some_and(|name| !name.quoted && matches!(name.value.as_str(), "[" | "[["));
        if let Some(name) = name
            .or_else(|| assignments.first().map(|first| ShellWord { span: first.span.clone(), ..ShellWord::default() }))
            && !is_test
        {
            let command = ShellCommand { assignments, name, arguments: words.collect(), joined_by: *joint, depth };
            self.script.commands.push(command);
            *joint = Joint::Sequence;
        }
    }
}

const fn ends_word(next: char) -> bool {
    matches!(next, ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
}

// `NAME=`, `NAME+=` or `NAME[...]=` at the start of a word.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    let name = name.split_once('[').map_or(name, |(name, _)| name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Script {
        Script::parse(&Text::of_piece(text, 0))
    }

    fn names(text: &str) -> Vec<String> {
        parse(text).commands.into_iter().map(|command| command.name.value).collect()
    }

    #[test]
    fn commands_are_found_wherever_they_run() {
        for text in [
            "ps",
            "X=1 ps",
            "(ps)",
            "{ ps; }",
            "$(ps)",
            "`ps`",
            "! ps",
            "time ps",
            "exec ps",
            "'p's",
            "p\\s",
            "ps & ",
            "f() { ps; }",
            "function f { ps; }",
            "x=$(ps)",
            "x=(a b) ps",
            "ps > x 2>&1",
            "2>/dev/null ps",
            "[ -n \"$(ps)\" ]",
            "((x=1)); ps",
            "[[ a =~ b|c && d ]] && ps",
            "if [[ -n $x ]]; then ps; fi",
            "if ps; then :; fi",
            "case x in a|b) ps;; esac",
            "case $(ps) in (a) ;; esac",
            "for i in $(ps); do :; done",
            "for ((i=0;i<1;i++)); do ps; done",
            "cat <(ps)",
            "while ps; do :; done",
            "echo ${x:-$(ps)}",
            "echo \"a $(echo \"$(ps)\")\"",
            "echo $((1+$(ps)))",
            "echo ${x/a|b/c}; ps",
            "echo $'a\\'b'; ps",
            "a # b\nps",
            "x; ) ps",
            "case x in\n a) b;;\n *) ps\nesac",
            "$(case x in a) ps;; esac)",
        ] {
            assert!(names(text).iter().any(|name| name == "ps"), "{text}: {:?}", names(text));
        }
        for text in [
            "echo ps",
            "echo 'a; ps'",
            "echo \\; ps",
            "# ps",
            "echo \"ps\"",
            "sh -c 'ps'",
            "a >ps",
            "for ps in x; do :; done",
            "x=ps",
            "a <<< ps",
            "echo a\\\n ps",
        ] {
            assert!(!names(text).iter().any(|name| name == "ps"), "{text}: {:?}", names(text));
        }
    }

    #[test]
    fn joints_and_pipes_are_kept() {
        let script = parse("a && b || c | d; e & f |& g");
        let joints: Vec<Joint> = script.commands.iter().map(|command| command.joined_by).collect();
        assert_eq!(
            joints,
            [Joint::Start, Joint::And, Joint::Or, Joint::Pipe, Joint::Sequence, Joint::Sequence, Joint::Pipe]
        );
        assert_eq!(script.pipes, [12..13, 23..25]);
        assert!(parse("a '|' b || c \\| d").pipes.is_empty());
        assert!(parse("case x in a|b) ;; esac; [[ a =~ b|c ]]").pipes.is_empty());
    }

    #[test]
    fn words_lose_quotes_and_keep_expansions() {
        let script = parse(r#"x "a b"'c'\ d $Y"${Z:-1}" {e,f}=1"#);
        let arguments = &script.commands[0].arguments;
        let values: Vec<&str> = arguments.iter().map(|word| word.value.as_str()).collect();
        assert_eq!(values, ["a bc d", "$Y${Z:-1}", "{e,f}=1"]);
        assert!(arguments[0].quoted && !arguments[0].expands && arguments[1].expands);
        assert_eq!(arguments[1].span, 14..25);
    }

    #[test]
    fn depth_is_limited() {
        for open in ["(", "$(", "$((", "${x:-", "<(", "\"$(", "`", "x=(", "case $("] {
            let script = parse(&open.repeat(20_000));
            assert!(script.commands.len() <= MAX_DEPTH * 2 + 2, "{open}: {}", script.commands.len());
        }
        assert!(parse(&"( ".repeat(MAX_DEPTH + 1)).too_deep.is_some());
        assert_eq!(parse(&format!("{}ps{}", "( ".repeat(MAX_DEPTH - 1), ")".repeat(MAX_DEPTH - 1))).too_deep, None);
    }
}
