"""Structural search against ast-grep's command line: the same matches, variables and replacements of patterns written by hand and of
patterns drawn from the sources themselves."""

import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import KEPT, SAMPLED, Tally, call, pip, repo, run, sample, sdist

VERSION = "0.51.1"
BIN = pip(f"ast-grep-cli=={VERSION}") / "bin" / "ast-grep"
PEER = f"ast-grep {VERSION}"
TOOL = "quality_search_pattern"


def tarball(specifier):
    """The folder of a published npm package."""
    folder = KEPT / "tarballs" / specifier.replace("/", "+")
    if not (folder / "unpacked").exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = run(["npm", "pack", specifier, "--silent"], cwd=folder).strip().splitlines()[-1]
        run(["tar", "-xzf", archive], cwd=folder)
        (folder / "unpacked").write_text("")
    return folder / "package"


# -- Sources: of each language some files, no more than so many bytes.

BUDGET = 20_000 if SAMPLED else 160_000


def sources(folder, endings, budget=BUDGET, least=500):
    """Files below a folder, the same each time, spread over all of it."""
    if folder is None:
        return []
    found = sorted(path for path in folder.rglob("*") if path.suffix in endings and path.is_file() and least < path.stat().st_size < 40_000 and not re.search(r"\.min\.|\.d\.ts$|/umd/|/node_modules/", str(path)))
    random.Random(5).shuffle(found)
    kept, size = [], 0
    for path in found:
        size += path.stat().st_size
        if size > budget:
            break
        try:
            kept.append((f"{folder.parent.parent.name[:8]}_{folder.parent.name[:5]}{len(kept)}{path.suffix}", path.read_bytes().decode("utf-8").replace("\r\n", "\n")))
        except UnicodeDecodeError:
            continue
    return kept


CORPORA = {
    "js": lambda: sources(tarball("eslint@4.18.1") / "lib", {".js"}) + sources(tarball("express@4.21.2") / "lib", {".js"}, 40_000),
    "ts": lambda: sources(tarball("rxjs@7.8.1") / "src", {".ts"}) + sources(tarball("immer@10.1.1") / "src", {".ts"}, 60_000),
    "tsx": lambda: sources(tarball("react-native-paper@5.12.5") / "src", {".tsx"}),
    "python": lambda: sources(sdist("flask==3.1.0") / "src", {".py"}) + sources(sdist("click==8.1.8") / "src", {".py"}, 60_000),
    "go": lambda: sources(repo("gitleaks/gitleaks"), {".go"}),
    "java": lambda: sources(sdist("JPype1==1.5.0"), {".java"}),
    "rust": lambda: sources(sdist("complexipy==5.0.0"), {".rs"}) + sources(sdist("maturin==1.7.4"), {".rs"}, 100_000),
    "c": lambda: sources(sdist("psutil==6.1.0"), {".c", ".h"}) + sources(sdist("MarkupSafe==3.0.2"), {".c"}),
}

# -- Patterns written by hand, with a rewrite where there is one.

