"""The cases of hadolint's own tests: a Dockerfile, a configuration, a rule, and how often the rule must be reported.

The tests are Haskell. What is read of it: string literals (with gaps), lists of them, bindings of names to either, the fields of
`?config`, and the heads of assertions. An assertion that is not understood is counted, never guessed.
"""

import collections
import re

Case = collections.namedtuple("Case", "name rule expected text registries labels strict")

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|\{-.*?-\})
      | (?P<string>"(?:\\\s+\\|\\.|[^"\\])*")
      | (?P<word>\??[A-Za-z_][\w.']*)
      | (?P<number>\d+)
      | (?P<sign><>|.)""",
    re.S | re.X,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "&": "", "0": "\0"}
FORMATS = {"RawText": "text", "Url": "url", "SemVer": "semver", "Rfc3339": "rfc3339", "GitHash": "hash", "Spdx": "spdx", "Email": "email"}
HEADS = {"ruleCatches": (False, "some"), "ruleCatchesNot": (False, 0), "onBuildRuleCatches": (True, 1), "onBuildRuleCatchesNot": (True, 0)}


def decode(literal):
    """The text of a Haskell string literal."""
    return re.sub(r"\\(\s+)\\|\\(.)", lambda match: "" if match[1] else ESCAPES.get(match[2], match[2]), literal[1:-1], flags=re.S)


def as_triggers(text):
    """The same file with every RUN as an ONBUILD RUN, as the tests wrap them."""
    out, inside, end = [], False, None
    for line in text.split("\n"):
        if end is not None:
            end = None if line.strip() == end else end
        elif not inside and re.match(r"\s*RUN\b", line, re.I):
            line = re.sub(r"(?i)^(\s*)RUN\b", r"\1ONBUILD RUN", line)
            heredoc = re.search(r"<<-?[\"']?(\w+)", line)
            end = heredoc[1] if heredoc else None
        if not line.lstrip().startswith("#"):
            inside = line.rstrip().endswith("\\")
        out.append(line)
    return "\n".join(out)


class Reader:
    """One file of tests, token by token."""

    def __init__(self, name, text):
        self.name = name
        self.tokens = [(match.lastgroup, match[0]) for match in TOKEN.finditer(text) if match.lastgroup != "space"]
        self.at = 0
        self.known = {}
        self.skipped = 0

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ("end", "")

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def cases(self):
        outer = inner = {}
        inside = False
        while self.at < len(self.tokens):
            kind, word = self.take()
            if (kind, word) in (("word", "describe"), ("word", "it")):
                inside = word == "it"
                inner = outer
            elif word == "?config" and self.peek()[1] == "=":
                self.take()
                inner = self.config()
                if not inside:
                    outer = inner
            elif kind == "word" and self.peek()[1] == "=":
                self.take()
                start = self.at
                value = self.value()
                if value is None:
                    self.at = start
                else:
                    self.known[word] = value
            elif word in HEADS and self.peek()[1] != ",":
                triggers, expected = HEADS[word]
                rule, text = self.value(), self.value()
                yield from self.case(rule, text, triggers, expected, inner)
            elif word == "assertChecks":
                text = self.value()
                rule, expected = self.times()
                yield from self.case(rule, text, False, expected, inner)

    def case(self, rule, text, triggers, expected, config):
        if not isinstance(rule, str) or not isinstance(text, str):
            self.skipped += 1
            return
        # `assertChecks` adds the last line break.
        text = as_triggers(text) if triggers else text
        yield Case(self.name, rule, expected, f"{text}\n", config.get("allowedRegistries", ()), config.get("labelSchema", ()), config.get("strictLabels", False))

    def times(self):
        """`failsWith n rule`, in brackets or after a dollar."""
        self.skip("$", "(")
        if self.peek()[1] != "failsWith":
            return None, None
        self.take()
        count = int(self.take()[1])
        return self.value(), count

    def skip(self, *signs):
        while self.peek()[1] in signs:
            self.take()

    def value(self):
        """A text, as it is after `Text.unlines`, or None."""
        self.skip("$", "(")
        kind, word = self.peek()
        if word.endswith("unlines"):
            self.take()
            self.skip("$", "(")
            lines = self.value()
            found = "".join(f"{line}\n" for line in lines) if isinstance(lines, list) else None
        elif kind == "string":
            found = decode(self.take()[1])
            while self.peek()[1] == "<>" and self.peek(1)[0] == "string":
                self.take()
                found += decode(self.take()[1])
        elif word == "[":
            found = self.list()
        elif kind == "word":
            self.take()
            found = self.known.get(word)
        else:
            found = None
        self.skip(")")
        return found

    def list(self):
        self.take()
        items = []
        while self.peek()[1] not in ("]", ""):
            kind, word = self.take()
            if kind == "string":
                items.append(decode(word))
            elif word != ",":
                items = None
                break
        self.skip("]")
        return items

    def config(self):
        """`def`, with fields or without."""
        self.take()
        found = {}
        if self.peek()[1] != "{":
            return found
        while self.peek()[1] not in ("}", ""):
            _, field = self.take()
            if self.peek()[1] != "=":
                continue
            self.take()
            if field == "allowedRegistries":
                found[field] = tuple(self.list())
            elif field == "labelSchema":
                labels, name = [], None
                while self.peek()[1] not in ("]", ""):
                    kind, word = self.take()
                    if kind == "string":
                        name = decode(word)
                    elif name and word.split(".")[-1] in FORMATS:
                        labels.append(f"{name}:{FORMATS[word.split('.')[-1]]}")
                found[field] = tuple(labels)
            elif field == "strictLabels":
                found[field] = self.take()[1] == "True"
        return found


def cases(folder):
    """Every case of the tests below a folder, and how many assertions were not understood."""
    found, skipped = [], 0
    for path in sorted(folder.rglob("*Spec.hs")):
        reader = Reader(path.stem.removesuffix("Spec"), path.read_text(encoding="utf-8"))
        found += list(reader.cases())
        skipped += reader.skipped
    return found, skipped
