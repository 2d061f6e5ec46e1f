"""Edges of grimp and verdicts of import-linter: one call a line on standard input, one answer a line; run by their own Python."""

import copy
import importlib.util
import json
import pathlib
import sys

import grimp
from importlinter.configuration import configure
from importlinter.contracts import acyclic_siblings, forbidden, independence, layers, protected

configure()
KINDS = {
    "acyclic_siblings": acyclic_siblings.AcyclicSiblingsContract,
    "forbidden": forbidden.ForbiddenContract,
    "independence": independence.IndependenceContract,
    "layers": layers.LayersContract,
    "protected": protected.ProtectedContract,
}


def pairs_of(kind, metadata):
    if kind in ("forbidden", "independence"):
        return [[one["downstream_module"], one["upstream_module"]] for one in metadata["invalid_chains"]]
    if kind == "layers":
        return [[one["importer"], one["imported"]] for one in metadata["invalid_dependencies"]] + [[name.rpartition(".")[0], name] for name in metadata["undeclared_modules"]]
    if kind == "protected":
        return [[link["importer"], link["imported"]] for one in metadata["illegal_imports"] for link in one.illegal_links]
    return [[package, ""] for package in metadata["cycle_breakers_by_package"]]


for line in sys.stdin:
    asked = json.loads(line)
    sys.path.insert(0, asked["parent"])
    importlib.invalidate_caches()
    try:
        where = importlib.util.find_spec(asked["package"]).origin
        if pathlib.Path(asked["parent"]).resolve() not in pathlib.Path(where).resolve().parents:
            raise ValueError(f"{where} is another")
        graph = grimp.build_graph(asked["package"], include_external_packages=True, cache_dir=None, exclude_type_checking_imports=asked["ignoreTyping"])
        external = {name for name in graph.modules if graph.is_module_squashed(name)}
        edges = [[importer, imported] for importer in graph.modules for imported in graph.find_modules_directly_imported_by(importer)]
        answer = {"modules": sorted(graph.modules - external), "edges": edges, "verdicts": []}
        for contract in asked["contracts"]:
            options = {"name": "x", "type": contract["kind"], **contract["options"]}
            session = {"root_packages": [asked["package"]], "include_external_packages": "True"}
            try:
                check = KINDS[contract["kind"]]("x", session, options).check(copy.deepcopy(graph), False)
                pairs = [] if check.kept else sorted(map(tuple, pairs_of(contract["kind"], check.metadata)))
                answer["verdicts"].append(["kept" if check.kept else "broken", pairs])
            except Exception as error:
                answer["verdicts"].append(["invalid", repr(error)])
    except Exception as error:
        answer = {"error": repr(error)}
    sys.path.pop(0)
    print(json.dumps(answer), flush=True)
