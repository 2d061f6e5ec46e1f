"""Imports against declared dependencies beside deptry; manifests beside packaging (its own tests) and validate-pyproject.

Corpora: deptry's fixture projects and source distributions, each as deptry finds it in an environment with known packages; every
question that packaging's tests ask of versions, specifiers, markers, requirements and licences; validate-pyproject's examples and the
pyproject.toml of source distributions.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, once, pip, repo, run, sample, sdist

DEPTRY = "0.25.1"
# What is installed beside deptry decides what is transitive.
INSTALLED = ["arrow==1.3.0", "isort==5.13.2", "requests==2.32.3", "urllib3==2.2.3", "toml==0.10.2", "pyyaml==6.0.2", "attrs==24.2.0", "markupsafe==3.0.2", "python-dateutil==2.9.0.post0", "idna==3.10"]
# How deptry's own tests call it, and as a user would.
FIXTURES = [
    ("example", ["."]), ("namespace", ["."]), ("namespace", [".", "--experimental-namespace-package"]), ("pdm", ["."]), ("pep_621", ["."]), ("poetry", ["."]),
    ("poetry_pep_621", ["."]), ("requirements_in", ["."]), ("requirements_txt", ["."]), ("setuptools_dynamic_dependencies", ["."]), ("src_directory", ["src"]), ("src_directory", ["."]),
    ("uv", ["."]), ("without_deptry_option", ["."]), ("inline_ignores", ["."]), ("gitignore", ["."]), ("deprecated_options", ["."]),
    ("multiple_source_directories", ["src", "worker"]), ("multiple_source_directories", ["."]),
    ("pyproject_different_directory", ["src", "--config", "a_sub_directory/pyproject.toml"]),
]
SDISTS = [
    "requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "rich==13.9.2", "httpx==0.27.2", "pytest==8.3.3", "black==24.10.0", "werkzeug==3.0.4",
    "starlette==0.40.0", "fastapi==0.115.2", "pydantic==2.9.2", "sqlalchemy==2.0.36", "tornado==6.4.1", "celery==5.4.0", "networkx==3.4.1", "uvicorn==0.32.0", "poetry==1.8.4", "poetry_core==1.9.1",
    "typer==0.12.5", "hatchling==1.25.0", "tox==4.23.0", "virtualenv==20.27.0", "mkdocs==1.6.1", "pip_tools==7.4.1", "pipdeptree==2.23.4", "twine==5.1.1", "build==1.2.2", "isort==5.13.2",
]
NAMED = re.compile(r"`([^`]+)`")


def environment(venv):
    """What is installed there, as deptry sees it."""
    snippet = (
        "import importlib.metadata as m, json, sys, logging\nlogging.disable(50)\nfrom pathlib import Path\nfrom deptry.dependency import Dependency\n"
        "print(json.dumps({d.metadata['Name']: sorted(Dependency(d.metadata['Name'], Path('x')).top_levels) for d in m.distributions()}))"
    )
    found = json.loads(run([str(venv / "bin/python"), "-c", snippet]))
    return [f"{name}={','.join(modules)}" for name, modules in sorted(found.items())]


def listed(folder):
    """The files that a checkout would have: what is ignored does not exist for deptry."""
    configured = folder / "pyproject.toml"
    if configured.exists() and re.search(r"(?m)^exclude\s*=", configured.read_text(encoding="utf-8")):
        # With excludes of its own a project has deptry look at everything.
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and ".git/" not in path.as_posix())
    output = run(["git", "-C", str(folder), "ls-files", "-co", "--exclude-per-directory=.gitignore", "-z"])
    # Files named by .ignore are found by neither.
    ignored = set(run(["git", "-C", str(folder), "ls-files", "-coi", "--exclude-per-directory=.ignore", "-z"], failing=True).split("\0"))
    return sorted(path for path in output.split("\0") if path and path not in ignored)


def files_of(folder):
    for path in listed(folder):
        name = pathlib.PurePath(path).name
        if not (name.endswith((".py", ".ipynb", ".txt", ".in")) or name in ("pyproject.toml", "setup.cfg")):
            continue
        target = folder / path
        if target.is_file() and target.stat().st_size <= 1024 * 1024:
            try:
                yield {"path": path, "source": target.read_bytes().decode("utf-8")}
            except UnicodeDecodeError:
                continue


def file_of(path):
    # Deptry names the requirements file that includes another, we the one with the line.
    path = pathlib.PurePath(path).as_posix()
    return "requirements" if path.endswith((".txt", ".in")) else path


def deptry(venv, folder, arguments):
    out = folder / ".deptry.json"
    started = time.perf_counter()
    done = subprocess.run([str(venv / "bin/deptry"), *arguments, "--json-output", str(out)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})
    spent = (time.perf_counter() - started) * 1000
    if done.returncode not in (0, 1) or not out.exists():
        return None, spent
    found = []
    for one in json.loads(out.read_text()):
        code, place = one["error"]["code"], one["location"]
        at = "" if code in ("DEP002", "DEP005") else f"{place['line']}:{place['column']}"
        found.append(f"{code} {one['module']} {file_of(place['file'])} {at}")
    out.unlink()
    return found, spent


def ours(files, roots, installed):
    answer = call("check_dependencies", {"files": files, "roots": roots, "installed": installed})
    if "error" in answer:
        raise RuntimeError(answer["error"])
    found = []
    for one in answer["report"]["findings"]:
        if not one["rule"].startswith("DEP"):
            continue
        start = one["range"]["start"]
        at = "" if one["rule"] in ("DEP002", "DEP005") else f"{start['line']}:{start['column']}"
        found.append(f"{one['rule']} {NAMED.search(one['message'])[1]} {file_of(one['path'])} {at}")
    return found, answer["micros"] / 1000


def judge_deptry():
    venv = pip(f"deptry=={DEPTRY}", *INSTALLED)
    installed = environment(venv)
    slowest = (0, 0, "")

    def compare(tally, name, folder, arguments, namespace=False):
        nonlocal slowest
        # Deptry minds .gitignore in a repository only.
        run(["git", "init", "-q", str(folder)])
        theirs, spent = deptry(venv, folder, arguments)
        if theirs is None:
            return
        files = list(files_of(folder))
        if "--config" in arguments:
            config = arguments[arguments.index("--config") + 1]
            files = [file for file in files if file["path"] == config or not file["path"].endswith("pyproject.toml")]
        if namespace:
            for file in files:
                if file["path"] == "pyproject.toml":
                    file["source"] += "\n[tool.deptry]\nexperimental_namespace_package = true\n"
        roots = [root for root in arguments[: arguments.index("--config") if "--config" in arguments else None] if not root.startswith("--")]
        found, micros = ours(files, roots, installed)
        if spent > slowest[1]:
            slowest = (micros, spent, f"{name}, {len(files)} files (deptry as a process)")
        tally.sets(f"{name} {' '.join(arguments)}", found, theirs)

    checkout = repo("fpgmaas/deptry")
    if checkout:
        tally = Tally(tool="python_check_dependencies", peer=f"deptry {DEPTRY}, its fixture projects", corpus="every project of tests/fixtures, as its tests call it", bars={"recall": 1, "precision": 1}, explain=lambda side, item, name: "no Python was sent: nothing is called unused" if name.startswith("without_deptry_option") and side == "theirs" else None)
        for project, arguments in sample(FIXTURES, 3):
            with tempfile.TemporaryDirectory() as temporary:
                folder = pathlib.Path(temporary, project)
                shutil.copytree(checkout / "tests/fixtures" / project, folder)
                compare(tally, project, folder, arguments, "--experimental-namespace-package" in arguments)
        tally.done()
    names = SDISTS[:1] if SAMPLED else SDISTS
    tally = Tally(tool="python_check_dependencies", peer=f"deptry {DEPTRY}, source distributions", corpus=f"{len(names)} source distributions", bars={"recall": 1, "precision": 1}, explain=lambda side, item, name: "part of the standard library since Python 3.14" if " annotationlib " in item else None)
    for name in names:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary, "project")
            shutil.copytree(sdist(name), folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            for roots in ([["src"]] if SAMPLED else [["."], ["src"]]):
                if (folder / roots[0]).is_dir():
                    compare(tally, name, folder, roots)
    tally.timing(slowest[2], slowest[0], slowest[1])
    tally.done()


def pyproject(text):
    answer = call("check_dependencies", {"files": [{"path": "pyproject.toml", "source": text}]})
    return answer["report"]


def rejects(text, rules):
    return any(one["rule"] in rules and one["level"] == "error" for one in pyproject(text)["findings"])


def cases_of_packaging(checkout):
    venv = pip("pytest==8.3.3", "hypothesis==6.115.3", "pretend==1.0.9", "typing_extensions==4.12.2", "tomli_w==1.1.0", "tomli==2.0.2")
    with tempfile.TemporaryDirectory() as temporary:
        out = pathlib.Path(temporary, "cases.jsonl")
        tests = [str(checkout / "tests" / f"test_{name}.py") for name in ("version", "specifiers", "markers", "requirements", "licenses", "metadata")]
        command = [str(venv / "bin/python"), str(pathlib.Path(__file__).with_name("_packaging_cases.py")), str(out), *tests]
        run(command, failing=True, cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONDONTWRITEBYTECODE": "1"})
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


TABLE = '[project]\nname = "a"\nversion = "1"\n'
POLICY = {None: [], True: ["prerelease=allow"], False: ["prerelease=disallow"]}


def resolved(requirement, index, options=(), variables=()):
    answer = call("resolve_dependencies", {"requirements": [requirement], "index": json.dumps(index), "options": [*options, *variables]})
    if "error" in answer:
        return None
    return {pin["name"]: pin["version"] for pin in answer["report"]["data"].get("pins", [])}


def of_specifiers(side, item, name):
    if re.search(r"\d{20}", name):
        return "numbers beyond 64 bits are no versions here"
    if "filters" in name and "===" in name:
        return "an index has each version once, however it is written"
    if "filters" in name and name.endswith("(None)") and item["ours"] is None:
        return "a resolver takes a pre-release where there is no final release at all, as packse expects"
    return None


def judge_packaging():
    checkout = repo("pypa/packaging")
    if not checkout:
        return
    cases = once("packaging-cases", checkout, lambda: cases_of_packaging(checkout))
    versions = {question: answer for kind, question, answer in cases if kind == "version"}
    about = {"tool": "python_check_dependencies", "corpus": "every call of packaging's tests (pypa/packaging, tests), recorded", "bars": {"equal": 1}}
    tallies = {
        "version": Tally(peer="packaging's tests: versions", **about, explain=lambda side, item, name: "numbers beyond 64 bits are no versions here" if re.search(r"\d{20}", name) else None),
        "specifiers": Tally(peer="packaging's tests: specifiers", **about, explain=of_specifiers),
        "marker": Tally(peer="packaging's tests: markers", **about),
        "requirement": Tally(peer="packaging's tests: requirements", **about),
        "licence": Tally(peer="packaging's tests: licence expressions", **about),
    }
    ordered = {kind: sample([case for case in cases if case[0] == kind], 60) for kind in ("version", "specifiers", "contains", "filter", "marker", "marker-holds", "requirement", "licence")}
    toml = json.dumps
    for _, text, answer in ordered["version"]:
        tallies["version"].equal(f"version {text!r}", rejects(f'[project]\nname = "a"\nversion = {toml(text)}\n', {"PEP440"}), answer is None)
    # The greater of two neighbours is what a resolver chooses.
    known = sorted({text for text in versions if versions[text]})
    import_order = sample(list(zip(known, known[1:])), 60)
    for left, right in import_order:
        pins = resolved("a", {"a": {left: [], right: []}}, POLICY[True])
        if versions[left] != versions[right]:
            tallies["version"].equal(f"greater {left} {right}", (pins or {}).get("a"), greater(checkout, versions[left], versions[right]))
    for _, text, answer in ordered["specifiers"]:
        tallies["specifiers"].equal(f"specifiers {text!r}", rejects(TABLE + f"requires-python = {toml(text)}\n", {"PEP440"}), answer is None)
    for _, (text, item, policy), answer in ordered["contains"]:
        if versions.get(item):  # An index has versions only.
            pins = resolved(f"a{text}", {"a": {item: []}}, POLICY[policy])
            tallies["specifiers"].equal(f"{text} contains {item} ({policy})", bool(pins), answer)
    for _, (text, items, policy), answer in ordered["filter"]:
        items = [item for item in items if versions.get(item)]
        answer = [item for item in answer if versions.get(item)]
        if items:
            pins = resolved(f"a{text}", {"a": {item: [] for item in items}}, POLICY[policy])
            expected = greatest(checkout, [versions[item] for item in answer])
            tallies["specifiers"].equal(f"{text} filters {items} ({policy})", (pins or {}).get("a"), expected)
    for _, text, answer in ordered["marker"]:
        tallies["marker"].equal(f"marker {text!r}", rejects(TABLE + f"dependencies = [{toml('a; ' + text)}]\n", {"PEP508"}), answer is None)
    for _, (text, variables), answer in ordered["marker-holds"]:
        known = ("implementation_name", "implementation_version", "os_name", "platform_machine", "platform_python_implementation", "platform_release", "platform_system", "platform_version", "python_full_version", "python_version", "sys_platform", "extra")
        pins = resolved(f"a; {text}", {"a": {"1": []}}, variables=[f"{name}={variables[name]}" for name in known if name in variables])
        tallies["marker"].equal(f"{text} {variables}", bool(pins), answer)
    written = []
    for _, text, answer in ordered["requirement"]:
        report = pyproject(TABLE + f"dependencies = [{toml(text)}]\n")
        wrong = any(one["rule"] == "PEP508" for one in report["findings"])
        tallies["requirement"].equal(f"requirement {text!r}", wrong, answer is None)
        if not wrong and answer and report["data"]["dependencies"] and len(answer) < 75:
            written.append([report["data"]["dependencies"][0]["requirement"], answer])
    for (mine, answer), same in zip(written, alike(checkout, written)):
        tallies["requirement"].equal(f"parts of {answer}", mine if not same else answer, answer)
    for _, text, answer in ordered["licence"]:
        tallies["licence"].equal(f"licence {text!r}", rejects(TABLE + f"license = {toml(text)}\n", {"PEP639"}), answer is None)
    for tally in tallies.values():
        tally.done()


_helper = {}


def ask(checkout, code, value):
    """Asks packaging, in a Python that has it."""
    if code not in _helper:
        loop = f"import json, re, sys\nfrom packaging.version import Version\nfrom packaging.requirements import Requirement\nfor line in sys.stdin:\n    value = json.loads(line)\n    print(json.dumps({code}), flush=True)\n"
        _helper[code] = subprocess.Popen([sys.executable, "-c", loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(checkout / "src")})
    helper = _helper[code]
    helper.stdin.write(json.dumps(value) + "\n")
    helper.stdin.flush()
    return json.loads(helper.stdout.readline())


def greater(checkout, left, right):
    return ask(checkout, "str(max(value, key=Version))", [left, right])


def greatest(checkout, texts):
    return ask(checkout, "str(max(value, key=Version)) if value else None", texts)


def alike(checkout, pairs):
    norm = "(lambda r: [r.name.lower(), sorted(re.sub('[-_.]+', '-', e.lower()) for e in r.extras), sorted(map(str, r.specifier)), r.url, str(r.marker)])"
    return [ask(checkout, f"{norm}(Requirement(value[0])) == {norm}(Requirement(value[1]))", pair) for pair in pairs]


def judge_validate_pyproject():
    checkout = repo("abravalheri/validate-pyproject")
    venv = pip("validate-pyproject==0.27", "packaging==26.4")
    texts = []
    if checkout:
        texts += [(str(path.relative_to(checkout)), path.read_text(encoding="utf-8")) for path in sorted((checkout / "tests").rglob("*.toml"))]
    for name in [] if SAMPLED else SDISTS:
        texts += [(f"{name}/{path.relative_to(sdist(name))}", path.read_bytes().decode("utf-8", "replace")) for path in sorted(sdist(name).rglob("pyproject.toml"))]
    code = (
        "import json, sys, logging, os\nos.environ['NO_NETWORK'] = '1'\nlogging.disable(50)\nfrom validate_pyproject import api\nvalidator = api.Validator(plugins=[])\n"
        "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n"
        "for line in sys.stdin:\n    text = json.loads(line)\n    try:\n        validator(tomllib.loads(text))\n        said = ''\n    except Exception as error:\n        said = str(error).splitlines()[0]\n    print(json.dumps(said), flush=True)\n"
    )
    peer = subprocess.Popen([str(venv / "bin/python"), "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tally = Tally(
        tool="python_check_dependencies", peer="validate-pyproject 0.27, accepted or not (without plugins)", corpus="its examples, and the pyproject.toml of source distributions", bars={"equal": 0.99},
        explain=lambda side, item, name: (
            "an example that validate-pyproject itself lists as invalid" if name.startswith("tests/invalid-examples") and item["theirs"] is False else "PEP 639 forbids it, validate-pyproject does not look" if item["theirs"] is False and "PEP639" in item["ours"] else "PEP 508 and 735: requirements of the build system, circles and names of groups" if item["theirs"] is False and item["ours"] in ("PEP508", "PEP735") else None
        ) if isinstance(item["ours"], str) else None,
    )
    for name, text in sample(texts, 20):
        peer.stdin.write(json.dumps(text) + "\n")
        peer.stdin.flush()
        said = json.loads(peer.stdout.readline())
        errors = sorted({one["rule"] for one in pyproject(text)["findings"] if one["level"] == "error"})
        mine, theirs = bool(errors), bool(said)
        tally.equal(f"{name} ({said[:80]})", ",".join(errors) if mine and not theirs else mine, theirs)
    tally.done()


if __name__ == "__main__":
    judge_deptry()
    judge_packaging()
    judge_validate_pyproject()
