//! The rules of the GraphQL comparison: graphql-inspector's change types, one row each.
//!
//! The level is the worst a change of the type can have; a finding may say less.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const SOURCE: &str = "graphql-inspector, change types (https://the-guild.dev/graphql/inspector/docs/essentials/diff)";
#[cfg(not(target_arch = "wasm32"))]
const BREAKS_QUERIES: &str = "Operations that were valid are refused, or clients miss what they read.";
#[cfg(not(target_arch = "wasm32"))]
const MAY_SURPRISE: &str =
    "Operations stay valid, but clients may meet a value or an effect they were not written for.";
#[cfg(not(target_arch = "wasm32"))]
const STAYS_VALID: &str = "Every operation that was valid stays valid; clients may want to know.";
#[cfg(not(target_arch = "wasm32"))]
const DOCUMENTATION: &str = "Only what people read changed; clients behave as before.";
#[cfg(not(target_arch = "wasm32"))]
const DIRECTIVE_MEANING: &str =
    "What a directive does is up to the server, so its coming and going may change behaviour.";

macro_rules! rule {
    ($id:literal, $level:ident, $summary:literal, $why:ident, $base:literal => $revision:literal) => {
        rule!($id, $level, $summary, $why, $base => $revision, $revision)
    };
    ($id:literal, $level:ident, $summary:literal, $why:ident, $base:literal => $revision:literal, $right:literal) => {
        Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(
                why: $why,
                wrong: concat!("base: ", $base, "\nrevision: ", $revision),
                right: concat!("base: ", $base, "\nrevision: ", $right),
                source: SOURCE,
            ),
        }
    };
}

/// The rule of a change type.
pub(super) fn rule(id: &str) -> Option<&'static Rule> {
    GRAPHQL_RULES.iter().find(|rule| rule.id == id)
}

