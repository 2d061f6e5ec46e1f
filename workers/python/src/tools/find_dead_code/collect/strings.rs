//! Names that stand in strings and comments: attributes asked for by name, `__all__`, types in quotes, `# noqa`.

use super::{Collector, Silenced};
use crate::tools::find_dead_code::facts::Use;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Arguments, Expr, ModModule};
use ruff_python_parser::Parsed;
use std::collections::BTreeSet;

/// Longest string that could name something.
const MAX_NAME_BYTES: usize = 200;

/// Lines whose comment silences linters.
pub(super) fn silenced(parsed: &Parsed<ModModule>, source: &str) -> Silenced {
    let mut lines = Silenced::new();
    let mut line = 1_u32;
    let mut from = 0;
    for token in parsed.tokens() {
        let (kind, range) = token.as_tuple();
        if kind != TokenKind::Comment {
            continue;
        }
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let breaks = source.get(from..start).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count();
        line += u32::try_from(breaks).unwrap_or(0);
        from = start;
        let text = source.get(start..end).unwrap_or_default();
        let Some(at) = text.to_ascii_lowercase().find("# noqa") else { continue };
        let rest = text.get(at + 6..).unwrap_or_default();
        let codes = rest.strip_prefix(':').unwrap_or_default().split([',', ' ']).map(str::trim);
        let is_code = |code: &&str| {
            code.starts_with(|c: char| c.is_ascii_alphabetic()) && code.ends_with(|c: char| c.is_ascii_digit())
        };
        lines.insert(
            line,
            codes.take_while(|code| code.is_empty() || is_code(code)).filter(is_code).map(str::to_owned).collect(),
        );
    }
    lines
}

impl<'a> Collector<'_> {
    pub(super) fn string(&mut self, text: &str) {
        if self.annotation > 0 {
            // An annotation in quotes: what it names is read here.
            for name in words(text) {
                self.read(name, Vec::new(), false);
                self.use_attribute(name);
            }
        }
        if could_name(text) {
            self.facts.strings.insert(text.to_owned());
        }
    }

    pub(super) fn call(&mut self, call: &'a ruff_python_ast::ExprCall) {
        let arguments: &Arguments = &call.arguments;
        let text = |at: usize| match arguments.args.get(at) {
            Some(Expr::StringLiteral(string)) => Some(string.value.to_str()),
            _ => None,
        };
        match &*call.func {
            Expr::Name(name) => match name.id.as_str() {
                "getattr" | "hasattr" | "setattr" | "delattr" | "attrgetter" | "methodcaller" => {
                    let at = usize::from(!matches!(name.id.as_str(), "attrgetter" | "methodcaller"));
                    self.named_attribute(arguments, at);
                }
                "cast" | "TypeVar" | "NewType" | "ForwardRef" => self.quoted_types(arguments),
                _ => {}
            },
            Expr::Attribute(attribute) => {
                let method = attribute.attr.as_str();
                match method {
                    "attrgetter" | "methodcaller" => self.named_attribute(arguments, 0),
                    "cast" | "TypeVar" | "NewType" => self.quoted_types(arguments),
                    "object" => {
                        // mock.patch.object(x, "name")
                        if let Some(name) = text(1) {
                            self.facts.read.insert(name.to_owned());
                            self.facts.uses.insert((self.owner, Use::Attribute(name.to_owned())));
                        }
                    }
                    "setattr" | "delattr" => self.named_attribute(arguments, 1),
                    "append" | "extend" if matches!(&*attribute.value, Expr::Name(name) if name.id == "__all__") => {
                        arguments.args.iter().for_each(|argument| self.export(argument));
                    }
                    "format" if matches!(&*attribute.value, Expr::StringLiteral(_)) => {
                        let spreads = arguments
                            .keywords
                            .iter()
                            .any(|keyword| keyword.arg.is_none() && is_call_of(&keyword.value, "locals"));
                        if let Expr::StringLiteral(format) = &*attribute.value
                            && spreads
                        {
                            for name in words(format.value.to_str()) {
                                self.read(name, Vec::new(), false);
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    // An attribute named by a string, or by one that is put together.
    fn named_attribute(&mut self, arguments: &Arguments, at: usize) {
        match arguments.args.get(at) {
            Some(Expr::StringLiteral(name)) => {
                for part in name.value.to_str().split('.') {
                    self.use_attribute(part);
                }
            }
            Some(Expr::BinOp(operation)) => {
                if let Expr::StringLiteral(start) = &*operation.left {
                    let text = start.value.to_str();
                    self.prefix(text.split('%').next().unwrap_or_default());
                }
            }
            Some(Expr::FString(string)) => {
                let first = string.value.elements().next().and_then(|element| element.as_literal());
                if let Some(first) = first {
                    let text: &str = &first.value;
                    self.prefix(text);
                }
            }
            Some(Expr::Call(call)) => {
                if let Expr::Attribute(attribute) = &*call.func
                    && let Expr::StringLiteral(format) = &*attribute.value
                {
                    self.prefix(format.value.to_str().split('{').next().unwrap_or_default());
                }
            }
            _ => {}
        }
    }

    fn prefix(&mut self, text: &str) {
        if !text.is_empty() && text.len() <= MAX_NAME_BYTES {
            self.facts.prefixes.insert(text.to_owned());
        }
    }

    fn quoted_types(&mut self, arguments: &Arguments) {
        let keywords = arguments.keywords.iter().map(|keyword| &keyword.value);
        for argument in arguments.args.iter().chain(keywords) {
            if let Expr::StringLiteral(string) = argument {
                for name in words(string.value.to_str()) {
                    self.read(name, Vec::new(), false);
                }
            }
        }
    }

    pub(super) fn export(&mut self, value: &Expr) {
        let names: Vec<&str> = match value {
            Expr::List(list) => list.elts.iter().filter_map(literal).collect(),
            Expr::Tuple(tuple) => tuple.elts.iter().filter_map(literal).collect(),
            Expr::BinOp(operation) => {
                self.export(&operation.left);
                self.export(&operation.right);
                return;
            }
            value => literal(value).into_iter().collect(),
        };
        for name in names {
            self.facts.exported.insert(name.to_owned());
            self.facts.read.insert(name.to_owned());
        }
    }

    // `# type: list[Name]`: the names in it are read in the module.
    pub(super) fn type_comments(&mut self, parsed: &Parsed<ModModule>) {
        let mut names = BTreeSet::new();
        for token in parsed.tokens() {
            let (kind, range) = token.as_tuple();
            if kind == TokenKind::Comment {
                let text = self.source.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
                if let Some(types) = text.trim_start_matches('#').trim_start().strip_prefix("type:") {
                    names.extend(words(types).map(str::to_owned));
                }
            }
        }
        for name in names {
            self.read(&name, Vec::new(), false);
            self.use_attribute(&name);
        }
    }
}

pub(super) fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringLiteral(string) => Some(string.value.to_str()),
        _ => None,
    }
}

pub(super) fn is_call_of(expr: &Expr, function: &str) -> bool {
    matches!(expr, Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id == function))
}

/// The identifiers in a text.
pub(in crate::tools::find_dead_code) fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    parts.filter(|part| !part.is_empty() && part.len() <= MAX_NAME_BYTES && !part.starts_with(|c: char| c.is_numeric()))
}

// Whether a string could name something: identifiers with dots or a colon between.
fn could_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NAME_BYTES
        && !text.starts_with(|c: char| c.is_numeric())
        && text.split([':', '.']).all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'))
}
