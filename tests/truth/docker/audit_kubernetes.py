"""Kubernetes security against three peers and the standard's own data.

The upstream data of the Pod Security admission plugin says of each pod whether a level in a version admits it. checkov runs
live, document by document, over the checks that are claimed. Polaris' and kubesec's cases say what their checks find."""

import hashlib
import json
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import KEPT, Tally, call, pip, repo, run, sample

CHECKOV = "checkov==3.2.330"
# checkov's check and what answers it here: a rule and words of its message.
CLAIMED = {f"CKV_K8S_{number}": (f"CKV_K8S_{number}", "") for number in [8, 9, 10, 11, 12, 13, 14, 15, 21, 22, 27, 33, 35, 38, 40, 41, 42, 43, 49, 153, 155, 156, 157, 158, 159]}
CLAIMED |= {
    "CKV_K8S_16": ("privileged", "is privileged"),
    "CKV_K8S_17": ("hostNamespaces", "hostPID"),
    "CKV_K8S_18": ("hostNamespaces", "hostIPC"),
    "CKV_K8S_19": ("hostNamespaces", "hostNetwork"),
    "CKV_K8S_20": ("allowPrivilegeEscalation", ""),
    "CKV_K8S_26": ("hostPorts", ""),
    "CKV_K8S_37": ("capabilities_restricted", "does not drop ALL"),
}
WORKLOADS = {"Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"}


def audit(source, level="restricted", version="1.24"):
    return call("audit_kubernetes", {"source": source, "level": level, "kubernetesVersion": version, "output": {"maxFindings": 500}})["report"]


standards = repo("kubernetes/pod-security-admission")
if standards:
    tally = Tally(tool="docker_audit_kubernetes", peer="pod-security-admission", corpus="the plugin's own pods, pass and fail by level and version", bars={"equal": 1})
    data = standards / "test" / "testdata"
    largest = None
    for path in sample(sorted(data.rglob("*.yaml")), 250):
        level, version, verdict = path.relative_to(data).parts[:3]
        text = path.read_text()
        answer = call("audit_kubernetes", {"source": text, "level": level, "kubernetesVersion": version})["report"]["data"]["workloads"]
        tally.equal(str(path.relative_to(data)), "fail" if answer[0]["violations"] else "pass", verdict)
    tally.done()


def documents():
    import yaml

    seen = set()
    for name in ["bridgecrewio/checkov", "FairwindsOps/polaris", "controlplaneio/kubesec", "stackrox/kube-linter", "np-guard/netpol-analyzer"]:
        folder = repo(name)
        for path in sorted(folder.rglob("*.y*ml")) if folder else []:
            try:
                text = path.read_text()
            except UnicodeDecodeError:
                continue
            if len(text) > 200_000 or "apiVersion" not in text:
                continue
            for at, part in enumerate(re.split(r"(?m)^---(?=\s|$).*\n?", text)):
                try:
                    document = yaml.safe_load(part)
                except Exception:
                    continue
                fits = isinstance(document, dict) and isinstance(document.get("metadata"), dict) and isinstance(document["metadata"].get("name"), str) and document.get("kind") != "List"
                if fits and isinstance(document.get("apiVersion"), str) and isinstance(document.get("kind"), str) and part not in seen:
                    seen.add(part)
                    yield f"{name}: {path.relative_to(folder)}#{at}", part, document


def checkov(chosen):
    """What checkov fails of each document: a file each, one run, kept by its input."""
    key = hashlib.sha256(json.dumps([CHECKOV, sorted(CLAIMED), [text for _, text, _ in chosen]]).encode()).hexdigest()[:16]
    kept = KEPT / "checkov" / f"{key}.json"
    if not kept.exists():
        program = pip(CHECKOV) / "bin" / "checkov"
        # checkov passes over everything below a folder whose name begins with a dot, as the cache's may: it gets a folder of its own.
        with tempfile.TemporaryDirectory(prefix="checkov") as folder:
            for at, (_, text, _) in enumerate(chosen):
                (pathlib.Path(folder) / f"{at:05}.yaml").write_text(text)
            started = time.perf_counter()
            output = run([str(program), "-d", folder, "--framework", "kubernetes", "-o", "json", "--compact", "--quiet", "--skip-download", "-c", ",".join(CLAIMED)], failing=True)
            seconds = time.perf_counter() - started
        results = json.loads(output)
        results = results if isinstance(results, list) else [results]
        failed = [[int(pathlib.Path(one["file_path"]).stem), one["check_id"]] for result in results for one in result.get("results", {}).get("failed_checks", [])]
        if not failed:
            raise RuntimeError("checkov found nothing in any document: it did not look at them")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"seconds": seconds, "failed": failed}))
    answer = json.loads(kept.read_text())
    found = [set() for _ in chosen]
    for at, check in answer["failed"]:
        found[at].add(check)
    return found, answer["seconds"]


