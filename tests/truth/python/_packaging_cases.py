"""Every question that packaging's own tests ask, with packaging's answer, as JSON lines; run by pytest's Python over a checkout.

Classes are wrapped before the tests import them, so nothing of the tests is parsed: what they call is what is recorded.
"""

import json
import sys

import pytest
from packaging import licenses, markers, requirements, specifiers, version

seen = {}


def record(kind, question, answer):
    try:
        seen.setdefault((kind, json.dumps(question, sort_keys=True)), answer)
    except TypeError:
        pass  # Not text: no question for a tool.


def wrap_init(owner, kind):
    whole = owner.__init__

    def init(self, text="", *args, **options):
        try:
            whole(self, text, *args, **options)
        except ValueError:
            if isinstance(text, str):
                record(kind, text, None)
            raise
        if isinstance(text, str):
            record(kind, text, str(self))

    owner.__init__ = init


def wrap_contains(owner):
    whole = owner.contains

    def contains(self, item, prereleases=None, **options):
        answer = whole(self, item, prereleases, **options)
        policy = prereleases if prereleases is not None else self._prereleases
        if not options.get("installed"):
            record("contains", [str(self), str(item), policy], answer)
        return answer

    owner.contains = contains


def wrap_filter(owner):
    whole = owner.filter

    def keep(self, iterable, prereleases=None, key=None):
        items = list(iterable)
        answer = list(whole(self, items, prereleases, key))
        policy = prereleases if prereleases is not None else self._prereleases
        if key is None:
            record("filter", [str(self), [str(item) for item in items], policy], [str(item) for item in answer])
        return iter(answer)

    owner.filter = keep


evaluate = markers.Marker.evaluate


def evaluated(self, environment=None, context="metadata"):
    answer = evaluate(self, environment, context)
    values = {**markers.default_environment(), "extra": "", **(environment or {})}
    if context != "lock_file" and all(isinstance(value, str) or value is None for value in values.values()):
        record("marker-holds", [str(self), {name: value or "" for name, value in values.items()}], answer)
    return answer


expression = licenses.canonicalize_license_expression


def canonical(text):
    try:
        answer = expression(text)
    except ValueError:
        record("licence", text, None)
        raise
    record("licence", text, answer)
    return answer


for owner, kind in ((version.Version, "version"), (specifiers.Specifier, "specifiers"), (specifiers.SpecifierSet, "specifiers"), (markers.Marker, "marker"), (requirements.Requirement, "requirement")):
    wrap_init(owner, kind)
for owner in (specifiers.Specifier, specifiers.SpecifierSet):
    wrap_contains(owner)
    wrap_filter(owner)
markers.Marker.evaluate = evaluated
licenses.canonicalize_license_expression = canonical

pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]])
with open(sys.argv[1], "w", encoding="utf-8") as out:
    for (kind, question), answer in seen.items():
        out.write(json.dumps([kind, json.loads(question), answer]) + "\n")
