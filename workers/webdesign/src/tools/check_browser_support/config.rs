//! The query that a project's own configuration has: `.browserslistrc` and the key `browserslist` of `package.json`.

use octavo_toolkit::{SourceFile, ToolError};
use serde_json::Value;

/// Whether a file is configuration rather than a source.
pub(super) fn is_one(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "package.json" || name == ".browserslistrc" || name == "browserslist"
}

/// The query and where it stands, where there is one; of several environments `production` and else `defaults`.
pub(super) fn query(files: &[SourceFile]) -> Result<Option<(String, String)>, ToolError> {
    for (at, file) in files.iter().enumerate().filter(|(_, file)| is_one(&file.path)) {
        let pointer = format!("/files/{at}/source");
        let found = if file.path.ends_with("package.json") {
            let package: Value = serde_json::from_str(&file.source)
                .map_err(|_| ToolError::invalid(&pointer, "is no JSON", "a package.json"))?;
            of_json(package.get("browserslist").unwrap_or(&Value::Null))
        } else {
            of_lines(&file.source)
        };
        if let Some(query) = found {
            return Ok(Some((query, pointer)));
        }
    }
    Ok(None)
}

fn of_json(value: &Value) -> Option<String> {
    match value {
        Value::String(query) => Some(query.clone()),
        Value::Array(list) => {
            let parts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            (!parts.is_empty()).then(|| join(&parts))
        }
        Value::Object(environments) => {
            environments.get("production").or_else(|| environments.get("defaults")).and_then(of_json)
        }
        _ => None,
    }
}

fn of_lines(text: &str) -> Option<String> {
    let mut sections: Vec<(Vec<&str>, Vec<&str>)> = vec![(vec!["defaults"], Vec::new())];
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()).flat_map(|line| line.split(',')) {
        let line = line.trim();
        if let Some(names) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((names.split_whitespace().collect(), Vec::new()));
        } else if !line.is_empty()
            && let Some((_, lines)) = sections.last_mut()
        {
            lines.push(line);
        }
    }
    let of = |name: &str| {
        let found: Vec<&str> = sections
            .iter()
            .filter(|(names, _)| names.contains(&name))
            .flat_map(|(_, lines)| lines.iter().copied())
            .collect();
        (!found.is_empty()).then(|| join(&found))
    };
    of("production").or_else(|| of("defaults"))
}

// Items of a list are joined by `or` unless one ends with a word that joins.
fn join(parts: &[&str]) -> String {
    let mut query = String::new();
    for part in parts {
        let tail = query.trim_end().to_ascii_lowercase();
        let open = tail.is_empty() || tail.ends_with(" and") || tail.ends_with(" or") || tail.ends_with(',');
        query.push_str(if open { " " } else { ", " });
        query.push_str(part);
    }
    query.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(path: &str, source: &str) -> Option<String> {
        let file = SourceFile { path: path.to_owned(), source: source.to_owned() };
        query(&[file]).expect("read").map(|(query, _)| query)
    }

    #[test]
    fn configurations_are_read() {
        let lines = "# all\nie 9 and\nnot dead\n[production staging]\n> 1%, ie 10 # old\nnot dead\n[development]\nlast 1 chrome version\n";
        assert_eq!(query_of("a/.browserslistrc", lines).as_deref(), Some("> 1%, ie 10, not dead"));
        assert_eq!(query_of(".browserslistrc", "ie 9 and\nnot dead").as_deref(), Some("ie 9 and not dead"));
        assert_eq!(query_of("package.json", r#"{"browserslist":["ie 9","ie 10"]}"#).as_deref(), Some("ie 9, ie 10"));
        assert_eq!(query_of("package.json", r#"{"browserslist":{"production":"dead"}}"#).as_deref(), Some("dead"));
        assert_eq!(query_of("package.json", "{}"), None);
        assert!(query(&[SourceFile { path: "package.json".to_owned(), source: "{".to_owned() }]).is_err());
    }
}
