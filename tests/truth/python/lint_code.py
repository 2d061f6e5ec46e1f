"""Ruff's linter inside a worker, against native ruff of the same version: every finding with its place, by default and with every rule.

Corpus: the standard library of the running Python, and source distributions, each handed over as the project that it is.
"""

import json
import pathlib
import re
import sys
import sysconfig
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, run, sample, sdist

RUFF = "0.16.4"
SDISTS = [
    "requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "rich==13.9.2", "httpx==0.27.2", "pytest==8.3.3",
    "black==24.10.0", "mypy_extensions==1.0.0", "werkzeug==3.0.4", "starlette==0.40.0", "fastapi==0.115.2", "pydantic==2.9.2", "sqlalchemy==2.0.36",
    "aiohttp==3.10.10", "tornado==6.4.1", "scrapy==2.11.2", "celery==5.4.0", "boto3==1.35.40", "networkx==3.4.1", "sympy==1.13.3",
]
# What a call takes: files of at most 1 MiB, and here a project in parts of this many.
MAX_FILE_BYTES, PART = 1024 * 1024, 150


def sources(folder, below):
    for path in sorted(folder.rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if path.is_file() and len(text.encode()) <= MAX_FILE_BYTES:
            yield path.relative_to(below).as_posix(), text


def theirs(ruff, files, select):
    # Of the same files alone: what a package is depends on its neighbours.
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files:
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        command = [ruff, "check", "--isolated", "--no-cache", "--output-format=json", "--exit-zero", "--config", "exclude=[]", *select, "."]
        started = time.perf_counter()
        output = run(command, cwd=folder)
        spent = (time.perf_counter() - started) * 1000
        found = {}
        root = pathlib.Path(folder).resolve()
        for one in json.loads(output):
            path = pathlib.Path(one["filename"]).resolve().relative_to(root).as_posix()
            place = one["location"]
            found.setdefault(path, []).append((one["code"] or "invalid-syntax", place["row"], place["column"]))
    return found, spent


def ours(files, select):
    arguments = {"files": [{"path": path, "source": text} for path, text in files]}
    if select:
        arguments["select"] = select
    answer = call("lint_code", arguments)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    found = {}
    too_deep = set()
    for one in answer["report"]["findings"]:
        if one["rule"] == "nesting-too-deep":
            too_deep.add(one["path"])
            continue
        start = one["range"]["start"]
        found.setdefault(one["path"], []).append((one["rule"], start["line"], start["column"]))
    left_out = {word.strip(",") for text in answer["report"]["notChecked"] if "too deep" in text for word in text.split()}
    return found, answer["micros"] / 1000, left_out, too_deep


# Ruff counts columns in characters, we in UTF-16 units as editors do.
def in_utf16(findings, text):
    # Form feeds and the like end no line.
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    for rule, row, column in findings:
        line = lines[row - 1] if row <= len(lines) else ""
        yield f"{rule} {row}:{len(line[: column - 1].encode('utf-16-le')) // 2 + 1}"


def main():
    ruff = str(pip(f"ruff=={RUFF}") / "bin" / "ruff")
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    groups = []
    everything = [(path, text) for path, text in sources(library, library) if "site-packages" not in path]
    groups.append((f"stdlib {sys.version_info.major}.{sys.version_info.minor}", everything))
    for name in SDISTS[:2] if SAMPLED else SDISTS:
        folder = sdist(name)
        groups.append((name, list(sources(folder, folder))))
    slowest = (0, 0, "")
    # What only a disk or a configuration decides is named by the tool as not checked.
    unclaimed = {"EXE001", "EXE002", "RUF200"}
    left_out, too_deep, native, texts = set(), set(), {}, {}

    def explain(side, item, name):
        path = name.split("/", 1)[1]
        if side == "theirs" and path in too_deep:
            return "a file nested deeper than ruff bears in a worker, as a finding says"
        rule, place = item.split(" ")
        if side == "theirs" and sum((rule, place) == (one, f"{row}:{column}") for one, row, column in native.get(path, [])) > 1:
            return "the peer says the same of one place more than once"
        if place.startswith("1:") and texts.get(path, "").startswith("\ufeff"):
            return "a byte order mark is a character of the first line, as the caller's text has it"
        if side == "theirs" and item.startswith(tuple(left_out) or " "):
            return "a costly rule left out in files too deep for a worker's stack, as the report says"

    for select, label in (([], "default rules"), (["ALL"], "ALL")):
        tally = Tally(
            tool="python_lint_code",
            peer=f"ruff {RUFF}, {label}",
            corpus=f"the standard library and {len(groups) - 1} source distributions, {sum(len(files) for _, files in groups)} files" if not SAMPLED else "a sample",
            bars={"recall": 1, "precision": 1},
            explain=explain,
        )
        for name, files in groups:
            parts = [files[at : at + PART] for at in range(0, len(files), PART)]
            for part in sample(parts, 1):
                part = sample(part, 25)
                texts = dict(part)
                native, spent = theirs(ruff, part, ["--select", ",".join(select)] if select else [])
                found, micros, left_out, too_deep = ours(part, select)
                if spent > slowest[1] and not select:
                    slowest = (micros, spent, f"{len(part)} files of {name}")
                for path, text in part:
                    expected = [one for one in native.get(path, []) if one[0] not in unclaimed]
                    tally.sets(f"{name}/{path}", (f"{rule} {line}:{column}" for rule, line, column in found.get(path, [])), in_utf16(expected, text))
        if not select:
            tally.timing(f"{slowest[2]} (whole process of ruff, on all cores)", slowest[0], slowest[1])
        tally.done()


main()
