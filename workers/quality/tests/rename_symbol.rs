//! What must hold of `rename_symbol` beyond single cases: its rule pages, that a rename back is the old text, and any source.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

// The whole report, whatever its length.
fn renamed(arguments: &Value) -> Value {
    let tool = REGISTRY.get("rename_symbol").expect("listed");
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    let rendering = tool.call_whole(REGISTRY.category, &raw).expect("accepted");
    serde_json::from_str(&rendering.structured).expect("a report")
}

// The files after the edits.
fn applied(files: &[(&str, &str)], report: &Value) -> Vec<(String, String)> {
    let mut edits: BTreeMap<&str, Vec<(usize, usize, &str)>> = BTreeMap::new();
    for edit in report["data"]["edits"].as_array().expect("a list") {
        let path = edit["path"].as_str().expect("a path");
        let source = files.iter().find(|(name, _)| *name == path).expect("given").1;
        // Ours are lines of ASCII.
        let offset = |place: &Value| {
            let (line, column) = (place["line"].as_u64().expect("a line"), place["column"].as_u64().expect("a column"));
            let line = usize::try_from(line).expect("small") - 1;
            let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
            start + usize::try_from(column).expect("small") - 1
        };
        let range = &edit["range"];
        let new = edit["newText"].as_str().expect("a text");
        edits.entry(path).or_default().push((offset(&range["start"]), offset(&range["end"]), new));
    }
    let after = |(path, source): &(&str, &str)| {
        let mut text = (*source).to_owned();
        let mut all = edits.get(path).cloned().unwrap_or_default();
        all.sort_unstable();
        for (start, end, new) in all.into_iter().rev() {
            text.replace_range(start..end, new);
        }
        ((*path).to_owned(), text)
    };
    files.iter().map(after).collect()
}

fn call(files: &[(&str, &str)], at: &str, name: &str, to: &str) -> Value {
    let files: Vec<Value> = files.iter().map(|(path, source)| json!({"path": path, "source": source})).collect();
    renamed(&json!({"at": at, "name": name, "to": to, "files": files}))
}

// What the sources become; the names of rules where it is refused.
fn after(files: &[(&str, &str)], at: &str, name: &str, to: &str) -> Vec<String> {
    let report = call(files, at, name, to);
    let rules = report["findings"].as_array().expect("a list").iter();
    let rules: Vec<String> = rules.filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect();
    if rules.is_empty() { applied(files, &report).into_iter().map(|(_, text)| text).collect() } else { rules }
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("rename_symbol").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let report = renamed(&serde_json::from_str(text).expect("JSON"));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong), "{} is not shown", rule.id);
        assert!(!shows(rule.docs.right), "{} is shown by what is right", rule.id);
    }
}

#[test]
fn scopes_say_what_is_renamed() {
    for (source, name, to, expected) in [
        ("let a = 1; { let a = 2; a } a", "a", "b", "let b = 1; { let a = 2; a } b"),
        ("let a = 1; ({ a, b: a }); ({ a } = x)", "a", "c", "let c = 1; ({ a: c, b: c }); ({ a: c } = x)"),
        ("const { a, ...b } = x; a", "a", "c", "const { a: c, ...b } = x; c"),
        ("const { a = 1 } = x; a.a", "a", "c", "const { a: c = 1 } = x; c.a"),
        ("var a; function f() { a = 1; var a }", "a", "b", "var b; function f() { a = 1; var a }"),
        ("const a = class a { static b = a }", "a", "c", "const c = class a { static b = a }"),
        ("x = function a(b) { var a; a }", "a", "c", "x = function c(b) { var a; a }"),
        ("interface A {} const A = 1; let b: A = A", "A", "B", "interface B {} const B = 1; let b: B = B"),
        ("type A = 1; function f(A: A): typeof A {}", "A", "B", "type B = 1; function f(A: B): typeof A {}"),
        ("function f(a): a is string { return a }", "f", "g", "function g(a): a is string { return a }"),
        ("let a = 1; export { a, a as b }", "a", "c", "let c = 1; export { c as a, c as b }"),
        (
            "namespace N { export let a = 1 } namespace N { a } N.a; export {}",
            "N",
            "M",
            "namespace M { export let a = 1 } namespace M { a } M.a; export {}",
        ),
        (
            "/** @param {A} a the {@link A} */\nexport function f(a: A) {}\ntype A = 1",
            "A",
            "B",
            "/** @param {A} a the {@link B} */\nexport function f(a: A) {}\ntype A = 1",
        ),
    ] {
        if source.starts_with("/**") {
            let expected = "/** @param {B} a the {@link B} */\nexport function f(a: B) {}\ntype B = 1";
            assert_eq!(after(&[("a.ts", source)], "a.ts:3", name, to), [expected]);
            continue;
        }
        assert_eq!(after(&[("a.ts", source)], "a.ts:1", name, to), [expected], "{source}");
    }
    let predicate = [("a.ts", "function f(\na): a is string { return a }")];
    assert_eq!(after(&predicate, "a.ts:2", "a", "b"), ["function f(\nb): b is string { return b }"]);
    let members = [("a.ts", "namespace N { export let\na = 1 } namespace N { a } N.a; export {}")];
    assert_eq!(
        after(&members, "a.ts:2", "a", "b"),
        ["namespace N { export let\nb = 1 } namespace N { b } N.b; export {}"]
    );
    let jsx = [("a.jsx", "const A = () => <A.B><A x={A}></A></A.B>")];
    assert_eq!(after(&jsx, "a.jsx:1", "A", "C"), ["const C = () => <C.B><C x={C}></C></C.B>"]);
}

