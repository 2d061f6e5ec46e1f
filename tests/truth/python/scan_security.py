"""Insecure calls beside bandit, test by test, line by line and severity by severity, on its examples and source distributions; and planted flows.

bandit's examples show every corner of its tests; distributions show what people write. Flows are planted as small projects, each with a
source, a way and a sink, and the same with what makes it harmless: the first must be found, the second must be silent.
"""

import itertools
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, run, sdist

BANDIT = "1.9.4"
SDISTS = [
    "requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "rich==13.9.2", "httpx==0.27.2", "pytest==8.3.3",
    "werkzeug==3.0.4", "starlette==0.40.0", "urllib3==2.2.2", "tornado==6.4.1", "scrapy==2.11.2", "networkx==3.4.1", "kombu==5.4.2",
    "aiohttp==3.10.10", "packaging==24.1", "idna==3.7", "Markdown==3.6", "docutils==0.21.2", "certifi==2024.7.4", "black==24.10.0",
]


SEVERITY = {"error": "HIGH", "warning": "MEDIUM", "info": "LOW"}


def sources(folder):
    for path in sorted(folder.rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(text.encode()) <= 1024 * 1024:
            yield path, text


def compare(folder, bandit, tally, group):
    files = list(sources(folder))
    started = time.perf_counter()
    output = run([bandit, "-q", "-r", "-f", "json", str(folder)], failing=True)
    spent = (time.perf_counter() - started) * 1000
    given = {str(path) for path, _ in files}
    theirs = {}
    for one in json.loads(output)["results"]:
        if one["filename"] in given:
            theirs.setdefault(one["filename"], []).append(f"{one['test_id']} {one['line_number']} {one['issue_severity']}")
    micros = 0
    for at in range(0, len(files), 150):
        part = files[at : at + 150]
        answer = call("scan_security", {"files": [{"path": str(path), "source": text} for path, text in part]})
        micros += answer["micros"]
        found = {}
        for finding in answer["report"]["findings"]:
            if finding["rule"].startswith("B"):
                found.setdefault(finding["path"], []).append(f"{finding['rule']} {finding['range']['start']['line']} {SEVERITY[finding['level']]}")
        for path, _ in part:
            tally.sets(f"{group}/{path.name}", found.get(str(path), []), theirs.get(str(path), []))
    return micros / 1000, spent, len(files)


def against_bandit():
    bandit = str(pip(f"bandit=={BANDIT}") / "bin" / "bandit")
    examples = repo("PyCQA/bandit")
    groups = [(sdist(name), name) for name in (SDISTS[:2] if SAMPLED else SDISTS)]
    corpus = f"{len(groups)} source distributions" + (" and bandit's examples" if examples else "")
    tally = Tally(tool="python_scan_security", peer=f"bandit {BANDIT}", corpus=corpus, bars={"recall": 0.97, "precision": 0.97})
    slowest = (0, 0, 0, "")
    for folder, name in groups + ([(examples / "examples", "examples")] if examples else []):
        micros, spent, count = compare(folder, bandit, tally, name)
        if spent > slowest[1]:
            slowest = (micros, spent, count, name)
    tally.timing(f"{slowest[3]}, {slowest[2]} files (ours with flows, whole process of bandit)", slowest[0], slowest[1])
    tally.done()
    if examples and not SAMPLED:
        alone = Tally(tool="python_scan_security", peer=f"bandit {BANDIT}, its examples alone", corpus="bandit's examples", bars={"recall": 0.97, "precision": 0.97})
        compare(examples / "examples", bandit, alone, "examples")
        alone.done()


# How a value comes in: imports, an expression, and whether it stands in a request's handler.
SOURCES = {
    "input": ("", "input()"), "argv": ("import sys\n", "sys.argv[1]"), "environ": ("import os\n", "os.environ['X']"), "getenv": ("import os\n", "os.getenv('X')"),
    "flask args": ("from flask import request\n", "request.args.get('x')"), "flask form": ("import flask\n", "flask.request.form['x']"),
    "flask json": ("from flask import request as req\n", "req.get_json()['x']"), "flask header": ("from flask import request\n", "request.headers['X']"),
}
# Where it does harm: imports, a statement, the rule, and the same made harmless.
SINKS = {
    "system": ("import os\n", "os.system('ls ' + {v})", "command-line-injection", "import shlex\n", "os.system('ls ' + shlex.quote({v}))"),
    "shell": ("import subprocess\n", "subprocess.run(f'ls {{{v}}}', shell=True)", "command-line-injection", "", "subprocess.run(['ls', {v}])"),
    "popen": ("from os import popen\n", "popen('%s' % {v})", "command-line-injection", "", "popen('%d' % int({v}))"),
    "eval": ("", "eval({v})", "code-injection", "import ast\n", "ast.literal_eval({v})"),
    "exec": ("", "exec('x = ' + {v})", "code-injection", "", "exec('x = ' + str(len({v})))"),
    "sql": ("import sqlite3\ndb = sqlite3.connect('a')\n", "db.execute('SELECT * FROM t WHERE a = ' + {v})", "sql-injection", "", "db.execute('SELECT * FROM t WHERE a = ?', ({v},))"),
    "sql format": ("import sqlite3\ndb = sqlite3.connect('a')\n", "db.cursor().execute('SELECT {{}}'.format({v}))", "sql-injection", "", "db.cursor().execute('SELECT {{}}'.format(int({v})))"),
    "open": ("", "open('data/' + {v})", "path-injection", "import os.path\n", "open('data/' + os.path.basename({v}))"),
    "pickle": ("import pickle\n", "pickle.loads({v})", "unsafe-deserialization", "import json\n", "json.loads({v})"),
    "yaml": ("import yaml\n", "yaml.load({v})", "unsafe-deserialization", "", "yaml.load({v}, Loader=yaml.SafeLoader)"),
    "markup": ("from markupsafe import Markup\n", "Markup('<p>' + {v})", "reflective-xss", "from markupsafe import escape\n", "Markup('<p>' + escape({v}))"),
    "requests": ("import requests\n", "requests.get({v})", "full-ssrf", "", "requests.get('https://example.com/' + {v})"),
    "redirect": ("from flask import redirect\n", "redirect({v})", "url-redirection", "from flask import url_for\n", "redirect(url_for({v}))"),
    "template": ("from flask import render_template_string\n", "render_template_string({v})", "template-injection", "", "render_template_string('{{{{ x }}}}', x={v})"),
}
# The way between: files, given how the value comes in and where it goes.
WAYS = {
    "straight": lambda s, v, t, k: {"a.py": f"{s}{t}\nx = {v}\n{k.format(v='x')}\n"},
    "function": lambda s, v, t, k: {"a.py": f"{s}{t}\ndef go(x):\n    y = x\n    {k.format(v='y')}\n\n\ndef main():\n    go({v})\n"},
    "returned": lambda s, v, t, k: {"a.py": f"{s}{t}\ndef get():\n    return {v}\n\n\nx = get()\n{k.format(v='x')}\n"},
    "keyword": lambda s, v, t, k: {"a.py": f"{s}{t}\ndef go(*, a=None, b=None):\n    {k.format(v='b')}\n\n\ngo(a=1, b={v})\n"},
    "field": lambda s, v, t, k: {"a.py": f"{s}{t}\nclass A:\n    def __init__(self, x):\n        self.x = x\n\n    def go(self):\n        {k.format(v='self.x')}\n\n\nA({v}).go()\n"},
    "container": lambda s, v, t, k: {"a.py": f"{s}{t}\nd = {{}}\nd['a'] = [{v}]\nfor x in d['a']:\n    {k.format(v='x')}\n"},
    "branch": lambda s, v, t, k: {"a.py": f"{s}{t}\nx = {v}\nif not x:\n    x = 'a'\n{k.format(v='x')}\n"},
    "files": lambda s, v, t, k: {"a.py": f"{s}import b\n\n\ndef main():\n    b.go({v})\n", "b.py": f"{t}\ndef go(x):\n    {k.format(v='x')}\n"},
    "three files": lambda s, v, t, k: {"p/__init__.py": "", "p/a.py": f"{s}\ndef get():\n    x = {v}\n    return x.strip()\n", "p/b.py": "from .a import get\n\n\ndef both():\n    return get(), 1\n", "p/c.py": f"from p import b\n{t}\nx, y = b.both()\n{k.format(v='x')}\n"},
}
# Guards after which a value is harmless, whatever the sink.
GUARDS = ["if x not in ('a', 'b'):\n    raise SystemExit\n", "if not x.isalnum():\n    raise ValueError(x)\n", "assert x in ['a', 'b']\n", "x = {'a': '1', 'b': '2'}['a']\n", "if x != 'a':\n    exit()\n"]


def flows_of(files):
    answer = call("scan_security", {"files": [{"path": path, "source": text} for path, text in files.items()], "output": {}})
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return sorted({flow["rule"] for flow in answer["report"]["data"]["flows"]})


def planted():
    found = Tally(tool="python_scan_security", peer="planted flows, all of which are there", corpus=f"{len(SOURCES)} sources, {len(WAYS)} ways, {len(SINKS)} sinks", bars={"equal": 1})
    silent = Tally(tool="python_scan_security", peer="the same flows made harmless, none of which is there", corpus=f"{len(SOURCES)} sources, {len(WAYS)} ways, {len(SINKS)} sinks with what makes them harmless, {len(GUARDS)} guards", bars={"equal": 1})
    everything = list(itertools.product(SOURCES.items(), WAYS.items(), SINKS.items()))
    for (source, (imports, value)), (way, build), (sink, (needed, harmful, rule, more, harmless)) in everything[:: 40 if SAMPLED else 1]:
        name = f"{source}, {way}, {sink}"
        found.equal(name, rule in flows_of(build(imports, value, needed, harmful)), True)
        silent.equal(name, rule in flows_of(build(imports, value, needed + more, harmless)), False)
        if way == "straight":
            for guard in GUARDS:
                text = f"{imports}{needed}\nx = {value}\n{guard}{harmful.format(v='x')}\n"
                silent.equal(f"{name}, guarded by {guard!r}", rule in flows_of({"a.py": text}), False)
    found.done()
    silent.done()


planted()
against_bandit()
