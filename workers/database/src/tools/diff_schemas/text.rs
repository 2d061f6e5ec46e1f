//! Texts of SQL: expressions brought to one spelling, names quoted, names that servers give by themselves.

use crate::support::schema::Dialect;
use crate::support::schema::lex::{Kind, inner, statements};
use crate::support::schema::types::ColumnType;

/// Longest name of `PostgreSQL`, in bytes (`NAMEDATALEN` less one).
const MAX_NAME_BYTES: usize = 63;
/// Deepest brackets that are opened to compare what is in them.
const MAX_BRACKETS: usize = 50;
/// Types between texts: casts to them say nothing new of a text.
const TEXTS: &[&str] = &["text", "varchar", "character", "bpchar", "char", "regclass", "name"];
/// Second words of types.
const TYPE_TAILS: &[&str] = &["varying", "precision", "with", "without", "time", "zone"];

/// A name in the dialect's quotes.
pub(super) fn quote(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::MySql => format!("`{}`", name.replace('`', "``")),
        Dialect::PostgreSql | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The name of a table, with its schema where it has one, quoted.
pub(super) fn quote_table(name: &str, dialect: Dialect) -> String {
    match name.split_once('.') {
        Some((schema, table)) => format!("{}.{}", quote(schema, dialect), quote(table, dialect)),
        None => quote(name, dialect),
    }
}

/// Names in quotes, with commas.
pub(super) fn quote_list(names: &[String], dialect: Dialect) -> String {
    let quoted = names.iter().map(|name| {
        // MySQL's parts of keys have lengths.
        if dialect == Dialect::MySql && (name.contains('(') || name.contains(' ')) {
            name.clone()
        } else {
            quote(name, dialect)
        }
    });
    quoted.collect::<Vec<_>>().join(", ")
}

/// A text in quotes.
pub(super) fn literal(text: &str, dialect: Dialect) -> String {
    let text = if dialect == Dialect::MySql { text.replace('\\', "\\\\") } else { text.to_owned() };
    format!("'{}'", text.replace('\'', "''"))
}

/// A type as a statement names it.
pub(super) fn type_text(ty: &ColumnType, dialect: Dialect) -> String {
    let plain = |part: &str| {
        part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ' ' || !c.is_ascii())
    };
    if dialect == Dialect::Sqlite || ty.name.split('.').all(plain) {
        let text = ty.text();
        // Precision stands inside of these names.
        return text;
    }
    let name = ty.name.split('.').map(|part| quote(part, dialect)).collect::<Vec<_>>().join(".");
    ColumnType { name, ..ty.clone() }.text()
}

/// Whether two types are one.
pub(super) fn same_type(one: &ColumnType, other: &ColumnType) -> bool {
    one.name.eq_ignore_ascii_case(&other.name) && type_key(one) == type_key(other)
}

/// What is the same of types that are.
pub(super) fn type_key(ty: &ColumnType) -> (String, bool, usize, Vec<String>) {
    let mut arguments: Vec<String> = ty.arguments.iter().map(|text| text.replace(' ', "")).collect();
    match ty.name.as_str() {
        "numeric" | "decimal" => {
            if arguments.len() == 2 && arguments.last().is_some_and(|scale| scale == "0") {
                arguments.pop();
            }
            if ty.name == "decimal" && arguments.is_empty() {
                arguments.push("10".to_owned());
            }
        }
        "timestamp" | "timestamptz" | "time" | "timetz" if arguments == ["6"] => arguments.clear(),
        "year" => arguments.clear(),
        _ => {}
    }
    (ty.name.to_ascii_lowercase(), ty.unsigned, ty.array.min(1), arguments)
}

/// An expression in the one spelling that is compared: words in lower case, casts that say nothing and brackets left out.
pub(super) fn canonical(text: &str, dialect: Dialect) -> String {
    let tokens = respell_casts(words(text, dialect));
    let tokens = without_casts(tokens);
    let tokens = respelled(tokens);
    boolean(&tokens, 0)
}

