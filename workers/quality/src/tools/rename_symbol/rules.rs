//! The rules of `rename_symbol`: what stands against a new name.

use octavo_toolkit::{Level, Rule, rule_docs};

/// The symbol cannot be renamed exactly.
pub(super) const NOT_EXACT: Rule = Rule {
    id: "rename-not-exact",
    level: Level::Error,
    summary: "Scopes alone must say where a renamed name is used.",
    docs: rule_docs!(
        why: "A member's uses depend on types, a global's on files that the call does not see: an edit would miss some.",
        wrong: r#"{"at":"a.ts:1","name":"b","to":"c","files":[{"path":"a.ts","source":"class A { b = 1 }"}]}"#,
        right: r#"{"at":"a.ts:1","name":"A","to":"C","files":[{"path":"a.ts","source":"class A { b = 1 }"}]}"#,
        source: "TypeScript's language service, which knows types, renames members too"
    ),
};

/// The new name is taken.
pub(super) const COLLISION: Rule = Rule {
    id: "rename-collision",
    level: Level::Error,
    summary: "A new name must be free in its scope and among the exports.",
    docs: rule_docs!(
        why: "Two declarations of one name are an error, or become one variable without a word.",
        wrong: r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"let a = 1, b = 2; a + b"}]}"#,
        right: r#"{"at":"a.ts:1","name":"a","to":"c","files":[{"path":"a.ts","source":"let a = 1, b = 2; a + b"}]}"#,
        source: "ECMA-262, Static Semantics: Early Errors"
    ),
};

/// A nearer declaration would capture a use, or the renamed one would capture another name.
pub(super) const CAPTURE: Rule = Rule {
    id: "rename-capture",
    level: Level::Error,
    summary: "Every use must mean the same declaration after renaming.",
    docs: rule_docs!(
        why: "A nearer declaration of the new name takes over the use, and the program changes without an error.",
        wrong: r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"let a = 1; (b => a + b)(2)"}]}"#,
        right: r#"{"at":"a.ts:1","name":"a","to":"c","files":[{"path":"a.ts","source":"let a = 1; (b => a + b)(2)"}]}"#,
        source: "capture-avoiding substitution"
    ),
};

/// A component's name would change its case.
pub(super) const JSX_CASE: Rule = Rule {
    id: "rename-jsx-case",
    level: Level::Error,
    summary: "A component's name keeps its capital.",
    docs: rule_docs!(
        why: "JSX takes a name that begins with a small letter for an element of HTML.",
        wrong: r#"{"at":"a.tsx:1","name":"A","to":"b","files":[{"path":"a.tsx","source":"const A = 1; <A/>"}]}"#,
        right: r#"{"at":"a.tsx:1","name":"A","to":"B","files":[{"path":"a.tsx","source":"const A = 1; <A/>"}]}"#,
        source: "https://react.dev/learn/your-first-component"
    ),
};

/// Names are looked up at run time.
pub(super) const DYNAMIC: Rule = Rule {
    id: "rename-dynamic",
    level: Level::Warning,
    summary: "Code that looks names up at run time may use the old one.",
    docs: rule_docs!(
        why: "`eval` and `with` find names that no scope shows.",
        wrong: r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"let a = 1; eval('a')"}]}"#,
        right: r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"let a = 1; a"}]}"#,
        source: "ECMA-262, PerformEval"
    ),
};

/// A file that has the name was not read.
pub(super) const UNREAD: Rule = Rule {
    id: "rename-unread",
    level: Level::Warning,
    summary: "Every file that has the name is read as a whole.",
    docs: rule_docs!(
        why: "Where a file does not parse, uses may be missed.",
        wrong: r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"export let a = 1"},{"path":"b.ts","source":"import {a} from './a'; a +"}]}"#,
        right: r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"export let a = 1"},{"path":"b.ts","source":"import {a} from './a'; a + 1"}]}"#,
        source: "own"
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[NOT_EXACT, COLLISION, CAPTURE, JSX_CASE, DYNAMIC, UNREAD];