SHARED = ["$F($A)", "$F($A, $B)", "$F($$$)", "$F($$$ARGS)", "$F($A, $$$REST)", "$F($$$INIT, $LAST)", "$A.$B", "$A.$B($$$)", "$A.$B.$C($$$ARGS)", "$A + $B", "$A == $B", "$A != $A", "$A[$B]", "$A", "f($_)", "$A($B($C))", "$A($$$, $B, $$$)"]
SCRIPT = ["$A = $B", "const $A = $B", "let $A = $B", "var $A = $B", "const $A = require($B)", "const { $$$NAMES } = $B", "function $F($$$) { $$$ }", "function $F($$$ARGS) { $$$BODY }", "function $F($A) { $$$BODY; return $B }", "if ($A) { $$$B }", "if ($A) $B", "if ($A) { $$$B } else { $$$C }", "for (const $A of $B) { $$$ }", "return $A", "return;", "$A => $B", "($$$A) => { $$$ }", "($A) => $B", "$A ? $B : $C", "$A && $B", "$A || $A.$B", "$A === $B", "typeof $A === '$B'", "typeof $A === $B", "new $A($$$)", "throw new $E($$$)", "!$A", "!!$A", "{ $A: $B }", "({ $$$A })", "[$$$A]", "[$A, $$$]", "`$A`", "'use strict'", "module.exports = $A", "$A.prototype.$B = function ($$$) { $$$ }", "try { $$$A } catch ($E) { $$$B }", "switch ($A) { $$$ }", "case $A: $$$", "class $A { $$$ }", "class $A extends $B { $$$ }", "$A++", "$A += $B", "async function $F($$$) { $$$ }", "await $A", "import $A from $B", "import { $$$A } from $B", "export default $A", "export const $A = $B", "export function $F($$$A) { $$$B }", "$A.map($F)", "$A.forEach($B => $$$C)", "$$A", "$$$A", "$A; $B", "", "function (", "// $A", "delete $A[$B]", "while ($A) $B", "/$A/"]
TYPED = ["function $F($$$): $T { $$$ }", "interface $A { $$$ }", "type $A = $B", "$A as $B", "$A!", "$A?.$B", "export type $A<$T> = $B", "private $A: $B", "const $A: $T = $B", "new $A<$T>($$$)", "import type { $$$ } from $A", "enum $A { $$$ }", "export interface $A<$$$T> { $$$ }", "function $F<$T>($$$A) { $$$B }", "$A<$B>"]
HAND = {
    "js": SHARED + SCRIPT,
    "ts": SHARED + SCRIPT[:20] + TYPED,
    "tsx": SHARED + SCRIPT[:12] + TYPED[:8] + ["<$A />", "<$A>$$$</$A>", "<$A $$$ATTRS />", "<$A $B={$C} />", "<div>$$$</div>", "<$A $$$B>$$$C</$A>", "{$A}", "$A={$B}"],
    "python": SHARED + ["$A = $B", "def $F($$$): $$$BODY", "def $F($$$ARGS):\n    $$$BODY", "def $F(self, $$$): $$$", "class $C: $$$", "class $C($B): $$$BODY", "if $A: $$$B", "if $A is None: $$$", "if not $A:\n    $$$B", "$A is None", "$A is not None", "not $A", "return $A", "raise $E($$$)", "raise $E", "import $A", "from $A import $B", "from $A import $$$B", "for $A in $B: $$$", "with $A as $B: $$$", "try:\n    $$$A\nexcept $E:\n    $$$B", "[$A for $B in $C]", "{$A: $B}", "lambda $A: $B", "$A or $B", "$A and $B", "isinstance($A, $B)", "isinstance($A, ($$$))", "self.$A = $A", "self.$A = $B", "print($$$)", "$A: $T = $B", "@$D\ndef $F($$$): $$$", "getattr($A, $B, $C)", "$F($$$, $K=$V)", "$F($K=$V)", "f'$A'", "\"$A\"", "assert $A", "yield $A", "$A % $B", "$A if $B else $C", "*$A", "**$A", "$A[$B:$C]", "# $A", "$A; $B", "def"],
    "go": SHARED + ["$A := $B", "$A, $B := $C", "$A, err := $C($$$)", "if err != nil { $$$ }", "if err != nil { return $$$A }", "if $A { $$$B }", "func $F($$$) { $$$ }", "func $F($$$A) $R { $$$B }", "func ($R $T) $F($$$) $$$ { $$$ }", "return $A", "return $A, $B", "return $$$A", "for $A := range $B { $$$ }", "for _, $A := range $B { $$$C }", "$A = append($A, $$$B)", "append($A, $B)", "&$T{$$$}", "$T{$$$}", "[]$T{$$$}", "map[$K]$V{$$$}", "defer $A()", "go $A", "switch $A { $$$ }", "type $A struct { $$$ }", "type $A interface { $$$ }", "var $A $T", "const $A = $B", "$A = 0", "fmt.Errorf($$$)", "$A && $B", "!$A", "*$A", "&$A", "make($$$)", "package $A", "import $A", "$A.$B = $C"],
    "java": SHARED + ["$A = $B;", "$A = $B", "$T $A = $B;", "String $A = $B;", "if ($A) { $$$ }", "if ($A) $B", "if ($A == null) $B", "return $A;", "return;", "throw new $E($$$);", "new $A($$$)", "public $T $F($$$) { $$$ }", "class $A { $$$ }", "public class $A { $$$ }", "import $A;", "import java.util.$A;", "package $A;", "for ($T $A : $B) { $$$ }", "for ($A; $B; $C) $D", "try { $$$ } catch ($E $V) { $$$ }", "($T) $A", "$A instanceof $B", "$A ? $B : $C", "$A && $B", "!$A", "synchronized ($A) { $$$ }", "this.$A = $A;", "this.$A = $B;", "$A.equals($B)", "System.out.println($$$)", "@$A", "@Override", "$A -> $B", "while ($A) $B", "$T[] $A", "$A++", "private static final $T $A = $B;"],
    "rust": SHARED + ["let $A = $B;", "let mut $A = $B;", "let $A: $T = $B;", "fn $F($$$) { $$$ }", "fn $F($$$A) -> $R { $$$B }", "pub fn $F($$$) -> $T { $$$ }", "if $A { $$$ }", "if let $A = $B { $$$ }", "if let Some($A) = $B { $$$ }", "match $A { $$$ }", "$A => $B", "Some($A)", "Ok($A)", "Err($E)", "$A?", "$A.unwrap()", "$A.clone()", "&$A", "&mut $A", "*$A", "!$A", "use $A;", "use $A::$B;", "use $A::{$$$};", "mod $A;", "struct $A { $$$ }", "enum $A { $$$ }", "impl $A { $$$ }", "impl $T for $A { $$$ }", "$A::$B", "$A::$B($$$)", "$A::<$T>()", "vec![$$$]", "println!($$$)", "format!($$$A)", "$M!($$$)", "return $A;", "return $A", "for $A in $B { $$$ }", "|$A| $B", "|$$$| $B", "$A as $T", "$A..$B", "[$$$]", "($A, $B)", "#[$A]", "$A { $$$ }", "unsafe { $$$ }", "loop { $$$ }", "$A && $B", "Vec<$T>", "Option<$T>"],
    "c": SHARED + ["$A = $B;", "$A = $B", "$T $A = $B;", "int $A = $B;", "$T $A;", "if ($A) $B", "if ($A) { $$$ }", "if ($A == NULL) $B", "if ($A == NULL) return $B;", "return $A;", "return;", "goto $A;", "for ($A; $B; $C) $D", "for ($A = 0; $A < $B; $A++) { $$$ }", "while ($A) { $$$ }", "$A->$B", "$A->$B = $C;", "*$A", "&$A", "sizeof($A)", "($T) $A", "malloc($A)", "free($A);", "free($A)", "static $T $F($$$) { $$$ }", "$T $F($$$A) { $$$B }", "$T *$F($$$A) { $$$B }", "struct $A { $$$ }", "#include $A", "#define $A $B", "!$A", "$A && $B", "$A ? $B : $C", "$A++", "Py_DECREF($A);", "switch ($A) { $$$ }", "typedef $A $B;", "$A | $B", "\"$A\"", "PyErr_SetString($A, $B);"],
}
# Pattern, rewrite: what it makes of a match.
REWRITES = {
    "js": [("var $A = $B", "let $A = $B"), ("$A === $B", "Object.is($A, $B)"), ("function $F($$$ARGS) { $$$BODY }", "const $F = ($$$ARGS) => {\n  $$$BODY\n}"), ("$A.length", "size($A)"), ("if ($A) { $$$B }", "if (!($A)) {\n  return\n}\n$$$B"), ("$F($$$A)", "$F.call(this, $$$A)"), ("'use strict'", ""), ("const $A = require($B)", "import $A from $B"), ("$A && $B", "$5 $$ $a $B$B")],
    "ts": [("$A as $B", "<$B>$A"), ("const $A = $B", "let $A: any = $B"), ("export function $F($$$A) { $$$B }", "export default function $F($$$A) {\n        $$$B\n}")],
    "tsx": [("<$A $$$B />", "<$A $$$B></$A>")],
    "python": [("if $A: $$$B", "while $A:\n    $$$B"), ("def $F($$$ARGS):\n    $$$BODY", "async def $F($$$ARGS):\n        $$$BODY"), ("$A is None", "$A == None"), ("self.$A = $B", "setattr(self, '$A', $B)"), ("return $A", "return (\n    $A\n)"), ("isinstance($A, $B)", "type($A) is $B")],
    "go": [("if err != nil { $$$A }", "if check(err) {\n\t$$$A\n}"), ("$A := $B", "var $A = $B"), ("fmt.Errorf($$$A)", "errors.New(fmt.Sprintf($$$A))")],
    "java": [("$A.equals($B)", "Objects.equals($A, $B)"), ("if ($A) { $$$B }", "if ($A) {\n        log();\n        $$$B\n}"), ("$T $A = $B;", "final $T $A = $B;")],
    "rust": [("$A.unwrap()", "$A?"), ("let $A = $B;", "let $A = {\n    $B\n};"), ("vec![$$$A]", "Vec::from([$$$A])")],
    "c": [("free($A)", "xfree(&$A)"), ("if ($A) { $$$B }", "if (likely($A)) {\n    $$$B\n}"), ("$A->$B", "(*$A).$B")],
}
# Pattern, conditions as ours and as ast-grep's rule.
CONDITIONS = {
    "js": [
        ("$F($$$)", "inside function $N($$$) { $$$ }", {"inside": {"pattern": "function $N($$$) { $$$ }", "stopBy": "end"}}, {}),
        ("$F($$$)", "not inside function $N($$$) { $$$ }", {"not": {"inside": {"pattern": "function $N($$$) { $$$ }", "stopBy": "end"}}}, {}),
        ("function $F($$$) { $$$ }", "has return $A", {"has": {"pattern": "return $A", "stopBy": "end"}}, {}),
        ("function $F($$$) { $$$ }", "not has return $A", {"not": {"has": {"pattern": "return $A", "stopBy": "end"}}}, {}),
        ("if ($A) $B", "has $A.$C", {"has": {"pattern": "$A.$C", "stopBy": "end"}}, {}),
        ("const $A = $B", "$A ~ ^[a-z]+$", {}, {"A": {"regex": "^[a-z]+$"}}),
        ("const $A = $B", "$A !~ ^[a-z]+$", {}, {"A": {"not": {"regex": "^[a-z]+$"}}}),
        ("$F($A)", "$A is string\n$F is identifier", {}, {"A": {"kind": "string"}, "F": {"kind": "identifier"}}),
        ("$F($A)", "$A is not identifier", {}, {"A": {"not": {"kind": "identifier"}}}),
        ("$A.$B", "$B ~ get\ninside if ($C) $D\nnot inside for ($$$E) $F", {"all": [{"inside": {"pattern": "if ($C) $D", "stopBy": "end"}}, {"not": {"inside": {"pattern": "for ($$$E) $F", "stopBy": "end"}}}]}, {"B": {"regex": "get"}}),
        ("$A || $B", "has $A || $C", {"has": {"pattern": "$A || $C", "stopBy": "end"}}, {}),
        ("({ $K: $V })", "selector pair", {"selector": "pair"}, {}),
        ("({ $K: $V })", "selector pair\n$V is string", {"selector": "pair"}, {"V": {"kind": "string"}}),
        ("class A { $M($$$) { $$$ } }", "selector method_definition", {"selector": "method_definition"}, {}),
    ],
    "ts": [
        ("class A { $F = $V }", "selector public_field_definition", {"selector": "public_field_definition"}, {}),
        ("class A { private $F: $T }", "selector public_field_definition", {"selector": "public_field_definition"}, {}),
        ("$A as $T", "$T is predefined_type", {}, {"T": {"kind": "predefined_type"}}),
        ("new $C($$$)", "inside return $R", {"inside": {"pattern": "return $R", "stopBy": "end"}}, {}),
    ],
    "python": [
        ("$F($$$)", "inside class $C: $$$", {"inside": {"pattern": "class $C: $$$", "stopBy": "end"}}, {}),
        ("def $F($$$): $$$", "has yield $A\n$F !~ ^_", {"has": {"pattern": "yield $A", "stopBy": "end"}}, {"F": {"not": {"regex": "^_"}}}),
        ("def $F($$$): $$$", "not has return $A", {"not": {"has": {"pattern": "return $A", "stopBy": "end"}}}, {}),
        ("$A = $B", "$B is call\n$A ~ ^[a-z_]+$", {}, {"B": {"kind": "call"}, "A": {"regex": "^[a-z_]+$"}}),
        ("self.$A = $B", "$B is not identifier\ninside def __init__($$$): $$$", {"inside": {"pattern": "def __init__($$$): $$$", "stopBy": "end"}}, {"B": {"not": {"kind": "identifier"}}}),
        ("f(*$A)", "selector list_splat", {"selector": "list_splat"}, {}),
    ],
    "go": [
        ("$F($$$)", "inside if err != nil { $$$ }", {"inside": {"pattern": "if err != nil { $$$ }", "stopBy": "end"}}, {}),
        ("func f() { $F($A) }", "selector call_expression\n$A is interpreted_string_literal", {"selector": "call_expression"}, {"A": {"kind": "interpreted_string_literal"}}),
    ],
    "rust": [
        ("$A.unwrap()", "$A is call_expression", {}, {"A": {"kind": "call_expression"}}),
        ("let $A = $B;", "has $C?\n$A is identifier", {"has": {"pattern": "$C?", "stopBy": "end"}}, {"A": {"kind": "identifier"}}),
        ("Some($A)", "not inside match $B { $$$ }", {"not": {"inside": {"pattern": "match $B { $$$ }", "stopBy": "end"}}}, {}),
    ],
    "java": [("$A.$B($$$)", "$A is identifier\ninside if ($C) $D", {"inside": {"pattern": "if ($C) $D", "stopBy": "end"}}, {"A": {"kind": "identifier"}})],
    "c": [("$F($A)", "$F is identifier\n$A ~ ^&\ninside if ($C) $D", {"inside": {"pattern": "if ($C) $D", "stopBy": "end"}}, {"A": {"regex": "^&"}, "F": {"kind": "identifier"}})],
}


