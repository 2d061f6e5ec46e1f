//! What must hold of `plan_mutations` beyond single cases: its rule pages, the edits, sampling, coverage, and any source.

use octavo_quality::REGISTRY;
use octavo_quality::tools::plan_mutations::{MAX_MUTANTS, MAX_REPORT_BYTES, MAX_SURVIVORS};
use octavo_testkit::{Dice, cases, report};
use serde_json::value::RawValue;
use serde_json::{Value, json};

// The whole report, whatever its length.
fn planned(arguments: &Value) -> Value {
    let tool = REGISTRY.get("plan_mutations").expect("listed");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = tool.call_whole(REGISTRY.category, &raw).expect("accepted");
    serde_json::from_str(&rendering.structured).expect("a report")
}

// What a source of one line becomes, by operator; sorted.
fn made(path: &str, source: &str) -> Vec<String> {
    let report = planned(&json!({"files": [{"path": path, "source": source}], "max": 1000}));
    let rows = report["data"]["mutants"].as_array().expect("a list").iter();
    let mut all: Vec<String> = rows
        .map(|row| {
            // Lines and columns of ASCII.
            let offset = |place: &Value| {
                let number = |name: &str| usize::try_from(place[name].as_u64().expect("a number")).expect("small") - 1;
                source.split_inclusive('\n').take(number("line")).map(str::len).sum::<usize>() + number("column")
            };
            let mut text = source.to_owned();
            let range = &row["range"];
            text.replace_range(
                offset(&range["start"])..offset(&range["end"]),
                row["newText"].as_str().expect("a text"),
            );
            text
        })
        .collect();
    all.sort();
    all
}