/// All change types a comparison of two schemas can yield.
#[rustfmt::skip]
pub(super) const GRAPHQL_RULES: &[Rule] = &[
    rule!("DIRECTIVE_REMOVED", Error, "A directive definition was removed.", BREAKS_QUERIES, "directive @a on FIELD" => "(removed)", "directive @a on FIELD"),
    rule!("DIRECTIVE_ADDED", Info, "A directive definition was added.", STAYS_VALID, "(none)" => "directive @a on FIELD"),
    rule!("DIRECTIVE_DESCRIPTION_CHANGED", Info, "The description of a directive changed.", DOCUMENTATION, "\"Old.\" directive @a on FIELD" => "\"New.\" directive @a on FIELD"),
    rule!("DIRECTIVE_LOCATION_ADDED", Info, "A directive may stand at one more kind of place.", STAYS_VALID, "directive @a on FIELD" => "directive @a on FIELD | ENUM"),
    rule!("DIRECTIVE_LOCATION_REMOVED", Error, "A directive may no longer stand at a kind of place.", BREAKS_QUERIES, "directive @a on FIELD | QUERY" => "directive @a on FIELD", "directive @a on FIELD | QUERY"),
    rule!("DIRECTIVE_ARGUMENT_ADDED", Error, "A directive has a new argument; breaking if it may not be null, safe otherwise.", BREAKS_QUERIES, "directive @a on FIELD" => "directive @a(x: Int!) on FIELD", "directive @a(x: Int) on FIELD"),
    rule!("DIRECTIVE_ARGUMENT_REMOVED", Error, "An argument of a directive was removed.", BREAKS_QUERIES, "directive @a(x: Int) on FIELD" => "directive @a on FIELD", "directive @a(x: Int @deprecated) on FIELD"),
    rule!("DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED", Info, "The description of a directive's argument changed.", DOCUMENTATION, "directive @a(\"Old.\" x: Int) on FIELD" => "directive @a(\"New.\" x: Int) on FIELD"),
    rule!("DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED", Warning, "The default of a directive's argument changed.", MAY_SURPRISE, "directive @a(x: Int = 1) on FIELD" => "directive @a(x: Int = 2) on FIELD", "directive @a(x: Int = 1) on FIELD"),
    rule!("DIRECTIVE_ARGUMENT_TYPE_CHANGED", Error, "The type of a directive's argument changed; safe if it only became nullable.", BREAKS_QUERIES, "directive @a(x: Int) on FIELD" => "directive @a(x: Int!) on FIELD", "directive @a(x: Int) on FIELD"),
    rule!("DIRECTIVE_REPEATABLE_ADDED", Info, "A directive may stand twice at one place.", STAYS_VALID, "directive @a on FIELD" => "directive @a repeatable on FIELD"),
    rule!("DIRECTIVE_REPEATABLE_REMOVED", Warning, "A directive may no longer stand twice at one place.", MAY_SURPRISE, "directive @a repeatable on FIELD" => "directive @a on FIELD", "directive @a repeatable on FIELD"),
    rule!("ENUM_VALUE_REMOVED", Error, "A value of an enum was removed.", BREAKS_QUERIES, "enum E { A B }" => "enum E { A }", "enum E { A B @deprecated }"),
    rule!("ENUM_VALUE_ADDED", Warning, "An enum has a new value, which clients that list all values do not know.", MAY_SURPRISE, "enum E { A }" => "enum E { A B }", "enum E { A }"),
    rule!("ENUM_VALUE_DESCRIPTION_CHANGED", Info, "The description of an enum value changed.", DOCUMENTATION, "enum E { \"Old.\" A }" => "enum E { \"New.\" A }"),
    rule!("ENUM_VALUE_DEPRECATION_REASON_CHANGED", Info, "The reason of an enum value's deprecation changed.", DOCUMENTATION, "enum E { A @deprecated(reason: \"x\") }" => "enum E { A @deprecated(reason: \"y\") }"),
    rule!("ENUM_VALUE_DEPRECATION_REASON_ADDED", Info, "An enum value was deprecated, or its deprecation got a reason.", DOCUMENTATION, "enum E { A }" => "enum E { A @deprecated(reason: \"use B\") }"),
    rule!("ENUM_VALUE_DEPRECATION_REASON_REMOVED", Info, "An enum value is no longer deprecated, or its deprecation lost its reason.", DOCUMENTATION, "enum E { A @deprecated(reason: \"x\") }" => "enum E { A }"),
    rule!("FIELD_REMOVED", Error, "A field of an object type or interface was removed.", BREAKS_QUERIES, "type T { a: Int b: Int }" => "type T { a: Int }", "type T { a: Int b: Int @deprecated }"),
    rule!("FIELD_ADDED", Info, "An object type or interface has a new field.", STAYS_VALID, "type T { a: Int }" => "type T { a: Int b: Int }"),
    rule!("FIELD_DESCRIPTION_CHANGED", Info, "The description of a field changed.", DOCUMENTATION, "type T { \"Old.\" a: Int }" => "type T { \"New.\" a: Int }"),
    rule!("FIELD_DESCRIPTION_ADDED", Info, "A field got a description.", DOCUMENTATION, "type T { a: Int }" => "type T { \"New.\" a: Int }"),
    rule!("FIELD_DESCRIPTION_REMOVED", Info, "A field lost its description.", DOCUMENTATION, "type T { \"Old.\" a: Int }" => "type T { a: Int }"),
    rule!("FIELD_DEPRECATION_ADDED", Info, "A field was deprecated.", DOCUMENTATION, "type T { a: Int }" => "type T { a: Int @deprecated }"),
    rule!("FIELD_DEPRECATION_REMOVED", Info, "A field is no longer deprecated.", DOCUMENTATION, "type T { a: Int @deprecated }" => "type T { a: Int }"),
    rule!("FIELD_DEPRECATION_REASON_CHANGED", Info, "The reason of a field's deprecation changed.", DOCUMENTATION, "type T { a: Int @deprecated(reason: \"x\") }" => "type T { a: Int @deprecated(reason: \"y\") }"),
    rule!("FIELD_DEPRECATION_REASON_ADDED", Info, "The deprecation of a field got a reason.", DOCUMENTATION, "type T { a: Int @deprecated }" => "type T { a: Int @deprecated(reason: \"use b\") }"),
    rule!("FIELD_DEPRECATION_REASON_REMOVED", Info, "The deprecation of a field lost its reason.", DOCUMENTATION, "type T { a: Int @deprecated(reason: \"x\") }" => "type T { a: Int @deprecated }"),
    rule!("FIELD_TYPE_CHANGED", Error, "The type of a field changed; safe if it only became non-null.", BREAKS_QUERIES, "type T { a: Int! }" => "type T { a: Int }", "type T { a: Int! }"),
    rule!("FIELD_ARGUMENT_ADDED", Warning, "A field has a new argument; breaking if it is required.", MAY_SURPRISE, "type T { a: Int }" => "type T { a(x: Int!): Int }", "type T { a(x: Int): Int }"),
    rule!("FIELD_ARGUMENT_REMOVED", Error, "An argument of a field was removed.", BREAKS_QUERIES, "type T { a(x: Int): Int }" => "type T { a: Int }", "type T { a(x: Int @deprecated): Int }"),
    rule!("FIELD_ARGUMENT_DESCRIPTION_CHANGED", Info, "The description of an argument changed.", DOCUMENTATION, "type T { a(\"Old.\" x: Int): Int }" => "type T { a(\"New.\" x: Int): Int }"),
    rule!("FIELD_ARGUMENT_DEFAULT_CHANGED", Warning, "The default of an argument changed.", MAY_SURPRISE, "type T { a(x: Int = 1): Int }" => "type T { a(x: Int = 2): Int }", "type T { a(x: Int = 1): Int }"),
    rule!("FIELD_ARGUMENT_TYPE_CHANGED", Error, "The type of an argument changed; safe if it only became nullable.", BREAKS_QUERIES, "type T { a(x: Int): Int }" => "type T { a(x: Int!): Int }", "type T { a(x: Int): Int }"),
    rule!("INPUT_FIELD_REMOVED", Error, "A field of an input type was removed.", BREAKS_QUERIES, "input I { a: Int b: Int }" => "input I { a: Int }", "input I { a: Int b: Int @deprecated }"),
    rule!("INPUT_FIELD_ADDED", Error, "An input type has a new field; breaking if it is required, dangerous with a default, else safe.", BREAKS_QUERIES, "input I { a: Int }" => "input I { a: Int b: Int! }", "input I { a: Int b: Int }"),
    rule!("INPUT_FIELD_DESCRIPTION_ADDED", Info, "A field of an input type got a description.", DOCUMENTATION, "input I { a: Int }" => "input I { \"New.\" a: Int }"),
    rule!("INPUT_FIELD_DESCRIPTION_REMOVED", Info, "A field of an input type lost its description.", DOCUMENTATION, "input I { \"Old.\" a: Int }" => "input I { a: Int }"),
    rule!("INPUT_FIELD_DESCRIPTION_CHANGED", Info, "The description of an input type's field changed.", DOCUMENTATION, "input I { \"Old.\" a: Int }" => "input I { \"New.\" a: Int }"),
    rule!("INPUT_FIELD_DEFAULT_VALUE_CHANGED", Warning, "The default of an input type's field changed.", MAY_SURPRISE, "input I { a: Int = 1 }" => "input I { a: Int = 2 }", "input I { a: Int = 1 }"),
    rule!("INPUT_FIELD_TYPE_CHANGED", Error, "The type of an input type's field changed; safe if it only became nullable.", BREAKS_QUERIES, "input I { a: Int }" => "input I { a: Int! }", "input I { a: Int }"),
    rule!("OBJECT_TYPE_INTERFACE_ADDED", Warning, "A type implements one more interface.", MAY_SURPRISE, "type T { id: ID }" => "type T implements Node { id: ID }", "type T { id: ID }"),
    rule!("OBJECT_TYPE_INTERFACE_REMOVED", Error, "A type no longer implements an interface.", BREAKS_QUERIES, "type T implements Node { id: ID }" => "type T { id: ID }", "type T implements Node { id: ID }"),
    rule!("SCHEMA_QUERY_TYPE_CHANGED", Error, "The query root type changed; safe if there was none before.", BREAKS_QUERIES, "schema { query: A }" => "schema { query: B }", "schema { query: A }"),
    rule!("SCHEMA_MUTATION_TYPE_CHANGED", Error, "The mutation root type changed; safe if there was none before.", BREAKS_QUERIES, "schema { mutation: A }" => "schema { mutation: B }", "schema { mutation: A }"),
    rule!("SCHEMA_SUBSCRIPTION_TYPE_CHANGED", Error, "The subscription root type changed; safe if there was none before.", BREAKS_QUERIES, "schema { subscription: A }" => "schema { subscription: B }", "schema { subscription: A }"),
    rule!("TYPE_REMOVED", Error, "A type was removed.", BREAKS_QUERIES, "type T { a: Int }" => "(removed)", "type T { a: Int }"),
    rule!("TYPE_ADDED", Info, "A type was added.", STAYS_VALID, "(none)" => "type T { a: Int }"),
    rule!("TYPE_KIND_CHANGED", Error, "A type became another kind of type.", BREAKS_QUERIES, "type T { a: Int }" => "interface T { a: Int }", "type T { a: Int }"),
    rule!("TYPE_DESCRIPTION_CHANGED", Info, "The description of a type changed.", DOCUMENTATION, "\"Old.\" type T { a: Int }" => "\"New.\" type T { a: Int }"),
    rule!("TYPE_DESCRIPTION_REMOVED", Info, "A type lost its description.", DOCUMENTATION, "\"Old.\" type T { a: Int }" => "type T { a: Int }"),
    rule!("TYPE_DESCRIPTION_ADDED", Info, "A type got a description.", DOCUMENTATION, "type T { a: Int }" => "\"New.\" type T { a: Int }"),
    rule!("UNION_MEMBER_REMOVED", Error, "A member of a union was removed.", BREAKS_QUERIES, "union U = A | B" => "union U = A", "union U = A | B"),
    rule!("UNION_MEMBER_ADDED", Warning, "A union has a new member, which clients that list all members do not know.", MAY_SURPRISE, "union U = A" => "union U = A | B", "union U = A"),
    rule!("DIRECTIVE_USAGE_UNION_MEMBER_ADDED", Warning, "A directive was added to a union; @deprecated is safe.", DIRECTIVE_MEANING, "union U = A | B" => "union U @a = A | B", "union U = A | B"),
    rule!("DIRECTIVE_USAGE_UNION_MEMBER_REMOVED", Warning, "A directive was removed from a union; @deprecated is safe.", DIRECTIVE_MEANING, "union U @a = A | B" => "union U = A | B", "union U @a = A | B"),
    rule!("DIRECTIVE_USAGE_ENUM_ADDED", Warning, "A directive was added to an enum; @deprecated is safe.", DIRECTIVE_MEANING, "enum E { A }" => "enum E @a { A }", "enum E { A }"),
    rule!("DIRECTIVE_USAGE_ENUM_REMOVED", Warning, "A directive was removed from an enum; @deprecated is safe.", DIRECTIVE_MEANING, "enum E @a { A }" => "enum E { A }", "enum E @a { A }"),
    rule!("DIRECTIVE_USAGE_ENUM_VALUE_ADDED", Warning, "A directive was added to an enum value; @deprecated is safe.", DIRECTIVE_MEANING, "enum E { A }" => "enum E { A @a }", "enum E { A }"),
    rule!("DIRECTIVE_USAGE_ENUM_VALUE_REMOVED", Warning, "A directive was removed from an enum value; @deprecated is safe.", DIRECTIVE_MEANING, "enum E { A @a }" => "enum E { A }", "enum E { A @a }"),
    rule!("DIRECTIVE_USAGE_INPUT_OBJECT_ADDED", Warning, "A directive was added to an input type; @oneOf breaks, @deprecated is safe.", DIRECTIVE_MEANING, "input I { a: Int }" => "input I @a { a: Int }", "input I { a: Int }"),
    rule!("DIRECTIVE_USAGE_INPUT_OBJECT_REMOVED", Warning, "A directive was removed from an input type; @oneOf and @deprecated are safe.", DIRECTIVE_MEANING, "input I @a { a: Int }" => "input I { a: Int }", "input I @a { a: Int }"),
    rule!("DIRECTIVE_USAGE_SCALAR_ADDED", Warning, "A directive was added to a scalar; @deprecated is safe.", DIRECTIVE_MEANING, "scalar S" => "scalar S @a", "scalar S"),
    rule!("DIRECTIVE_USAGE_SCALAR_REMOVED", Warning, "A directive was removed from a scalar; @deprecated is safe.", DIRECTIVE_MEANING, "scalar S @a" => "scalar S", "scalar S @a"),
    rule!("DIRECTIVE_USAGE_OBJECT_ADDED", Warning, "A directive was added to an object type; @deprecated is safe.", DIRECTIVE_MEANING, "type T { a: Int }" => "type T @a { a: Int }", "type T { a: Int }"),
    rule!("DIRECTIVE_USAGE_OBJECT_REMOVED", Warning, "A directive was removed from an object type; @deprecated is safe.", DIRECTIVE_MEANING, "type T @a { a: Int }" => "type T { a: Int }", "type T @a { a: Int }"),
    rule!("DIRECTIVE_USAGE_INTERFACE_ADDED", Warning, "A directive was added to an interface; @deprecated is safe.", DIRECTIVE_MEANING, "interface T { a: Int }" => "interface T @a { a: Int }", "interface T { a: Int }"),
    rule!("DIRECTIVE_USAGE_INTERFACE_REMOVED", Warning, "A directive was removed from an interface; @deprecated is safe.", DIRECTIVE_MEANING, "interface T @a { a: Int }" => "interface T { a: Int }", "interface T @a { a: Int }"),
    rule!("DIRECTIVE_USAGE_ARGUMENT_DEFINITION_ADDED", Warning, "A directive was added to an argument; @deprecated is safe.", DIRECTIVE_MEANING, "type T { a(x: Int): Int }" => "type T { a(x: Int @a): Int }", "type T { a(x: Int): Int }"),
    rule!("DIRECTIVE_USAGE_ARGUMENT_DEFINITION_REMOVED", Warning, "A directive was removed from an argument; @deprecated is safe.", DIRECTIVE_MEANING, "type T { a(x: Int @a): Int }" => "type T { a(x: Int): Int }", "type T { a(x: Int @a): Int }"),
    rule!("DIRECTIVE_USAGE_SCHEMA_ADDED", Warning, "A directive was added to the schema; @deprecated is safe.", DIRECTIVE_MEANING, "schema { query: Query }" => "schema @a { query: Query }", "schema { query: Query }"),
    rule!("DIRECTIVE_USAGE_SCHEMA_REMOVED", Warning, "A directive was removed from the schema; @deprecated is safe.", DIRECTIVE_MEANING, "schema @a { query: Query }" => "schema { query: Query }", "schema @a { query: Query }"),
    rule!("DIRECTIVE_USAGE_FIELD_DEFINITION_ADDED", Warning, "A directive was added to a field; @deprecated is safe.", DIRECTIVE_MEANING, "type T { a: Int }" => "type T { a: Int @a }", "type T { a: Int }"),
    rule!("DIRECTIVE_USAGE_FIELD_DEFINITION_REMOVED", Warning, "A directive was removed from a field; @deprecated is safe.", DIRECTIVE_MEANING, "type T { a: Int @a }" => "type T { a: Int }", "type T { a: Int @a }"),
    rule!("DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_ADDED", Warning, "A directive was added to a field of an input type; @deprecated is safe.", DIRECTIVE_MEANING, "input I { a: Int }" => "input I { a: Int @a }", "input I { a: Int }"),
    rule!("DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_REMOVED", Warning, "A directive was removed from a field of an input type; @deprecated is safe.", DIRECTIVE_MEANING, "input I { a: Int @a }" => "input I { a: Int }", "input I { a: Int @a }"),
    rule!("DIRECTIVE_USAGE_ARGUMENT_ADDED", Info, "A directive that stands somewhere has a new argument, or another value of one.", STAYS_VALID, "type T { a: Int @a }" => "type T { a: Int @a(x: 1) }"),
    rule!("DIRECTIVE_USAGE_ARGUMENT_REMOVED", Warning, "A directive that stands somewhere lost an argument, or the value it had.", DIRECTIVE_MEANING, "type T { a: Int @a(x: 1) }" => "type T { a: Int @a }", "type T { a: Int @a(x: 1) }"),
];
