//! The rules: the ids of @graphql-eslint for what the specification demands and for limits, of graphql-schema-linter for
//! schemas, and own ones for exposure.
//!
//! On the pages, a source with `---` holds a schema above it and operations below.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const SPEC: &str = "GraphQL specification, Validation (https://spec.graphql.org), by the ids of @graphql-eslint";
#[cfg(not(target_arch = "wasm32"))]
const TYPES: &str = "GraphQL specification, Type System (https://spec.graphql.org)";
#[cfg(not(target_arch = "wasm32"))]
const LINTER: &str = "graphql-schema-linter";
#[cfg(not(target_arch = "wasm32"))]
const ESLINT: &str = "@graphql-eslint/eslint-plugin";
#[cfg(not(target_arch = "wasm32"))]
const ARMOR: &str = "GraphQL Armor and OWASP, GraphQL Cheat Sheet";
#[cfg(not(target_arch = "wasm32"))]
const INVALID: &str = "A server that follows the specification refuses the whole request.";

macro_rules! rules {
    ($($name:ident = $id:literal, $level:ident, $summary:literal, $why:expr, $wrong:literal => $right:literal, $source:ident;)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        };)*
        /// All rules.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        }),*];
    };
}

/// Rules that are looked at only when asked for.
pub(super) const OPTIONAL: &[&str] = &[
    "types-have-descriptions",
    "fields-have-descriptions",
    "enum-values-have-descriptions",
    "input-object-values-have-descriptions",
    "arguments-have-descriptions",
    "enum-values-sorted-alphabetically",
    "type-fields-sorted-alphabetically",
    "input-object-fields-sorted-alphabetically",
    "relay-connection-types-spec",
];

