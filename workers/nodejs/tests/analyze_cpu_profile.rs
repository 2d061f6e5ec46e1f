//! What must hold of `analyze_cpu_profile`: rules show where they should, and no profile makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_testkit::{Dice, cases};
use serde_json::{Value, json};

const BASELINE: &str = "main;parse 10\nmain;rest 90";

fn run(arguments: &Value) -> Option<Value> {
    octavo_testkit::report(&REGISTRY, "analyze_cpu_profile", arguments)
}

fn shows(rule: &str, profile: &str) -> bool {
    let baseline = if rule == "self-time-grew" { json!(BASELINE) } else { Value::Null };
    let report = run(&json!({"profile": profile, "baseline": baseline})).expect("accepted");
    report["findings"].as_array().expect("findings").iter().any(|finding| finding["rule"] == rule)
}

#[test]
fn pages_show_what_is_wrong_and_what_is_right() {
    for page in REGISTRY.get("analyze_cpu_profile").expect("listed").rule_pages() {
        assert!(shows(&page.id, &page.wrong), "{}: wrong", page.id);
        assert!(!shows(&page.id, &page.right), "{}: right", page.id);
    }
}

#[test]
fn rows_are_limited_at_their_edges() {
    for (top, accepted) in [(0, false), (1, true), (5_000, true), (5_001, false)] {
        assert_eq!(run(&json!({"profile": "a 1", "top": top})).is_some(), accepted, "{top}");
    }
}

#[test]
fn stacks_in_a_circle_and_without_end_are_cut() {
    let node = |id: usize, child: usize| json!({"id": id, "callFrame": {"functionName": format!("f{id}")}, "children": [child]});
    let circle = json!({"nodes": [node(1, 2), node(2, 1)], "samples": [1, 2], "timeDeltas": [0, 5]});
    let report = run(&json!({"profile": circle.to_string()})).expect("accepted");
    assert!(report.to_string().contains("1 stack too deep or in a circle"), "{report}");
    let deep = |depth: usize| {
        let nodes: Vec<_> = (1..=depth).map(|id| node(id, id + 1)).collect();
        json!({"nodes": nodes, "samples": [depth, 1], "timeDeltas": [0, 5]}).to_string()
    };
    let cut = |depth| run(&json!({"profile": deep(depth)})).expect("accepted").to_string().contains("too deep");
    assert!(!cut(2_048));
    assert!(cut(2_049));
}

#[test]
fn no_mutation_makes_it_panic() {
    let cases = cases(env!("CARGO_MANIFEST_DIR"), "analyze_cpu_profile");
    let mut dice = Dice::new(7);
    for _ in 0..3_000 {
        let (_, mut arguments) = cases[dice.below(cases.len())].clone();
        let Some(text) = arguments["profile"].as_str() else { continue };
        arguments["profile"] = json!(dice.mutate(text, "{}[]\",:-9 \0\u{fffd};n"));
        let _ = run(&arguments);
    }
}
