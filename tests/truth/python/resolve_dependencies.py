"""Resolution beside packse's scenarios, beside uv on the same indexes, and beside trying everything on random small ones.

packse (astral-sh/packse) is the corpus of uv's own resolver: an index, requirements, and what must come out. uv itself solves
the same indexes, given as folders of wheels, for one environment and universally; both answers are held against each other in
many environments.
"""

import collections
import io
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, run, sample

UV, PACKAGING = "0.13.9", "26.4"
TOOL = "python_resolve_dependencies"
PLATFORMS = {"x86_64-manylinux2014": ["sys_platform=linux", "platform_machine=x86_64"]}
# Where the markers of two resolutions are compared.
ENVIRONMENTS = [
    {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.{patch}", "sys_platform": system, "os_name": os_name, "platform_system": name, "platform_machine": machine, "implementation_name": implementation, "platform_python_implementation": label, "implementation_version": f"3.{minor}.{patch}", "platform_release": "", "platform_version": ""}
    for minor, patch in ((8, 0), (9, 0), (10, 0), (10, 4), (11, 0), (12, 0), (13, 0), (14, 0))
    for system, os_name, name in (("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows"), ("os1", "os1", "os1"), ("os2", "os2", "os2"))
    for machine in ("x86_64", "aarch64")
    for implementation, label in (("cpython", "CPython"), ("pypy", "PyPy"))
]


REASONS = {
    "requires_python/python-less-than-current": "an upper bound of Requires-Python holds here, as for pip",
    "fork/preferences-dependent-forking-conflicting": "there is a solution, which uv 0.13 finds too",
}


def scenarios(checkout):
    for path in sorted((checkout / "scenarios").rglob("*.toml")):
        yield str(path.relative_to(checkout / "scenarios")).removesuffix(".toml"), tomllib.loads(path.read_text(encoding="utf-8"))


def files_of(name, version, release):
    files = []
    if release.get("wheel", True):
        files += [f"{name.replace('-', '_')}-{version}-{tag}.whl" for tag in release.get("wheel_tags") or ["py3-none-any"]]
    if release.get("sdist", True):
        files.append(f"{name.replace('-', '_')}-{version}.tar.gz")
    return files


def index_of(scenario):
    index = {}
    for name, package in scenario.get("packages", {}).items():
        for version, release in package["versions"].items():
            index.setdefault(name, {})[version] = {
                "requires": release.get("requires", []), "requires_python": release.get("requires_python", ">=3.12"), "yanked": release.get("yanked", False),
                "extras": release.get("extras", {}), "files": files_of(name, version, release),
            }
    return index


def question(scenario):
    options, resolver = [], scenario.get("resolver_options", {})
    environment = scenario.get("environment", {})
    if resolver.get("prereleases"):
        options.append("prerelease=allow")
    for key in ("no_build", "no_binary"):
        options += [f"{key.replace('_', '-')}={name}" for name in resolver.get(key, [])]
    arguments = {"requirements": scenario["root"].get("requires", []), "index": json.dumps(index_of(scenario)), "options": options}
    if resolver.get("universal"):
        arguments["python"] = scenario["root"].get("requires_python") or ">=3.12"
    else:
        arguments["python"] = resolver.get("python") or environment.get("python", "3.12")
        arguments["options"] += PLATFORMS.get(resolver.get("python_platform"), [])
    return arguments


def judge_packse(checkout):
    tally = Tally(
        tool=TOOL, peer="packse's expected outcomes", corpus="every scenario of astral-sh/packse", bars={"equal": 0.95},
        explain=lambda side, item, name: REASONS.get(name),
    )
    for name, scenario in sample(scenarios(checkout), 60):
        answer = call("resolve_dependencies", question(scenario))
        if "error" in answer:
            raise RuntimeError(f"{name}: {answer['error']}")
        data = answer["report"]["data"]
        expected = scenario["expected"]
        ours = {"satisfiable": data["outcome"] == "resolved"}
        theirs = {"satisfiable": expected["satisfiable"]}
        if expected["satisfiable"] and expected.get("packages"):
            ours["packages"] = {pin["name"]: pin["version"] for pin in data.get("pins", []) if pin["name"] in expected["packages"]}
            theirs["packages"] = expected["packages"]
        tally.equal(name, ours, theirs)
    tally.done()


# What a folder of distributions needs for uv to solve from it: metadata, and nothing to build.
def metadata(name, version, release):
    lines = ["Metadata-Version: 2.2", f"Name: {name}", f"Version: {version}"]
    if release.get("requires_python", ">=3.12"):
        lines.append(f"Requires-Python: {release.get('requires_python', '>=3.12')}")
    lines += [f"Requires-Dist: {requirement}" for requirement in release.get("requires", [])]
    for extra, requirements in release.get("extras", {}).items():
        lines.append(f"Provides-Extra: {extra}")
        for requirement in requirements:
            plain, _, marker = requirement.partition(";")
            lines.append(f"Requires-Dist: {plain.strip()} ; " + (f"({marker.strip()}) and extra == '{extra}'" if marker else f"extra == '{extra}'"))
    return "\n".join(lines) + "\n\n"


def write_folder(folder, scenario):
    for name, package in scenario.get("packages", {}).items():
        for version, release in package["versions"].items():
            text = metadata(name, version, release)
            stem = f"{name.replace('-', '_')}-{version}"
            for file in files_of(name, version, release):
                if file.endswith(".whl"):
                    with zipfile.ZipFile(folder / file, "w") as wheel:
                        wheel.writestr(f"{stem}.dist-info/METADATA", text)
                        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: truth\nRoot-Is-Purelib: true\nTag: " + "-".join(file[:-4].split("-")[-3:]) + "\n")
                        wheel.writestr(f"{stem}.dist-info/RECORD", "")
                else:
                    with tarfile.open(folder / file, "w:gz") as archive:
                        for path, content in ((f"{stem}/PKG-INFO", text), (f"{stem}/pyproject.toml", f'[project]\nname = "{name}"\nversion = "{version}"\n')):
                            info = tarfile.TarInfo(path)
                            info.size = len(content.encode())
                            archive.addfile(info, io.BytesIO(content.encode()))


def solve_with_uv(uv, scenario, folder, cache):
    resolver = scenario.get("resolver_options", {})
    universal = bool(resolver.get("universal"))
    python = (scenario["root"].get("requires_python") or ">=3.12") if universal else (resolver.get("python") or scenario.get("environment", {}).get("python", "3.12"))
    (folder / "in.txt").write_text("\n".join(scenario["root"].get("requires", [])) + "\n")
    bound = re.search(r"[0-9.]+", python)[0]
    command = [str(uv), "pip", "compile", "--no-config", "--offline", "--no-index", "--find-links", str(folder), "--cache-dir", str(cache), "--no-header", "--no-annotate", "--no-build-isolation", "--python-version", bound]
    command += ["--universal"] if universal else ["--python-platform", resolver.get("python_platform") or "x86_64-unknown-linux-gnu"]
    if resolver.get("prereleases"):
        command += ["--prerelease", "allow"]
    for key in ("no_build", "no_binary"):
        for name in resolver.get(key, []):
            command += ["--no-binary" if key == "no_binary" else "--only-binary", name]
    command.append(str(folder / "in.txt"))
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    spent = (time.perf_counter() - started) * 1000
    if done.returncode != 0:
        return (None, spent) if "No solution found" in done.stderr or "no version" in done.stderr or "not found" in done.stderr else ("failed: " + done.stderr[-300:], spent)
    pins = []
    for line in done.stdout.splitlines():
        pin, _, marker = line.partition(" ; ")
        name, _, version = pin.strip().partition("==")
        pins.append([re.sub(r"\[.*", "", name), version, marker.strip()])
    return pins, spent


class Markers:
    """packaging, in a Python that has it: which pins hold where."""

    def __init__(self):
        venv = pip(f"packaging=={PACKAGING}")
        code = "import json, sys\nfrom packaging.markers import Marker\nfor line in sys.stdin:\n    pins, environments = json.loads(line)\n    print(json.dumps([sorted({f'{n}=={v}' for n, v, m in pins if not m or Marker(m).evaluate(e)}) for e in environments]), flush=True)\n"
        self.process = subprocess.Popen([str(venv / "bin/python"), "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def where(self, pins, environments):
        self.process.stdin.write(json.dumps([pins, environments]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def judge_uv(checkout):
    uv = pip(f"uv=={UV}") / "bin/uv"
    markers = Markers()
    one = Tally(tool=TOOL, peer=f"uv {UV}, one environment", corpus="packse's indexes as folders of distributions", bars={"equal": 0.95}, explain=lambda side, item, name: REASONS.get(name) or ("as packse expects; uv 0.13 takes pre-releases wherever no final release fits, and only there" if name in expected else None))
    everywhere = Tally(tool=TOOL, peer=f"uv {UV}, universal: what is installed in each of {len(ENVIRONMENTS)} environments", corpus="packse's universal indexes as folders of distributions", bars={"equal": 0.9})
    slowest = (0, 0, "")
    # Scenarios on pre-releases in which we do what packse says.
    expected = set()
    with tempfile.TemporaryDirectory() as cache:
        for name, scenario in sample(scenarios(checkout), 10):
            # A folder of files cannot say what is yanked.
            if any(release.get("yanked") for package in scenario.get("packages", {}).values() for release in package["versions"].values()):
                continue
            if scenario.get("resolver_options", {}).get("required_environments"):
                continue
            with tempfile.TemporaryDirectory() as temporary:
                folder = pathlib.Path(temporary)
                write_folder(folder, scenario)
                theirs, spent = solve_with_uv(uv, scenario, folder, cache)
            if isinstance(theirs, str):
                print(f"  uv could not be asked: {name}: {theirs}", file=sys.stderr)
                continue
            arguments = question(scenario)
            answer = call("resolve_dependencies", arguments)
            data = answer["report"]["data"]
            if answer["micros"] / 1000 > slowest[0]:
                slowest = (answer["micros"] / 1000, spent, f"{name} (uv as a process)")
            ours = [[pin["name"], pin["version"], pin.get("marker", "")] for pin in data.get("pins", [])] if data["outcome"] == "resolved" else None
            said = scenario["expected"]
            if name.startswith("prereleases/") and (ours is not None) == said["satisfiable"] and all(any(pin[:2] == [package, version] for pin in ours) for package, version in said.get("packages", {}).items()):
                expected.add(name)
            if not scenario.get("resolver_options", {}).get("universal"):
                plain = lambda pins: None if pins is None else sorted(f"{pin[0]}=={pin[1]}" for pin in pins)
                one.equal(name, plain(ours), plain(theirs))
                continue
            if ours is None or theirs is None:
                everywhere.equal(name, ours, theirs)
                continue
            bound = tuple(int(part) for part in re.findall(r"\d+", arguments["python"])[:3])
            meant = [environment for environment in ENVIRONMENTS if tuple(int(part) for part in environment["python_full_version"].split(".")) >= bound]
            everywhere.equal(name, markers.where(ours, meant), markers.where(theirs, meant))
    everywhere.timing(slowest[2], slowest[0], slowest[1])
    one.done()
    everywhere.done()


def judge_by_trying():
    """Random indexes of at most five packages with at most four versions: everything is tried."""
    chance = random.Random(20261129)
    tally = Tally(tool=TOOL, peer="every choice tried", corpus="random indexes of 2 to 5 packages with 1 to 4 versions, with ranges, exclusions and markers", bars={"equal": 1})
    for case in range(60 if SAMPLED else 3000):
        names = [f"p{at}" for at in range(chance.randint(2, 5))]
        index = {name: {} for name in names}

        def needs(own, most):
            found = []
            for _ in range(chance.randint(0, most)):
                other = chance.choice(names)
                if other == own:
                    continue
                low, high = chance.randint(1, 4), chance.randint(1, 4)
                text = chance.choice([f"{other}>={low}", f"{other}<={high}", f"{other}=={low}", f"{other}!={low}", f"{other}>={min(low, high)},<={max(low, high)}", other, f"{other}~={low}.0"])
                if chance.random() < 0.15:
                    text += chance.choice([" ; sys_platform == 'win32'", " ; python_version >= '3.9'"])
                found.append(text)
            return found

        for name in names:
            for version in chance.sample(["1.0", "2.0", "3.0", "4.0"], chance.randint(1, 4)):
                index[name][version] = needs(name, 2)
        direct = needs("", 3) or [names[0]]
        answer = call("resolve_dependencies", {"requirements": direct, "index": json.dumps(index)})
        data = answer["report"]["data"]
        ours = {pin["name"]: float(pin["version"]) for pin in data.get("pins", [])} if data["outcome"] == "resolved" else None
        found = solutions(index, direct)
        if not found:
            tally.equal(f"{case}: {direct} {index}", ours, None)
            continue
        order = list(dict.fromkeys(re.match(r"p\d+", text)[0] for text in direct if "win32" not in text))
        key = lambda solution: [solution[name] for name in order]
        best = max(map(key, found))
        verdict = []
        if ours not in found:
            verdict.append("no solution")
        elif key(ours) != best:
            verdict.append("direct requirements are not best")
        else:
            better = [one for one in found if all(name in one and one[name] >= version for name, version in ours.items()) and any(one[name] > version for name, version in ours.items())]
            verdict += ["can be better"] if better else []
        tally.equal(f"{case}: {direct} {index}", verdict or "best", "best")
    tally.done()


def admitted(text, version):
    plain = text.split(";")[0]
    for operator, number in re.findall(r"(~=|==|!=|>=|<=)\s*([0-9.]+)", plain):
        number = float(number)
        if not {"==": version == number, "!=": version != number, ">=": version >= number, "<=": version <= number, "~=": number <= version < number + 1}[operator]:
            return False
    return True


def solutions(index, direct):
    direct = [text for text in direct if "win32" not in text]
    found = []

    def extend(needed, chosen):
        for text in needed:
            name = re.match(r"p\d+", text)[0]
            if name in chosen and not admitted(text, float(chosen[name])):
                return
        open_names = [re.match(r"p\d+", text)[0] for text in needed]
        name = next((name for name in open_names if name not in chosen), None)
        if name is None:
            solution = {name: float(version) for name, version in chosen.items()}
            if solution not in found:
                found.append(solution)
            return
        for version, requirements in index[name].items():
            extend(needed + [text for text in requirements if "win32" not in text], {**chosen, name: version})

    extend(direct, {})
    return found


checkout = repo("astral-sh/packse")
if checkout:
    judge_packse(checkout)
    judge_uv(checkout)
judge_by_trying()
