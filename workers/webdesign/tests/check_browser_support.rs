//! What must hold of `check_browser_support` on any input: its pages, its limits, its guards, no panic, bounded time.

use octavo_testkit::{Dice, cases, report};
use octavo_webdesign::REGISTRY;
use octavo_webdesign::support::browsers::MAX_CLAUSES;
use octavo_webdesign::tools::check_browser_support::{
    MAX_GUARD_BYTES, MAX_GUARDS, MAX_IGNORE, MAX_IGNORE_BYTES, MAX_QUERY_BYTES, MAX_USES,
};
use serde_json::{Value, json};
use std::time::Instant;

const TOOL: &str = "check_browser_support";

fn call(browsers: &str, path: &str, source: &str) -> Value {
    let arguments = json!({"browsers": browsers, "files": [{"path": path, "source": source}]});
    report(&REGISTRY, TOOL, &arguments).expect("accepted")
}

fn browsers(query: &str) -> Option<Vec<String>> {
    let report = report(&REGISTRY, TOOL, &json!({"browsers": query}))?;
    let list = report["data"]["browsers"].as_array().expect("a list").iter();
    Some(list.filter_map(Value::as_str).map(str::to_owned).collect())
}

// The findings as rule, level and the feature.
fn found(browsers: &str, path: &str, source: &str) -> Vec<String> {
    let report = call(browsers, path, source);
    let word =
        |it: &Value, key: &str| it[key].as_str().unwrap_or_default().split(' ').next().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|it| format!("{} {} {}", word(it, "level"), word(it, "rule"), word(it, "message"))).collect()
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let path = match rule.id {
            "no-unsupported-browser-features" | "partial-support" => "a.css",
            "html-support" => "a.html",
            _ => "a.js",
        };
        let has = |source: &str| {
            call("ie 11", path, source)["findings"]
                .as_array()
                .is_some_and(|all| all.iter().any(|it| it["rule"] == rule.id))
        };
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn queries_select_what_browserslist_selects() {
    for (query, expected) in [
        ("ie 9-11 and not ie 10", vec!["ie 11", "ie 9"]),
        ("ie 8, ie >= 11", vec!["ie 11", "ie 8"]),
        ("ios_saf 10.2", vec!["ios_saf 10.0-10.2"]),
        ("ie 6 or ie 7 and ie 7", vec!["ie 7"]),
        ("op_mini all", vec!["op_mini all"]),
        ("safari TP, safari 3.1", vec!["safari TP", "safari 3.1"]),
    ] {
        assert_eq!(
            browsers(query).as_deref(),
            Some(expected.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>().as_slice()),
            "{query}"
        );
    }
    for query in [
        "",
        "ie",
        "ie 12",
        "not ie 11",
        "netscape 4",
        "> 1% in XX",
        "current node",
        "extends x",
        "> 1% in my stats",
        "ie 9,",
        "supports x",
    ] {
        assert_eq!(browsers(query), None, "{query}");
    }
}

#[test]
fn what_is_tested_first_is_guarded() {
    for source in [
        "if ('fetch' in window) { fetch('/a') }",
        "window.fetch && window.fetch('/a')",
        "typeof Promise === 'function' ? new Promise(f) : null",
        "const fetch = require('x'); fetch('/a')",
        "import { Map } from 'immutable'; new Map()",
        "function f(URL) { return new URL('x') }",
    ] {
        let found = found("ie 8", "a.js", source);
        assert!(found.iter().all(|it| !it.starts_with("error compat")), "{source}: {found:?}");
    }
    assert_eq!(found("ie 11", "a.js", "fetch('/a')"), ["error compat fetch"]);
    assert_eq!(found("ie 11", "a.js", "[1].flat()"), ["error compat Array.flat"]);
    assert_eq!(
        found("ie 11", "a.js", "window.fetch('/a'); navigator.clipboard"),
        ["error compat fetch", "error compat navigator.clipboard"]
    );
    assert_eq!(
        found("ie 11", "a.css", "@supports (--a: b) { a { color: var(--a) } }")[1..],
        ["info no-unsupported-browser-features css-variables"]
    );
}

