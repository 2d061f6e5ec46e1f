//! What the tool says of a profile by itself.

use octavo_toolkit::{Level, Rule, rule_docs};

pub(super) const PROFILE_UNREADABLE: Rule = Rule {
    id: "profile-unreadable",
    level: Level::Error,
    summary: "The text is a profile in one of the accepted formats.",
    docs: rule_docs!(
        why: "A profile that was cut off or is in another format cannot be added up.",
        wrong: "{\"nodes\": [{\"id\": 1",
        right: "main;work 12",
        source: "https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile"
    ),
};

pub(super) const PROFILE_INCOMPLETE: Rule = Rule {
    id: "profile-incomplete",
    level: Level::Warning,
    summary: "Nothing of the recording is missing or contradicts itself.",
    docs: rule_docs!(
        why: "Samples without a time or of unknown functions, calls without an end and a missing end of the file make the sums too small.",
        wrong: "main;work 12\nno count",
        right: "main;work 12\nmain;rest 3",
        source: "https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile"
    ),
};

pub(super) const GC_PRESSURE: Rule = Rule {
    id: "gc-pressure",
    level: Level::Warning,
    summary: "The garbage collector takes less than a tenth of the busy time.",
    docs: rule_docs!(
        why: "Much collecting means much short-lived memory: find what allocates by a heap profile (node --heap-prof).",
        wrong: "(garbage collector) 30\nmain;work 70",
        right: "(garbage collector) 3\nmain;work 97",
        source: "https://nodejs.org/en/learn/diagnostics/memory/using-gc-traces"
    ),
};

pub(super) const SYNC_IO: Rule = Rule {
    id: "sync-io",
    level: Level::Warning,
    summary: "Synchronous input, output, compression and key derivation take less than a twentieth of the busy time.",
    docs: rule_docs!(
        why: "Nothing else runs while such a call lasts. Loading of modules is not counted.",
        wrong: r#"{"nodes":[{"id":1,"hitCount":9,"callFrame":{"functionName":"readFileSync","url":"node:fs"}}],"samples":[]}"#,
        right: r#"{"nodes":[{"id":1,"hitCount":9,"callFrame":{"functionName":"readFile","url":"node:fs"}}],"samples":[]}"#,
        source: "https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop"
    ),
};

pub(super) const SELF_TIME_GREW: Rule = Rule {
    id: "self-time-grew",
    level: Level::Warning,
    summary: "No function takes a twentieth of the busy time more than in the baseline.",
    docs: rule_docs!(
        why: "Shares are compared, not times, so that recordings of different length can be compared. Here the baseline is \"main;parse 10\" and \"main;rest 90\".",
        wrong: "main;parse 30\nmain;rest 70",
        right: "main;parse 20\nmain;rest 180",
        source: "https://www.brendangregg.com/blog/2014-11-09/differential-flame-graphs.html"
    ),
};

/// Every rule of the tool.
pub(super) const RULES: &[Rule] = &[PROFILE_UNREADABLE, PROFILE_INCOMPLETE, GC_PRESSURE, SYNC_IO, SELF_TIME_GREW];
