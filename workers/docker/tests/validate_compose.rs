//! What must hold of `validate_compose` beyond single cases: its pages, its limits, and any input at all.

use octavo_docker::REGISTRY;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn call(arguments: &Value) -> Result<Value, String> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("validate_compose").expect("registered");
    let rendering = tool.call(Category::Docker, &raw, &Ctx::silent()).map_err(|error| error.to_string())?;
    Ok(serde_json::from_str(&rendering.structured).expect("a report"))
}

fn has(source: &str, rule: &str) -> bool {
    let report = call(&json!({"files": [{"path": "compose.yaml", "source": source}], "output": {"maxFindings": 1000}}))
        .expect("accepted");
    report["findings"].as_array().is_some_and(|findings| findings.iter().any(|finding| finding["rule"] == rule))
}

#[test]
fn the_page_of_each_rule_shows_it() {
    let tool = REGISTRY.get("validate_compose").expect("registered");
    for rule in tool.declaration().rules {
        if rule.id == "invalid-project-name" {
            continue;
        }
        assert!(has(rule.docs.wrong, rule.id), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right, rule.id), "{} is found in {:?}", rule.id, rule.docs.right);
    }
    let name = json!({"files": [{"path": "compose.yaml", "source": "services: {}"}], "project": "Not So"});
    assert_eq!(call(&name).expect("accepted")["findings"][0]["rule"], "invalid-project-name");
}

#[test]
fn chains_and_bombs_end() {
    let chain: Vec<Value> = (0..100)
        .map(|at| json!({"path": format!("c{at}.yaml"), "source": format!("include: [c{}.yaml]\nservices: {{}}\n", at + 1)}))
        .collect();
    assert_eq!(call(&json!({"files": chain, "compose": ["c0.yaml"]})).expect("accepted")["verdict"], "fail");
    let twice: Vec<Value> = (0..25)
        .map(
            |at| json!({"path": format!("c{at}.yaml"), "source": format!("include: [c{0}.yaml, c{0}.yaml]\n", at + 1)}),
        )
        .collect();
    assert_eq!(call(&json!({"files": twice, "compose": ["c0.yaml"]})).expect("accepted")["verdict"], "fail");
    let mut services = String::from("services:\n");
    for at in 0..2_000 {
        services.push_str(
            &["  s", &at.to_string(), ":\n    image: a:1\n    depends_on: [s", &((at + 1) % 2_000).to_string(), "]\n"]
                .concat(),
        );
    }
    assert!(has(&services, "dependency-cycle"));
    assert!(has(
        &format!("services: {{a: {{image: '{}x{}'}}}}", "${A:-".repeat(5_000), "}".repeat(5_000)),
        "invalid-interpolation"
    ));
}

#[test]
fn survives_any_text() {
    let tool = REGISTRY.get("validate_compose").expect("registered");
    let sources: Vec<&str> =
        tool.declaration().rules.iter().flat_map(|rule| [rule.docs.wrong, rule.docs.right]).collect();
    let all: Vec<char> = "-:#&*!'\"{}[],? \n$@~/=.0x<\u{e9}\u{1f600}".chars().collect();
    let mut dice = octavo_testkit::Dice::new(7);
    let mut next = |below: usize| dice.below(below);
    for _ in 0..1_500 {
        let mut text: Vec<char> = sources[next(sources.len())].chars().collect();
        for _ in 0..=next(4) {
            let at = next(text.len());
            match next(3) {
                0 if !text.is_empty() => text[at] = all[next(all.len())],
                1 => text.insert(at.min(text.len()), all[next(all.len())]),
                _ => {
                    let piece = text[at..(at + next(30)).min(text.len())].to_vec();
                    text.splice(at..at, piece);
                }
            }
        }
        has(&text.into_iter().collect::<String>(), "");
    }
}