def drawn(files, count):
    """Patterns out of the sources: lines, some of whose words became variables."""
    dice = random.Random(11)
    lines = sorted({line.strip().rstrip(";{").strip() for _, text in files for line in text.split("\n")})
    lines = [line for line in lines if 8 < len(line) < 70 and line.count("(") == line.count(")") and not line.startswith(("*", "/", "#"))]
    dice.shuffle(lines)
    patterns = []
    for line in lines[:count]:
        words = sorted(set(re.findall(r"\b[a-zA-Z_]\w*\b", line)))
        chosen = dice.sample(words, min(len(words), dice.randint(0, 3)))
        for word, name in zip(chosen, "XYZ"):
            line = re.sub(rf"\b{word}\b", f"${name}", line)
        if dice.random() < 0.3:
            line = re.sub(r"\([^()]+\)", "($$$)", line, count=1)
        patterns.append(line)
    return patterns


# -- The peer, and both answers in one form.


def peer(folder, language, pattern, rewrite=None, rule=None, constraints=None):
    """What ast-grep finds: matches, or none where it refuses the pattern."""
    if rule is None:
        command = ["run", "--pattern", pattern, "--lang", language] + (["--rewrite", rewrite] if rewrite is not None else [])
    else:
        selector = rule.get("selector")
        inner = {key: value for key, value in rule.items() if key not in ("selector", "all")}
        whole = {"pattern": {"context": pattern, "selector": selector} if selector else pattern, **inner}
        if "all" in rule:
            whole = {"all": [whole, *rule["all"]]}
        document = {"id": "one", "language": language, "rule": whole, **({"constraints": constraints} if constraints else {})}
        command = ["scan", "--inline-rules", json.dumps(document)]
    ignore = [word for kind in ("hidden", "dot", "exclude", "global", "parent", "vcs") for word in ("--no-ignore", kind)]
    done = subprocess.run([BIN, *command, "--json=compact", *ignore, "."], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return None


class Places:
    """Byte offsets as lines and columns of UTF-16."""

    def __init__(self, text):
        self.data = text.encode()
        self.starts = [0] + [at + 1 for at, byte in enumerate(self.data) if byte == 10]

    def of(self, offset):
        import bisect

        line = bisect.bisect_right(self.starts, offset)
        before = self.data[self.starts[line - 1] : offset].decode(errors="replace")
        return f"{line}:{len(before.encode('utf-16-le')) // 2 + 1}"


def shortened(text):
    return text if len(text) <= 500 else text[:500] + "\u2026"


def theirs_of(found, places, texts):
    """Each match as words: file, place, variables, and replacement with its place."""
    rows, last = [], {}
    for match in sorted(found, key=lambda one: (one["file"], one["range"]["byteOffset"]["start"], -one["range"]["byteOffset"]["end"])):
        name = match["file"].removeprefix("./")
        place, data = places[name], texts[name].encode()
        start, end = (match["range"]["byteOffset"][key] for key in ("start", "end"))
        variables = {key: shortened(value["text"]) for key, value in match.get("metaVariables", {}).get("single", {}).items()}
        for key, values in match.get("metaVariables", {}).get("multi", {}).items():
            # A label of its own, for what a relation found.
            if key == "secondary":
                continue
            spans = [value["range"]["byteOffset"] for value in values]
            variables[key] = shortened(data[spans[0]["start"] : spans[-1]["end"]].decode()) if spans else ""
        row, made = f"{name} {place.of(start)}-{place.of(end)} {json.dumps(variables, sort_keys=True)}", ""
        if match.get("replacement") is not None:
            offsets = match["replacementOffsets"]
            if offsets["start"] >= last.get(name, 0):
                made = f" => {place.of(offsets['start'])}-{place.of(offsets['end'])} {match['replacement']}"
                last[name] = offsets["end"]
        rows.append((row, made))
    return rows


def ours_of(report):
    rows = []
    spot = lambda range_: "-".join(f"{range_[end]['line']}:{range_[end]['column']}" for end in ("start", "end"))
    for match in report["data"]["matches"]:
        row, made = f"{match['path']} {spot(match['range'])} {json.dumps(match.get('variables', {}), sort_keys=True)}", ""
        if "replacement" in match:
            made = f" => {spot(match['replacement']['range'])} {match['replacement']['text']}"
        rows.append((row, made))
    return rows


REASONS = {}


def explain(name, ours, theirs):
    """Why replacements differ: the command line takes away what stands behind the part that a pattern describes."""
    kept = []
    for row in sorted(ours.keys() & theirs.keys(), key=lambda row: bool(ours[row])):
        if ours[row] == theirs[row]:
            continue
        end = lambda made: made.split(" ")[2].split("-")[1] if made else ""
        text = lambda made: made.split(" ", 3)[3] if made else ""
        reason = None
        if ours[row] and text(ours[row]) == text(theirs[row]):
            (line, column), (behind_line, behind) = (map(int, end(made).split(":")) for made in (ours[row], theirs[row]))
            reason = "a semicolon or comma behind the match stays, which ast-grep's command line drops" if line == behind_line and behind - column <= 2 else None
        elif not ours[row]:
            # Such as an `else`: ast-grep drops it.
            reason = "a match that goes on behind the pattern is not rewritten, since what follows would be lost"
            kept.append(row)
        elif not theirs[row]:
            inside = lambda outer: outer.split(" ")[0] == row.split(" ")[0]
            reason = "within a match that is not rewritten" if any(map(inside, kept)) else None
        for rows in (ours, theirs):
            REASONS[(name, row + rows[row])] = reason


def compare(tally, name, files, folder, language, arguments, **options):
    places = {path: Places(text) for path, text in files}
    started = time.perf_counter()
    found = peer(folder, language, arguments["pattern"], **options)
    took = (time.perf_counter() - started) * 1000
    answer = call("search_pattern", {"files": [{"path": path, "source": text} for path, text in files], **arguments})
    if found is None or "report" not in answer:
        # Both refuse, or neither.
        tally.equal(name, "report" in answer, found is not None)
        return took, answer["micros"] / 1000, 0
    if answer["report"]["data"]["count"] > 2000:
        tally.equal(name, answer["report"]["data"]["count"], len(found))
    elif "rewrite" in arguments:
        ours, theirs = ours_of(answer["report"]), theirs_of(found, places, dict(files))
        explain(name, dict(ours), dict(theirs))
        tally.sets(name, map("".join, ours), map("".join, theirs))
    else:
        tally.equal(name, sorted(ours_of(answer["report"])), sorted(theirs_of(found, places, dict(files))))
    return took, answer["micros"] / 1000, len(found)


searched = Tally(tool=TOOL, peer=f"{PEER} (matches and variables of each pattern, or its refusal)", corpus="eslint, express, rxjs, immer, react-native-paper, flask, click, gitleaks, JPype1, complexipy, maturin, psutil; patterns by hand and drawn from the sources", bars={"equal": 1})

rewritten = Tally(tool=TOOL, peer=f"{PEER} (what each match becomes)", corpus="the same", bars={"recall": 1, "precision": 1}, explain=lambda side, item, name: REASONS.get((name, item)))
conditioned = Tally(tool=TOOL, peer=f"{PEER} (inside, has, not, constraints, selector)", corpus="the same", bars={"equal": 1})
total = 0
for language, make in CORPORA.items():
    files = make()
    if not files:
        continue
    folder = pathlib.Path(tempfile.mkdtemp(prefix="searched-"))
    for path, text in files:
        (folder / path).write_bytes(text.encode())
    slowest = (0, 0, "")
    hand = list(dict.fromkeys(HAND[language]))
    for pattern in sample(hand, 2) + sample(drawn(files, 80), 2):
        theirs, ours, count = compare(searched, f"{language}: {pattern}", files, folder, language, {"pattern": pattern})
        total += count
        slowest = max(slowest, (ours, theirs, pattern))
    searched.timing(f"{language}, {len(files)} files, {slowest[2]}", slowest[0], slowest[1])
    for pattern, rewrite in sample(REWRITES.get(language, []), 1):
        compare(rewritten, f"{language}: {pattern} => {rewrite}", files, folder, language, {"pattern": pattern, "rewrite": rewrite}, rewrite=rewrite)
    for pattern, where, rule, constraints in sample(CONDITIONS.get(language, []), 2):
        compare(conditioned, f"{language}: {pattern}, {where}", files, folder, language, {"pattern": pattern, "where": where}, rule=rule, constraints=constraints)
    shutil.rmtree(folder)
print(f"  {total} matches", file=sys.stderr)
searched.done()
rewritten.done()
conditioned.done()
