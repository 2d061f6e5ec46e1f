//! The rules, by knip's names of issues; `misplaced` is ours.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal
        why $why:literal wrong $wrong:literal right $right:literal source $source:literal;)+) => {
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

rules! {
    DEPENDENCIES "dependencies" Warning
        "Every package in dependencies is used by a file, a script or a configuration that is."
        why "Whoever installs the package downloads it too, and it has to be kept up to date for nothing."
        wrong "import 'used'" right "import 'used'; import 'listed'"
        source "https://knip.dev/guides/handling-issues#unused-dependencies";
    DEV_DEPENDENCIES "devDependencies" Warning
        "Every package in devDependencies is used by a file, a script or a configuration that is."
        why "It costs time at each install, and has to be kept up to date for nothing."
        wrong "import 'used'" right "import 'used'; import 'tool'"
        source "https://knip.dev/guides/handling-issues#unused-dependencies";
    UNLISTED "unlisted" Error
        "Every package that is imported is listed in package.json."
        why "It is there by chance, because another package asks for it, and may be gone or of another version tomorrow."
        wrong "import 'other'" right "import 'used'"
        source "https://knip.dev/guides/handling-issues#unlisted-dependencies";
    UNRESOLVED "unresolved" Error
        "Every import of a file leads to one."
        why "The import fails where it is reached."
        wrong "import './gone.js'" right "import './b.js'"
        source "https://knip.dev/guides/handling-issues#unresolved-imports";
    MISPLACED "misplaced" Error
        "What the published code imports is in dependencies, not in devDependencies."
        why "devDependencies of a package are not installed for those who use it, so its import fails."
        wrong "import { a } from 'tool'" right "import type { A } from 'tool'"
        source "https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies";
    FILES "files" Warning
        "Every source file is reached from an entry point, a test or a configuration."
        why "Nobody runs it, and everybody who reads the project takes it for part of it."
        wrong "export {}" right "import './b.js'"
        source "https://knip.dev/guides/handling-issues#unused-files";
    EXPORTS "exports" Warning
        "Every export of a file that is no entry point is imported by another."
        why "What nobody imports can be made local or removed; bundlers and readers have less to do."
        wrong "import { one } from './c.js'" right "import { one, two } from './c.js'"
        source "https://knip.dev/guides/handling-issues#unused-exports";
    TYPES "types" Warning
        "Every exported type of a file that is no entry point is imported by another."
        why "What nobody imports can be made local or removed."
        wrong "import { one, two } from './c.js'" right "import { one, two, type T } from './c.js'"
        source "https://knip.dev/guides/handling-issues#unused-exports";
    BINARIES "binaries" Warning
        "Every program that scripts, hooks and configurations run is brought by a listed package or the system."
        why "It runs where it happens to be installed, and fails elsewhere."
        wrong "\"lint\": \"eslint .\"" right "\"lint\": \"used .\""
        source "https://knip.dev/guides/handling-issues#unlisted-binaries";
    ENUM_MEMBERS "enumMembers" Warning
        "Every member of an exported enum is used."
        why "What nobody uses can be removed; readers take it for a case that happens."
        wrong "import { E } from './e.js'; f(E.A)" right "import { E } from './e.js'; f(E.A, E.B)"
        source "https://knip.dev/guides/handling-issues#enum-members";
    NAMESPACE_MEMBERS "namespaceMembers" Warning
        "Every exported member of an exported namespace is used."
        why "What nobody uses can be made local or removed."
        wrong "import { N } from './e.js'; f(N.a)" right "import { N } from './e.js'; f(N.a, N.b)"
        source "https://www.typescriptlang.org/docs/handbook/namespaces.html";
    DUPLICATES "duplicates" Warning
        "Nothing is exported by two names."
        why "Readers look for a difference that is not there, and importers use both names."
        wrong "export const a = 1; export default a" right "export const a = 1"
        source "https://knip.dev/guides/handling-issues#duplicate-exports";
    NOT_READ "not-read" Info
        "Every file can be parsed."
        why "What a file with an error imports is not known, and may be told of as unused."
        wrong "import {" right "import './b.js'"
        source "https://tc39.es/ecma262/";
}
