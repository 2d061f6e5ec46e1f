"""Patches against `git apply`: the same hunks accepted and the same text made, on commits of public repositories, whole, damaged and shifted."""

import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, repo

REPOS = ["rohaquinlop/complexipy", "FairwindsOps/pluto", "npm/node-semver", "terryyin/lizard", "jendrikseipp/vulture", "controlplaneio/kubesec"]
# Commits of each repository, every so many of its history.
COMMITS = 6 if SAMPLED else 40
GIT = ["git", "-c", "core.quotepath=on", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]


def git(folder, *words):
    return subprocess.run([*GIT, "-C", str(folder), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def text_of(raw):
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def paths_of(patch):
    found = []
    for line in patch.split("\n"):
        match = re.match(r'(?:--- |\+\+\+ |rename from |rename to |copy from )"?(?:[ab]/)?([^"\t]+)', line)
        if match and match[1] != "/dev/null" and match[1] not in found:
            found.append(match[1])
    return found


def cases():
    """Patches with the files they change: as committed, then damaged in one of six ways each, the same ones in every run."""
    dice = random.Random(5)
    for name in REPOS[:1] if SAMPLED else REPOS:
        folder = repo(name)
        if folder is None:
            continue
        commits = [line.split()[0] for line in git(folder, "log", "--no-merges", "--format=%H %P").decode().splitlines() if len(line.split()) == 2]
        for commit in commits[:: max(1, len(commits) // COMMITS)][:COMMITS]:
            patch = text_of(git(folder, "show", "--format=", "--no-color", commit))
            if not patch or len(patch) > 300_000 or "\r" in patch:
                continue
            before = {}
            for path in paths_of(patch):
                raw = subprocess.run([*GIT, "-C", str(folder), "show", f"{commit}^:{path}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                text = text_of(raw.stdout)
                if raw.returncode == 0 and text is not None:
                    before[path] = text
            yield f"{name} {commit[:8]}", patch, before
            if before:
                yield from damaged(f"{name} {commit[:8]}", patch, before, dice)


def damaged(name, patch, before, dice):
    lines = patch.split("\n")
    path = dice.choice(sorted(before))
    rows = before[path].split("\n")
    at = dice.randrange(len(rows) + 1)
    yield f"{name} shifted", patch, {**before, path: "\n".join(["// added line"] * dice.randint(1, 9) + rows)}
    yield f"{name} inserted", patch, {**before, path: "\n".join([*rows[:at], "something else", *rows[at:]])}
    yield f"{name} doubled", patch, {**before, path: "\n".join([*rows, *rows])}
    yield f"{name} cut file", patch, {**before, path: "\n".join(rows[:at])}
    hunks = [at for at, line in enumerate(lines) if line.startswith("@@ -")]
    if hunks:
        start = dice.choice(hunks)
        inner = [at for at in range(start + 1, min(start + 30, len(lines))) if lines[at][:1] in (" ", "+", "-")]
        if inner:
            at = dice.choice(inner)
            how = dice.randrange(4)
            changed = list(lines)
            if how == 0:
                del changed[at]
            elif how == 1:
                changed[at] = dice.choice(" +-x") + changed[at][1:]
            elif how == 2:
                changed[at] = changed[at] + " "
            else:
                changed.insert(at, "+inserted")
            yield f"{name} changed {how}", "\n".join(changed), before
        renumbered = re.sub(r"\+(\d+)", lambda match: f"+{int(match[1]) + dice.randint(1, 40)}", lines[start].split(" @@")[0])
        yield f"{name} renumbered", "\n".join([*lines[:start], renumbered + " @@" + lines[start].split(" @@", 1)[1], *lines[start + 1 :]]), before
        yield f"{name} cut", "\n".join(lines[: dice.randrange(start, len(lines))]) + "\n", before


def write(folder, before):
    for path, text in before.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def theirs_of(patch, before):
    """Whether the whole applies, each hunk's fate by its patch alone, and the files after."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write(folder, before)
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent), "LC_ALL": "C"}
        started = time.perf_counter()
        done = subprocess.run([*GIT, "apply", "--whitespace=nowarn", "-"], input=patch.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment)
        took = (time.perf_counter() - started) * 1000
        after = {}
        for path in folder.rglob("*"):
            if path.is_file():
                after[str(path.relative_to(folder))] = path.read_bytes().decode("utf-8", errors="replace")
        rejected = None
        if done.returncode:
            again = subprocess.run([*GIT, "apply", "--reject", "--verbose", "--whitespace=nowarn", "-"], input=patch.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment)
            text = again.stderr.decode("utf-8", errors="replace")
            # Only where git could read it and every file is there does it try each hunk.
            if "Applying patch" in text and not re.search(r"^error: (?!patch failed|while searching|.*patch does not apply|.*does not match)", text, re.M):
                rejected = len(re.findall(r"^Rejected hunk", text, re.M))
        return done.returncode == 0, rejected, after, took, done.stderr.decode("utf-8", errors="replace")[:200]


tally = Tally(
    tool="quality_review_patch",
    peer=f"{subprocess.run(['git', '--version'], stdout=subprocess.PIPE, text=True).stdout.strip()} apply (whether it applies, how many hunks are rejected, the files after)",
    corpus="commits of public repositories: as they are, and shifted, doubled, cut, renumbered and damaged",
    bars={"equal": 1},
)
largest = (0, "", 0, 0)
accepted = 0
for name, patch, before in cases():
    # Modes, symbolic links and binaries are not the tool's.
    if re.search(r"^(GIT binary patch|Binary files|(?:new file|deleted file|old|new) mode 1[26])", patch, re.M):
        continue
    applies, rejected, after, took, errors = theirs_of(patch, before)
    answer = call("review_patch", {"patch": patch, "files": [{"path": path, "source": text} for path, text in before.items()], "apply": True, "output": {"maxTokens": 20000, "maxFindings": 1000}})
    if "report" not in answer:
        tally.equal(name, "no report", applies)
        continue
    data = answer["report"]["data"]
    mine = data["applies"] == "yes"
    fates = [hunk["status"] for file in data["files"] for hunk in file["hunks"]]
    if data["applies"] == "unchecked" and not applies:
        # A file that is neither given nor created: git says that it does not exist, and we that we do not know.
        mine = False
    ours = {"applies": mine}
    theirs = {"applies": applies}
    if applies and mine:
        accepted += 1
        made = {row["path"]: row["source"] for row in data.get("patched", [])}
        ours["after"] = [path for path, text in after.items() if made.get(path, before.get(path)) != text]
        theirs["after"] = []
    elif rejected is not None and not mine and not any(one["rule"] in ("patch-syntax", "file-mismatch") for one in answer["report"]["findings"]):
        ours["rejected"] = fates.count("rejected")
        theirs["rejected"] = rejected
    tally.equal(f"{name}: {errors!r}" if ours != theirs else name, ours, theirs)
    if len(patch) > largest[0]:
        largest = (len(patch), name, answer["micros"] / 1000, took)
if largest[0]:
    tally.timing(f"{largest[1]}, {largest[0]} bytes", largest[2], largest[3])
    tally.done()
    print(f"  {accepted} patches apply", file=sys.stderr)
