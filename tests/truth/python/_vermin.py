"""Least versions by vermin for the texts on standard input, a JSON string a line; run by its own Python."""

import json
import os
import sys
import tempfile
import time

from vermin import Config
from vermin.processor import Processor

config = Config()
config.enable_feature("fstring-self-doc")
folder = tempfile.mkdtemp()
path = os.path.join(folder, "m.py")
for line in sys.stdin:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(json.loads(line))
    started = time.perf_counter()
    found = Processor.process_individual((path, config))
    spent = (time.perf_counter() - started) * 1000
    mins = None if found is None or found.node is None else ("conflict" if found.mins is None else [list(v) if v else None for v in found.mins])
    print(json.dumps({"mins": mins, "text": found.text if found else "", "spent": spent}), flush=True)
