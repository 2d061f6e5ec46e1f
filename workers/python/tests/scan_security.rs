//! What must hold of `scan_security` beyond single cases: its pages, flows and what stops them, and any input at all.

mod pages;

use octavo_python::REGISTRY;
use octavo_python::tools::scan_security::ScanSecurity;
use octavo_testkit::{Dice, cases, report};
use octavo_toolkit::{Ctx, Tool};
use serde_json::{Value, json};

const TOOL: &str = "scan_security";

#[test]
fn the_page_of_each_rule_shows_it() {
    pages::check(TOOL, |page| json!({"files": pages::files_of(page)}));
}

fn flows(source: &str) -> Vec<String> {
    let report = report(&REGISTRY, TOOL, &json!({"files": pages::files_of(source)})).expect("accepted");
    let flows = report["data"]["flows"].as_array().cloned().unwrap_or_default();
    let mut rules: Vec<String> = flows.iter().filter_map(|flow| flow["rule"].as_str()).map(str::to_owned).collect();
    rules.sort();
    rules.dedup();
    rules
}

#[test]
fn values_are_followed_to_where_they_do_harm() {
    for (source, expected) in [
        ("import os\nos.system(input())\n", vec!["command-line-injection"]),
        ("from os import system as s\nx = input()\ny = [x]\ns(f'ls {y[0]}')\n", vec!["command-line-injection"]),
        ("import os, sys\nfor a in sys.argv:\n    b = a.strip()\nos.popen('x ' + b)\n", vec!["command-line-injection"]),
        ("def f(x):\n    return g(x)\ndef g(y):\n    return y\neval(f(input()))\n", vec!["code-injection"]),
        ("def f(x):\n    eval(x)\ndef g():\n    f(x=input())\n", vec!["code-injection"]),
        (
            "class A:\n    def __init__(self, x):\n        self.x = x\n    def run(self):\n        exec(self.x)\nA(input()).run()\n",
            vec!["code-injection"],
        ),
        (
            "from django.db import connection\ndef view(request):\n    with connection.cursor() as c:\n        c.execute('SELECT ' + request.GET['a'])\n",
            vec!["sql-injection"],
        ),
        ("import subprocess\nsubprocess.run(['sh', '-c', input()], shell=True)\n", vec!["command-line-injection"]),
        ("import yaml\nfrom flask import request\nyaml.load(request.data)\n", vec!["unsafe-deserialization"]),
        ("import requests\nfrom flask import request\nrequests.get(url=request.args['u'])\n", vec!["full-ssrf"]),
        (
            "# a.py\nfrom b import get\nimport os\nos.system(get())\n# b.py\ndef get():\n    return input()\n",
            vec!["command-line-injection"],
        ),
        ("# a.py\nimport b\nopen(b.NAME)\n# b.py\nNAME = input()\n", vec!["path-injection"]),
        ("d = {}\nd['a'] = input()\neval(d['a'])\n", vec!["code-injection"]),
        ("x = input()\nif x:\n    x = 'a'\neval(x)\n", vec!["code-injection"]),
        ("try:\n    x = input()\nexcept E:\n    x = ''\neval(x)\n", vec!["code-injection"]),
        ("match input():\n    case x:\n        eval(x)\n", vec!["code-injection"]),
        ("eval(''.join(c for c in input()))\n", vec!["code-injection"]),
    ] {
        assert_eq!(flows(source), expected, "{source}");
    }
}

