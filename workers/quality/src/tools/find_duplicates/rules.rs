//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const SOURCE: &str = "C. K. Roy and J. R. Cordy, A Survey on Software Clone Detection Research, 2007";

/// Equal code.
pub(super) const EXACT: Rule = Rule {
    id: "duplicate-code",
    level: Level::Warning,
    summary: "No longer piece of code stands in two places.",
    docs: rule_docs!(
        why: "A defect mended in one place stays in the other.",
        wrong: "def pay(order):\n    total = 0\n    for item in order.items:\n        total += item.price * item.count\n    return total\n\n\ndef ship(order):\n    total = 0\n    for item in order.items:\n        total += item.price * item.count\n    return total\n",
        right: "def total(order):\n    return sum(item.price * item.count for item in order.items)\n",
        source: SOURCE,
    ),
};

/// Equal but for names.
pub(super) const RENAMED: Rule = Rule {
    id: "renamed-code",
    level: Level::Info,
    summary: "No longer piece of code is repeated with other names.",
    docs: rule_docs!(
        why: "The names that differ are the parameters of the function that is missing.",
        wrong: "def pay(order):\n    total = 0\n    for item in order.items:\n        total += item.price * item.count\n    return total\n\n\ndef ship(box):\n    weight = 0\n    for part in box.parts:\n        weight += part.grams * part.pieces\n    return weight\n",
        right: "def total(values):\n    return sum(one * count for one, count in values)\n",
        source: SOURCE,
    ),
};

/// Equal but for a few lines.
pub(super) const GAPPED: Rule = Rule {
    id: "gapped-code",
    level: Level::Info,
    summary: "No longer piece of code is repeated with a few lines changed.",
    docs: rule_docs!(
        why: "One of the two was changed: on purpose, or because the other was forgotten.",
        wrong: "def pay(order):\n    total = 0\n    for item in order.items:\n        total += item.price\n    log(order.id, total)\n    total = round(total, 2)\n    return total + order.fee\n\n\ndef ship(order):\n    total = 0\n    for item in order.items:\n        total += item.price\n    audit(order)\n    total = round(total, 2)\n    return total + order.fee\n",
        right: "def total(order):\n    return round(sum(item.price for item in order.items), 2) + order.fee\n",
        source: SOURCE,
    ),
};

/// All of them.
pub(super) const RULES: &[Rule] = &[EXACT, RENAMED, GAPPED];
