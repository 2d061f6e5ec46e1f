//! What must hold of `find_dead_code` beyond single cases: its pages, its limits, and any input at all.

mod pages;

use octavo_python::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

const TOOL: &str = "find_dead_code";

#[test]
fn the_page_of_each_rule_shows_it() {
    pages::check(TOOL, |page| json!({"files": pages::files_of(page)}));
}

#[test]
fn limits_hold_at_their_edges() {
    let files = json!([{"path": "a.py", "source": ""}]);
    let accepts = |arguments: Value| report(&REGISTRY, TOOL, &arguments).is_some();
    assert!(accepts(json!({"files": files, "entryPoints": vec!["a"; 200]})));
    assert!(!accepts(json!({"files": files, "entryPoints": vec!["a"; 201]})));
    assert!(accepts(json!({"files": files, "minConfidence": 100})));
    assert!(!accepts(json!({"files": files, "minConfidence": 101})));
    assert!(!accepts(json!({"files": []})));
    let source = |bytes: usize| json!({"files": [{"path": "a.py", "source": "#".repeat(bytes)}]});
    assert!(accepts(source(1024 * 1024)) && !accepts(source(1024 * 1024 + 1)));
}

// Names that are found in one file, with the least confidence.
fn found(source: &str, least: u8) -> Vec<String> {
    let arguments = json!({"files": [{"path": "m.py", "source": source}], "minConfidence": least, "output": {"maxFindings": 1000, "maxTokens": 20000}});
    let report = report(&REGISTRY, TOOL, &arguments).expect("accepted");
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = findings
        .iter()
        .filter_map(|finding| finding["message"].as_str()?.split('`').nth(1).map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn names_are_resolved_as_python_binds_them() {
    for (source, expected) in [
        // A name that means something else elsewhere is no use.
        ("import os\ndef f():\n    os = 1\n    return os\nf()\n", vec!["os"]),
        (
            "def _f():\n    return 1\nclass A:\n    def f(self):\n        _f = 2\n        return _f\nA().f()\n",
            vec!["_f"],
        ),
        // A class's names are not seen from its methods.
        ("class A:\n    x = 1\n    def f(self):\n        return x\nx = 2\nA().f()\n", vec!["x"]),
        // Global, nonlocal, closures and comprehensions.
        ("def f():\n    global g\n    g = 1\nf()\nprint(g)\n", vec![]),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    g()\nf()\n", vec!["x"]),
        ("def f(a):\n    b = 1\n    return [b for c in a if c]\nf(1)\n", vec![]),
        // Types in quotes and in comments.
        (
            "from a import B, C, D\ndef f(x: 'B') -> 'list[C]':\n    y = []  # type: list[D]\n    return x, y\nf(1)\n",
            vec![],
        ),
        ("from typing import cast\nfrom a import B\nprint(cast('B', 1))\n", vec![]),
        // Only unused code uses it.
        ("def _a():\n    return _b()\ndef _b():\n    return _a()\n", vec!["_a", "_b"]),
        // Names that are exported, put together, or named by strings.
        ("__all__ = ['f']\n__all__ += ['g']\ndef f(): pass\ndef g(): pass\ndef _h(): pass\n", vec!["_h"]),
        (
            "class A:\n    def do_x(self): pass\n    def run(self, n):\n        return getattr(self, f'do_{n}')\nA().run('x')\n",
            vec![],
        ),
        // Locals that are read by name.
        ("def f():\n    a = 1\n    return '%(a)s' % locals()\nf()\n", vec![]),
        // A module attribute is no member.
        ("import os\nclass A:\n    def remove(self): pass\nos.remove(A())\n", vec!["remove"]),
        ("import os  # noqa: F401\nimport re  # noqa\nimport sys  # noqa: E501\n", vec!["sys"]),
        ("try:\n    import json\nexcept ImportError:\n    json = None\n", vec!["json"]),
        ("match 1:\n    case [a, *b]:\n        print(a)\n", vec![]),
    ] {
        assert_eq!(found(source, 60), expected, "{source}");
    }
}

#[test]
fn what_a_framework_may_call_is_doubted() {
    for source in [
        "@app.route('/')\ndef index():\n    return 1\n",
        "import click\n@click.command()\ndef main():\n    pass\n",
        "import unknown\nclass A(unknown.Base):\n    def hook(self):\n        return 1\nprint(A())\n",
        "from enum import Enum\nclass A(Enum):\n    X = 1\nprint(A(1))\n",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\nprint(A(1))\n",
        "def f(event, context):\n    return 1\nprint(f)\n",
        "from typing import Protocol\nclass P(Protocol):\n    def m(self, a): ...\nprint(P)\n",
        "class Model:\n    class Meta:\n        ordering = ['x']\nprint(Model())\n",
    ] {
        assert_eq!(found(source, 60), Vec::<String>::new(), "{source}");
        assert!(!found(source, 0).is_empty(), "{source}");
    }
}

#[test]
fn five_hundred_files_are_looked_at() {
    let file = |at: usize| {
        let source = format!(
            "from p.m{} import f{} as g\nimport p.m{at}\n\n\nclass C{at}:\n    def f(self):\n        return g(p.m{at}.X)\n\n\ndef f{at}(x):\n    return x\n\n\nX = C{at}().f()\n",
            (at + 1) % 500,
            (at + 1) % 500
        );
        json!({"path": format!("p/m{at}.py"), "source": source})
    };
    let mut files: Vec<Value> = (0..500).map(file).collect();
    files.push(json!({"path": "p/__init__.py", "source": ""}));
    let report = report(&REGISTRY, TOOL, &json!({"files": files})).expect("accepted");
    assert_eq!(report["counts"]["warning"], 0, "{report}");
}

#[test]
fn no_text_makes_it_panic() {
    let mut dice = Dice::new(12);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..60 {
            let mut changed = arguments.clone();
            for file in changed["files"].as_array_mut().into_iter().flatten() {
                let text = file["source"].as_str().unwrap_or_default().to_owned();
                file["source"] = json!(dice.mutate(&text, "().,*\\\"'\n\t:=@{\u{0}\u{1f600}"));
            }
            let _ = report(&REGISTRY, TOOL, &changed).map(|report| assert!(report["summary"].is_string(), "{name}"));
        }
    }
}
