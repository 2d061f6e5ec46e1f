//! Column types by their canonical names, and what changing one into another costs.
//!
//! Source: Postgres documentation of `ALTER TABLE` ("Notes"), the catalogue `pg_cast` (casts without a function), and the
//! support functions that drop length coercions which cannot change a value (varchar, numeric, varbit, time, interval).

use super::name::ObjectName;
use squawk_syntax::ast::{self, AstNode as _};

/// A column's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnType {
    /// Canonical name for a built-in type (`integer`, `varchar`, `timestamptz`), else the name as written.
    pub name: ObjectName,
    /// Length, precision or scale, in order.
    pub modifiers: Vec<u32>,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it is one of Postgres's own.
    pub built_in: bool,
    /// Whether it was written `serial`: an integer with a sequence as its default.
    pub serial: bool,
}

/// What changing a column's type does to the stored rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeChange {
    /// The rows stay; so do the indexes.
    Free,
    /// The rows stay; indexes on the column are built anew.
    RebuildsIndexes,
    /// Every row is written anew.
    Rewrites,
    /// The rows stay only where the session's time zone is UTC.
    FreeInUtc,
    /// A type is not known, so this cannot be said.
    Unknown,
}

// Spelling, canonical name.
const BUILT_IN: &[(&str, &str)] = &[
    ("bigint", "bigint"),
    ("bit", "bit"),
    ("bool", "boolean"),
    ("boolean", "boolean"),
    ("box", "box"),
    ("bpchar", "bpchar"),
    ("bytea", "bytea"),
    ("char", "char"),
    ("character", "char"),
    ("cidr", "cidr"),
    ("circle", "circle"),
    ("citext", "citext"),
    ("date", "date"),
    ("daterange", "daterange"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("float", "double precision"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("hstore", "hstore"),
    ("inet", "inet"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int4range", "int4range"),
    ("int8", "bigint"),
    ("int8range", "int8range"),
    ("integer", "integer"),
    ("interval", "interval"),
    ("json", "json"),
    ("jsonb", "jsonb"),
    ("jsonpath", "jsonpath"),
    ("line", "line"),
    ("lseg", "lseg"),
    ("macaddr", "macaddr"),
    ("macaddr8", "macaddr8"),
    ("money", "money"),
    ("name", "name"),
    ("nchar", "char"),
    ("numeric", "numeric"),
    ("numrange", "numrange"),
    ("oid", "oid"),
    ("path", "path"),
    ("pg_lsn", "pg_lsn"),
    ("point", "point"),
    ("polygon", "polygon"),
    ("real", "real"),
    ("regclass", "regclass"),
    ("regproc", "regproc"),
    ("regtype", "regtype"),
    ("smallint", "smallint"),
    ("text", "text"),
    ("time", "time"),
    ("timestamp", "timestamp"),
    ("timestamptz", "timestamptz"),
    ("timetz", "timetz"),
    ("tsquery", "tsquery"),
    ("tsrange", "tsrange"),
    ("tstzrange", "tstzrange"),
    ("tsvector", "tsvector"),
    ("uuid", "uuid"),
    ("varbit", "varbit"),
    ("varchar", "varchar"),
    ("xml", "xml"),
];

const SERIAL: &[(&str, &str)] = &[
    ("bigserial", "bigint"),
    ("serial", "integer"),
    ("serial2", "smallint"),
    ("serial4", "integer"),
    ("serial8", "bigint"),
    ("smallserial", "smallint"),
];

// Casts without a function between types whose indexes use the same operators.
const SAME_STORAGE_AND_ORDER: &[(&str, &str)] = &[("varchar", "text"), ("text", "varchar"), ("cidr", "inet")];

// Casts without a function between types whose indexes differ.
const SAME_STORAGE: &[(&str, &str)] = &[
    ("bit", "varbit"),
    ("bpchar", "citext"),
    ("citext", "bpchar"),
    ("citext", "text"),
    ("citext", "varchar"),
    ("integer", "oid"),
    ("integer", "regclass"),
    ("integer", "regproc"),
    ("integer", "regtype"),
    ("oid", "integer"),
    ("oid", "regclass"),
    ("oid", "regproc"),
    ("oid", "regtype"),
    ("regclass", "integer"),
    ("regclass", "oid"),
    ("regproc", "integer"),
    ("regproc", "oid"),
    ("regtype", "integer"),
    ("regtype", "oid"),
    ("text", "bpchar"),
    ("text", "citext"),
    ("varbit", "bit"),
    ("varchar", "bpchar"),
    ("varchar", "citext"),
    ("xml", "text"),
    ("xml", "varchar"),
];

// Most fractional digits of a second; asking for them is asking for no limit.
const MAX_SECOND_DIGITS: u32 = 6;

impl ColumnType {
    /// Reads a type as written.
    pub fn of(ty: &ast::Type) -> Self {
        let modifiers = || {
            let arguments = ty.syntax().descendants().filter_map(ast::Literal::cast);
            arguments.filter_map(|literal| literal.syntax().to_string().parse().ok()).take(2).collect::<Vec<u32>>()
        };
        let with_zone = |zoned: &str, plain: &str| {
            let zoned_said = ty.syntax().descendants().any(|node| ast::WithTimezone::cast(node).is_some());
            if zoned_said { zoned.to_owned() } else { plain.to_owned() }
        };
        let canonical = |name: String, modifiers: Vec<u32>| Self {
            name: ObjectName::new(name),
            modifiers,
            array: false,
            built_in: true,
            serial: false,
        };
        match ty {
            ast::Type::ArrayType(array) => array.ty().map_or_else(
                || Self { built_in: false, ..canonical(String::new(), Vec::new()) },
                |inner| Self { array: true, ..Self::of_element(&inner) },
            ),
            ast::Type::BitType(_) => canonical("bit".to_owned(), or_one(modifiers())),
            ast::Type::BitVaryingType(_) => canonical("varbit".to_owned(), modifiers()),
            ast::Type::CharacterType(_) => canonical("char".to_owned(), or_one(modifiers())),
            ast::Type::DoubleType(_) => canonical("double precision".to_owned(), Vec::new()),
            ast::Type::IntervalType(_) => canonical("interval".to_owned(), modifiers()),
            ast::Type::TimeType(_) => canonical(with_zone("timetz", "time"), modifiers()),
            ast::Type::TimestampType(_) => canonical(with_zone("timestamptz", "timestamp"), modifiers()),
            ast::Type::VarcharType(_) => canonical("varchar".to_owned(), modifiers()),
            ast::Type::PathType(path) => {
                let name = path.path_ref().map_or_else(|| ObjectName::new(""), |path| ObjectName::of_ref(&path));
                Self::named(name, modifiers())
            }
        }
    }

    // Arrays hold no arrays: `int[][]` is `int[]`.
    fn of_element(ty: &ast::Type) -> Self {
        match ty {
            ast::Type::ArrayType(_) => {
                Self { name: ObjectName::new(""), modifiers: Vec::new(), array: true, built_in: false, serial: false }
            }
            other => Self::of(other),
        }
    }

    fn named(name: ObjectName, modifiers: Vec<u32>) -> Self {
        let system = name.schema.is_none() || name.schema.as_deref() == Some("pg_catalog");
        let find = |table: &[(&str, &str)]| {
            let row = table.iter().find(|(spelling, _)| system && *spelling == name.name);
            row.map(|(_, canonical)| ObjectName::new(*canonical))
        };
        if let Some(canonical) = find(SERIAL) {
            return Self { name: canonical, modifiers: Vec::new(), array: false, built_in: true, serial: true };
        }
        match find(BUILT_IN) {
            // `float(24)` and below is `real`.
            Some(canonical) if name.name == "float" && modifiers.first().is_some_and(|bits| *bits <= 24) => Self {
                name: canonical.sibling("real"),
                modifiers: Vec::new(),
                array: false,
                built_in: true,
                serial: false,
            },
            Some(canonical) if name.name == "float" => {
                Self { name: canonical, modifiers: Vec::new(), array: false, built_in: true, serial: false }
            }
            Some(canonical) if matches!(name.name.as_str(), "char" | "character" | "nchar" | "bit") => {
                Self { name: canonical, modifiers: or_one(modifiers), array: false, built_in: true, serial: false }
            }
            Some(canonical) => Self { name: canonical, modifiers, array: false, built_in: true, serial: false },
            None => Self { name, modifiers, array: false, built_in: false, serial: false },
        }
    }

    /// What becoming `to` does to the rows of a column of this type, without `USING`.
    pub fn change_to(&self, to: &Self, version: u16) -> TypeChange {
        if self == to {
            return TypeChange::Free;
        }
        if self.name.name.is_empty() || to.name.name.is_empty() {
            return TypeChange::Unknown;
        }
        if self.array || to.array {
            // Elements are coerced one by one, which is never dropped; only the same type stays.
            return if self.array == to.array && self.name == to.name && to.modifiers.is_empty() {
                TypeChange::Free
            } else {
                TypeChange::Rewrites
            };
        }
        let (from_name, to_name) = (self.name.name.as_str(), to.name.name.as_str());
        if !self.built_in || !to.built_in {
            return TypeChange::Unknown;
        }
        if from_name == to_name {
            return if self.fits_within(to) { TypeChange::Free } else { TypeChange::Rewrites };
        }
        let among = |table: &[(&str, &str)]| table.iter().any(|(from, to)| *from == from_name && *to == to_name);
        let keeps_values = to.modifiers.is_empty() || (from_name == "varchar" && to_name == "varchar");
        if among(SAME_STORAGE_AND_ORDER) && keeps_values {
            return TypeChange::Free;
        }
        if among(SAME_STORAGE) && keeps_values {
            return TypeChange::RebuildsIndexes;
        }
        if matches!((from_name, to_name), ("timestamp", "timestamptz") | ("timestamptz", "timestamp"))
            && version >= 12
            && to.modifiers.is_empty()
        {
            return TypeChange::FreeInUtc;
        }
        TypeChange::Rewrites
    }

    // Whether every value of this type is, unchanged, one of the same type with the other's modifiers.
    fn fits_within(&self, to: &Self) -> bool {
        let (from, to_first) = (self.modifiers.first(), to.modifiers.first());
        match self.name.name.as_str() {
            "varchar" | "varbit" => match (from, to_first) {
                (_, None) => true,
                (Some(from), Some(to)) => from <= to,
                (None, Some(_)) => false,
            },
            "numeric" => match (from, to_first) {
                (_, None) => true,
                (Some(from), Some(to_precision)) => {
                    let scale = |ty: &Self| ty.modifiers.get(1).copied().unwrap_or(0);
                    from <= to_precision && scale(self) == scale(to)
                }
                (None, Some(_)) => false,
            },
            "time" | "timetz" | "timestamp" | "timestamptz" | "interval" => match (from, to_first) {
                (_, None) => true,
                (_, Some(to)) if *to >= MAX_SECOND_DIGITS => true,
                (Some(from), Some(to)) => from <= to,
                (None, Some(_)) => false,
            },
            _ => self.modifiers == to.modifiers,
        }
    }
}

// `char` and `bit` without a length are of length one.
fn or_one(modifiers: Vec<u32>) -> Vec<u32> {
    if modifiers.is_empty() { vec![1] } else { modifiers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use squawk_syntax::SourceFile;

    fn ty(text: &str) -> ColumnType {
        let parse = SourceFile::parse(&format!("create table t (c {text});"));
        let column = parse.tree().syntax().descendants().find_map(ast::Column::cast);
        ColumnType::of(&column.and_then(|column| column.ty()).expect("a column with a type"))
    }

    #[test]
    fn spellings_of_one_type_are_one() {
        for (left, right) in [
            ("int4", "INTEGER"),
            ("character varying(5)", "varchar(5)"),
            ("timestamp(3) with time zone", "timestamptz(3)"),
            ("decimal(4,2)", "pg_catalog.numeric(4, 2)"),
            ("char", "character(1)"),
            ("float", "double precision"),
            ("float(10)", "real"),
            ("int[]", "int4[]"),
            ("text[]", "text array"),
        ] {
            assert_eq!(ty(left), ty(right), "{left} {right}");
        }
        assert!(ty("bigserial").serial);
        assert!(!ty("sales.money").built_in);
    }

    #[test]
    fn widening_is_free_and_narrowing_is_not() {
        for (from, to, change) in [
            ("varchar(10)", "varchar(20)", TypeChange::Free),
            ("varchar(20)", "varchar(10)", TypeChange::Rewrites),
            ("varchar(20)", "text", TypeChange::Free),
            ("text", "varchar", TypeChange::Free),
            ("text", "varchar(20)", TypeChange::Rewrites),
            ("char(3)", "char(4)", TypeChange::Rewrites),
            ("char(3)", "text", TypeChange::Rewrites),
            ("numeric(6,2)", "numeric(8,2)", TypeChange::Free),
            ("numeric(6,2)", "numeric(8,3)", TypeChange::Rewrites),
            ("numeric(6,2)", "numeric", TypeChange::Free),
            ("integer", "bigint", TypeChange::Rewrites),
            ("timestamp(3)", "timestamp", TypeChange::Free),
            ("timestamp", "timestamp(3)", TypeChange::Rewrites),
            ("timestamp", "timestamptz", TypeChange::FreeInUtc),
            ("json", "jsonb", TypeChange::Rewrites),
            ("cidr", "inet", TypeChange::Free),
            ("text", "citext", TypeChange::RebuildsIndexes),
            ("varchar(3)[]", "varchar(4)[]", TypeChange::Rewrites),
            ("mood", "text", TypeChange::Unknown),
        ] {
            assert_eq!(ty(from).change_to(&ty(to), 15), change, "{from} to {to}");
        }
        assert_eq!(ty("timestamp").change_to(&ty("timestamptz"), 11), TypeChange::Rewrites);
    }
}
