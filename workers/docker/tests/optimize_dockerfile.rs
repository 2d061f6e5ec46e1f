//! What must hold of `optimize_dockerfile` beyond single cases: its pages, that a rewrite is final, and any input at all.

use octavo_docker::REGISTRY;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn report(arguments: &Value) -> Value {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("optimize_dockerfile").expect("registered");
    let rendering = tool.call(Category::Docker, &raw, &Ctx::silent()).expect("accepted");
    serde_json::from_str(&rendering.structured).expect("a report")
}

fn has(report: &Value, rule: &str) -> bool {
    report["findings"].as_array().is_some_and(|findings| findings.iter().any(|finding| finding["rule"] == rule))
}

#[test]
fn the_page_of_each_rule_shows_it_and_a_rewrite_is_final() {
    let tool = REGISTRY.get("optimize_dockerfile").expect("registered");
    for rule in tool.declaration().rules {
        let wrong = report(&json!({"source": rule.docs.wrong}));
        assert!(has(&wrong, rule.id), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(
            !has(&report(&json!({"source": rule.docs.right})), rule.id),
            "{} is found in {:?}",
            rule.id,
            rule.docs.right
        );
        if let Some(text) = wrong["data"]["dockerfile"].as_str() {
            let again = report(&json!({"source": text}));
            assert!(again["data"].get("dockerfile").is_none(), "{text}\n{again}");
        }
    }
}

#[test]
fn survives_any_text() {
    let pieces = [
        "FROM a:1\n",
        "FROM a AS b\n",
        "WORKDIR /app\n",
        "COPY . .\n",
        "COPY --from=b x y\n",
        "RUN npm ci && x\n",
        "RUN apt-get update\n",
        "RUN apt-get install -y x\n",
        "RUN pip install -r r.txt\n",
        "# c\n",
        "RUN a \\\n",
        "LABEL a=b\n",
        "RUN <<E\nx\nE\n",
        "ADD [\"a\", \"b\"]\n",
        "ENV A=$B\n",
        "ONBUILD COPY . .\n",
        "RUN --mount=type=bind,source=. x\n",
        "\u{e9}\n",
        "USER x\n",
        "COPY a",
    ];
    let mut dice = octavo_testkit::Dice::new(7);
    let mut next = |below: usize| dice.below(below);
    for _ in 0..400 {
        let source: String = (0..=next(12)).map(|_| pieces[next(pieces.len())]).collect();
        report(&json!({"source": source, "changed": ["src/a", "package.json"], "dockerignore": "[\n**/x\n!\n"}));
    }
}

#[test]
fn variables_that_name_variables_are_followed_to_a_limit() {
    let doubled: Vec<String> = (1..60).map(|n| format!("ARG A{n}=$A{0}$A{0}\nCOPY $A{n} /\n", n - 1)).collect();
    let many: Vec<String> = (0..5_000).map(|n| format!("ENV B{n}=$A0$A0\n")).collect();
    for more in [doubled, many] {
        let source = format!("FROM a:1\nARG A0={}\n{}", "x".repeat(2_000), more.concat());
        report(&json!({ "source": source, "changed": ["x"] }));
    }
}
