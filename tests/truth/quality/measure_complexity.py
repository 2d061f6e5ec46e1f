"""Complexity against lizard, on the sources of its own tests, and against complexipy, on its fixtures and published packages."""

import ast
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import Tally, call, pip, repo, sample, sdist

# Not JSX: lizard reads it by tokens alone, and gives lines of the markup to the functions inside it.
ENDINGS = (".c", ".h", ".go", ".java", ".js", ".py", ".rs", ".ts")
SDISTS = ["requests==2.32.3", "flask==3.1.0", "click==8.1.8", "rich==13.9.4"]

# Runs lizard's own tests, and keeps each source that they analyze; then measures those of the languages we read.
COLLECT = r"""
import json, sys, unittest
sys.path.insert(0, sys.argv[1])
import lizard
seen, real = {}, lizard.FileAnalyzer.analyze_source_code
def keep(self, filename, code):
    if isinstance(code, str) and isinstance(filename, str):
        seen.setdefault((filename.rsplit(".", 1)[-1].lower(), code), filename)
    return real(self, filename, code)
lizard.FileAnalyzer.analyze_source_code = keep
sys.stdout, out = open("/dev/null", "w"), sys.stdout
suite = unittest.defaultTestLoader.discover(sys.argv[1] + "/test", pattern="test*.py", top_level_dir=sys.argv[1])
unittest.TextTestRunner(stream=open("/dev/null", "w")).run(suite)
lizard.FileAnalyzer.analyze_source_code = real
rows = []
for (ending, code), filename in seen.items():
    if "." + ending not in sys.argv[2].split(","):
        continue
    name = "a." + ending
    found = lizard.analyze_file.analyze_source_code(name, code)
    functions = [[f.start_line, f.cyclomatic_complexity, f.nloc, f.parameter_count, f.long_name] for f in found.function_list]
    rows.append([name, code, functions])
json.dump(rows, out)
"""

# Measures a file with complexipy.
COGNITIVE = r"""
import json, sys, complexipy
answers = []
for path in json.load(sys.stdin):
    try:
        found = complexipy.file_complexity(path)
        answers.append([[f.name, f.line_start, f.complexity] for f in found.functions])
    except Exception:
        answers.append(None)
json.dump(answers, sys.stdout)
"""


def rows_of(answer):
    return answer.get("report", {}).get("data", {}).get("functions", [])


def against_lizard():
    root = repo("terryyin/lizard")
    if root is None:
        return
    python = pip("lizard==1.24.3") / "bin" / "python"
    text = subprocess.run([python, "-c", COLLECT, str(root), ",".join(ENDINGS)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root, check=True).stdout
    cases = sorted(json.loads(text), key=lambda case: (case[0], case[1]))
    broken = {}

    def explain(side, item, name):
        ours, theirs = item["ours"], item["theirs"]
        if broken.get(name):
            return "the source is not valid in its language: nothing is promised"
        if ours and {**ours, "parameters": theirs["parameters"]} == theirs and "=>" in name:
            return "lizard counts no parameter of an arrow function without parentheses, and each name of a destructured one"
        return None

    tally = Tally(
        tool="quality_measure_complexity",
        peer="lizard 1.24.3 (cyclomatic complexity, lines, parameters of each function; named ones in JavaScript and TypeScript)",
        corpus=f"{len(cases)} sources of lizard's own tests in C, Go, Java, JavaScript, Python, Rust and TypeScript",
        bars={"equal": 0.97},
        explain=explain,
    )
    for at, (name, code, theirs) in enumerate(sample(cases, 60)):
        answer = call("measure_complexity", {"filename": name, "source": code, "top": 2000, "output": {"maxTokens": 20000}})
        case = f"{at} {name} {code[:160]!r}"
        syntax = any(one["rule"] == "syntax-error" for one in answer["report"]["findings"]) if "report" in answer else True
        for line, cyclomatic, nloc, parameters, long_name in theirs:
            if name.endswith((".js", ".ts")) and "anonymous" in long_name:
                continue
            mine = [row for row in rows_of(answer) if row["startLine"] <= line + 3 and row["endLine"] >= line]
            wanted = {"cyclomatic": cyclomatic, "nloc": nloc, "parameters": parameters}
            candidates = [{key: row[key] for key in wanted} for row in mine]
            broken[case] = syntax
            tally.equal(case, wanted if wanted in candidates else (candidates[0] if candidates else None), wanted)
    tally.done()


def hidden_lines(source):
    """The lines of each function that has a condition in a keyword argument or in an f-string."""
    conditions = (ast.BoolOp, ast.IfExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    try:
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    except SyntaxError:
        return []
    has = lambda node: any(isinstance(inner, conditions) for inner in ast.walk(node))
    hides = lambda function: any(isinstance(node, (ast.keyword, ast.JoinedStr)) and has(node) for node in ast.walk(function))
    return [(function.lineno, function.end_lineno) for function in functions if hides(function)]


def against_complexipy():
    python = pip("complexipy==8.3.0") / "bin" / "python"
    root = repo("rohaquinlop/complexipy")
    files = sorted((root / "tests").rglob("*.py")) if root else []
    for name in SDISTS:
        files += sorted(path for path in sdist(name).rglob("*.py") if path.stat().st_size < 300_000)
    files = sample(files, 40)
    started = time.perf_counter()
    text = subprocess.run([python, "-c", COGNITIVE], input=json.dumps([str(path) for path in files]), stdout=subprocess.PIPE, text=True, check=True).stdout
    theirs_ms = (time.perf_counter() - started) * 1000
    unread = {}

    def explain(side, item, name):
        return "a condition in a keyword argument or in an f-string, into which complexipy does not look" if name in unread else None

    tally = Tally(
        tool="quality_measure_complexity",
        peer="complexipy 8.3.0 (cognitive complexity of each function)",
        corpus=f"{len(files)} Python files: complexipy's own tests and {', '.join(SDISTS)}",
        bars={"equal": 0.97},
        explain=explain,
    )
    ours_ms = 0
    for path, theirs in zip(files, json.loads(text)):
        source = path.read_text(encoding="utf-8", errors="ignore")
        answer = call("measure_complexity", {"filename": "a.py", "source": source, "top": 2000, "output": {"maxTokens": 20000}})
        ours_ms += answer["micros"] / 1000
        if theirs is None:
            continue
        ours = {}
        for row in rows_of(answer):
            ours.setdefault((row["name"].split(".")[-1], row["startLine"]), row["cognitive"])
        hidden = hidden_lines(source)
        for name, line, complexity in theirs:
            bare = name.split("::")[-1].split(".")[-1]
            # It names the first decorator's line.
            mine = min((at for word, at in ours if word == bare and at >= line), default=None)
            case = f"{path.name}:{line} {name}"
            if any(start <= (mine or line) <= end for start, end in hidden):
                unread[case] = True
            tally.equal(case, ours.get((bare, mine)), complexity)
    tally.timing(f"all {len(files)} files", ours_ms, theirs_ms)
    tally.done()


against_lizard()
against_complexipy()
