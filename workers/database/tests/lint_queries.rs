//! What must hold of the query lint beyond its snapshots: executable rule pages, fixes, limits, no panic on any text.

use octavo_database::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};
use std::fmt::Write as _;

const SCHEMA: &str = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total numeric NOT NULL, note text, placed timestamptz NOT NULL);
CREATE INDEX orders_placed ON orders (placed);
CREATE INDEX users_name ON users (name);";

fn report_of(source: &str) -> Value {
    report_in(source, "postgresql")
}

fn report_in(source: &str, dialect: &str) -> Value {
    let arguments = json!({"source": source, "schema": SCHEMA, "dialect": dialect});
    report(&REGISTRY, "lint_queries", &arguments).expect("a report")
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn every_rule_page_shows_the_rule_and_its_absence() {
    let tool = REGISTRY.get("lint_queries").expect("the tool is listed");
    for rule in tool.declaration().rules {
        let dialect = if rule.id == "AM02" { "mysql" } else { "postgresql" };
        let wrong = if rule.id == "nesting-too-deep" {
            report_of(&"(".repeat(201))
        } else {
            report_in(rule.docs.wrong, dialect)
        };
        let found = wrong["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule.id);
        assert_eq!(
            found.unwrap_or_else(|| panic!("{} is not found: {wrong}", rule.id))["level"],
            rule.level.word(),
            "{}",
            rule.id
        );
        let right = report_in(rule.docs.right, dialect);
        assert!(!rules_of(&right).contains(&rule.id), "{}: its right source is found", rule.id);
        assert!(!rules_of(&right).contains(&"query-syntax"), "{}: its right source does not parse: {right}", rule.id);
    }
}

#[test]
fn host_code_is_searched_by_its_language() {
    let found = |filename: &str, source: &str| {
        let report =
            report(&REGISTRY, "lint_queries", &json!({"source": source, "filename": filename})).expect("a report");
        !rules_of(&report).is_empty()
    };
    for (filename, bad, good) in [
        ("a.py", "q = f\"SELECT * FROM t WHERE a = {a}\"", "q = \"SELECT * FROM t WHERE a = %s\"; c.execute(q, (a,))"),
        ("a.py", "q = \"SELECT * FROM t WHERE a = '%s'\" % a", "q = (\"SELECT * FROM t \"\n  \"WHERE a = 1\")"),
        ("a.py", "q = \"DELETE FROM t WHERE a = \" + a", "q = \"DELETE FROM t \" + \"WHERE a = 1\""),
        ("a.py", "\"SELECT {} FROM t\".format(a)", "print(f\"selected {a} from\")"),
        ("a.ts", "db.query(`SELECT * FROM t WHERE a = ${a}`)", "sql`SELECT * FROM t WHERE a = ${a}`"),
        ("a.php", "$q = \"SELECT * FROM t WHERE a = $a\";", "$q = 'SELECT * FROM t WHERE a = ?';"),
        ("a.php", "$q = 'SELECT * FROM t WHERE a = ' . $a;", "$q = 'SELECT * FROM t ' . 'WHERE a = 1';"),
        ("a.rb", "q = \"SELECT * FROM t WHERE a = #{a}\"", "q = \"SELECT * FROM t WHERE a = ?\""),
        ("a.go", "fmt.Sprintf(\"SELECT * FROM t WHERE a = %s\", a)", "db.Query(\"SELECT * FROM t WHERE a = $1\", a)"),
        ("A.java", "String q = \"SELECT * FROM t WHERE a = \" + a;", "String q = \"SELECT * FROM \" + TABLE;"),
        ("a.cs", "var q = $\"SELECT * FROM t WHERE a = {a}\";", "var q = \"SELECT * FROM t WHERE a = @a\";"),
    ] {
        assert!(found(filename, bad), "{filename}: {bad}");
        assert!(!found(filename, good), "{filename}: {good}");
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let long = |length: usize| report(&REGISTRY, "lint_queries", &json!({"source": " ".repeat(length)}));
    assert!(long(1024 * 1024).is_some());
    assert!(long(1024 * 1024 + 1).is_none());
    for text in [
        format!("SELECT {}1", "NOT ".repeat(100_000)),
        format!("SELECT {}1", "- ".repeat(100_000)),
        format!("SELECT 1{}", " + 1".repeat(100_000)),
        format!("SELECT {}", "CASE WHEN 1 THEN ".repeat(50_000)),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(50_000)),
        format!("SELECT 1 FROM a{}", " JOIN a".repeat(50_000)),
        format!("SELECT 1 WHERE a{}", " OR a".repeat(10_000)),
        format!("SELECT {}1{}", "(".repeat(199), ")".repeat(199)),
        format!("SELECT {}1{}", "f(".repeat(199), ")".repeat(199)),
        format!("SELECT {}1{}", "(SELECT ".repeat(199), ")".repeat(199)),
        format!("SELECT * FROM {}a{}", "(SELECT * FROM ".repeat(199), ") b".repeat(199)),
        format!("SELECT * FROM {}a{}", "(".repeat(199), ")".repeat(199)),
    ] {
        report_of(&text);
    }
    let reads = |text: String| !rules_of(&report_of(&text)).contains(&"query-syntax");
    for (most, text) in [
        (149, (|count| format!("SELECT 1{}", " + 1".repeat(count))) as fn(usize) -> String),
        (150, |count| format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(count))),
        (150, |count| format!("SELECT 1 FROM users u{}", " CROSS JOIN users".repeat(count))),
        (31, |count| format!("SELECT {}1{}", "(".repeat(count), ")".repeat(count))),
        (31, |count| format!("SELECT {}1{}", "lower(".repeat(count), ")".repeat(count))),
        (15, |count| format!("SELECT {}1{}", "(SELECT ".repeat(count), ")".repeat(count))),
        (31, |count| format!("SELECT * FROM {}users{}", "(SELECT * FROM ".repeat(count), ") b".repeat(count))),
    ] {
        assert!(reads(text(most)), "{}", text(most));
        assert!(!reads(text(most + 1)), "{}", text(most + 1));
    }
}

#[test]
fn mutated_queries_never_panic() {
    let texts: Vec<Value> =
        cases(env!("CARGO_MANIFEST_DIR"), "lint_queries").into_iter().map(|(_, arguments)| arguments).collect();
    let mut dice = Dice::new(5);
    for _ in 0..3_000 {
        let mut arguments = texts[dice.below(texts.len())].clone();
        let text = arguments["source"].as_str().unwrap_or_default().to_owned();
        arguments["source"] = json!(dice.mutate(&text, "()[],;.'\"`$-/*#\\ \n0aE=<>:{}\u{0}\u{1f600}\u{202e}"));
        report(&REGISTRY, "lint_queries", &arguments);
    }
}

// `*` over two tables, level upon level.
fn doubling(levels: usize) -> String {
    let mut text = "WITH a0 AS (SELECT id FROM users)".to_owned();
    for level in 1..=levels {
        let _ = write!(text, ", a{level} AS (SELECT * FROM a{0} p, a{0} q WHERE p.id = q.id)", level - 1);
    }
    format!("{text} SELECT * FROM a{levels}")
}

#[test]
fn columns_that_double_are_followed_to_their_limit() {
    let said = |report: &Value| {
        let notes = report["notChecked"].as_array().expect("what was not checked");
        notes.iter().any(|note| note.as_str().is_some_and(|note| note.contains("columns beyond 4096")))
    };
    // Columns of one name cannot be told apart, so no more is asked of them than `*`.
    assert!(!said(&report_of(&doubling(12).replace(" WHERE p.id = q.id", ""))));
    assert!(said(&report_of(&doubling(13).replace(" WHERE p.id = q.id", ""))));
    let far = report_of(&doubling(40));
    assert!(said(&far), "{far}");
}

#[test]
fn views_of_views_hold_each_name_once() {
    let mut schema = "CREATE TABLE v0 (a int, b int);".to_owned();
    for level in 1..60 {
        let _ = write!(schema, "CREATE VIEW v{level} AS SELECT * FROM v{0} p, v{0} q;", level - 1);
    }
    let arguments = json!({"source": "SELECT missing FROM v59; SELECT missing FROM v3", "schema": schema});
    let report = report(&REGISTRY, "lint_queries", &arguments).expect("a report");
    assert_eq!(rules_of(&report), ["unknown-column", "unknown-column"]);
    assert!(!report["notChecked"].to_string().contains("columns beyond"), "{report}");
}