/// The words of a text as they are compared, in order.
pub(super) fn words(text: &str, dialect: Dialect) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for token in statements(text, dialect).into_iter().flatten() {
        let word = match token.kind {
            Kind::Word | Kind::Number => token.text.to_lowercase(),
            Kind::Quoted => {
                let name = inner(token.text);
                let plain =
                    name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') && !name.is_empty();
                match dialect {
                    Dialect::PostgreSql if plain => name,
                    Dialect::PostgreSql => format!("\"{name}\""),
                    Dialect::MySql | Dialect::Sqlite => name.to_lowercase(),
                }
            }
            Kind::Text => {
                if token.text.starts_with('$') {
                    let body = token
                        .text
                        .find('$')
                        .and_then(|_| token.text.get(1..))
                        .and_then(|rest| rest.find('$').map(|end| end + 2));
                    let tag = body.unwrap_or(2);
                    let body = token.text.get(tag..token.text.len().saturating_sub(tag)).unwrap_or_default();
                    format!("'{}'", body.trim().replace("\r\n", "\n").replace('\'', "''"))
                } else if token.text.starts_with(['e', 'E']) && !token.text.contains('\\') {
                    token.text.get(1..).unwrap_or_default().to_owned()
                } else {
                    format!("'{}'", inner(token.text).replace('\'', "''"))
                }
            }
            Kind::Mark => token.text.to_owned(),
        };
        // Marks of one operator are one word.
        let joins = matches!(
            (list.last().map(String::as_str), word.as_str()),
            (Some(":"), ":")
                | (Some("!" | "<" | ">"), "=")
                | (Some("<" | "-" | "->"), ">")
                | (Some("|"), "|")
                | (Some("~"), "~")
        );
        if joins && let Some(last) = list.last_mut() {
            last.push_str(&word);
            if last == "!=" {
                "<>".clone_into(last);
            }
            continue;
        }
        // The usual schema is not said.
        if word == "." && list.last().is_some_and(|last| last == "public" || last == "pg_catalog") {
            list.pop();
            continue;
        }
        list.push(word);
    }
    list
}

/// `CAST(x AS t)` as `x::t`.
pub(super) fn respell_casts(tokens: Vec<String>) -> Vec<String> {
    if !tokens.iter().any(|token| token == "cast") {
        return tokens;
    }
    let mut kept: Vec<String> = Vec::with_capacity(tokens.len());
    // Open brackets: whether a cast's, whether its AS was seen.
    let mut open: Vec<Option<bool>> = Vec::new();
    for token in tokens {
        match token.as_str() {
            "(" => {
                let cast = kept.last().is_some_and(|last| last == "cast");
                if cast {
                    kept.pop();
                } else {
                    kept.push(token);
                }
                open.push(cast.then_some(false));
            }
            "as" if open.last() == Some(&Some(false)) => {
                open.pop();
                open.push(Some(true));
                kept.push("::".to_owned());
            }
            ")" => {
                if open.pop().flatten().is_none() {
                    kept.push(token);
                }
            }
            _ => kept.push(token),
        }
    }
    kept
}

// Casts of literals, and to texts.
fn without_casts(tokens: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if token != "::" {
            kept.push(token);
            continue;
        }
        let mut ty = Vec::new();
        while let Some(next) = tokens.peek() {
            let word = next.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '"');
            if word
                && (ty.is_empty()
                    || ty.last().is_some_and(|last: &String| last == ".")
                    || TYPE_TAILS.contains(&next.as_str()))
                || next == "."
                || next == "["
                || next == "]"
                    && ty.iter().filter(|part| *part == "[").count() > ty.iter().filter(|part| *part == "]").count()
            {
                ty.extend(tokens.next());
            } else if next == "(" && !ty.is_empty() {
                for next in tokens.by_ref() {
                    let ends = next == ")";
                    ty.push(next);
                    if ends {
                        break;
                    }
                }
            } else {
                break;
            }
        }
        let literal = kept.last().is_some_and(|last| {
            last.starts_with('\'') || last == "null" || last.starts_with(|c: char| c.is_ascii_digit())
        });
        let text = ty.first().is_some_and(|word| TEXTS.contains(&word.as_str()));
        if !literal && !text {
            kept.push("::".to_owned());
            kept.extend(ty);
        }
    }
    kept
}

