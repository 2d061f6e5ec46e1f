//! What must hold of `modernize_code` beyond single cases: its pages, its rewrites, its limits, and any input at all.

mod pages;

use octavo_python::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::{Edit, LineIndex};
use serde_json::{Value, json};

const TOOL: &str = "modernize_code";

#[test]
fn the_page_of_each_rule_shows_it() {
    pages::check(TOOL, |page| json!({"files": pages::files_of(page)}));
}

fn minimum(source: &str) -> (String, String) {
    let report = report(&REGISTRY, TOOL, &json!({"source": source, "targetVersion": "py314"})).expect("accepted");
    let row = &report["data"]["files"][0];
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    (text("python2"), text("python3"))
}

#[test]
fn constructs_need_the_versions_they_came_with() {
    for (source, two, three) in [
        ("x = 1\n", "any", "any"),
        ("with a: pass\n", "2.5", "3.0"),
        ("with a, b: pass\n", "2.7", "3.1"),
        ("print(1)\n", "2.0", "3.0"),
        ("'{}'.format(1)\n", "2.7", "3.0"),
        ("'{{}}'.format(1)\n", "2.6", "3.0"),
        ("f'{x}'\n", "none", "3.6"),
        ("f'{x=}'\n", "none", "3.8"),
        ("(x := 1)\n", "none", "3.8"),
        ("def f(a, /): pass\n", "none", "3.8"),
        ("def f(*, a): pass\n", "none", "3.0"),
        ("x: int = 1\n", "none", "3.6"),
        ("async def f():\n    await x\n    yield 1\n", "none", "3.6"),
        ("async def f():\n    return [x async for x in y]\n", "none", "3.7"),
        ("match x:\n    case 1: pass\n", "none", "3.10"),
        ("try: pass\nexcept* E: pass\n", "none", "3.11"),
        ("type X = int\n", "none", "3.12"),
        ("class A[T]: pass\n", "none", "3.12"),
        ("t'{x}'\n", "none", "3.14"),
        ("{*a}\n", "none", "3.5"),
        ("f(*a, *b)\n", "none", "3.5"),
        ("f(*a)\n", "any", "any"),
        ("a @ b\n", "none", "3.5"),
        ("{1: 2} | {}\n", "none", "3.9"),
        ("d = {}\nd |= {1: 2}\n", "none", "3.9"),
        ("@a.b[c]\ndef f(): pass\n", "none", "3.9"),
        ("from functools import lru_cache\n@lru_cache\ndef f(): pass\n", "none", "3.8"),
        ("from functools import lru_cache\n@lru_cache()\ndef f(): pass\n", "none", "3.2"),
        ("import asyncio\nasyncio.run(x)\n", "none", "3.7"),
        ("'a'.removeprefix('b')\n", "none", "3.9"),
        ("x = 'a'\nx.removeprefix('b')\n", "none", "3.9"),
        ("zip(a, b, strict=True)\n", "none", "3.10"),
        ("def removeprefix(): pass\nzip = 1\nzip(a, strict=True)\n", "2.3", "3.0"),
        ("from datetime import datetime\ndatetime.fromisoformat(x)\n", "none", "3.7"),
        ("import subprocess as s\ns.run(x, capture_output=True)\n", "none", "3.7"),
        ("raise A from None\n", "none", "3.3"),
        ("yield_ = 1\ndef f():\n    yield from g()\n", "none", "3.3"),
        ("for x in y:\n    try: pass\n    finally:\n        continue\n", "none", "3.8"),
        ("pow(2, -1, 5)\n", "none", "3.8"),
        ("import ConfigParser\n", "2.0", "none"),
        ("long(1)\n", "2.0", "none"),
        ("b'%b' % x\n", "none", "3.5"),
        ("x[..., 1]\n", "any", "any"),
    ] {
        assert_eq!(minimum(source), (two.to_owned(), three.to_owned()), "{source}");
    }
}

