//! The rules: npm's words for a tree's problems, lockfile-lint's for its policies, yarn-deduplicate's for duplicates.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const LOCK: &str = "https://docs.npmjs.com/cli/configuring-npm/package-lock-json";
#[cfg(not(target_arch = "wasm32"))]
const LS: &str = "https://docs.npmjs.com/cli/commands/npm-ls";
#[cfg(not(target_arch = "wasm32"))]
const LINT: &str = "https://github.com/lirantal/lockfile-lint";

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal
        why $why:literal wrong $wrong:literal right $right:literal source $source:expr;)+) => {
        $(
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
            };
        )+
        /// Every rule of the tool.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

// The examples are files, a line each: the path, a colon, the text.
rules! {
    UNREADABLE "lockfile-unreadable" Error
        "A lockfile and the manifests beside it can be read."
        why "Installers stop at a file they cannot read, at one with conflict markers and at one of a later format."
        wrong "package-lock.json: {\"lockfileVersion\": 9}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {}}"
        source LOCK;
    DRIFT "lockfile-drift" Error
        "Lockfile and package.json agree on every dependency and range."
        why "`npm ci`, `yarn --frozen-lockfile` and `pnpm --frozen-lockfile` refuse to install when the two differ."
        wrong "package.json: {\"dependencies\": {\"a\": \"^2.0.0\"}}\npackage-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"^1.0.0\"}}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        right "package.json: {\"dependencies\": {\"a\": \"^1.0.0\"}}\npackage-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"^1.0.0\"}}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        source "https://docs.npmjs.com/cli/commands/npm-ci";
    MISSING "missing" Error
        "Every dependency leads to an entry."
        why "What is not locked is chosen anew at each install, or not installed at all."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        source LS;
    INVALID "invalid" Error
        "Every dependency leads to a version inside its range."
        why "The dependent was made for another version; often a hand-made change or a forced install is behind it."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"2\"}}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        source LS;
    EXTRANEOUS "extraneous" Warning
        "Something depends on every entry."
        why "An entry nothing leads to is left over; npm removes it with the next install."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\"}}}"
        source LS;
    DUPLICATE "duplicate" Info
        "A range uses a version that is there anyway."
        why "Two versions where one would do cost installation, bundle size and, for packages with state, correctness."
        wrong "yarn.lock: # yarn lockfile v1\\n\\na@^1.0.0:\\n  version \"1.0.0\"\\n  integrity sha512-a\\n\\na@^1.2.0:\\n  version \"1.2.0\"\\n  integrity sha512-b\\n"
        right "yarn.lock: # yarn lockfile v1\\n\\na@^1.0.0, a@^1.2.0:\\n  version \"1.2.0\"\\n  integrity sha512-b\\n"
        source "https://github.com/scinos/yarn-deduplicate";
    HOSTS "allowed-hosts" Error
        "Packages come from the allowed registries."
        why "An entry may point anywhere, and installers follow it: a changed address is how a package is replaced unseen."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://evil.example/a.tgz\", \"integrity\": \"sha512-a\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-a\"}}}"
        source LINT;
    HTTPS "validate-https" Error
        "Packages are fetched over an encrypted connection."
        why "Anyone on the way can change what is sent over http or git."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"http://registry.yarnpkg.com/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-a\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-a\"}}}"
        source LINT;
    INTEGRITY "validate-integrity" Warning
        "Every package from a registry has a checksum."
        why "Without one, nobody sees that a package is not the one that was locked; SHA-1 can be forged."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-a\"}}}"
        source LINT;
    NAMES "validate-package-names" Error
        "The address of an entry is that of the package it names."
        why "An entry that names one package and fetches another installs the other under the good name."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.yarnpkg.com/b/-/b-1.0.0.tgz\", \"integrity\": \"sha512-a\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-a\"}}}"
        source LINT;
    LICENSE "license" Error
        "The licence of every package is one of those allowed."
        why "A licence is a condition of use; which ones are acceptable is for the project to say."
        wrong "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"license\": \"GPL-3.0-only\"}}}"
        right "package-lock.json: {\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"a\": \"1\"}}, \"node_modules/a\": {\"version\": \"1.0.0\", \"license\": \"(MIT OR GPL-3.0-only)\"}}}"
        source "https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/";
}
