"""Secrets against the tables of true and false positives that gitleaks publishes beside its rules, and against what detect-secrets and secretlint find in them."""

import base64
import json
import pathlib
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import KEPT, Tally, call, pip, repo, run, sample

DETECT_SECRETS = "detect-secrets==1.5.0"
SECRETLINT = "13.1.0"


# -- The tables: Go expressions of strings, lists and maps, evaluated here. Random secrets are drawn from their patterns, the same each time.


def drawn(pattern, dice):
    """A string that the pattern matches."""
    try:
        from re import _constants as kinds
        from re import _parser as parser
    except ImportError:
        import sre_constants as kinds
        import sre_parse as parser

    def of(items):
        out = []
        for kind, value in items:
            if kind == kinds.LITERAL:
                out.append(chr(value))
            elif kind == kinds.ANY:
                out.append(chr(dice.randrange(33, 127)))
            elif kind == kinds.IN:
                out.append(dice.choice(letters(value)))
            elif kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
                low, high, inner = value
                out.append("".join(of(inner) for _ in range(dice.randint(low, min(high, low + 10)))))
            elif kind == kinds.SUBPATTERN:
                out.append(of(value[-1]))
            elif kind == kinds.BRANCH:
                out.append(of(dice.choice(value[1])))
            elif kind != kinds.AT:
                raise ValueError(kind)
        return "".join(out)

    def letters(items):
        words = {kinds.CATEGORY_DIGIT: "0123456789", kinds.CATEGORY_SPACE: " ", kinds.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"}
        chosen = ""
        for kind, value in items:
            if kind == kinds.LITERAL:
                chosen += chr(value)
            elif kind == kinds.RANGE:
                chosen += "".join(map(chr, range(value[0], value[1] + 1)))
            elif kind == kinds.CATEGORY:
                chosen += words[value]
            elif kind != kinds.NEGATE:
                raise ValueError(kind)
        return chosen

    return of(parser.parse(pattern.replace("[[:alnum:]]", "[A-Za-z0-9]")))


TOKEN = re.compile(r"""\s+|//[^\n]*|(?P<raw>`[^`]*`)|(?P<str>"(?:[^"\\\n]|\\.)*")|(?P<dots>\.\.\.)|(?P<word>[A-Za-z_][\w.]*)|(?P<num>\d+)|(?P<sign>:=|\[\]string|\[\]|.)""", re.S)


def tokens(text):
    return [(match.lastgroup, match.group()) for match in TOKEN.finditer(text) if match.lastgroup]


class Unknown(Exception):
    """An expression of another kind."""


class Table:
    """Evaluates the expressions of a function of a rule file."""

    def __init__(self, samples, dice, stop_words):
        self.samples, self.dice, self.stop_words, self.names = samples, dice, stop_words, {}

    def expression(self, list_, at):
        value, at = self.term(list_, at)
        while at < len(list_) and list_[at][1] == "+":
            more, at = self.term(list_, at + 1)
            value += more
        return value, at

    def term(self, list_, at):
        kind, text = list_[at]
        if kind == "raw":
            return text[1:-1], at + 1
        if kind == "str":
            return self.quoted(text), at + 1
        if kind == "num":
            return int(text), at + 1
        if text == "[]string" or (text == "[]" and list_[at + 1][1] == "string"):
            return self.items(list_, at + (2 if text == "[]string" else 3), "}")
        if text == "map":
            return self.entries(list_, at)
        if kind == "word" and at + 1 < len(list_) and list_[at + 1][1] == "(":
            values, at = self.items(list_, at + 2, ")")
            return self.called(text, values), at
        if text == "nil":
            return [], at + 1
        if kind == "word" and text in self.names:
            return self.names[text], at + 1
        raise Unknown(text)

    def items(self, list_, at, close):
        values = []
        while list_[at][1] != close:
            value, at = self.expression(list_, at)
            if list_[at][0] == "dots":
                values += value
                at += 1
            else:
                values.append(value)
            if list_[at][1] == ",":
                at += 1
        return values, at + 1

    def entries(self, list_, at):
        while list_[at][1] != "{":
            at += 1
        at, values = at + 1, {}
        while list_[at][1] != "}":
            key, at = self.expression(list_, at)
            value, at = self.expression(list_, at + 1)
            values[key] = value
            if list_[at][1] == ",":
                at += 1
        return values, at + 1

    @staticmethod
    def quoted(text):
        return json.loads(re.sub(r"\\x(..)", r"\\u00\1", text.replace("\\'", "'")).replace("\t", "\\t"), strict=False)

    def called(self, name, values):
        short = name.rsplit(".", 1)[-1]
        shapes = {"Numeric": "[0-9]", "Hex": "[a-f0-9]", "AlphaNumeric": "[a-z0-9]", "AlphaNumericExtendedShort": "[a-z0-9_-]", "AlphaNumericExtended": "[a-z0-9=_-]", "AlphaNumericExtendedLong": "[a-z0-9/=_+-]"}
        if short in shapes:
            return f"{shapes[short]}{{{values[0]}}}"
        if short == "Hex8_4_4_4_12":
            return "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
        if short in ("NewSecret", "NewSecretWithEntropy"):
            return drawn(values[0], self.dice)
        if short == "newPlausibleSecret":
            while True:
                secret = drawn(values[0], self.dice)
                if re.search("[1-9]", secret) and not any(word in secret.lower() for word in self.stop_words):
                    return secret
        if short == "GenerateSampleSecret":
            return f'{values[0]}_api_token = "{values[1]}"'
        if short == "GenerateSampleSecrets":
            small, large = values[0].lower(), values[0].upper()
            return [text.replace("{i}", small).replace("{I}", large).replace("{s}", values[1]) for text in self.samples]
        if short == "append":
            return values[0] + values[1:]
        if short == "byte":
            return values[0]
        if short == "EncodeToString":
            return base64.b64encode(values[0].encode()).decode() if "Std" in name else base64.urlsafe_b64encode(values[0].encode()).decode().rstrip("=")
        if short == "Sprintf":
            rest = iter(values[1:])
            return re.sub(r"%[sdv]", lambda _: str(next(rest)), values[0]).replace("%%", "%")
        if short == "ToUpper":
            return values[0].upper()
        raise Unknown(name)


def tables(root):
    """The rule, path, text, and whether it is a true positive, of every published sample that can be evaluated."""
    folder = root / "cmd" / "generate" / "config"
    stop_words = set(re.findall(r'^\s+"([^"]+)",', (folder / "rules" / "stopwords.go").read_text(encoding="utf-8"), re.M))
    source = (folder / "utils" / "generate.go").read_text(encoding="utf-8")
    body = source[source.index("samples := map[string]string{") :]
    body = body[: body.index("\n\t}\n")]
    samples = list(Table([], None, set()).entries(tokens(body[body.index("map") :] + "\n}"), 0)[0].values())
    shipped = set(re.findall(r'^id = "([^"]+)"', (root / "config" / "gitleaks.toml").read_text(encoding="utf-8"), re.M))
    rows, skipped = [], 0
    for path in sorted((folder / "rules").glob("*.go")):
        if path.name.endswith("_test.go"):
            continue
        text = path.read_text(encoding="utf-8")
        for part in re.split(r"(?m)^func ", text)[1:]:
            rule = re.search(r'RuleID:\s+"([^"]+)"', part)
            # Some are written and not in the configuration.
            if not rule or rule.group(1) not in shipped:
                continue
            table = Table(samples, random.Random(rule.group(1)), stop_words)
            list_ = tokens(part)
            positives, negatives = [], []
            at = 0
            while at + 1 < len(list_):
                name, sign = list_[at][1], list_[at + 1][1]
                assigned = list_[at][0] == "word" and sign in (":=", "=") and name not in ("r", "Entropy", "_")
                validated = list_[at][1] in ("utils.Validate", "utils.ValidateWithPaths") and sign == "("
                if assigned:
                    try:
                        table.names[name], at = table.expression(list_, at + 2)
                        continue
                    except (Unknown, IndexError, ValueError, TypeError, AttributeError):
                        skipped += name in ("tps", "fps")
                elif validated:
                    try:
                        table.names["r"] = ""
                        values, at = table.items(list_, at + 2, ")")
                        positives, negatives = values[1], values[2] if len(values) > 2 else []
                        continue
                    except (Unknown, IndexError, ValueError, TypeError, AttributeError):
                        skipped += 1
                at += 1
            for chosen, right in ((positives, True), (negatives, False)):
                pairs = chosen.items() if isinstance(chosen, dict) else [("sample.txt", text) for text in chosen or []]
                rows += [(rule.group(1), where, text, right) for where, text in pairs]
    return rows, skipped


def found_in(rows):
    """The rules that we find in each sample."""
    found, micros = [], 0
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        files = [{"path": f"{at}/{path.lstrip('/')}", "source": text} for at, (_, path, text, _) in enumerate(part)]
        answer = call("find_secrets", {"files": files, "output": {"maxTokens": 20000}})
        micros += answer["micros"]
        rules = [set() for _ in part]
        for row in answer["report"]["data"]["secrets"]:
            rules[int(row["path"].split("/")[0])].add(row["rule"])
        found += rules
    return found, micros / 1000


def against_gitleaks(rows, skipped, found):
    def explain(side, item, name):
        rules = named.get(name, set())
        if side == "theirs" and item == "generic-api-key" and rules:
            return "the rule of a provider finds it, to which the generic one gives way, as in a whole run of gitleaks"
        return None

    named = {}
    tally = Tally(
        tool="quality_find_secrets",
        peer="gitleaks v8.30 (its published true and false positives of each rule)",
        corpus=f"{len(rows)} samples of {len({row[0] for row in rows})} rules in cmd/generate/config/rules" + (f"; {skipped} tables could not be evaluated" if skipped else ""),
        bars={"recall": 0.97, "precision": 0.97},
        explain=explain,
    )
    for at, ((rule, path, text, right), rules) in enumerate(zip(rows, found)):
        name = f"{at} {rule} {'+' if right else '-'} {path}"
        named[name] = rules
        tally.sets(name, {rule} & rules, {rule} if right else set())
    return tally


DETECT = r"""
import json, sys
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core import scan
from detect_secrets.settings import transient_settings
names = sorted({cls.__name__ for cls in get_mapping_from_secret_type_to_class().values()})
chosen = [name for name in names if "Entropy" not in name and name not in ("KeywordDetector", "IPPublicDetector")]
out = []
with transient_settings({"plugins_used": [{"name": name} for name in chosen]}):
    for text in json.load(sys.stdin):
        kinds = set()
        for line in text.splitlines():
            for secret in scan.scan_line(line):
                kinds.add(secret.type)
        out.append(sorted(kinds))
json.dump(out, sys.stdout)
"""

LINT = r"""
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import { readFileSync } from "node:fs";
const out = [];
for (const content of JSON.parse(readFileSync(0, "utf8"))) {
  const result = await lintSource({ source: { content, filePath: "/sample.txt", ext: ".txt", contentType: "text" }, options: { config: { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator, options: {} }] }, noPhysicFilePath: true } });
  out.push([...new Set(result.messages.filter(({ type }) => type === "message").map(({ ruleId, ruleParentId, messageId }) => `${ruleId} ${messageId}`))].sort());
}
process.stdout.write(JSON.stringify(out));
"""


def secretlint(texts):
    folder = KEPT / "npm" / f"secretlint-{SECRETLINT}"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps({"name": "peers", "private": True, "type": "module", "dependencies": {"@secretlint/core": SECRETLINT, "@secretlint/secretlint-rule-preset-recommend": SECRETLINT}}))
        run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        (folder / "lint.mjs").write_text(LINT)
        (folder / "installed").write_text("")
    return json.loads(subprocess.run(["node", "lint.mjs"], cwd=folder, input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True).stdout)


