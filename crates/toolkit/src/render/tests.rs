//! Reports rendered: order, options, budgets, pages, formats.

use super::*;
use crate::source::{Position, Range};
use crate::tool::{NoData, RuleDocs};
use crate::{Edit, Report};
use serde_json::json;

const R1: Rule = Rule { id: "R1", level: Level::Warning, summary: "One is asked for.", docs: RuleDocs::EMPTY };
const R2: Rule = Rule { id: "R2", level: Level::Error, summary: "Two is asked for.", docs: RuleDocs::EMPTY };

const DECLARATION: Declaration = Declaration {
    name: "check_things",
    title: "Check things",
    summary: "Checks things.",
    keywords: "",
    docs: "",
    examples: &[],
    rules: &[R1, R2],
    not_checked: &["moon"],
};
const ABOUT: About<'_> = About { category: Category::Quality, declaration: &DECLARATION };

fn at(line: u32) -> Range {
    Range { start: Position { line, column: 1 }, end: Position { line, column: 2 } }
}

fn rendered<D: Serialize>(report: Report<D>, options: &OutputOptions) -> Rendering {
    render(report, &ABOUT, options).expect("no cursor")
}

fn structured_of(rendering: &Rendering) -> Value {
    serde_json::from_str(&rendering.structured).expect("JSON")
}

fn many(count: u32) -> Report<Value> {
    let findings = (0..count).map(|n| {
        let edits = vec![Edit { range: at(n + 1), new_text: format!("name_{n}") }];
        Finding::new(if n % 3 == 0 { &R2 } else { &R1 }, format!("the name number {n} is taken"))
            .at(at(n + 1))
            .in_file("src/main.py")
            .with_fix("Rename it", edits)
    });
    let rows: Vec<Value> = (0..count).map(|n| json!({ "name": format!("row {n}"), "size": n })).collect();
    Report::checked(findings.collect(), json!({ "total": count, "rows": rows }))
}

#[test]
fn findings_are_sorted_cut_and_counted() {
    let findings = vec![
        Finding::new(&R1, "late\nline").at(at(9)).in_file("f"),
        Finding::new(&R1, "early").at(at(2)).in_file("f"),
        Finding::new(&R2, "worst").at(at(5)).in_file("f"),
        Finding::new(&R2, "worst").at(at(5)).in_file("f"),
    ];
    let options = OutputOptions { max_findings: Some(2), ..OutputOptions::default() };
    let page = rendered(Report::of_findings(findings), &options);
    let report = structured_of(&page);
    assert_eq!(report["counts"], json!({ "error": 1, "warning": 2, "info": 0 }));
    let cursor = report["cursor"].as_str().expect("a cursor");
    assert_eq!(
        page.text,
        format!(
            "fail: 1 error and 2 warnings in 1 file\nf:5:1-2 error R2 worst\nf:2:1-2 warning R1 early\n\
             not checked: moon\nhelp: rule://quality/{{rule}}\n\
             omitted: 1 more findings; next page: output.cursor \"{cursor}\""
        )
    );
}

