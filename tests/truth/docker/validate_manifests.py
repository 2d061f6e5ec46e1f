"""Kubernetes objects, valid or not, against kubernetes-validate (strict), kubeconform's fixtures and pluto's table.

Manifests: those of the packages below, and where they are checked out those of the repositories. Each document is judged for
itself and by two versions. Ours is "invalid" when a rule speaks that is in the schemas too; what we find beyond them (words of
a field, quantities, base64, bounds, names) is counted apart. A kind without a schema is "unknown" on both sides."""

import collections
import functools
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import Tally, call, pip, repo, sample, sdist

VERSIONS = ["1.37", "1.30"]
SCHEMA_RULES = {"additionalProperties", "required", "type"}
UNKNOWN_RULES = {"unknown-kind", "removed-api"}
PACKAGES = ["kubernetes==31.0.0", "kopf==1.37.5", "dask-kubernetes==2024.9.0", "checkov==3.2.330", "jupyterhub-kubespawner==6.2.0", "ansible-core==2.17.5", "apache-airflow-providers-cncf-kubernetes==9.0.1", "kubernetes-validate==1.37.0", "pykube-ng==23.6.0", "elasticsearch==8.15.1", "kfp==2.9.0"]
REPOS = ["yannh/kubeconform", "FairwindsOps/polaris", "FairwindsOps/pluto", "controlplaneio/kubesec", "stackrox/kube-linter", "bridgecrewio/checkov", "np-guard/netpol-analyzer", "kubernetes/pod-security-admission"]

site = next((pip("kubernetes-validate==1.37.0") / "lib").glob("python*")) / "site-packages"
sys.path.insert(0, str(site))
import kubernetes_validate.utils as peer  # noqa: E402
import yaml  # noqa: E402

peer.schema_contents = functools.lru_cache(maxsize=4_000)(peer.schema_contents)


def validators():
    """The peer's own validators, each made once: its function reads five megabytes a call."""
    import jsonschema
    import referencing

    @functools.cache
    def make(version, api, kind):
        folder = f"v{version}.0-local-strict"
        name = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api)
        try:
            schema = peer.schema_contents(f"kubernetes-json-schema/{folder}/{kind.lower()}-{name}.json", version)
        except FileNotFoundError:
            return None
        definitions = peer.schema_contents(f"kubernetes-json-schema/{folder}/_definitions.json", version)
        registry = referencing.Resource.from_contents(definitions) @ (referencing.Resource.from_contents(schema) @ referencing.Registry())
        return jsonschema.validators.Draft202012Validator(schema, registry=registry)

    return make


VALIDATOR = validators()


def theirs(document, version):
    validator = VALIDATOR(version, document["apiVersion"], document["kind"])
    if validator is None:
        return "unknown", ""
    error = next(validator.iter_errors(document), None)
    return ("valid", "") if error is None else ("invalid", f"{'.'.join(map(str, error.path))}: {error.message[:160]}")


def findings(source, version, **more):
    report = call("validate_manifests", {"source": source, "kubernetesVersion": version, "output": {"maxFindings": 300}, **more}).get("report")
    return report["findings"]


def ours(source, version):
    found = findings(source, version)
    rules = {finding["rule"] for finding in found}
    beyond = rules - SCHEMA_RULES - UNKNOWN_RULES
    shown = "; ".join(finding["message"] for finding in found if finding["rule"] in SCHEMA_RULES)[:200]
    if rules & UNKNOWN_RULES:
        return "unknown", shown, beyond
    return ("invalid" if rules & SCHEMA_RULES else "valid"), shown, beyond


def documents():
    seen = set()
    folders = [(name, sdist(name)) for name in PACKAGES] + [(name, repo(name)) for name in REPOS]
    for name, folder in folders:
        for path in sorted(folder.rglob("*.y*ml")) if folder else []:
            try:
                text = path.read_text()
            except (UnicodeDecodeError, OSError):
                continue
            if len(text) > 400_000 or "apiVersion" not in text:
                continue
            for at, part in enumerate(re.split(r"(?m)^---(?=\s|$).*\n?", text)):
                if part in seen:
                    continue
                seen.add(part)
                try:
                    document = yaml.safe_load(part)
                except Exception:
                    continue
                if isinstance(document, dict) and all(isinstance(document.get(key), str) and document[key] for key in ("apiVersion", "kind")) and document["kind"] != "List":
                    yield f"{name}: {path.relative_to(folder)}#{at}", part, document


def explain(side, item, name):
    (mine, said), (other, error) = item["ours"][:2], item["theirs"]
    if "is valid under each of" in error and "None" in error:
        return "null for a quantity or int-or-string: Kubernetes reads it as absent, oneOf with null in both arms refuses it"
    if "datetime" in error or "date(" in error:
        return "PyYAML makes a date of an unquoted timestamp; Kubernetes keeps a string"
    if "must not be null" in said:
        return "null for a required object: the API server refuses it"
    if re.search(r"not the boolean [yYnN]\b", said):
        return "y and n: booleans to Kubernetes, strings to PyYAML"
    return None




