"""pip-audit's own service and auditor over records that are not fetched: `OsvService` with a session that answers from a folder.

What osv.dev does on its side, choosing the records that affect a version, is done here as the schema says, with packaging's
versions. Reads a line of JSON, [[name, version], ...], and prints for each the ids and versions pip-audit would tell.
"""

import json
import sys

from packaging.version import InvalidVersion, Version
from pip_audit._audit import AuditOptions, Auditor
from pip_audit._dependency_source import DependencySource
from pip_audit._service import OsvService
from pip_audit._service.interface import ResolvedDependency

records = {}
for line in open(sys.argv[1], encoding="utf-8"):
    record = json.loads(line)
    for name in {affected["package"]["name"] for affected in record.get("affected", [])}:
        records.setdefault(name, []).append(record)


def parsed(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def affects(affected, version):
    if any(parsed(text) == version for text in affected.get("versions", [])):
        return True
    for span in affected.get("ranges", []):
        if span["type"] != "ECOSYSTEM":
            continue
        events = []
        for event in span["events"]:
            for kind, text in event.items():
                events.append((Version("0.dev0") if text == "0" else Version(text), kind))
        hit = False
        for at, kind in sorted(events, key=lambda one: (one[0], one[1] == "introduced")):
            if kind == "introduced" and version >= at:
                hit = True
            elif kind == "fixed" and version >= at:
                hit = False
            elif kind == "last_affected" and version > at:
                hit = False
        if hit:
            return True
    return False


class Answer:
    def __init__(self, found):
        self.found = found

    def raise_for_status(self):
        pass

    def json(self):
        return {"vulns": self.found} if self.found else {}


class Session:
    def post(self, url, data, timeout):
        query = json.loads(data)
        name, version = query["package"]["name"], Version(query["version"])
        return Answer([record for record in records.get(name, []) if any(affected["package"]["name"] == name and affects(affected, version) for affected in record["affected"])])


class Source(DependencySource):
    def __init__(self, pins):
        self.pins = pins

    def collect(self):
        for name, version in self.pins:
            yield ResolvedDependency(name=name, version=Version(version))

    def fix(self, version):
        raise NotImplementedError


service = OsvService()
service.session = Session()
auditor = Auditor(service, AuditOptions())
for line in sys.stdin:
    found = []
    for dependency, flaws in auditor.audit(Source(json.loads(line))):
        for flaw in flaws:
            found.append([dependency.canonical_name, str(dependency.version), flaw.id, sorted(flaw.aliases), [str(version) for version in flaw.fix_versions]])
    print(json.dumps(found), flush=True)