#[rustfmt::skip]
rules! {
    SYNTAX = "syntax-error", Error, "The text is GraphQL.", "What cannot be read cannot be run.", "type Query { a: }" => "type Query { a: Int }", SPEC;
    NESTING = "nesting-too-deep", Error, "Neither text nests beyond the limits of one call.", "Readers of any kind refuse such texts; no API needs one.", "type Query { a: [[[[ and so on ]]]] }" => "type Query { a: [Int] }", ARMOR;
    SCHEMA = "invalid-schema", Error, "The schema keeps the rules of the type system.", "A server does not start with it.", "type Query { a: Int b(x: Query): Int }" => "type Query { a: Int b(x: Int): Int }", TYPES;
    TYPE_NAMES = "known-type-names", Error, "Every type that is named exists.", INVALID, "type Query { a: Nothing }" => "type Query { a: Int }", SPEC;
    DIRECTIVES = "known-directives", Error, "Every directive exists and stands where it may.", INVALID, "type Query { a: Int }\n---\n{ a @nothing }" => "type Query { a: Int }\n---\n{ a @skip(if: true) }", SPEC;
    ARGUMENT_NAMES = "known-argument-names", Error, "Every argument exists.", INVALID, "type Query { a: Int }\n---\n{ a(x: 1) }" => "type Query { a(x: Int): Int }\n---\n{ a(x: 1) }", SPEC;
    FRAGMENT_NAMES = "known-fragment-names", Error, "Every fragment that is spread exists.", INVALID, "type Query { a: Int }\n---\n{ ...f }" => "type Query { a: Int }\n---\n{ ...f } fragment f on Query { a }", SPEC;
    FIELDS = "fields-on-correct-type", Error, "Every field exists on its type.", INVALID, "type Query { a: Int }\n---\n{ b }" => "type Query { a: Int }\n---\n{ a }", SPEC;
    FRAGMENT_TYPES = "fragments-on-composite-type", Error, "Fragments are on types that have fields.", INVALID, "type Query { a: Int }\n---\n{ a ... on Int { ...g } } fragment g on Query { a }" => "type Query { a: Int }\n---\n{ ... on Query { a } }", SPEC;
    SPREADS = "possible-fragment-spread", Error, "A fragment can apply where it is spread.", INVALID, "type Query { a: Int } type T { b: Int }\n---\n{ ... on T { b } }" => "type Query { a: Int }\n---\n{ ... on Query { a } }", SPEC;
    LEAFS = "scalar-leafs", Error, "Objects are selected with fields, leaves without.", INVALID, "type Query { q: Query }\n---\n{ q }" => "type Query { q: Query a: Int }\n---\n{ q { a } }", SPEC;
    CONFLICT = "overlapping-fields-can-be-merged", Error, "Fields of one response name are one field.", INVALID, "type Query { a: Int b: Int }\n---\n{ a a: b }" => "type Query { a: Int b: Int }\n---\n{ a b }", SPEC;
    REQUIRED_ARGUMENTS = "provided-required-arguments", Error, "Required arguments are given.", INVALID, "type Query { a(x: Int!): Int }\n---\n{ a }" => "type Query { a(x: Int!): Int }\n---\n{ a(x: 1) }", SPEC;
    VALUES = "value-literals-of-correct-type", Error, "Values are of the type that is asked for.", INVALID, "type Query { a(x: Int): Int }\n---\n{ a(x: \"1\") }" => "type Query { a(x: Int): Int }\n---\n{ a(x: 1) }", SPEC;
    VARIABLE_TYPES = "variables-are-input-types", Error, "Variables have input types.", INVALID, "type Query { a: Int }\n---\nquery ($v: Query) { a @skip(if: $v) }" => "type Query { a: Int }\n---\nquery ($v: Boolean!) { a @skip(if: $v) }", SPEC;
    VARIABLE_POSITION = "variables-in-allowed-position", Error, "A variable fits where it is used.", INVALID, "type Query { a(x: Int): Int }\n---\nquery ($v: String) { a(x: $v) }" => "type Query { a(x: Int): Int }\n---\nquery ($v: Int) { a(x: $v) }", SPEC;
    UNDEFINED_VARIABLES = "no-undefined-variables", Error, "Every variable is declared.", INVALID, "type Query { a(x: Int): Int }\n---\n{ a(x: $v) }" => "type Query { a(x: Int): Int }\n---\nquery ($v: Int) { a(x: $v) }", SPEC;
    UNUSED_VARIABLES = "no-unused-variables", Error, "Every variable is used.", INVALID, "type Query { a: Int }\n---\nquery ($v: Int) { a }" => "type Query { a: Int }\n---\n{ a }", SPEC;
    UNUSED_FRAGMENTS = "no-unused-fragments", Error, "Every fragment is used.", INVALID, "type Query { a: Int }\n---\n{ a } fragment f on Query { a }" => "type Query { a: Int }\n---\n{ ...f } fragment f on Query { a }", SPEC;
    FRAGMENT_CYCLES = "no-fragment-cycles", Error, "No fragment spreads itself.", INVALID, "type Query { q: Query a: Int }\n---\n{ ...f } fragment f on Query { q { ...f } }" => "type Query { q: Query a: Int }\n---\n{ ...f } fragment f on Query { q { a } }", SPEC;
    UNIQUE_NAMES = "unique-operation-name", Error, "Operations have different names, and a nameless one is alone.", INVALID, "type Query { a: Int }\n---\nquery A { a } query A { a }" => "type Query { a: Int }\n---\nquery A { a } query B { a }", SPEC;
    UNIQUE_FRAGMENTS = "unique-fragment-name", Error, "Fragments have different names.", INVALID, "type Query { a: Int }\n---\n{ ...f } fragment f on Query { a } fragment f on Query { a }" => "type Query { a: Int }\n---\n{ ...f } fragment f on Query { a }", SPEC;
    UNIQUE_VARIABLES = "unique-variable-names", Error, "Variables have different names.", INVALID, "type Query { a(x: Int): Int }\n---\nquery ($v: Int, $v: Int) { a(x: $v) }" => "type Query { a(x: Int): Int }\n---\nquery ($v: Int) { a(x: $v) }", SPEC;
    UNIQUE_ARGUMENTS = "unique-argument-names", Error, "No argument and no input field is given twice.", INVALID, "type Query { a(x: Int): Int }\n---\n{ a(x: 1, x: 2) }" => "type Query { a(x: Int): Int }\n---\n{ a(x: 1) }", SPEC;
    UNIQUE_DIRECTIVES = "unique-directive-names-per-location", Error, "A directive that does not repeat stands once.", INVALID, "type Query { a: Int }\n---\n{ a @skip(if: true) @skip(if: true) }" => "type Query { a: Int }\n---\n{ a @skip(if: true) }", SPEC;
    SUBSCRIPTION = "one-field-subscriptions", Error, "A subscription has one root field.", INVALID, "type Query { a: Int } type Subscription { a: Int b: Int }\n---\nsubscription { a b }" => "type Query { a: Int } type Subscription { a: Int b: Int }\n---\nsubscription { a }", SPEC;
    EXECUTABLE = "executable-definitions", Error, "Operations stand without type definitions.", INVALID, "type Query { a: Int }\n---\n{ a } type T { a: Int }" => "type Query { a: Int }\n---\n{ a }", SPEC;
    ROOT = "known-root-operation", Error, "The schema has a root type for the operation.", INVALID, "type Query { a: Int }\n---\nmutation { a }" => "type Query { a: Int }\n---\nquery { a }", SPEC;
    CAPITALIZED = "types-are-capitalized", Warning, "Names of types begin with a capital letter.", "Readers tell types from fields by it.", "type Query { a: a } scalar a" => "type Query { a: A } scalar A", LINTER;
    FIELDS_CAMEL = "fields-are-camel-cased", Warning, "Names of fields are camelCase.", "Generated clients make variables of them.", "type Query { a_b: Int }" => "type Query { aB: Int }", LINTER;
    INPUTS_CAMEL = "input-object-values-are-camel-cased", Warning, "Names of input fields are camelCase.", "Generated clients make variables of them.", "type Query { a(i: I): Int } input I { a_b: Int }" => "type Query { a(i: I): Int } input I { aB: Int }", LINTER;
    ENUM_CAPS = "enum-values-all-caps", Warning, "Enum values are written in capitals.", "Readers tell them from fields by it.", "type Query { a: E } enum E { one }" => "type Query { a: E } enum E { ONE }", LINTER;
    DEPRECATION_REASON = "deprecations-have-a-reason", Warning, "A deprecation says why, and what to use instead.", "Clients can only move if they know where to.", "type Query { a: Int @deprecated b: Int }" => "type Query { a: Int @deprecated(reason: \"Use b.\") b: Int }", LINTER;
    UNUSED_TYPES = "defined-types-are-used", Warning, "Every type can be reached from somewhere.", "A type that nothing leads to is often left over.", "type Query { a: Int } type T { a: Int }" => "type Query { a: T } type T { a: Int }", LINTER;
    TYPE_DESCRIPTIONS = "types-have-descriptions", Warning, "Types have descriptions.", "They are the documentation that every client shows.", "type Query { a: Int }" => "\"d\" type Query { a: Int }", LINTER;
    FIELD_DESCRIPTIONS = "fields-have-descriptions", Warning, "Fields have descriptions.", "They are the documentation that every client shows.", "type Query { a: Int }" => "type Query { \"d\" a: Int }", LINTER;
    ENUM_DESCRIPTIONS = "enum-values-have-descriptions", Warning, "Enum values have descriptions.", "They are the documentation that every client shows.", "type Query { a: E } enum E { A }" => "type Query { a: E } enum E { \"d\" A }", LINTER;
    INPUT_DESCRIPTIONS = "input-object-values-have-descriptions", Warning, "Input fields have descriptions.", "They are the documentation that every client shows.", "type Query { a(i: I): Int } input I { a: Int }" => "type Query { a(i: I): Int } input I { \"d\" a: Int }", LINTER;
    ARGUMENT_DESCRIPTIONS = "arguments-have-descriptions", Warning, "Arguments have descriptions.", "They are the documentation that every client shows.", "type Query { a(x: Int): Int }" => "type Query { a(\"d\" x: Int): Int }", LINTER;
    ENUM_SORTED = "enum-values-sorted-alphabetically", Warning, "Enum values are in alphabetical order.", "Merges conflict less, and readers find a value.", "type Query { a: E } enum E { B A }" => "type Query { a: E } enum E { A B }", LINTER;
    FIELDS_SORTED = "type-fields-sorted-alphabetically", Warning, "Fields of types are in alphabetical order.", "Merges conflict less, and readers find a field.", "type Query { b: Int a: Int }" => "type Query { a: Int b: Int }", LINTER;
    INPUTS_SORTED = "input-object-fields-sorted-alphabetically", Warning, "Input fields are in alphabetical order.", "Merges conflict less, and readers find a field.", "type Query { a(i: I): Int } input I { b: Int a: Int }" => "type Query { a(i: I): Int } input I { a: Int b: Int }", LINTER;
    RELAY = "relay-connection-types-spec", Warning, "Connection types have edges and page info.", "Relay clients cannot page without them.", "type Query { a: AConnection } type AConnection { edges: [Int] }" => "type Query { a: AConnection } type AConnection { edges: [Int] pageInfo: PageInfo! } type PageInfo { a: Int }", LINTER;
    UNBOUNDED_LIST = "unbounded-list", Info, "A list of objects has a size: an argument, or `@listSize`.", "Without a limit one request can ask for everything there is.", "type Query { all: [T!]! } type T { a: Int }" => "type Query { all(first: Int): [T!]! } type T { a: Int }", ARMOR;
    CYCLE = "cyclic-types", Info, "Types that lead back to themselves are known, and depth is limited.", "A client can nest such a path as deep as the server allows.", "type Query { q: T } type T { t: T a: Int }" => "type Query { q: T } type T { a: Int }", ARMOR;
    DEPTH = "selection-set-depth", Error, "No operation nests deeper than `maxDepth`.", "Depth is what nested resolvers pay for.", "type Query { q: Query a: Int }\n---\n{ q { q { q { a } } } }" => "type Query { q: Query a: Int }\n---\n{ q { a } }", ESLINT;
    COST = "max-cost", Error, "No operation costs more than `maxCost`.", "Cost bounds what one request can make a server do.", "type Query { q(first: Int): [Query] a: Int }\n---\n{ q(first: 100) { q(first: 100) { a } } }" => "type Query { q(first: Int): [Query] a: Int }\n---\n{ a }", ARMOR;
    ALIASES = "max-aliases", Warning, "An operation uses at most 15 aliases.", "Aliases run one expensive field many times in one request.", "type Query { a: Int }\n---\n{ a1: a a2: a a3: a a4: a a5: a a6: a a7: a a8: a a9: a b1: a b2: a b3: a b4: a b5: a b6: a b7: a }" => "type Query { a: Int }\n---\n{ a }", ARMOR;
    N_PLUS_ONE = "n-plus-one", Info, "Objects below a list are loaded together.", "A resolver that loads one object for each item asks the store as often as the list is long.", "type Query { l(first: Int): [T] } type T { o: O } type O { a: Int }\n---\n{ l(first: 50) { o { a } } }" => "type Query { l(first: Int): [T] } type T { a: Int }\n---\n{ l(first: 50) { a } }", ARMOR;
    UNUSED_FIELDS = "no-unused-fields", Info, "Every field is used by one of the operations.", "What no client asks for can go.", "type Query { a: Int b: Int }\n---\n{ a }" => "type Query { a: Int }\n---\n{ a }", ESLINT;
    DEPRECATED = "no-deprecated", Warning, "No operation uses what is deprecated.", "It will go.", "type Query { a: Int @deprecated(reason: \"r\") }\n---\n{ a }" => "type Query { a: Int }\n---\n{ a }", ESLINT;
}

