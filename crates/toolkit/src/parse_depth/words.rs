//! Words by what a parser does at them.

/// Words whose statement holds the next one.
pub(super) const STATEMENT_WORDS: [&str; 8] = ["if", "else", "for", "while", "do", "with", "try", "switch"];

/// Words after which an expression or a type goes on several calls deeper.
pub(super) const HEAVY_WORDS: [&str; 9] =
    ["asserts", "class", "extends", "function", "infer", "is", "keyof", "readonly", "unique"];

/// Words after which it goes on one deeper.
pub(super) const DEEPENING_WORDS: [&str; 8] =
    ["await", "delete", "module", "namespace", "new", "typeof", "void", "yield"];

/// Words that a syntax tree is deeper by, besides.
pub(super) const VISITED_WORDS: [&str; 10] =
    ["as", "async", "default", "export", "in", "instanceof", "of", "return", "satisfies", "throw"];

/// Reserved words that an operand, a name or a bracket must follow.
pub(super) const OPERATOR_WORDS: [&str; 28] = [
    "case",
    "catch",
    "class",
    "const",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "return",
    "switch",
    "throw",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];

/// Words that are operators or names.
pub(super) const DOUBTFUL_WORDS: [&str; 3] = ["await", "of", "yield"];

/// Words that may be names, but also stand before what they belong to, on the next line too.
pub(super) const MODIFIER_WORDS: [&str; 31] = [
    "abstract",
    "accessor",
    "as",
    "asserts",
    "async",
    "declare",
    "from",
    "get",
    "global",
    "implements",
    "infer",
    "interface",
    "is",
    "keyof",
    "let",
    "module",
    "namespace",
    "out",
    "override",
    "private",
    "protected",
    "public",
    "readonly",
    "require",
    "satisfies",
    "set",
    "static",
    "type",
    "unique",
    "using",
    "assert",
];

/// Words that go on with what stands before them.
pub(super) const CONTINUING_WORDS: [&str; 15] = [
    "as",
    "assert",
    "catch",
    "else",
    "extends",
    "finally",
    "from",
    "implements",
    "in",
    "instanceof",
    "is",
    "of",
    "satisfies",
    "while",
    "with",
];

/// Words that a type goes on behind.
pub(super) const TYPE_WORDS: [&str; 8] =
    ["abstract", "asserts", "infer", "keyof", "new", "readonly", "typeof", "unique"];

/// Words that only ever begin a statement.
pub(super) const BEGINNING_WORDS: [&str; 13] = [
    "break", "continue", "debugger", "export", "for", "if", "return", "switch", "throw", "try", "var", "case",
    "default",
];
