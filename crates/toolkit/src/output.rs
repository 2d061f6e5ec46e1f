//! How a caller wants the report: the `output` object that every tool accepts.

use crate::error::ToolError;
use crate::limits::{check_bytes, check_items};
use crate::report::Level;
use serde::Deserialize;

/// How the caller wants the report; accepted by every tool as `output`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OutputOptions {
    /// Rule ids whose findings are left out.
    pub ignore: Vec<String>,
    /// Least level reported; default info, which is all.
    pub min_level: Option<Level>,
    /// Most findings on one page, 1 to 1000; default 100.
    pub max_findings: Option<u32>,
    /// Most tokens of one page, 1000 to 20000; default 8000. Binding: what does not fit is on the next page.
    pub max_tokens: Option<u32>,
    /// Where to go on: the cursor of the page before, with the same arguments.
    pub cursor: Option<String>,
    /// How the text is written; default concise.
    pub format: Option<Format>,
}

/// How the text of a report is written. `structuredContent` is the same in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One line a finding.
    #[default]
    Concise,
    /// Each finding with what its rule asks for and its edits, a line each.
    Detailed,
    /// SARIF 2.1.0.
    Sarif,
}

/// Most rules whose findings are left out: more than any tool has.
pub const MAX_IGNORED: usize = 2_000;
/// Longest of their ids, in bytes.
pub const MAX_RULE_ID_BYTES: usize = 200;
/// Findings reported when the caller names no number.
pub const DEFAULT_MAX_FINDINGS: u32 = 100;
/// Most findings a caller may ask for.
pub const MAX_FINDINGS: u32 = 1_000;
/// Most tokens of a page when the caller names no number.
pub const DEFAULT_MAX_TOKENS: u32 = 8_000;
/// Least tokens a caller may ask for: the frame of a report and one finding fit.
pub const LEAST_MAX_TOKENS: u32 = 1_000;
/// Most tokens a caller may ask for: clients cut or refuse larger results.
pub const MAX_TOKENS: u32 = 20_000;

impl OutputOptions {
    /// Checks the ranges and lengths.
    pub(crate) fn check(&self) -> Result<(), ToolError> {
        check_items("/output/ignore", &self.ignore, MAX_IGNORED)?;
        for (at, id) in self.ignore.iter().enumerate() {
            check_bytes(&format!("/output/ignore/{at}"), id, MAX_RULE_ID_BYTES)?;
        }
        within("maxFindings", self.max_findings, 1, MAX_FINDINGS)?;
        within("maxTokens", self.max_tokens, LEAST_MAX_TOKENS, MAX_TOKENS)
    }
}

fn within(field: &str, given: Option<u32>, least: u32, most: u32) -> Result<(), ToolError> {
    match given {
        Some(n) if !(least..=most).contains(&n) => Err(ToolError::invalid(
            format!("/output/{field}"),
            "is out of range",
            format!("a whole number from {least} to {most}"),
        )),
        _ => Ok(()),
    }
}