DOCUMENTS = {}


def explain(side, item, name):
    document = DOCUMENTS[name]
    kind, group = document["kind"], document["apiVersion"].rpartition("/")[0]
    if item == "CKV_K8S_49" and side == "ours":
        return "checkov looks at a role's first rule alone"
    if item == "CKV_K8S_26" and side == "theirs":
        return "hostPort 0 is no host port"
    if kind == "PodTemplate":
        return "PodTemplates: checkov asks some of its checks of them, we all"
    if kind in WORKLOADS and group not in ("", "apps", "batch", "extensions"):
        return "a kind of another API group with the name of a workload"
    text = json.dumps(document, default=str)
    if item in ("CKV_K8S_27",) and side == "ours":
        return "sockets of other runtimes count too"
    if "\"containers\": []" in text or "containers" not in text:
        return "a pod without containers: checkov fails what it cannot see"
    if item in ("CKV_K8S_155", "CKV_K8S_156", "CKV_K8S_157", "CKV_K8S_158") and document["metadata"]["name"].startswith("system:"):
        return "roles of Kubernetes itself are left out here"
    return None


sys.path.insert(0, str(next((pip("PyYAML==6.0.2") / "lib").glob("python*")) / "site-packages"))
if any(repo(name) for name in ["bridgecrewio/checkov", "FairwindsOps/polaris"]):
    chosen = sample(documents(), 80)
    theirs, seconds = checkov(chosen)
    tally = Tally(tool="docker_audit_kubernetes", peer=CHECKOV.replace("==", " "), corpus=f"documents of public repositories, {len(CLAIMED)} checks claimed", bars={"recall": 0.95, "precision": 0.95}, explain=explain)
    micros = 0
    for (name, text, document), failed in zip(chosen, theirs):
        DOCUMENTS[name] = document
        answer = call("audit_kubernetes", {"source": text, "kubernetesVersion": "1.24", "output": {"maxFindings": 500}})
        micros += answer["micros"]
        found = [finding for finding in answer["report"]["findings"] if "ephemeral container" not in finding["message"]]
        ours = {check for check, (rule, words) in CLAIMED.items() if any(one["rule"] == rule and words in one["message"] for one in found)}
        tally.sets(name, sorted(ours), sorted(failed))
    tally.timing(f"{len(chosen)} documents", micros / 1000, seconds * 1000)
    tally.done()

POLARIS = {
    "cpuLimitsMissing": ("CKV_K8S_11", ""), "cpuRequestsMissing": ("CKV_K8S_10", ""), "memoryLimitsMissing": ("CKV_K8S_13", ""), "memoryRequestsMissing": ("CKV_K8S_12", ""),
    "hostIPCSet": ("hostNamespaces", "hostIPC"), "hostNetworkSet": ("hostNamespaces", "hostNetwork"), "hostPIDSet": ("hostNamespaces", "hostPID"), "hostPathSet": ("hostPathVolumes", ""),
    "hostPortSet": ("hostPorts", ""), "hostProcess": ("windowsHostProcess", ""), "livenessProbeMissing": ("CKV_K8S_8", ""), "readinessProbeMissing": ("CKV_K8S_9", ""),
    "notReadOnlyRootFilesystem": ("CKV_K8S_22", ""), "privilegeEscalationAllowed": ("allowPrivilegeEscalation", ""), "procMount": ("procMount", ""), "pullPolicyNotAlways": ("CKV_K8S_15", ""),
    "runAsPrivileged": ("privileged", ""), "tagNotSpecified": ("CKV_K8S_14", ""), "clusterrolebindingClusterAdmin": ("clusterAdmin", ""), "rolebindingClusterAdminRole": ("clusterAdmin", ""),
    "rolebindingClusterAdminClusterRole": ("clusterAdmin", ""), "clusterrolePodExecAttach": ("podExecAttach", ""), "rolePodExecAttach": ("podExecAttach", ""), "automountServiceAccountToken": ("CKV_K8S_38", ""),
}


