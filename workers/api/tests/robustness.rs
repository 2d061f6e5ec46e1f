//! No text makes a tool panic or run away: thousands of mutations of the spec inputs.

use octavo_api::REGISTRY;
use octavo_toolkit::Ctx;
use octavo_toolkit::registry::AnyTool;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Mutations of each pair of texts.
const MUTATIONS_PER_CASE: usize = 130;

/// Longest time for an input made to be slow, in an unoptimised build on a busy machine.
const SLOWEST: Duration = Duration::from_mins(1);

// A small generator, so that every run makes the same mutations.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below.max(1)
    }
}

fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = dice.roll(chars.len());
    match dice.roll(7) {
        0 => chars.truncate(at),
        1 => {
            let marks: Vec<char> =
                "{}[]():,'\"\\#&*!|>%@`-?\n\t\r \u{0}\u{feff}\u{1f600}\u{301}0e$~/".chars().collect();
            let mark = marks[dice.roll(marks.len())];
            if let Some(place) = chars.get_mut(at) {
                *place = mark;
            }
        }
        2 => {
            let end = (at + dice.roll(200)).min(chars.len());
            let piece: Vec<char> = chars[at..end].to_vec();
            chars.splice(at..at, piece);
        }
        3 => {
            let end = (at + dice.roll(60)).min(chars.len());
            chars.drain(at..end);
        }
        4 => {
            return text
                .lines()
                .enumerate()
                .filter(|(n, _)| n % 7 != at % 7)
                .map(|(_, l)| l)
                .collect::<Vec<_>>()
                .join("\n");
        }
        5 => return text.replace('\n', "\r\n"),
        _ => {
            let words = [
                "$ref: '#/'",
                "allOf: [",
                "<<: *a",
                "oneOf: 1",
                "type: []",
                "null",
                "@deprecated",
                "\"\"\"",
                "!!str",
                "- ",
            ];
            let word: Vec<char> = words[dice.roll(words.len())].chars().collect();
            chars.splice(at..at, word);
        }
    }
    chars.into_iter().collect()
}

fn call(tool: &dyn AnyTool, arguments: &Value) {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let _ = tool.call(REGISTRY.category, &raw, &Ctx::silent());
}

fn inputs(tool: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs").join(tool);
    let mut names: Vec<_> = fs::read_dir(&folder).expect("specs").flatten().map(|entry| entry.path()).collect();
    names.sort();
    let text = |value: &Value| match value.get("$file").and_then(Value::as_str) {
        Some(name) => fs::read_to_string(folder.join(name)).expect("file of a case"),
        None => value.as_str().unwrap_or_default().to_owned(),
    };
    let cases = names.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let case = |path: &std::path::PathBuf| {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).expect("case")).expect("JSON");
        (text(&case["base"]), text(&case["revision"]))
    };
    cases.map(case).collect()
}

#[test]
fn mutated_descriptions_never_panic() {
    let tool = REGISTRY.get("compare_specs").expect("listed");
    let mut dice = Dice(2_026);
    let mut calls = 0;
    for (base, revision) in inputs("compare_specs") {
        for round in 0..MUTATIONS_PER_CASE {
            let (mut old, mut new) = (base.clone(), revision.clone());
            for _ in 0..=round % 3 {
                if dice.roll(3) == 0 {
                    old = mutate(&old, &mut dice);
                } else {
                    new = mutate(&new, &mut dice);
                }
            }
            call(tool, &json!({"base": old, "revision": new}));
            calls += 1;
        }
    }
    assert!(calls >= 2_000, "{calls}");
}

#[test]
fn texts_made_to_be_slow_are_not() {
    let tool = REGISTRY.get("compare_specs").expect("listed");
    let head = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\n";
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let operations = |count: usize, target: &str| {
        many(count, &|n| {
            format!(
                "  /p{n}: {{get: {{responses: {{'200': {{content: {{application/json: {{schema: {{$ref: '{target}'}}}}}}}}}}}}}}\n"
            )
        })
    };
    let wide = |kind: &str| {
        let properties = many(3_000, &|n| format!("        q{n}: {{type: {kind}}}\n"));
        format!(
            "{head}paths:\n{}components:\n  schemas:\n    S:\n      properties:\n{properties}",
            operations(1_500, "#/components/schemas/S")
        )
    };
    let chain = |kind: &str| {
        let links =
            many(5_000, &|n| format!("    S{n}: {{properties: {{a: {{$ref: '#/components/schemas/S{}'}}}}}}\n", n + 1));
        format!(
            "{head}paths:\n{}components:\n  schemas:\n{links}    S5000: {{type: {kind}}}\n",
            operations(20, "#/components/schemas/S0")
        )
    };
    let alternatives = |tag: &str| {
        let list = many(4_000, &|n| format!("        - {{title: {tag}{n}, type: object}}\n"));
        format!(
            "{head}paths:\n{}components:\n  schemas:\n    S:\n      oneOf:\n{list}",
            operations(500, "#/components/schemas/S")
        )
    };
    let paths = |tag: &str| format!("{head}paths:\n{}", many(8_000, &|n| format!("  /{{{tag}{n}}}: {{get: {{}}}}\n")));
    let line = |kind: &str| {
        let properties =
            (0..4_000).map(|n| format!("\"q{n}\u{e9}\":{{\"type\":\"{kind}\"}}")).collect::<Vec<_>>().join(",");
        format!(
            "{{\"openapi\":\"3.0.0\",\"paths\":{{\"/a\":{{\"get\":{{\"responses\":{{\"200\":{{\"content\":{{\"application/json\":{{\"schema\":{{\"properties\":{{{properties}}}}}}}}}}}}}}}}}}}}}"
        )
    };
    let merges = |_: &str| {
        let big = many(2_000, &|n| format!("  k{n}: 1\n"));
        format!("{head}x: &x\n{big}\n{}", many(2_000, &|n| format!("y{n}: {{<<: *x}}\n")))
    };
    let directives = |tag: &str| many(8_000, &|n| format!("directive @{tag}{n} on FIELD\n"));
    let defaults = |value: &str| {
        let fields = many(2_000, &|n| format!("  f{n}: [E] = [{value}]\n"));
        let values = many(2_000, &|n| format!(" V{n}"));
        let arguments = many(2_000, &|n| format!("a{n}: I = {{}} "));
        format!("enum E {{{values} }}\ninput I {{\n{fields}}}\ntype Query {{ q({arguments}): Int }}\n")
    };
    let pairs = [
        (wide("string"), wide("integer")),
        (chain("string"), chain("integer")),
        (alternatives("a"), alternatives("b")),
        (paths("a"), paths("b")),
        (line("string"), line("integer")),
        (merges(""), merges("")),
        (directives("a"), directives("b")),
        (defaults("V1"), defaults("V2")),
        ("[".repeat(200_000), "- ".repeat(100_000)),
        (format!("openapi: 3.0.0\nx: {}", "? ".repeat(50_000)), "a: &a ".repeat(20_000)),
    ];
    for (at, (base, revision)) in pairs.iter().enumerate() {
        let started = Instant::now();
        call(tool, &json!({"base": base, "revision": revision}));
        assert!(started.elapsed() < SLOWEST, "pair {at} took {:?}", started.elapsed());
    }
}