fn applied(source: &str, findings: &[Value]) -> String {
    let fixes = findings.iter().filter_map(|finding| finding["fix"]["edits"].as_array());
    let edits = fixes.flatten().cloned().map(serde_json::from_value);
    let mut edits: Vec<Edit> = edits.collect::<Result<_, _>>().expect("edits");
    edits.sort();
    let index = LineIndex::new(source);
    let mut text = source.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(index.offset(edit.range.start)..index.offset(edit.range.end), &edit.new_text);
    }
    text
}

// The rewritten text, after as many calls as it takes.
fn rewritten(source: &str, target: &str, r#unsafe: bool) -> String {
    let mut text = source.to_owned();
    for _ in 0..20 {
        let arguments = json!({"source": text, "targetVersion": target, "unsafe": r#unsafe, "output": {"maxFindings": 1000, "maxTokens": 20000}});
        let report = report(&REGISTRY, TOOL, &arguments).expect("accepted");
        let next = applied(&text, report["findings"].as_array().expect("a list"));
        if next == text {
            return text;
        }
        text = next;
    }
    panic!("no end to rewriting {source}");
}

#[test]
fn old_idioms_are_rewritten() {
    for (old, new) in [
        ("class A(object): pass\n", "class A: pass\n"),
        ("set([1, 2])\n", "{1, 2}\n"),
        ("dict((a, b) for a, b in c)\n", "{a: b for a, b in c}\n"),
        ("\"{0} {1}\".format(a, b)\n", "f\"{a} {b}\"\n"),
        ("x is 5\n", "x == 5\n"),
        ("try: pass\nexcept IOError: pass\n", "try: pass\nexcept OSError: pass\n"),
        ("u\"a\"\n", "\"a\"\n"),
        ("open(\"a\", \"r\")\n", "open(\"a\")\n"),
        ("from typing import Optional\nx: Optional[int]\n", "from typing import Optional\nx: int | None\n"),
    ] {
        assert_eq!(rewritten(old, "py310", true), new);
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let accepts = |bytes: usize| report(&REGISTRY, TOOL, &json!({"source": "#".repeat(bytes)})).is_some();
    assert!(accepts(1024 * 1024) && !accepts(1024 * 1024 + 1));
    let newer = |count: usize| {
        let source: String =
            (0..count).map(|at| format!("import m{at}\n")).collect::<Vec<_>>().concat() + "import tomllib\n";
        let report = report(&REGISTRY, TOOL, &json!({"source": source})).expect("accepted");
        report["counts"]["error"].clone()
    };
    assert_eq!(newer(100), 1);
    // Listed constructs end at their limit; the rest is counted.
    let names = [
        "tomllib",
        "asyncio",
        "graphlib",
        "zoneinfo",
        "contextvars",
        "dataclasses",
        "secrets",
        "pathlib",
        "statistics",
        "enum",
    ];
    let source = names.iter().map(|name| format!("import {name}\n")).collect::<Vec<_>>().concat();
    let report = report(
        &REGISTRY,
        TOOL,
        &json!({"files": (0..5).map(|at| json!({"path": format!("m{at}.py"), "source": source})).collect::<Vec<_>>()}),
    )
    .expect("accepted");
    assert_eq!(report["data"]["constructs"].as_array().map(Vec::len), Some(40));
    assert_eq!(report["data"]["unlisted"], 10);
}

#[test]
fn five_hundred_files_are_looked_at() {
    let file =
        |at: usize| json!({"path": format!("m{at}.py"), "source": "import tomllib\nclass A(object):\n    x = u'a'\n"});
    let files: Vec<Value> = (0..500).map(file).collect();
    let report = report(&REGISTRY, TOOL, &json!({"files": files, "targetVersion": "py311"})).expect("accepted");
    assert_eq!(report["data"]["minimum"], "3.11");
    assert_eq!(report["data"]["rewrites"], 1000);
}

#[test]
fn no_text_makes_it_panic() {
    let mut dice = Dice::new(13);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        let Some(source) = arguments["source"].as_str() else { continue };
        for round in 0..150 {
            let text = dice.mutate(source, "().,*\\\"'\n\t:=@{%\u{0}\u{1f600}");
            let arguments = json!({"source": text, "unsafe": round % 2 == 0});
            let _ = report(&REGISTRY, TOOL, &arguments).map(|report| assert!(report["summary"].is_string(), "{name}"));
        }
    }
}