#[test]
fn importers_follow_an_export() {
    let files = [
        ("a.ts", "export function f() {}"),
        ("barrel.ts", "export * from './a'\nexport { f as g, f } from './a'"),
        ("b.ts", "import { f } from './a'\nf(); export { f }; ({ f })"),
        ("c.ts", "import { f as h } from './a'\nh()"),
        ("d.ts", "import * as n from './a'\nn.f(); const { f } = n; f()"),
        ("e.ts", "type T = import('./a').f; const m = await import('./a'); m.f()"),
    ];
    assert_eq!(
        after(&files, "a.ts:1", "f", "k"),
        [
            "export function k() {}",
            "export * from './a'\nexport { k as g, k as f } from './a'",
            "import { k } from './a'\nk(); export { k as f }; ({ f: k })",
            "import { k as h } from './a'\nh()",
            "import * as n from './a'\nn.k(); const { k: f } = n; f()",
            "type T = import('./a').k; const m = await import('./a'); m.k()",
        ]
    );
    assert_eq!(
        after(&files, "b.ts:1", "f", "k")[2],
        "import { f as k } from './a'\nk(); export { k as f }; ({ f: k })"
    );
    let through =
        [("a.ts", "export const a = 1"), ("i.ts", "export * from './a'"), ("b.ts", "import { a } from './i'; a")];
    assert_eq!(
        after(&through, "a.ts:1", "a", "b"),
        ["export const b = 1", "export * from './a'", "import { b } from './i'; b"]
    );
    let default = [
        ("a.ts", "export default function f() {}"),
        ("b.ts", "import f from './a'; f()"),
        ("c.ts", "import g from './a'; g()"),
    ];
    assert_eq!(
        after(&default, "a.ts:1", "f", "h"),
        ["export default function h() {}", "import h from './a'; h()", "import g from './a'; g()"]
    );
    let assigned = [("a.js", "function f() {}\nmodule.exports = f"), ("b.js", "const f = require('./a'); f()")];
    assert_eq!(
        after(&assigned, "a.js:1", "f", "g"),
        ["function g() {}\nmodule.exports = g", "const g = require('./a'); g()"]
    );
    let scripts = [("a.js", "var a = 1"), ("b.js", "a; ({ a })")];
    assert_eq!(after(&scripts, "a.js:1", "a", "b"), ["var b = 1", "b; ({ a: b })"]);
}

#[test]
fn what_would_change_its_meaning_is_refused() {
    for (source, name, to, rule) in [
        ("let a = 1; { let b = 2; a }", "a", "b", "rename-capture"),
        ("let a = 1; { a } b", "a", "b", "rename-capture"),
        ("let a = 1; function b() {}", "a", "b", "rename-collision"),
        ("class A { b() {} }", "b", "c", "rename-not-exact"),
        ("enum A { b }", "b", "c", "rename-not-exact"),
        ("class A { constructor(private b) {} }", "b", "c", "rename-not-exact"),
        ("console.log(1)", "console", "c", "rename-not-exact"),
        ("import { a as b } from 'far'", "a", "c", "rename-not-exact"),
    ] {
        assert_eq!(after(&[("a.ts", source)], "a.ts:1", name, to), [rule], "{source}");
    }
    let files = [("a.ts", "export let a = 1"), ("b.ts", "import { a } from './a'; let b = a")];
    assert_eq!(after(&files, "a.ts:1", "a", "b"), ["rename-collision"]);
    let exports = [("a.ts", "export let a = 1; const c = 2; export { c as b }")];
    assert_eq!(after(&exports, "a.ts:1", "a", "b"), ["rename-collision"]);
    // A type and a value of one name are two things.
    let apart = [("a.ts", "{ type a = 1; let b = 2 }")];
    assert_eq!(after(&apart, "a.ts:1", "a", "b"), ["{ type b = 1; let b = 2 }"]);
}

