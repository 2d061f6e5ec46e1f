"""Compose to Kubernetes: objects against those that kompose's own tests expect."""

import json
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import Tally, call, pip, repo, sample

VENV = pip("PyYAML==6.0.2")
sys.path.insert(0, str(next(VENV.glob("lib/python*/site-packages"))))
import yaml  # noqa: E402

# Options of kompose that the tool has, and how they are called there; a case with another one is left out and counted.
OPTIONS = {"--volumes": "volumes", "--controller": "controller", "-n": "namespace", "--namespace": "namespace"}
IGNORED = {"convert", "--stdout", "--with-kompose-annotation=false", "kompose", "-j", "-o"}


def cases(folder):
    """(name, compose files, arguments, expected file) of every conversion to Kubernetes whose output is compared; and those left out."""
    text = (folder / "script/test/cmd/tests.sh").read_text()
    text = re.sub(r"\$\{?KOMPOSE_ROOT\}?", str(folder), text)
    found, left_out, directory, command = [], [], "", None
    for line in text.splitlines():
        if match := re.match(r'\s*DIR="(.*)"', line):
            directory = match[1]
        elif match := re.match(r'\s*k8s_cmd="(.*)"', line):
            command = match[1].replace("$DIR", directory)
        elif (match := re.match(r'\s*k8s_output="(.*)"', line)) and command:
            expected = pathlib.Path(match[1].replace("$DIR", directory))
            words, files, arguments, unknown = command.split(), [], {}, None
            at = 0
            while at < len(words):
                word = words[at]
                key, _, value = word.partition("=")
                if word == "-f":
                    files.append(pathlib.Path(words[at + 1]))
                    at += 1
                elif word in IGNORED:
                    pass
                elif key in OPTIONS:
                    if not value:
                        value = words[at + 1]
                        at += 1
                    arguments[OPTIONS[key]] = value
                elif word == "--generate-network-policies":
                    arguments["networkPolicies"] = True
                elif word == "--emptyvols":
                    arguments["volumes"] = "emptyDir"
                elif key in ("--profile",):
                    if not value:
                        value = words[at + 1]
                        at += 1
                    arguments.setdefault("profiles", []).append(value)
                else:
                    unknown = word
                at += 1
            files = [folder / path for path in files]
            expected = folder / expected
            name = str(expected.relative_to(folder / "script/test/fixtures"))
            if unknown or not expected.exists() or not files:
                left_out.append(f"{name} ({unknown or 'no file'})")
            else:
                found.append((name, files, arguments, expected))
            command = None
    return found, left_out


def plain(value):
    """An object without what says nothing, as a text."""
    def clean(one):
        if isinstance(one, dict):
            # kompose hands a shell's line to the kernel as one word, which no container can run; we hand it to a shell.
            if isinstance(command := one.get("command"), list) and command[:2] == ["sh", "-c"] and list(one) == ["command"]:
                one = {"command": command[2:]}
            kept = {key: clean(inner) for key, inner in one.items() if key not in {"status", "creationTimestamp"}}
            return {key: inner for key, inner in kept.items() if inner not in ({}, [], None, "", 0) or key == "replicas"}
        if isinstance(one, list):
            return [clean(inner) for inner in one]
        if isinstance(one, str) and (match := re.fullmatch(r"(\d+)e(\d+)", one)):
            return str(int(match[1]) * 10 ** int(match[2]))  # a quantity, as 10e3
        return str(one) if isinstance(one, (int, float)) and not isinstance(one, bool) else one
    return json.dumps(clean(value), sort_keys=True)


REASONS = {
    "configmap-volume/": "the file is binary, and the call takes texts",
    "single-file-output/output-k8s.yaml": "kompose calls a Service `front_end`, which Kubernetes refuses",
    "configmap-file-configs/output-k8s-3.yaml": "kompose looks at /tmp of the machine it runs on",
}


def explain(side, item, name):
    return next((reason for start, reason in REASONS.items() if name.startswith(start)), None)


folder = repo("kubernetes/kompose")
if folder:
    found, left_out = cases(folder)
    for name in left_out:
        print(f"  left out: {name}", file=sys.stderr)
    tally = Tally(
        tool="docker_convert_compose",
        peer="kompose 1.37 (objects that its tests expect, each equal as a whole)",
        corpus=f"kompose's fixtures, {len(found)} cases ({len(left_out)} with options the tool has not)",
        bars={"recall": 0.95, "precision": 0.95},
        explain=explain,
    )
    largest = (0, "", 0.0)
    for name, composes, arguments, expected in sample(found, 12):
        base = composes[0].parent
        files = []
        for path in sorted(base.rglob("*")):
            if path.is_file() and path.stat().st_size < 100_000 and len(files) < 100:
                try:
                    files.append({"path": str(path.relative_to(base)), "source": path.read_text(encoding="utf-8")})
                except UnicodeDecodeError:
                    continue
        mains = []
        for path in composes:
            inner = pathlib.PurePosixPath(path.resolve().relative_to(base.resolve()) if path.resolve().is_relative_to(base.resolve()) else path.name)
            mains.append(str(inner))
            if not any(one["path"] == str(inner) for one in files):
                files.append({"path": str(inner), "source": path.read_text()})
        answer = call("convert_compose", {"files": files, "compose": mains, "env": ["COMPOSE_PROJECT_NAME=" + re.sub(r"[^a-z0-9_-]", "", base.name.lower())], **arguments, "output": {"maxTokens": 20000}})
        text = answer.get("report", {}).get("data", {}).get("manifests") or ""
        ours = [plain(one) for one in yaml.safe_load_all(text) if one]
        theirs = []
        for one in yaml.safe_load_all(expected.read_text()):
            theirs.extend(one["items"] if one and one.get("kind") == "List" else [one] if one else [])
        tally.sets(name, ours, [plain(one) for one in theirs])
        if len(text) > largest[0]:
            largest = (len(text), name, answer["micros"] / 1000)
    tally.timing(f"largest output, {largest[1]}, {largest[0]} bytes (kompose has no program here)", largest[2], 0)
    tally.done()
