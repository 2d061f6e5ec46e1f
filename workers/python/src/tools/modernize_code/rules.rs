//! What findings name beside ruff's rules.

use octavo_toolkit::{Level, Rule, rule_docs};

pub(super) const NEWER: Rule = Rule {
    id: "needs-newer-python",
    level: Level::Error,
    summary: "The file needs nothing that the target version lacks.",
    docs: rule_docs!(
        why: "On the target version the file does not compile, or fails when it gets there.",
        wrong: "import tomllib\n\nprint(tomllib.loads(\"\"))\n",
        right: "import json\n\nprint(json.loads(\"{}\"))\n",
        source: "vermin 1.9.2; Python's own documentation",
    ),
};

pub(super) const CONTRADICTION: Rule = Rule {
    id: "contradicting-versions",
    level: Level::Error,
    summary: "What the file needs is there in one line of Python.",
    docs: rule_docs!(
        why: "It uses what only Python 2 has and what only Python 3 has, so that no version runs all of it.",
        wrong: "import ConfigParser\n\nprint(f\"{ConfigParser}\")\n",
        right: "import configparser\n\nprint(f\"{configparser}\")\n",
        source: "vermin 1.9.2",
    ),
};
