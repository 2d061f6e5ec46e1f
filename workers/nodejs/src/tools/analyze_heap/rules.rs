//! What the tool says of a heap by itself.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const SNAPSHOTS: &str = "https://nodejs.org/en/learn/diagnostics/memory/using-heap-snapshot";

pub(super) const HEAP_UNREADABLE: Rule = Rule {
    id: "heap-unreadable",
    level: Level::Error,
    summary: "The text is a whole heap snapshot or heap profile.",
    docs: rule_docs!(
        why: "A snapshot that was cut off, or one of another engine, cannot be added up.",
        wrong: r#"{"snapshot":{"meta":{"node_fields":["type""#,
        right: r#"{"head":{"callFrame":{"functionName":"(root)"},"selfSize":0,"children":[]}}"#,
        source: SNAPSHOTS
    ),
};

pub(super) const DUPLICATE_STRINGS: Rule = Rule {
    id: "duplicate-strings",
    level: Level::Warning,
    summary: "Equal strings take less than a hundredth of the heap more than one copy of each would.",
    docs: rule_docs!(
        why: "Strings from JSON and files are made anew each time; a Map of known ones, or reading less, saves them.",
        wrong: "a heap in which 5,000 equal strings of 40 bytes take a tenth",
        right: "a heap in which each of them refers to one string",
        source: "https://developer.chrome.com/docs/devtools/memory-problems/heap-snapshots"
    ),
};

pub(super) const DETACHED_NODES: Rule = Rule {
    id: "detached-nodes",
    level: Level::Warning,
    summary: "No detached DOM node is kept alive.",
    docs: rule_docs!(
        why: "JavaScript still refers to a node that was taken out of the page, and so to its whole tree.",
        wrong: "a snapshot with an object of detachedness 2",
        right: "a snapshot without one",
        source: "https://developer.chrome.com/docs/devtools/memory-problems"
    ),
};

pub(super) const LARGE_RETAINER: Rule = Rule {
    id: "large-retainer",
    level: Level::Info,
    summary: "No single object of the program keeps a fifth of the heap alive.",
    docs: rule_docs!(
        why: "Where one object retains much, it is the place to free memory: a cache, a registry, a queue.",
        wrong: "a Map that retains 60 % of the heap",
        right: "a Map that is emptied as it goes",
        source: SNAPSHOTS
    ),
};

pub(super) const CLASS_GREW: Rule = Rule {
    id: "class-grew",
    level: Level::Warning,
    summary: "No class of objects grew by a hundredth of the heap since the baseline.",
    docs: rule_docs!(
        why: "What grows between two snapshots of the same state of a program is what leaks.",
        wrong: "1,000 more objects of class Request after the same work was done again",
        right: "as many objects as before",
        source: SNAPSHOTS
    ),
};

/// Every rule of the tool.
pub(super) const RULES: &[Rule] = &[HEAP_UNREADABLE, DUPLICATE_STRINGS, DETACHED_NODES, LARGE_RETAINER, CLASS_GREW];
