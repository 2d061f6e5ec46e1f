"""Import graphs beside grimp's, edge by edge, and contracts beside import-linter's: verdict and broken pairs.

Contracts are drawn with a fixed seed from each package's own modules, of every type and option.
"""

import json
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, sdist

GRIMP, LINTER = "3.19", "2.16"
PACKAGES = [
    ("requests==2.32.3", "requests"), ("flask==3.0.3", "flask"), ("jinja2==3.1.4", "jinja2"), ("werkzeug==3.0.4", "werkzeug"),
    ("starlette==0.40.0", "starlette"), ("httpx==0.27.2", "httpx"), ("tornado==6.4.1", "tornado"), ("scrapy==2.11.2", "scrapy"),
    ("celery==5.4.0", "celery"), ("networkx==3.4.1", "networkx"), ("sqlalchemy==2.0.36", "sqlalchemy"), ("urllib3==2.2.2", "urllib3"),
    ("aiohttp==3.10.10", "aiohttp"), ("pytest==8.3.3", "_pytest"), ("kombu==5.4.2", "kombu"), ("docutils==0.21.2", "docutils"),
]
# Contracts drawn for each package.
DRAWN = 60


def folder_of(root, package):
    found = [path.parent for path in root.rglob("__init__.py") if path.parent.name == package and not (path.parent.parent / "__init__.py").exists()]
    return min(found, key=lambda path: len(path.parts))


def sources(root, folder):
    for path in sorted(folder.rglob("*.py")):
        try:
            yield path.relative_to(root).as_posix(), path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue


def draw(package, modules, edges, count):
    """Contracts as our line and as import-linter's options."""
    dice = random.Random(package)
    inner = [name for name in modules if name != package]
    children = [name for name in inner if name.count(".") == 1]
    outside = sorted({imported for _, imported in edges if imported not in modules and "." not in imported}) or ["os"]
    some = lambda names, least, most: dice.sample(names, min(len(names), dice.randint(least, most)))
    for at in range(count):
        kind = ["forbidden", "layers", "independence", "protected", "acyclic_siblings", "layers in"][at % 6]
        tail, options = "", {}
        if dice.random() < 0.4:
            ignored = [f"{importer} -> {imported}" for importer, imported in some(edges, 1, 4)]
            if dice.random() < 0.5:
                ignored.append(f"{dice.choice(edges)[0]} -> {package}.**")
            options["ignore_imports"] = ignored
            options["unmatched_ignore_imports_alerting"] = "none"
            tail += "; ignore " + ", ".join(ignored)
        if kind == "forbidden":
            sources = some(inner, 1, 3)
            targets = some(inner, 1, 2) + dice.choice([[], [dice.choice(outside)], [f"{dice.choice(children)}.*"], [f"{package}.**"] if dice.random() < 0.1 else []])
            options |= {"source_modules": sources, "forbidden_modules": targets}
            if dice.random() < 0.3:
                options["allow_indirect_imports"] = "True"
                tail += "; direct"
            if dice.random() < 0.3:
                options["as_packages"] = "False"
                tail += "; modules"
            yield f"forbidden: {', '.join(sources)} -> {', '.join(targets)}{tail}", kind, options
        elif kind == "layers" or len(inner) < 4:
            chosen = some(children, 2, 5)
            texts = [f"({name})" if dice.random() < 0.3 else name for name in chosen]
            if len(texts) > 3:
                texts = [dice.choice([" | ", " : "]).join(texts[:2]), *texts[2:]]
            options["layers"] = [*texts, f"({package}.nowhere)"] if dice.random() < 0.3 else texts
            yield f"layers: {' > '.join(options['layers'])}{tail}", "layers", options
        elif kind == "layers in":
            containers = [name for name in modules if sum(other.startswith(f"{name}.") and other.count(".") == name.count(".") + 1 for other in modules) >= 2]
            container = dice.choice(containers)
            tails = [name[len(container) + 1 :] for name in modules if name.startswith(f"{container}.") and name.count(".") == container.count(".") + 1]
            chosen = some(tails, 2, 6)
            options |= {"containers": [container], "layers": chosen}
            if dice.random() < 0.5:
                ignored = some(tails, 1, 3)
                options |= {"exhaustive": "True", "exhaustive_ignores": ignored}
                tail += f"; exhaustive; except {', '.join(ignored)}"
            yield f"layers in {container}: {' > '.join(chosen)}{tail}", "layers", options
        elif kind == "independence":
            chosen = some(inner, 2, 4) if dice.random() < 0.8 else [f"{dice.choice(children)}.*"]
            options["modules"] = chosen
            yield f"independence: {', '.join(chosen)}{tail}", kind, options
        elif kind == "protected":
            guarded, allowed = some(inner, 1, 2), some(inner, 1, 3)
            options |= {"protected_modules": guarded, "allowed_importers": allowed}
            if dice.random() < 0.3:
                options["as_packages"] = "False"
                tail += "; modules"
            yield f"protected: {', '.join(guarded)} <- {', '.join(allowed)}{tail}", kind, options
        else:
            ancestors = [package] if dice.random() < 0.5 else some(children, 1, 3)
            depth = dice.choice([0, 1, 10])
            skipped = [name for name in some(inner, 1, 2) if name not in ancestors] if dice.random() < 0.3 else []
            options |= {"ancestors": ancestors, "depth": str(depth)} | ({"skip_descendants": skipped} if skipped else {})
            skip = f"; skip {', '.join(skipped)}" if skipped else ""
            yield f"acyclic_siblings: {', '.join(ancestors)}; depth {depth}{skip}{tail}", kind, options


