"""The graph of imports of Python against grimp, on published packages: the same imports, circles and broken layers."""

import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import Tally, call, pip, sample, sdist

PACKAGES = [("click", "click==8.1.8", "src"), ("flask", "flask==3.1.0", "src"), ("requests", "requests==2.32.3", "src"), ("rich", "rich==13.9.4", "."), ("jinja2", "jinja2==3.1.4", "src"), ("werkzeug", "werkzeug==3.1.3", "src")]
GRIMP = r"""
import json, sys
sys.path.insert(0, sys.argv[1])
import grimp
graph = grimp.build_graph(sys.argv[2], include_external_packages=False, cache_dir=None)
imports = {module: sorted(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
layers = sorted(name.rsplit(".", 1)[-1] for name in graph.find_children(sys.argv[2]))
broken = graph.find_illegal_dependencies_for_layers(layers=layers, containers={sys.argv[2]})
json.dump({"imports": imports, "layers": layers, "broken": sorted(f"{one.importer} -> {one.imported}" for one in broken)}, sys.stdout)
"""


def knots(imports):
    """Modules that all reach each other, two or more."""
    reach = {}
    for start in imports:
        seen, queue = set(), list(imports[start])
        while queue:
            one = queue.pop()
            if one not in seen:
                seen.add(one)
                queue += imports.get(one, [])
        reach[start] = seen
    return sorted({" ".join(sorted(other for other in reach[one] if one in reach.get(other, ()))) for one in imports if one in reach[one] and len(reach[one]) > 1})


python = pip("grimp==3.9") / "bin" / "python"
chosen = sample(PACKAGES, 3)
corpus = ", ".join(requirement for _, requirement, _ in chosen)
edges = Tally(tool="quality_analyze_module_graph", peer="grimp 3.9 (each import of a module by another)", corpus=corpus, bars={"recall": 1, "precision": 1})
circles = Tally(tool="quality_analyze_module_graph", peer="grimp 3.9 (modules in circles, whole knots)", corpus=corpus, bars={"equal": 1})
layers = Tally(tool="quality_analyze_module_graph", peer="grimp 3.9 (pairs of layers of which the lower reaches the higher)", corpus=corpus, bars={"recall": 1, "precision": 1})
for name, requirement, folder in chosen:
    root = sdist(requirement) / folder
    # grimp does not see folders without an __init__.py.
    paths = sorted(path for path in (root / name).rglob("*.py") if (path.parent / "__init__.py").exists())
    files = [{"path": str(path.relative_to(root)), "source": path.read_text(encoding="utf-8", errors="replace")} for path in paths]
    answer = call("analyze_module_graph", {"files": files})
    started = time.perf_counter()
    found = json.loads(subprocess.run([python, "-c", GRIMP, str(root), name], stdout=subprocess.PIPE, text=True, check=True).stdout)
    took = (time.perf_counter() - started) * 1000
    theirs = found["imports"]
    module = lambda path: path[: -len(".py")].replace("/", ".").removesuffix(".__init__")
    ours = {module(path): sorted(map(module, targets)) for path, targets in answer["report"]["data"]["imports"].items()}
    pairs = lambda graph: sorted(f"{one} -> {other}" for one, others in graph.items() for other in others if other != one)
    edges.sets(requirement, pairs(ours), pairs(theirs))
    circles.equal(requirement, knots(ours), knots(theirs))
    # The modules of the package as layers by the alphabet, which breaks at many places, also through chains.
    given = {file["path"] for file in files}
    part = lambda child: f"{name}/{child}.py" if f"{name}/{child}.py" in given else f"{name}/{child}"
    judged = call("analyze_module_graph", {"files": files, "rules": "layers: " + " > ".join(map(part, found["layers"]))})["report"]
    child = lambda path: ".".join(module(path).split(".")[:2])
    broken = set()
    for finding in judged["findings"]:
        if finding["rule"] == "layers":
            places = finding["message"].split(", ")[0].replace(" imports ", " -> ").split(" -> ")
            broken.add(f"{child(places[0])} -> {child(places[-1])}")
    layers.sets(requirement, broken, set(found["broken"]))
    edges.timing(f"{requirement}, {len(files)} files", answer["micros"] / 1000, took)
edges.done()
circles.done()
layers.done()