def detect_secrets(texts):
    python = pip(DETECT_SECRETS) / "bin" / "python"
    return json.loads(subprocess.run([python, "-c", DETECT], input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True).stdout)


def against_another(peer, kinds_of, rows, found, ours_ms, explain=lambda kind, text: None):
    texts = [row[2] for row in rows]
    started = time.perf_counter()
    theirs = kinds_of(texts)
    took = (time.perf_counter() - started) * 1000
    texts_by_name = {}
    tally = Tally(
        tool="quality_find_secrets",
        peer=f"{peer} (each sample in which a rule of a provider finds a secret)",
        corpus=f"{len(rows)} true and false positives that gitleaks publishes",
        bars={"recall": 0.97},
        explain=lambda side, item, name: explain(item, texts_by_name[name]),
    )
    for at, (row, kinds, rules) in enumerate(zip(rows, theirs, found)):
        # A false positive of one rule may be a true one of another; what the peer says of it is not held against us.
        if not kinds or not row[3]:
            continue
        name = f"{at} {row[0]}"
        texts_by_name[name] = row[2]
        tally.sets(name, kinds if rules else [], kinds)
    tally.timing(f"{len(rows)} samples", ours_ms, took)
    tally.done()


root = repo("gitleaks/gitleaks")
if root is not None:
    everything, skipped = tables(root)
    rows = sample(everything, 400)
    found, ours_ms = found_in(rows)
    against_gitleaks(rows, skipped, found).done()
    against_another(DETECT_SECRETS.replace("==", " "), detect_secrets, rows, found, ours_ms)
    against_another(f"secretlint {SECRETLINT}, its recommended rules", secretlint, rows, found, ours_ms)
