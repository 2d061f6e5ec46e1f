//! Types of expressions as `PostgreSQL` finds them: categories, operators, functions, the type that several come to.
//!
//! A type is its name as columns have it (`varchar`, `timestamptz`, `integer[]`); `unknown` is a text without a type, and the empty
//! name is a type that is not known here: it agrees with everything.

/// Numbers, from the one that gives way to the one that is preferred.
const NUMBERS: &[&str] = &["smallint", "integer", "bigint", "numeric", "real", "double precision"];

/// That types do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apart;

/// Kinds whose operators are all known here.
const KNOWN: &[&str] =
    &["text", "boolean", "uuid", "json", "bytea", "array", "jsonb", "number", "point", "time", "interval"];

/// The kind of a type: within one, values compare.
pub fn category(ty: &str) -> &str {
    match ty {
        "" => "",
        ty if ty.ends_with("[]") => "array",
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "oid" => "number",
        "text" | "varchar" | "char" | "name" | "citext" => "text",
        "date" | "timestamp" | "timestamptz" => "point",
        "time" | "timetz" => "time",
        "inet" | "cidr" => "net",
        "varbit" | "bit" => "bits",
        ty => ty,
    }
}

/// A type as a cast or a column names it, in the one spelling.
pub fn canonical(name: &str) -> String {
    let (base, array) = name.strip_suffix("[]").map_or((name, ""), |base| (base, "[]"));
    let base = match base {
        "int" | "int4" | "serial" => "integer",
        "int8" | "bigserial" => "bigint",
        "int2" | "smallserial" => "smallint",
        "float" | "float8" | "double" => "double precision",
        "float4" => "real",
        "decimal" | "dec" => "numeric",
        "bool" => "boolean",
        "character varying" => "varchar",
        "character" | "bpchar" => "char",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        "bit varying" => "varbit",
        base => base,
    };
    format!("{base}{array}")
}

/// The name that a cast gives a column: that of the type in the catalog.
pub fn internal(name: &str) -> String {
    let canonical = canonical(name);
    let base = canonical.trim_end_matches("[]");
    match base {
        "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "double precision" => "float8",
        "real" => "float4",
        "boolean" => "bool",
        "char" => "bpchar",
        base => base,
    }
    .to_owned()
}

fn rank(ty: &str) -> Option<usize> {
    NUMBERS.iter().position(|known| *known == ty)
}

/// The type that values of several types come to, or that they come to none.
pub fn common(types: &[String]) -> Result<String, Apart> {
    let mut found = "unknown".to_owned();
    for ty in types {
        if ty.is_empty() {
            return Ok(String::new());
        }
        if ty == "unknown" || *ty == found {
            continue;
        }
        if found == "unknown" {
            ty.clone_into(&mut found);
            continue;
        }
        if category(ty) != category(&found) || matches!(category(ty), "array" | "json" | "jsonb") {
            return Err(Apart);
        }
        let switches = match category(ty) {
            "number" => rank(ty) > rank(&found),
            "text" => ty == "text",
            "point" => {
                let order = ["date", "timestamp", "timestamptz"];
                let place = |ty: &str| order.iter().position(|known| *known == ty);
                place(ty) > place(&found)
            }
            "time" => ty == "timetz",
            "net" => ty == "inet",
            _ => return Err(Apart),
        };
        if switches {
            ty.clone_into(&mut found);
        }
    }
    Ok(if found == "unknown" { "text".to_owned() } else { found })
}

/// Whether values of two types compare.
pub fn comparable(one: &str, other: &str) -> bool {
    if one.is_empty() || other.is_empty() {
        return true;
    }
    let lone = |ty: &str| !matches!(ty, "json" | "xml" | "point" | "line" | "polygon" | "json[]");
    if one == "unknown" || other == "unknown" {
        return lone(one) && lone(other);
    }
    let (first, second) = (category(one), category(other));
    if first == "array" {
        return one == other
            || category(one.trim_end_matches("[]")) == category(other.trim_end_matches("[]"))
                && other.ends_with("[]")
                && category(one.trim_end_matches("[]")) == "text";
    }
    first == second && lone(one) || matches!((one, other), ("time", "interval") | ("interval", "time"))
}

