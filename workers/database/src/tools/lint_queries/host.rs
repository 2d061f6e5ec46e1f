//! SQL that is put together from values: in host code by its literals, in routines by EXECUTE and PREPARE.
//!
//! It reads literals, not programs: whether a value can be bad is not known, that it becomes part of a statement is.

use super::rules;
use crate::support::schema::Dialect;
use crate::support::schema::lex::{Kind, inner, statements};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, LineIndex};
use std::collections::BTreeMap;

/// Languages whose literals are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    JavaScript,
    Php,
    Ruby,
    CSharp,
    Plain,
}

/// The language of a file, by its ending; none for SQL.
pub(super) fn language(filename: &str) -> Option<Language> {
    let (_, ending) = filename.rsplit_once('.')?;
    Some(match ending.to_lowercase().as_str() {
        "py" => Language::Python,
        "js" | "mjs" | "cjs" | "ts" | "tsx" | "jsx" => Language::JavaScript,
        "php" => Language::Php,
        "rb" => Language::Ruby,
        "cs" => Language::CSharp,
        "java" | "go" | "kt" | "scala" | "rs" | "swift" => Language::Plain,
        _ => return None,
    })
}

struct Literal<'s> {
    start: usize,
    end: usize,
    body: &'s str,
    prefix: &'s str,
    quote: char,
}

