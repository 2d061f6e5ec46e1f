"""Rewrites beside pyupgrade on its own test cases, least versions beside vermin, and that a rewritten file means the same.

Of pyupgrade's features those are claimed for which ruff has a rule; the others are named as not claimed. Two rewrites are equal when
their trees are.
"""

import ast
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, run, sample, sdist

PYUPGRADE, VERMIN = "3.22.0", "1.9.2"
SDISTS = ["requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "rich==13.9.2", "httpx==0.27.2", "werkzeug==3.0.4", "tornado==6.4.1", "networkx==3.4.1"]
#: Features for which ruff has a rule that does as much.
CLAIMED = {
    "binary_literals", "datetime_utc_alias", "default_encoding", "dict_literals", "encoding_cookie", "escape_sequences", "exceptions", "extra_parens",
    "format_literals", "fstrings", "identity_equality", "import_removals", "import_replaces", "lru_cache", "metaclass_type", "native_literals",
    "new_style_classes", "open_encoding", "open_mode", "percent_format", "set_literals", "super", "type_of_primitive", "typing_pep585",
    "typing_pep604", "typing_pep646_unpack", "typing_text", "unicode_literals", "universal_newlines_to_text", "versioned_branches", "yield_from",
}


def applied(source, findings):
    """The text with the edits of all fixes."""
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def offset(place):
        line, units = place["line"] - 1, place["column"] - 1
        at = starts[line]
        while units > 0:
            units -= 2 if ord(source[at]) > 0xFFFF else 1
            at += 1
        return at

    edits = [edit for finding in findings for edit in finding.get("fix", {}).get("edits", [])]
    for edit in sorted(edits, key=lambda edit: (edit["range"]["start"]["line"], edit["range"]["start"]["column"]), reverse=True):
        source = source[: offset(edit["range"]["start"])] + edit["newText"] + source[offset(edit["range"]["end"]) :]
    return source


def rewritten(source, version):
    for _ in range(12):
        answer = call("modernize_code", {"source": source, "targetVersion": f"py{version[0]}{version[1]}", "unsafe": True})
        after = applied(source, answer["report"]["findings"]) if "report" in answer else source
        if after == source:
            break
        source = after
    return source


class Handlers(ast.NodeTransformer):
    """What a handler catches has no order, and nothing twice."""

    def visit_ExceptHandler(self, node):
        self.generic_visit(node)
        if isinstance(node.type, ast.Tuple):
            node.type.elts = [item for _, item in sorted({ast.dump(item): item for item in node.type.elts}.items())]
        return node


def tree(source):
    try:
        return ast.dump(Handlers().visit(ast.parse(source)))
    except SyntaxError:
        return source.strip()


class Anything(dict):
    """Names of a case: numbers, or texts."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def __missing__(self, name):
        return self.value


def same_value(ours, theirs):
    """Whether two expressions give the same, whatever their names stand for."""
    known = False
    for value in (3, "text", {"a": 1, "b": 2}):
        found = []
        for source in (ours, theirs):
            try:
                found.append(eval(source.strip(), {"__builtins__": {}}, Anything(value)))
            except Exception as error:
                found.append(type(error))
        known |= not isinstance(found[1], type)
        if found[0] != found[1]:
            return False
    return known


def against_pyupgrade():
    tests = repo("asottile/pyupgrade")
    if tests is None:
        return
    venv = pip(f"pyupgrade=={PYUPGRADE}", "pytest==8.3.3")
    lines = run([str(venv / "bin/python"), str(pathlib.Path(__file__).with_name("_pyupgrade.py")), str(tests / "tests/features")]).splitlines()
    cases = [json.loads(line) for line in lines]
    # What the tool says it does not do, whatever feature a case belongs to.
    unclaimed = re.compile(r"\bsix\b|\bmock\b|\bio\.open|[mM]ultiprocessing|\bselect\b|\bmmap\b")
    claimed = [case for case in cases if case["file"] in CLAIMED and not unclaimed.search(case["source"])]

    def explain(side, item, name):
        return reasons.get(name)

    reasons, by_file = {}, collections.defaultdict(lambda: [0, 0, 0])
    features = len({case["file"] for case in cases})
    tally = Tally(tool="python_modernize_code", peer=f"pyupgrade {PYUPGRADE}, {len(CLAIMED)} features claimed of {features}", corpus="pyupgrade's own test cases", bars={"equal": 0.97}, explain=explain)
    for at, case in enumerate(sample(claimed, 150)):
        found = rewritten(case["source"], case["version"])
        name = f"{case['file']} {at} {case['version']}: {case['source'][:200]}"
        same = tree(found) == tree(case["result"]) or same_value(found, case["result"])
        left = case["result"] == case["source"]
        if not same and left:
            reasons[name] = "ruff rewrites what pyupgrade leaves as it is"
        by_file[case["file"]][0 if same else 1 if left else 2] += 1
        tally.equal(name, tree(found) if not same else "", tree(case["result"]) if not same else "")
        if not same and not left and "-v" in sys.argv:
            print("=====", case["file"], case["version"], "\n", case["source"], "--- ours\n", found, "--- pyupgrade\n", case["result"])
    if "-v" in sys.argv:
        for file, (same, more, other) in sorted(by_file.items()):
            print(f"{file}: {same} same, {more} more, {other} other")
    tally.done()


def sources(folder):
    for path in sorted(folder.rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if "site-packages" not in path.parts and len(text.encode()) <= 256 * 1024 and "novm" not in text and "novermin" not in text:
            yield path, text


def against_vermin():
    venv = pip(f"vermin=={VERMIN}")
    peer = subprocess.Popen([str(venv / "bin/python"), "-W", "ignore", str(pathlib.Path(__file__).with_name("_vermin.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    files = [(path, text, "stdlib") for path, text in sample(list(sources(library)), 300)][:: 4 if not SAMPLED else 1]
    for name in SDISTS[: 2 if SAMPLED else None]:
        files += [(path, text, name) for path, text in sources(sdist(name))]

    def explain(side, item, name):
        return reasons.get(name)

    reasons = {}
    chosen = sample(files, 40)
    tally = Tally(tool="python_modernize_code", peer=f"vermin {VERMIN} (with fstring-self-doc), least versions of a file", corpus=f"the standard library and {len(SDISTS)} source distributions, {len(chosen)} files", bars={"equal": 0.97}, explain=explain)
    longest = (0, 0, 0, "")
    for path, text, group in chosen:
        peer.stdin.write(json.dumps(text) + "\n")
        peer.stdin.flush()
        theirs = json.loads(peer.stdout.readline())
        if theirs["mins"] is None:
            continue
        answer = call("modernize_code", {"source": text, "targetVersion": "py314"})
        data = answer["report"]["data"]
        if not data["files"]:
            continue
        shown = lambda version: "none" if version is None else "any" if version[0] == 0 else f"{version[0]}.{version[1]}"
        row = data["files"][0]
        conflict = theirs["mins"] == "conflict"
        expected = ["none", "none"] if conflict else [shown(version) for version in theirs["mins"]]
        name = f"{group}/{path.name}"
        found = [row["python2"], row["python3"]]
        newest = data["constructs"][0] if data["constructs"] else {}
        if found != expected and any(construct["what"] in BEYOND for construct in data["constructs"] if construct["since"] == row["python3"]):
            reasons[name] = "syntax that vermin does not look at"
        if not tally.equal(name, found, expected) and "-v" in sys.argv and name not in reasons:
            print(path, found, expected, newest, theirs["text"][-300:])
        if len(text) > longest[0]:
            longest = (len(text), answer["micros"] / 1000, theirs["spent"], name)
    tally.timing(f"{longest[3]}, {longest[0]} characters (ours with rewrites, vermin in process)", longest[1], longest[2])
    tally.done()


# Syntax that ruff's parser knows and vermin does not.
BEYOND = {
    "star expression in index", "unparenthesized tuple in return statement", "unpacking in `return`", "parenthesized context managers within `with` statement",
}


def tests_of(folder, command):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return re.findall(r"(\d+) passed|Ran (\d+) tests|(\d+) failed|(FAILED|OK)\b", done.stdout)


def keeps_its_meaning():
    """Packages with every rewrite applied pass their own tests as before."""
    venv = pip("pytest==8.3.3", "pretend==1.0.9", "pyyaml==6.0.1")
    python = str(venv / "bin/python")
    packages = [
        ("idna==3.7", [python, "-m", "pytest", "-q", "-x", "tests"]),
        ("packaging==24.1", [python, "-m", "pytest", "-q", "tests"]), ("Markdown==3.6", [python, "-m", "unittest", "discover", "-q", "tests"]),
    ]
    tally = Tally(tool="python_modernize_code", peer="the packages' own tests, before and after all rewrites", corpus=", ".join(name for name, _ in packages), bars={"equal": 1})
    for name, command in packages[:1] if SAMPLED else packages:
        source = sdist(name)
        with tempfile.TemporaryDirectory() as root:
            folder = pathlib.Path(root, "package")
            shutil.copytree(source, folder)
            environment_first = [*command[:1], *command[1:]]
            os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), str(folder / "src")])
            before = tests_of(folder, environment_first)
            changed = 0
            for path, text in sources(folder):
                after = rewritten(text, (3, 11))
                if after != text:
                    changed += 1
                    ast.parse(after)
                    path.write_bytes(after.encode())
            after = tests_of(folder, environment_first)
            print(f"  {name}: {changed} files rewritten, tests {before} and {after}")
            tally.equal(name, [bool(before), before], [True, after])
    tally.done()


if __name__ == "__main__":
    against_pyupgrade()
    against_vermin()
    keeps_its_meaning()
