//! Pages of rules as calls: a page of several files begins each with its path in a comment.

use octavo_python::REGISTRY;
use octavo_testkit::report;
use serde_json::{Value, json};

/// The files of a page: a line `# path.py` begins one; a page without is `source.py`.
pub(crate) fn files_of(page: &str) -> Vec<Value> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in page.split_inclusive('\n') {
        let path = line
            .trim_end()
            .strip_prefix("# ")
            .filter(|path| path.rsplit_once('.').is_some_and(|(_, kind)| kind == "py") && !path.contains(' '));
        match (path, files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), String::new())),
            (None, Some((_, source))) => source.push_str(line),
            (None, None) => files.push(("source.py".to_owned(), line.to_owned())),
        }
    }
    files.into_iter().map(|(path, source)| json!({"path": path, "source": source})).collect()
}

/// Checks that a rule's wrong page shows it and the right one does not. What needs more than a page can show is not asked.
pub(crate) fn check(tool: &str, arguments: impl Fn(&str) -> Value) {
    let declaration = REGISTRY.get(tool).expect("listed").declaration();
    for rule in declaration.rules.iter().filter(|rule| rule.id != "nesting-too-deep") {
        let shows = |page: &str| {
            let mut arguments = arguments(page);
            arguments["output"] = json!({"maxFindings": 1000, "maxTokens": 20000});
            let report = report(&REGISTRY, tool, &arguments).unwrap_or_else(|| panic!("{}: refused {page:?}", rule.id));
            let findings = report["findings"].as_array().cloned().unwrap_or_default();
            (findings.iter().any(|finding| finding["rule"] == rule.id), findings)
        };
        let (wrong, right) = (shows(rule.docs.wrong), shows(rule.docs.right));
        assert!(wrong.0, "{}: not found in {:?}: {:?}", rule.id, rule.docs.wrong, wrong.1);
        assert!(!right.0, "{}: found in {:?}: {:?}", rule.id, rule.docs.right, right.1);
    }
}
