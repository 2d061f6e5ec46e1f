"""Who reaches whom under NetworkPolicies, against netpol-analyzer's published outputs; dangling references against kube-linter's cases.

Each of netpol-analyzer's test folders is a set of manifests with its list of connections. Folders with other networks than the
pods' own (user-defined networks, virtual machines, gateways) are left out, since they are no part of what is claimed. Adjacent
ranges of addresses of which the same holds are joined on both sides."""

import collections
import ipaddress
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import Tally, call, repo, sample

LEFT_OUT = re.compile(r"kind: *\"?(UserDefinedNetwork|ClusterUserDefinedNetwork|NetworkAttachmentDefinition|VirtualMachine|VirtualMachineInstance|Gateway)\b|k8s.v1.cni.cncf.io/networks|\bnodes:|::/|\"[0-9a-f:]+::")


def joined(lines):
    """Connections as a set, neighbouring ranges of addresses joined."""
    ranges, found = collections.defaultdict(list), set()
    for source, target, ports in lines:
        for at, end in enumerate((source, target)):
            match = re.fullmatch(r"([\d.]+)-([\d.]+)\[External\]", end)
            if match:
                first, last = (int(ipaddress.IPv4Address(one)) for one in match.groups())
                ranges[at, (target, source)[at], ports].append((first, last))
                break
        else:
            found.add((source, target, ports))
    for (at, other, ports), list_ in ranges.items():
        whole = []
        for first, last in sorted(list_):
            if whole and first <= whole[-1][1] + 1:
                whole[-1][1] = max(whole[-1][1], last)
            else:
                whole.append([first, last])
        for first, last in whole:
            text = f"{ipaddress.IPv4Address(first)}-{ipaddress.IPv4Address(last)}"
            found.add((text, other, ports) if at == 0 else (other, text, ports))
    return {f"{source} => {target} : {ports}" for source, target, ports in found}


def explain(side, item, name):
    return None


analyzer = repo("np-guard/netpol-analyzer")
if analyzer:
    tally = Tally(tool="docker_analyze_wiring", peer="netpol-analyzer's published outputs", corpus="its test folders with pod networks: sets of connections", bars={"recall": 0.97, "precision": 0.97}, explain=explain)
    whole = Tally(tool="docker_analyze_wiring", peer="netpol-analyzer's published outputs, whole folders", corpus="the same: every connection of a folder equal", bars={"equal": 0.97}, explain=lambda side, item, name: None)
    outputs = [path for path in sorted((analyzer / "test_outputs" / "connlist").glob("*_connlist_output.txt")) if "focus_workload" not in path.name and "exposure" not in path.name]
    chosen = []
    for path in outputs:
        folder = analyzer / "tests" / path.name.removesuffix("_connlist_output.txt")
        files = sorted(one for one in folder.rglob("*") if one.suffix in (".yaml", ".yml", ".json") and "output" not in one.name) if folder.is_dir() else []
        texts = [(one, one.read_text(errors="replace")) for one in files]
        if texts and not any(LEFT_OUT.search(text) for _, text in texts):
            chosen.append((folder, path, texts))
    slowest = (0, "", 0)
    for folder, path, texts in sample(chosen, 40):
        arguments = {"files": [{"path": str(one.relative_to(folder)), "source": text} for one, text in texts], "output": {"maxFindings": 1}}
        answer = call("analyze_wiring", arguments)
        slowest = max(slowest, (answer["micros"], folder.name, len(texts)))
        ours = joined((one["from"], one["to"], one["ports"]) for one in answer["report"]["data"]["connections"])
        lines = [re.fullmatch(r"(.+?) => (.+?) : (.+)", line) for line in path.read_text().splitlines()]
        theirs = joined(line.groups() for line in lines if line)
        tally.sets(folder.name, sorted(ours), sorted(theirs))
        whole.equal(folder.name, len(ours ^ theirs), 0)
    # Its outputs are published, the program is not: there is no time to compare with.
    print(f"  slowest folder: {slowest[1]}, {slowest[2]} files, {slowest[0] / 1000:.0f} ms", file=sys.stderr)
    tally.done()
    whole.done()

# kube-linter's cases: what its end-to-end tests expect, as rule and number of objects.
CASES = {
    "dangling-hpa.yml": ("dangling-horizontalpodautoscaler", 1),
    "dangling-ingress.yml": ("dangling-ingress", 2),
    "dangling-networkpolicy.yml": ("dangling-networkpolicy", 1),
    "dangling-networkpolicypeer-podselector.yml": ("dangling-networkpolicypeer-podselector", 1),
    "dangling-service.yml": ("dangling-service", 2),
    "dangling-servicemonitor.yml": ("dangling-servicemonitor", None),
    "mismatching-selector.yml": ("mismatching-selector", 2),
    "non-existent-service-account.yml": ("non-existent-service-account", None),
    "non-isolated-pod.yml": ("non-isolated-pod", None),
    "invalid-target-ports.yaml": ("invalid-target-ports", 4),
    "duplicate-env-var.yaml": ("duplicate-env-var", 2),
    "pdb-max-unavailable.yaml": ("pdb-max-unavailable", None),
    "pdb-min-available.yaml": ("pdb-min-available", None),
    "liveness-port.yml": ("liveness-port", None),
    "readiness-port.yml": ("readiness-port", None),
    "startup-port.yml": ("startup-port", None),
}
REASONS = {
    "dangling-servicemonitor.yml": "a ServiceMonitor without a namespaceSelector looks in its own namespace (Prometheus operator), not in all",
    "pdb-min-available.yaml": "a Deployment without a template makes no pods to protect",
}
linter = repo("stackrox/kube-linter")
if linter:
    tests = (linter / "e2etests" / "bats-tests.sh").read_text()
    tally = Tally(tool="docker_analyze_wiring", peer="kube-linter's test cases", corpus="its end-to-end tests of the checks claimed: how many objects are reported", bars={"equal": 0.97}, explain=lambda side, item, name: REASONS.get(name))
    for name, (rule, _) in CASES.items():
        path = linter / "tests" / "checks" / name
        body = re.search(r'tests/checks/' + re.escape(name) + r'"(.*?)\n@test', tests, re.S)
        expected = body and re.search(r'"\$\{?count\}?" == "(\d+)"', body.group(1))
        if not path.exists() or not expected:
            continue
        findings = call("analyze_wiring", {"source": path.read_text(), "output": {"maxFindings": 500}})["report"]["findings"]
        tally.equal(name, sum(one["rule"] == rule for one in findings), int(expected.group(1)))
    tally.done()
