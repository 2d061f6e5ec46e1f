"""Each rule for Python against ruff's of the same id, on source distributions: rule and line of every finding.

The rules for Go, Java, Rust and C are in `_lint_compiled.py`.
"""

import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import _lint_compiled
from lib import SAMPLED, Tally, call, parses, pip, python_files, sdist

RUFF = "0.12.4"
RULES = ["E711", "E712", "E713", "E714", "E722", "E731", "E741", "F541", "F631", "F632", "F634", "B006", "B011", "B012", "B015", "PLR0124", "PLW0127", "PLE0101"]
SDISTS = [
    "requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "httpx==0.27.2", "starlette==0.40.0", "packaging==24.1",
    "Markdown==3.6", "werkzeug==3.0.4", "docutils==0.21.2", "PyYAML==6.0.1", "celery==5.4.0",
]


def main():
    venv = pip(f"ruff=={RUFF}")
    chosen = SDISTS[:3] if SAMPLED else SDISTS
    tally = Tally(tool="quality_lint_code", peer=f"ruff {RUFF} ({len(RULES)} rules by line)", corpus=f"{len(chosen)} source distributions: {', '.join(chosen)}", bars={"recall": 0.95, "precision": 0.98})
    counts = {}
    spent_ours = spent_theirs = 0
    for requirement in chosen:
        folder = sdist(requirement).resolve()
        paths = [(path, text) for path, text in python_files(folder) if len(text) < 300_000 and parses(text)]
        started = time.perf_counter()
        command = [str(venv / "bin/ruff"), "check", "--isolated", "--no-cache", "--ignore-noqa", "--exit-zero", "--output-format", "json", "--select", ",".join(RULES), *[str(path) for path, _ in paths]]
        messages = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
        spent_theirs += (time.perf_counter() - started) * 1000
        theirs = {}
        for message in messages:
            theirs.setdefault(message["filename"], []).append(f"{message['code']} {message['location']['row']}")
        for path, text in paths:
            answer = call("lint_code", {"filename": "a.py", "source": text, "output": {"maxTokens": 20000}})
            if "error" in answer:
                raise RuntimeError(answer["error"])
            spent_ours += answer["micros"] / 1000
            ours = [f"{finding['rule']} {finding['range']['start']['line']}" for finding in answer["report"]["findings"] if finding["rule"] in RULES]
            known = theirs.get(str(path), [])
            for item in set(ours) | set(known):
                row = counts.setdefault(item.split()[0], [0, 0, 0])
                both = min(ours.count(item), known.count(item))
                row[0] += both
                row[1] += ours.count(item) - both
                row[2] += known.count(item) - both
            if ours or known:
                tally.sets(f"{requirement}/{path.relative_to(folder)}", ours, known)
    for rule, (both, more, less) in sorted(counts.items()):
        print(f"  {rule}: {both} alike, {more} ours alone, {less} theirs alone", file=sys.stderr)
    tally.timing(f"{len(chosen)} source distributions", spent_ours, spent_theirs)
    tally.done()


main()
_lint_compiled.compare()
