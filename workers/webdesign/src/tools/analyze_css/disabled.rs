//! The comments with which a stylesheet silences rules: `stylelint-disable`, `-enable`, `-disable-line`, `-disable-next-line`.

use crate::support::css_tree::Sheet;
use octavo_toolkit::LineIndex;
use std::collections::BTreeMap;

const PREFIX: &str = "stylelint-";

/// What is silenced where: by rule, or by the empty name for every rule, from a line to another, both included.
#[derive(Debug, Default)]
pub(super) struct Disabled {
    ranges: BTreeMap<String, Vec<(u32, u32)>>,
}

impl Disabled {
    pub(super) fn read(sheet: &Sheet<'_>, index: &LineIndex<'_>) -> Self {
        let mut disabled = Self::default();
        // Rules that are off, with the line from where on.
        let mut open: BTreeMap<String, u32> = BTreeMap::new();
        for span in &sheet.comments {
            let text = sheet.slice(span).trim_start_matches("/*").trim_end_matches("*/").trim();
            let Some(command) = text.strip_prefix(PREFIX) else { continue };
            // What stands behind two hyphens is the reason.
            let command = command.split(" --").next().unwrap_or_default();
            let (command, rules) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
            let rules: Vec<String> = if rules.trim().is_empty() {
                vec![String::new()]
            } else {
                rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect()
            };
            let line = index.position(span.start).line;
            let end = index.position(span.end).line;
            for rule in rules {
                match command {
                    "disable" => {
                        open.entry(rule).or_insert(line);
                    }
                    "enable" => {
                        let closed = if rule.is_empty() {
                            std::mem::take(&mut open)
                        } else {
                            open.remove_entry(&rule).into_iter().collect()
                        };
                        closed.into_iter().for_each(|(rule, from)| disabled.add(rule, from, line));
                    }
                    "disable-line" => disabled.add(rule, line, line),
                    "disable-next-line" => disabled.add(rule, end + 1, end + 1),
                    _ => {}
                }
            }
        }
        for (rule, from) in open {
            disabled.add(rule, from, u32::MAX);
        }
        disabled.ranges.values_mut().for_each(merge);
        disabled
    }

    fn add(&mut self, rule: String, from: u32, to: u32) {
        self.ranges.entry(rule).or_default().push((from, to));
    }

    /// Whether nothing is silenced.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether a finding of a rule in a line is to be kept to oneself.
    pub(super) fn covers(&self, rule: &str, line: u32) -> bool {
        [rule, ""].into_iter().filter_map(|rule: &str| self.ranges.get(rule)).any(|ranges| {
            let next = ranges.partition_point(|(from, _)| *from <= line);
            next.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, to)| line <= *to)
        })
    }
}

// In order, and none that meets another.
fn merge(ranges: &mut Vec<(u32, u32)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let meets = next.0 <= kept.1;
        if meets {
            kept.1 = kept.1.max(next.1);
        }
        meets
    });
}
