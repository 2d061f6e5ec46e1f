//! A report on its way out: cut to what the caller asked for, as structured JSON and as text, both with the same facts.

use crate::output::{DEFAULT_MAX_FINDINGS, OutputOptions};
use crate::limits::is_invisible;
use crate::report::{Finding, Level, Report, Verdict};
use serde::Serialize;
use std::fmt::Write as _;

/// How many findings of each level there are, before any were left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Counts {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Remarks.
    pub info: usize,
}

/// A report as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendered<D> {
    /// What it comes to.
    pub verdict: Verdict,
    /// The same in one sentence.
    pub summary: String,
    /// All findings that match the options, by level.
    pub counts: Counts,
    /// The findings shown.
    pub findings: Vec<Finding>,
    /// The tool's own result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<D>,
    /// What was not checked.
    pub not_checked: Vec<String>,
    /// How many findings were left out for room.
    pub omitted: usize,
}

/// Sorts, filters and cuts a report as the options say. `never_checked` is what the tool never checks.
pub fn render<D>(mut report: Report<D>, never_checked: &[&str], options: &OutputOptions) -> Rendered<D> {
    for finding in &mut report.findings {
        finding.message = one_line(&finding.message);
        finding.path = finding.path.take().map(|path| one_line(&path));
    }
    report.sort();
    let min_level = options.min_level.unwrap_or(Level::Info);
    let mut findings = report.findings;
    findings.retain(|f| f.level <= min_level && !options.ignore.iter().any(|rule| *rule == f.rule));
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    let counts = Counts { error: count(Level::Error), warning: count(Level::Warning), info: count(Level::Info) };
    let verdict = match (report.judges, counts.error, counts.warning) {
        (false, ..) => Verdict::Info,
        (true, 0, 0) => Verdict::Pass,
        (true, 0, _) => Verdict::Warn,
        (true, ..) => Verdict::Fail,
    };
    let summary = report.summary.unwrap_or_else(|| summary_of(counts, report.files));
    let shown = options.max_findings.unwrap_or(DEFAULT_MAX_FINDINGS) as usize;
    let omitted = findings.len().saturating_sub(shown);
    findings.truncate(shown);
    let not_checked = report.not_checked.into_iter().chain(never_checked.iter().map(|s| (*s).to_owned())).collect();
    Rendered { verdict, summary, counts, findings, data: report.data, not_checked, omitted }
}

impl<D: Serialize> Rendered<D> {
    /// The report as JSON.
    pub fn to_json(&self) -> String {
        // Serialising our own types fails only for maps with keys that are no strings, which no tool's data has.
        serde_json::to_string(self).unwrap_or_else(|error| format!("{{\"verdict\":\"fail\",\"summary\":\"{error}\"}}"))
    }

    /// The report as text: a sentence, a line a finding, the data as JSON, then what is missing.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {}\n", self.verdict.word(), one_line(&self.summary));
        for finding in &self.findings {
            finding_line(&mut text, finding);
        }
        if let Some(data) = &self.data {
            let _ = writeln!(text, "data: {}", serde_json::to_string(data).unwrap_or_default());
        }
        if self.omitted > 0 {
            let _ =
                writeln!(text, "omitted: {} more findings; narrow with output.minLevel or output.ignore", self.omitted);
        }
        if !self.not_checked.is_empty() {
            let _ = writeln!(text, "not checked: {}", self.not_checked.join("; "));
        }
        text.truncate(text.trim_end().len());
        text
    }
}

fn finding_line(text: &mut String, finding: &Finding) {
    if let Some(path) = &finding.path {
        text.push_str(path);
        text.push(':');
    }
    if let Some(range) = finding.range {
        let _ = write!(text, "{}:{}", range.start.line, range.start.column);
        text.push(' ');
    } else if finding.path.is_some() {
        text.push(' ');
    }
    let _ = write!(text, "{} {} {}", finding.level, finding.rule, finding.message);
    if let Some(fix) = &finding.fix {
        let _ = write!(text, " -> {}", one_line(&fix.title));
        for edit in &fix.edits {
            let (start, end) = (edit.range.start, edit.range.end);
            let new_text = serde_json::to_string(&edit.new_text).unwrap_or_default();
            let _ = write!(text, " [{}:{}-{}:{} {new_text}]", start.line, start.column, end.line, end.column);
        }
    }
    text.push('\n');
}

