//! What must hold of `search_pattern` beyond single cases: any source and any pattern, and that a rewrite is its edits.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::json;

#[test]
fn any_source_and_pattern_survive() {
    let mut dice = Dice::new(17);
    let signs = "$ABC_(){}[]\"'`.,;:=+ \n#/*\u{b5}\u{10000}\u{1f600}";
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "search_pattern") {
        let Some(count) = arguments["files"].as_array().map(Vec::len).filter(|count| *count > 0) else { continue };
        for round in 0..60 {
            let mut arguments = arguments.clone();
            let at = dice.below(count);
            let source = arguments["files"][at]["source"].as_str().unwrap_or_default().to_owned();
            arguments["files"][at]["source"] = json!(dice.mutate(&source, signs));
            if round % 2 == 0 {
                let pattern = arguments["pattern"].as_str().unwrap_or_default().to_owned();
                arguments["pattern"] = json!(dice.mutate(&pattern, signs));
                if let Some(rewrite) = arguments["rewrite"].as_str().map(str::to_owned) {
                    arguments["rewrite"] = json!(dice.mutate(&rewrite, signs));
                }
            }
            report(&REGISTRY, "search_pattern", &arguments);
        }
    }
}

#[test]
fn patterns_that_nest_do_not_explode() {
    // Each `$$$` is tried before it is taken, within each other.
    let nested = |inner: &str, depth: usize| format!("{}{inner}{}", "f($$$, ".repeat(depth), ")".repeat(depth));
    let source = format!("{}x{}", "f(1, 2, ".repeat(100), ")".repeat(100));
    for pattern in [nested("x", 9), nested("y", 9)] {
        let arguments = json!({"pattern": pattern, "files": [{"path": "a.js", "source": source}]});
        assert!(report(&REGISTRY, "search_pattern", &arguments).is_some());
    }
}

#[test]
fn replacements_make_the_diff() {
    let source = "a(1);\nb();\n  a(a(2));\n\nfor (;;) a(3), a(4);\n";
    let arguments = json!({"pattern": "a($X)", "rewrite": "c($X, $X)", "files": [{"path": "a.js", "source": source}]});
    let report = report(&REGISTRY, "search_pattern", &arguments).expect("accepted");
    let patch = report["data"]["diff"].as_str().expect("a diff");
    let applied = octavo_testkit::report(
        &REGISTRY,
        "review_patch",
        &json!({"patch": patch, "apply": true, "files": [{"path": "a.js", "source": source}]}),
    );
    let applied = applied.expect("accepted");
    let after = "c(1, 1);\nb();\n  c(a(2), a(2));\n\nfor (;;) c(3, 3), c(4, 4);\n";
    assert!(applied.to_string().contains(&json!(after).to_string()), "{applied}");
}