// Spellings of one thing.
fn respelled(tokens: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for token in tokens {
        if token == "current_timestamp" {
            kept.extend(["now", "(", ")"].map(str::to_owned));
        } else if token == "(" && kept.ends_with(&["now", "(", ")"].map(str::to_owned)) {
            // `CURRENT_TIMESTAMP(3)`
            kept.pop();
            kept.pop();
            kept.push(token);
        } else {
            kept.push(token);
        }
    }
    // `x = ANY (ARRAY[a, b])` is `x IN (a, b)`.
    let mut listed: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = kept.get(at) {
        if let Some((list, end)) = any_of(&kept, at) {
            listed.extend(["in", "("].map(str::to_owned));
            let plain = list.iter().all(|word| word.starts_with('\'') || ["(", ")", ","].contains(&word.as_str()));
            listed.extend(list.iter().filter(|word| !plain || !["(", ")"].contains(&word.as_str())).cloned());
            listed.push(")".to_owned());
            at = end;
        } else {
            listed.push(token.clone());
            at += 1;
        }
    }
    listed
}

// What an `= ANY (ARRAY[..])` at this place lists, and where it ends.
fn any_of(tokens: &[String], at: usize) -> Option<(&[String], usize)> {
    if tokens.get(at..at + 2)? != ["=", "any"] && tokens.get(at..at + 2)? != ["=", "some"] {
        return None;
    }
    let opens = tokens.iter().skip(at + 2).take_while(|token| *token == "(").count();
    let array = at + 2 + opens;
    if opens == 0 || tokens.get(array..array + 2)? != ["array", "["] {
        return None;
    }
    let close = tokens.iter().skip(array).position(|token| token == "]")? + array;
    let closed = tokens.get(close + 1..=close + opens)?.iter().all(|token| token == ")");
    closed.then(|| (tokens.get(array + 2..close).unwrap_or_default(), close + opens + 1))
}

// Conditions joined by AND and OR, each without its brackets.
fn boolean(tokens: &[String], depth: usize) -> String {
    let mut tokens = tokens;
    while let Some(stripped) = stripped(tokens) {
        tokens = stripped;
    }
    if depth > MAX_BRACKETS {
        return tokens.join(" ");
    }
    for word in ["or", "and"] {
        let parts = split(tokens, word);
        if parts.len() > 1 {
            let texts: Vec<String> = parts
                .iter()
                .map(|part| {
                    let text = boolean(part, depth + 1);
                    if word == "and" && split(&text.split(' ').map(str::to_owned).collect::<Vec<_>>(), "or").len() > 1 {
                        format!("( {text} )")
                    } else {
                        text
                    }
                })
                .collect();
            return texts.join(&format!(" {word} "));
        }
    }
    // Brackets around one word, not those of a call.
    let mut kept: Vec<&str> = Vec::new();
    for token in tokens {
        kept.push(token);
        if token == ")" && kept.len() >= 3 && kept.get(kept.len() - 3) == Some(&"(") {
            let before = kept.len().checked_sub(4).and_then(|at| kept.get(at)).copied().unwrap_or("(");
            let call = before.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"')
                && ![
                    "and", "or", "not", "when", "then", "else", "case", "between", "like", "is", "select", "where",
                    "on",
                ]
                .contains(&before);
            if !call {
                kept.pop();
                let word = kept.pop().unwrap_or_default();
                kept.pop();
                kept.push(word);
            }
        }
    }
    kept.join(" ")
}

// What stands in brackets that hold everything.
fn stripped(tokens: &[String]) -> Option<&[String]> {
    if tokens.first()? != "(" || tokens.last()? != ")" {
        return None;
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token == "(" {
            depth += 1;
        } else if token == ")" {
            depth = depth.saturating_sub(1);
            if depth == 0 && at + 1 < tokens.len() {
                return None;
            }
        }
    }
    tokens.get(1..tokens.len() - 1)
}

