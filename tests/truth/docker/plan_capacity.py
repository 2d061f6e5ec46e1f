"""Capacity: quantities and sums against Kubernetes' own Python client, packing against OR-Tools' optimum.

Quantities: every amount in public manifests and a grid of made ones, read by `kubernetes.utils.quantity`. Sums: requests of a
pod by that arithmetic, containers and init containers as the scheduler counts them. Packing: random instances, the fewest nodes
as far as column generation proves them and a CP-SAT model refutes them; a placement is checked node by node, so that one that does
not fit is seen."""

import decimal
import json
import math
import pathlib
import random
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, sample

for requirement in ("kubernetes==31.0.0", "ortools==9.11.4210"):
    sys.path.insert(0, str(next((pip(requirement) / "lib").glob("python*")) / "site-packages"))
import yaml  # noqa: E402
from kubernetes.utils.quantity import parse_quantity  # noqa: E402

decimal.getcontext().prec = 60


def pod(name, containers, **more):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers, **more}}


def plan(documents, **more):
    source = "\n---\n".join(json.dumps(document) for document in documents)
    answer = call("plan_capacity", {"source": source, **more})
    return answer["report"], answer["micros"]


def manifests():
    for name in ["bridgecrewio/checkov", "FairwindsOps/polaris", "controlplaneio/kubesec", "stackrox/kube-linter", "np-guard/netpol-analyzer", "yannh/kubeconform"]:
        folder = repo(name)
        for path in sorted(folder.rglob("*.y*ml")) if folder else []:
            text = path.read_text(errors="replace")
            if "resources" not in text or len(text) > 300_000:
                continue
            try:
                documents = [one for one in yaml.safe_load_all(text) if isinstance(one, dict)]
            except Exception:
                continue
            for at, document in enumerate(documents):
                yield f"{name}: {path.relative_to(folder)}#{at}", document