class Verdicts(Tally):
    """Compares the verdict alone, and shows why."""

    def verdict(self, name, mine, other):
        if mine[0] == other[0]:
            return self.equal(name, mine[0], mine[0])
        return self.equal(name, mine, other)


tally = Verdicts(
    tool="docker_validate_manifests",
    peer="kubernetes-validate 1.37.0, strict, 1.37 and 1.30",
    corpus="documents of manifests in PyPI packages and public repositories",
    bars={"equal": 0.99},
    explain=explain,
)
beyond = collections.Counter()
chosen = sample(documents(), 150)
largest = max(chosen, key=lambda one: len(one[1]))
for name, text, document in chosen:
    for version in VERSIONS:
        mine, said, more = ours(text, version)
        beyond.update(more)
        tally.verdict(f"{name} {version}", (mine, said), theirs(document, version))
answer = call("validate_manifests", {"source": largest[1]})
started = time.perf_counter()
theirs(largest[2], "1.37")
tally.timing(f"largest document, {len(largest[1]) // 1024} KB", answer["micros"] / 1000, (time.perf_counter() - started) * 1000)
tally.done()
print("  beyond the schemas:", dict(beyond.most_common()), file=sys.stderr)

# kubeconform's acceptance tests: fixture, strict, and whether it passes. A kind without a schema is an error to it.
KUBECONFORM = [
    ("valid.yaml", False, True), ("int_or_string.yaml", False, True), ("valid.json", False, True), ("generate_name.yaml", False, True),
    ("quantity.yaml", False, True), ("null_string.yaml", False, True), ("null_array.yaml", False, True), ("multi_invalid.yaml", False, False),
    ("invalid.yaml", False, False), ("blank.yaml", False, True), ("comment.yaml", False, True), ("missing_kind.yaml", False, False),
    ("missing_apiversion.yaml", False, False), ("missing_kind_value.yaml", False, False), ("test_crd.yaml", False, False),
    ("extra_property.yaml", False, True), ("extra_property.yaml", True, False), ("duplicate_property.yaml", True, False),
    ("list_valid.yaml", False, True), ("list_invalid.yaml", False, False), ("list_empty_valid.yaml", False, True), ("multi_with_list.yaml", False, True),
    ("full_domain_group.yaml", False, True), ("unconventional_keys.yaml", False, True), ("valid_version.yaml", False, True),
]
fixtures = repo("yannh/kubeconform")
if fixtures:
    tally = Tally(
        tool="docker_validate_manifests",
        peer="kubeconform's fixtures",
        corpus="the fixtures that its acceptance tests judge by schema",
        bars={"equal": 0.99},
        explain=lambda side, item, name: "the fixture names a template in metadata.name, which the API server refuses" if "name" in str(item["ours"]) and item["theirs"][0] else None,
    )
    for name, strict, passes in KUBECONFORM:
        text = (fixtures / "fixtures" / name).read_text()
        found = findings(text, "1.31", strict=strict)
        rules = {finding["rule"] for finding in found} - {"duplicate-object"} - (set() if strict else {"duplicate-key"})
        if name == "valid_version.yaml":
            rules -= {"deprecated-api"}
        if (not rules) == passes:
            tally.equal(f"{name} strict={strict}", passes, passes)
        else:
            tally.equal(f"{name} strict={strict}", (not rules, sorted(finding["message"] for finding in found)), (passes, ""))
    tally.done()

table = repo("FairwindsOps/pluto")
if table:
    rows = [row for row in yaml.safe_load((table / "versions.yaml").read_text())["deprecated-versions"] if row["component"] == "k8s"]
    rows = [row for row in rows if not row["kind"].endswith("List")]

    def why(side, item, name):
        if "resource.k8s.io/v1beta1" in name:
            return "Kubernetes' own OpenAPI of 1.36 and 1.37 still serves it"
        if "FlowControl" in name:
            return "no kind of Kubernetes is called that"
        if "VolumeAttributesClass" in name or "v1alpha3" in name:
            return "Kubernetes' own OpenAPI of that version says otherwise"
        return None

    tally = Tally(tool="docker_validate_manifests", peer="pluto's table of versions", corpus="its rows for Kubernetes, asked of 1.30 to 1.37", bars={"equal": 0.99}, explain=why)
    number = lambda version: int(version.split(".")[1]) if version else None  # noqa: E731
    for row in rows:
        for minor in range(30, 38):
            removed, deprecated = number(row.get("removed-in")), number(row.get("deprecated-in"))
            expected = "removed" if removed and removed <= minor else "deprecated" if deprecated and deprecated <= minor else "served"
            found = {finding["rule"] for finding in findings(f"apiVersion: {row['version']}\nkind: {row['kind']}\nmetadata: {{name: a}}\n", f"1.{minor}")}
            mine = "removed" if found & {"removed-api", "unknown-kind"} else "deprecated" if "deprecated-api" in found else "served"
            # An API that is younger than the version asked for is not served yet.
            if expected == "served" and mine == "removed":
                mine = "served"
            tally.equal(f"{row['version']} {row['kind']} 1.{minor}", mine, expected)
    tally.done()
