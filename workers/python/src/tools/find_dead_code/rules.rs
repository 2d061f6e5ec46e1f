//! What findings name: vulture's codes, and files nobody imports.

use super::facts::Kind;
use octavo_toolkit::{Level, Rule, rule_docs};

pub(super) const ATTRIBUTE: Rule = Rule {
    id: "V101",
    level: Level::Warning,
    summary: "An attribute that is set is read somewhere.",
    docs: rule_docs!(
        why: "Keeping it up to date costs, and nobody looks at it.",
        wrong: "class A:\n    def __init__(self):\n        self.total = 0\n\n\nprint(A())\n",
        right: "class A:\n    def __init__(self):\n        self.total = 0\n\n\nprint(A().total)\n",
        source: "vulture 2.16, V101",
    ),
};

pub(super) const CLASS: Rule = Rule {
    id: "V102",
    level: Level::Warning,
    summary: "A class is used somewhere.",
    docs: rule_docs!(
        why: "Unused code is read, tested and changed for nothing.",
        wrong: "class Old:\n    pass\n",
        right: "class Old:\n    pass\n\n\nprint(Old())\n",
        source: "vulture 2.16, V102",
    ),
};

pub(super) const FUNCTION: Rule = Rule {
    id: "V103",
    level: Level::Warning,
    summary: "A function is used somewhere, and not by unused code alone.",
    docs: rule_docs!(
        why: "Unused code is read, tested and changed for nothing.",
        wrong: "def old():\n    return old()\n",
        right: "def old():\n    return 1\n\n\nprint(old())\n",
        source: "vulture 2.16, V103",
    ),
};

pub(super) const IMPORT: Rule = Rule {
    id: "V104",
    level: Level::Warning,
    summary: "What is imported is used in the module, or handed on from it.",
    docs: rule_docs!(
        why: "It costs time at each start, and a dependency.",
        wrong: "import os\nimport sys\n\nprint(sys.argv)\n",
        right: "import sys\n\nprint(sys.argv)\n",
        source: "vulture 2.16, V104; pyflakes F401",
    ),
};

pub(super) const METHOD: Rule = Rule {
    id: "V105",
    level: Level::Warning,
    summary: "A method is called somewhere.",
    docs: rule_docs!(
        why: "Unused code is read, tested and changed for nothing.",
        wrong: "class A:\n    def old(self):\n        return 1\n\n\nprint(A())\n",
        right: "class A:\n    def old(self):\n        return 1\n\n\nprint(A().old())\n",
        source: "vulture 2.16, V105",
    ),
};

pub(super) const PROPERTY: Rule = Rule {
    id: "V106",
    level: Level::Warning,
    summary: "A property is read somewhere.",
    docs: rule_docs!(
        why: "Unused code is read, tested and changed for nothing.",
        wrong: "class A:\n    @property\n    def old(self):\n        return 1\n\n\nprint(A())\n",
        right: "class A:\n    @property\n    def old(self):\n        return 1\n\n\nprint(A().old)\n",
        source: "vulture 2.16, V106",
    ),
};

pub(super) const VARIABLE: Rule = Rule {
    id: "V107",
    level: Level::Warning,
    summary: "A variable or parameter is read somewhere.",
    docs: rule_docs!(
        why: "A value nobody reads is a leftover, or a name misspelt where it should be read.",
        wrong: "def f(a):\n    total = a\n    return a\n\n\nprint(f(1))\n",
        right: "def f(a):\n    total = a\n    return total\n\n\nprint(f(1))\n",
        source: "vulture 2.16, V107; pyflakes F841",
    ),
};

pub(super) const UNREACHABLE: Rule = Rule {
    id: "V201",
    level: Level::Warning,
    summary: "Each statement can be reached.",
    docs: rule_docs!(
        why: "Code after a `return`, or under a condition that is never true, does not run, whatever it seems to do.",
        wrong: "def f():\n    return 1\n    print(2)\n\n\nf()\n",
        right: "def f():\n    print(2)\n    return 1\n\n\nf()\n",
        source: "vulture 2.16, V201",
    ),
};

pub(super) const FILE: Rule = Rule {
    id: "unused-file",
    level: Level::Warning,
    summary: "A module is imported, run, or loaded by its name.",
    docs: rule_docs!(
        why: "Nothing in the project leads to it.",
        wrong: "# main.py\nimport used\n\nused.run()\n# used.py\ndef run():\n    return 1\n# left.py\nX = 1\n",
        right: "# main.py\nimport left\nimport used\n\nused.run(left.X)\n# used.py\ndef run(x):\n    return x\n# left.py\nX = 1\n",
        source: "Octavo: reachability over imports",
    ),
};

/// The rule of a kind.
pub(super) const fn of_kind(kind: Kind) -> &'static Rule {
    match kind {
        Kind::Attribute => &ATTRIBUTE,
        Kind::Class => &CLASS,
        Kind::Function => &FUNCTION,
        Kind::Import => &IMPORT,
        Kind::Method => &METHOD,
        Kind::Property => &PROPERTY,
        Kind::Variable | Kind::Parameter => &VARIABLE,
    }
}
