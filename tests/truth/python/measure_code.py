"""Every figure of radon and interrogate, on the standard library and a source distribution."""

import json
import pathlib
import re
import subprocess
import sys
import sysconfig
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import Tally, answer_of, call, pip, sample, sdist

SDIST = "requests==2.32.3"
# radon takes minutes for a file beyond, more than its square.
MOST_BYTES = 28_000


NOTHING = dict.fromkeys(["distinctOperators", "distinctOperands", "operators", "operands", "volume", "difficulty", "effort"], 0)


def near(left, right):
    # We print two decimals.
    return abs(left - right) <= 0.005 + 1e-9 * abs(right)


def ask(peers, path):
    """The peers' figures of a file and the milliseconds they took; radon needs minutes for the largest files."""
    started = time.perf_counter()
    peers.stdin.write(f"{path}\n")
    peers.stdin.flush()
    figures = json.loads(peers.stdout.readline())
    return figures, (time.perf_counter() - started) * 1000


def halstead_is(ours, theirs):
    h1, h2, n1, n2, _, _, _, volume, difficulty, effort, _, _ = theirs
    exact = [ours["distinctOperators"], ours["distinctOperands"], ours["operators"], ours["operands"]] == [h1, h2, n1, n2]
    return exact and near(ours["volume"], volume) and near(ours["difficulty"], difficulty) and near(ours["effort"], effort)


def main():
    venv = pip("radon==6.0.1", "interrogate==1.7.0")
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    folders = [library, sdist(SDIST)]
    paths = sample([path for folder in folders for path in sorted(folder.rglob("*.py")) if "site-packages" not in path.parts], 150)
    peers = subprocess.Popen([str(venv / "bin/python"), "-W", "ignore", str(pathlib.Path(__file__).with_name("_peers.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    # Files that catch groups of exceptions, which radon reads as no statement.
    groups = set()
    about = {
        "tool": "python_measure_code",
        "corpus": f"the files of the standard library and of {SDIST} up to {MOST_BYTES // 1000} KB",
        "bars": {"equal": 1},
        "explain": lambda _side, _item, name: "radon counts no handler of `except*`" if name in groups else None,
    }
    tallies = {name: Tally(peer=peer, **about) for name, peer in (
        ("blocks", "radon 6.0.1, complexity of every block"),
        ("cyclomatic", "radon 6.0.1, total complexity of a file"),
        ("halstead", "radon 6.0.1, Halstead of a file"),
        ("functions", "radon 6.0.1, Halstead of a function"),
        ("lines", "radon 6.0.1, kinds of lines"),
        ("maintainability", "radon 6.0.1, maintainability index"),
        ("documented", "interrogate 1.7.0, docstrings of a file"),
    )}
    longest = (0, 0, 0, "")
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(text.encode()) > MOST_BYTES:
            continue
        theirs, spent = answer_of("radon-6.0.1-interrogate-1.7.0", text, lambda path=path: ask(peers, path))
        if "error" in theirs:
            continue
        answer = call("measure_code", {"source": text, "top": 10_000})
        name = f"{path.parent.name}/{path.name}"
        if re.search(r"^\s*except\s*\*", text, re.MULTILINE):
            groups.add(name)
        data = answer["report"]["data"]
        if not data["files"]:
            tallies["cyclomatic"].equal(name, "not read", theirs["cyclomatic"])
            continue
        row = data["files"][0]
        if len(text) > longest[0]:
            longest = (len(text), answer["micros"] / 1000, spent, name)
        listed = [block for block in data["blocks"] if not block.get("inner")]
        tallies["blocks"].equal(name, sorted([block["name"].split(".")[-1], block["line"], block["cyclomatic"]] for block in listed), sorted(theirs["blocks"]))
        tallies["cyclomatic"].equal(name, row["cyclomatic"], theirs["cyclomatic"])
        ours = row["halstead"]
        tallies["halstead"].equal(name, halstead_is(ours, theirs["halstead"]) or ours, True)
        functions = {}
        # Radon tells those of classes in classes here, which are no blocks of its own.
        for block in data["blocks"]:
            if block["kind"] != "class":
                functions.setdefault(block["name"].split(".")[-1], []).append(block.get("halstead", NOTHING))
        # Radon gives no lines here: functions of one name are compared whichever of them it means.
        for function, report in theirs["functions"]:
            known = functions.get(function)
            if known:
                same = next((at for at, figures in enumerate(known) if halstead_is(figures, report)), None)
                tallies["functions"].equal(f"{name} {function}", same is not None or known, True)
                known.pop(same or 0)
        keys = ["loc", "lloc", "sloc", "comments", "multi", "blank", "singleComments"]
        tallies["lines"].equal(name, [row["lines"][key] for key in keys], theirs["lines"])
        tallies["maintainability"].equal(name, near(row["maintainability"], theirs["maintainability"]) or row["maintainability"], True)
        tallies["documented"].equal(name, [row["documented"], row["definitions"]], theirs["documented"])
    tallies["blocks"].timing(f"{longest[3]}, {longest[0]} characters (radon and interrogate in process)", longest[1], longest[2])
    for tally in tallies.values():
        tally.done()


main()
