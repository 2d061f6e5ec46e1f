"""What vulture finds, live on source distributions; and planted uses and non-uses, labelled, beside vulture at 80 % confidence.

Recall is over vulture's findings at any confidence, as sets of file, kind and name: we report a name set in several places
once. What we find beyond it is not judged there; the planted cases judge precision.
"""

import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, python_files, sdist

VULTURE = "2.16"
SDISTS = [
    "requests==2.32.3", "flask==3.0.3", "click==8.1.7", "jinja2==3.1.4", "attrs==24.2.0", "rich==13.9.2", "httpx==0.27.2", "pytest==8.3.3",
    "werkzeug==3.0.4", "starlette==0.40.0", "urllib3==2.2.2", "tornado==6.4.1", "scrapy==2.11.2", "networkx==3.4.1", "kombu==5.4.2",
    "aiohttp==3.10.10", "packaging==24.1", "idna==3.7", "Markdown==3.6", "tomli==2.0.1", "docutils==0.21.2", "certifi==2024.7.4",
]
KINDS = {"V101": "attribute", "V102": "class", "V103": "function", "V104": "import", "V105": "method", "V106": "property", "V107": "variable", "V201": "unreachable_code"}
#: Members are told apart by where they stand, in vulture by the name of their first parameter.
SAME = {"method": "function", "property": "function", "attribute": "variable"}
NAMED = re.compile(r"unused [a-z ]+ `(.*?)`.*?, (\d+) % sure")


def sources(folder):
    for path, text in python_files(folder):
        if len(text.encode()) <= 1024 * 1024:
            yield path.relative_to(folder).as_posix(), text


def ours(files, least):
    answer = call("find_dead_code", {"files": [{"path": path, "source": text} for path, text in files], "minConfidence": least})
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["report"]["findings"], answer["micros"] / 1000


