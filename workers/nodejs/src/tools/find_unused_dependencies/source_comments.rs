//! The imports that a file makes in comments: directives of the compiler, and types of `JSDoc`.

use super::source::{Import, Names, Source, range};

// `/// <reference types="x" />`, `@jsxImportSource x`, and imports in JSDoc.
pub(super) fn read_comments(parsed: &oxc_parser::ParserReturn<'_>, text: &str, source: &mut Source) {
    for comment in &parsed.program.comments {
        let span = range(comment.span);
        let Some(words) = text.get(span.clone()) else { continue };
        let mut push = |specifier: &str, names: Names, is_type: bool| {
            source.imports.push(Import {
                specifier: specifier.to_owned(),
                span: span.clone(),
                names,
                is_type,
                is_soft: false,
            });
        };
        if words.starts_with("///") {
            if let Some(name) = attribute(words, "types") {
                push(&format!("types:{name}"), Names::Some(Vec::new()), true);
            }
            if let Some(path) = attribute(words, "path") {
                let path = if path.starts_with('.') { path.to_owned() } else { format!("./{path}") };
                push(&path, Names::Some(Vec::new()), true);
            }
        }
        if let Some((_, rest)) = words.split_once("@jsxImportSource ")
            && let Some(name) = rest.split_whitespace().next()
        {
            push(&format!("{name}/jsx-runtime"), Names::Some(Vec::new()), false);
        }
        if words.starts_with("/**") {
            for line in words.lines() {
                // A type stands in braces behind a tag.
                let Some((_, rest)) = line.split_once('@').filter(|(_, rest)| rest.contains('{')) else { continue };
                let types = rest.split_once('{').map_or("", |(_, types)| types);
                for piece in types.split("import(").skip(1) {
                    let quote = piece.chars().next().filter(|c| matches!(c, '"' | '\''));
                    if let Some((name, rest)) = quote.and_then(|quote| piece.get(1..)?.split_once(quote)) {
                        let member = rest.trim_start_matches(')').strip_prefix('.').map(|rest| {
                            rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
                                .next()
                                .unwrap_or_default()
                        });
                        push(name, member.map_or(Names::All, |member| Names::Some(vec![member.to_owned()])), true);
                    }
                }
            }
            for (at, tag) in words.match_indices("@import") {
                // Prose mentions the tag in quotes.
                let is_quoted = words.get(..at).is_some_and(|before| before.ends_with(['`', '"', '\'']));
                let piece = words.get(at + tag.len()..).unwrap_or_default();
                if let Some((names, specifier)) = import_tag(piece).filter(|_| !is_quoted) {
                    push(specifier, names, true);
                }
            }
        }
    }
}

// `@import a, { b as c } from "x"`: the names it takes and the module.
fn import_tag(text: &str) -> Option<(Names, &str)> {
    let text = text.split("*/").next()?;
    let (names, rest) = text.split_once("from")?;
    let rest = rest.trim_start_matches([' ', '*', '\n', '\r', '\t']);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (specifier, _) = rest.get(1..)?.split_once(quote)?;
    let names = names.replace('\n', " ");
    if names.contains(['@', '`', '(', ';']) {
        return None;
    }
    if names.replace("* ", " ").contains(" as ") && !names.contains('{')
        || names.trim().starts_with('*') && !names.contains('{')
    {
        return Some((Names::All, specifier));
    }
    let mut found = Vec::new();
    let (before, inside) = names.split_once('{').unwrap_or((names.as_str(), ""));
    found.extend((!before.trim_matches([' ', ',', '*']).is_empty()).then(|| "default".to_owned()));
    for one in inside.split('}').next().unwrap_or_default().split(',') {
        let name = one.trim_matches([' ', '*']).split(" as ").next().unwrap_or_default().trim();
        found.extend((!name.is_empty()).then(|| name.to_owned()));
    }
    Some((Names::Some(found), specifier))
}

fn attribute<'t>(comment: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = comment.split_once(&format!("{name}="))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(value, _)| value)
}
