//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

/// Changed often and complex.
pub(super) const HOTSPOT: Rule = Rule {
    id: "hotspot",
    level: Level::Warning,
    summary: "Complex files change rarely, and files that change often are simple.",
    docs: rule_docs!(
        why: "A small part of the code takes most of the work and has most of the defects; that is where refactoring pays.",
        wrong: "the most complex file of the project, changed in every second commit",
        right: "a long table of constants, changed once",
        source: "A. Tornhill, Your Code as a Crime Scene; https://github.com/adamtornhill/code-maat",
    ),
};

/// Files that change together.
pub(super) const COUPLING: Rule = Rule {
    id: "temporal-coupling",
    level: Level::Info,
    summary: "Files change together because one says so in its code.",
    docs: rule_docs!(
        why: "Whoever changes one must know of the other, which no import shows; often a copy, or a missing abstraction.",
        wrong: "two parsers in different packages that are changed by the same commits",
        right: "a module and its tests",
        source: "A. Tornhill, Your Code as a Crime Scene; https://github.com/adamtornhill/code-maat",
    ),
};

/// One person knows it.
pub(super) const OWNER: Rule = Rule {
    id: "single-owner",
    level: Level::Info,
    summary: "More than one person has worked on each file that changes often.",
    docs: rule_docs!(
        why: "When that person leaves, nobody knows why the file is as it is.",
        wrong: "twelve changes, all by one of four people",
        right: "twelve changes by two of four people",
        source: "C. Bird et al., Don't Touch My Code, FSE 2011",
    ),
};

/// Nobody owns it.
pub(super) const DIFFUSE: Rule = Rule {
    id: "diffuse-ownership",
    level: Level::Info,
    summary: "Somebody knows each file well.",
    docs: rule_docs!(
        why: "Files with many minor contributors and no main one have more defects.",
        wrong: "nine contributors, five with less than 5 % of the lines, none with half",
        right: "three contributors, one with most of the lines",
        source: "C. Bird et al., Don't Touch My Code, FSE 2011",
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[HOTSPOT, COUPLING, OWNER, DIFFUSE];
