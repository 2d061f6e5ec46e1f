"""What truth scripts share: calling our tools, installing peers, corpora from the registries, and the tally that is judged.

`lib.mjs` is the same for Node.js; its header shows a script's shape. Here:

    import pathlib, sys
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    from lib import Tally, call, pip, sample, sdist
"""

import ast
import collections
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import zipfile

#: Where everything that is fetched is kept: the per-user cache, so that a fresh clone has it.
KEPT = pathlib.Path(os.environ.get("OCTAVO_TRUTH_KEPT") or pathlib.Path(__file__).resolve().parents[2] / ".octavo" / "truth")
#: Whether the short run was asked for.
SAMPLED = os.environ.get("OCTAVO_TRUTH_SAMPLE") == "1"

_server = None


def sample(items, count):
    """All of `items`, or in a sampled run `count` of them, evenly spread, the same ones each time."""
    items = list(items)
    if not SAMPLED or len(items) <= count:
        return items
    return [items[at * len(items) // count] for at in range(count)]


def call(tool, arguments):
    """Calls a tool (its name without the category): {"report", "micros"} with the whole report, or {"error", "micros"}."""
    global _server
    if _server is None:
        program = os.environ.get("OCTAVO_TRUTH_SERVE")
        if not program:
            sys.exit("run this by `cargo xtask truth <category>`")
        _server = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    _server.stdin.write(json.dumps({"tool": tool, "arguments": arguments}).encode() + b"\n")
    _server.stdin.flush()
    line = _server.stdout.readline()
    if not line:
        raise RuntimeError("our program ended")
    return json.loads(line)


def pip(*requirements, no_deps=False):
    """Makes a virtual environment with these pinned requirements once; gives its folder (programs are in its bin/)."""
    name = hashlib.sha256(" ".join(sorted(requirements)).encode()).hexdigest()[:12]
    folder = KEPT / "venv" / name
    if not (folder / "installed").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        run([sys.executable, "-m", "venv", str(folder)])
        install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run(install + (["--no-deps"] if no_deps else []) + list(requirements))
        (folder / "installed").write_text("\n".join(requirements))
    return folder


def sdist(requirement):
    """Unpacks the source distribution of `name==version` once, without building it; gives its folder."""
    folder = KEPT / "sdists" / requirement
    if not (folder / "unpacked").exists():
        folder.mkdir(parents=True, exist_ok=True)
        name, version = requirement.split("==")
        for archive in _source_archives(name, version, folder):
            if archive.name.endswith(".zip"):
                with zipfile.ZipFile(archive) as inside:
                    inside.extractall(folder)
            else:
                with tarfile.open(archive) as inside:
                    inside.extractall(folder, filter="data")
            archive.unlink()
        (folder / "unpacked").write_text("")
    return next(path for path in sorted(folder.iterdir()) if path.is_dir())


def python_files(folder):
    """The Python files below a folder that are UTF-8: `(path, text)`, in order."""
    for path in sorted(folder.rglob("*.py")):
        try:
            yield path, path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue


def parses(text):
    """Whether this Python can parse a text."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _source_archives(name, version, folder):
    # `pip download` runs the build backend to learn the metadata; the index's JSON needs nothing but the name.
    import urllib.request

    configured = run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], failing=True).strip()
    default = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    index = os.environ.get("PIP_INDEX_URL") or configured or run([sys.executable, "-c", default]).strip()
    request = urllib.request.Request(f"{index.rstrip('/')}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.1"})
    with urllib.request.urlopen(request) as response:
        kind, text, base = response.headers.get("content-type", ""), response.read().decode(), response.url
    if "json" in kind:
        links = [(entry["filename"], entry["url"]) for entry in json.loads(text)["files"]]
    else:
        import html
        import re

        links = [(label.strip(), html.unescape(href)) for href, label in re.findall(r'<a[^>]*href="([^"]+)"[^>]*>([^<]+)</a>', text)]
    import urllib.parse

    wanted = {f"{stem}-{version}{end}" for stem in (name, name.replace("-", "_"), name.lower(), name.lower().replace("-", "_"), name.replace("-", "."), name.replace("_", "-")) for end in (".tar.gz", ".zip", ".tar.bz2")}
    for filename, url in links:
        if filename in wanted:
            target = folder / filename
            with urllib.request.urlopen(urllib.parse.urljoin(base, url.split("#")[0])) as response:
                target.write_bytes(response.read())
            return [target]
    raise RuntimeError(f"{name}=={version} has no source distribution")


def repo(name):
    """A checkout of a public repository that no registry has (`owner/name`), or None, having said what to clone where."""
    folder = KEPT / "repos" / name.replace("/", "+")
    if folder.exists():
        return folder
    print(f"  left out: the corpus of {name}; clone it to {folder} to include it", file=sys.stderr)
    return None


def once(name, checkout, make):
    """What `make` gives, as JSON, kept for a checkout's commit; nothing empty is kept."""
    commit = run(["git", "-C", str(checkout), "rev-parse", "HEAD"]).strip()
    return _keep(KEPT / "answers" / f"{name}-{commit[:12]}.json", make)


def answer_of(peer, text, make):
    """What `make` gives, as JSON, kept for a slow peer (name and version, a folder's name) and one text."""
    return _keep(KEPT / "answers" / peer / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.json", make)


def _keep(kept, make):
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    made = make()
    if made:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(made), encoding="utf-8")
    return made


def run(command, failing=False, **options):
    """Runs a program to its end; gives what it printed, also when it fails and `failing` allows that."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if failing else None, text=True, **options)
    if done.returncode != 0 and not failing:
        raise RuntimeError(f"{command[0]} failed ({done.returncode})")
    return done.stdout


class Tally:
    """Counts agreement. Bars: `equal`, `recall`, `precision`, each the least share that passes.

    `explain(side, item, name)` gives the reason why a difference is right ("ours", "theirs", or "equal" for unequal cases), or None.
    """

    def __init__(self, *, tool, peer, corpus, bars, explain=lambda side, item, name: None):
        self._about = {"tool": tool, "peer": peer, "corpus": corpus, "bars": bars}
        self._explain = explain
        self._counts = collections.Counter()
        self._differences = []
        self._timings = []

    def sets(self, name, ours, theirs):
        """Compares two collections of words (with repeats)."""
        self._counts["cases"] += 1
        self._counts["sets"] += 1
        ours, theirs = collections.Counter(ours), collections.Counter(theirs)
        self._counts["both"] += (ours & theirs).total()
        for side, rest in (("ours", ours - theirs), ("theirs", theirs - ours)):
            for item in rest.elements():
                self._differ(side, item, name, str(item))

    def equal(self, name, ours, theirs):
        """Compares two values of one case."""
        self._counts["cases"] += 1
        self._counts["compared"] += 1
        if ours == theirs:
            self._counts["equal"] += 1
            return True
        self._differ("equal", {"ours": ours, "theirs": theirs}, name, f"{str(ours)[:300]} <> {str(theirs)[:300]}")
        return False

    def _differ(self, side, item, name, what):
        reason = self._explain(side, item, name)
        self._counts[f"{side}-only"] += 1
        if reason:
            self._counts[f"{side}-explained"] += 1
        self._differences.append({"case": name, "side": side, "what": what[:600], "reason": reason})

    def timing(self, given, ours, theirs):
        """Records a time against the peer's, in milliseconds, on a named input."""
        self._timings.append({"input": given, "ours": ours, "theirs": theirs})

    def done(self):
        """Hands the tally over."""
        counts = self._counts

        def share(part, whole):
            return 1 if whole == 0 else part / whole

        measures = {}
        if counts["compared"]:
            whole = counts["compared"]
            measures["equal"] = {"raw": share(counts["equal"], whole), "value": share(counts["equal"] + counts["equal-explained"], whole), "of": whole}
        if counts["sets"]:
            for measure, side in (("recall", "theirs"), ("precision", "ours")):
                whole = counts["both"] + counts[f"{side}-only"]
                measures[measure] = {"raw": share(counts["both"], whole), "value": share(counts["both"], whole - counts[f"{side}-explained"]), "of": whole}
        unexplained = [difference for difference in self._differences if not difference["reason"]]
        reasons = collections.Counter(difference["reason"] for difference in self._differences if difference["reason"])
        record = {
            **self._about,
            "sampled": SAMPLED,
            "cases": counts["cases"],
            "measures": measures,
            "timings": self._timings,
            "explained": dict(sorted(reasons.items())),
            "differences": unexplained[:10],
            "unexplained": len(unexplained),
        }
        out = os.environ.get("OCTAVO_TRUTH_OUT")
        if not out:
            sys.exit("run this by `cargo xtask truth <category>`")
        with open(out, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        if os.environ.get("OCTAVO_TRUTH_ALL"):
            pathlib.Path(os.environ["OCTAVO_TRUTH_ALL"]).write_text(json.dumps(self._differences, indent=1))