# Each: what is put into a package's module, and the names in it with whether they are dead. {n} is a fresh word.
PLANTS = [
    ("import json as {n}_json\n", {"{n}_json": True}),
    ("import json as {n}_json\n{n}_value = {n}_json.dumps(1)\nprint({n}_value)\n", {"{n}_json": False, "{n}_value": False}),
    ("from collections import OrderedDict as {n}_dict\n\n\ndef {n}_f(x: '{n}_dict') -> None:\n    print(x)\n\n\n{n}_f(1)\n", {"{n}_dict": False, "{n}_f": False}),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from decimal import Decimal as {n}_dec\n\n\ndef {n}_g(x) -> 'list[{n}_dec]':\n    return [x]\n\n\nprint({n}_g(1))\n", {"{n}_dec": False, "{n}_g": False}),
    ("from typing import cast\nfrom fractions import Fraction as {n}_frac\n{n}_made = cast('{n}_frac', 1)\nprint({n}_made)\n", {"{n}_frac": False, "{n}_made": False}),
    ("try:\n    import simplejson as {n}_fast\nexcept ImportError:\n    {n}_has = False\nelse:\n    {n}_has = True\nprint({n}_has)\n", {"{n}_fast": False, "{n}_has": False}),
    ("import textwrap as {n}_hand\n__all__ = ['{n}_hand']\n", {"{n}_hand": False}),
    ("from string import Template as {n}_tpl\n__all__ = []\n__all__ += ['{n}_tpl']\n", {"{n}_tpl": False}),
    ("from string import Formatter as {n}_fmt\n__all__ = []\n__all__.extend(['{n}_fmt'])\n", {"{n}_fmt": False}),
    ("from string import digits as {n}_same\nfrom string import hexdigits as {n}_same_too\n\n\ndef {n}_h():\n    {n}_same_too = 1\n    return {n}_same_too\n\n\nprint({n}_h())\nprint({n}_same)\n", {"{n}_same": False, "{n}_h": False}),
    ("def _{n}_callback({n}_sig, {n}_frame):\n    return None\n\n\nimport signal as {n}_signal\n{n}_signal.signal({n}_signal.SIGTERM, _{n}_callback)\n", {"{n}_sig": False, "{n}_frame": False, "_{n}_callback": False}),
    ("class {n}Base:\n    def run(self, {n}_argument):\n        raise NotImplementedError\n\n\nclass {n}Child({n}Base):\n    def run(self, {n}_argument):\n        return {n}_argument\n\n\nprint({n}Child().run(1))\n", {"{n}_argument": False, "{n}Base": False, "{n}Child": False}),
    ("def {n}_fixture(f):\n    return f\n\n\n@{n}_fixture\ndef {n}_decorated({n}_request):\n    return 1\n\n\nprint({n}_decorated(1))\n", {"{n}_request": False, "{n}_decorated": False}),
    ("class {n}Manager:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, {n}_kind, {n}_value, {n}_trace):\n        return None\n\n\nwith {n}Manager():\n    pass\n", {"{n}_kind": False, "{n}_value": False, "{n}_trace": False, "{n}Manager": False}),
    ("import abc as {n}_abc\n\n\nclass {n}Abstract({n}_abc.ABC):\n    @{n}_abc.abstractmethod\n    def {n}_todo(self, {n}_given): ...\n\n\nprint({n}Abstract.{n}_todo)\n", {"{n}_given": False, "{n}_todo": False, "{n}Abstract": False}),
    ("{n}_table = {{'a': lambda {n}_ignored: 1}}\nprint({n}_table)\n", {"{n}_ignored": False, "{n}_table": False}),
    ("def {n}_plain({n}_used, {n}_unused):\n    return {n}_used\n\n\nprint({n}_plain(1, 2))\n", {"{n}_used": False, "{n}_unused": True, "{n}_plain": False}),
    ("def {n}_outer():\n    def {n}_inner():\n        return 1\n    return 2\n\n\nprint({n}_outer())\n", {"{n}_inner": True, "{n}_outer": False}),
    ("def {n}_local():\n    {n}_kept = 1\n    {n}_lost = 2\n    return {n}_kept\n\n\nprint({n}_local())\n", {"{n}_kept": False, "{n}_lost": True, "{n}_local": False}),
    ("def _{n}_private():\n    return 1\n", {"_{n}_private": True}),
    ("_{n}_CONSTANT = 1\n", {"_{n}_CONSTANT": True}),
    ("class _{n}Private:\n    pass\n", {"_{n}Private": True}),
    ("def _{n}_ping():\n    return _{n}_ping()\n", {"_{n}_ping": True}),
    ("import base64 as {n}_left, binascii as {n}_right\nprint({n}_right)\n", {"{n}_left": True, "{n}_right": False}),
    ("def {n}_lazy():\n    import bisect as {n}_bisect\n    import cmd as {n}_cmd\n    return {n}_cmd\n\n\nprint({n}_lazy())\n", {"{n}_bisect": True, "{n}_cmd": False}),
    ("import dis as {n}_dis  # kept for its side effect\n{n}_items = [{n}_dis for _ in ()]  # type: list\nprint({n}_items)\n", {"{n}_dis": False, "{n}_items": False}),
    ("from types import ModuleType as {n}_module\n{n}_list = []  # type: list[{n}_module]\nprint({n}_list)\n", {"{n}_module": False, "{n}_list": False}),
    ("from types import FunctionType as {n}_kept_as\nfrom types import CodeType as {n}_CodeType\nfrom types import GeneratorType as GeneratorType\nprint({n}_kept_as, {n}_CodeType)\n", {"{n}_kept_as": False, "{n}_CodeType": False}),
]


