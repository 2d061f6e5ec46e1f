"""The language and the inspections against Structurizr itself, figures against networkx, numpy and pyworkforce, module
metrics against dependency-cruiser.

Structurizr is built from a checkout of its repository with the JDK and Debian's jars, and its own test files are the corpus.
Without the checkout or a JDK that part is left out, which is said. Graphs and queues are made by a seeded generator; module
graphs are those of npm packages.
"""

import collections
import json
import math
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import KEPT, SAMPLED, pip, repo, run, sample

PEERS = ("networkx==3.3", "numpy==1.26.4", "pyworkforce==0.5.1")
if sys.prefix != str(pip(*PEERS)):
    sys.exit(subprocess.run([str(pip(*PEERS) / "bin" / "python"), *sys.argv]).returncode)

import networkx
import numpy
from lib import Tally, call
from pyworkforce.queuing import ErlangC

TOOL = {"tool": "architecture_review_design"}
HERE = pathlib.Path(__file__).resolve().parent


def review(source):
    return call("review_design", {"source": source if isinstance(source, str) else json.dumps(source), "output": {"maxFindings": 1000}})


# ---- Structurizr

DEBIAN = "libjackson2-core-java libjackson2-annotations-java libjackson2-databind-java libcommons-logging-java libbcel-java libhttpclient5-java libhttpcore5-java libjaxb-api-java libjsr305-java libcommons-lang3-java".split()
PARTS = "core client dsl import export component inspection annotation".split()
# The parser of Java sources that `!components` uses is in no Debian package; nothing of the corpus comes that far.
STUB = """package com.structurizr.component.provider;
public final class SourceDirectoryTypeProvider implements TypeProvider {
    public SourceDirectoryTypeProvider(java.io.File file) { }
    public java.util.Set<com.structurizr.component.Type> getTypes() { return java.util.Set.of(); }
}
"""


def structurizr():
    """The command that runs the peer, or None."""
    checkout = repo("structurizr/structurizr")
    if checkout is None:
        return None
    if not all(shutil.which(program) for program in ("javac", "java", "apt-get", "dpkg")):
        print("  left out: Structurizr; it needs a JDK, apt-get and dpkg", file=sys.stderr)
        return None
    folder = KEPT / "structurizr"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "jars").exists():
        run(["apt-get", "download", "-qq", *DEBIAN], cwd=folder)
        for archive in folder.glob("*.deb"):
            run(["dpkg", "-x", str(archive), str(folder / "unpacked")])
            archive.unlink()
        (folder / "unpacked/usr/share/java").rename(folder / "jars")
    jars = [str(jar) for jar in (folder / "jars").glob("*.jar") if not re.search(r"-\d+\.", jar.stem)]
    path = ":".join([str(folder / "classes"), *sorted(jars)])
    peer = HERE / "StructurizrPeer.java"
    stamp = folder / "built"
    if not stamp.exists() or stamp.read_text() != peer.read_text():
        sources = []
        (folder / "patched").mkdir(exist_ok=True)
        for part in PARTS:
            for source in sorted((checkout / f"structurizr-{part}/src/main/java").rglob("*.java")):
                if source.name == "SourceDirectoryTypeProvider.java":
                    continue
                text = source.read_text()
                if "parents.reversed()" in text or "siblings.getLast()" in text:
                    # Two calls of Java 21, for Java 17.
                    text = text.replace("for (Element p : parents.reversed())", "java.util.Collections.reverse(parents); for (Element p : parents)")
                    source = folder / "patched" / source.name
                    source.write_text(text.replace("siblings.getLast()", "siblings.get(siblings.size() - 1)"))
                sources.append(str(source))
        (folder / "patched/SourceDirectoryTypeProvider.java").write_text(STUB)
        sources += [str(folder / "patched/SourceDirectoryTypeProvider.java"), str(peer)]
        (folder / "sources").write_text("\n".join(sources))
        run(["javac", "-nowarn", "-d", str(folder / "classes"), "-cp", path, f"@{folder / 'sources'}"])
        stamp.write_text(peer.read_text())
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", path, "StructurizrPeer"]


