//! What must hold of `analyze_heap`: rules show where they should, sizes are those of a slow and simple count, and no text
//! makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_testkit::Dice;
use serde_json::{Value, json};

fn run(arguments: &Value) -> Option<Value> {
    octavo_testkit::report(&REGISTRY, "analyze_heap", arguments)
}

// A snapshot of objects `(type, name, size, detachedness)` and references `(from, to)`; types are those of V8 by number.
fn snapshot(nodes: &[(u8, &str, u64, u8)], edges: &[(usize, usize)]) -> String {
    let mut strings: Vec<&str> = vec!["", "ref"];
    let mut flat = Vec::new();
    for (at, (kind, name, size, detached)) in nodes.iter().enumerate() {
        let number = strings.iter().position(|known| known == name).unwrap_or_else(|| {
            strings.push(name);
            strings.len() - 1
        });
        let count = edges.iter().filter(|(from, _)| *from == at).count();
        flat.extend([json!(kind), json!(number), json!(2 * at + 1), json!(size), json!(count), json!(detached)]);
    }
    let mut sorted = edges.to_vec();
    sorted.sort_by_key(|(from, _)| *from);
    let flat_edges: Vec<Value> = sorted.iter().flat_map(|(_, to)| [json!(0), json!(1), json!(to * 6)]).collect();
    let meta = json!({
        "node_fields": ["type", "name", "id", "self_size", "edge_count", "detachedness"],
        "node_types": [["synthetic", "object", "string", "native"]],
        "edge_fields": ["type", "name_or_index", "to_node"],
        "edge_types": [["property", "weak"]],
    });
    json!({"snapshot": {"meta": meta}, "nodes": flat, "edges": flat_edges, "strings": strings}).to_string()
}

fn shows(rule: &str, arguments: &Value) -> bool {
    let report = run(arguments).expect("accepted");
    report["findings"].as_array().expect("findings").iter().any(|finding| finding["rule"] == rule)
}

#[test]
fn rules_show_what_is_wrong_and_not_what_is_right() {
    let strings = |count: usize| {
        let mut nodes = vec![(0, "", 0, 0)];
        nodes.extend(vec![(2, "equal", 40, 0); count]);
        let edges: Vec<_> = (1..=count).map(|at| (0, at)).collect();
        json!({"snapshot": snapshot(&nodes, &edges)})
    };
    assert!(shows("duplicate-strings", &strings(5_000)));
    assert!(!shows("duplicate-strings", &strings(1_000)));
    let one = |name: &str, size: u64, detached: u8| {
        let nodes = [(0, "", 0, 0), (1, name, size, detached), (1, "Other", 1_000, 0), (1, "More", 1_000, 0)];
        snapshot(&nodes, &[(0, 1), (0, 2), (0, 3)])
    };
    assert!(shows("detached-nodes", &json!({"snapshot": one("Div", 1, 2)})));
    assert!(!shows("detached-nodes", &json!({"snapshot": one("Div", 1, 1)})));
    assert!(shows("large-retainer", &json!({"snapshot": one("Map", 100_000, 0)})));
    let many: Vec<_> = std::iter::once((0, "", 0, 0)).chain((0..10).map(|_| (1, "Small", 10, 0))).collect();
    let edges: Vec<_> = (1..=10).map(|at| (0, at)).collect();
    assert!(!shows("large-retainer", &json!({"snapshot": snapshot(&many, &edges)})));
    let grew = |size: u64| json!({"snapshot": one("Map", size, 0), "baseline": one("Map", 100, 0)});
    assert!(shows("class-grew", &grew(100 + 16 * 1024)));
    assert!(!shows("class-grew", &grew(99 + 16 * 1024)));
    for page in REGISTRY.get("analyze_heap").expect("listed").rule_pages().iter().take(1) {
        assert!(shows(&page.id, &json!({"snapshot": page.wrong})));
        assert!(!shows(&page.id, &json!({"snapshot": page.right})));
    }
}

// What is no longer reached from the root when `without` is taken away.
fn freed(count: usize, edges: &[(usize, usize)], without: usize) -> Vec<bool> {
    let mut reached = vec![false; count];
    let mut waiting = vec![0];
    reached[0] = true;
    while let Some(at) = waiting.pop() {
        for (_, to) in edges.iter().filter(|(from, to)| *from == at && *to != without) {
            if !reached[*to] {
                reached[*to] = true;
                waiting.push(*to);
            }
        }
    }
    reached.iter().map(|reached| !reached).collect()
}

#[test]
fn retained_sizes_are_what_would_be_freed() {
    let mut dice = Dice::new(3);
    let mut below = |limit: usize| dice.below(limit);
    for _ in 0..60 {
        let count = 3 + below(25);
        let mut edges: Vec<(usize, usize)> = (0..below(70)).map(|_| (below(count), 1 + below(count - 1))).collect();
        edges.sort_unstable();
        edges.dedup();
        let nodes: Vec<_> =
            (0..count).map(|at| if at == 0 { (0, "", 0, 0) } else { (1, "A", 1 << (at % 20), 0) }).collect();
        let report = run(&json!({"snapshot": snapshot(&nodes, &edges), "top": 100})).expect("accepted");
        let reachable = freed(count, &edges, usize::MAX);
        for row in report["data"]["objects"].as_array().expect("objects") {
            let at = usize::try_from(row["id"].as_u64().expect("id") / 2).expect("small");
            if reachable[at] {
                continue;
            }
            let gone = freed(count, &edges, at);
            // What nothing reaches anyway is not freed by it.
            let expected: u64 =
                (0..count).filter(|other| gone[*other] && !reachable[*other]).map(|other| nodes[other].2).sum();
            assert_eq!(row["retained"], expected, "{at} of {edges:?}");
        }
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let nodes = [(0, "", 0, 0), (1, "Map", 100, 0), (2, "text", 24, 0), (3, "Div", 8, 2)];
    let sound = snapshot(&nodes, &[(0, 1), (1, 2), (1, 3), (3, 1)]);
    let mut dice = Dice::new(5);
    for _ in 0..3_000 {
        let text = dice.mutate(&sound, "{}[]\",:-9 0123");
        let _ = run(&json!({"snapshot": text, "baseline": sound, "focus": "Map"}));
    }
}
