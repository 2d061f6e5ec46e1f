//! What must hold of `compare_public_api` beyond single cases: its rule pages, edges of its limits, and any source.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn compared(before: &Value, after: &Value) -> Value {
    report(&REGISTRY, "compare_public_api", &json!({"before": before, "after": after})).expect("accepted")
}

// A page's two versions: a line of comment names each and its file.
fn versions(page: &str) -> (Value, Value) {
    let (before, after) = page.split_once("// after: ").expect("both versions");
    let one = |text: &str| {
        let (path, source) = text.split_once('\n').expect("a name");
        json!([{"path": path, "source": source}])
    };
    (one(before.trim_start_matches("// before: ")), one(after))
}

fn shows(page: &str, rule: &str) -> bool {
    let (before, after) = versions(page);
    let report = compared(&before, &after);
    report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule)
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("compare_public_api").expect("listed");
    for rule in tool.declaration().rules {
        assert!(shows(rule.docs.wrong, rule.id), "{} is not shown", rule.id);
        assert!(!shows(rule.docs.right, rule.id), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn the_same_version_twice_is_a_patch() {
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "compare_public_api") {
        for side in ["before", "after"] {
            let files = &arguments[side];
            if let Some(report) = report(&REGISTRY, "compare_public_api", &json!({"before": files, "after": files})) {
                assert_eq!(report["data"]["semver"], "patch", "{report}");
            }
        }
    }
}

#[test]
fn what_one_version_adds_the_way_back_removes() {
    for (path, less, more) in [
        ("a.py", "def f(): ...\n", "def f(): ...\ndef g(): ...\n"),
        ("lib.rs", "pub fn f() {}\n", "pub fn f() {}\npub fn g() {}\n"),
        ("a.go", "package a\n\nfunc F() {}\n", "package a\n\nfunc F() {}\nfunc G() {}\n"),
        (
            "A.java",
            "public class A { public void f() {} }\n",
            "public class A { public void f() {} public void g() {} }\n",
        ),
        ("a.h", "int f(void);\n", "int f(void);\nint g(void);\n"),
        ("a.ts", "export const f = () => 1;\n", "export const f = () => 1;\nexport const g = () => 1;\n"),
        ("a.js", "export function f() {}\n", "export function f() {}\nexport class G {}\n"),
    ] {
        let one = |text: &str| json!([{"path": path, "source": text}]);
        let there = compared(&one(less), &one(more));
        let back = compared(&one(more), &one(less));
        assert_eq!(there["data"]["semver"], "minor", "{path}: {there}");
        assert_eq!(there["data"]["added"], 1, "{path}: {there}");
        assert_eq!(back["data"]["semver"], "major", "{path}: {back}");
        assert_eq!(back["data"]["removed"], 1, "{path}: {back}");
    }
}

#[test]
fn the_longest_file_depends_on_what_reads_it() {
    use octavo_quality::tools::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
    for (path, limit) in [("a.py", MAX_FILE_BYTES), ("a.ts", MAX_SCRIPT_BYTES)] {
        let left_out = |length: usize| {
            let files = json!([{"path": path, "source": "\n".repeat(length)}, {"path": "b.h", "source": ""}]);
            compared(&files, &json!([]))["notChecked"].to_string().contains("too long")
        };
        assert!(!left_out(limit) && left_out(limit + 1), "{path}");
    }
}

#[test]
fn circles_of_exports_end() {
    let files = |name: &str| {
        json!([
            {"path": "lib.rs", "source": format!("pub mod a {{ pub use crate::b; pub use crate::b::*; }}\npub mod b {{ pub use crate::a; pub use crate::a::*; pub fn {name}() {{}} }}\npub use a::*;")},
            {"path": "p/__init__.py", "source": "from .a import *\nfrom . import a\n__all__ = ['f'] + a.__all__\n"},
            {"path": "p/a.py", "source": format!("from . import *\nfrom p import f\n__all__ = ['f', 'g']\nclass {name}({name}): ...\n")},
            {"path": "index.ts", "source": "export * from './a'; export * as self from './index';"},
            {"path": "a.ts", "source": format!("export * from './index'; export {{ x as {name} }} from './index'; export {{ {name} as x }} from './a';")},
        ])
    };
    assert_eq!(compared(&files("f"), &files("f"))["data"]["semver"], "patch");
    compared(&files("f"), &files("g"));
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(64);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "compare_public_api") {
        for side in ["before", "after"] {
            let Some(count) = arguments[side].as_array().map(Vec::len).filter(|count| *count > 0) else { continue };
            for _ in 0..60 {
                let at = dice.below(count);
                let text = arguments[side][at]["source"].as_str().unwrap_or_default().to_owned();
                arguments[side][at]["source"] =
                    json!(dice.mutate(&text, "(){}[]\"'`./*,;@\n#=:<>|\u{1f600} pub export class def use mod"));
                // A mutated text may make the call one without a file that is read; it may not end it.
                let _ = report(&REGISTRY, "compare_public_api", &arguments);
                arguments[side][at]["source"] = json!(text);
            }
        }
    }
}
