"""Cases of pyupgrade's own tests, rewritten by pyupgrade: one line of JSON each; run by its own Python with the folder of its tests."""

import importlib.util
import json
import pathlib
import re
import sys

from pyupgrade._data import Settings
from pyupgrade._main import _fix_plugins, _fix_tokens



def imported(source):
    """The case with an import of each module that it uses without one: ruff follows names to their imports."""
    if "__future__" in source or "coding" in source or source.startswith(("import", "from")):
        return source
    used = [name for name in ("sys", "os", "socket", "typing", "functools", "subprocess", "datetime") if re.search(rf"(?m)^[^#'\"]*\b{name}\.", source)]
    return "".join(f"import {name}\n" for name in used) + source


for path in sorted(pathlib.Path(sys.argv[1]).glob("*_test.py")):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, function in vars(module).items():
        for mark in getattr(function, "pytestmark", []):
            if mark.name != "parametrize":
                continue
            names, values = mark.args[0], mark.args[1]
            names = [part.strip() for part in names.split(",")] if isinstance(names, str) else list(names)
            for value in values:
                value = getattr(value, "values", value)
                value = value if isinstance(value, tuple) else (value,)
                given = dict(zip(names, value))
                source = given.get("s", given.get("src"))
                if not isinstance(source, str):
                    continue
                source = imported(source)
                version = next((item for key, item in given.items() if "version" in key and isinstance(item, tuple)), (3, 9))
                # Ours begin at 3.7.
                version = max((*version, 0)[:2], (3, 7))
                result = _fix_tokens(_fix_plugins(source, settings=Settings(min_version=version)))
                print(json.dumps({"file": path.stem.removesuffix("_test"), "test": name, "source": source, "version": version, "result": result}))
