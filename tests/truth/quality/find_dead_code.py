"""Python's unused names and unreached statements against vulture, on source distributions.

vulture matches names over all files, and has no scopes: what it misses for that reason is told apart by the name being read
somewhere else. Names that a local or an import has in a scope where nothing reads it are judged by pyflakes.
"""

import ast
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, parses, pip, python_files, sdist

VULTURE = "2.16"
PYFLAKES = "3.4.0"
SDISTS = [
    "requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "httpx==0.27.2", "starlette==0.40.0", "packaging==24.1",
    "Markdown==3.6", "werkzeug==3.0.4",
]
KINDS = {"V101": "attribute", "V102": "class", "V103": "function", "V104": "import", "V105": "method", "V106": "property", "V107": "variable", "V201": "unreachable_code"}
SAME = {"method": "function", "property": "function", "attribute": "variable"}
NAMED = re.compile(r"^[a-z ]+ `(.*?)` is never used")


def sources(folder):
    for path, text in python_files(folder):
        if len(text.encode()) <= 1024 * 1024 and parses(text):
            yield path.relative_to(folder).as_posix(), text


def main():
    venv = pip(f"vulture=={VULTURE}", f"pyflakes=={PYFLAKES}")
    program = str(pathlib.Path(__file__).resolve().parents[1] / "python" / "_vulture.py")
    peer = subprocess.Popen([str(venv / "bin/python"), "-W", "ignore", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    chosen = SDISTS[:2] if SAMPLED else SDISTS
    proven = {}

    def explain(side, item, name):
        path, kind, what = item.split(" ", 2)
        if side == "ours" and (path, what) in proven.get(name, ()):
            return "pyflakes says so too: vulture matches names over all files, and this one is read in another scope"
        if side == "ours" and (path, what) in alone.get(name, ()):
            return "used by itself alone, or a parameter of a plain function that its body does not name: vulture matches names over all files"
        return None

    alone = {}
    tally = Tally(tool="quality_find_dead_code", peer=f"vulture {VULTURE} at any confidence", corpus=f"{len(chosen)} source distributions: {', '.join(chosen)}", bars={"recall": 0.9, "precision": 0.95}, explain=explain)
    spent_ours = spent_theirs = 0
    for requirement in chosen:
        folder = sdist(requirement)
        files = list(sources(folder))
        given = {path for path, _ in files}
        peer.stdin.write(f"{folder}\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        spent_theirs += answer["spent"]
        theirs = {f"{path} {SAME.get(kind, kind)} {line if kind == 'unreachable_code' else name}" for path, kind, name, line, _ in answer["items"] if path in given}
        reply = call("find_dead_code", {"files": [{"path": path, "source": text} for path, text in files], "output": {"maxTokens": 20000}})
        if "error" in reply:
            raise RuntimeError(reply["error"])
        spent_ours += reply["micros"] / 1000
        ours = set()
        for finding in reply["report"]["findings"]:
            kind = KINDS[finding["rule"]]
            what = finding["range"]["start"]["line"] if kind == "unreachable_code" else NAMED.match(finding["message"]).group(1)
            ours.add(f"{finding['path']} {SAME.get(kind, kind)} {what}")
        proven[requirement] = pyflakes(venv, folder)
        alone[requirement] = unread(files)
        tally.sets(requirement, ours, theirs)
    tally.timing(f"{len(chosen)} source distributions (vulture in process)", spent_ours, spent_theirs)
    tally.done()


def pyflakes(venv, folder):
    """Names that pyflakes finds imported or assigned and not used, by file."""
    done = subprocess.run([str(venv / "bin/python"), "-m", "pyflakes", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = set()
    for line in done.stdout.splitlines():
        match = re.match(r"(.*?):\d+:\d+:? '(.*?)' imported but unused|(.*?):\d+:\d+:? local variable '(.*?)' is assigned to but never used|(.*?):\d+:\d+:? redefinition of unused '(.*?)'", line)
        if match:
            path, name = next((match.group(at), match.group(at + 1)) for at in (1, 3, 5) if match.group(at))
            bound = name.split(" as ")[-1] if " as " in name else name
            for part in {bound, bound.split(".")[0], bound.split(".")[-1]}:
                found.add((pathlib.Path(path).resolve().relative_to(folder.resolve()).as_posix(), part))
    return found


def unread(files):
    """By the syntax tree: parameters and locals that their function does not read, and functions that only they themselves name."""
    found, outside = set(), {}
    trees = [(path, ast.parse(text)) for path, text in files]
    for path, tree in trees:
        for node in ast.walk(tree):
            name = node.id if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store) else node.attr if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) else None
            if name:
                outside[name] = outside.get(name, 0) + 1
    for path, tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            inner = [one for one in ast.walk(node)]
            read = {one.id for one in inner if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Store)}
            own = sum(1 for one in inner if isinstance(one, ast.Name) and one.id == node.name or isinstance(one, ast.Attribute) and one.attr == node.name)
            if own and outside.get(node.name, 0) <= own:
                found.add((path, node.name))
            if isinstance(node, ast.ClassDef):
                continue
            bound = {one.id for one in inner if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            arguments = node.args
            bound |= {one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *filter(None, [arguments.vararg, arguments.kwarg])]}
            found |= {(path, name) for name in bound - read}
    return found


main()
