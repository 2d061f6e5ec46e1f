"""Mutants of Python against mutmut: what a file becomes under each, compared as syntax trees."""

import ast
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, sample, sdist

VERSION = "3.8.1"
PYTHON = pip(f"mutmut=={VERSION}") / "bin" / "python"

# Run by the peer's Python: the mutated texts of each file, those that mutmut would test.
PEER = r"""
import json, os, sys, tempfile
os.chdir(tempfile.mkdtemp())
os.mkdir("src")
from mutmut.mutation.file_mutation import create_mutations
import libcst as cst, time
for line in sys.stdin:
    path, source = json.loads(line)
    started = time.perf_counter()
    try:
        module, mutations, *_ = create_mutations(path, source)
    except Exception as error:
        print(json.dumps({"error": repr(error)[:200]}), flush=True)
        continue
    made = [one for one in mutations if isinstance(one.contained_by_top_level_function, cst.FunctionDef)]
    took = (time.perf_counter() - started) * 1000
    texts = [module.deep_replace(one.original_node, one.mutated_node).code for one in made]
    print(json.dumps({"texts": texts, "millis": took}), flush=True)
"""

CORPORA = [("click==8.1.8", "src/click"), ("flask==3.1.0", "src/flask"), ("requests==2.32.3", "src/requests"), ("attrs==24.3.0", "src/attr"), ("packaging==24.2", "src/packaging"), ("tomli==2.2.1", "src/tomli"), ("itsdangerous==2.2.0", "src/itsdangerous"), ("idna==3.10", "idna"), ("pluggy==1.5.0", "src/pluggy"), ("markupsafe==3.0.2", "src/markupsafe")]
BUDGET = 25_000


def sources(requirement, under):
    folder = sdist(requirement) / under
    size = 0
    for path in sorted(folder.glob("*.py")):
        text = path.read_text()
        if not 400 < len(text) < (6_000 if SAMPLED else 14_000) or re.search(r"data\.py$|version", path.name):
            continue
        size += len(text)
        if size > BUDGET:
            return
        yield f"{requirement.split('==')[0]}/{path.name}", text


def essence(text):
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError) as error:
        return f"broken {error}"


class Lines:
    """Columns of UTF-16 as offsets."""

    def __init__(self, text):
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def offset(self, place):
        line = self.lines[place["line"] - 1]
        units, at = place["column"] - 1, 0
        while units > 0:
            units -= 2 if ord(line[at]) > 0xFFFF else 1
            at += 1
        return self.starts[place["line"] - 1] + at


def changed(source, text):
    """The first line that a mutant changes."""
    for number, (one, other) in enumerate(zip(source.split("\n"), text.split("\n")), 1):
        if one != other:
            return f"{number}: {one.strip()[:60]} => {other.strip()[:60]}"
    return "the end"


WHY = {}
tally = Tally(tool="quality_plan_mutations", peer=f"mutmut {VERSION}", corpus=", ".join(name.split("==")[0] for name, _ in CORPORA), bars={"recall": 0.95, "precision": 0.95}, explain=lambda side, item, name: WHY.get((side, item)))
peer = subprocess.Popen([PYTHON, "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
largest = (0, 0, 0, "")
for requirement, under in sample(CORPORA, 3):
    for path, source in sample(list(sources(requirement, under)), 2):
        peer.stdin.write(json.dumps([path, source]) + "\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        if "error" in answer:
            print(f"  mutmut fails on {path}: {answer['error']}", file=sys.stderr)
            continue
        ours_answer = call("plan_mutations", {"files": [{"path": path, "source": source}], "max": 5000})
        lines = Lines(source)
        texts = []
        for row in ours_answer["report"]["data"]["mutants"]:
            start, end = lines.offset(row["range"]["start"]), lines.offset(row["range"]["end"])
            texts.append(source[:start] + row["newText"] + source[end:])
        original = essence(source)
        ours, theirs = ({essence(text): changed(source, text) for text in list_} for list_ in (texts, answer["texts"]))
        for key, label in theirs.items():
            if key == original:
                WHY[("theirs", label)] = "it comes to the same program"
            elif key.startswith("broken"):
                WHY[("theirs", label)] = "it is no program"
            elif key not in ours and re.match(r"^\d+: (r|b|u)?['\"][^'\"]*['\"] =>", label):
                WHY[("theirs", label)] = "a bare string, which does nothing"
        word = lambda key, own, other: f"same {hash(key)}" if key in other else own[key]
        tally.sets(path, [word(key, ours, theirs) for key in ours], [word(key, theirs, ours) for key in theirs])
        if len(source) > largest[0]:
            largest = (len(source), ours_answer["micros"] / 1000, answer["millis"], f"{path}, {len(theirs)} mutants")
tally.timing(largest[3], largest[1], largest[2])
tally.done()
