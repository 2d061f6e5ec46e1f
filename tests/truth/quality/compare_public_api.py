"""Public APIs of two versions: Python against griffe on consecutive source distributions, Rust against cargo-semver-checks' own crates.

griffe names what breaks; that something came, which makes a minor version, is read from its trees. cargo-semver-checks needs a compiler
that documents crates: what its lints say of its test crates stands in its snapshots. Lints that the tool does not claim are left out.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, sample, sdist

GRIFFE = "2.4.1"
PAIRS = [
    ("click", "click", "8.1.7", "8.1.8"), ("flask", "flask", "3.0.3", "3.1.0"), ("attrs", "attr", "23.2.0", "24.2.0"), ("attrs", "attr", "24.2.0", "24.3.0"),
    ("requests", "requests", "2.31.0", "2.32.3"), ("httpx", "httpx", "0.27.2", "0.28.1"), ("starlette", "starlette", "0.39.2", "0.40.0"),
    ("packaging", "packaging", "24.1", "24.2"), ("Markdown", "markdown", "3.6", "3.7"), ("werkzeug", "werkzeug", "3.0.4", "3.1.3"),
    ("jinja2", "jinja2", "3.1.4", "3.1.5"), ("itsdangerous", "itsdangerous", "2.1.2", "2.2.0"), ("idna", "idna", "3.7", "3.10"),
    ("urllib3", "urllib3", "2.2.3", "2.3.0"), ("rich", "rich", "13.8.1", "13.9.4"), ("tomlkit", "tomlkit", "0.13.0", "0.13.2"), ("typer", "typer", "0.14.0", "0.15.1"),
    ("marshmallow", "marshmallow", "3.22.0", "3.23.2"), ("pluggy", "pluggy", "1.4.0", "1.5.0"), ("pyparsing", "pyparsing", "3.1.4", "3.2.0"),
    ("h11", "h11", "0.13.0", "0.14.0"), ("anyio", "anyio", "4.6.2", "4.7.0"), ("jsonschema", "jsonschema", "4.22.0", "4.23.0"), ("fastapi", "fastapi", "0.115.2", "0.115.6"),
    ("sqlparse", "sqlparse", "0.5.1", "0.5.2"), ("docutils", "docutils", "0.20.1", "0.21.2"), ("blinker", "blinker", "1.8.2", "1.9.0"), ("wtforms", "wtforms", "3.1.2", "3.2.1"),
]
CSC = "obi1kenobi/cargo-semver-checks"
PARAMETER = re.compile(r"^parameter `(.*?)` of `(.*?)`")
TAKES = re.compile(r"^`(.*?)` takes `(.*?)`")
FIRST = re.compile(r"`(.*?)`")
LEVELS = ["patch", "minor", "major"]


def home(folder, package):
    """The folder that a package lies in, in a source distribution."""
    found = [path.parent.parent for path in folder.rglob(f"{package}/__init__.py")]
    return min(found, key=lambda path: len(path.parts))


def files(folder, pattern):
    for path in sorted(folder.rglob(pattern)):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(text.encode()) <= 1024 * 1024:
            yield path, text


def compared(before, after):
    reply = call("compare_public_api", {"before": before, "after": after, "output": {"maxTokens": 20000}})
    if "error" in reply:
        raise RuntimeError(reply["error"])
    return reply


def python():
    venv = pip(f"griffe=={GRIFFE}")
    program = str(pathlib.Path(__file__).resolve().parent / "_griffe.py")
    peer = subprocess.Popen([str(venv / "bin/python"), "-W", "ignore", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    chosen = PAIRS[:3] if SAMPLED else PAIRS
    moved = {}

    def explain(side, item, name):
        if side == "ours" and item.split(" ")[1] in moved.get(name, ()):
            return "it moved to another module and is imported from there: griffe marks it as seen before it looks at what the import leads to"
        if name.startswith("pyparsing") and item in ("OBJECT_CHANGED_KIND re", "OBJECT_CHANGED_KIND re_match", "OBJECT_CHANGED_KIND mayReturnEmpty"):
            return "a property before and after: griffe takes the class for old Pythons in an else branch for what cached_property means"
        return None

    tally = Tally(
        tool="quality_compare_public_api",
        peer=f"griffe {GRIFFE}",
        corpus=f"{len(chosen)} pairs of consecutive source distributions of {', '.join(sorted({name for name, *_ in chosen}))}",
        bars={"equal": 0.95, "recall": 0.95, "precision": 0.95},
        explain=explain,
    )
    spent_ours = spent_theirs = 0
    for name, package, old, new in chosen:
        homes = [home(sdist(f"{name}=={version}"), package) for version in (old, new)]
        sides = [[{"path": path.relative_to(own).as_posix(), "source": text} for path, text in files(own / package, "*.py*") if path.suffix in {".py", ".pyi"}] for own in homes]
        peer.stdin.write(json.dumps([package, *map(str, homes)]) + "\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        spent_theirs += answer["spent"]
        reply = compared(*sides)
        spent_ours += reply["micros"] / 1000
        theirs = {f"{kind} {last} {parameter}".strip() for kind, _, last, parameter in answer["items"]}
        ours = set()
        for finding in reply["report"]["findings"]:
            rule, message = finding["rule"], finding["message"]
            if not rule.isupper():
                continue
            parameter = ""
            if match := PARAMETER.match(message):
                parameter, path = match.groups()
            elif match := TAKES.match(message):
                path, parameter = match.groups()
            else:
                path = FIRST.search(message).group(1)
            ours.add(f"{rule} {path.rsplit('.', 1)[-1]} {parameter}".strip())
        case = f"{name} {old} {new}"
        moved[case] = set(answer["moved"])
        tally.sets(case, ours, theirs)
        level = "major" if answer["items"] else "minor" if answer["added"] else "patch"
        tally.equal(f"{case} level", reply["report"]["data"]["semver"], level)
    tally.timing(f"{len(chosen)} pairs of packages (griffe in process)", spent_ours, spent_theirs)
    tally.done()


# Crates whose differences stand in manifests, conditions of compilation or other crates.
LEFT_OUT = re.compile(r"feature|target|manifest|proc_macro|derive_|cfg_|semver_trick|workspace|dependenc|stability|broken|template|bin_")


def rust():
    checkout = repo(CSC)
    if checkout is None:
        return
    levels, said = {}, collections.defaultdict(set)
    for lint in sorted((checkout / "src/lints").glob("*.ron")):
        text = lint.read_text(encoding="utf-8")
        levels[lint.stem] = re.search(r"required_update: (\w+)", text).group(1).lower()
    for snapshot in (checkout / "test_outputs/query_execution").glob("*.snap"):
        for crate in re.findall(r'^  "\./test_crates/([^"]+?)/": \[', snapshot.read_text(encoding="utf-8"), re.M):
            said[crate].add(snapshot.stem)
    table = (pathlib.Path(__file__).resolve().parents[3] / "workers/quality/src/tools/compare_public_api/rules.rs").read_text(encoding="utf-8")
    claimed = {lint for lint in re.findall(r'(?:major|minor) "(\w+)"', table) if lint in levels}
    crates = [path for path in sorted((checkout / "test_crates").iterdir()) if (path / "old").is_dir() and (path / "new").is_dir() and not LEFT_OUT.search(path.name)]
    chosen = sample(crates, 40)
    def explain(side, item, name):
        if name.split(" ")[0].startswith(("trait_requires_more_", "type_requires_more_")) and (side == "equal" or item.startswith("trait_requires_more_")):
            return "the peer's query for traits that ask for more parameters selects types: it names those, and never a trait"
        return None

    tally = Tally(
        tool="quality_compare_public_api",
        peer=f"cargo-semver-checks' snapshots, {len(claimed)} of its {len(levels)} lints",
        corpus=f"{len(chosen)} of its test crates (level by the lints claimed)",
        bars={"equal": 0.95, "recall": 0.95, "precision": 0.95},
        explain=explain,
    )
    for crate in chosen:
        sides = [[{"path": path.relative_to(crate / side).as_posix(), "source": text} for path, text in files(crate / side, "*.rs")] for side in ("old", "new")]
        if not all(sides):
            continue
        report = compared(*sides)["report"]
        ours = {finding["rule"] for finding in report["findings"]} & claimed
        theirs = said[crate.name] & claimed
        tally.sets(crate.name, ours, theirs)
        level = lambda lints: max((levels[lint] for lint in lints), key=LEVELS.index, default="patch")
        tally.equal(f"{crate.name} level", level(ours), level(theirs))
    tally.done()


python()
rust()