// The literals of a source, comments left out.
fn literals(source: &str, language: Language) -> Vec<Literal<'_>> {
    let mut list = Vec::new();
    let mut at = 0;
    // Until where an opening mark is known not to be closed: escapes fall alike from wherever one starts to look.
    let mut open_until: BTreeMap<&str, usize> = BTreeMap::new();
    while let Some(rest) = source.get(at..) {
        let Some(c) = rest.chars().next() else { break };
        let hash = matches!(language, Language::Python | Language::Ruby | Language::Php);
        if c == '#' && hash || rest.starts_with("//") && language != Language::Python {
            at += rest.find('\n').unwrap_or(rest.len()).max(1);
        } else if rest.starts_with("/*") && language != Language::Python {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if c == '"' || c == '\'' || c == '`' && matches!(language, Language::JavaScript | Language::Plain) {
            let triple = rest.get(..3).filter(|mark| matches!(*mark, "\"\"\"" | "'''"));
            let open = triple.map_or(c.len_utf8(), str::len);
            let mark = rest.get(..open).unwrap_or_default();
            if open_until.get(mark).is_some_and(|until| at < *until) {
                at += open;
                continue;
            }
            let mut end = None;
            let mut stopped = rest.len();
            let mut chars = rest.char_indices().skip_while(|(at, _)| *at < open);
            while let Some((place, next)) = chars.next() {
                if next == '\\' {
                    chars.next();
                } else if next == '\n' && triple.is_none() && c != '`' && language != Language::Php {
                    stopped = place;
                    break;
                } else if triple.map_or(next == c, |mark| rest.get(place..).is_some_and(|rest| rest.starts_with(mark)))
                {
                    end = Some(place);
                    break;
                }
            }
            let Some(end) = end else {
                open_until.insert(mark, at + stopped);
                at += open;
                continue;
            };
            let before = source.get(..at).unwrap_or_default();
            let prefix = before.rfind(|c: char| !c.is_alphanumeric() && c != '$' && c != '@').map_or(0, |place| {
                place + before.get(place..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            });
            list.push(Literal {
                start: at,
                end: at + end + open,
                body: rest.get(open..end).unwrap_or_default(),
                prefix: before.get(prefix..).unwrap_or_default(),
                quote: c,
            });
            at += end + open;
        } else {
            at += c.len_utf8();
        }
    }
    list
}

// Whether a text is SQL, by its first words.
fn is_sql(text: &str) -> bool {
    let lower = text.trim_start().to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().take(400).collect();
    let has = |word: &str| words.contains(&word);
    match words.first().copied() {
        Some("select" | "with") => has("from") || words.len() > 2 && words.first() == Some(&"with") && has("as"),
        Some("insert" | "replace") => has("into"),
        Some("update") => has("set"),
        Some("delete") => has("from"),
        Some("drop" | "alter" | "truncate" | "create") => {
            has("table") || has("index") || has("view") || has("user") || has("database")
        }
        _ => false,
    }
}

/// What is put into SQL by host code.
pub(super) fn findings(source: &str, language: Language, lines: &LineIndex<'_>) -> Vec<Finding> {
    let list = literals(source, language);
    let mut findings = Vec::new();
    let mut joined_until = 0;
    for (at, literal) in list.iter().enumerate() {
        if !is_sql(literal.body) || literal.start < joined_until {
            continue;
        }
        let after = source.get(literal.end..).unwrap_or_default().trim_start();
        let lower = literal.prefix.to_lowercase();
        let how = if interpolates(literal, &lower, language) {
            Some("a value is written into the text")
        } else if language == Language::Python && after.starts_with('%') && literal.body.contains('%') {
            Some("a value is formatted into the text by %")
        } else if after.starts_with(".format(")
            || after.starts_with(".formatted(")
            || after.starts_with(".replace(")
            || formatter(source, literal, language)
        {
            Some("a value is formatted into the text")
        } else {
            let (end, value) = concatenated(source, &list, at, language);
            joined_until = end;
            value.then_some("a value is joined to the text")
        };
        if let Some(how) = how {
            findings.push(
                Finding::new(
                    &rules::INJECTION,
                    format!("{how} of {}: pass it as a parameter", excerpt(literal.body.trim())),
                )
                .at(lines.range(literal.start..literal.end)),
            );
        }
    }
    findings
}

fn interpolates(literal: &Literal<'_>, prefix: &str, language: Language) -> bool {
    let body = literal.body;
    match language {
        Language::Python => prefix.contains('f') && prefix.len() <= 2 && body.replace("{{", "").contains('{'),
        // A tag makes parameters of them.
        Language::JavaScript => {
            literal.quote == '`' && body.contains("${") && !prefix.chars().any(char::is_alphabetic)
                || literal.quote == '`' && body.contains("${") && matches!(prefix, "return" | "await")
        }
        Language::Php => {
            literal.quote == '"'
                && body.char_indices().any(|(at, c)| {
                    c == '$'
                        && body
                            .get(at + 1..)
                            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{'))
                })
        }
        Language::Ruby => literal.quote == '"' && body.contains("#{"),
        Language::CSharp => prefix.contains('$') && body.replace("{{", "").contains('{'),
        Language::Plain => prefix == "s" && body.contains('$'),
    }
}

// `String.format("..", x)`, `fmt.Sprintf("..", x)`, `sprintf`, `format!`
fn formatter(source: &str, literal: &Literal<'_>, language: Language) -> bool {
    let before = source.get(..literal.start).unwrap_or_default().trim_end();
    let call = before.strip_suffix('(').unwrap_or_default().trim_end();
    let named = ["String.format", "Sprintf", "sprintf", "format!", "string.Format", "String.Format"]
        .iter()
        .any(|name| call.ends_with(name));
    let holes = literal.body.contains('%') || literal.body.contains('{');
    let more = source.get(literal.end..).unwrap_or_default().trim_start().starts_with(',');
    let _ = language;
    named && holes && (more || call.ends_with("format!"))
}

// Where a chain of joined literals ends, and whether something else is joined in.
fn concatenated(source: &str, list: &[Literal<'_>], from: usize, language: Language) -> (usize, bool) {
    let mut end = list.get(from).map_or(0, |literal| literal.end);
    let mut next = from + 1;
    let mark = if language == Language::Php { '.' } else { '+' };
    loop {
        let rest = source.get(end..).unwrap_or_default();
        let trimmed = rest.trim_start();
        let Some(after) =
            trimmed.strip_prefix(mark).filter(|after| !after.starts_with(mark) && !after.starts_with('='))
        else {
            // `sql += x` is another statement; `"a" "b"` is one text.
            return (end, false);
        };
        let after = after.trim_start();
        let start = source.len() - after.len();
        match list.get(next) {
            Some(literal)
                if literal.start - literal.prefix.len().min(literal.start) <= start && literal.start >= start =>
            {
                if language == Language::Python && literal.prefix.to_lowercase().contains('f') {
                    return (literal.end, true);
                }
                end = literal.end;
                next += 1;
            }
            _ => {
                // Names in capitals are constants.
                let word: String =
                    after.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.' || *c == '$').collect();
                let constant =
                    !word.is_empty() && word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
                return (start, !constant && !after.is_empty());
            }
        }
    }
}

/// Dynamic SQL in routines: EXECUTE of a text to which values are joined, or into which `format` puts them by %s.
pub(super) fn routines(source: &str, dialect: Dialect, lines: &LineIndex<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for tokens in statements(source, dialect) {
        let Some(first) = tokens.first() else { continue };
        if !(first.is("create") || first.is("do")) {
            continue;
        }
        if dialect == Dialect::PostgreSql {
            for token in tokens.iter().filter(|token| token.kind == Kind::Text && token.text.starts_with('$')) {
                let tag = token.text.get(1..).and_then(|rest| rest.find('$')).map_or(2, |end| end + 2);
                let body = token.text.get(tag..token.text.len().saturating_sub(tag)).unwrap_or_default();
                executes(body, token.at + tag, dialect, lines, &mut findings);
            }
        } else {
            let end = tokens.last().map_or(first.at, crate::support::schema::lex::Token::end);
            executes(source.get(first.at..end).unwrap_or_default(), first.at, dialect, lines, &mut findings);
        }
    }
    findings
}

fn executes(body: &str, offset: usize, dialect: Dialect, lines: &LineIndex<'_>, findings: &mut Vec<Finding>) {
    for tokens in statements(body, dialect) {
        let Some(at) = tokens.iter().position(|token| token.is("execute") || token.is("prepare")) else {
            mysql_concat(&tokens, offset, lines, findings);
            continue;
        };
        let rest: Vec<_> =
            tokens.iter().skip(at + 1).take_while(|token| !token.is("using") && !token.is("into")).collect();
        let mut bad = false;
        for (place, token) in rest.iter().enumerate() {
            let joins = token.is_mark('|')
                && rest.get(place + 1).is_some_and(|next| next.is_mark('|') && next.at == token.end());
            if joins && let Some(next) = rest.get(place + 2) {
                bad |= matches!(next.kind, Kind::Word | Kind::Quoted)
                    && !["quote_ident", "quote_literal", "quote_nullable"].iter().any(|word| next.is(word));
            }
            if token.is("format")
                && let Some(text) = rest.get(place + 2).filter(|text| text.kind == Kind::Text)
            {
                bad |= inner(text.text).contains("%s");
            }
        }
        if let Some(token) = tokens.get(at).filter(|_| bad) {
            let span =
                offset + token.at..offset + tokens.last().map_or(token.end(), crate::support::schema::lex::Token::end);
            findings.push(
                Finding::new(
                    &rules::INJECTION,
                    "a value is joined to the text that is executed: pass it by USING, names by format's %I",
                )
                .at(lines.range(span)),
            );
        }
    }
}

// MySQL: `SET @sql = CONCAT('SELECT ..', x); PREPARE s FROM @sql`
fn mysql_concat(
    tokens: &[crate::support::schema::lex::Token<'_>],
    offset: usize,
    lines: &LineIndex<'_>,
    findings: &mut Vec<Finding>,
) {
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.is("concat")) {
        let sql = tokens.get(at + 2).is_some_and(|text| text.kind == Kind::Text && is_sql(&inner(text.text)));
        let value = tokens
            .iter()
            .skip(at + 3)
            .take_while(|token| !token.is_mark(')'))
            .any(|token| matches!(token.kind, Kind::Word | Kind::Quoted) && !token.is("quote"));
        if sql && value {
            let span = offset + token.at..offset + token.end();
            findings.push(
                Finding::new(
                    &rules::INJECTION,
                    "a value is joined to the text that is prepared: use ? and EXECUTE .. USING",
                )
                .at(lines.range(span)),
            );
        }
    }
}
