//! The rules: deptry's five, and one for each standard a manifest must follow.

use octavo_toolkit::{Level, Rule, rule_docs};

/// Imported, not declared, not installed.
pub(super) const MISSING: Rule = Rule {
    id: "DEP001",
    level: Level::Error,
    summary: "What is imported is declared.",
    docs: rule_docs!(
        why: "Where only the declared dependencies are installed, the import fails.",
        wrong: "import httpx\n\n# pyproject.toml\n[project]\ndependencies = []",
        right: "import httpx\n\n# pyproject.toml\n[project]\ndependencies = [\"httpx\"]",
        source: "https://deptry.com/rules-violations/#missing-dependencies-dep001",
    ),
};

/// Declared, not imported.
pub(super) const UNUSED: Rule = Rule {
    id: "DEP002",
    level: Level::Warning,
    summary: "What is declared is imported.",
    docs: rule_docs!(
        why: "Each dependency costs installation time, updates and attack surface.",
        wrong: "import os\n\n# pyproject.toml\n[project]\ndependencies = [\"httpx\"]",
        right: "import httpx\n\n# pyproject.toml\n[project]\ndependencies = [\"httpx\"]",
        source: "https://deptry.com/rules-violations/#unused-dependencies-dep002",
    ),
};

/// Imported, installed, not declared.
pub(super) const TRANSITIVE: Rule = Rule {
    id: "DEP003",
    level: Level::Warning,
    summary: "What is imported is declared by the project itself, not only by a dependency of it.",
    docs: rule_docs!(
        why: "It is installed because another package needs it, and goes away when that one no longer does.",
        wrong: "import urllib3\n\n# pyproject.toml\n[project]\ndependencies = [\"requests\"]",
        right: "import urllib3\n\n# pyproject.toml\n[project]\ndependencies = [\"requests\", \"urllib3\"]",
        source: "https://deptry.com/rules-violations/#transitive-dependencies-dep003",
    ),
};

/// Imported, declared for development only.
pub(super) const MISPLACED: Rule = Rule {
    id: "DEP004",
    level: Level::Error,
    summary: "What the code imports is no development dependency.",
    docs: rule_docs!(
        why: "Development dependencies are not installed where the project runs.",
        wrong: "import httpx\n\n# pyproject.toml\n[project]\nname = \"a\"\n[dependency-groups]\ndev = [\"httpx\"]",
        right: "import httpx\n\n# pyproject.toml\n[project]\ndependencies = [\"httpx\"]",
        source: "https://deptry.com/rules-violations/#misplaced-development-dependencies-dep004",
    ),
};

/// Declared, but part of Python.
pub(super) const STANDARD: Rule = Rule {
    id: "DEP005",
    level: Level::Warning,
    summary: "No dependency has the name of a module of the standard library.",
    docs: rule_docs!(
        why: "Python brings the module; a distribution of that name is an old backport at best, and a trap at worst.",
        wrong: "import asyncio\n\n# pyproject.toml\n[project]\ndependencies = [\"asyncio\"]",
        right: "import asyncio\n\n# pyproject.toml\n[project]\nname = \"a\"",
        source: "https://deptry.com/rules-violations/#standard-library-dependencies-dep005",
    ),
};

/// A requirement.
pub(super) const REQUIREMENT: Rule = Rule {
    id: "PEP508",
    level: Level::Error,
    summary: "Every requirement follows the grammar of dependency specifiers.",
    docs: rule_docs!(
        why: "Installers refuse the whole manifest, or leave the line out.",
        wrong: "[project]\ndependencies = [\"httpx=1.0\"]",
        right: "[project]\ndependencies = [\"httpx==1.0\"]",
        source: "https://peps.python.org/pep-0508/",
    ),
};

/// A version, or versions.
pub(super) const VERSION: Rule = Rule {
    id: "PEP440",
    level: Level::Error,
    summary: "Versions and version specifiers can be read.",
    docs: rule_docs!(
        why: "Tools refuse what cannot be ordered.",
        wrong: "[project]\nrequires-python = \"3.9\"",
        right: "[project]\nrequires-python = \">=3.9\"",
        source: "https://peps.python.org/pep-0440/",
    ),
};

/// Tables beside those that exist, and the build system.
pub(super) const TABLES: Rule = Rule {
    id: "PEP518",
    level: Level::Error,
    summary: "pyproject.toml has the tables that are specified, and a build system that says what it requires.",
    docs: rule_docs!(
        why: "A build frontend must refuse other tables; what stands in them has no effect.",
        wrong: "[build-system]\nbuild-backend = \"hatchling.build\"",
        right: "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"",
        source: "https://peps.python.org/pep-0518/",
    ),
};

/// The project table.
pub(super) const PROJECT: Rule = Rule {
    id: "PEP621",
    level: Level::Error,
    summary: "The `[project]` table has the keys and values that are specified.",
    docs: rule_docs!(
        why: "Build backends must refuse a table that does not follow the specification.",
        wrong: "[project]\nname = \"a\"\nauthor = \"Someone\"",
        right: "[project]\nname = \"a\"\nversion = \"1\"\nauthors = [{name = \"Someone\"}]",
        source: "https://peps.python.org/pep-0621/",
    ),
};

/// Licences.
pub(super) const LICENCE: Rule = Rule {
    id: "PEP639",
    level: Level::Error,
    summary: "The licence is an SPDX expression, with its files in `license-files`.",
    docs: rule_docs!(
        why: "Package indexes refuse expressions they cannot read; the table and the classifiers are deprecated.",
        wrong: "[project]\nlicense = \"Apache 2\"",
        right: "[project]\nlicense = \"Apache-2.0\"\nlicense-files = [\"LICENSE\"]",
        source: "https://peps.python.org/pep-0639/",
    ),
};

/// Dependency groups.
pub(super) const GROUPS: Rule = Rule {
    id: "PEP735",
    level: Level::Error,
    summary: "Dependency groups hold requirements and includes of groups that exist, without circles.",
    docs: rule_docs!(
        why: "A group that cannot be resolved cannot be installed.",
        wrong: "[dependency-groups]\ndev = [{include-group = \"tests\"}]",
        right: "[dependency-groups]\ndev = [{include-group = \"test\"}]\ntest = [\"pytest\"]",
        source: "https://peps.python.org/pep-0735/",
    ),
};

/// TOML.
pub(super) const TOML: Rule = Rule {
    id: "invalid-toml",
    level: Level::Error,
    summary: "pyproject.toml follows the grammar of TOML.",
    docs: rule_docs!(
        why: "No tool reads the file.",
        wrong: "[project\nname = a",
        right: "[project]\nname = \"a\"",
        source: "https://toml.io/en/v1.0.0",
    ),
};

/// Options of requirements files.
pub(super) const OPTION: Rule = Rule {
    id: "requirements-option",
    level: Level::Error,
    summary: "A requirements file has options that pip knows.",
    docs: rule_docs!(
        why: "pip stops at an option it does not know.",
        wrong: "--extra-index https://example.org/simple",
        right: "--extra-index-url https://example.org/simple",
        source: "https://pip.pypa.io/en/stable/reference/requirements-file-format/",
    ),
};