fn sorted(expected: &[&str]) -> Vec<String> {
    let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
    expected.sort();
    expected
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("plan_mutations").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let arguments = if rule.id == "source-not-mutated" {
                json!({"files": [{"path": "a.js", "source": text}]})
            } else {
                json!({"report": text})
            };
            let report = planned(&arguments);
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!shows(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn scripts_are_mutated_by_each_operator() {
    for (source, expected) in [
        ("x = a + b", &["x = a - b"][..]),
        ("x = a + 'b'", &["x = a + \"\""]),
        ("x = a * 1", &[]),
        ("x = a+-b", &["x = a- -b", "x = a+ +b"]),
        ("x = a < b", &["x = a <= b", "x = a >= b", "x = false", "x = true"]),
        ("if (a) b", &["if (false) b", "if (true) b"]),
        ("while (a) b", &["while (false) b"]),
        ("for (;;) b", &["for (; false;) b"]),
        ("if (true) b", &["if (false) b"]),
        ("x = a && b", &["x = a || b", "x = false", "x = true"]),
        ("x = a || a", &["x = false", "x = true"]),
        ("x = !a", &["x = a"]),
        ("x = a ?? b", &["x = a && b"]),
        ("function f() { return!a }", &["function f() { return a }", "function f() {}"]),
        ("a += b", &["a -= b"]),
        ("i++", &["i--"]),
        ("x = ~a", &["x = a"]),
        ("x = [1]", &["x = []"]),
        ("x = []", &["x = [\"Stryker was here\"]"]),
        ("x = new Array(3)", &["x = new Array()"]),
        ("x = {a}", &["x = {}"]),
        ("x = () => a", &["x = () => undefined"]),
        ("x = ''", &["x = \"Stryker was here!\""]),
        ("x = `a`", &["x = ``"]),
        ("x = (a).trim()", &["x = (a)"]),
        ("x = a.min(b)", &["x = a.max(b)"]),
        ("x = a?.b", &["x = a.b"]),
        ("x = a?.[0]?.()", &["x = a?.[0]()", "x = a[0]?.()"]),
        ("x = /^a$/", &["x = /^a/", "x = /a$/"]),
        ("x = /a*/", &["x = /a/"]),
        ("f()", &[";"]),
        ("f(a + b)", &["f(a - b)"]),
        ("throw new E()", &[";"]),
        ("switch (a) { case b: c; break; default: break }", &["switch (a) { case b:  default: break }"]),
        ("function f() { return 1; a + b }", &["function f() {}"]),
        (
            "import a from 'b'; export * from 'c'; require('d'); x = {'e': 1}",
            &[
                "import a from 'b'; export * from 'c'; ; x = {'e': 1}",
                "import a from 'b'; export * from 'c'; require('d'); x = {}",
            ],
        ),
        ("// Stryker disable all\nx = a + b", &[]),
        (
            "// Stryker disable next-line ArithmeticOperator: why\nx = a + b\ny = a + b",
            &["// Stryker disable next-line ArithmeticOperator: why\nx = a + b\ny = a - b"],
        ),
    ] {
        assert_eq!(made("a.js", source), sorted(expected), "{source}");
    }
    assert_eq!(
        made("a.ts", "enum A { B = 'c' } type D = 'e'; let f: 'g' = 1 as 2; declare const h: 3"),
        Vec::<String>::new()
    );
    assert_eq!(made("a.tsx", "x = <a b='c'>{'d'}</a>"), sorted(&["x = <a b='c'>{\"\"}</a>"]));
}

#[test]
fn functions_of_python_are_mutated() {
    let head = "def f(a):\n    ";
    for (body, expected) in [
        ("return a + 1", &["return a - 1", "return a + 2"][..]),
        ("b = a", &["b = None"]),
        ("b = None", &["b = \"\""]),
        ("a //= b", &["a = b", "a /= b"]),
        ("return not (a)", &["return (a)"]),
        ("return a is not b", &["return a is b"]),
        ("return a <= b", &["return a < b"]),
        ("return g(a, b=c)", &["return g(None, b=c)", "return g(a, b=None)", "return g(b=c)", "return g(a)"]),
        ("return dict(b=None)", &["return dict(bXX=None)"]),
        ("return len(a + 1)", &[]),
        ("return a.lower()", &["return a.upper()"]),
        ("return lambda: a", &["return lambda: None"]),
        ("return 'aB'", &["return 'XXaBXX'", "return 'ab'", "return 'AB'"]),
        ("'doc'", &[]),
        ("return a if b else c", &["return a if (b) and False else c", "return a if (b) or True else c"]),
        ("return True", &["return False"]),
        ("return a  # pragma: no mutate", &[]),
        ("for b in a: break", &["for b in a: return"]),
        ("return a\n    b = a + 2", &[]),
        ("b: 'c' = -a", &["b: 'c' = +a", "b: 'c' = None"]),
    ] {
        let expected: Vec<String> = expected.iter().map(|text| format!("{head}{text}\n")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        assert_eq!(made("a.py", &format!("{head}{body}\n")), sorted(&expected), "{body}");
    }
    for source in ["a = 1 + 2\n", "@cached\ndef f(): return 1\n", "class A(Enum):\n  def __init__(self): self.a = 1\n"]
    {
        assert_eq!(made("a.py", source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn lines_that_never_ran_are_skipped() {
    let source = "x = a + b;\nif (c) {\n  y = a - b;\n}\n";
    let coverage = "SF:src/a.js\nDA:1,1\nDA:2,1\nDA:3,0\nend_of_record\n";
    let report = planned(&json!({"files": [{"path": "src/a.js", "source": source}], "coverage": coverage}));
    assert_eq!(report["data"]["leftOut"]["uncovered"], 1);
    let other = planned(&json!({"files": [{"path": "b.js", "source": source}], "coverage": coverage}));
    assert_eq!(other["data"]["count"], 0);
}

#[test]
fn samples_are_the_same_and_mostly_stay() {
    let line = |at: usize| format!("x{at} = a{at} + b{at};\n");
    let source: String = (0..200).map(line).collect();
    let ids = |source: &str, max: usize| -> Vec<String> {
        let report = planned(&json!({"files": [{"path": "a.js", "source": source}], "max": max}));
        assert_eq!(
            report["data"]["leftOut"]["sampled"],
            report["data"]["count"].as_u64().expect("a count") - max as u64
        );
        report["data"]["mutants"].as_array().expect("a list").iter().map(|row| row["id"].to_string()).collect()
    };
    let some = ids(&source, 50);
    assert_eq!(some, ids(&source, 50));
    let kept = ids(&format!("y = c - d;\n{source}"), 50).iter().filter(|id| some.contains(id)).count();
    assert!(kept >= 49, "{kept}");
    assert!(ids(&source, 20).iter().all(|id| some.contains(id)));
}

#[test]
fn limits_hold_at_their_edges() {
    let accepted = |arguments: &Value| report(&REGISTRY, "plan_mutations", arguments).is_some();
    let max = |max: u32| json!({"files": [{"path": "a.js", "source": ""}], "max": max});
    assert!(accepted(&max(1)) && accepted(&max(MAX_MUTANTS)));
    assert!(!accepted(&max(0)) && !accepted(&max(MAX_MUTANTS + 1)));
    let text = |length: usize| json!({"report": format!("{{\"files\":{{}}}}{}", " ".repeat(length - 12))});
    assert!(accepted(&text(MAX_REPORT_BYTES)) && !accepted(&text(MAX_REPORT_BYTES + 1)));
    let survivors = |count: usize| {
        let mutants = vec![json!({"status": "Survived", "mutatorName": "X"}); count];
        let each: serde_json::Map<String, Value> =
            mutants.into_iter().enumerate().map(|(at, one)| (format!("f{at}"), json!({"mutants": [one]}))).collect();
        planned(&json!({"report": json!({"files": each}).to_string()}))["findings"].as_array().map(Vec::len)
    };
    assert_eq!((survivors(MAX_SURVIVORS), survivors(MAX_SURVIVORS + 1)), (Some(MAX_SURVIVORS), Some(MAX_SURVIVORS)));
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(29);
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "plan_mutations") {
        for _ in 0..60 {
            let mut arguments = arguments.clone();
            if let Some(count) = arguments["files"].as_array().map(Vec::len).filter(|count| *count > 0) {
                let at = dice.below(count);
                let source = arguments["files"][at]["source"].as_str().unwrap_or_default().to_owned();
                arguments["files"][at]["source"] =
                    json!(dice.mutate(&source, "(){}[]\"'`.?,;:=*/\\^$|+-!<> \nab_\u{e9}\u{1f600}"));
            }
            if let Some(text) = arguments["report"].as_str().map(str::to_owned) {
                arguments["report"] = json!(dice.mutate(&text, "{}[]\",:019 \u{1f600}"));
            }
            report(&REGISTRY, "plan_mutations", &arguments);
        }
    }
}