# Rules that mean: Structurizr refuses this text.
REFUSED = {"dsl-syntax", "dsl-unknown-identifier", "dsl-duplicate-identifier", "dsl-duplicate-name", "dsl-invalid-relationship", "dsl-deprecated-keyword"}
ELSEWHERE = {"dsl-not-fetched", "dsl-not-evaluated"}
REASONS = {
    "does not exist at line": "Structurizr refuses a file that is not there; the tool gets one text and says that nothing is fetched",
    "is not permitted": "Structurizr refuses to fetch an address; the tool says that nothing is fetched",
    "was not found": "Structurizr lacks a class of the corpus that imports documentation; the tool reads no documentation",
    "scripting engine": "Structurizr lacks the scripting engine here; the tool runs no scripts and says so",
}


def explain_parse(side, item, name):
    refused, message = item["theirs"]
    if refused and not item["ours"][0]:
        return next((reason for part, reason in REASONS.items() if part in message), None)
    return None


def explain_inspection(side, item, name):
    if side == "theirs" and item == "model.component.technology" and "archetypes" in name:
        return "Structurizr loses the technology that an archetype gives to a component"
    return None


def compare_structurizr():
    command = structurizr()
    if command is None:
        return
    files = []
    for owner in ("structurizr/structurizr", "structurizr/java", "structurizr/examples", "structurizr/dsl"):
        checkout = repo(owner) if owner == "structurizr/structurizr" else KEPT / "repos" / owner.replace("/", "+")
        if checkout.exists():
            files += sorted(checkout.rglob("*.dsl"))
    texts, seen = [], set()
    for file in files:
        try:
            text = file.read_bytes().decode()
        except UnicodeDecodeError:
            continue  # Neither reads it: arguments are Unicode.
        if text not in seen:
            seen.add(text)
            texts.append((file, text))
    texts = sample(texts, 40)
    done = subprocess.run(command, input="".join(f"{file}\n" for file, _ in texts), stdout=subprocess.PIPE, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    version = "6.2.2"
    about = {**TOOL, "corpus": f"{len(texts)} different .dsl files of the repository"}
    parses = Tally(**about, peer=f"Structurizr DSL {version} (accepted or refused)", bars={"equal": 0.95}, explain=explain_parse)
    # A relationship that follows from another is inspected by Structurizr again; the tool tells of it once.
    found = Tally(**about, peer=f"Structurizr inspections {version} (each finding)", bars={"recall": 0.95, "precision": 0.95}, explain=explain_inspection)
    whole = Tally(**about, peer=f"Structurizr inspections {version} (files that agree fully)", bars={"equal": 0.95}, explain=lambda side, item, name: explain_inspection("theirs", "model.component.technology", name))
    largest = (0, 0, 0)
    for (file, text), theirs in zip(texts, answers):
        name = "/".join(file.parts[-3:])
        answer = review(text)
        findings = answer["report"]["findings"]
        rules = [finding["rule"] for finding in findings]
        is_refused = any(finding["rule"] in REFUSED and finding["level"] == "error" for finding in findings)
        ours = (is_refused, "")
        if is_refused == ("error" in theirs):
            parses.equal(name, True, True)
        else:
            parses.equal(name, ours, ("error" in theirs, theirs.get("error", "")))
        if is_refused or "error" in theirs or ELSEWHERE & set(rules):
            continue
        expected = collections.Counter(theirs["violations"]) - collections.Counter(theirs["followed"])
        expected = [entry.split(" ")[1] for entry in expected.elements() if not entry.startswith("IGNORE")]
        reported = [rule for rule in rules if rule.split(".")[0] in ("model", "views", "workspace")]
        found.sets(name, reported, expected)
        whole.equal(name, dict(sorted(collections.Counter(reported).items())), dict(sorted(collections.Counter(expected).items())))
        if len(text) > largest[0]:
            largest = (len(text), answer["micros"] / 1000, theirs["micros"] / 1000)
    parses.timing(f"{largest[0]} bytes of DSL, warm", largest[1], largest[2])
    for tally in (parses, found, whole):
        tally.done()


# ---- Figures


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def compare_graphs():
    dice = random.Random(7)
    count = 60 if SAMPLED else 500
    tally = Tally(**TOOL, peer="networkx 3.3 (circles, cut vertices, dominators, dependants, degrees)", corpus=f"{count} random graphs", bars={"equal": 1})
    for number in range(count):
        nodes = dice.randint(2, 40)
        edges = sorted({tuple(dice.sample(range(nodes), 2)) for _ in range(dice.randint(1, 3 * nodes))})
        model = {
            "components": [{"id": f"c{at}"} for at in range(nodes)],
            "links": [{"from": f"c{a}", "to": f"c{b}"} for a, b in edges],
            "entryPoints": ["c0"],
        }
        data = review(model)["report"]["data"]
        graph = networkx.DiGraph()
        graph.add_nodes_from(range(nodes))
        graph.add_edges_from(edges)
        circles = sorted(sorted(f"c{at}" for at in group) for group in networkx.strongly_connected_components(graph) if len(group) > 1)
        near = graph.to_undirected()
        cut = set(networkx.articulation_points(near))
        dominators = networkx.immediate_dominators(graph, 0)
        rows = {}
        for at in range(nodes):
            into, out = graph.in_degree(at), graph.out_degree(at)
            rest = near.copy()
            rest.remove_node(at)
            pieces = len({frozenset(networkx.node_connected_component(rest, other)) for other in near[at]})
            rows[f"c{at}"] = [
                len(networkx.ancestors(graph, at)),
                into,
                out,
                out / (into + out) if into + out else None,
                pieces if at in cut else None,
                f"c{dominators[at]}" if at in dominators and at != 0 else None,
            ]
        ours = {row["id"]: [row["dependants"], row["afferent"], row["efferent"], row.get("instability"), row.get("pieces"), row.get("dominator")] for row in data["rows"]}
        same = all(
            all(a == b or (isinstance(a, float) and isinstance(b, float) and close(a, b)) for a, b in zip(ours[key], rows[key])) for key in rows
        )
        tally.equal(f"graph {number}: circles", sorted(sorted(cycle["members"]) for cycle in data["cycles"]), circles)
        tally.equal(f"graph {number}: rows", True if same else ours, True if same else rows)
    tally.done()


def compare_queues():
    dice = random.Random(11)
    count = 100 if SAMPLED else 2000
    tally = Tally(**TOOL, peer="pyworkforce 0.5.1 ErlangC (probability to wait), Erlang C by fractions (mean wait)", corpus=f"{count} random queues to 1e-9", bars={"equal": 1})
    from fractions import Fraction

    for number in range(count):
        servers = dice.randint(1, 60)
        service = dice.choice([5, 20, 80, 250])
        rate = round(1000 * servers / service * dice.uniform(0.05, 0.99), 3)
        data = review({"components": [{"id": "a", "ratePerSecond": rate, "serviceTimeMs": service, "servers": servers}]})["report"]["data"]
        queue = data["rows"][0]["queue"]
        load = Fraction(str(rate)) * service / 1000
        busy = load**servers / math.factorial(servers) * servers / (servers - load)
        waits = busy / (sum(load**at / math.factorial(at) for at in range(servers)) + busy)
        mean = waits * service / (servers - load)
        # Its unit of time is a minute; transactions an interval of one minute.
        peer = ErlangC(transactions=rate * 60, asa=1 / 60, aht=service / 60_000, interval=1, shrinkage=0.0)
        theirs = peer.waiting_probability(positions=servers)
        tally.equal(
            f"{servers} servers, {rate} a second, {service} ms",
            (close(queue["waitProbability"], float(waits)), close(queue["waitMs"], float(mean)), close(queue["utilisation"], float(load / servers)), math.isclose(queue["waitProbability"], theirs, rel_tol=1e-9)),
            (True, True, True, True),
        )
    tally.done()


def compare_traffic():
    dice = random.Random(13)
    count = 40 if SAMPLED else 300
    tally = Tally(**TOOL, peer="numpy 1.26 (traffic equations), exact enumeration (availability)", corpus=f"{count} random systems to 1e-9", bars={"equal": 1})
    for number in range(count):
        nodes = dice.randint(2, 9)
        calls = numpy.zeros((nodes, nodes))
        links = []
        for _ in range(dice.randint(1, 2 * nodes)):
            a, b = dice.sample(range(nodes), 2)
            much = round(dice.uniform(0.05, 0.3), 2)
            calls[a, b] += much
            links.append({"from": f"c{a}", "to": f"c{b}", "calls": much})
        outside = [dice.choice([0, 3, 10, 25]) for _ in range(nodes)]
        if max(abs(numpy.linalg.eigvals(calls))) >= 0.99 or not any(outside):
            continue
        up = [round(dice.uniform(0.9, 0.999), 4) for _ in range(nodes)]
        model = {
            "components": [{"id": f"c{at}", "ratePerSecond": rate, "availability": up[at]} for at, rate in enumerate(outside)],
            "links": links,
            "entryPoints": ["c0"],
            "slos": [{"entry": "c0", "availability": 0.5}],
        }
        data = review(model)["report"]["data"]
        rates = numpy.linalg.solve(numpy.eye(nodes) - calls.T, numpy.array(outside, float))
        ours = [row.get("arrivalsPerSecond", 0.0) for row in data["rows"]]
        graph = networkx.DiGraph([(link["from"], link["to"]) for link in links])
        graph.add_node("c0")
        needed = networkx.descendants(graph, "c0") | {"c0"}
        available = math.prod(up[int(name[1:])] for name in needed)
        same = all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(ours, rates))
        tally.equal(f"system {number}: traffic", same, True)
        tally.equal(f"system {number}: availability", close(data["slos"][0]["availability"], available), True)
    tally.done()