#[test]
fn what_makes_values_harmless_ends_a_flow() {
    for source in [
        "import os, shlex\nos.system('ls ' + shlex.quote(input()))\n",
        "import os\nos.system('ls %d' % int(input()))\n",
        "import subprocess\nsubprocess.run(['ls', input()])\n",
        "def f(c):\n    c.execute('SELECT ?', (input(),))\n",
        "x = input()\nif x in ('a', 'b'):\n    eval(x)\n",
        "x = input()\nif x not in {'a', 'b'}:\n    raise SystemExit\neval(x)\n",
        "x = input()\nif not x.isdigit():\n    exit()\neval(x)\n",
        "import re\nx = input()\nif re.fullmatch('[a-z]+', x):\n    eval(x)\n",
        "x = input()\nx = 'a'\neval(x)\n",
        "def f(x):\n    return x\na = f(input())\nb = f('1')\neval(b)\n",
        "import ast\nast.literal_eval(input())\n",
        "import yaml\nyaml.load(input(), Loader=yaml.SafeLoader)\n",
        "import os\nopen(os.path.basename(input()))\n",
        "import os, shlex\ndef q(x):\n    return shlex.quote(x)\nos.system(q(input()))\n",
        "import requests\nrequests.get(f'https://example.com/{input()}')\n",
        "eval(1 if input() == 'a' else 2)\n",
        "eval(len(input()))\n",
        "import os\nos.system(input())  # nosec\n",
    ] {
        assert_eq!(flows(source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let accepts = |bytes: usize| report(&REGISTRY, TOOL, &json!({"source": "#".repeat(bytes)})).is_some();
    assert!(accepts(1024 * 1024) && !accepts(1024 * 1024 + 1));
    // A chain of calls as deep as is followed, and one deeper.
    let chain = |depth: usize| {
        let functions: String =
            (0..depth).map(|at| format!("def f{at}(x):\n    f{}(x)\n", at + 1)).collect::<Vec<_>>().concat();
        format!("{functions}def f{depth}(x):\n    eval(x)\nf0(input())\n")
    };
    assert_eq!(flows(&chain(7)), ["code-injection"]);
    assert!(flows(&chain(8)).is_empty());
    // SQL put together with as many operators as are looked at, and one more.
    let finds_sql = |operators: usize| {
        let source = format!("q = 'select a' + {}' from t '\n", "x + ".repeat(operators - 1));
        let report = report(&REGISTRY, TOOL, &json!({"source": source})).expect("accepted");
        report["data"]["counts"]["B608"] == json!(1)
    };
    assert!(finds_sql(64) && !finds_sql(65));
    let many = |count: usize| {
        let source: String = (0..count).map(|_| "eval(input())\n").collect();
        let input = serde_json::from_value(json!({"source": source})).expect("arguments");
        let report = ScanSecurity.run(input, &Ctx::silent()).expect("a report");
        let data = serde_json::to_value(report.data()).expect("data");
        (data["flows"].as_array().map(Vec::len), data["unlisted"].clone())
    };
    assert_eq!(many(100), (Some(100), json!(0)));
    assert_eq!(many(101), (Some(100), json!(1)));
}

#[test]
fn five_hundred_files_are_looked_at() {
    let file = |at: usize| {
        let source = format!(
            "from m{} import f{}\n\n\ndef f{at}(x):\n    y = x\n    return f{}(y)\n\n\nf{at}(input())\n",
            (at + 1) % 500,
            (at + 1) % 500,
            (at + 1) % 500
        );
        json!({"path": format!("m{at}.py"), "source": source})
    };
    let files: Vec<Value> = (0..500).map(file).collect();
    assert!(report(&REGISTRY, TOOL, &json!({"files": files})).is_some());
}

#[test]
fn no_text_makes_it_panic() {
    let mut dice = Dice::new(14);
    for (name, arguments) in cases(env!("CARGO_MANIFEST_DIR"), TOOL) {
        for _ in 0..60 {
            let mut changed = arguments.clone();
            if let Some(text) = changed["source"].as_str() {
                changed["source"] = json!(dice.mutate(text, "().,*\\\"'\n\t:=@{%\u{0}\u{1f600}"));
            }
            for file in changed["files"].as_array_mut().into_iter().flatten() {
                let text = file["source"].as_str().unwrap_or_default().to_owned();
                file["source"] = json!(dice.mutate(&text, "().,*\\\"'\n\t:=@{\u{0}\u{1f600}"));
            }
            let _ = report(&REGISTRY, TOOL, &changed).map(|report| assert!(report["summary"].is_string(), "{name}"));
        }
    }
}
