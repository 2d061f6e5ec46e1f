//! Placeholder, written next.

use octavo_toolkit::{Ctx, NoData, Report, Tool, ToolError, declare_tool};
use serde::Deserialize;

declare_tool! {
    /// Docs.
    pub struct ReviewDesign;
    name: "review_design",
    title: "Title",
    summary: "Summary.",
    examples: ["example" => r#"{"source":"x"}"#],
    rules: &[],
    not_checked: [],
}

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The text.
    source: String,
}

impl Tool for ReviewDesign {
    type Input = Input;
    type Data = NoData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report, ToolError> {
        octavo_toolkit::limits::check_bytes("/source", &input.source, octavo_toolkit::limits::MAX_SOURCE_BYTES)?;
        Ok(Report::of_findings(Vec::new()))
    }
}
