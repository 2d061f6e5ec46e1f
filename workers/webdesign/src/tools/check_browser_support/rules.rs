//! The rules of `check_browser_support`; their pages are right and wrong for Internet Explorer 11.

use octavo_toolkit::{Level, Rule, rule_docs};

pub(super) const CSS: Rule = Rule {
    id: "no-unsupported-browser-features",
    level: Level::Warning,
    summary: "Every browser asked for has the features that stylesheets use.",
    docs: rule_docs!(
        why: "A browser drops a declaration, selector or rule that it does not know, and the page looks otherwise there.",
        wrong: ".a { color: var(--b) }",
        right: ".a { color: red }",
        source: "caniuse.com and MDN's browser-compat-data; the id is that of stylelint's plugin that asks doiuse"
    ),
};
pub(super) const PARTIAL: Rule = Rule {
    id: "partial-support",
    level: Level::Info,
    summary: "No browser asked for has only a part of what a stylesheet uses.",
    docs: rule_docs!(
        why: "Such a browser has the feature with bugs, without some values or in an older form: try it there.",
        wrong: ".a { display: flex }",
        right: ".a { display: block }",
        source: "caniuse.com, features marked as partly supported"
    ),
};
pub(super) const API: Rule = Rule {
    id: "compat",
    level: Level::Error,
    summary: "Every browser asked for has the globals and members that scripts use without asking first.",
    docs: rule_docs!(
        why: "What is not there throws where it is used, and the rest of the script does not run.",
        wrong: "fetch('/a')",
        right: "if (window.fetch) fetch('/a')",
        source: "MDN's browser-compat-data; the id is that of eslint-plugin-compat"
    ),
};
pub(super) const SYNTAX: Rule = Rule {
    id: "es-syntax",
    level: Level::Error,
    summary: "Every browser asked for reads the syntax of scripts.",
    docs: rule_docs!(
        why: "A script with syntax that a browser does not know does not run at all there; compile it for these browsers.",
        wrong: "var b = a?.c",
        right: "var b = a && a.c",
        source: "MDN's browser-compat-data, javascript"
    ),
};
pub(super) const HTML: Rule = Rule {
    id: "html-support",
    level: Level::Warning,
    summary: "Every browser asked for has the elements and attributes that pages use.",
    docs: rule_docs!(
        why: "An element that a browser does not know is a box without behaviour, an attribute nothing.",
        wrong: "<!doctype html><dialog>Hi</dialog>",
        right: "<!doctype html><div role=dialog>Hi</div>",
        source: "MDN's browser-compat-data, html"
    ),
};
pub(super) const UNREAD: Rule = Rule {
    id: "unread",
    level: Level::Warning,
    summary: "Every source can be read to its end.",
    docs: rule_docs!(
        why: "Of a source that does not parse no feature is seen.",
        wrong: "var a = = 1",
        right: "var a = 1",
        source: "ECMA-262 and the HTML standard"
    ),
};

/// Every rule of the tool.
pub(super) const RULES: &[Rule] = &[CSS, PARTIAL, API, SYNTAX, HTML, UNREAD];
