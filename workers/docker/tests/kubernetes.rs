//! What must hold of the Kubernetes tools beyond single cases: their pages, any input at all, and time by length alone.

use octavo_docker::REGISTRY;
use octavo_docker::tools::analyze_wiring::{MAX_BEHIND, MAX_EXPLANATIONS, MAX_INCOMING_LOOKS, MAX_RULE_LOOKS};
use octavo_docker::tools::audit_kubernetes::MAX_FINDINGS_PER_RULE;
use octavo_toolkit::registry::AnyTool;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

// The tools that take manifests.
const TOOLS: &[&str] = &["validate_manifests", "audit_kubernetes", "analyze_wiring", "plan_capacity"];

fn tool(name: &str) -> &'static dyn AnyTool {
    REGISTRY.get(name).expect("registered")
}

fn call(name: &str, arguments: &Value) -> Result<Value, String> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = tool(name).call(Category::Docker, &raw, &Ctx::silent()).map_err(|error| error.to_string())?;
    Ok(serde_json::from_str(&rendering.structured).expect("a report"))
}

fn has(report: &Value, rule: &str) -> bool {
    report["findings"].as_array().is_some_and(|list| list.iter().any(|finding| finding["rule"] == rule))
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for name in TOOLS {
        for rule in tool(name).declaration().rules {
            let of = |source: &str| {
                let mut arguments = json!({"source": source, "output": {"maxFindings": 1000}});
                if matches!(
                    rule.id,
                    "capabilities_baseline" | "hostPathVolumes" | "procMount" | "seccompProfile_baseline"
                ) {
                    arguments["level"] = json!("baseline");
                }
                call(name, &arguments).expect("accepted")
            };
            let wrong = of(rule.docs.wrong);
            assert!(
                has(&wrong, rule.id),
                "{name} {}: not found in\n{}\n{}",
                rule.id,
                rule.docs.wrong,
                wrong["findings"]
            );
            let right = of(rule.docs.right);
            assert!(!has(&right, rule.id), "{name} {}: found in\n{}\n{}", rule.id, rule.docs.right, right["findings"]);
        }
    }
}

fn sources() -> Vec<String> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs");
    let folders = TOOLS.iter().flat_map(|name| fs::read_dir(specs.join(name)).expect("specs"));
    let mut paths: Vec<_> = folders.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("UTF-8")).collect()
}

#[test]
fn any_text_gets_an_answer() {
    let sources = sources();
    let all: Vec<char> = "\\'\"{}[]|&*!%#:,-?<>~ \n\t\u{0}\u{feff}\u{e9}\u{1f600}0129aeikmnGx.".chars().collect();
    let mut dice = octavo_testkit::Dice::new(7);
    let mut next = |below: usize| dice.below(below);
    for round in 0..200 {
        let mut text: Vec<char> = sources[next(sources.len())].chars().collect();
        for _ in 0..=next(6) {
            let at = next(text.len());
            match next(4) {
                0 if round % 5 == 0 => text.truncate(at),
                1 if !text.is_empty() => text[at] = all[next(all.len())],
                2 => text.insert(at.min(text.len()), all[next(all.len())]),
                _ => {
                    let piece = text[at..(at + next(80)).min(text.len())].to_vec();
                    let to = next(text.len());
                    text.splice(to..to, piece);
                }
            }
        }
        let source: String = text.into_iter().collect();
        for name in TOOLS {
            call(name, &json!({"source": source})).expect("accepted");
        }
    }
}

#[test]
fn time_goes_by_length_alone() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}\n";
    let deep = format!("apiVersion: v1\nkind: Pod\nmetadata: {}a{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let bomb = format!(
        "a: &a [x,x,x,x,x,x,x,x]\n{}",
        (0..9)
            .map(|n| format!("{n}: &b{n} [*a,*a,*a,*a,*a,*a,*a,*a]\n")
                .replace("*a", if n == 0 { "*a".into() } else { format!("*b{}", n - 1) }.as_str()))
            .collect::<String>()
    );
    for source in
        [pod.repeat(2_000), deep, bomb, "- ".repeat(20_000), "? ".repeat(20_000), "a: b: c\n---\n".repeat(2_000)]
    {
        for name in TOOLS {
            call(name, &json!({"source": source})).expect("accepted");
        }
    }
}

