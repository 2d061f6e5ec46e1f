"""Figures of radon and interrogate for the files named on standard input, one line of JSON each; run by their own Python."""

import ast
import json
import sys

from interrogate.config import InterrogateConfig
from interrogate.visit import CoverageVisitor
from radon.complexity import cc_visit
from radon.metrics import h_visit, mi_visit
from radon.raw import analyze
from radon.visitors import ComplexityVisitor

for line in sys.stdin:
    path = line.rstrip("\n")
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    figures = {}
    try:
        figures["blocks"] = [[block.name, block.lineno, block.complexity] for block in cc_visit(text)]
        figures["cyclomatic"] = ComplexityVisitor.from_code(text).total_complexity
        halstead = h_visit(text)
        figures["halstead"] = halstead.total
        figures["functions"] = [[name, report] for name, report in halstead.functions]
        figures["lines"] = analyze(text)
        figures["maintainability"] = mi_visit(text, True)
        visitor = CoverageVisitor(path, InterrogateConfig())
        visitor.visit(ast.parse(text))
        figures["documented"] = [sum(node.covered for node in visitor.nodes), len(visitor.nodes)]
    except Exception as error:  # What a peer cannot read is no case.
        figures = {"error": repr(error)}
    print(json.dumps(figures), flush=True)
