//! Environment files as compose-go reads them: `KEY=value` lines, quotes, comments, variables of other lines.

use super::template::{MAX_GROWTH_BYTES, Variables};
use std::collections::BTreeMap;

/// Reads an environment file into `out`. `known` is looked at first when a value names a variable. An error names its line.
pub fn read(
    source: &str,
    known: &[&BTreeMap<String, String>],
    out: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let mut rest = source;
    let (mut line, mut counted) = (1, 0);
    let mut grown = 0_usize;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(());
        }
        // Counted from the last statement on: from the start it would take a long file the square of its length.
        let at = source.len().saturating_sub(rest.len());
        line += source.get(counted..at).unwrap_or_default().matches('\n').count();
        counted = at;
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, behind)| behind);
            continue;
        }
        let exported = rest.strip_prefix("export").filter(|behind| behind.starts_with(char::is_whitespace));
        let statement = exported.map_or(rest, |behind| behind.trim_start_matches(is_space));
        let mut end = None;
        for (at, character) in statement.char_indices() {
            match character {
                '=' | ':' | '\n' => {
                    end = Some((at, character));
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                c if is_space(c) || c.is_alphanumeric() => {}
                _ => return Err(format!("line {line} has a character that no name takes")),
            }
        }
        let Some((at, separator)) = end else {
            // A last line without a sign and a break names nothing.
            return Ok(());
        };
        let key = statement.get(..at).unwrap_or_default().trim_end();
        if key.contains(' ') {
            return Err(format!("line {line} has a name with a space"));
        }
        rest = statement.get(at + 1..).unwrap_or_default().trim_start_matches(is_space);
        if separator == '\n' {
            if let Some(value) = known.iter().find_map(|layer| layer.get(key)) {
                out.insert(key.to_owned(), value.clone());
            }
            continue;
        }
        let (value, behind) = value(rest, line)?;
        rest = behind;
        let value = match value {
            Written::Literal(text) => text,
            Written::Template(text) => {
                let mut layers = known.to_vec();
                layers.push(out);
                let filled = Variables::new(layers)
                    .fill(&text)
                    .map_err(|_| format!("line {line} has a variable that cannot be filled in"))?;
                grown += filled.len().saturating_sub(text.len());
                if grown > MAX_GROWTH_BYTES {
                    return Err(format!("line {line} and those before it make values too long to be looked at"));
                }
                filled
            }
        };
        out.insert(key.to_owned(), value);
    }
}

/// Reads an environment file in the raw format: values as they are, quotes and variables too.
pub fn read_raw(
    source: &str,
    known: &BTreeMap<String, String>,
    out: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for (at, line) in source.lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').map_or((line, None), |(key, value)| (key, Some(value)));
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(format!("line {} has no name, or one with a space", at + 1));
        }
        if let Some(value) = value.or_else(|| known.get(key).map(String::as_str)) {
            out.insert(key.to_owned(), value.to_owned());
        }
    }
    Ok(())
}

enum Written {
    Literal(String),
    Template(String),
}

fn value(rest: &str, line: usize) -> Result<(Written, &str), String> {
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let (text, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let text = text.split_once(" #").map_or(text, |(text, _)| text).trim_end();
        return Ok((Written::Template(text.to_owned()), behind));
    };
    let mut text = String::new();
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match (character, escaped) {
            (c, false) if c == quote => {
                let behind = rest.get(at + 1..).unwrap_or_default();
                let written = if quote == '"' { Written::Template(unescape(&text)) } else { Written::Literal(text) };
                return Ok((written, behind));
            }
            ('\\', false) => escaped = true,
            (c, true) => {
                if c != quote {
                    text.push('\\');
                }
                text.push(c);
                escaped = false;
            }
            (c, false) => text.push(c),
        }
    }
    Err(format!("line {line} has a quote that does not end"))
}

// The escapes of a text in double quotes. `\$` becomes `$$`, which stands for a dollar sign.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.peek().copied() {
            Some('$') => out.push_str("$$"),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('"') => out.push('"'),
            Some('\\') => out.push('\\'),
            _ => {
                out.push('\\');
                continue;
            }
        }
        characters.next();
    }
    out
}

fn is_space(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_name_values_grow_to_a_limit() {
        let read = |levels: usize| {
            let rest: Vec<String> = (1..levels).map(|n| format!("A{n}=$A{0}$A{0}\n", n - 1)).collect();
            let mut out = BTreeMap::new();
            super::read(&format!("A0=xxxxxxxx\n{}", rest.concat()), &[], &mut out)
                .map(|()| out.values().map(String::len).max())
        };
        assert_eq!(read(14), Ok(Some(8 << 13)));
        assert!(read(40).is_err_and(|error| error.contains("line 15")));
        let many = format!("A={}\n{}", "x".repeat(60_000), "B=$A\n".repeat(200));
        assert!(super::read(&many, &[], &mut BTreeMap::new()).is_err_and(|error| error.contains("too long")));
        // Every line is told, in time that grows with the text.
        let lines = "A=1\n".repeat(200_000);
        assert!(
            super::read(&format!("{lines}$"), &[], &mut BTreeMap::new())
                .is_err_and(|error| error.contains("line 200001"))
        );
    }

    #[test]
    fn lines_are_read_as_compose_reads_them() {
        let known = BTreeMap::from([("HOST".to_owned(), "h".to_owned())]);
        let mut out = BTreeMap::new();
        let source = "# c\nA=1 # x\nexport B='a $A'\nC=\"x\\n$A\\$Y\"\nD: y\nHOST\nE=\nF=${A}$HOST\nG=a#b\n";
        assert_eq!(read(source, &[&known], &mut out), Ok(()));
        let expected = [
            ("A", "1"),
            ("B", "a $A"),
            ("C", "x\n1$Y"),
            ("D", "y"),
            ("E", ""),
            ("F", "1h"),
            ("G", "a#b"),
            ("HOST", "h"),
        ];
        assert_eq!(out, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        assert!(read("A=\"x", &[], &mut out).is_err());
        assert!(read("A B=1", &[], &mut out).is_err());
        assert!(read("%=1", &[], &mut out).is_err());
    }
}