/// Whether a text without a type can be read as a value of a type.
pub fn readable(text: &str, ty: &str) -> bool {
    let text = text.trim();
    match ty {
        "smallint" => text.parse::<i16>().is_ok(),
        "integer" => text.parse::<i32>().is_ok(),
        "bigint" => text.parse::<i64>().is_ok(),
        "numeric" | "real" | "double precision" => {
            text.parse::<f64>().is_ok() || ["nan", "infinity", "-infinity"].contains(&text.to_lowercase().as_str())
        }
        "boolean" => {
            let lower = text.to_lowercase();
            !lower.is_empty()
                && (["true", "false", "yes", "no"].iter().any(|word| word.starts_with(&lower))
                    || ["on", "off", "of", "1", "0"].contains(&lower.as_str()))
        }
        "uuid" => text.chars().filter(char::is_ascii_hexdigit).count() == 32,
        _ => true,
    }
}

/// The type of an operator between two, or that there is none.
pub fn operator(operator: &str, left: &str, right: &str) -> Result<String, Apart> {
    let say = |ty: &str| Ok(ty.to_owned());
    if matches!(operator, "=" | "<>" | "<" | ">" | "<=" | ">=" | "<=>" | "==") {
        return if comparable(left, right) { say("boolean") } else { Err(Apart) };
    }
    match operator {
        "->>" | "#>>" => {
            return if left.is_empty() || matches!(left, "json" | "jsonb") { say("text") } else { Err(Apart) };
        }
        "->" | "#>" => return if left.is_empty() || matches!(left, "json" | "jsonb") { say(left) } else { Err(Apart) },
        "@>" | "<@" | "&&" | "?" | "?|" | "?&" | "~" | "~*" | "!~" | "!~*" | "@@" => return say("boolean"),
        "at time zone" => {
            return say(match right {
                _ if right.is_empty() => "",
                "timestamptz" | "date" | "unknown" => "timestamp",
                "timestamp" => "timestamptz",
                "time" | "timetz" => "timetz",
                _ => return Err(Apart),
            });
        }
        _ => {}
    }
    if left.is_empty() || right.is_empty() {
        return say("");
    }
    if operator == "||" {
        if left.ends_with("[]") || right.ends_with("[]") {
            return say(if left.ends_with("[]") { left } else { right });
        }
        return match (left, right) {
            ("jsonb", "jsonb" | "unknown") | ("unknown", "jsonb") => say("jsonb"),
            ("bytea", "bytea" | "unknown") | ("unknown", "bytea") => say("bytea"),
            ("tsvector", _) => say("tsvector"),
            _ if [left, right].iter().any(|side| matches!(category(side), "text" | "unknown")) => say("text"),
            _ => Err(Apart),
        };
    }
    // A text without a type is taken for one of the other's.
    let (left, right) = match (left, right) {
        ("unknown", "unknown") => return Err(Apart),
        ("unknown", ty) if category(ty) == "number" => (ty, ty),
        (ty, "unknown") if category(ty) == "number" => (ty, ty),
        ("unknown" | "interval", "interval") | ("interval", "unknown") => ("interval", "interval"),
        (ty, "unknown") if operator == "-" => (ty, ty),
        ("timestamp" | "timestamptz" | "time", "unknown") => (left, "interval"),
        (_, "unknown") | ("unknown", _) => return say(""),
        pair => pair,
    };
    if let (Some(one), Some(other)) = (rank(left), rank(right)) {
        return match operator {
            "+" | "-" | "*" | "/" => {
                let wide = NUMBERS.get(one.max(other)).copied().unwrap_or_default();
                // Real and something else than small numbers is double.
                say(if wide == "real" && one != other { "double precision" } else { wide })
            }
            "%" if one.max(other) <= 3 => say(NUMBERS.get(one.max(other)).copied().unwrap_or_default()),
            "^" => say(if one.max(other) == 3 { "numeric" } else { "double precision" }),
            "&" | "|" | "#" if one.max(other) <= 2 => say(NUMBERS.get(one.max(other)).copied().unwrap_or_default()),
            "<<" | ">>" if one <= 2 && other <= 1 => say(left),
            "div" => say("bigint"),
            _ => Err(Apart),
        };
    }
    let number = |ty: &str| rank(ty).is_some();
    let whole = |ty: &str| rank(ty).is_some_and(|rank| rank <= 1);
    match (operator, left, right) {
        ("+" | "-", "date", ty) if whole(ty) => say("date"),
        ("+", ty, "date") if whole(ty) => say("date"),
        ("-", "date", "date") => say("integer"),
        ("+" | "-", "date", "interval") | ("+", "interval" | "time", "date") | ("+", "date", "time") => {
            say("timestamp")
        }
        ("+" | "-", "timestamp" | "timestamptz" | "time" | "timetz", "interval") => say(left),
        ("+", "interval", "timestamp" | "timestamptz" | "time" | "timetz") => say(right),
        ("-", "timestamp" | "timestamptz" | "date", "timestamp" | "timestamptz" | "date") | ("-", "time", "time") => {
            say("interval")
        }
        ("+" | "-", "interval", "interval") => say("interval"),
        ("*" | "/", "interval", ty) if number(ty) => say("interval"),
        ("*", ty, "interval") if number(ty) => say("interval"),
        ("-", "jsonb", ty) if whole(ty) || category(ty) == "text" || ty == "jsonb" => say("jsonb"),
        ("+" | "-" | "*" | "/" | "%" | "^", _, _)
            if KNOWN.contains(&category(left)) && KNOWN.contains(&category(right)) =>
        {
            Err(Apart)
        }
        _ => say(""),
    }
}

