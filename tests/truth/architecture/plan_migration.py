"""Schedules against the optimum of OR-Tools, cuts of circles against minimum feedback arc sets, seams against minimum cuts.

Instances are made by a seeded generator: no corpus of migrations exists. Teams, people, lags, earliest starts and moves by
several teams at once are drawn as in the generators of resource-constrained project scheduling (order strength, resource
factor). A schedule is checked for feasibility here, from its starts alone.
"""

import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import KEPT, SAMPLED, pip

PEERS = ("ortools==9.11.4210", "networkx==3.3")
if "ortools" not in sys.modules and sys.prefix != str(pip(*PEERS)):
    sys.exit(subprocess.run([str(pip(*PEERS) / "bin" / "python"), *sys.argv]).returncode)

import json
import math

import networkx
from lib import Tally, call
from ortools.sat.python import cp_model

SCHEDULES = 24 if SAMPLED else 240
GRAPHS = 60 if SAMPLED else 400


def project(dice):
    """Moves with days, needs by team, what they follow with lags, and earliest starts."""
    teams = [dice.randint(1, 5) for _ in range(dice.randint(1, 4))]
    count = dice.randint(8, 16 if SAMPLED else 26)
    jobs = []
    for at in range(count):
        chosen = dice.sample(range(len(teams)), min(len(teams), dice.choice([1, 1, 1, 2])))
        needs = {team: dice.randint(1, teams[team]) for team in chosen}
        after = [other for other in range(max(0, at - 8), at) if dice.random() < dice.choice([0.1, 0.3])]
        jobs.append(
            {
                "days": dice.randint(1, 10),
                "needs": needs,
                "after": {other: dice.choice([0, 0, 0, 1, 3]) for other in after},
                "release": dice.choice([0, 0, 0, 0, dice.randint(1, 12)]),
            }
        )
    return teams, jobs


def model_of(teams, jobs):
    """The tool's model: a component a team, those of one move together."""
    components, together, before = [], [], []
    for at, job in enumerate(jobs):
        parts = []
        for team, people in job["needs"].items():
            part = f"m{at}-{team}"
            parts.append(part)
            # Every move is a service of its own, so that nothing but the constraints orders them.
            components.append(
                {"id": part, "target": f"s{at}", "team": f"t{team}", "people": people, "effort": people * job["days"], "notBefore": job["release"]}
            )
        together.append(parts)
    for at, job in enumerate(jobs):
        for other, lag in job["after"].items():
            before.append({"first": together[other][0], "then": together[at][0], "lagDays": lag})
    return {
        "teams": [{"id": f"t{at}", "capacity": capacity} for at, capacity in enumerate(teams)],
        "components": components,
        "together": [parts for parts in together if len(parts) > 1],
        "before": before,
    }


def optimum(teams, jobs):
    """The least end that is known, and the bound below which there is none: the same where the optimum is proved."""
    model = cp_model.CpModel()
    horizon = sum(job["days"] for job in jobs) + sum(sum(job["after"].values()) for job in jobs) + 20
    starts = [model.new_int_var(job["release"], horizon, "") for job in jobs]
    bars = [model.new_fixed_size_interval_var(start, job["days"], "") for start, job in zip(starts, jobs)]
    end = model.new_int_var(0, horizon + 10, "")
    for start, job in zip(starts, jobs):
        model.add(end >= start + job["days"])
        for other, lag in job["after"].items():
            model.add(start >= starts[other] + jobs[other]["days"] + lag)
    for team, capacity in enumerate(teams):
        mine = [(bar, job["needs"][team]) for bar, job in zip(bars, jobs) if team in job["needs"]]
        model.add_cumulative([bar for bar, _ in mine], [need for _, need in mine], capacity)
    model.minimize(end)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 20
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    best = solver.value(end)
    return best, best if status == cp_model.OPTIMAL else math.ceil(solver.best_objective_bound)


def feasible(teams, jobs, starts):
    """Whether starts keep every constraint, in hundredths of a day."""
    ends = [start + 100 * job["days"] for start, job in zip(starts, jobs)]
    for at, job in enumerate(jobs):
        if starts[at] < 100 * job["release"]:
            return False
        if any(starts[at] < ends[other] + 100 * lag for other, lag in job["after"].items()):
            return False
    for team, capacity in enumerate(teams):
        for moment in starts:
            used = sum(job["needs"].get(team, 0) for job, start, end in zip(jobs, starts, ends) if start <= moment < end)
            if used > capacity:
                return False
    return True


