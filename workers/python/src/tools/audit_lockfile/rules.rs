//! The rules of a lock.

use octavo_toolkit::{Level, Rule, rule_docs};

/// A known flaw.
pub(super) const VULNERABLE: Rule = Rule {
    id: "vulnerable",
    level: Level::Error,
    summary: "No locked version is affected by a record.",
    docs: rule_docs!(
        why: "Known flaws are the first that are tried. Moderate ones are warnings, low ones remarks, where the record says so.",
        wrong: "a==1.0 with {\"id\": \"PYSEC-1\", \"affected\": [{\"package\": {\"ecosystem\": \"PyPI\", \"name\": \"a\"}, \"versions\": [\"1.0\"]}]}",
        right: "a==1.1 with {\"id\": \"PYSEC-1\", \"affected\": [{\"package\": {\"ecosystem\": \"PyPI\", \"name\": \"a\"}, \"versions\": [\"1.0\"]}]}",
        source: "https://ossf.github.io/osv-schema/",
    ),
};

/// A requirement without a version.
pub(super) const UNPINNED: Rule = Rule {
    id: "unpinned",
    level: Level::Warning,
    summary: "A requirements file that is a lock pins every version with `==`.",
    docs: rule_docs!(
        why: "What is not pinned differs from one installation to the next, and cannot be audited.",
        wrong: "a==1.0\nb>=2",
        right: "a==1.0\nb==2.1",
        source: "https://pip.pypa.io/en/stable/topics/repeatable-installs/",
    ),
};

/// Two versions at once.
pub(super) const CONFLICT: Rule = Rule {
    id: "conflicting-pins",
    level: Level::Error,
    summary: "No package is pinned at two versions for the same environments.",
    docs: rule_docs!(
        why: "pip refuses a file that asks for two versions at once.",
        wrong: "a==1.0\na==1.1",
        right: "a==1.0 ; python_version < '3.9'\na==1.1 ; python_version >= '3.9'",
        source: "https://pip.pypa.io/en/stable/reference/requirements-file-format/",
    ),
};

/// A digest is missing.
pub(super) const NO_HASH: Rule = Rule {
    id: "missing-hash",
    level: Level::Error,
    summary: "Where digests are given, every package of an index has one.",
    docs: rule_docs!(
        why: "With one digest in a file pip asks for all of them, and stops; elsewhere a file without one is installed unchecked.",
        wrong: "a==1.0 --hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nb==2.0",
        right: "a==1.0\nb==2.0",
        source: "https://pip.pypa.io/en/stable/topics/secure-installs/",
    ),
};

/// A digest that can match nothing.
pub(super) const BAD_HASH: Rule = Rule {
    id: "invalid-hash",
    level: Level::Error,
    summary: "A digest is hexadecimal and as long as its algorithm makes it.",
    docs: rule_docs!(
        why: "It matches no file, so nothing can be installed.",
        wrong: "a==1.0 --hash=sha256:abc",
        right: "a==1.0 --hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        source: "https://pip.pypa.io/en/stable/topics/secure-installs/",
    ),
};

/// A digest that proves nothing.
pub(super) const WEAK_HASH: Rule = Rule {
    id: "weak-hash",
    level: Level::Warning,
    summary: "Digests are SHA-256 or stronger.",
    docs: rule_docs!(
        why: "Files with a given MD5 or SHA-1 can be made; pip refuses them as proof.",
        wrong: "a==1.0 --hash=md5:0123456789abcdef0123456789abcdef",
        right: "a==1.0 --hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        source: "https://pip.pypa.io/en/stable/topics/secure-installs/",
    ),
};

/// Declared, not locked.
pub(super) const NOT_LOCKED: Rule = Rule {
    id: "not-locked",
    level: Level::Error,
    summary: "Every declared dependency is locked.",
    docs: rule_docs!(
        why: "The lock is older than the manifest: what was added is not installed from it.",
        wrong: "a==1.0 for [\"a\", \"b\"]",
        right: "a==1.0 for [\"a\"]",
        source: "https://packaging.python.org/en/latest/specifications/pylock-toml/",
    ),
};

/// Locked otherwise than declared.
pub(super) const OUT_OF_RANGE: Rule = Rule {
    id: "out-of-range",
    level: Level::Error,
    summary: "Locked versions satisfy the manifest.",
    docs: rule_docs!(
        why: "The manifest was changed after locking, or the lock was edited by hand.",
        wrong: "a==1.0 for [\"a>=2\"]",
        right: "a==2.0 for [\"a>=2\"]",
        source: "https://packaging.python.org/en/latest/specifications/pylock-toml/",
    ),
};

/// Locked otherwise than another locked package needs.
pub(super) const INCONSISTENT: Rule = Rule {
    id: "inconsistent",
    level: Level::Error,
    summary: "Locked versions satisfy what other locked packages need.",
    docs: rule_docs!(
        why: "The lock contradicts itself; it was merged or edited by hand.",
        wrong: "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"b>=2\"]\n\n[[package]]\nname = \"b\"\nversion = \"1\"",
        right: "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"b>=1\"]\n\n[[package]]\nname = \"b\"\nversion = \"1\"",
        source: "https://pip.pypa.io/en/stable/cli/pip_check/",
    ),
};

/// Locked, not needed.
pub(super) const UNUSED: Rule = Rule {
    id: "not-needed",
    level: Level::Warning,
    summary: "Every locked package is needed by the manifest, directly or through others.",
    docs: rule_docs!(
        why: "It stayed in the lock when what needed it went.",
        wrong: "[[package]]\nname = \"a\"\nversion = \"1\"\n\n[[package]]\nname = \"b\"\nversion = \"1\" # for [\"a\"]",
        right: "[[package]]\nname = \"a\"\nversion = \"1\" # for [\"a\"]",
        source: "https://packaging.python.org/en/latest/specifications/pylock-toml/",
    ),
};

/// Other Pythons.
pub(super) const PYTHON: Rule = Rule {
    id: "python-range",
    level: Level::Warning,
    summary: "The lock is for the Pythons of the manifest.",
    docs: rule_docs!(
        why: "Tools refuse the lock, or lock anew.",
        wrong: "requires-python = \">=3.8\" locked for >=3.9",
        right: "requires-python = \">=3.8\" locked for >=3.8",
        source: "https://packaging.python.org/en/latest/specifications/pylock-toml/",
    ),
};

/// Not as PEP 751 says.
pub(super) const PYLOCK: Rule = Rule {
    id: "PEP751",
    level: Level::Error,
    summary: "A pylock.toml follows its specification.",
    docs: rule_docs!(
        why: "Installers must refuse the file.",
        wrong: "lock-version = \"1.0\"",
        right: "lock-version = \"1.0\"\ncreated-by = \"x\"\npackages = []",
        source: "https://peps.python.org/pep-0751/",
    ),
};

/// Not read.
pub(super) const UNREADABLE: Rule = Rule {
    id: "unreadable",
    level: Level::Error,
    summary: "The lock and the records can be read.",
    docs: rule_docs!(
        why: "What is not read is not checked.",
        wrong: "a=1.0",
        right: "a==1.0",
        source: "https://packaging.python.org/en/latest/specifications/",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[
    VULNERABLE,
    UNPINNED,
    CONFLICT,
    NO_HASH,
    BAD_HASH,
    WEAK_HASH,
    NOT_LOCKED,
    OUT_OF_RANGE,
    INCONSISTENT,
    UNUSED,
    PYTHON,
    PYLOCK,
    UNREADABLE,
];
