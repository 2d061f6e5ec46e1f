"""What vulture finds in the folders named on standard input, one line of JSON each; run by its own Python."""

import contextlib
import io
import json
import pathlib
import sys
import time

from vulture.core import Vulture

for line in sys.stdin:
    folder = line.rstrip("\n")
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        vulture = Vulture()
        vulture.scavenge([folder])
        found = vulture.get_unused_code(min_confidence=0)
    spent = (time.perf_counter() - started) * 1000
    root = pathlib.Path(folder).resolve()
    items = [[str(pathlib.Path(item.filename).resolve().relative_to(root)), item.typ, item.name, item.first_lineno, item.confidence] for item in found]
    print(json.dumps({"items": items, "spent": spent}), flush=True)
