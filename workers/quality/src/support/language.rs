//! Which language a file is written in, by its name alone: a language that is not listed is never guessed.

use super::ecma::EcmaKind;
use super::tables::{self, Table};

/// A language the category reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// C (C++ has another grammar and is not read).
    C,
    /// Go.
    Go,
    /// Java.
    Java,
    /// JavaScript, with or without JSX.
    JavaScript,
    /// Python 3.
    Python,
    /// Rust.
    Rust,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// What reads a language.
#[derive(Debug, Clone, Copy)]
pub enum Engine {
    /// The oxc parser.
    Oxc(EcmaKind),
    /// A tree-sitter grammar and the table of its node kinds.
    TreeSitter(&'static Table),
}

/// The accepted file names, for messages.
pub const ACCEPTED: &str = "a name that ends in .js .mjs .cjs .jsx .ts .mts .cts .tsx .go .java .py .pyi .rs .c or .h";

// File name endings, without the dot, in lower case.
const ENDINGS: &[(&str, Language)] = &[
    ("js", Language::JavaScript),
    ("mjs", Language::JavaScript),
    ("cjs", Language::JavaScript),
    ("jsx", Language::JavaScript),
    ("ts", Language::TypeScript),
    ("mts", Language::TypeScript),
    ("cts", Language::TypeScript),
    ("tsx", Language::Tsx),
    ("go", Language::Go),
    ("java", Language::Java),
    ("py", Language::Python),
    ("pyi", Language::Python),
    ("rs", Language::Rust),
    ("c", Language::C),
    ("h", Language::C),
];

impl Language {
    /// The language of a file, by the ending of its name; `None` where it is not one of these.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, ending) = name.rsplit_once('.')?;
        if stem.is_empty() {
            return None;
        }
        ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending)).map(|(_, language)| *language)
    }

    /// Its name, as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::C => "C",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::TypeScript => "TypeScript",
            Self::Tsx => "TSX",
        }
    }

    /// What reads it.
    pub const fn engine(self) -> Engine {
        match self {
            Self::C => Engine::TreeSitter(&tables::C),
            Self::Go => Engine::TreeSitter(&tables::GO),
            Self::Java => Engine::TreeSitter(&tables::JAVA),
            Self::JavaScript => Engine::Oxc(EcmaKind::JavaScript),
            Self::Python => Engine::TreeSitter(&tables::PYTHON),
            Self::Rust => Engine::TreeSitter(&tables::RUST),
            Self::TypeScript => Engine::Oxc(EcmaKind::TypeScript),
            Self::Tsx => Engine::Oxc(EcmaKind::Tsx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_language_by_its_ending_alone() {
        assert_eq!(Language::of_path("src/a.b/main.PY"), Some(Language::Python));
        assert_eq!(Language::of_path("x.d.ts"), Some(Language::TypeScript));
        for unknown in ["", ".py", "Makefile", "a.cpp", "a.py/b", "a.rb", "py"] {
            assert_eq!(Language::of_path(unknown), None, "{unknown}");
        }
    }
}
