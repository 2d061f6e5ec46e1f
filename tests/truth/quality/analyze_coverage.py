"""Coverage against coverage.py, pycobertura, diff-cover and lcov, on published packages of which a part is run."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, run, sdist

VENV = pip("coverage==7.6.10", "pycobertura==4.1.0", "diff-cover==11.0.1", "jinja2==3.1.4", "markupsafe==3.0.2", "itsdangerous==2.2.0", "werkzeug==3.1.3", "blinker==1.9.0", "requests==2.32.3")
PYTHON = str(VENV / "bin" / "python")
# Older and newer versions: the diff between them is judged by what runs of the newer one.
PAIRS = [("click", "click==8.1.7", "click==8.1.8"), ("flask", "flask==3.0.3", "flask==3.1.0"), ("attr", "attrs==23.2.0", "attrs==24.2.0")]
# Two runs of each package: all its modules imported, and the package alone.
RUNS = [
    "import importlib, pkgutil, {name} as p\nfor m in pkgutil.walk_packages(p.__path__, p.__name__ + '.'):\n    try:\n        importlib.import_module(m.name)\n    except BaseException:\n        pass\n",
    "import {name}, inspect\nfor value in list(vars({name}).values()):\n    if inspect.isclass(value):\n        try:\n            repr(value())\n        except BaseException:\n            pass\n",
]

PYCOBERTURA = r"""
import json, sys
from pycobertura import Cobertura
from pycobertura.filesystem import DirectoryFileSystem
report = Cobertura(sys.argv[1], filesystem=DirectoryFileSystem(sys.argv[2]))
rows = {name: [report.total_statements(name), sorted(line for line, status in report.line_statuses(name) if status == "miss")] for name in report.files()}
json.dump({"rows": rows, "total": report.total_statements()}, sys.stdout)
"""


def expanded(text):
    lines = []
    for part in filter(None, text.split(", ")):
        first, _, last = part.partition("-")
        lines += range(int(first), int(last or first) + 1)
    return lines


def reports(folder, name, source):
    """Runs a package twice under coverage.py; gives for each run its reports by format."""
    made = []
    environment = {**os.environ, "PYTHONPATH": str(source.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    for at, text in enumerate(RUNS):
        data = folder / f"{name}{at}.data"
        script = folder / f"run{at}.py"
        script.write_text(text.format(name=name))
        common = ["--data-file", str(data)]
        run([PYTHON, "-m", "coverage", "run", "--branch", f"--source={source}", *common, str(script)], failing=True, env=environment, cwd=folder)
        paths = {}
        for kind in ("xml", "json", "lcov"):
            paths[kind] = folder / f"{name}{at}.{kind}"
            run([PYTHON, "-m", "coverage", kind, "-q", *common, "-o", str(paths[kind])], failing=True, env=environment, cwd=folder)
        made.append(paths)
    return made


def analyzed(paths, **more):
    given = {"reports": [{"path": path.name, "source": path.read_text()} for path in paths], "output": {"maxTokens": 20000}, **more}
    answer = call("analyze_coverage", given)
    return answer["report"]["data"], answer["micros"] / 1000


def da_lines(text):
    """The lines of a tracefile, read here by themselves: path -> {line: count}."""
    files, path = {}, None
    for line in text.splitlines():
        if line.startswith("SF:"):
            path = files.setdefault(line[3:], {})
        elif line.startswith("DA:"):
            number, count = line[3:].split(",")[:2]
            path[int(number)] = path.get(int(number), 0) + int(count)
    return files


def tally(peer):
    return Tally(tool="quality_analyze_coverage", peer=peer, corpus=f"two runs each of {', '.join(pair[2] for pair in pairs)}", bars={"equal": 1})


pairs = PAIRS[:1] if SAMPLED else PAIRS
own = tally("coverage.py 7.6.10 (its totals; the same from its JSON, XML and lcov)")
cobertura = tally("pycobertura 4.1.0 (statements and missed lines of each file; it counts half-taken branches as missed too)")
cover = tally("diff-cover 11.0.1 (lines and missed lines of each changed file, between two versions)")
merging = tally("lcov 1.16 (two runs merged: the count of each line; lines and functions summed up)")
lcov = shutil.which("lcov")
if not lcov:
    print("  left out: lcov; apt-get install lcov to include it", file=sys.stderr)

with tempfile.TemporaryDirectory() as temporary:
    root = pathlib.Path(temporary)
    for name, before, after in pairs:
        folder = root / name
        shutil.copytree(sdist(before) / "src", folder / "src")
        git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "before"]):
            run([*git, *command], cwd=folder)
        shutil.rmtree(folder / "src")
        shutil.copytree(sdist(after) / "src", folder / "src")
        run([*git, "add", "-A"], cwd=folder)
        diff = run([*git, "diff", "--cached", "--no-color"], cwd=folder)
        run([*git, "commit", "-q", "-m", "after"], cwd=folder)
        made = reports(folder, name, folder / "src" / name)
        for at, paths in enumerate(made):
            totals = json.loads(paths["json"].read_text())["totals"]
            for kind in ("json", "xml", "lcov"):
                data, _ = analyzed([paths[kind]])
                lines, branches = data["total"]["lines"], data["total"].get("branches") or {"covered": 0, "total": 0}
                ours = [lines["covered"], lines["total"], branches["covered"], branches["total"]]
                own.equal(f"{after} run {at} {kind}", ours, [totals["covered_lines"], totals["num_statements"], totals["covered_branches"], totals["num_branches"]])
            data, micros = analyzed([paths["xml"]])
            started = time.perf_counter()
            theirs = json.loads(run([PYTHON, "-c", PYCOBERTURA, str(paths["xml"]), str(folder / "src" / name)], cwd=folder))
            cobertura.timing(f"{after} run {at}, {paths['xml'].stat().st_size} bytes", micros, (time.perf_counter() - started) * 1000)
            rows = {row["path"]: row for row in data["files"]}
            for path, (statements, missed) in theirs["rows"].items():
                row = rows.get(path, {"lines": {"total": None, "covered": 0}, "missing": ""})
                ours = [row["lines"]["total"], (row["lines"]["total"] or 0) - row["lines"]["covered"], expanded(row["missing"])]
                cobertura.equal(f"{after} run {at} {path}", ours, [statements, len(missed), missed])
            cobertura.equal(f"{after} run {at} total", data["total"]["lines"]["total"], theirs["total"])
        # The difference between both versions.
        patch = folder / "change.diff"
        patch.write_text(diff)
        out = folder / "cover.json"
        for at, paths in enumerate(made):
            run([str(VENV / "bin" / "diff-cover"), str(paths["xml"]), "--diff-file", str(patch), "--format", f"json:{out}", "-q"], failing=True, cwd=folder)
            theirs = json.loads(out.read_text())
            data, _ = analyzed([paths["xml"]], diff=diff)
            mine = {row["path"]: row for row in data["diff"]["files"] if row["total"]}
            peer_rows = {path: row for path, row in theirs["src_stats"].items() if row["covered_lines"] or row["violation_lines"]}
            for path in sorted(mine.keys() | peer_rows.keys()):
                row, other = mine.get(path), peer_rows.get(path)
                ours = row and [row["total"], expanded(row["missing"])]
                cover.equal(f"{after} run {at} {path}", ours, other and [len(other["covered_lines"]) + len(other["violation_lines"]), sorted(other["violation_lines"])])
            cover.equal(f"{after} run {at} total", [data["diff"]["total"], data["diff"]["total"] - data["diff"]["covered"]], [theirs["total_num_lines"], theirs["total_num_violations"]])
        if lcov:
            both = folder / "both.info"
            quiet = ["--rc", "lcov_branch_coverage=1", "--ignore-errors", "source"]
            run([lcov, *quiet, "-q", *[part for paths in made for part in ("-a", str(paths["lcov"]))], "-o", str(both)], cwd=folder, failing=True)
            data, micros = analyzed([paths["lcov"] for paths in made], convert="lcov")
            ours, theirs = da_lines(data["converted"]), da_lines(both.read_text())
            for path in sorted(ours.keys() | theirs.keys()):
                known = next((theirs[other] for other in theirs if other.endswith("/" + path) or other == path), None)
                if known is None and path in theirs:
                    known = theirs[path]
                if path in ours:
                    merging.equal(f"{after} {path}", ours[path], known)
            started = time.perf_counter()
            summary = run([lcov, *quiet, "--summary", str(both)], cwd=folder, failing=True)
            merging.timing(f"{after}, both runs", micros, (time.perf_counter() - started) * 1000)
            found = dict(re.findall(r"(lines|functions)\.*: [\d.]+% \((\d+ of \d+)", summary))
            merging.equal(f"{after} summary", f"{data['total']['lines']['covered']} of {data['total']['lines']['total']}", found.get("lines"))
own.done()
cobertura.done()
cover.done()
if lcov:
    merging.done()
