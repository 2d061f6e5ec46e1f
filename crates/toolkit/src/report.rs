//! The one report shape of all tools (surface: verdict, summary, counts, findings, data, what was not checked).

use crate::source::Range;
use crate::tool::{NoData, Rule};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Wrong: it fails, or it harms.
    Error,
    /// Likely wrong, or a known trap.
    Warning,
    /// Worth knowing.
    Info,
}

impl Level {
    /// The word used on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing above info was found.
    Pass,
    /// Warnings, no errors.
    Warn,
    /// At least one error.
    Fail,
    /// The tool computes; it does not judge.
    Info,
}

impl Verdict {
    /// The word used on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

/// Replacement of one range of the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub range: Range,
    /// What takes its place.
    pub new_text: String,
}

/// A change that removes a finding, given only where applying it is safe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Fix {
    /// What it does, for people.
    pub title: String,
    /// The edits, in order, not overlapping, all in the finding's file.
    pub edits: Vec<Edit>,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule's id.
    pub rule: Cow<'static, str>,
    /// How serious it is.
    pub level: Level,
    /// What was found, where the reader cannot see it at a glance: names and figures, in our own words.
    pub message: String,
    /// The file, where the input had several or named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// The page of its rule, `rule://{category}/{id}`; set when the report is rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// A finding of a declared rule.
    pub fn new(rule: &Rule, message: impl Into<String>) -> Self {
        Self::of(rule.id, rule.level, message)
    }

    /// A finding of a rule that an engine names by itself.
    pub fn of(rule: impl Into<Cow<'static, str>>, level: Level, message: impl Into<String>) -> Self {
        Self { rule: rule.into(), level, message: message.into(), path: None, range: None, fix: None, help: None }
    }

    /// At this place.
    #[must_use]
    pub fn at(mut self, range: Range) -> Self {
        self.range = Some(range);
        self
    }

    /// In this file.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// As serious as this, whatever the rule says.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Mended by these edits.
    #[must_use]
    pub fn with_fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits });
        self
    }

    // The order of a report: level, then path, then position, then rule; the message breaks ties, so that equal input
    // gives equal bytes.
    fn in_report_order(&self, other: &Self) -> Ordering {
        self.level
            .cmp(&other.level)
            .then_with(|| self.path.cmp(&other.path))
            .then_with(|| self.range.cmp(&other.range))
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.message.cmp(&other.message))
    }
}

/// What a tool found and computed.
#[derive(Debug, Clone)]
pub struct Report<D = NoData> {
    /// Whether the tool judges (and the findings make the verdict) or only computes.
    pub(crate) judges: bool,
    /// Own summary; a count of the findings when absent.
    pub(crate) summary: Option<String>,
    /// Everything found, in any order.
    pub(crate) findings: Vec<Finding>,
    /// How many files were looked at.
    pub(crate) files: usize,
    /// The tool's own result.
    pub(crate) data: Option<D>,
    /// What this call did not check, beside what the tool never checks.
    pub(crate) not_checked: Vec<String>,
}

impl Report<NoData> {
    /// The report of a checker without data of its own.
    pub fn of_findings(findings: Vec<Finding>) -> Self {
        Self { judges: true, summary: None, findings, files: 1, data: None, not_checked: Vec::new() }
    }
}

impl<D> Report<D> {
    /// The report of a checker that also measured something.
    pub fn checked(findings: Vec<Finding>, data: D) -> Self {
        Self { judges: true, summary: None, findings, files: 1, data: Some(data), not_checked: Vec::new() }
    }

    /// The report of a tool that computes and does not judge; its verdict is `info`.
    pub fn computed(summary: impl Into<String>, data: D) -> Self {
        Self {
            judges: false,
            summary: Some(summary.into()),
            findings: Vec::new(),
            files: 1,
            data: Some(data),
            not_checked: Vec::new(),
        }
    }

    /// Adds findings.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// Says how many files were looked at.
    #[must_use]
    pub fn over_files(mut self, files: usize) -> Self {
        self.files = files;
        self
    }

    /// Says the summary in the tool's own words: one sentence fragment without a full stop.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Says what this call did not check.
    #[must_use]
    pub fn not_checked(mut self, what: impl Into<String>) -> Self {
        self.not_checked.push(what.into());
        self
    }

    /// Everything found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The tool's own result.
    pub fn data(&self) -> Option<&D> {
        self.data.as_ref()
    }

    pub(crate) fn sort(&mut self) {
        self.findings.sort_by(Finding::in_report_order);
        self.findings.dedup();
    }
}

/// How many findings each rule has, where only the first of them are kept: a text made for it can have millions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleCounts(BTreeMap<&'static str, usize>);

impl RuleCounts {
    /// Counts a finding of a rule; whether it is among the first `most` of them.
    pub fn keeps(&mut self, rule: &Rule, most: usize) -> bool {
        let count = self.0.entry(rule.id).or_default();
        *count += 1;
        *count <= most
    }

    /// Counts what others counted and did not keep: of each rule what is beyond the first `most`.
    pub fn add_beyond(&mut self, others: &Self, most: usize) {
        for (rule, count) in &others.0 {
            *self.0.entry(rule).or_default() += count.saturating_sub(most);
        }
    }

    /// How many findings there are beyond the first `most` of each rule.
    pub fn beyond(&self, most: usize) -> usize {
        self.0.values().map(|count| count.saturating_sub(most)).sum()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// The rules that have any, with how many.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        self.0.iter().map(|(rule, count)| (*rule, *count))
    }
}
