//! What must hold of the plan reader beyond its snapshots: executable rule pages, limits, no panic on any text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn report_of(arguments: &Value) -> Value {
    report(&REGISTRY, "analyze_plan", arguments).unwrap_or_else(|| panic!("refused: {}", &arguments.to_string()[..200]))
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("analyze_plan").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let before = (rule.id == "plan-slower")
            .then_some("Seq Scan on t  (actual time=0.010..9.000 rows=9 loops=1)\nExecution Time: 9.000 ms");
        let run = |source: &str| match before {
            Some(before) => report_of(&json!({"source": source, "before": before})),
            None => report_of(&json!({"source": source})),
        };
        let wrong = run(rule.docs.wrong);
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        let found = found.unwrap_or_else(|| panic!("{}: its wrong plan is not found: {wrong}", rule.id));
        assert_eq!(found["level"], rule.level.word(), "{}", rule.id);
        let right = run(rule.docs.right);
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right plan is found: {right}", rule.id);
        assert!(rule.id == "not-a-plan" || !rules_of(&right).contains(&"not-a-plan"), "{}", rule.id);
    }
}

#[test]
fn times_by_themselves_sum_up_to_the_root() {
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "analyze_plan") {
        let Some(report) = report(&REGISTRY, "analyze_plan", &arguments) else { continue };
        let data = &report["data"];
        if let (Some(sum), Some(root)) = (data["nodesMs"].as_f64(), data["nodes"][0]["totalMs"].as_f64()) {
            assert!((sum - root).abs() < 0.01, "{name}: {sum} of {root}");
        }
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let plan = |nodes: usize| {
        let mut source = "Append  (cost=0.00..1.00 rows=1 width=4)\n".to_owned();
        for _ in 1..nodes {
            source.push_str("  ->  Result  (cost=0.00..0.01 rows=1 width=4)\n");
        }
        source
    };
    assert_eq!(report_of(&json!({"source": plan(20_000)}))["data"]["nodeCount"], 20_000);
    assert_eq!(rules_of(&report_of(&json!({"source": plan(20_001)}))), ["not-a-plan"]);
    assert!(report(&REGISTRY, "analyze_plan", &json!({"source": " ".repeat(4 * 1024 * 1024 + 1)})).is_none());
    // Deep plans end in a finding or are cut, never in a trap.
    let deep: Vec<String> =
        (0..1_000).map(|depth| format!("{}->  Sort  (cost=0.00..1.00 rows=1 width=4)", "  ".repeat(depth))).collect();
    let deep = deep.join("\n");
    assert_eq!(
        report_of(&json!({"source": format!("Sort  (cost=0.00..1.00 rows=1 width=4)\n{deep}")}))["data"]["nodeCount"],
        201
    );
    let nested = "{\"Plan\": {\"Node Type\": \"Sort\", \"Plans\": [".repeat(3_000);
    assert_eq!(rules_of(&report_of(&json!({"source": nested}))), ["not-a-plan"]);
    // Many CTEs and InitPlans, all scanned.
    let shown = "(cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.001 rows=1 loops=1)";
    let parts: Vec<String> = (0..4_000)
        .map(|at| {
            format!(
                "  CTE c{at}\n    ->  Result  {shown}\n  InitPlan {at} (returns ${at})\n    ->  Result  {shown}\n  ->  CTE Scan on c{at}  {shown}\n        Filter: (a = $1)\n"
            )
        })
        .collect();
    let hostile =
        format!("Append  (cost=0.00..1.00 rows=1 width=4) (actual time=1..9 rows=1 loops=1)\n{}", parts.concat());
    assert_eq!(report_of(&json!({"source": hostile}))["data"]["nodeCount"], 12_001);
}

#[test]
fn mutated_plans_never_panic() {
    let mut texts: Vec<String> = Vec::new();
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "analyze_plan") {
        texts.extend(arguments["source"].as_str().map(str::to_owned));
    }
    let mut dice = Dice::new(11);
    for round in 0..1_500 {
        let text = &texts[dice.below(texts.len())];
        let mutant = dice.mutate(text, "()[]{}\"'->:=.,+|\n\t 09eE\u{2502}\u{0}\u{1f600}\u{202e}");
        report_of(&json!({"source": mutant, "properties": round % 2 == 0}));
    }
}