about = {"tool": "architecture_plan_migration"}
feasible_all = Tally(**about, peer="its own constraints (every schedule is feasible)", corpus=f"{SCHEDULES} random projects of 8-26 moves", bars={"equal": 1})
near = Tally(**about, peer="OR-Tools 9.11 CP-SAT (at most 1.05 times the optimum, where that is proved)", corpus=f"{SCHEDULES} random projects of 8-26 moves", bars={"equal": 1})
exact = Tally(**about, peer="OR-Tools 9.11 CP-SAT (equal to the optimum)", corpus=f"{SCHEDULES} random projects of 8-26 moves", bars={"equal": 0.9})
honest = Tally(**about, peer="OR-Tools 9.11 CP-SAT (lower bound and isOptimal are true)", corpus="the same", bars={"equal": 1})
dice = random.Random(20261129)
kept = KEPT / "architecture" / "optima.json"
optima = json.loads(kept.read_text()) if kept.exists() else {}
worst, largest = 0, None
for number in range(SCHEDULES):
    teams, jobs = project(dice)
    name = f"project {number}: {len(jobs)} moves, {len(teams)} teams"
    key = json.dumps([teams, jobs])
    before = time.perf_counter()
    if key not in optima:
        optima[key] = (*optimum(teams, jobs), 1000 * (time.perf_counter() - before))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(optima))
    best, least, millis = optima[key]
    answer = call("plan_migration", {"source": json.dumps(model_of(teams, jobs)), "output": {"maxFindings": 1000}})
    data = answer["report"]["data"]
    by_member = {member: step for step in data["steps"] for member in step.get("members") or [step["id"]]}
    steps = [by_member[f"m{at}-{next(iter(job['needs']))}"] for at, job in enumerate(jobs)]
    starts = [round(100 * step["start"]) for step in steps]
    days = data["schedule"]["days"]
    whole = all(step["days"] == job["days"] for step, job in zip(steps, jobs))
    is_feasible = whole and feasible(teams, jobs, starts) and max(step["end"] for step in steps) == days
    feasible_all.equal(name, is_feasible, True)
    # Where CP-SAT proves no optimum in time there is nothing to compare with, except that its best is no better.
    if least == best:
        worst = max(worst, days / best)
        near.equal(name, days <= best * 1.05 + 1e-9, True)
        exact.equal(name, days, float(best))
    bound = data["schedule"]["lowerBound"]
    honest.equal(name, (bound <= best + 1e-9, data["schedule"]["isOptimal"] and days > best), (True, False))
    if largest is None or len(jobs) > largest[0]:
        largest = (len(jobs), answer["micros"] / 1000, millis)
near.timing(f"{largest[0]} moves (worst end {worst:.4f} times the optimum)", largest[1], largest[2])
for tally in (feasible_all, near, exact, honest):
    tally.done()


def feedback(count, edges):
    """The least weight whose removal leaves no circle, by an order of the nodes."""
    model = cp_model.CpModel()
    rank = [model.new_int_var(0, count - 1, "") for _ in range(count)]
    cut = []
    for (a, b), weight in edges.items():
        out = model.new_bool_var("")
        model.add(rank[a] + 1 <= rank[b]).only_enforce_if(out.negated())
        cut.append(weight * out)
    model.minimize(sum(cut))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


sets = Tally(**about, peer="OR-Tools 9.11 CP-SAT (minimum feedback arc set), networkx 3.3 (no circle is left)", corpus=f"{GRAPHS} random graphs of 3-16 components", bars={"equal": 1})
seams = Tally(**about, peer="networkx 3.3 minimum_cut_value", corpus=f"{GRAPHS} random graphs with two targets", bars={"equal": 1})
for number in range(GRAPHS):
    count = dice.randint(3, 10 if SAMPLED else 16)
    edges = {}
    for _ in range(dice.randint(count, 3 * count)):
        a, b = dice.sample(range(count), 2)
        edges[a, b] = dice.randint(1, 5)
    links = [{"from": f"c{a}", "to": f"c{b}", "calls": weight} for (a, b), weight in edges.items()]
    components = [{"id": f"c{at}", "target": f"s{at}", "effort": 1} for at in range(count)]
    data = call("plan_migration", {"source": json.dumps({"components": components, "links": links})})["report"]["data"]
    left = networkx.DiGraph(edges.keys())
    left.remove_edges_from((int(edge["from"][1:]), int(edge["to"][1:])) for edge in data["cut"]["edges"])
    weight = sum(edge["calls"] for edge in data["cut"]["edges"])
    ours = (data["cut"]["calls"], weight, data["cut"]["method"], networkx.is_directed_acyclic_graph(left))
    least = feedback(count, edges)
    sets.equal(f"graph {number}: {count} components, {len(edges)} links", ours, (least, least, "exact", True))

    for component in components:
        del component["target"]
    components[0]["target"], components[1]["target"] = "left", "right"
    data = call("plan_migration", {"source": json.dumps({"components": components, "links": links})})["report"]["data"]
    net = networkx.Graph()
    net.add_nodes_from(range(count))
    for (a, b), weight in edges.items():
        net.add_edge(a, b, capacity=weight + (net.edges[a, b]["capacity"] if net.has_edge(a, b) else 0))
    seams.equal(f"graph {number}", data["crossing"], networkx.minimum_cut_value(net, 0, 1))
sets.done()
seams.done()