# ---- dependency-cruiser

CRUISER = {"dependency-cruiser": "16.10.4"}
PACKAGES = {"eslint": ("8.57.1", "lib"), "express": ("4.21.2", "lib"), "prettier": ("1.19.1", "."), "mocha": ("10.8.2", "lib"), "webpack": ("5.97.1", "lib"), "svgo": ("3.3.2", "lib"), "ajv": ("8.17.1", "dist"), "commander": ("12.1.0", "lib"), "knex": ("3.1.0", "lib")}


def compare_cruiser():
    folder = KEPT / "npm" / "dependency-cruiser-16.10.4"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {**CRUISER, **{name: version for name, (version, _) in PACKAGES.items()}}
        (folder / "package.json").write_text(json.dumps({"name": "peers", "private": True, "dependencies": wanted}))
        run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--legacy-peer-deps", "--ignore-scripts"], cwd=folder)
        (folder / "installed").write_text("")
    names = sorted(PACKAGES)
    chosen = [name for name in names if not SAMPLED or name in ("express", "commander", "svgo")]
    tally = Tally(**TOOL, peer="dependency-cruiser 16.10.4 --metrics (instability of each module)", corpus=f"modules of {len(chosen)} npm packages", bars={"equal": 1})
    for name in chosen:
        root = folder / "node_modules" / name
        kept = folder / f"{name}.json"
        if not kept.exists():
            # Packages are looked at from inside, where nothing is called node_modules.
            text = run([str(folder / "node_modules/.bin/depcruise"), "--no-config", "--metrics", "--output-type", "json", "--include-only", "^[^.]", PACKAGES[name][1]], cwd=root)
            kept.write_text(json.dumps({"modules": json.loads(text)["modules"]}))
        modules = json.loads(kept.read_text())["modules"]
        ids = {module["source"]: f"m{at}" for at, module in enumerate(modules)}
        edges = [(ids[module["source"]], ids[other["resolved"]]) for module in modules for other in module["dependencies"] if other["resolved"] in ids]
        answer = review({"modules": [{"id": key} for key in ids.values()], "moduleEdges": [{"from": a, "to": b} for a, b in edges]})
        rows = {row["id"]: row for row in answer["report"]["data"]["modules"]["rows"]}
        for module in modules:
            row = rows.get(ids[module["source"]])
            if row is None or "instability" not in module:
                continue
            # Where nothing is related, dependency-cruiser says 0 and the tool nothing.
            tally.equal(f"{name}: {module['source']}", close(row.get("instability", 0.0), module["instability"]), True)
    tally.done()


compare_structurizr()
compare_graphs()
compare_queues()
compare_traffic()
compare_cruiser()
