//! `analyze_css`: what a stylesheet is made of, and what in it is wrong, repeated or without effect.
//!
//! Owns what is asked and how it is reported; reading is `support::css_tree` and `support::css_selectors`.

mod count;
mod declarations;
mod disabled;
mod rules;
mod structure;
mod values;

use crate::support::css_names::Names;
use crate::support::css_tree::{Sheet, read};
use count::{Count, Item, Totals};
use disabled::Disabled;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, RuleCounts, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

declare_tool! {
    /// Reads CSS whole and says three things about it.
    ///
    /// What is wrong: syntax errors; unknown properties, at-rules, units, pseudo-classes, pseudo-elements and elements; colours that
    /// are none; arithmetic without spaces; custom properties and animations that are used and never set.
    ///
    /// What has no effect or misleads: properties, selectors, imports and keyframes given twice, declarations that a later rule of
    /// the same selector or a shorthand overrides, selectors in descending specificity, empty blocks.
    ///
    /// What it is made of, counted as Project Wallace's analyzer counts: rules, selectors, specificity, complexity, declarations, and
    /// inventories of colours, font sizes, families, z-indexes, shadows, radii, durations, units, media queries and more, which show
    /// where a design has more values than it means to.
    ///
    /// Rules have stylelint's ids, and its comments silence them: `stylelint-disable`, `-enable`, `-disable-line`,
    /// `-disable-next-line`. Several files are read as one design: custom properties and keyframes of one are known in all.
    pub struct AnalyzeCss;
    name: "analyze_css",
    title: "Analyze CSS",
    summary: "Finds invalid, duplicate, overridden and undefined CSS, and counts specificity, complexity, colours and sizes. Plain CSS only.",
    keywords: "stylelint lint stylesheet selectors specificity duplicates unused variables custom properties unknown property typo wallace statistics design audit z-index fonts important keyframes quality code smell",
    examples: [
        "a typo, a duplicate and an undefined variable" => r#"{"source":"a { colr: red; top: 0px; left: 0; top: 1px }\n.b:hoover { color: var(--x) }"}"#,
        "two files of one design" => r#"{"files":[{"path":"tokens.css","source":":root{--brand:#06c}"},{"path":"app.css","source":".a{color:var(--brand)}\n#b .c{z-index:9999!important}"}]}"#,
    ],
    rules: rules::ALL,
    not_checked: [
        "values against each property's grammar (stylelint declaration-property-value-no-unknown), media features",
        "naming patterns, empty lines and other matters of style",
        "duplicate and descending selectors inside nested rules",
        "SCSS, Less and CSS in JavaScript",
    ],
}

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// CSS.
    source: Option<String>,
    /// Stylesheets of one design.
    #[serde(default)]
    files: Vec<SourceFile>,
}

/// What the stylesheets are made of.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    totals: Totals,
    /// Every value with its count, by inventory, the most used first.
    inventory: Vec<Item>,
}

// One sheet as it was read.
struct Read<'s> {
    path: Option<&'s str>,
    sheet: Sheet<'s>,
    index: LineIndex<'s>,
    disabled: Disabled,
}

impl<'s> Read<'s> {
    fn new(path: Option<&'s str>, text: &'s str) -> Self {
        let (sheet, index) = (read(text), LineIndex::new(text));
        let disabled = Disabled::read(&sheet, &index);
        Self { path, sheet, index, disabled }
    }

    fn checker<'c>(&'c self, names: &'c Names, found: &'c mut Found) -> Checker<'c> {
        let (sheet, index, disabled) = (&self.sheet, &self.index, &self.disabled);
        Checker { sheet, index, names, path: self.path, disabled, found, nearest: BTreeMap::new() }
    }
}

/// One sheet under check.
struct Checker<'s> {
    sheet: &'s Sheet<'s>,
    index: &'s LineIndex<'s>,
    names: &'s Names,
    path: Option<&'s str>,
    disabled: &'s Disabled,
    found: &'s mut Found,
    // The nearest known name of each unknown property: looking is slow, and the same one often comes again.
    nearest: BTreeMap<String, Option<&'static str>>,
}

/// What was found in all sheets.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    counts: RuleCounts,
}

/// Most findings of one rule in all sheets: ten pages of them. Others are counted.
pub const MAX_FINDINGS_PER_RULE: usize = 10_000;
/// Most unknown properties for which a known name is suggested.
const MAX_SUGGESTED: usize = 50;

impl Checker<'_> {
    fn nearest(&mut self, property: &str) -> Option<&'static str> {
        if let Some(known) = self.nearest.get(property) {
            return *known;
        }
        let room = self.nearest.len() < MAX_SUGGESTED;
        let found = if room { self.names.nearest_property(property) } else { None };
        if room {
            self.nearest.insert(property.to_owned(), found);
        }
        found
    }

    fn add(&mut self, rule: &'static Rule, span: Range<usize>, message: impl FnOnce() -> String) {
        self.push(rule, span, || Finding::new(rule, message()));
    }

    // Counts a finding, and makes it where there is room for it.
    fn push(&mut self, rule: &'static Rule, span: Range<usize>, finding: impl FnOnce() -> Finding) {
        if !self.disabled.is_empty() && self.disabled.covers(rule.id, self.index.position(span.start).line) {
            return;
        }
        if !self.found.counts.keeps(rule, MAX_FINDINGS_PER_RULE) {
            return;
        }
        let finding = finding().at(self.index.range(span));
        self.found.findings.push(match self.path {
            Some(path) => finding.in_file(path),
            None => finding,
        });
    }
}

impl Tool for AnalyzeCss {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let files = texts(&input)?;
        let names = Names::read();
        let sheets: Vec<Read<'_>> = files.into_iter().map(|(path, text)| Read::new(path, text)).collect();
        let mut count = Count::default();
        let mut references = structure::References::default();
        let mut found = Found::default();
        for read in &sheets {
            let mut checker = read.checker(&names, &mut found);
            count::sheet(&read.sheet, &mut count);
            structure::check(&mut checker);
            declarations::check(&mut checker);
            references.note(&checker);
        }
        for read in &sheets {
            references.check(&mut read.checker(&names, &mut found));
        }
        let totals = &count.totals;
        let summary = format!(
            "{} rules, {} selectors, {} declarations; highest specificity {}; {} findings",
            totals.rules,
            totals.selectors,
            totals.declarations,
            totals.max_specificity,
            found.counts.total()
        );
        let inventory = count.items();
        let files = sheets.len();
        let is_cut = found.counts.beyond(MAX_FINDINGS_PER_RULE) > 0;
        let report = Report::checked(found.findings, Data { totals: count.totals, inventory });
        let report = report.with_summary(summary).over_files(files);
        Ok(if is_cut {
            report.not_checked(format!("findings of a rule beyond its first {MAX_FINDINGS_PER_RULE}"))
        } else {
            report
        })
    }
}

fn texts(input: &Input) -> Result<Vec<(Option<&str>, &str)>, ToolError> {
    check_files("/files", &input.files)?;
    if let Some(source) = &input.source {
        check_bytes("/source", source, MAX_SOURCE_BYTES)?;
    }
    let mut all: Vec<(Option<&str>, &str)> = input.source.as_deref().map(|source| (None, source)).into_iter().collect();
    all.extend(input.files.iter().map(|file| (Some(file.path.as_str()), file.source.as_str())));
    if all.is_empty() {
        return Err(ToolError::invalid("", "name no stylesheet", "`source` or `files`"));
    }
    Ok(all)
}