def main():
    venv = pip(f"grimp=={GRIMP}", f"import-linter=={LINTER}")
    peer = subprocess.Popen([str(venv / "bin/python"), str(pathlib.Path(__file__).with_name("_import_linter.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(**asked):
        started = time.perf_counter()
        peer.stdin.write(json.dumps(asked) + "\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer, (time.perf_counter() - started) * 1000

    chosen = PACKAGES[:3] if SAMPLED else PACKAGES
    known, orphans = set(), set()

    def explain(side, item, name):
        importer, _, imported = str(item).partition(" -> ")
        if orphans and ("outside" in name or {importer, imported} & orphans or side == "theirs" and importer in reaching):
            return "grimp does not look into folders without __init__.py inside of a package, which Python imports; what lies there it takes for the package itself"

    corpus = f"{len(chosen)} packages from source distributions"
    def explain_verdict(side, item, name):
        mine, other = item["ours"][1], item["theirs"][1]
        if orphans and name.startswith(f"{package}:") or {part for pair in mine for part in pair if part} - known:
            return "grimp does not look into folders without __init__.py inside of a package, which Python imports; contracts see what lies there"
        if len(other) > 200 and set(mine) <= set(other):
            return "a report lists 200 broken pairs of a contract"

    edges_tally = Tally(tool="python_analyze_imports", peer=f"grimp {GRIMP}, edges", corpus=corpus, bars={"recall": 1, "precision": 1}, explain=explain)
    verdicts = Tally(tool="python_analyze_imports", peer=f"import-linter {LINTER}, verdicts and broken pairs", corpus=f"{DRAWN} contracts drawn for each of {len(chosen)} packages", bars={"equal": 1}, explain=explain_verdict)
    reaching, largest = set(), (0, 0, 0, "")
    for requirement, package in chosen:
        root = sdist(requirement)
        folder = folder_of(root, package)
        files = [{"path": path, "source": text} for path, text in sources(root, folder)]
        for typing in (False, True):
            asked = {"parent": str(folder.parent), "package": package, "ignoreTyping": typing}
            theirs, spent = ask(**asked, contracts=[])
            answer = call("analyze_imports", {"files": files, "edges": 50_000, "ignoreTyping": typing})
            data = answer["report"]["data"]
            known = set(theirs["modules"])
            orphans = {end for edge in data["edges"] for end in (edge["importer"], edge["imported"])} - known
            reaching = {edge["importer"] for edge in data["edges"] if edge["imported"] in orphans}
            # What lies outside is compared by its name alone: we tell how many modules import it.
            internal = [f"{a} -> {b}" for a, b in theirs["edges"] if b in known]
            edges_tally.sets(f"{package}{' without typing' if typing else ''}", (f"{edge['importer']} -> {edge['imported']}" for edge in data["edges"]), internal)
            outside = {}
            for _, b in theirs["edges"]:
                if b not in known:
                    outside[b] = outside.get(b, 0) + 1
            edges_tally.sets(f"{package} outside", (f"{name} {count}" for name, count in data["external"].items()), (f"{name} {count}" for name, count in outside.items()))
            if len(files) > largest[0] and not typing:
                largest = (len(files), answer["micros"] / 1000, spent, package)
        drawn = list(draw(package, sorted(known), sorted(map(tuple, theirs["edges"])), 12 if SAMPLED else DRAWN))
        theirs, _ = ask(**asked | {"ignoreTyping": False}, contracts=[{"kind": kind, "options": options} for _, kind, options in drawn])
        ours = call("analyze_imports", {"files": files, "contracts": [line for line, _, _ in drawn]})
        if "error" in ours:
            raise RuntimeError(ours["error"])
        for (line, kind, _), row, (verdict, pairs) in zip(drawn, ours["report"]["data"]["contracts"], theirs["verdicts"]):
            broken = sorted({(one["importer"], "" if kind == "acyclic_siblings" else one["imported"]) for one in row["broken"]}) if row["verdict"] == "broken" else []
            expected = sorted({tuple(pair) for pair in pairs}) if verdict == "broken" else []
            verdicts.equal(f"{package}: {line}", [row["verdict"], broken], [verdict, expected])
    edges_tally.timing(f"{largest[3]}, {largest[0]} files (grimp in process, without its cache)", largest[1], largest[2])
    edges_tally.done()
    verdicts.done()


main()