#[test]
fn texts_are_limited_at_the_edge() {
    let file = |path: &str, length: usize| json!({"path": path, "source": "#".repeat(length)});
    let four = 4 * 1024 * 1024;
    for name in TOOLS {
        assert!(call(name, &json!({"files": [file("a", four), file("b", four)]})).is_ok());
        let error =
            call(name, &json!({"files": [file("a", four), file("b", four), file("c", 1)]})).expect_err("too long");
        assert_eq!(error, "`/files` has 8388609 bytes in all, the limit is 8388608; send less, or split the call");
    }
}

fn remarks(name: &str, arguments: &Value) -> String {
    call(name, arguments).expect("accepted")["notChecked"].to_string()
}

fn pods(count: usize, namespace: impl Fn(usize) -> String, name: &str) -> String {
    let pod = |at| {
        let namespace = namespace(at);
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: a}}}}\nspec: {{containers: [{{name: a, image: b}}]}}\n---\n"
        )
        .replace('#', &at.to_string())
    };
    (0..count).map(pod).collect()
}

#[test]
fn as_many_findings_of_a_rule_are_made_as_the_limit_says() {
    for (count, is_cut) in [(MAX_FINDINGS_PER_RULE, false), (MAX_FINDINGS_PER_RULE + 1, true)] {
        let containers = "{name: a, image: b},".repeat(count);
        let one = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{containers}]}}\n");
        let many = pods(count, |_| "c".to_owned(), "a#");
        for source in [one, many] {
            let remarks = remarks("audit_kubernetes", &json!({ "source": source }));
            assert_eq!(remarks.contains("of a rule"), is_cut, "{remarks}");
        }
    }
}

#[test]
fn as_many_rules_of_policies_are_looked_at_as_the_limit_says() {
    // A policy, its rule and its peer, for each pair of 200 workloads.
    let most = MAX_RULE_LOOKS / (200 * 200 * 3);
    for (count, is_cut) in [(most, false), (most + 1, true)] {
        let policy = |at| {
            format!(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: a{at}, namespace: c}}\nspec: {{podSelector: {{}}, ingress: [{{from: [{{podSelector: {{}}}}]}}]}}\n---\n"
            )
        };
        let source = pods(200, |_| "c".to_owned(), "a#") + &(0..count).map(policy).collect::<String>();
        let remarks = remarks("analyze_wiring", &json!({ "source": source }));
        assert_eq!(remarks.contains("connections beyond 199 workloads"), is_cut, "{remarks}");
    }
}

#[test]
fn as_many_pairs_are_explained_as_the_limit_says() {
    for (count, is_cut) in [(MAX_EXPLANATIONS, false), (MAX_EXPLANATIONS + 1, true)] {
        let source = pods(count, |at| format!("c{at}"), "web") + &pods(1, |_| "c".to_owned(), "db");
        let remarks = remarks("analyze_wiring", &json!({"source": source, "from": "web", "to": "db"}));
        assert_eq!(remarks.contains("explanations beyond"), is_cut, "{remarks}");
    }
}

#[test]
fn as_many_backends_are_looked_at_as_the_limit_says() {
    // A service of one port over 250 pods.
    let most = MAX_INCOMING_LOOKS / 2 / 250;
    for (count, is_cut) in [(most, false), (most + 1, true)] {
        let path =
            |at| format!("{{path: /{at}, pathType: Prefix, backend: {{service: {{name: s, port: {{number: 80}}}}}}}},");
        let paths: String = (0..count).map(path).collect();
        let source = pods(250, |_| "c".to_owned(), "a#")
            + "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: c}\nspec: {selector: {app: a}, ports: [{port: 80}]}\n---\n"
            + &format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i, namespace: c}}\nspec: {{rules: [{{http: {{paths: [{paths}]}}}}]}}\n"
            );
        let remarks = remarks("analyze_wiring", &json!({ "source": source }));
        assert_eq!(remarks.contains("what more Ingresses and Routes lead in"), is_cut, "{remarks}");
    }
}

#[test]
fn as_many_workloads_are_listed_behind_services_as_the_limit_says() {
    let most = MAX_BEHIND / 200;
    for (count, is_cut) in [(most, false), (most + 1, true)] {
        let service = |at| {
            format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: s{at}, namespace: c}}\nspec: {{selector: {{app: a}}, ports: [{{port: 80}}]}}\n---\n"
            )
        };
        let source = pods(200, |_| "c".to_owned(), "a#") + &(0..count).map(service).collect::<String>();
        let remarks = remarks("analyze_wiring", &json!({ "source": source }));
        assert_eq!(remarks.contains("lists of workloads behind services"), is_cut, "{remarks}");
    }
}
