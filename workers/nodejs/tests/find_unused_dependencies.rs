//! What must hold of `find_unused_dependencies`: rules show where they should, and no project makes it panic.

use octavo_nodejs::REGISTRY;
use octavo_toolkit::{Category, Ctx};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const MANIFEST: &str =
    r#"{"name":"p","main":"index.ts","dependencies":{"used":"1","listed":"1"},"devDependencies":{"tool":"1"}}"#;

fn run(arguments: &Value) -> Option<Value> {
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let tool = REGISTRY.get("find_unused_dependencies").expect("listed");
    let rendering = tool.call(Category::Nodejs, &raw, &Ctx::silent()).ok()?;
    Some(serde_json::from_str(&rendering.structured).expect("JSON"))
}

fn project(index: &str) -> Value {
    json!({"files": [
        {"path": "package.json", "source": MANIFEST},
        {"path": "index.ts", "source": index},
        {"path": "b.js", "source": ""},
        {"path": "c.ts", "source": "export const one = 1;\nexport const two = 2;\nexport type T = 1;\n"},
    ]})
}

fn shows(rule: &str, index: &str) -> bool {
    let report = run(&project(index)).expect("accepted");
    report["findings"].as_array().expect("findings").iter().any(|finding| {
        // Without an import of it, c.ts is an unused file too.
        finding["rule"] == rule && (rule != "files" || finding["path"] == "b.js")
    })
}

#[test]
fn pages_show_what_is_wrong_and_what_is_right() {
    for page in REGISTRY.get("find_unused_dependencies").expect("listed").rule_pages() {
        assert!(shows(&page.id, &page.wrong), "{}: wrong", page.id);
        assert!(!shows(&page.id, &page.right), "{}: right", page.id);
    }
}

#[test]
fn no_mutation_makes_it_panic() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/specs/find_unused_dependencies");
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("specs").flatten().map(|entry| entry.path()).collect();
    names.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
    names.sort();
    let read =
        |path: &std::path::PathBuf| serde_json::from_str(&std::fs::read_to_string(path).expect("case")).expect("JSON");
    let cases: Vec<Value> = names.iter().map(read).collect();
    let mut seed = 13_u64;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 40).unwrap_or_default() % limit.max(1)
    };
    for _ in 0..2_000 {
        let mut arguments = cases[below(cases.len())].clone();
        let count = arguments["files"].as_array().map_or(0, Vec::len);
        let at = below(count);
        let Some(text) = arguments["files"][at]["source"].as_str() else { continue };
        let mut bytes = text.as_bytes().to_vec();
        let (from, to) = (below(bytes.len()), below(bytes.len()));
        match below(3) {
            0 => bytes.truncate(from),
            1 if !bytes.is_empty() => bytes[from] = b"{}[]\",:*/ \0\xff;."[below(14)],
            _ => {
                bytes.drain(from.min(to)..from.max(to));
            }
        }
        arguments["files"][at]["source"] = json!(String::from_utf8_lossy(&bytes));
        let _ = run(&arguments);
    }
}