#[test]
fn guards_are_searched_to_their_limits() {
    // A condition of `length` bytes around a use, and as many conditions as given between the test and the use.
    let long = |length: usize| format!("fetch.{} && fetch()", "a".repeat(length - "fetch.".len()));
    let many = |between: usize| format!("fetch && ({}fetch(){})", "(b && ".repeat(between), ")".repeat(between));
    let reported =
        |source: String| found("ie 11", "a.js", &source).iter().filter(|it| it.ends_with("compat fetch")).count();
    assert_eq!(reported(long(MAX_GUARD_BYTES)), 0);
    assert!(reported(long(MAX_GUARD_BYTES + 1)) > 0);
    assert_eq!(reported(many(MAX_GUARDS - 1)), 0);
    assert!(reported(many(MAX_GUARDS)) > 0);
}

#[test]
fn limits_hold_at_their_edge() {
    let with = |browsers: String, ignore: Vec<String>| {
        report(
            &REGISTRY,
            TOOL,
            &json!({"browsers": browsers, "files": [{"path": "a.css", "source": ""}], "ignore": ignore}),
        )
    };
    let clauses = |count: usize| vec!["ie 9"; count].join(",");
    assert!(with(clauses(MAX_CLAUSES), vec![]).is_some());
    assert!(with(clauses(MAX_CLAUSES + 1), vec![]).is_none());
    let long = |length: usize| format!("ie{}9", " ".repeat(length - 3));
    assert!(with(long(MAX_QUERY_BYTES), vec![]).is_some());
    assert!(with(long(MAX_QUERY_BYTES + 1), vec![]).is_none());
    assert!(with("ie 9".to_owned(), vec!["a".to_owned(); MAX_IGNORE]).is_some());
    assert!(with("ie 9".to_owned(), vec!["a".to_owned(); MAX_IGNORE + 1]).is_none());
    assert!(with("ie 9".to_owned(), vec!["a".repeat(MAX_IGNORE_BYTES)]).is_some());
    assert!(with("ie 9".to_owned(), vec!["a".repeat(MAX_IGNORE_BYTES + 1)]).is_none());
    for (count, is_cut) in [(MAX_USES, false), (MAX_USES + 1, true)] {
        let report = call("ie 8", "a.css", &"a{display:grid}".repeat(count));
        assert_eq!(report["notChecked"].to_string().contains("uses of a feature beyond"), is_cut, "{count}");
        assert_eq!(report["data"]["features"][0]["uses"], count);
    }
}

#[test]
fn what_is_ignored_is_not_reported() {
    let ignoring = |ignore: &[&str]| {
        let files = json!([{"path": "a.js", "source": "fetch('/a'); Promise.all([])"}]);
        let report =
            report(&REGISTRY, TOOL, &json!({"browsers": "ie 11", "files": files, "ignore": ignore})).expect("accepted");
        report["findings"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((ignoring(&[]), ignoring(&["fetch"]), ignoring(&["fetch", "Promise*"])), (2, 1, 0));
}

#[test]
fn large_inputs_end_in_time() {
    let started = Instant::now();
    call(
        "defaults, ie 6",
        "a.css",
        &".a:not(.b,.c)>d{display:grid;color:var(--x);width:calc(1px + min(1rem,2vw))}".repeat(5_000),
    );
    call("defaults, ie 6", "a.js", &"x = fetch(a?.b) && [1].flat();".repeat(10_000));
    call("defaults, ie 6", "a.js", &format!("x = {}b", "a && ".repeat(5_000)));
    call(
        "defaults, ie 6",
        "a.html",
        &"<dialog inert><input type=date><style>a{gap:0}</style><script>fetch()</script>".repeat(2_000),
    );
    assert!(browsers(&vec!["supports css-grid"; 500].join(",")).is_some());
    assert!(browsers(&" or".repeat(3_000)).is_none());
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let mut dice = Dice::new(14);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..25 {
            let mut changed = arguments.clone();
            for file in changed["files"].as_array_mut().into_iter().flatten() {
                let text = dice.mutate(
                    file["source"].as_str().unwrap_or_default(),
                    "{}();:,#.&<>'\"`$\\-+*~|[]=\n\u{0}\u{1f600}?!",
                );
                file["source"] = json!(text);
            }
            if let Some(query) = changed["browsers"].as_str() {
                changed["browsers"] = json!(dice.mutate(query, "<>=%-, .\u{0}\u{1f600}0159andor"));
            }
            let first = report(&REGISTRY, TOOL, &changed);
            assert_eq!(first, report(&REGISTRY, TOOL, &changed), "{name}");
        }
    }
}
