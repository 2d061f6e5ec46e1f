//! What must hold of `check_contrast` on any input: no panic, and fixes that mend.

use octavo_testkit::applied;
use octavo_toolkit::Category;
use octavo_toolkit::limits::MAX_SOURCE_BYTES;
use octavo_toolkit::registry::Rendering;
use octavo_webdesign::REGISTRY;
use octavo_webdesign::support::css_rules;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

// What changes the structure of CSS most.
const SIGNS: &[u8] = b"(){};:,/*#\"'\\-+.%09eazA!@ \n\r\0";

fn call(arguments: &Value) -> Result<Rendering, String> {
    let tool = REGISTRY.get("check_contrast").expect("the tool is registered");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    tool.call_whole(Category::Webdesign, &raw).map_err(|error| error.to_string())
}

fn structured(arguments: &Value) -> Value {
    serde_json::from_str(&call(arguments).expect("answered").structured).expect("JSON")
}

#[test]
fn fixes_mend_and_the_text_still_parses() {
    for level in ["AA", "AAA"] {
        let mut source = String::from(":root{--bg:#808000}\n");
        for (at, (color, background)) in [
            ("#777", "#fff"),
            ("rgb(255 0 0 / .5)", "#fff"),
            ("oklch(80% 0.2 145)", "white"),
            ("yellow", "var(--bg)"),
            ("/* a */ #abc /* b */ !important", "color(display-p3 1 1 1)"),
            ("hsl(200, 100%, 70%)", "rgba(0, 0, 0, .2)"),
        ]
        .iter()
        .enumerate()
        {
            let _ = write!(source, ".c{at}\u{1f600} {{\r\n  color: {color};\r\n  background: {background} }}\r\n");
        }
        let before = structured(&json!({"source": source, "level": level}));
        let (mended, edits) = applied(&source, &before);
        assert!(edits >= 5, "{edits} edits: {before}");
        assert_eq!(css_rules::read(&mended).1, []);
        let after = structured(&json!({"source": mended, "level": level}));
        let fixed = before["findings"].as_array().expect("findings").iter().filter(|it| it["fix"].is_object()).count();
        let (count, left) = (before["counts"]["error"].as_u64(), after["counts"]["error"].as_u64());
        assert_eq!(left, count.map(|count| count - fixed as u64), "{mended}\n{after}");
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let pair = json!("#000 on #fff");
    assert!(call(&json!({"pairs": vec![pair.clone(); 50]})).is_ok());
    assert_eq!(
        call(&json!({"pairs": vec![pair; 51]})),
        Err("`/pairs` has 51 items, the limit is 50; send less, or split the call".to_owned())
    );
    assert!(call(&json!({"palette": vec!["red"; 24]})).is_ok());
    assert!(call(&json!({"palette": vec!["red"; 25]})).is_err());
    assert!(call(&json!({"palette": [" ".repeat(1024)]})).is_ok());
    assert!(call(&json!({"palette": [" ".repeat(1025)]})).is_err());
    assert!(call(&json!({"source": " ".repeat(MAX_SOURCE_BYTES)})).is_ok());
    assert!(call(&json!({"source": " ".repeat(MAX_SOURCE_BYTES + 1)})).is_err());
}

#[test]
fn a_large_stylesheet_is_checked_whole_and_listed_in_part() {
    let source = "a{color:#777;background:#fff}\n".repeat(150);
    let report = structured(&json!({"source": source}));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(150));
    assert_eq!(report["data"]["pairs"].as_array().map(Vec::len), Some(50));
    assert_eq!(report["summary"], "150 of 150 pairs below WCAG AA; data lists 50 pairs of the stylesheet");
}

#[test]
fn hostile_stylesheets_are_read_in_linear_time() {
    let mut distinct = String::new();
    for at in 0..10_000 {
        let _ = writeln!(distinct, "a{{color:oklch(70% .{at:05} {at});background:#fff}}");
    }
    let media = format!("a{{{}{}}}", "color:red;".repeat(15_000), "@media x{b:c}".repeat(15_000));
    let deep = "a{".repeat(250_000);
    let brackets = format!("a{{color:{}", "(".repeat(500_000));
    let rules = "a{color:#777;background:x}".repeat(20_000);
    for source in [distinct, media, deep, brackets, rules] {
        assert!(source.len() <= 2 * 1024 * 1024);
        let length = source.len();
        let start = Instant::now();
        call(&json!({"source": source})).expect("answered");
        // A quadratic step over this much text takes minutes.
        assert!(start.elapsed().as_secs() < 20, "{length} bytes took {:?}", start.elapsed());
    }
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/check_contrast");
    let mut texts: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).expect("specs").flatten() {
        let text = fs::read_to_string(entry.path()).expect("UTF-8");
        if entry.path().extension().is_some_and(|it| it == "css") {
            texts.push(text);
        } else if let Ok(arguments) = serde_json::from_str::<Value>(&text) {
            let pairs = arguments["pairs"].as_array().into_iter().flatten();
            texts.extend(pairs.filter_map(|pair| pair.as_str().map(str::to_owned)));
            texts.extend(arguments["source"].as_str().map(str::to_owned));
        }
    }
    texts.sort();
    assert!(texts.len() > 30);
    let mut state = 0x9e37_79b9_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below.max(1)
    };
    for round in 0..6_000 {
        let text = &texts[random(texts.len())];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes.truncate(at),
                1 if !bytes.is_empty() => bytes[at] = SIGNS[random(SIGNS.len())],
                2 => {
                    let end = (at + random(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let end = (at + random(8)).min(bytes.len());
                    bytes.drain(at..end);
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let short: String = text.chars().take(200).collect();
        let arguments = json!({
            "source": format!(":root{{--v:{short}}}{text}"),
            "pairs": [format!("{short} on #fff"), "var(--v) on #fff"],
            "palette": [short, "#123"],
        });
        let first = call(&arguments).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(call(&arguments).as_ref(), Ok(&first));
    }
}
