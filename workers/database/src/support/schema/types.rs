//! Column types by canonical names, so that spellings of one type are one.

use super::Dialect;

/// A column's type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnType {
    /// Canonical name in lower case; empty where none is said (`SQLite`).
    pub name: String,
    /// Length, precision, scale, or the words of an enumeration, as written.
    pub arguments: Vec<String>,
    /// Dimensions of an array.
    pub array: usize,
    /// Whether it has no sign (`MySQL`).
    pub unsigned: bool,
}

// Spelling, canonical name; all in lower case.
const POSTGRES: &[(&str, &str)] = &[
    ("bigserial", "bigint"),
    ("bit varying", "varbit"),
    ("bool", "boolean"),
    ("char varying", "varchar"),
    ("character", "char"),
    ("character varying", "varchar"),
    ("bpchar", "char"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("float", "double precision"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("serial", "integer"),
    ("serial2", "smallint"),
    ("serial4", "integer"),
    ("serial8", "bigint"),
    ("smallserial", "smallint"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
];
const MYSQL: &[(&str, &str)] = &[
    ("bool", "tinyint"),
    ("boolean", "tinyint"),
    ("character", "char"),
    ("character varying", "varchar"),
    ("dec", "decimal"),
    ("double precision", "double"),
    ("fixed", "decimal"),
    ("int1", "tinyint"),
    ("int2", "smallint"),
    ("int3", "mediumint"),
    ("int4", "int"),
    ("int8", "bigint"),
    ("integer", "int"),
    ("middleint", "mediumint"),
    ("numeric", "decimal"),
    ("real", "double"),
    ("serial", "bigint"),
];

/// Whether a type counts by itself.
pub fn is_serial(name: &str) -> bool {
    matches!(name, "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8")
}

impl ColumnType {
    /// A type as written: its words in lower case, what stood in parentheses, dimensions.
    pub fn new(dialect: Dialect, words: &str, arguments: Vec<String>, array: usize) -> Self {
        let words = words.trim();
        let table = match dialect {
            Dialect::PostgreSql => POSTGRES,
            Dialect::MySql => MYSQL,
            Dialect::Sqlite => &[],
        };
        let plain = words.strip_prefix("pg_catalog.").unwrap_or(words);
        let canonical = table.iter().find(|(spelling, _)| *spelling == plain).map_or(plain, |(_, name)| name);
        let mut ty = Self { name: canonical.to_owned(), arguments, array, unsigned: false };
        match (dialect, plain) {
            // The width of a whole number only pads its display.
            (Dialect::MySql, _) if matches!(canonical, "tinyint" | "smallint" | "mediumint" | "int" | "bigint") => {
                let boolean = canonical == "tinyint" && ty.arguments.first().is_some_and(|width| width == "1");
                ty.arguments.clear();
                if boolean || matches!(plain, "bool" | "boolean") {
                    ty.arguments.push("1".to_owned());
                }
                ty.unsigned = plain == "serial";
            }
            (Dialect::PostgreSql, "float") => {
                if ty.arguments.first().and_then(|bits| bits.parse::<u32>().ok()).is_some_and(|bits| bits <= 24) {
                    "real".clone_into(&mut ty.name);
                }
                ty.arguments.clear();
            }
            (Dialect::PostgreSql, "char" | "character") if ty.arguments.is_empty() => ty.arguments.push("1".to_owned()),
            _ => {}
        }
        ty
    }

    /// The type as SQL writes it.
    pub fn text(&self) -> String {
        let mut text = self.name.clone();
        if !self.arguments.is_empty() {
            text.push('(');
            text.push_str(&self.arguments.join(","));
            text.push(')');
        }
        if self.unsigned {
            text.push_str(" unsigned");
        }
        for _ in 0..self.array {
            text.push_str("[]");
        }
        text
    }

    /// Whether values are large objects.
    pub fn is_large(&self) -> bool {
        let name = self.name.as_str();
        name.ends_with("blob")
            || name.ends_with("clob")
            || matches!(name, "bytea" | "text" | "mediumtext" | "longtext" | "xml" | "json" | "jsonb")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_type_are_one() {
        let ty = |dialect, words: &str, arguments: &[&str]| {
            ColumnType::new(dialect, words, arguments.iter().map(|text| (*text).to_owned()).collect(), 0).text()
        };
        assert_eq!(ty(Dialect::PostgreSql, "character varying", &["5"]), "varchar(5)");
        assert_eq!(ty(Dialect::PostgreSql, "int4", &[]), "integer");
        assert_eq!(ty(Dialect::PostgreSql, "char", &[]), "char(1)");
        assert_eq!(ty(Dialect::MySql, "integer", &["11"]), "int");
        assert_eq!(ty(Dialect::MySql, "bool", &[]), "tinyint(1)");
        assert_eq!(ty(Dialect::Sqlite, "int", &[]), "int");
    }
}
