//! Texts in a source: passwords, addresses, folders for everybody, and SQL put together.

use super::{Scan, defaults};
use octavo_toolkit::Level::{Info, Warning};
use regex_lite::Regex;
use ruff_python_ast::{
    AnyNodeRef, Expr, ExprBinOp, ExprDict, ExprStringLiteral, FStringPart, InterpolatedStringElement,
    InterpolatedStringElements, StmtFunctionDef,
};
use ruff_text_size::{Ranged, TextRange};

/// Operators around a text that are looked at for SQL put together: time stays linear in the longest chain.
const MAX_OPERATORS: usize = 64;

pub(super) const WRITTEN_PASSWORD: &str = "a password written in the source: read it from where secrets are kept";

const TEMPORARY: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// What a statement of SQL looks like.
pub(in crate::tools::scan_security) fn sql() -> Option<Regex> {
    Regex::new(r"(?is)select\s.*from\s|delete\s+from\s|insert\s+into\s.*values[\s(]|update\s.*set\s").ok()
}

/// Whether a name is a password's: one of its words, between underscores, is `password`, `passwd`, `pwd`, `pass`, `passphrase`,
/// `token` or `secret`.
pub(super) fn names_password(name: &str) -> bool {
    name.split('_').any(|word| {
        let word = word.to_ascii_lowercase();
        let rest = word.strip_prefix("pas").map(|rest| rest.trim_start_matches('s'));
        matches!(word.as_str(), "pass" | "passphrase" | "pwd" | "token" | "secret" | "secrete")
            || matches!(rest, Some("wd" | "wod" | "wrd" | "word"))
    })
}

impl<'a> Scan<'a> {
    /// A text, given what it stands in.
    pub(super) fn text(&mut self, literal: &'a ExprStringLiteral, text: &str) {
        let Some(parent) = self.parent() else { return };
        if parent.is_stmt_expr() {
            return;
        }
        self.anywhere(text, literal.range());
        self.password(literal.range(), text, parent);
        let built = match parent {
            AnyNodeRef::ExprBinOp(_) => self.concatenated(text),
            AnyNodeRef::ExprAttribute(parent) if matches!(parent.attr.as_str(), "format" | "replace") => {
                text.to_owned()
            }
            _ => return,
        };
        self.statement(&built, literal.range());
    }

    /// An f-string: each of its written parts is a text, and together they may be a statement of SQL.
    pub(super) fn pieces<'b>(&mut self, parts: impl Iterator<Item = &'b FStringPart>, range: TextRange) {
        let (mut pieces, mut last) = (Vec::new(), String::new());
        for part in parts {
            match part {
                FStringPart::Literal(literal) => last.push_str(&literal.value),
                FStringPart::FString(string) => self.elements(&string.elements, &mut pieces, &mut last, range),
            }
        }
        pieces.push(last);
        self.joined(&pieces, range);
    }

    fn elements(
        &mut self,
        elements: &InterpolatedStringElements,
        pieces: &mut Vec<String>,
        last: &mut String,
        range: TextRange,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => last.push_str(&literal.value),
                InterpolatedStringElement::Interpolation(inner) => {
                    pieces.push(std::mem::take(last));
                    if let Some(format) = &inner.format_spec {
                        let (mut spec, mut rest) = (Vec::new(), String::new());
                        self.elements(&format.elements, &mut spec, &mut rest, range);
                        spec.push(rest);
                        self.joined(&spec, range);
                    }
                }
            }
        }
    }

    fn joined(&mut self, pieces: &[String], range: TextRange) {
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            self.anywhere(piece, range);
        }
        self.statement(&pieces.concat(), range);
    }

    fn anywhere(&mut self, text: &str, range: TextRange) {
        if text == "0.0.0.0" {
            self.add("B104", Warning, range, "listening on 0.0.0.0 lets every network in");
        }
        if TEMPORARY.iter().any(|folder| text.starts_with(folder)) {
            self.add("B108", Warning, range, "a file in a folder where everybody writes: use the tempfile module");
        }
    }

    fn statement(&mut self, text: &str, range: TextRange) {
        if self.sql.is_some_and(|sql| sql.is_match(text)) {
            self.add("B608", Warning, range, "SQL put together from texts: pass values as parameters of the query");
        }
    }

    // A text with the others of the operators around its own: those before it, those after it, as they stand.
    fn concatenated(&self, text: &str) -> String {
        let around = self.stack.iter().rev().map_while(|node| match node {
            AnyNodeRef::ExprBinOp(node) => Some(*node),
            _ => None,
        });
        let around: Vec<&ExprBinOp> = around.take(MAX_OPERATORS).collect();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for pair in around.windows(2) {
            let [inner, outer] = pair else { continue };
            if outer.left.range() == inner.range() {
                texts_of(&outer.right, &mut after);
            } else {
                let mut texts = Vec::new();
                texts_of(&outer.left, &mut texts);
                before.extend(texts.into_iter().rev());
            }
        }
        let others = before.into_iter().rev().chain(after);
        std::iter::once(text).chain(others).collect::<Vec<_>>().join(" ")
    }

    fn password(&mut self, range: TextRange, text: &str, parent: AnyNodeRef<'a>) {
        let named = |target: &Expr| match target {
            Expr::Name(name) => names_password(&name.id),
            Expr::Attribute(attribute) => names_password(&attribute.attr),
            _ => false,
        };
        let found = match parent {
            AnyNodeRef::StmtAssign(assign) => assign.targets.iter().any(named),
            AnyNodeRef::ExprSubscript(_) => {
                let assign = self.stack.len().checked_sub(2).and_then(|at| self.stack.get(at));
                names_password(text)
                    && matches!(assign, Some(AnyNodeRef::StmtAssign(assign)) if assign.value.is_string_literal_expr())
            }
            AnyNodeRef::ExprCompare(compare) => {
                named(&compare.left) && compare.comparators.first().is_some_and(Expr::is_string_literal_expr)
            }
            _ => false,
        };
        if found {
            self.add("B105", Info, range, WRITTEN_PASSWORD);
        }
    }

    /// Passwords among the values of a dictionary.
    pub(super) fn dict(&mut self, dict: &ExprDict) {
        for item in &dict.items {
            if let Some(Expr::StringLiteral(key)) = &item.key
                && names_password(key.value.to_str())
                && item.value.is_literal_expr()
            {
                self.add("B105", Info, key.range(), WRITTEN_PASSWORD);
            }
        }
    }

    /// Passwords as defaults of a function's parameters.
    pub(super) fn password_default(&mut self, function: &StmtFunctionDef) {
        if defaults(function).any(|(name, default)| default.is_string_literal_expr() && names_password(name)) {
            self.add("B107", Info, function.name.range(), "a password written as a default: ask for it instead");
        }
    }
}

// The texts of a tree of operators, from left to right.
fn texts_of<'b>(expr: &'b Expr, texts: &mut Vec<&'b str>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::BinOp(node) => open.extend([&*node.right, &*node.left]),
            Expr::StringLiteral(literal) => texts.push(literal.value.to_str()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names_password;

    #[test]
    fn names_of_passwords_are_told_by_their_words() {
        for name in
            ["password", "PASSWORD", "db_pass", "pwd", "api_token_x", "passswd", "paswrd", "secret", "user_passphrase"]
        {
            assert!(names_password(name), "{name}");
        }
        for name in ["passes", "tokens", "passworded", "mypassword", "compass", "secretly", "pa", ""] {
            assert!(!names_password(name), "{name}");
        }
    }
}
