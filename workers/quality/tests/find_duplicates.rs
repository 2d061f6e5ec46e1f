//! What must hold of `find_duplicates` beyond single cases: its rule pages, planted clones, and any source.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn found(arguments: &Value) -> Value {
    report(&REGISTRY, "find_duplicates", arguments).expect("accepted")
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("find_duplicates").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let least = if rule.id == "gapped-code" { 30 } else { 20 };
            let report = found(&json!({"files": [{"path": "a.py", "source": text}], "minTokens": least}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!shows(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn planted_clones_are_all_found() {
    let mut dice = Dice::new(8);
    let statement = |dice: &mut Dice| {
        let names = ["alpha", "beta", "gamma", "delta", "omega"];
        let name = |dice: &mut Dice| names[dice.below(names.len())];
        format!("    {} = {}({}, {})\n", name(dice), name(dice), name(dice), dice.below(90))
    };
    for round in 0..30 {
        let block: String = (0..8).map(|_| statement(&mut dice)).collect();
        let noise: Vec<String> = (0..4).map(|_| (0..6).map(|_| statement(&mut dice)).collect()).collect();
        let copy =
            if round % 2 == 0 { block.clone() } else { block.replace("alpha", "first").replace("omega", "last") };
        let one = format!("def a():\n{}{block}{}", noise[0], noise[1]);
        let other = format!("def b():\n{}{copy}    return 1\n{}", noise[2], noise[3]);
        let report = found(
            &json!({"files": [{"path": "a.py", "source": one}, {"path": "b.py", "source": other}], "minTokens": 40}),
        );
        let hit = report["data"]["classes"].as_array().expect("a list").iter().any(|class| {
            let places = class["places"].as_array().expect("a list");
            let inside = |path: &str| {
                places.iter().any(|place| {
                    let line = |at: usize| place["lines"][at].as_u64().unwrap_or(0);
                    // The planted block is lines 8 to 15 of both.
                    place["path"] == path && line(0) <= 9 && line(1) >= 14
                })
            };
            inside("a.py") && inside("b.py")
        });
        assert!(hit, "round {round}:\n{one}\n{other}\n{report}");
    }
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(2);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "find_duplicates") {
        let Some(text) = arguments["files"][0]["source"].as_str().map(str::to_owned) else { continue };
        for _ in 0..30 {
            arguments["files"][0]["source"] = json!(dice.mutate(&text, "(){}[]\"'`\n\\;:= #/\u{1f600}"));
            arguments["minTokens"] = json!(10);
            report(&REGISTRY, "find_duplicates", &arguments);
        }
    }
}