#[test]
fn locals_of_python_are_renamed() {
    let rename = |source: &str, at: u32, name: &str, to: &str| {
        after(&[("a.py", source)], &format!("a.py:{at}"), name, to).join("")
    };
    for (source, at, expected) in [
        (
            "def f():\n  a = 1\n  return [a for a in a] + [b for b in a]\n",
            2,
            "def f():\n  c = 1\n  return [a for a in c] + [b for b in c]\n",
        ),
        (
            "def f(*a):\n  def g():\n    nonlocal a\n    a = 2\n  return x.a(a=a), f'{a}'\n",
            1,
            "def f(*c):\n  def g():\n    nonlocal c\n    c = 2\n  return x.a(a=c), f'{c}'\n",
        ),
        (
            "def f():\n  import a\n  class B:\n    a = a\n    def g(self): return a\n",
            2,
            "def f():\n  import a as c\n  class B:\n    a = a\n    def g(self): return c\n",
        ),
        (
            "def f(x):\n  match x:\n    case [a, A(a=b)]: return a\n",
            3,
            "def f(x):\n  match x:\n    case [c, A(a=b)]: return c\n",
        ),
        (
            "def f(x):\n  if (a := x): return lambda a: a\n  for a in a: del a\n",
            2,
            "def f(x):\n  if (c := x): return lambda a: a\n  for c in c: del c\n",
        ),
    ] {
        assert_eq!(rename(source, at, "a", "c"), expected);
    }
    for (source, at, rule) in [
        ("a = 1\n", 1, "rename-not-exact"),
        ("def f(a): return a\n", 1, "rename-not-exact"),
        ("class A:\n  a = 1\n", 2, "rename-not-exact"),
        ("def f():\n  a = locals()\n", 2, "rename-not-exact"),
        ("def f():\n  a = 1\n  return c\n", 2, "rename-capture"),
        ("def f():\n  a = 1\n  c = 2\n", 2, "rename-collision"),
        ("def f():\n  a = 1\n  return [a for c in x]\n", 2, "rename-capture"),
        ("def f():\n  global a\n  a = 1\n", 3, "rename-not-exact"),
    ] {
        assert_eq!(rename(source, at, "a", "c"), rule, "{source}");
    }
    assert_eq!(after(&[("a.go", "package a\n")], "a.go:1", "a", "b"), ["rename-not-exact"]);
}

#[test]
fn names_are_checked_at_their_edge() {
    let accepted = |to: &str| {
        let files = json!([{"path": "a.ts", "source": "let a = 1"}]);
        report(&REGISTRY, "rename_symbol", &json!({"at": "a.ts:1", "name": "a", "to": to, "files": files})).is_some()
    };
    let most = octavo_quality::tools::rename_symbol::MAX_NAME_BYTES;
    assert!(accepted(&"b".repeat(most)) && !accepted(&"b".repeat(most + 1)));
    for wrong in ["", "1", "a b", "a-b", "a", "class", "await", "undefined"] {
        assert!(!accepted(wrong), "{wrong}");
    }
    assert!(accepted("$") && accepted("\u{e9}t\u{e9}") && accepted("of"));
}

#[test]
fn edits_and_conflicts_are_bounded() {
    use octavo_quality::tools::rename_symbol::{MAX_CONFLICTS, MAX_EDITS};
    let rename = |count: usize, more: &str| {
        let source = format!("let a;{}{more}", "a;".repeat(count));
        call(&[("a.js", &source)], "a.js:1", "a", "b")
    };
    assert_eq!(rename(MAX_EDITS - 1, "")["data"]["edits"].as_array().map(Vec::len), Some(MAX_EDITS));
    assert_eq!(rename(MAX_EDITS, "")["data"]["edits"].as_array().map(Vec::len), Some(0));
    let captured = rename(1, &"{ let b; a }\n".repeat(MAX_CONFLICTS + 5));
    assert_eq!(captured["findings"].as_array().map(Vec::len), Some(MAX_CONFLICTS));
}

#[test]
fn any_source_survives() {
    let mut dice = Dice::new(23);
    for (_, arguments) in cases(env!("CARGO_MANIFEST_DIR"), "rename_symbol") {
        let Some(count) = arguments["files"].as_array().map(Vec::len).filter(|count| *count > 0) else { continue };
        for _ in 0..60 {
            let mut arguments = arguments.clone();
            let at = dice.below(count);
            let source = arguments["files"][at]["source"].as_str().unwrap_or_default().to_owned();
            arguments["files"][at]["source"] = json!(dice.mutate(&source, "(){}[]\"'`.,;:=*/@<> \nab_\u{e9}\u{1f600}"));
            report(&REGISTRY, "rename_symbol", &arguments);
        }
    }
}
