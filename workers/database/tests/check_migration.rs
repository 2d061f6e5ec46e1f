//! What must hold of the migration checker beyond its snapshots: executable rule pages, fixes that stay fixed, no panic.

use octavo_database::REGISTRY;
use octavo_toolkit::source::Position;
use octavo_toolkit::{Category, LineIndex, ToolError};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::path::Path;

fn call(arguments: &Value) -> Result<Value, ToolError> {
    let tool = REGISTRY.get("check_migration").expect("the tool is listed");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = tool.call_whole(Category::Database, &raw)?;
    Ok(serde_json::from_str(&rendering.structured).expect("the structured report is JSON"))
}

fn report(arguments: &Value) -> Value {
    call(arguments).unwrap_or_else(|error| panic!("{arguments}: {error}"))
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

fn refusal(arguments: &Value) -> String {
    call(arguments).expect_err("must be refused").to_string()
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("check_migration").expect("the tool is listed");
    let opt_in = [
        "ban-drop-trigger",
        "ban-alter-generated-expression",
        "ban-drop-index",
        "ban-set-default",
        "ban-disable-trigger",
        "ban-replica-identity",
        "ban-drop-policy",
        "ban-revoke",
        "ban-replace-view-function",
        "require-table-schema",
    ];
    for rule in tool.declaration().rules {
        if rule.id == "nesting-too-deep" {
            continue;
        }
        // Naming a rule that is on anyway changes nothing; the model's own cannot be named.
        let included = call(&json!({"source": "", "include": [rule.id]})).is_ok();
        assert!(included || !opt_in.contains(&rule.id), "{} cannot be included", rule.id);
        let include = if included { vec![rule.id] } else { Vec::new() };
        let run =
            |source: &str| report(&json!({"source": source, "include": include, "output": {"maxFindings": 1000}}));
        let wrong = run(rule.docs.wrong);
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        let found = found.unwrap_or_else(|| panic!("{}: its wrong source is not found: {wrong}", rule.id));
        assert_eq!(found["level"], rule.level.word(), "{}", rule.id);
        let right = run(rule.docs.right);
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right source is found", rule.id);
        if rule.id != "syntax-error" {
            for source in [&wrong, &right] {
                assert!(!rules_of(source).contains(&"syntax-error"), "{}: its page does not parse", rule.id);
            }
        }
    }
}

#[test]
fn every_rule_of_squawk_can_be_named() {
    let tool = REGISTRY.get("check_migration").expect("the tool is listed");
    let declared: Vec<&str> = tool.declaration().rules.iter().map(|rule| rule.id).collect();
    // An alias of two others, and a rule for version 19.
    let left_out = ["require-timeout-settings", "prefer-repack"];
    for rule in squawk_linter::Linter::with_rules(&[], &[]).rules {
        let id = rule.to_string();
        assert!(declared.contains(&id.as_str()) || left_out.contains(&id.as_str()), "{id}");
    }
}

fn offset(text: &str, place: &Value) -> usize {
    let number = |name: &str| u32::try_from(place[name].as_u64().expect("a number")).expect("a small number");
    LineIndex::new(text).offset(Position { line: number("line"), column: number("column") })
}

#[test]
fn applied_fixes_stay_fixed() {
    let source = "CREATE INDEX i ON t (a);\nDROP INDEX i, j;\nDROP INDEX k;\nREINDEX TABLE t;\nCREATE TABLE u (id bigint);\n\
                  ALTER TABLE t ADD COLUMN b bigint, DROP CONSTRAINT c;\nDROP TABLE v;\nDROP TYPE e;\n\
                  CREATE UNIQUE INDEX CONCURRENTLY l ON t (b);\nBEGIN;\nCREATE INDEX m ON t (a);\nDROP INDEX n;\nCOMMIT;\n\
                  CREATE TABLE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghijklmnop (a bigint);\n\
                  DROP INDEX o CASCADE;\n";
    let first = report(&json!({"source": source, "output": {"maxFindings": 1000}}));
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let mut fixed: Vec<(String, u64)> = Vec::new();
    for finding in first["findings"].as_array().expect("findings") {
        let Some(fix) = finding.get("fix") else { continue };
        let line = finding["range"]["start"]["line"].as_u64().expect("a line");
        fixed.push((finding["rule"].as_str().expect("a rule").to_owned(), line));
        for edit in fix["edits"].as_array().expect("edits") {
            let (start, end) = (offset(source, &edit["range"]["start"]), offset(source, &edit["range"]["end"]));
            edits.push((start, end, edit["newText"].as_str().expect("text").to_owned()));
        }
    }
    assert!(fixed.len() >= 12, "{fixed:?}");
    assert!(!fixed.contains(&("require-concurrent-index-creation".to_owned(), 11)), "not in a transaction");
    assert!(!fixed.contains(&("require-concurrent-index-deletion".to_owned(), 2)), "not two at once");
    edits.sort();
    let mut text = source.to_owned();
    for (start, end, new) in edits.iter().rev() {
        text.replace_range(*start..*end, new);
    }
    let second = report(&json!({"source": text, "output": {"maxFindings": 1000}}));
    assert!(!rules_of(&second).contains(&"syntax-error"), "{text}");
    for finding in second["findings"].as_array().expect("findings") {
        let line = finding["range"]["start"]["line"].as_u64().expect("a line");
        let again = (finding["rule"].as_str().expect("a rule").to_owned(), line);
        assert!(!fixed.contains(&again), "{again:?} came back in:\n{text}");
    }
}

#[test]
fn broken_arguments_are_named() {
    for (arguments, start) in [
        (json!({}), "`arguments` hold no migration"),
        (json!({"files": []}), "`arguments` hold no migration"),
        (json!({"source": "", "files": [{"path": "a", "source": ""}]}), "`/files` is given beside `source`"),
        (json!({"source": "", "postgresVersion": 10}), "`/postgresVersion` is not a version"),
        (
            json!({"source": "", "include": ["ban-revok"]}),
            "`/include/0` is not a rule of squawk; accepted: an id of squawk such as \"ban-revoke\"",
        ),
        (
            json!({"source": "", "include": ["no"]}),
            "`/include/0` is not a rule of squawk; accepted: one of require-table-schema, ",
        ),
        (json!({"source": " ".repeat(1024 * 1024 + 1)}), "`/source` has 1048577 bytes"),
        (
            json!({"files": [{"path": "a", "source": " ".repeat(600_000)}, {"path": "b", "source": " ".repeat(600_000)}]}),
            "`/files` has 1200000 bytes",
        ),
    ] {
        let sentence = refusal(&arguments);
        assert!(sentence.starts_with(start), "{sentence}");
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let nested = |depth: usize| format!("SELECT {}1{};", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(rules_of(&report(&json!({"source": nested(200)}))), Vec::<&str>::new());
    assert_eq!(rules_of(&report(&json!({"source": nested(201)}))), ["nesting-too-deep"]);
    let chain = |links: usize| format!("SELECT {}a;", "a+".repeat(links));
    assert_eq!(rules_of(&report(&json!({"source": chain(1_249)}))), Vec::<&str>::new());
    assert_eq!(rules_of(&report(&json!({"source": chain(1_250)}))), ["nesting-too-deep"]);
    let empty = |count: usize| report(&json!({"source": ";".repeat(count)}));
    assert_eq!(rules_of(&empty(50_000)), Vec::<&str>::new());
    assert_eq!(rules_of(&empty(50_001)), ["nesting-too-deep"]);
    let broken = |count: usize| report(&json!({"source": ",".repeat(count)}))["notChecked"].to_string();
    assert!(!broken(20_000).contains("syntax errors"));
    assert!(broken(20_001).contains("1 file with more than 20000 syntax errors"));
    let many = report(&json!({"source": "LOCK TABLE t;\n".repeat(61)}));
    assert_eq!(many["data"]["statements"].as_array().map(Vec::len), Some(60));
    assert_eq!(many["data"]["statementsOmitted"], 1);
    let endless = report(&json!({"source": "LOCK TABLE t;\n".repeat(10_001), "output": {"minLevel": "error"}}));
    assert_eq!(endless["data"]["statementCount"], 10_000);
    assert!(endless["notChecked"].to_string().contains("after the first 10000"));
}

#[test]
fn deep_chains_of_every_kind_are_refused_or_read() {
    for link in ["a and ", "not ", "- ", "a between 1 and ", "a like b escape ", "case when ", "2^", "a at time zone "]
    {
        for links in [370, 20_000] {
            report(&json!({"source": format!("SELECT {}a;", link.repeat(links))}));
        }
    }
    for (start, link) in
        [("", "SELECT 1 UNION ALL "), ("", "EXPLAIN "), ("", "PREPARE a AS "), ("SELECT * FROM t ", "JOIN t ON true ")]
    {
        for links in [250, 20_000] {
            report(&json!({"source": format!("{start}{}SELECT 1;", link.repeat(links))}));
        }
    }
}

// A small generator, so that every run mutates alike.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).expect("small")).expect("small")
    }
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/check_migration");
    let mut sources: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the specs").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "json") {
            let spec: Value =
                serde_json::from_str(&std::fs::read_to_string(entry.path()).expect("a spec")).expect("JSON");
            let files = spec["files"].as_array().into_iter().flatten().map(|file| &file["source"]);
            let texts = files.chain(std::iter::once(&spec["source"])).filter_map(Value::as_str);
            sources.extend(texts.filter(|text| text.len() < 5_000).map(str::to_owned));
        }
    }
    sources.sort();
    assert!(sources.len() >= 10);
    let tool = REGISTRY.get("check_migration").expect("the tool is listed");
    for rule in tool.declaration().rules {
        sources.push(format!("{}\n{}", rule.docs.wrong, rule.docs.right));
    }
    let bytes = [b'(', b')', b'\'', b'"', b';', b'$', b',', b'.', b'\\', b'-', b'/', b'*', b'E', b' ', b'\n', b'0', 0];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..3_000 {
        let text = &sources[numbers.below(sources.len())];
        let mut mutant = text.clone();
        for _ in 0..=numbers.below(3) {
            let at = boundary(&mutant, numbers.below(mutant.len() + 1));
            let end = boundary(&mutant, (at + numbers.below(40)).min(mutant.len()));
            match numbers.below(5) {
                0 => mutant.truncate(at),
                1 => mutant.replace_range(at..end, ""),
                2 => mutant.insert(at, char::from(bytes[numbers.below(bytes.len())])),
                3 => {
                    let piece = mutant[at..end].to_owned();
                    mutant.insert_str(at, &piece.repeat(1 + numbers.below(20)));
                }
                _ => mutant.insert_str(
                    at,
                    ["\u{1f600}", "\r\n", "\u{202e}", "$$", "CONCURRENTLY", "NOT VALID", "\u{0}"][numbers.below(7)],
                ),
            }
        }
        let version = 11 + numbers.below(8);
        report(&json!({"source": mutant, "postgresVersion": version, "assumeInTransaction": round % 2 == 0}));
    }
}
