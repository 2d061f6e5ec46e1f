//! What must hold of `find_dead_code` beyond single cases: its rule pages, edges of its limits, and any source.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn found(arguments: &Value) -> Value {
    report(&REGISTRY, "find_dead_code", arguments).expect("accepted")
}

// A page's files: each begins with a line that names it in a comment.
fn files(page: &str) -> Vec<Value> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in page.lines() {
        let named = line.strip_prefix("// ").or_else(|| line.strip_prefix("# ")).filter(|name| name.contains('.'));
        match (named, files.last_mut()) {
            (Some(name), _) => files.push((name.to_owned(), String::new())),
            (None, Some((_, text))) => text.extend([line, "\n"]),
            (None, None) => panic!("no file is named in {page}"),
        }
    }
    files.into_iter().map(|(path, source)| json!({"path": path, "source": source})).collect()
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("find_dead_code").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |page: &str| {
            let report = found(&json!({"files": files(page)}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!shows(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn a_use_anywhere_keeps_a_name_and_without_it_the_name_is_told() {
    for (path, source, name) in [
        ("a.go", "package a\n\nfunc lonely() {}\n", "lonely"),
        ("a.rs", "fn lonely() {}\n", "lonely"),
        ("a.c", "static void lonely(void) {}\n", "lonely"),
        ("A.java", "class A { private void lonely() {} }\n", "lonely"),
        ("a.py", "def lonely():\n    pass\n", "lonely"),
        ("a.js", "import x from 'x';\nfunction lonely() { x(); }\n", "lonely"),
    ] {
        let tells = |text: &str| {
            let report = found(&json!({"files": [{"path": path, "source": text}]}));
            report.to_string().contains(&format!("`{name}`"))
        };
        assert!(tells(source), "{path}");
        let call = match path {
            "A.java" => "class B { void m(A a) { a.lonely(); } }\n",
            "a.py" | "a.js" => "lonely()\n",
            "a.rs" => "fn main() { lonely(); }\n",
            "a.go" => "func main() { lonely() }\n",
            _ => "int main(void) { lonely(); return 0; }\n",
        };
        assert!(!tells(&format!("{source}{call}")), "{path}");
    }
}

#[test]
fn the_longest_file_depends_on_what_reads_it() {
    use octavo_quality::tools::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
    for (path, limit) in [("a.py", MAX_FILE_BYTES), ("a.ts", MAX_SCRIPT_BYTES)] {
        let left_out = |length: usize| {
            let files = json!([{"path": path, "source": "\n".repeat(length)}, {"path": "b.c", "source": ""}]);
            found(&json!({"files": files}))["notChecked"].to_string().contains("too long")
        };
        assert!(!left_out(limit) && left_out(limit + 1), "{path}");
    }
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(21);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "find_dead_code") {
        let Some(count) = arguments["files"].as_array().map(Vec::len) else { continue };
        for _ in 0..60 {
            let at = dice.below(count);
            let text = arguments["files"][at]["source"].as_str().unwrap_or_default().to_owned();
            arguments["files"][at]["source"] =
                json!(dice.mutate(&text, "(){}[]\"'`./*,;@\n#=:<>\u{1f600} import return"));
            report(&REGISTRY, "find_dead_code", &arguments);
            arguments["files"][at]["source"] = json!(text);
        }
    }
}
