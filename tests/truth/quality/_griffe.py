"""griffe in a process of its own: each line names a package and two folders; the answer has breakages, new names, and the time."""

import json
import logging
import sys
import time

import griffe

logging.disable(logging.CRITICAL)


def names(thing, found, seen):
    """Public names, and the parameters of public functions."""
    if thing.path in seen:
        return
    seen.add(thing.path)
    for name, member in thing.all_members.items():
        try:
            if not member.is_public:
                continue
            found.add(f"{thing.path}.{name}")
            target = member.final_target if member.is_alias else member
        except griffe.AliasResolutionError:
            continue
        except griffe.CyclicAliasError:
            continue
        if target.is_function:
            found.update(f"{thing.path}.{name}({parameter.name})" for parameter in target.parameters)
        elif target.is_class or target.is_module:
            names(target, found, seen)


def moved(old, new, found, seen):
    """Names of what stood in a module and is imported into it now, with its members: griffe does not compare these."""
    if old.path in seen:
        return
    seen.add(old.path)
    for name, member in old.members.items():
        other = new.members.get(name)
        if other is None or member.is_alias:
            continue
        if other.is_alias:
            found.add(name)
            found.update(member.members)
        elif member.is_module and other.is_module:
            moved(member, other, found, seen)


def load(package, folder):
    return griffe.load(package, search_paths=[folder], allow_inspection=False, try_relative_path=False, resolve_aliases=False)


for line in sys.stdin:
    package, old_folder, new_folder = json.loads(line)
    started = time.perf_counter()
    old, new = load(package, old_folder), load(package, new_folder)
    items = []
    for breakage in griffe.find_breaking_changes(old, new):
        parameter = ""
        if breakage.kind.name.startswith("PARAMETER_"):
            parameter = (breakage.old_value or breakage.new_value).name
        items.append([breakage.kind.name, breakage.obj.path, breakage.obj.name, parameter])
    spent = (time.perf_counter() - started) * 1000
    had, has = set(), set()
    names(old, had, set())
    names(new, has, set())
    gone = set()
    moved(old, new, gone, set())
    print(json.dumps({"items": items, "moved": sorted(gone), "added": sorted(has - had)[:50], "spent": spent}), flush=True)