# Quantities, one a pod, so that the request comes back in canonical form.
texts = {"0", "1", "100m", "1500m", "0.1", ".5", "5.", "1.5Gi", "1e3", "12E6", "2e-3", "1E", "3k", "1000000000000n", "0.5Ki", "1Ei", "123456789u", "1e-9", "0.0001", "+5", "4Pi", "999m"}
rng = random.Random(7)
for _ in range(1_000):
    number = rng.choice([str(rng.randrange(0, 10**rng.randrange(1, 10))), f"{rng.uniform(0, 1000):.{rng.randrange(1, 8)}f}"])
    texts.add(number + rng.choice(["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "e-3", "E2"]))
texts = sorted(texts)
tally = Tally(tool="docker_plan_capacity", peer="kubernetes 31.0.0 (parse_quantity)", corpus="made quantities: the value of the canonical form, and that it is canonical", bars={"equal": 1})
chosen = sample(texts, 200)
for at in range(0, len(chosen), 200):
    some = chosen[at : at + 200]
    report, _ = plan([pod(f"p{index}", [{"name": "a", "resources": {"requests": {"memory": text}}}]) for index, text in enumerate(some)])
    for text, row in zip(some, report["data"]["workloads"]):
        shown = row["requests"].get("memory", "0")
        # Kubernetes keeps nanounits, rounded up, whole units above 1024 in binary, and no more than 2^63 - 1.
        value = parse_quantity(re.sub(r"^\+|\.$|\.(?=[a-zA-Z])", "", text))
        exact = (value * 10**9).to_integral_value(decimal.ROUND_CEILING) / 10**9
        exact = min(exact, decimal.Decimal(2**63 - 1))
        if re.search(r"i$", text) and exact >= 1024:
            exact = exact.to_integral_value(decimal.ROUND_CEILING)
        canonical = re.fullmatch(r"0|[1-9]\d*(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|e-?\d+)?", shown) is not None
        tally.equal(text, (parse_quantity(shown) == exact, canonical), (True, True))
tally.done()


def pod_requests(spec):
    total, beside, first = {}, {}, {}

    def amount_of(amount):
        # A number of YAML is its text to Kubernetes, not the binary fraction next to it.
        return parse_quantity(str(amount) if isinstance(amount, float) else amount)

    def requests(container):
        resources = container.get("resources") or {}
        own = {name: amount_of(amount) for name, amount in (resources.get("requests") or {}).items()}
        for name, amount in (resources.get("limits") or {}).items():
            own.setdefault(name, amount_of(amount))
        return own

    for container in spec.get("containers") or []:
        for name, amount in requests(container).items():
            total[name] = total.get(name, 0) + amount
    for container in spec.get("initContainers") or []:
        own = requests(container)
        if container.get("restartPolicy") == "Always":
            for name, amount in own.items():
                total[name] = total.get(name, 0) + amount
                beside[name] = beside.get(name, 0) + amount
            alone = beside
        else:
            alone = {name: own.get(name, 0) + beside.get(name, 0) for name in own | beside}
        for name, amount in alone.items():
            first[name] = max(first.get(name, 0), amount)
    return {name: max(total.get(name, 0), first.get(name, 0)) for name in total | first}


PATHS = {"Pod": ["spec"], "Deployment": ["spec", "template", "spec"], "StatefulSet": ["spec", "template", "spec"], "DaemonSet": ["spec", "template", "spec"], "ReplicaSet": ["spec", "template", "spec"], "Job": ["spec", "template", "spec"], "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"]}
tally = Tally(tool="docker_plan_capacity", peer="kubernetes 31.0.0 (parse_quantity), scheduler's sums", corpus="requests of one pod of each workload in public manifests", bars={"equal": 1})
for name, document in sample(manifests(), 150):
    spec = document
    for key in PATHS.get(document.get("kind"), ["?"]):
        spec = spec.get(key) if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or document.get("apiVersion") not in ("v1", "apps/v1", "batch/v1"):
        continue
    try:
        expected = {key: value for key, value in pod_requests(spec).items()}
    except Exception:
        continue
    if document["kind"] == "Pod":
        document = {**document, "status": {}}
    report, _ = plan([document])
    rows = report["data"]["workloads"]
    got = {key: parse_quantity(value) for key, value in rows[0]["requests"].items()} if rows else None
    tally.equal(name, {key: str(value.normalize()) for key, value in sorted((got or {}).items())}, {key: str(decimal.Decimal(value).normalize()) for key, value in sorted(expected.items())})
tally.done()


def instance(seed):
    rng = random.Random(seed)
    cpu, memory = rng.choice([(2000, 8), (4000, 16), (8000, 32), (3920, 13), (15_000, 48)])
    kinds = []
    for _ in range(rng.randrange(3, 16)):
        kinds.append((rng.randrange(50, cpu * 6 // 10), rng.randrange(64, memory * 1024 * 6 // 10), rng.randrange(1, 7)))
    return cpu, memory * 1024, kinds


def proven(cpu, memory, kinds):
    """Fewer nodes than this hold no packing: the linear program over all fillings of a node, by column generation."""
    from ortools.linear_solver import pywraplp

    master = pywraplp.Solver.CreateSolver("GLOP")
    rows = [master.Constraint(count, master.infinity()) for _, _, count in kinds]

    def add(filling):
        column = master.NumVar(0, master.infinity(), "")
        master.Objective().SetCoefficient(column, 1)
        for row, amount in zip(rows, filling):
            row.SetCoefficient(column, amount)

    for at, (one, size, count) in enumerate(kinds):
        add([min(count, cpu // one, memory // size) if at == other else 0 for other in range(len(kinds))])
    pricing = pywraplp.Solver.CreateSolver("SCIP")
    amounts = [pricing.IntVar(0, count, "") for _, _, count in kinds]
    pricing.Add(sum(one * amount for (one, _, _), amount in zip(kinds, amounts)) <= cpu)
    pricing.Add(sum(size * amount for (_, size, _), amount in zip(kinds, amounts)) <= memory)
    bound = 1
    for _ in range(500):
        master.Solve()
        pricing.Maximize(sum(row.dual_value() * amount for row, amount in zip(rows, amounts)))
        pricing.Solve()
        # Farley's bound: the dual prices, scaled until no filling is worth more than a node.
        worth = max(1.0, pricing.Objective().Value())
        bound = max(bound, math.ceil(master.Objective().Value() / worth - 1e-6))
        if worth < 1 + 1e-6:
            break
        add([round(amount.solution_value()) for amount in amounts])
    return bound


def optimum(cpu, memory, kinds, ours, seconds):
    """The fewest nodes; where time runs out, what is proven."""
    from ortools.sat.python import cp_model

    bound = proven(cpu, memory, kinds)
    if bound >= ours:
        return bound
    # Is there a packing on one node less than ours?
    model = cp_model.CpModel()
    nodes = range(ours - 1)
    amounts = [[model.NewIntVar(0, count, "") for _ in nodes] for _, _, count in kinds]
    for (_, _, count), row in zip(kinds, amounts):
        model.Add(sum(row) == count)
    for node in nodes:
        model.Add(sum(one * row[node] for (one, _, _), row in zip(kinds, amounts)) <= cpu)
        model.Add(sum(size * row[node] for (_, size, _), row in zip(kinds, amounts)) <= memory)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_search_workers = 2
    solver.parameters.random_seed = 1
    return ours if solver.Solve(model) == cp_model.INFEASIBLE else bound


count, seconds = (4, 1) if SAMPLED else (240, 3)
tally = Tally(tool="docker_plan_capacity", peer="OR-Tools 9.11 (column generation by GLOP and SCIP, CP-SAT)", corpus="random instances of 3 to 15 kinds of pods: nodes within 5 % of the optimum in sum, no placement that does not fit", bars={"equal": 1})
ours_sum = theirs_sum = optimal = 0
ours_time = theirs_time = 0
for seed in range(count):
    cpu, memory, kinds = instance(seed)
    documents = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"w{at}"}, "spec": {"replicas": pods, "strategy": {"type": "Recreate"}, "template": {"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": f"{one}m", "memory": f"{size}Mi"}}}]}}}}
        for at, (one, size, pods) in enumerate(kinds)
    ]
    node = f"pool cpu={cpu}m memory={memory}Mi"
    report, micros = plan(documents, nodes=[node], scenario="steady", output={"maxFindings": 1})
    ours_time += micros
    found = report["data"]["pools"][0]
    ours = found["nodes"]
    started = time.perf_counter()
    theirs = optimum(cpu, memory, kinds, ours, seconds)
    theirs_time += time.perf_counter() - started
    ours_sum, theirs_sum, optimal = ours_sum + ours, theirs_sum + theirs, optimal + (ours == theirs)
    # The same number of given nodes, placed one by one: every node within its capacity, every pod somewhere.
    report, _ = plan(documents, nodes=[f"{node} count={ours}"], scenario="steady", output={"maxFindings": 1})
    rows = report["data"]["nodes"]
    placed = {f"Deployment w{at}": 0 for at in range(len(kinds))}
    fits = len(rows) == ours
    for row in rows:
        fits &= sum(kinds[int(name[12:])][0] * pods for name, pods in row["pods"].items()) <= cpu
        fits &= sum(kinds[int(name[12:])][1] * pods for name, pods in row["pods"].items()) <= memory
        for name, pods in row["pods"].items():
            placed[name] += pods
    pending = {one["object"]: one["pods"] for one in report["data"]["pending"]}
    fits &= all(placed[f"Deployment w{at}"] + pending.get(f"Deployment w{at}", 0) == pods for at, (_, _, pods) in enumerate(kinds))
    tally.equal(f"instance {seed}: fits, and not below the optimum", (fits, ours >= theirs), (True, True))
tally.equal(f"within 5 %: {ours_sum} nodes, optimum or proven bound {theirs_sum}, {optimal} of {count} equal", ours_sum <= theirs_sum * (1.2 if SAMPLED else 1.05), True)
tally.timing(f"{count} instances", ours_time / 1000, theirs_time * 1000)
tally.done()
print(f"  packing: {ours_sum} nodes against {theirs_sum}, {optimal} of {count} optimal", file=sys.stderr)
