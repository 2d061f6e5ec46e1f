//! Whether an expression may give another value for each row: a default that does makes `ADD COLUMN` write every row.
//!
//! Source: `provolatile` of `pg_proc`. Operators and casts are taken to be stable, as all built-in ones are.

use super::name::ObjectName;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode as _};

/// How a function or expression behaves within one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Volatility {
    /// One value for the whole statement.
    Steady,
    /// Another value for each row.
    Volatile,
    /// Calls this function, of which nothing is known.
    Unknown(String),
}

// Volatile functions of PostgreSQL and its usual extensions that can stand in a default.
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "lastval",
    "nextval",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

// Immutable or stable functions that are met in defaults.
const STEADY: &[&str] = &[
    "abs",
    "age",
    "array_append",
    "array_fill",
    "array_length",
    "array_to_string",
    "ascii",
    "bit_length",
    "btrim",
    "ceil",
    "ceiling",
    "char_length",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "current_database",
    "current_schema",
    "current_setting",
    "date_part",
    "date_trunc",
    "decode",
    "encode",
    "exp",
    "extract",
    "floor",
    "format",
    "greatest",
    "hstore",
    "initcap",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "jsonb_object",
    "jsonb_set",
    "least",
    "left",
    "length",
    "ln",
    "log",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "make_interval",
    "make_time",
    "make_timestamp",
    "make_timestamptz",
    "md5",
    "mod",
    "now",
    "nullif",
    "octet_length",
    "overlay",
    "pg_backend_pid",
    "point",
    "power",
    "quote_ident",
    "quote_literal",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "sha256",
    "sign",
    "split_part",
    "sqrt",
    "statement_timestamp",
    "string_to_array",
    "strpos",
    "substr",
    "substring",
    "timezone",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "to_tsvector",
    "transaction_timestamp",
    "translate",
    "trim",
    "trunc",
    "tstzrange",
    "upper",
    "uuid_generate_v3",
    "uuid_generate_v5",
    "uuid_nil",
    "uuid_ns_dns",
    "uuid_ns_url",
];

/// The volatility of an expression; `defined` knows the functions of the history.
pub fn of_expression(expression: &SyntaxNode, defined: impl Fn(&ObjectName) -> Option<bool>) -> Volatility {
    let mut unknown = None;
    for call in expression.descendants().filter_map(ast::CallExpr::cast) {
        let Some(function) = called(&call) else { continue };
        let own = function.schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
        match defined(&function) {
            Some(true) => return Volatility::Volatile,
            Some(false) => continue,
            None => {}
        }
        if VOLATILE.contains(&function.name.as_str()) {
            return Volatility::Volatile;
        }
        if !(own && STEADY.contains(&function.name.as_str())) && unknown.is_none() {
            unknown = Some(function.to_string());
        }
    }
    unknown.map_or(Volatility::Steady, Volatility::Unknown)
}

// The function's name; nothing for the calls that have a syntax of their own (`extract(...)`, `trim(...)`), all steady.
fn called(call: &ast::CallExpr) -> Option<ObjectName> {
    match call.expr()? {
        ast::Expr::NameRef(name) => Some(ObjectName::new(name.text())),
        ast::Expr::FieldExpr(field) => Some(ObjectName::read(&field.syntax().to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use squawk_syntax::SourceFile;

    fn of(expression: &str) -> Volatility {
        let parse = SourceFile::parse(&format!("select {expression};"));
        of_expression(&parse.syntax_node(), |name| (name.name == "mine").then_some(false))
    }

    #[test]
    fn built_in_functions_are_known() {
        for steady in [
            "1",
            "'a'::text",
            "now()",
            "CURRENT_TIMESTAMP",
            "now() + interval '1 day'",
            "'{}'::jsonb",
            "mine(1)",
            "extract(year from now())",
            "pg_catalog.now()",
            "true",
            "coalesce(1, 2)",
        ] {
            assert_eq!(of(steady), Volatility::Steady, "{steady}");
        }
        for volatile in [
            "gen_random_uuid()",
            "clock_timestamp()",
            "nextval('s')",
            "(random() * 10)::int",
            "public.uuid_generate_v4()",
            "pg_catalog.nextval('s'::regclass)",
        ] {
            assert_eq!(of(volatile), Volatility::Volatile, "{volatile}");
        }
        assert_eq!(of("next_code()"), Volatility::Unknown("next_code".to_owned()));
    }
}
