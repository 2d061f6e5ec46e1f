//! What must hold of `analyze_cpu_profile`: rules show where they should, and no profile makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const BASELINE: &str = "main;parse 10\nmain;rest 90";

fn run(arguments: &Value) -> Option<Value> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("analyze_cpu_profile").expect("listed");
    let rendering = tool.call(Category::Nodejs, &raw, &Ctx::silent()).ok()?;
    Some(serde_json::from_str(&rendering.structured).expect("JSON"))
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
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/specs/analyze_cpu_profile");
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("specs").flatten().map(|entry| entry.path()).collect();
    names.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
    names.sort();
    let cases: Vec<Value> = names
        .iter()
        .map(|path| serde_json::from_str(&std::fs::read_to_string(path).expect("case")).expect("JSON"))
        .collect();
    let mut seed = 7_u64;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 40).unwrap_or_default() % limit.max(1)
    };
    for _ in 0..3_000 {
        let mut arguments = cases[below(cases.len())].clone();
        let Some(text) = arguments["profile"].as_str() else { continue };
        let mut bytes = text.as_bytes().to_vec();
        let (from, to) = (below(bytes.len()), below(bytes.len()));
        match below(4) {
            0 => bytes.truncate(from),
            1 if !bytes.is_empty() => bytes[from] = b"{}[]\",:-9 \0\xff;n"[below(14)],
            2 => {
                let copy = bytes[from.min(to)..from.max(to)].to_vec();
                bytes.splice(from..from, copy);
            }
            _ => {
                bytes.drain(from.min(to)..from.max(to));
            }
        }
        arguments["profile"] = json!(String::from_utf8_lossy(&bytes));
        let _ = run(&arguments);
    }
}