/// Whether a function makes one value of many rows.
pub fn is_aggregate(name: &str) -> bool {
    matches!(
        name,
        "count"
            | "sum"
            | "avg"
            | "min"
            | "max"
            | "array_agg"
            | "string_agg"
            | "bool_and"
            | "bool_or"
            | "every"
            | "json_agg"
            | "jsonb_agg"
            | "json_object_agg"
            | "jsonb_object_agg"
            | "stddev"
            | "stddev_pop"
            | "stddev_samp"
            | "variance"
            | "var_pop"
            | "var_samp"
            | "corr"
            | "covar_pop"
            | "covar_samp"
            | "regr_slope"
            | "regr_intercept"
            | "regr_sxx"
            | "regr_syy"
            | "regr_sxy"
            | "regr_avgx"
            | "regr_avgy"
            | "regr_count"
            | "regr_r2"
            | "percentile_cont"
            | "percentile_disc"
            | "mode"
            | "bit_and"
            | "bit_or"
            | "xmlagg"
            | "group_concat"
            | "json_arrayagg"
            | "json_objectagg"
            | "json_group_array"
            | "json_group_object"
            | "total"
            | "std"
            | "any_value"
            | "range_agg"
            | "bit_xor"
    )
}

/// Whether a function is only one over a window.
pub fn is_window(name: &str) -> bool {
    matches!(
        name,
        "row_number"
            | "rank"
            | "dense_rank"
            | "percent_rank"
            | "cume_dist"
            | "ntile"
            | "lag"
            | "lead"
            | "first_value"
            | "last_value"
            | "nth_value"
    )
}