#[test]
fn options_leave_out_rules_and_levels() {
    let findings = || vec![Finding::new(&R1, "a"), Finding::new(&R2, "b")];
    let ignored = OutputOptions { ignore: vec!["R2".to_owned()], ..OutputOptions::default() };
    assert_eq!(structured_of(&rendered(Report::of_findings(findings()), &ignored))["verdict"], "warn");
    let errors = OutputOptions { min_level: Some(Level::Error), ..OutputOptions::default() };
    let report = structured_of(&rendered(Report::of_findings(findings()), &errors));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn nothing_invisible_gets_through() {
    let edits = vec![Edit { range: at(1), new_text: "\u{202e}\n".to_owned() }];
    let finding = Finding::new(&R1, "a\u{202e}b\nc\u{200b}").in_file("x\u{1b}[31m/\u{2066}y").with_fix("t", edits);
    let report = Report::checked(vec![finding], json!({ "text": "\u{200b}\u{e0041}" }));
    let page = rendered(report, &OutputOptions::default());
    assert!(!page.text.chars().any(|c| c != '\n' && is_invisible(c)), "{:?}", page.text);
    assert!(!page.structured.chars().any(is_invisible));
    let report = structured_of(&page);
    assert_eq!(report["findings"][0]["message"], "ab c");
    assert_eq!(report["findings"][0]["path"], "x[31m/y");
    assert_eq!(report["findings"][0]["fix"]["edits"][0]["newText"], "\u{202e}\n", "the value itself is not changed");
    assert_eq!(report["data"]["text"], "\u{200b}\u{e0041}");
}

#[test]
fn a_clean_report_passes() {
    let page = rendered(Report::<NoData>::of_findings(Vec::new()).over_files(3), &OutputOptions::default());
    assert_eq!(page.text, "pass: nothing found in 3 files\nnot checked: moon");
    assert_eq!(
        page.structured,
        r#"{"verdict":"pass","summary":"nothing found in 3 files","counts":{"error":0,"warning":0,"info":0},"findings":[],"notChecked":["moon"],"omitted":0,"cursor":null}"#
    );
}

#[test]
fn pages_keep_their_budget_and_together_lose_nothing() {
    let tokenizer = bpe_openai::o200k_base();
    for (count, max_tokens) in [(10, 20_000), (400, 1_000), (400, 8_000), (400, 20_000)] {
        let whole: Value = structured_of(&render_whole(many(count), &ABOUT, &OutputOptions::default()).expect("whole"));
        for format in [Format::Concise, Format::Detailed, Format::Sarif] {
            let (mut findings, mut rows) = (Vec::new(), Vec::new());
            let mut cursor = None;
            loop {
                let options = OutputOptions {
                    max_tokens: Some(max_tokens),
                    max_findings: Some(1000),
                    cursor,
                    format: Some(format),
                    ..OutputOptions::default()
                };
                let page = rendered(many(count), &options);
                let tokens = tokenizer.count(&page.text) + tokenizer.count(&page.structured);
                assert!(tokens <= max_tokens as usize, "{tokens} of {max_tokens}, {format:?}");
                let report = structured_of(&page);
                findings.extend(report["findings"].as_array().expect("a list").iter().cloned());
                rows.extend(report["data"]["rows"].as_array().expect("a list").iter().cloned());
                assert_eq!(report["counts"], whole["counts"], "every page counts all");
                cursor = report["cursor"].as_str().map(str::to_owned);
                if cursor.is_none() {
                    break;
                }
                assert!(tokens * 3 > max_tokens as usize, "a page that is not the last is used: {tokens}, {format:?}");
            }
            assert!(json!(findings) == whole["findings"], "{count} findings in {max_tokens}, {format:?}");
            assert!(json!(rows) == whole["data"]["rows"], "{count} rows in {max_tokens}, {format:?}");
        }
    }
}

#[test]
fn a_cursor_of_another_report_is_refused() {
    let options = |cursor: Option<&str>| OutputOptions {
        max_findings: Some(5),
        cursor: cursor.map(str::to_owned),
        ..OutputOptions::default()
    };
    let first = structured_of(&rendered(many(20), &options(None)));
    let cursor = first["cursor"].as_str().expect("a cursor").to_owned();
    assert!(render(many(20), &ABOUT, &options(Some(&cursor))).is_ok());
    let other_place = format!("6{}", cursor.strip_prefix('5').expect("five findings were shown"));
    for (report, cursor) in
        [(many(21), cursor.as_str()), (many(20), &other_place), (many(20), ""), (many(20), "1.2"), (many(20), "x.y.z")]
    {
        let error = render(report, &ABOUT, &options(Some(cursor))).expect_err("refused");
        assert!(error.to_string().starts_with("`/output/cursor` is not of this report; accepted: "), "{error}");
    }
}

#[test]
fn one_finding_too_long_for_a_page_is_shown_without_its_fix() {
    let edits = vec![Edit { range: at(1), new_text: "word ".repeat(9_000) }];
    let finding = Finding::new(&R1, "m".repeat(5_000)).at(at(1)).with_fix("Rewrite it", edits);
    let page = rendered(Report::of_findings(vec![finding]), &OutputOptions::default());
    let report = structured_of(&page);
    assert!(report["findings"][0].get("fix").is_none());
    assert!(page.text.contains("its fix is too long") && page.text.len() < 2_500, "{}", page.text);
}

#[test]
fn a_summary_of_the_tools_own_does_not_hide_the_counts() {
    let page = rendered(many(3).with_summary("renamed nothing"), &OutputOptions::default());
    assert!(page.text.starts_with("fail: renamed nothing (1 error and 2 warnings)\n"), "{}", page.text);
}

#[test]
fn sarif_has_every_fact() {
    let options = OutputOptions { format: Some(Format::Sarif), ..OutputOptions::default() };
    let page = rendered(many(2), &options);
    let log: Value = serde_json::from_str(&page.text).expect("SARIF is JSON");
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(run["tool"]["driver"]["name"], "quality_check_things");
    assert_eq!(
        run["tool"]["driver"]["rules"][0],
        json!({ "id": "R2", "shortDescription": { "text": "Two is asked for." }, "helpUri": "rule://quality/R2" })
    );
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
    assert_eq!(
        run["results"][1]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "name_1"
    );
    assert_eq!(run["properties"]["data"]["total"], 2);
}

#[test]
fn detailed_text_says_what_rules_ask_for() {
    let options = OutputOptions { format: Some(Format::Detailed), ..OutputOptions::default() };
    let text = rendered(many(1), &options).text;
    assert_eq!(
        text,
        "fail: 1 error in 1 file\n\nerror R2 at src/main.py:1:1-2\n  the name number 0 is taken\n  rule: Two is asked for.\n  \
         help: rule://quality/R2\n  fix: Rename it\n    1:1-2 -> \"name_0\"\n\n\
         data: {\"total\":1,\"rows\":[{\"name\":\"row 0\",\"size\":0}]}\nnot checked: moon"
    );
}