def polaris_reason(side, item, name):
    if name.startswith("pullPolicyNotAlways"):
        return "an image without a tag, or with a digest, is pulled Always without saying so"
    if "default_clusteradmin" in name:
        return "a ClusterRole cluster-admin of the input takes the place of the built-in one, and gives less"
    if "calico" in name:
        return "an exception for Google's calico role"
    if name.startswith("automountServiceAccountToken"):
        return "the pod's own field decides here; the service account's is looked at alone"
    return None


folder = repo("FairwindsOps/polaris")
if folder:
    tally = Tally(tool="docker_audit_kubernetes", peer="polaris' test cases", corpus=f"test/checks of {len(POLARIS)} checks claimed", bars={"equal": 0.95}, explain=polaris_reason)
    for check, (rule, words) in POLARIS.items():
        for path in sorted((folder / "test" / "checks" / check).glob("*.yaml")):
            verdict = path.name.split(".")[0]
            if verdict not in ("success", "failure"):
                continue
            level = "baseline" if rule in ("hostPathVolumes", "procMount") else "restricted"
            found = any(one["rule"] == rule and words in one["message"] for one in audit(path.read_text(), level)["findings"])
            tally.equal(f"{check}/{path.name}", "failure" if found else "success", verdict)
    tally.done()

BAD = {"HostPID": ("hostNamespaces", "hostPID"), "HostIPC": ("hostNamespaces", "hostIPC"), "HostNetwork": ("hostNamespaces", "hostNetwork"), "Privileged": ("privileged", ""), "DockerSock": ("CKV_K8S_27", ""), "CapSysAdmin": ("capabilities_restricted", "SYS_ADMIN")}
GOOD = {"LimitsCPU": "CKV_K8S_11", "LimitsMemory": "CKV_K8S_13", "RequestsCPU": "CKV_K8S_10", "RequestsMemory": "CKV_K8S_12", "ReadOnlyRootFilesystem": "CKV_K8S_22"}
def containers(document):
    """How many containers an object has, wherever its pod is."""
    if isinstance(document, list):
        return sum(containers(one) for one in document)
    if not isinstance(document, dict):
        return 0
    own = sum(len(document.get(key) or []) for key in ("containers", "initContainers"))
    return own + sum(containers(value) for key, value in document.items() if key not in ("containers", "initContainers"))


folder = repo("controlplaneio/kubesec")
if folder:
    import yaml

    tally = Tally(tool="docker_audit_kubernetes", peer="kubesec's test cases", corpus=f"the unit tests of {len(BAD) + len(GOOD)} rules claimed", bars={"equal": 0.95})
    for path in sorted((folder / "pkg" / "rules").glob("*_test.go")):
        for text, rule, count in re.findall(r"var data = `(.*?)`.*?:= (\w+)\(json\)\s*if \w+ != (\d+)", path.read_text(), re.S):
            findings = audit(text.replace("\t", "  "), "restricted", "1.24")["findings"] if rule in BAD or rule in GOOD else []
            name = f"{path.name} {rule} {hashlib.sha256(text.encode()).hexdigest()[:6]}"
            if rule in BAD:
                wanted, words = BAD[rule]
                tally.equal(name, any(one["rule"] == wanted and words in one["message"] for one in findings), int(count) > 0)
            elif rule in GOOD:
                # kubesec counts the containers that keep a rule, we those that do not.
                try:
                    total = containers(yaml.safe_load(text.replace("\t", "  ")))
                except yaml.YAMLError:
                    continue
                tally.equal(name, total - sum(one["rule"] == GOOD[rule] for one in findings), int(count))
    tally.done()
