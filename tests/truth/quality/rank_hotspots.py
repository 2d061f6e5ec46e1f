"""Hotspots against PyDriller's process metrics, and against code-maat's definitions computed here by themselves, on repositories."""

import collections
import datetime
import json
import math
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, run

VENV = pip("pydriller==2.8")
REPOS = ["rohaquinlop/complexipy", "FairwindsOps/pluto", "controlplaneio/kubesec", "jendrikseipp/vulture", "npm/node-semver", "terryyin/lizard"]
# The newest commits that are compared: PyDriller takes a second for some dozens.
COMMITS = 40 if SAMPLED else 400

METRICS = r"""
import json, sys
from pydriller.metrics.process.change_set import ChangeSet
from pydriller.metrics.process.code_churn import CodeChurn
from pydriller.metrics.process.commits_count import CommitsCount
from pydriller.metrics.process.contributors_count import ContributorsCount
from pydriller.metrics.process.contributors_experience import ContributorsExperience
from pydriller.metrics.process.lines_count import LinesCount
path, first, last = sys.argv[1:4]
given = dict(path_to_repo=path, from_commit=first, to_commit=last)
lines, authors = LinesCount(**given), ContributorsCount(**given)
churn = CodeChurn(**given)
answer = {"commits": CommitsCount(**given).count(), "added": lines.count_added(), "removed": lines.count_removed(), "churn": churn.count(),
          "authors": authors.count(), "minor": authors.count_minor(), "experience": ContributorsExperience(**given).count(), "set": ChangeSet(**given).max()}
json.dump({name: {str(path): value for path, value in table.items()} if isinstance(table, dict) else table for name, table in answer.items()}, sys.stdout)
"""


