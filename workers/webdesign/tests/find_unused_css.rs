//! What must hold of `find_unused_css` on any input: its pages, its limits, the CSS it leaves, no panic, bounded time.

use octavo_testkit::{Dice, cases, report};
use octavo_webdesign::REGISTRY;
use octavo_webdesign::support::css_tree::read;
use octavo_webdesign::tools::find_unused_css::{MAX_FINDINGS_PER_RULE, MAX_KEEP, MAX_KEPT};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Instant;

const TOOL: &str = "find_unused_css";
const PAGE: &str = "<!doctype html><body><p class=here>x</p></body>";

fn call(page: &str, css: &str) -> Value {
    let files = json!([{"path": "a.html", "source": page}, {"path": "a.css", "source": css}]);
    report(&REGISTRY, TOOL, &json!({"files": files})).expect("accepted")
}

#[test]
fn the_page_of_each_rule_shows_it() {
    for rule in REGISTRY.get(TOOL).expect("listed").declaration().rules {
        let has = |css: &str| {
            call(PAGE, css)["findings"].as_array().is_some_and(|all| all.iter().any(|it| it["rule"] == rule.id))
        };
        assert!(has(rule.docs.wrong), "{} is not found in {:?}", rule.id, rule.docs.wrong);
        assert!(!has(rule.docs.right), "{} is found in {:?}", rule.id, rule.docs.right);
    }
}

#[test]
fn what_is_left_has_nothing_unused_and_is_sound() {
    let css = ".gone,\n.here{top:0}\n@media x{.gone{top:0}}\n.gone .here{top:0}p{--a:1;--b:2;top:var(--b)}@keyframes k{to{top:0}}";
    let left = call(PAGE, css)["data"]["css"][0]["source"].as_str().expect("CSS").to_owned();
    assert_eq!(left, ".here{top:0}\np{--b:2;top:var(--b)}");
    assert_eq!(read(&left).flaws, []);
    assert_eq!(call(PAGE, &left)["findings"], json!([]));
}

#[test]
fn limits_hold_at_their_edge() {
    let with = |keep: usize| {
        let files = json!([{"path": "a.html", "source": ""}, {"path": "a.css", "source": ""}]);
        report(&REGISTRY, TOOL, &json!({"files": files, "keep": vec!["a"; keep]}))
    };
    assert!(with(MAX_KEEP).is_some());
    assert!(with(MAX_KEEP + 1).is_none());
    let remarks = |css: &str, count: usize| call(PAGE, &css.repeat(count))["notChecked"].to_string();
    assert!(!remarks(".a{top:0}", MAX_FINDINGS_PER_RULE).contains("findings of a rule beyond"));
    assert!(remarks(".a{top:0}", MAX_FINDINGS_PER_RULE + 1).contains("findings of a rule beyond"));
    assert!(!remarks("p{top:0}", MAX_KEPT).contains("why selectors stay"));
    assert!(remarks("p{top:0}", MAX_KEPT + 1).contains("why selectors stay"));
}

#[test]
fn many_selectors_over_many_elements_end_in_time() {
    let page = "<p>x".repeat(100_000);
    let started = Instant::now();
    for selector in ["[a%]", "p:not(.a%):empty", ":nth-child(9999999%)", ".a% *", "p:nth-of-type(9999999%)"] {
        let css: String = (0..20_000).map(|at| selector.replace('%', &at.to_string()) + "{top:0}").collect();
        call(&page, &css);
    }
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[test]
fn large_inputs_end_in_time() {
    let page = "<div class=a><p class=b>x</p></div>".repeat(3_000);
    let mut css = String::new();
    for at in 0..3_000 {
        let _ = write!(css, ".a .b ~ .c{at}{{top:0}} .a:not(:has(.d{at})) .b{{top:0}}");
    }
    let deep = format!("{}{}", "<div class=a>".repeat(400), "<p class=b>".repeat(400));
    let started = Instant::now();
    call(&page, &css);
    call(&deep, &".a .a .a .a .a .a .a .x{top:0}.a>.a+.a~.b .a{top:0}".repeat(50));
    call("", &"a{".repeat(50_000));
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[test]
fn no_mutation_of_the_specs_panics() {
    let mut dice = Dice::new(12);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..25 {
            let mut changed = arguments.clone();
            for file in changed["files"].as_array_mut().into_iter().flatten() {
                let text = dice
                    .mutate(file["source"].as_str().unwrap_or_default(), "{}();:,#.&<>'\"`$\\-+*~|[]=\n\u{0}\u{1f600}");
                file["source"] = json!(text);
            }
            let first = report(&REGISTRY, TOOL, &changed);
            assert_eq!(first, report(&REGISTRY, TOOL, &changed), "{name}");
        }
    }
}
