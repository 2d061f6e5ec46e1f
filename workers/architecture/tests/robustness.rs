//! No input may make the tool panic: thousands of mutations of the cases, the same in every run.

use octavo_architecture::REGISTRY;
use octavo_toolkit::Ctx;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const MUTATIONS_PER_CASE: usize = 80;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides.max(1)
    }
}

fn sources(tool: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs").join(tool);
    let mut paths: Vec<_> = fs::read_dir(folder).expect("cases").map(|entry| entry.expect("entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let text = |path: &std::path::PathBuf| fs::read_to_string(path).expect("case");
    let source = |case: Value| case["source"].as_str().map(str::to_owned);
    paths.iter().filter_map(|path| source(serde_json::from_str(&text(path)).expect("JSON"))).collect()
}

fn mutate(source: &str, other: &str, dice: &mut Dice) -> String {
    let cut = |text: &str, dice: &mut Dice| {
        let mut at = dice.roll(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let at = cut(source, dice);
    let (head, tail) = source.split_at(at);
    match dice.roll(7) {
        0 => head.to_owned(),
        1 => tail.to_owned(),
        2 => format!("{head}{head}{tail}"),
        3 => {
            let flip = [
                '{',
                '}',
                '"',
                '\\',
                '\n',
                '$',
                '-',
                '>',
                '=',
                '\u{0}',
                '\u{1f600}',
                '\u{202e}',
                '9',
                '.',
                '/',
                '*',
                '!',
            ];
            format!("{head}{}{}", flip[dice.roll(flip.len())], tail.chars().skip(1).collect::<String>())
        }
        4 => format!("{head}{}{tail}", &other[cut(other, dice)..]),
        5 => {
            let mut lines: Vec<&str> = source.lines().collect();
            let (a, b) = (dice.roll(lines.len()), dice.roll(lines.len()));
            if !lines.is_empty() {
                lines.swap(a, b);
            }
            lines.join("\n")
        }
        _ => format!(
            "{head}{}{tail}",
            ["e308", "-", "\"\"\"", "\\\n", "${a}${b}", "/*", "}}", "null", "true,"][dice.roll(9)]
        ),
    }
}

#[test]
fn mutated_cases_never_panic() {
    for name in ["review_design", "plan_migration"] {
        mutate_cases_of(name);
    }
}

fn mutate_cases_of(name: &str) {
    let tool = REGISTRY.get(name).expect("registered");
    let sources = sources(name);
    let mut dice = Dice(2026);
    for source in &sources {
        for _ in 0..MUTATIONS_PER_CASE {
            let mut text = source.clone();
            for _ in 0..=dice.roll(3) {
                let other = &sources[dice.roll(sources.len())];
                text = mutate(&text, other, &mut dice);
            }
            for arguments in [json!({"source": text}), json!({"source": format!("workspace {{\n{text}")})] {
                let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
                let rendering = tool.call(REGISTRY.category, &raw, &Ctx::silent()).expect("broken source is no error");
                assert!(!rendering.structured.contains("null,\"availability"), "a figure that is no number");
            }
        }
    }
}
