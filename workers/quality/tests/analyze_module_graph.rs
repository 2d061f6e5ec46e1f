//! What must hold of `analyze_module_graph` beyond single cases: its rule pages, cuts that cut, and any source.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn found(arguments: &Value) -> Value {
    report(&REGISTRY, "analyze_module_graph", arguments).expect("accepted")
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("analyze_module_graph").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let rules = match rule.id {
                "layers" => "layers: b.js > a.js > c.js",
                "forbidden" => "forbid: a.js -> b.js",
                "independence" => "independent: a.js, b.js",
                _ => "",
            };
            // Two that are independent have no import between them at all.
            let back = if rule.id == "independence" { "" } else { "import './a.js';" };
            let files = json!([{"path": "a.js", "source": text}, {"path": "b.js", "source": back}, {"path": "c.js", "source": ""}]);
            let report = found(&json!({"files": files, "rules": rules}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong) && !shows(rule.docs.right), "{}", rule.id);
    }
}

#[test]
fn without_its_cut_no_circle_is_left() {
    let mut dice = Dice::new(3);
    for _ in 0..40 {
        let count = 4 + dice.below(20);
        let imports: Vec<Vec<usize>> = (0..count).map(|_| (0..2).map(|_| dice.below(count)).collect()).collect();
        let files = |without: &dyn Fn(usize, usize) -> bool| {
            let file = |at: usize| {
                let kept = imports[at].iter().filter(|to| !without(at, **to));
                let lines: Vec<String> = kept.map(|to| format!("import m{to}")).collect();
                json!({"path": format!("m{at}.py"), "source": lines.join("\n")})
            };
            (0..count).map(file).collect::<Vec<Value>>()
        };
        let report = found(&json!({"files": files(&|_, _| false)}));
        let cut: Vec<(String, String)> = report["data"]["cycles"]
            .as_array()
            .expect("a list")
            .iter()
            .flat_map(|cycle| cycle["cut"].as_array().expect("a list").clone())
            .map(|edge| (edge[0].as_str().expect("a path").to_owned(), edge[1].as_str().expect("a path").to_owned()))
            .collect();
        let again =
            found(&json!({"files": files(&|from, to| cut.contains(&(format!("m{from}.py"), format!("m{to}.py"))))}));
        assert_eq!(again["data"]["cycles"], json!([]));
    }
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(12);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "analyze_module_graph") {
        let Some(count) = arguments["files"].as_array().map(Vec::len) else { continue };
        for _ in 0..40 {
            let at = dice.below(count);
            let text = arguments["files"][at]["source"].as_str().unwrap_or_default().to_owned();
            arguments["files"][at]["source"] = json!(dice.mutate(&text, "(){}[]\"'`./*,;@\n import from"));
            report(&REGISTRY, "analyze_module_graph", &arguments);
        }
    }
}