/// The rule of an engine's error: by its name, or its message where it has none.
pub(super) fn of_error(name: Option<&str>, message: &str, in_schema: bool) -> &'static Rule {
    match name {
        None if message.contains("limit reached") => &NESTING,
        None if in_schema && !message.starts_with("syntax error") => &SCHEMA,
        None => &SYNTAX,
        Some("RecursionError" | "RecursionLimitError" | "DeeplyNestedType") => &NESTING,
        Some(
            "UndefinedDefinition"
            | "UndefinedTypeInNamedFragmentTypeCondition"
            | "UndefinedTypeInInlineFragmentTypeCondition",
        ) => &TYPE_NAMES,
        Some("UndefinedDirective" | "UnsupportedLocation") => &DIRECTIVES,
        Some("UndefinedArgument") => &ARGUMENT_NAMES,
        Some("RequiredArgument") => &REQUIRED_ARGUMENTS,
        Some(
            "UndefinedEnumValue"
            | "UndefinedInputValue"
            | "UnsupportedValueType"
            | "IntCoercionError"
            | "FloatCoercionError"
            | "RequiredField",
        ) => &VALUES,
        Some("UniqueDirective") => &UNIQUE_DIRECTIVES,
        Some("UniqueArgument" | "UniqueInputValue") => &UNIQUE_ARGUMENTS,
        Some(_) if in_schema => &SCHEMA,
        Some("UniqueVariable") => &UNIQUE_VARIABLES,
        Some("UndefinedVariable") => &UNDEFINED_VARIABLES,
        Some("UndefinedFragment") => &FRAGMENT_NAMES,
        Some("UnusedVariable") => &UNUSED_VARIABLES,
        Some("UnusedFragment") => &UNUSED_FRAGMENTS,
        Some("VariableInputType") => &VARIABLE_TYPES,
        Some("DisallowedVariableUsage") => &VARIABLE_POSITION,
        Some("MissingSubselection" | "SubselectionOnScalarType" | "SubselectionOnEnumType") => &LEAFS,
        Some("InvalidFragmentTarget") => &FRAGMENT_TYPES,
        Some("InvalidFragmentSpread") => &SPREADS,
        Some("RecursiveFragmentDefinition") => &FRAGMENT_CYCLES,
        Some("UndefinedField") => &FIELDS,
        Some("TypeSystemDefinition") => &EXECUTABLE,
        Some("AmbiguousAnonymousOperation" | "OperationNameCollision") => &UNIQUE_NAMES,
        Some("FragmentNameCollision") => &UNIQUE_FRAGMENTS,
        Some("UndefinedRootOperation" | "RootOperationObjectType") => &ROOT,
        Some(
            "SubscriptionUsesMultipleFields" | "SubscriptionUsesIntrospection" | "SubscriptionUsesConditionalSelection",
        ) => &SUBSCRIPTION,
        Some("ConflictingFieldType" | "ConflictingFieldName" | "ConflictingFieldArgument") => &CONFLICT,
        Some(_) => &DIRECTIVES,
    }
}
