//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const CRUISER: &str = "dependency-cruiser, the rule of this name";

/// A circle.
pub(super) const CIRCULAR: Rule = Rule {
    id: "no-circular",
    level: Level::Warning,
    summary: "No files import each other in a circle.",
    docs: rule_docs!(
        why: "None of them can be understood, tested or moved without the others, and some see the others half loaded.",
        wrong: "import './b.js';\n",
        right: "import './c.js';\n",
        source: CRUISER,
    ),
};

/// Nothing there.
pub(super) const UNRESOLVABLE: Rule = Rule {
    id: "not-to-unresolvable",
    level: Level::Info,
    summary: "A relative import leads to a file that was given.",
    docs: rule_docs!(
        why: "The file is missing, or was not sent: what it imports is not in the graph.",
        wrong: "import './nowhere.js';\n",
        right: "import './c.js';\n",
        source: CRUISER,
    ),
};

/// Upwards.
pub(super) const LAYERS: Rule = Rule {
    id: "layers",
    level: Level::Error,
    summary: "A layer imports only those below it.",
    docs: rule_docs!(
        why: "A lower layer that knows a higher one can no longer be used without it.",
        wrong: "import './b.js';\n",
        right: "import './c.js';\n",
        source: "import-linter, layers contract",
    ),
};

/// Not to be imported.
pub(super) const FORBIDDEN: Rule = Rule {
    id: "forbidden",
    level: Level::Error,
    summary: "A part imports nothing that is forbidden to it.",
    docs: rule_docs!(
        why: "Someone decided that these two shall change apart.",
        wrong: "import './b.js';\n",
        right: "import './c.js';\n",
        source: "import-linter, forbidden contract; dependency-cruiser, forbidden",
    ),
};

/// Of each other.
pub(super) const INDEPENDENCE: Rule = Rule {
    id: "independence",
    level: Level::Error,
    summary: "Independent parts do not import each other.",
    docs: rule_docs!(
        why: "Parts that were to be built and taken out one by one cannot be any more.",
        wrong: "import './b.js';\n",
        right: "import './c.js';\n",
        source: "import-linter, independence contract",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[CIRCULAR, UNRESOLVABLE, LAYERS, FORBIDDEN, INDEPENDENCE];
