"""Locks beside pip-audit with the same records, and pylock.toml beside packaging.

Records are those of PyPA's advisory database (pypa/advisory-database). Locks are requirements files with versions around every bound that a
record names, written in each of the six forms, and the locks that deptry's fixtures have. pylock.toml files are those that packaging's
tests make, accepted or not.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, once, pip, repo, run, sample

PIP_AUDIT = "2.10.1"
TOOL = "python_audit_lockfile"
PART = 150
HASH = "0123456789abcdef" * 4


def records_of(checkout):
    venv = pip("pyyaml==6.0.2")
    code = "import json, pathlib, sys, yaml\nfor path in sorted(pathlib.Path(sys.argv[1]).rglob('*.yaml')):\n    record = yaml.load(path.read_text(), Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))\n    print(json.dumps(record, default=lambda d: d.isoformat().replace('+00:00', 'Z')))\n"
    records = [json.loads(line) for line in run([str(venv / "bin/python"), "-c", code, str(checkout / "vulns")]).splitlines()]
    for record in records:
        for affected in record.get("affected", []):
            # As osv.dev writes names of PyPI.
            affected["package"]["name"] = re.sub(r"[-_.]+", "-", affected["package"]["name"]).lower()
    # Texts for people are long, and nobody compares them.
    return [{key: value for key, value in record.items() if key not in ("details", "references")} for record in records]


def pins_around(records, readable):
    """Versions at, beside and between the bounds of every record."""
    pins = {}
    for record in records:
        for affected in record.get("affected", []):
            name = affected["package"]["name"]
            texts = [text for span in affected.get("ranges", []) if span["type"] == "ECOSYSTEM" for event in span["events"] for text in event.values() if text != "0"]
            listed = affected.get("versions", [])
            texts += listed[:1] + listed[-1:] + listed[len(listed) // 2 : len(listed) // 2 + 1]
            for text in texts:
                pins.setdefault(name, set()).update({text, f"{text}.post1", f"{text}.1", "0.0.1", "99999"})
    names = sorted(pins)
    every = [(name, text) for name in names for text in sorted(pins[name])]
    return [pin for pin, ok in zip(every, readable([text for _, text in every])) if ok]


def written(kind, pins):
    """A lock of one kind with these pins; each package once."""
    if kind == "requirements.txt":
        return "".join(f"{name}=={version}\n" for name, version in pins)
    if kind == "Pipfile.lock":
        return json.dumps({"_meta": {}, "default": {name: {"version": f"=={version}", "hashes": [f"sha256:{HASH}"]} for name, version in pins}})
    if kind == "pylock.toml":
        rows = "".join(f'[[packages]]\nname = "{name}"\nversion = "{version}"\nsdist = {{url = "https://x/{name.replace("-", "_")}-{version}.tar.gz", hashes = {{sha256 = "{HASH}"}}}}\n' for name, version in pins)
        return 'lock-version = "1.0"\ncreated-by = "x"\n' + rows
    source = 'source = { registry = "https://pypi.org/simple" }\n' if kind == "uv.lock" else ""
    files = f'sdist = {{ url = "u", hash = "sha256:{HASH}" }}\n' if kind == "uv.lock" else f'files = [{{file = "f", hash = "sha256:{HASH}"}}]\n'
    return "version = 1\n" + "".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n{source}{files}' for name, version in pins)


def judge_pip_audit(checkout):
    records = once("advisories-of-pypa", checkout, lambda: records_of(checkout))
    venv = pip(f"pip-audit=={PIP_AUDIT}")
    def readable(texts):
        code = "import json, sys\nfrom packaging.version import Version\ndef ok(t):\n    try:\n        Version(t)\n        return True\n    except ValueError:\n        return False\nprint(json.dumps([ok(t) for t in json.load(sys.stdin)]))"
        return json.loads(run([str(venv / "bin/python"), "-c", code], input=json.dumps(texts)))

    # pip-audit ends at a bound that is no version.
    bounds = {record["id"]: [text for affected in record.get("affected", []) for span in affected.get("ranges", []) if span["type"] == "ECOSYSTEM" for event in span["events"] for text in event.values()] for record in records}
    known = sorted({text for texts in bounds.values() for text in texts})
    wrong = {text for text, ok in zip(known, readable(known)) if not ok}
    kept = [record for record in records if not wrong.intersection(bounds[record["id"]])]
    print(f"  {len(records) - len(kept)} records left out, which have bounds that pip-audit cannot read", file=sys.stderr)
    records = kept
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary, "records.jsonl")
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        peer = subprocess.Popen([str(venv / "bin/python"), "-W", "ignore", str(pathlib.Path(__file__).with_name("_audit_peer.py")), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def theirs(pins):
            peer.stdin.write(json.dumps(pins) + "\n")
            peer.stdin.flush()
            return json.loads(peer.stdout.readline())

        by_name = {}
        for record in records:
            for name in {affected["package"]["name"] for affected in record.get("affected", [])}:
                by_name.setdefault(name, []).append(record)
        pins = pins_around(records, readable)
        random.Random(7).shuffle(pins)
        pins = pins[: 300 if SAMPLED else 3000]
        kinds = ["requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"]
        tally = Tally(tool=TOOL, peer=f"pip-audit {PIP_AUDIT}: ids, aliases and mending versions", corpus=f"{len(pins)} pins around the bounds of {len(records)} records of pypa/advisory-database, in six kinds of locks", bars={"recall": 1, "precision": 1})
        slowest = (0, 0, "")
        # A lock has each name once: pins are dealt out so.
        parts = []
        for name, version in pins:
            part = next((part for part in parts if len(part) < PART and name not in part), None)
            if part is None:
                part = {}
                parts.append(part)
            part[name] = version
        for at, part in enumerate(sample(parts, 2)):
            part = sorted(part.items())
            kind = kinds[at % len(kinds)]
            sent = [record for name, _ in part for record in by_name.get(name, [])]
            unique = {record["id"]: record for record in sent}
            started = time.perf_counter()
            expected = theirs(part)
            spent = (time.perf_counter() - started) * 1000
            answer = call("audit_lockfile", {"files": [{"path": kind, "source": written(kind, part)}], "advisories": "\n".join(map(json.dumps, unique.values()))})
            if "error" in answer:
                raise RuntimeError(answer["error"])
            if answer["micros"] / 1000 > slowest[0]:
                slowest = (answer["micros"] / 1000, spent, f"{kind} with {len(part)} packages and {len(unique)} records (pip-audit in process, without network)")
            found = answer["report"]["data"].get("vulnerable", [])
            tell = lambda name, version, identity, aliases, fixed: f"{name} {version} {identity} {sorted(aliases)} {fixed}"
            ours = [tell(one["package"], one["version"], one["id"], one.get("aliases", []), one["fixed"]) for one in found]
            # pip-audit prints versions in their canonical form.
            versions = dict(part)
            tally.sets(f"{kind} {at}", ours, [tell(name, versions.get(name, version), identity, aliases, fixed) for name, version, identity, aliases, fixed in expected])
        tally.timing(slowest[2], slowest[0], slowest[1])
        tally.done()
        judge_bumps(by_name, pins[: 50 if SAMPLED else 800], venv)


def judge_bumps(by_name, pins, venv):
    """The smallest safe version by trying: the first fixed version above the pin that no record affects."""
    code = (
        "import importlib.util, json, sys\n"
        "sys.argv = ['x', sys.argv[1]]\n"
        "from packaging.version import Version\n"
        "source = open(sys.argv[1]).read().split('class Answer')[0]\n"
        "namespace = {}\n"
        "import types\n"
        "exec(source.split('records = {}')[0].split('from pip_audit._audit')[0] + 'def parsed' + source.split('def parsed')[1], namespace)\n"
        "for line in sys.stdin:\n"
        "    name, version, records = json.loads(line)\n"
        "    own = [a for r in records if not r.get('withdrawn') for a in r['affected'] if a['package']['name'] == name]\n"
        "    fixed = sorted({Version(e['fixed']) for a in own for s in a.get('ranges', []) if s['type'] == 'ECOSYSTEM' for e in s['events'] if 'fixed' in e})\n"
        "    current = Version(version)\n"
        "    safe = [f for f in fixed if f > current and (not f.is_prerelease or current.is_prerelease) and not any(namespace['affects'](a, f) for a in own)]\n"
        "    hit = any(namespace['affects'](a, current) for a in own)\n"
        "    print(json.dumps([hit, str(safe[0]) if safe else None]), flush=True)\n"
    )
    peer = subprocess.Popen([str(venv / "bin/python"), "-c", code, str(pathlib.Path(__file__).with_name("_audit_peer.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tally = Tally(tool=TOOL, peer="the smallest safe version, by trying every version that mends", corpus="the same pins, one a call", bars={"equal": 1})
    for name, version in pins:
        peer.stdin.write(json.dumps([name, version, by_name[name]]) + "\n")
        peer.stdin.flush()
        hit, safe = json.loads(peer.stdout.readline())
        answer = call("audit_lockfile", {"files": [{"path": "requirements.txt", "source": f"{name}=={version}\n"}], "advisories": json.dumps(by_name[name])})
        bumps = answer["report"]["data"].get("bumps", [])
        tally.equal(f"{name} {version}", [bool(bumps), bumps[0].get("to") if bumps else None], [hit, safe if hit else None])
    tally.done()


RECORDER = '''
import json, sys, tomli_w, pytest
from packaging import pylock
seen = []
whole = pylock.Pylock.from_dict.__func__
def from_dict(cls, d, /):
    said = None
    try:
        return whole(cls, d)
    except Exception as error:
        said = str(error)
        raise
    finally:
        try:
            seen.append([tomli_w.dumps(d), said])
        except Exception:
            pass
pylock.Pylock.from_dict = classmethod(from_dict)
pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]])
open(sys.argv[1], "w").write(json.dumps(seen))
'''


def pylock_files(checkout):
    venv = pip("pytest==8.3.3", "hypothesis==6.115.3", "pretend==1.0.9", "typing_extensions==4.12.2", "tomli_w==1.1.0", "tomli==2.0.2")
    with tempfile.TemporaryDirectory() as temporary:
        out = pathlib.Path(temporary, "seen.json")
        tests = [str(checkout / "tests" / f"test_{name}.py") for name in ("pylock", "pylock_select")]
        run([str(venv / "bin/python"), "-c", RECORDER, str(out), *tests], failing=True, cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONDONTWRITEBYTECODE": "1"})
        return json.loads(out.read_text())


def judge_pylock(checkout):
    seen = once("packaging-pylock", checkout, lambda: pylock_files(checkout))
    tally = Tally(tool=TOOL, peer="packaging's pylock tests: accepted or not", corpus="every file that packaging's tests of pylock read, as TOML", bars={"equal": 1})
    for text, said in sample({text: said for text, said in seen}.items(), 60):
        answer = call("audit_lockfile", {"files": [{"path": "pylock.toml", "source": text}]})
        wrong = [one["message"] for one in answer["report"]["findings"] if one["rule"] in ("PEP751", "unreadable")]
        tally.equal(f"{text[:400]!r} {said} {wrong}", bool(wrong), said is not None)
    tally.done()


database, packaging = repo("pypa/advisory-database"), repo("pypa/packaging")
if database:
    judge_pip_audit(database)
if packaging:
    judge_pylock(packaging)
