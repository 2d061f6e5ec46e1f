//! The checks, against tools that do right and tools that do wrong.

use crate::{Subject, breakage, fixes};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::registry::AnyTool;
use octavo_toolkit::{
    Category, Ctx, Edit, Finding, Level, LineIndex, NoData, Report, Rule, RuleDocs, SourceFile, Tool, ToolError,
    declare_tool,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const LEFTOVER: Rule = Rule { id: "leftover", level: Level::Warning, summary: "No leftovers.", docs: RuleDocs::EMPTY };
const BROKEN: Rule = Rule { id: "broken", level: Level::Error, summary: "It parses.", docs: RuleDocs::EMPTY };

macro_rules! toy {
    ($tool:ident, $name:literal, $example:literal) => {
        declare_tool! {
            /// A toy.
            struct $tool;
            name: $name,
            title: "Toy",
            summary: "Finds leftovers.",
            keywords: "",
            examples: ["one" => $example],
            rules: &[LEFTOVER, BROKEN],
            not_checked: [],
        }
    };
}

toy!(FindLeftovers, "find_leftovers", r#"{"source":"TODO é\n","style":"plain"}"#);
toy!(FindLoosely, "find_loosely", r#"{"source":"TODO","marks":[{"word":"TODO"}]}"#);

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    /// Text.
    #[serde(default)]
    source: Option<String>,
    /// Texts.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// How.
    style: Style,
    /// What to look for.
    #[serde(default)]
    marks: Vec<Mark>,
    /// At most this many, 1 to 9.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    most: Option<u8>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// The word.
    word: String,
    /// How much it counts.
    #[serde(default)]
    weight: Option<f64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Style {
    /// As it is.
    Plain,
    /// With colours.
    Coloured,
}

impl Tool for FindLeftovers {
    type Input = Input;
    type Data = NoData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report, ToolError> {
        match input.style {
            Style::Plain | Style::Coloured => {}
        }
        if input.most.is_some_and(|most| !(1..=9).contains(&most)) {
            return Err(ToolError::invalid("/most", "is out of range", "a whole number from 1 to 9"));
        }
        check_items("/marks", &input.marks, 10)?;
        for (at, mark) in input.marks.iter().enumerate() {
            check_bytes(&format!("/marks/{at}/word"), &mark.word, 100)?;
            if mark.weight.is_some_and(|weight| weight < 0.0) {
                let accepted = "a number from 0";
                return Err(ToolError::invalid(format!("/marks/{at}/weight"), "is out of range", accepted));
            }
        }
        check_files("/files", &input.files)?;
        let mut findings = Vec::new();
        if let Some(source) = &input.source {
            check_bytes("/source", source, 1_000)?;
            findings.extend(leftovers(source));
        }
        for file in &input.files {
            findings.extend(leftovers(&file.source).into_iter().map(|finding| finding.in_file(&file.path)));
        }
        Ok(Report::of_findings(findings))
    }
}

// Every TODO, and what is wrong with its fix: `TODO!` comes back, `TODO?` breaks the text. The fix of `TODOTODO` overlaps
// the one of its second half.
fn leftovers(source: &str) -> Vec<Finding> {
    let index = LineIndex::new(source);
    let mut findings: Vec<Finding> = source
        .match_indices("BROKEN")
        .map(|(at, _)| Finding::new(&BROKEN, "is broken").at(index.range(at..at)))
        .collect();
    for (at, _) in source.match_indices("TODO") {
        let new_text = match source.as_bytes().get(at + 4) {
            Some(b'!') => "TODO again",
            Some(b'?') => "BROKEN",
            _ => "",
        };
        let end = if source[at..].starts_with("TODOTODO") { at + 8 } else { at + 4 };
        let edit = Edit { range: index.range(at..end), new_text: new_text.to_owned() };
        let finding = Finding::new(&LEFTOVER, format!("at {at}")).at(index.range(at..at + 4));
        findings.push(finding.with_fix("remove it", vec![edit]));
    }
    findings
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LooseInput {
    /// Text.
    source: String,
    /// Open to anything.
    #[serde(default)]
    marks: Vec<OpenMark>,
    /// Panics at 5 letters and more.
    #[serde(default)]
    kind: Option<String>,
    /// More of them.
    #[serde(default)]
    nested: Nested,
}

#[derive(Deserialize, JsonSchema)]
struct OpenMark {
    /// The word.
    word: String,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Nested {
    /// Null is not the same as absent here.
    words: Vec<String>,
}

impl Tool for FindLoosely {
    type Input = LooseInput;
    type Data = NoData;

    fn run(&self, input: LooseInput, _ctx: &Ctx<'_>) -> Result<Report, ToolError> {
        let _ = input.nested.words;
        assert!(input.kind.is_none_or(|kind| kind.len() < 5), "the toy panics");
        match input.marks.iter().find(|mark| mark.word != "TODO") {
            Some(mark) => Err(ToolError::invalid("/marks", format!("has {}", mark.word), "")),
            None => Ok(Report::of_findings(leftovers(&input.source))),
        }
    }
}

fn subject(tool: &dyn AnyTool) -> Subject<'_> {
    Subject { tool, category: Category::Quality }
}

fn examples(tool: &dyn AnyTool) -> Vec<Value> {
    crate::examples_of(&tool.declaration())
}

#[test]
fn a_careful_tool_has_no_complaints() {
    let examples = examples(&FindLeftovers);
    assert_eq!(breakage::check_types(subject(&FindLeftovers), &examples), [""; 0]);
    assert_eq!(breakage::check_values(subject(&FindLeftovers), &examples), [""; 0]);
}

#[test]
fn a_loose_tool_is_found_out() {
    let examples = examples(&FindLoosely);
    let types = breakage::check_types(subject(&FindLoosely), &examples);
    assert_eq!(
        types,
        ["`/marks/0/wordd`, unknown neighbour: is accepted", "`/nested/words`, null: is not the same as absent",]
    );
    let values = breakage::check_values(subject(&FindLoosely), &examples);
    for complaint in [
        "`/source`, over the limit: is accepted",
        "items are accepted",
        "`/kind`, strange text: panics",
        "`/marks/0/word`, strange text: a value is repeated: ",
        "`/marks/0/word`, strange text: what is accepted is not said: ",
        "`/marks/0/word`, over the limit: another place is named: ",
    ] {
        assert!(values.iter().any(|value| value.contains(complaint)), "{complaint} is not among {values:#?}");
    }
}

#[test]
fn a_field_that_nothing_holds_is_named() {
    let example = json!({"source": "TODO", "marks": [{"word": "no"}]});
    let values = breakage::check_values(subject(&FindLoosely), &[example]);
    let complaint = "no example and no case is accepted with `/marks/0/word` in it; add one";
    assert!(values.iter().any(|value| value == complaint), "{values:#?}");
}

#[test]
fn fixes_that_mend_are_applied_together() {
    let call = |source: &str| {
        let files = json!([{"path": "a", "source": "é TODO\r\n"}, {"path": "b", "source": "\u{1f600}TODO TODO"}]);
        json!({"source": source, "files": files, "style": "plain", "output": {"ignore": ["leftover"]}})
    };
    for source in ["", "TODO", "one\nTODO, two TODO", "TODOTODO"] {
        assert_eq!(fixes::check(subject(&FindLeftovers), &call(source)), [""; 0], "{source}");
    }
    assert_eq!(fixes::check(subject(&FindLeftovers), &json!({"style": "none"})), [""; 0]);
}

#[test]
fn fixes_that_do_not_mend_are_found_out() {
    let complaints = |source: &str| fixes::check(subject(&FindLeftovers), &json!({"source": source, "style": "plain"}));
    assert_eq!(complaints("TODO!"), [r#"(None, "leftover", "at "): 1 before, 1 mended, 1 after"#]);
    assert_eq!(complaints("TODO?"), [r#"(None, "broken", "is broken"): a new error"#]);
    assert_eq!(complaints("BROKEN TODO?"), [r#"(None, "broken", "is broken"): a new error"#]);
}
