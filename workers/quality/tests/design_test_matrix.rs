//! What must hold of `design_test_matrix` beyond single cases: every combination is covered, and any model survives.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn rows(report: &Value) -> Vec<Vec<String>> {
    let table = report["data"]["table"].as_str().unwrap_or_default();
    table.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("design_test_matrix").expect("listed");
    for rule in tool.declaration().rules {
        let found = |text: &str| {
            let arguments = match rule.id {
                "seed-ignored" => {
                    json!({"model": "OS: Win10, Win11", "strength": 1, "seeds": format!("OS\n{}", text.split('`').nth(1).expect("a value"))})
                }
                "strength-reduced" => {
                    let strength: u32 = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a number");
                    json!({"model": "A: 1, 2\nB: 1, 2", "strength": strength})
                }
                _ => json!({"model": text}),
            };
            let report = report(&REGISTRY, "design_test_matrix", &arguments).expect("accepted");
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(found(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!found(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn all_combinations_of_any_model_are_covered() {
    let mut dice = Dice::new(3);
    for _ in 0..25 {
        let sizes: Vec<usize> = (0..2 + dice.below(4)).map(|_| 1 + dice.below(4)).collect();
        let strength = 1 + dice.below(3.min(sizes.len()));
        let parameter = |(at, size): (usize, &usize)| {
            format!("P{at}: {}", (0..*size).map(|value| format!("v{value}")).collect::<Vec<_>>().join(", "))
        };
        let model = sizes.iter().enumerate().map(parameter).collect::<Vec<_>>().join("\n");
        let arguments = json!({"model": model, "strength": strength, "output": {"maxTokens": 20000}});
        let report = report(&REGISTRY, "design_test_matrix", &arguments).expect("accepted");
        let rows = rows(&report);
        let mut wanted = 0;
        let mut covered = BTreeSet::new();
        for chosen in 0_u32..1 << sizes.len() {
            if chosen.count_ones() as usize != strength {
                continue;
            }
            let members: Vec<usize> = (0..sizes.len()).filter(|at| chosen >> at & 1 == 1).collect();
            wanted += members.iter().map(|at| sizes[*at]).product::<usize>();
            for row in rows.iter().skip(1) {
                covered.insert((chosen, members.iter().map(|at| row[*at].clone()).collect::<Vec<_>>()));
            }
        }
        assert_eq!((covered.len(), report["data"]["covered"].as_u64()), (wanted, Some(wanted as u64)), "{model}");
    }
}

#[test]
fn any_model_survives() {
    let mut dice = Dice::new(5);
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "design_test_matrix") {
        let model = arguments["model"].as_str().unwrap_or_default();
        for _ in 0..15 {
            let model = dice.mutate(model, "{}[](),:;~|<>=\"#@\t\n9\u{1f600}");
            let model: String = model.chars().take(400).collect();
            let seeds = dice.mutate(arguments["seeds"].as_str().unwrap_or("A\tB\n1\t2"), "\t\n~1");
            report(&REGISTRY, "design_test_matrix", &json!({"model": model, "seeds": seeds}));
        }
    }
}