/// The type that a function gives for arguments of these types; nothing for one that is not known here.
#[expect(clippy::too_many_lines, reason = "a table: a line or two a function")]
pub fn function(name: &str, arguments: &[String]) -> Option<Result<String, Apart>> {
    let first = arguments.first().map_or("", String::as_str);
    let element = |ty: &str| ty.strip_suffix("[]").unwrap_or("").to_owned();
    let say = |ty: &str| Some(Ok(ty.to_owned()));
    let number = |ty: &str| ty.is_empty() || ty == "unknown" || rank(ty).is_some();
    let text = |ty: &str| ty.is_empty() || ty == "unknown" || category(ty) == "text";
    let no = Some(Err(Apart));
    match name {
        "count" | "row_number" | "rank" | "dense_rank" | "regr_count" => say("bigint"),
        "ntile" => say("integer"),
        "percent_rank" | "cume_dist" => say("double precision"),
        "sum" | "avg" => match first {
            "" => say(""),
            "smallint" | "integer" => say(if name == "sum" { "bigint" } else { "numeric" }),
            "bigint" | "numeric" => say("numeric"),
            "real" => say(if name == "sum" { "real" } else { "double precision" }),
            "double precision" | "interval" => say(first),
            "money" if name == "sum" => say(first),
            _ if KNOWN.contains(&category(first)) => no,
            _ => say(""),
        },
        "min" | "max" => match first {
            "varchar" | "unknown" | "name" => say("text"),
            "boolean" | "json" | "jsonb" | "uuid" | "bytea" => no,
            ty => say(ty),
        },
        "stddev" | "stddev_pop" | "stddev_samp" | "variance" | "var_pop" | "var_samp" => match first {
            "" => say(""),
            "real" | "double precision" => say("double precision"),
            ty if number(ty) => say("numeric"),
            _ => no,
        },
        "corr" | "covar_pop" | "covar_samp" | "regr_slope" | "regr_intercept" | "regr_r2" | "regr_sxx" | "regr_syy"
        | "regr_sxy" | "regr_avgx" | "regr_avgy" => say("double precision"),
        // What is given where no row is must go together with the value.
        "lag" | "lead" if arguments.len() == 3 => {
            let ends = [first.to_owned(), arguments.get(2).cloned().unwrap_or_default()];
            common(&ends).ok().map(Ok)
        }
        "array_agg" if first.ends_with("[]") || first.is_empty() => say(first),
        "array_agg" => say(&format!("{}[]", if first == "unknown" { "text" } else { first })),
        "string_agg" => {
            if text(first) || first == "bytea" {
                say(if first == "bytea" { "bytea" } else { "text" })
            } else {
                no
            }
        }
        "bool_and" | "bool_or" | "every" => {
            if matches!(first, "" | "boolean" | "unknown") {
                say("boolean")
            } else {
                no
            }
        }
        "json_agg" | "json_build_object" | "json_build_array" | "to_json" | "row_to_json" | "json_object_agg"
        | "json_object" | "array_to_json" | "json_strip_nulls" => say("json"),
        "jsonb_agg"
        | "jsonb_build_object"
        | "jsonb_build_array"
        | "to_jsonb"
        | "jsonb_object_agg"
        | "jsonb_set"
        | "jsonb_insert"
        | "jsonb_strip_nulls"
        | "jsonb_object"
        | "jsonb_path_query_array"
        | "jsonb_path_query_first" => say("jsonb"),
        "json_extract_path_text" | "jsonb_extract_path_text" | "json_typeof" | "jsonb_typeof" | "jsonb_pretty" => {
            say("text")
        }
        "jsonb_extract_path" => say("jsonb"),
        "json_extract_path" => say("json"),
        "json_array_length" | "jsonb_array_length" => say("integer"),
        "bit_and" | "bit_or" | "bit_xor" | "first_value" | "last_value" | "nth_value" | "lag" | "lead" | "mode"
        | "any_value" => say(if first == "unknown" { "text" } else { first }),
        "upper" | "lower" if first.ends_with("range") => say(""),
        "upper" | "lower" | "initcap" | "trim" | "btrim" | "ltrim" | "rtrim" | "reverse" | "replace" | "translate"
        | "lpad" | "rpad" | "left" | "right" | "split_part" | "repeat" | "regexp_replace" | "quote_ident"
        | "quote_literal" | "md5" | "substr" | "overlay" | "regexp_substr" => {
            if text(first)
                || first == "bytea"
                    && matches!(name, "trim" | "btrim" | "ltrim" | "rtrim" | "substr" | "overlay" | "md5")
            {
                say(if first == "bytea" && name != "md5" { "bytea" } else { "text" })
            } else if name == "quote_literal" {
                say("text")
            } else {
                no
            }
        }
        "substring" => {
            if first == "bytea" {
                say("bytea")
            } else if text(first) {
                say("text")
            } else {
                no
            }
        }
        "concat" | "concat_ws" | "format" | "to_char" | "chr" | "to_hex" | "version" | "string_to_table"
        | "quote_nullable" | "obj_description" | "col_description" | "pg_get_viewdef" | "pg_get_expr"
        | "format_type" | "current_setting" | "encode" | "array_to_string" | "pg_typeof" => {
            say(if name == "pg_typeof" { "regtype" } else { "text" })
        }
        "length" | "char_length" | "character_length" | "octet_length" | "bit_length" | "ascii" | "strpos"
        | "position" => {
            if text(first) || matches!(first, "bytea" | "bits" | "varbit" | "bit" | "tsvector") {
                say("integer")
            } else {
                no
            }
        }
        "abs" | "sign" | "ceil" | "ceiling" | "floor" | "trunc" | "round" => {
            if first.is_empty() {
                return say("");
            }
            if arguments.len() == 2 {
                return if matches!(first, "real" | "double precision") {
                    no
                } else if number(first) {
                    say("numeric")
                } else {
                    no
                };
            }
            match (name, first) {
                (_, "unknown" | "double precision") => say("double precision"),
                ("abs", ty) if rank(ty).is_some() => say(ty),
                (_, "numeric") => say("numeric"),
                (_, ty) if rank(ty).is_some() => say("double precision"),
                _ => no,
            }
        }
        "mod" => {
            if number(first) {
                Some(operator("%", first, arguments.get(1).map_or("", String::as_str)))
            } else {
                no
            }
        }
        "div" => say("numeric"),
        "sqrt" | "exp" | "ln" | "log" | "log10" => match first {
            "" => say(""),
            "numeric" => say("numeric"),
            ty if number(ty) => say(if name == "log" && arguments.len() == 2 { "numeric" } else { "double precision" }),
            _ => no,
        },
        "power" | "pow" => {
            if arguments.iter().any(|ty| ty == "numeric")
                && arguments.iter().all(|ty| !matches!(ty.as_str(), "real" | "double precision"))
            {
                say("numeric")
            } else {
                say("double precision")
            }
        }
        "random" | "pi" | "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "atan2" | "degrees" | "radians"
        | "cbrt" => say("double precision"),
        "gcd" | "lcm" => common(arguments).ok().map(Ok),
        "width_bucket" => say("integer"),
        "now"
        | "current_timestamp"
        | "clock_timestamp"
        | "statement_timestamp"
        | "transaction_timestamp"
        | "to_timestamp"
        | "make_timestamptz" => say("timestamptz"),
        "current_date" | "to_date" | "make_date" => say("date"),
        "current_time" => say("timetz"),
        "localtime" | "make_time" => say("time"),
        "localtimestamp" | "make_timestamp" => say("timestamp"),
        "age" | "make_interval" | "justify_days" | "justify_hours" | "justify_interval" => say("interval"),
        "extract" => say("numeric"),
        "date_part" => say("double precision"),
        "date_trunc" => match arguments.get(1).map_or("", String::as_str) {
            "date" | "unknown" => say("timestamptz"),
            ty @ ("" | "timestamp" | "timestamptz" | "interval") => say(ty),
            _ => no,
        },
        "date_bin" => say(arguments.get(1).map_or("", String::as_str)),
        "timezone" => Some(operator("at time zone", first, arguments.get(1).map_or("", String::as_str))),
        "isfinite"
        | "starts_with"
        | "pg_try_advisory_lock"
        | "has_table_privilege"
        | "jsonb_path_exists"
        | "regexp_like" => say("boolean"),
        "coalesce" | "greatest" | "least" | "ifnull" => Some(common(arguments)),
        "nullif" => {
            if comparable(first, arguments.get(1).map_or("", String::as_str)) {
                say(if first == "unknown" { "text" } else { first })
            } else {
                no
            }
        }
        "current_user" | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema"
        | "current_database" => say("name"),
        "array_length" | "array_upper" | "array_lower" | "cardinality" | "array_position" | "array_ndims"
        | "num_nulls" | "num_nonnulls" | "regexp_count" => say("integer"),
        "array_append" | "array_remove" | "array_cat" | "array_replace" | "trim_array" => say(first),
        "array_prepend" => say(arguments.get(1).map_or("", String::as_str)),
        "string_to_array" | "regexp_split_to_array" | "regexp_match" | "regexp_matches" => say("text[]"),
        "regexp_split_to_table"
        | "jsonb_object_keys"
        | "json_object_keys"
        | "json_array_elements_text"
        | "jsonb_array_elements_text"
        | "unnest_text" => say("text"),
        "json_array_elements" => say("json"),
        "jsonb_array_elements" | "jsonb_path_query" => say("jsonb"),
        "unnest" => Some(Ok(element(first))),
        "generate_series" => match common(arguments.get(..2.min(arguments.len())).unwrap_or_default()) {
            Ok(ty) if ty == "date" => say("timestamptz"),
            Ok(ty) if ty == "smallint" => say("integer"),
            other => Some(other),
        },
        "generate_subscripts" => say("integer"),
        "gen_random_uuid" | "uuid_generate_v4" => say("uuid"),
        "nextval"
        | "currval"
        | "lastval"
        | "setval"
        | "pg_relation_size"
        | "pg_total_relation_size"
        | "hashtext_extended"
        | "txid_current" => say("bigint"),
        "hashtext" | "pg_backend_pid" => say("integer"),
        "decode" | "convert_to" | "sha256" | "digest" => say("bytea"),
        "convert_from" => say("text"),
        "to_number" => say("numeric"),
        "to_tsvector" => say("tsvector"),
        "to_tsquery" | "plainto_tsquery" | "websearch_to_tsquery" | "phraseto_tsquery" => say("tsquery"),
        "ts_rank" | "ts_rank_cd" | "similarity" => say("real"),
        "grouping" => say("integer"),
        "percentile_cont" => say(""),
        "percentile_disc" => say(""),
        "bool" | "text" | "int4" | "int8" => Some(Ok(canonical(name))),
        _ => None,
    }
}
