//! What findings name.

use octavo_toolkit::{Level, Rule, rule_docs};

pub(super) const CYCLE: Rule = Rule {
    id: "import-cycle",
    level: Level::Warning,
    summary: "Modules do not import each other in a circle.",
    docs: rule_docs!(
        why: "Of two modules that import each other, one sees the other half made: names are missing, depending on which is \
              imported first. The modules cannot be understood, tested or moved alone. A circle that only closes inside of \
              functions, or for type checkers, is told as info.",
        wrong: "# a.py\nimport b\n# b.py\nimport a\n",
        right: "# a.py\nimport b\n# b.py\n",
        source: "grimp, pylint R0401 (cyclic-import)",
    ),
};

pub(super) const UNRESOLVED: Rule = Rule {
    id: "unresolved-import",
    level: Level::Warning,
    summary: "What is imported from the project's own packages is there.",
    docs: rule_docs!(
        why: "No file among those given defines the module: importing it fails, unless it is compiled or made by the build. An \
              import in a `try` with a handler is not told.",
        wrong: "# a/__init__.py\nimport a.gone\n",
        right: "# a/__init__.py\nimport a.here\n# a/here.py\n",
        source: "pylint E0401 (import-error)",
    ),
};

pub(super) const INVALID_CONTRACT: Rule = Rule {
    id: "invalid-contract",
    level: Level::Error,
    summary: "Contracts name modules that exist, and can be read.",
    docs: rule_docs!(
        why: "A contract that cannot be checked guards nothing. An ignored import that no longer exists is told as a warning.",
        wrong: "# a.py\n# contract: layers: a > gone\n",
        right: "# a.py\n# b.py\n# contract: layers: a > b\n",
        source: "import-linter 2.16",
    ),
};

pub(super) const LAYERS: Rule = Rule {
    id: "layers",
    level: Level::Error,
    summary: "Lower layers do not import higher ones, not even through others.",
    docs: rule_docs!(
        why: "What is below must be usable without what is above; one import the wrong way ties them together.",
        wrong: "# ui.py\n# core.py\nimport ui\n# contract: layers: ui > core\n",
        right: "# ui.py\nimport core\n# core.py\n# contract: layers: ui > core\n",
        source: "import-linter 2.16, contract type layers",
    ),
};

pub(super) const FORBIDDEN: Rule = Rule {
    id: "forbidden",
    level: Level::Error,
    summary: "The sources do not import the forbidden modules, not even through others.",
    docs: rule_docs!(
        why: "A dependency that was ruled out came in by some other module.",
        wrong: "# core.py\nimport web\n# web.py\n# contract: forbidden: core -> web\n",
        right: "# core.py\n# web.py\nimport core\n# contract: forbidden: core -> web\n",
        source: "import-linter 2.16, contract type forbidden",
    ),
};

pub(super) const INDEPENDENCE: Rule = Rule {
    id: "independence",
    level: Level::Error,
    summary: "None of the modules imports another, not even through others.",
    docs: rule_docs!(
        why: "Parts that are to change, move or be deployed alone cannot while one needs another.",
        wrong: "# a.py\nimport b\n# b.py\n# contract: independence: a, b\n",
        right: "# a.py\n# b.py\n# contract: independence: a, b\n",
        source: "import-linter 2.16, contract type independence",
    ),
};

pub(super) const PROTECTED: Rule = Rule {
    id: "protected",
    level: Level::Error,
    summary: "Only the allowed importers import the protected modules.",
    docs: rule_docs!(
        why: "A module with one way in can change behind it.",
        wrong: "# db.py\n# api.py\n# ui.py\nimport db\n# contract: protected: db <- api\n",
        right: "# db.py\n# api.py\nimport db\n# ui.py\n# contract: protected: db <- api\n",
        source: "import-linter 2.16, contract type protected",
    ),
};

pub(super) const ACYCLIC_SIBLINGS: Rule = Rule {
    id: "acyclic_siblings",
    level: Level::Error,
    summary: "The children of a package do not depend on each other in a circle.",
    docs: rule_docs!(
        why: "Subpackages in a circle are one package in several folders.",
        wrong: "# p/__init__.py\n# p/a.py\nimport p.b\n# p/b.py\nimport p.a\n# contract: acyclic_siblings: p\n",
        right: "# p/__init__.py\n# p/a.py\nimport p.b\n# p/b.py\n# contract: acyclic_siblings: p\n",
        source: "import-linter 2.16, contract type acyclic_siblings",
    ),
};

/// The rule of a type of contract.
pub(super) const fn of_contract(kind: &super::contracts::Kind) -> &'static Rule {
    use super::contracts::Kind;
    match kind {
        Kind::Layers { .. } => &LAYERS,
        Kind::Forbidden { .. } => &FORBIDDEN,
        Kind::Independence { .. } => &INDEPENDENCE,
        Kind::Protected { .. } => &PROTECTED,
        Kind::AcyclicSiblings { .. } => &ACYCLIC_SIBLINGS,
    }
}