fn split<'t>(tokens: &'t [String], word: &str) -> Vec<&'t [String]> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut between, mut cases) = (0_usize, 0, false, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "case" => cases += 1,
            "end" => cases = cases.saturating_sub(1),
            "between" if depth == 0 => between = true,
            "and" if depth == 0 && between => between = false,
            token if token == word && depth == 0 && cases == 0 => {
                parts.push(tokens.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(tokens.get(start..).unwrap_or_default());
    parts
}

/// A default in the one spelling that is compared; nothing where it is NULL.
pub(super) fn canonical_default(default: Option<&str>, ty: &ColumnType, dialect: Dialect) -> Option<String> {
    let mut text = canonical(default?, dialect);
    // A cast to the column's own type.
    if let Some((value, cast)) = text
        .rsplit_once(" :: ")
        .filter(|(value, cast)| value.ends_with(')') && cast.split(' ').next() == Some(ty.name.as_str()))
    {
        let _ = cast;
        text = String::from(value);
    }
    if dialect == Dialect::MySql {
        let inner = text.trim_matches('\'');
        if inner.parse::<f64>().is_ok() && text.starts_with('\'') {
            text = String::from(inner);
        }
        if ty.name == "tinyint" {
            text = match text.as_str() {
                "true" => "1".to_owned(),
                "false" => "0".to_owned(),
                _ => text,
            };
        }
    }
    (text != "null").then_some(text)
}

/// A name that `PostgreSQL` makes of a table, columns and what it is.
pub(super) fn made_name(table: &str, columns: &str, label: &str) -> String {
    let table = table.rsplit('.').next().unwrap_or(table);
    let (mut one, mut two) = (table.to_owned(), columns.to_owned());
    let overhead = label.len() + 1 + usize::from(!two.is_empty());
    while one.len() + two.len() + overhead > MAX_NAME_BYTES && (one.len() > 1 || two.len() > 1) {
        if one.len() > two.len() {
            one.pop()
        } else {
            two.pop()
        };
    }
    if two.is_empty() { format!("{one}_{label}") } else { format!("{one}_{two}_{label}") }
}

/// Text in which a word that names something is another word.
pub(super) fn rename_word(text: &str, old: &str, new: &str, dialect: Dialect) -> String {
    let mut renamed = String::new();
    let mut end = 0;
    for token in statements(text, dialect).into_iter().flatten() {
        renamed.push_str(text.get(end..token.at).unwrap_or_default());
        end = token.end();
        if matches!(token.kind, Kind::Word | Kind::Quoted) && token.name(dialect).as_deref() == Some(old) {
            renamed.push_str(&quote(new, dialect));
        } else {
            renamed.push_str(token.text);
        }
    }
    renamed.push_str(text.get(end..).unwrap_or_default());
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_expression_are_one() {
        let same = |one: &str, other: &str| {
            assert_eq!(canonical(one, Dialect::PostgreSql), canonical(other, Dialect::PostgreSql));
        };
        same("((a > 0) AND (b > 0))", "a>0 and b > 0");
        same(
            "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            "status IN ('a','b')",
        );
        same("a = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])", "a in ('x', 'y')");
        same("CURRENT_TIMESTAMP", "now()");
        same("x != 1", "(x <> 1)");
        same("lower((name)::text)", "lower(name)");
        assert_ne!(canonical("(a or b) and c", Dialect::PostgreSql), canonical("a or b and c", Dialect::PostgreSql));
        assert_ne!(
            canonical("a between 1 and 2", Dialect::PostgreSql),
            canonical("a between 1 and 3", Dialect::PostgreSql)
        );
    }

    #[test]
    fn made_names_are_postgres_names() {
        assert_eq!(made_name("shop.orders", "a_b", "fkey"), "orders_a_b_fkey");
        assert_eq!(made_name("t", "", "pkey"), "t_pkey");
        assert_eq!(made_name(&"t".repeat(60), &"c".repeat(60), "key").len(), MAX_NAME_BYTES);
    }
}