def git(folder, *words):
    return subprocess.run(["git", "-C", str(folder), *words], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", errors="replace")


def ours_of(log):
    answer = call("rank_hotspots", {"log": log, "top": 5000, "output": {"maxTokens": 20000}})
    if "report" not in answer:
        raise RuntimeError(str(answer)[:300])
    return answer["report"]["data"], answer["micros"] / 1000


def runs(folder):
    """Stretches of history without a merge, the longest first."""
    best, found = [], []
    for line in git(folder, "log", "--first-parent", "--format=%H %P").splitlines():
        commit, *parents = line.split()
        if len(parents) == 1:
            found.append(commit)
        else:
            best.append(found)
            found = []
    best.append(found)
    longest = max(best, key=len)
    return longest[:COMMITS]


def explain(item, name):
    if name.split(" ", 1)[1] in gone:
        return "a deleted file has no path for PyDriller, and comes back as a new one"
    if item["ours"][1:3] == [0, 0] and item["theirs"][4] is None:
        return "a file of which no line changes has no contributors for PyDriller"
    return None


gone = set()
process = Tally(
    tool="quality_rank_hotspots",
    peer="PyDriller 2.8 (commits, lines added and removed, contributors, minor ones, experience, change set of each file)",
    corpus=f"stretches of up to {COMMITS} commits of public repositories",
    bars={"equal": 0.99},
    explain=lambda side, item, name: explain(item, name),
)
maat = Tally(
    tool="quality_rank_hotspots",
    peer="code-maat's definitions (revisions, coupling, age, main developer, fragmentation), computed by the script from its own reading",
    corpus="whole histories of public repositories, in code-maat's format git2",
    bars={"equal": 1},
)


def against_pydriller(name, folder):
    commits = runs(folder)
    if len(commits) < 5:
        return
    last, first = commits[0], commits[-1]
    span = [f"{first}^..{last}"] if git(folder, "log", "-1", "--format=%P", first).strip() else [last]
    log = git(folder, "-c", "core.quotepath=off", "log", "--numstat", "--date=short", *span)
    deleted = git(folder, "-c", "core.quotepath=off", "log", "--diff-filter=D", "--name-only", "--format=", *span)
    gone.update(line for line in deleted.splitlines() if line)
    data, micros = ours_of(log)
    started = time.perf_counter()
    theirs = json.loads(run([str(VENV / "bin" / "python"), "-c", METRICS, str(folder), first, last]))
    process.timing(f"{name}, {len(commits)} commits", micros, (time.perf_counter() - started) * 1000)
    for row in data["hotspots"]:
        path = row["path"]
        if path not in theirs["commits"] and path in gone:
            continue
        ours = [row["revisions"], row["added"], row["deleted"], row["added"] - row["deleted"], row["authors"], row["minorAuthors"], row["experience"]]
        other = [theirs[key].get(path) for key in ("commits", "added", "removed", "churn", "authors", "minor", "experience")]
        process.equal(f"{name} {path}", ours, other)
    process.equal(f"{name} (largest change set)", max(row["maxChangeSet"] for row in data["hotspots"]), theirs["set"])


def against_code_maat(name, folder):
    log = git(folder, "-c", "core.quotepath=off", "log", "--numstat", "--date=short", "--pretty=format:--%h--%ad--%aN", "--no-renames", *(["-300"] if SAMPLED else ["-8000"]))
    data, micros = ours_of(log)
    # Read here by itself: one list of (author, date, [(path, added)]) a commit.
    commits = []
    for line in log.splitlines():
        if line.startswith("--"):
            _, _, date, author = line.split("--", 3) if line.count("--") >= 3 else (None, None, None, None)
            commits.append((author, date, []))
        elif line.count("\t") >= 2:
            added, deleted, path = line.split("\t", 2)
            commits[-1][2].append((path, 0 if added == "-" else int(added)))
    revisions, pairs, module = collections.Counter(), collections.Counter(), collections.Counter()
    own, last, by_revisions = collections.defaultdict(collections.Counter), {}, collections.defaultdict(collections.Counter)
    for author, date, changes in commits:
        paths = sorted({path for path, _ in changes})
        revisions.update(paths)
        for path, added in changes:
            own[path][author] += added
        for path in paths:
            by_revisions[path][author] += 1
            last[path] = max(last.get(path, ""), date)
        if len(paths) <= 30:
            module.update(paths)
            pairs.update((one, other) for at, one in enumerate(paths) for other in paths[at + 1 :])
    coupled = {}
    for (one, other), shared in pairs.items():
        average = (module[one] + module[other]) / 2
        degree = math.floor(100 * shared / average + 1e-9)
        if average >= 5 and shared >= 5 and degree >= 30:
            coupled[f"{one} + {other}"] = [degree, shared, math.ceil(average)]
    ours = {f"{row['first']} + {row['second']}": [row["degree"], row["shared"], row["averageRevisions"]] for row in data["coupling"]}
    for pair in sorted(ours.keys() | coupled.keys()) if len(coupled) <= 5000 else sorted(ours):
        maat.equal(f"{name} {pair}", ours.get(pair), coupled.get(pair))
    newest = datetime.date.fromisoformat(max(date for _, date, _ in commits))
    for row in data["hotspots"]:
        path = row["path"]
        day = datetime.date.fromisoformat(last[path])
        months = (newest.year - day.year) * 12 + newest.month - day.month - (newest.day < day.day)
        most = max(own[path].values())
        total = sum(own[path].values())
        fractal = 1 - sum((count / revisions[path]) ** 2 for count in by_revisions[path].values())
        theirs = [revisions[path], months, len(own[path]), round(100 * most / total, 2) if total else 0, round(fractal, 2)]
        mine = [row["revisions"], row["ageMonths"], row["authors"], row["ownership"], row["fragmentation"]]
        close = len(mine) == len(theirs) and all(abs(one - other) < 0.011 for one, other in zip(mine, theirs)) and (most == 0 or own[path][row["mainAuthor"]] == most)
        maat.equal(f"{name} {path}", True if close else mine, True if close else theirs)


found = [(name, folder) for name in (REPOS[:2] if SAMPLED else REPOS) if (folder := repo(name))]
for name, folder in found:
    against_pydriller(name, folder)
    against_code_maat(name, folder)
if found:
    process.done()
    maat.done()