def planted(files, dice, count):
    """The files with plants at the ends of some modules, and the labels: file and name to dead or not."""
    chosen = [at for at, (path, text) in enumerate(files) if "__init__" not in path and "test" not in path and "__all__" not in text and text.endswith("\n") and "\t" not in text]
    files, labels = list(files), {}
    for number in range(count):
        plant, names = PLANTS[number % len(PLANTS)]
        # A module has one `__all__`; where there are few modules, plants with one are left out.
        if "__all__" in plant and len(chosen) < 4 or not chosen:
            continue
        at = dice.choice(chosen)
        if "__all__" in plant:
            chosen.remove(at)
        word = f"plant{number}q"
        path, text = files[at]
        files[at] = (path, f"{text}\n\n{plant.format(n=word)}")
        for name, dead in names.items():
            labels[path, name.format(n=word)] = dead
    return files, labels


def main():
    venv = pip(f"vulture=={VULTURE}")
    peer = subprocess.Popen([str(venv / "bin/python"), "-W", "ignore", str(pathlib.Path(__file__).with_name("_vulture.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def theirs(folder):
        import json

        peer.stdin.write(f"{folder}\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        return answer["items"], answer["spent"]

    chosen = SDISTS[:2] if SAMPLED else SDISTS

    def explain(side, item, name):
        if side == "ours":
            return "vulture matches names alone, and not these kinds; planted cases judge our precision"

    recall = Tally(tool="python_find_dead_code", peer=f"vulture {VULTURE}, all findings", corpus=f"{len(chosen)} source distributions", bars={"recall": 0.95}, explain=explain)
    about = {"tool": "python_find_dead_code", "corpus": f"uses and non-uses planted into {len(chosen)} source distributions, judged at 80 % confidence"}
    labelled = Tally(peer="the labels", bars={"precision": 0.97, "recall": 0.9}, **about)
    vulture = Tally(peer=f"the labels, judged by vulture {VULTURE} in our place", bars={}, **about)
    slowest = (0, 0, "")
    for number, requirement in enumerate(chosen):
        folder = sdist(requirement)
        files = list(sources(folder))
        given = {path for path, _ in files}
        items, spent = theirs(folder)
        expected = {f"{path} {SAME.get(kind, kind)} {name if kind != 'unreachable_code' else line}" for path, kind, name, line, _ in items if path in given}
        findings, micros = ours(files, 0)
        found = set()
        for finding in findings:
            kind = KINDS.get(finding["rule"])
            if kind == "unreachable_code":
                found.add(f"{finding['path']} {kind} {finding['range']['start']['line']}")
            elif kind:
                found.add(f"{finding['path']} {SAME.get(kind, kind)} {NAMED.match(finding['message']).group(1)}")
        recall.sets(requirement, found, expected)
        if spent > slowest[1]:
            slowest = (micros, spent, f"{requirement}, {len(files)} files (vulture in process)")
        dice = random.Random(requirement)
        changed, labels = planted(files, dice, len(PLANTS) * (1 if SAMPLED else 2))
        with tempfile.TemporaryDirectory() as root:
            for path, text in changed:
                target = pathlib.Path(root, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            items, _ = theirs(root)
        sure = {(path, name) for path, _, name, _, confidence in items if confidence >= 80}
        dead = [f"{path} {name}" for (path, name), is_dead in labels.items() if is_dead]
        vulture.sets(requirement, (f"{path} {name}" for path, name in sure if (path, name) in labels), dead)
        findings, _ = ours(changed, 80)
        named = {(finding["path"], NAMED.match(finding["message"]).group(1)) for finding in findings if finding["message"].startswith("unused") and "`" in finding["message"] and finding["rule"].startswith("V")}
        labelled.sets(requirement, (f"{path} {name}" for path, name in named if (path, name) in labels), dead)
    recall.timing(slowest[2], slowest[0], slowest[1])
    recall.done()
    ours_counts, theirs_counts = labelled._counts, vulture._counts
    precision = lambda counts: counts["both"] / max(1, counts["both"] + counts["ours-only"])
    print(f"  precision at 80 %: ours {precision(ours_counts):.4f}, vulture {precision(theirs_counts):.4f}")
    if precision(ours_counts) <= precision(theirs_counts):
        raise SystemExit("our precision is not better than vulture's")
    labelled.done()
    vulture.done()


main()