// Names from the source stand in messages and paths, so nothing invisible or of many lines gets through.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect()
}

/// "2 errors and 5 warnings in 1 file".
fn summary_of(counts: Counts, files: usize) -> String {
    let kinds = [(counts.error, "error"), (counts.warning, "warning"), (counts.info, "remark")];
    let parts: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(*n, word)).collect();
    let found = match parts.as_slice() {
        [] => "nothing found".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    format!("{found} in {}", plural(files, "file"))
}

/// "1 file", "2 files".
pub fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Position, Range};
    use crate::tool::{Rule, RuleDocs};

    const R1: Rule = Rule { id: "R1", level: Level::Warning, summary: "One.", docs: RuleDocs::EMPTY };
    const R2: Rule = Rule { id: "R2", level: Level::Error, summary: "Two.", docs: RuleDocs::EMPTY };

    fn at(line: u32) -> Range {
        Range { start: Position { line, column: 1 }, end: Position { line, column: 2 } }
    }

    #[test]
    fn findings_are_sorted_cut_and_counted() {
        let findings = vec![
            Finding::new(&R1, "late\nline").at(at(9)).in_file("f"),
            Finding::new(&R1, "early").at(at(2)).in_file("f"),
            Finding::new(&R2, "worst").at(at(5)).in_file("f"),
            Finding::new(&R2, "worst").at(at(5)).in_file("f"),
        ];
        let options = OutputOptions { max_findings: Some(2), ..OutputOptions::default() };
        let rendered = render(Report::of_findings(findings), &["moon"], &options);
        assert_eq!(rendered.counts, Counts { error: 1, warning: 2, info: 0 });
        assert_eq!(
            rendered.to_text(),
            "fail: 1 error and 2 warnings in 1 file\nf:5:1 error R2 worst\nf:2:1 warning R1 early\n\
             omitted: 1 more findings; narrow with output.minLevel or output.ignore\nnot checked: moon"
        );
    }

    #[test]
    fn options_leave_out_rules_and_levels() {
        let findings = || vec![Finding::new(&R1, "a"), Finding::new(&R2, "b")];
        let ignored = OutputOptions { ignore: vec!["R2".to_owned()], ..OutputOptions::default() };
        assert_eq!(render(Report::of_findings(findings()), &[], &ignored).verdict, Verdict::Warn);
        let errors = OutputOptions { min_level: Some(Level::Error), ..OutputOptions::default() };
        assert_eq!(render(Report::of_findings(findings()), &[], &errors).findings.len(), 1);
    }

    #[test]
    fn nothing_invisible_gets_through() {
        let finding = Finding::new(&R1, "a\u{202e}b\nc\u{200b}").in_file("x\u{1b}[31m/\u{2066}y");
        let rendered = render(Report::of_findings(vec![finding]), &[], &OutputOptions::default());
        assert_eq!(rendered.findings[0].message, "ab c");
        assert_eq!(rendered.findings[0].path.as_deref(), Some("x[31m/y"));
    }

    #[test]
    fn a_clean_report_passes() {
        let rendered = render(Report::of_findings(Vec::new()).over_files(3), &[], &OutputOptions::default());
        assert_eq!(rendered.to_text(), "pass: nothing found in 3 files");
        assert_eq!(
            rendered.to_json(),
            r#"{"verdict":"pass","summary":"nothing found in 3 files","counts":{"error":0,"warning":0,"info":0},"findings":[],"notChecked":[],"omitted":0}"#
        );
    }
}
