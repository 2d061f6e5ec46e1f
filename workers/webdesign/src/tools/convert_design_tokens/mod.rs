//! `convert_design_tokens`: design tokens checked and written for a platform, and ramps of guaranteed contrast.
//!
//! Owns what is asked and the rules; reading is `tree`, values are `values`, files `write`, ramps `ramp`.

mod expand;
mod names;
mod ramp;
mod tree;
mod values;
mod write;

use crate::support::color::Triple;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::{Ctx, Finding, Level, Report, Rule, SourceFile, Tool, ToolError, declare_tool, rule_docs};
use ramp::Step;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
pub use tree::MAX_TOKENS;
use tree::{Tokens, Trouble, merge, references};
use values::{Target, color, dimension};
use write::{Style, file, name};

declare_tool! {
    /// Checks design tokens and writes them for a platform: CSS custom properties, SCSS variables, a Tailwind 4 `@theme`, a Swift
    /// class, Android resources, or flat JSON.
    ///
    /// Token files follow the Design Tokens Community Group's format (`$value`, `$type`) or Style Dictionary's older one (`value`,
    /// `type`); they are merged in order. Aliases (`{color.brand}`) are followed, also inside texts and composite values; cycles,
    /// missing tokens, values that do not fit their type and names that collide are findings. Values are those that Style Dictionary 5
    /// writes with its transform groups; with `references`, aliases stay aliases in the output. Swift and Android have no value for a
    /// whole border, shadow, transition or typography: such a token is written in its parts, and text, lists and durations as those
    /// languages read them.
    ///
    /// Modes (dark, compact) are values in `$extensions.mode` of a token; each becomes a block of CSS under `[data-theme="name"]`.
    ///
    /// `ramps` makes steps of a colour whose contrast with a background is guaranteed: hue and chroma stay, the lightness is found
    /// so that the 8-bit colour reaches each ratio.
    pub struct ConvertDesignTokens;
    name: "convert_design_tokens",
    title: "Convert design tokens",
    summary: "Checks design tokens (DTCG) and writes CSS, SCSS, Tailwind, Swift, Android or JSON; makes colour ramps of guaranteed contrast.",
    keywords: "style dictionary theme variables figma tokens studio aliases references palette scale dark mode json custom properties ios uikit kotlin xml leonardo ramp shades tints contrast w3c community group",
    examples: [
        "aliases to CSS" => r##"{"files":[{"path":"tokens.json","source":"{\"color\":{\"$type\":\"color\",\"blue\":{\"$value\":\"#0066cc\"},\"brand\":{\"$value\":\"{color.blue}\",\"$extensions\":{\"mode\":{\"dark\":\"#66b3ff\"}}}},\"gap\":{\"$type\":\"dimension\",\"$value\":{\"value\":4,\"unit\":\"px\"}}}"}],"references":true}"##,
        "a ramp" => r##"{"ramps":[{"name":"blue","color":"#0066cc","ratios":[1.2,3,4.5,7]}]}"##,
        "a cycle" => r#"{"files":[{"path":"t.json","source":"{\"a\":{\"$type\":\"number\",\"$value\":\"{b}\"},\"b\":{\"$type\":\"number\",\"$value\":\"{a}\"}}"}],"to":"scss"}"#,
    ],
    rules: RULES,
    not_checked: [
        "colours outside sRGB are mapped into it, their own space is not written",
        "custom transforms and formats, arithmetic in values",
        "the resolver files that DTCG drafts for modes",
    ],
}

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: octavo_toolkit::RuleDocs) -> Rule {
    Rule { id, level, summary, docs }
}

#[cfg(not(target_arch = "wasm32"))]
const FORMAT: &str = "Design Tokens Format Module, https://www.designtokens.org/tr/drafts/format/";

const SYNTAX: Rule = rule(
    "json-syntax",
    Level::Error,
    "A token file is a JSON object.",
    rule_docs!(why: "A file that is not read has no tokens.", wrong: "{\"a\":", right: "{}", source: FORMAT),
);
const MISSING: Rule = rule(
    "unresolved-reference",
    Level::Error,
    "A reference names a token.",
    rule_docs!(
        why: "The token has no value, and nothing that refers to it has.",
        wrong: "{\"a\":{\"$type\":\"number\",\"$value\":\"{b}\"}}",
        right: "{\"a\":{\"$type\":\"number\",\"$value\":\"{b}\"},\"b\":{\"$type\":\"number\",\"$value\":1}}",
        source: FORMAT
    ),
);
const CYCLE: Rule = rule(
    "circular-reference",
    Level::Error,
    "Tokens do not refer to each other in a circle.",
    rule_docs!(
        why: "None of them has a value.",
        wrong: "{\"a\":{\"$type\":\"number\",\"$value\":\"{a}\"}}",
        right: "{\"a\":{\"$type\":\"number\",\"$value\":1}}",
        source: FORMAT
    ),
);
const TYPE: Rule = rule(
    "token-type",
    Level::Warning,
    "A token has a type that tools know, its own or its group's.",
    rule_docs!(
        why: "Without it nobody knows how to write the value for a platform.",
        wrong: "{\"a\":{\"$value\":\"#fff\"}}",
        right: "{\"a\":{\"$type\":\"color\",\"$value\":\"#fff\"}}",
        source: FORMAT
    ),
);
const VALUE: Rule = rule(
    "token-value",
    Level::Error,
    "A value fits its type.",
    rule_docs!(
        why: "It would be written as it is, and each platform would do with it what it likes.",
        wrong: "{\"a\":{\"$type\":\"color\",\"$value\":\"bluish\"}}",
        right: "{\"a\":{\"$type\":\"color\",\"$value\":\"#0066cc\"}}",
        source: FORMAT
    ),
);
const NAME: Rule = rule(
    "token-name",
    Level::Error,
    "A name has no braces and no full stop.",
    rule_docs!(
        why: "References are written with them, so that such a token cannot be referred to.",
        wrong: "{\"a.b\":{\"$type\":\"number\",\"$value\":1}}",
        right: "{\"a\":{\"b\":{\"$type\":\"number\",\"$value\":1}}}",
        source: FORMAT
    ),
);
const COLLISION: Rule = rule(
    "name-collision",
    Level::Warning,
    "Two tokens have two names in the output.",
    rule_docs!(
        why: "The later one hides the earlier.",
        wrong: "{\"a b\":{\"$type\":\"number\",\"$value\":1},\"a\":{\"b\":{\"$type\":\"number\",\"$value\":2}}}",
        right: "{\"a\":{\"b\":{\"$type\":\"number\",\"$value\":2}}}",
        source: "Style Dictionary, token collisions, https://styledictionary.com/reference/logging/"
    ),
);
const RAMP: Rule = rule(
    "ramp-contrast",
    Level::Error,
    "A ratio of a ramp can be reached.",
    rule_docs!(
        why: "No colour has more contrast with a background than black or white.",
        wrong: "ramp #06c on #777 at 21",
        right: "ramp #06c on #fff at 4.5",
        source: "WCAG 2.2, definition of contrast ratio, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"
    ),
);

/// Every rule of the tool.
const RULES: &[Rule] = &[SYNTAX, MISSING, CYCLE, TYPE, VALUE, NAME, COLLISION, RAMP];

// Types of DTCG, then those of Style Dictionary.
const TYPES: [&str; 22] = [
    "color",
    "dimension",
    "fontFamily",
    "fontWeight",
    "duration",
    "cubicBezier",
    "number",
    "strokeStyle",
    "border",
    "transition",
    "shadow",
    "gradient",
    "typography",
    "fontSize",
    "lineHeight",
    "time",
    "asset",
    "content",
    "html",
    "string",
    "opacity",
    "boolean",
];

/// Most ramps of a call.
pub const MAX_RAMPS: usize = 20;
/// Most steps of a ramp.
pub const MAX_RATIOS: usize = 20;
/// Longest colour or prefix, in bytes.
pub const MAX_WORD_BYTES: usize = 200;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Token files (JSON), later ones override.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Default css.
    #[serde(default)]
    to: Target,
    /// In front of every name.
    #[serde(default)]
    prefix: String,
    /// Write aliases as references; default false.
    #[serde(default)]
    references: bool,
    /// Colour ramps to make.
    #[serde(default)]
    ramps: Vec<RampInput>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct RampInput {
    name: String,
    color: String,
    /// Default white.
    background: Option<String>,
    /// Contrast ratios, 1 to 21.
    ratios: Vec<f64>,
}

/// What tokens become.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    tokens: usize,
    modes: Vec<String>,
    /// The file for the platform.
    output: String,
    ramps: Vec<Ramp>,
}

/// One ramp.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Ramp {
    name: String,
    steps: Vec<Step>,
}

impl Tool for ConvertDesignTokens {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/ramps", &input.ramps, MAX_RAMPS)?;
        check_bytes("/prefix", &input.prefix, MAX_WORD_BYTES)?;
        if input.files.is_empty() && input.ramps.is_empty() {
            return Err(ToolError::invalid("", "name nothing to convert", "`files` or `ramps`"));
        }
        let mut findings = Vec::new();
        let mut root = Map::new();
        for file in &input.files {
            match serde_json::from_str::<Map<String, Value>>(file.source.trim_start_matches('\u{feff}')) {
                Ok(more) => merge(&mut root, more, 0),
                Err(error) => findings.push(Finding::new(&SYNTAX, format!("not read: {error}")).in_file(&file.path)),
            }
        }
        let tokens = Tokens::read(&root);
        if tokens.cut {
            let message = format!("more than {MAX_TOKENS} tokens or too deep a nesting; the rest is left out");
            findings.push(Finding::new(&SYNTAX, message).with_level(Level::Warning));
        }
        let style = Style { target: input.to, prefix: &input.prefix, references: input.references };
        let mut sound = check(&tokens, style, &mut findings);
        let read = tokens.list.len();
        let whole = sound.len();
        let tokens = if style.target.is_web() {
            tokens
        } else {
            let (tokens, places) = expand::expanded(&tokens, &sound);
            sound = places;
            tokens
        };
        let mut output = if input.files.is_empty() { String::new() } else { file(&tokens, &sound, style, ":root") };
        let modes = modes(&tokens, &sound, style, &mut output, &mut findings);
        let mut ramps = Vec::new();
        for (at, ramp) in input.ramps.iter().enumerate() {
            ramps.push(make(ramp, at, &mut findings)?);
        }
        let summary = format!("{} of {} tokens written, {} modes, {} ramps", whole, read, modes.len(), ramps.len());
        let files = input.files.len();
        let data = Data { tokens: read, modes, output, ramps };
        Ok(Report::checked(findings, data).with_summary(summary).over_files(files.max(1)))
    }
}

// The places of the tokens that have a value; what is wrong with the others, and with names and types, is found.
fn check(tokens: &Tokens, style: Style<'_>, findings: &mut Vec<Finding>) -> Vec<usize> {
    let mut sound = Vec::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut cycles = BTreeSet::new();
    let mut depths = BTreeMap::new();
    for (at, token) in tokens.list.iter().enumerate() {
        let path = token.path.join(".");
        if token.path.iter().any(|part| part.contains(['{', '}', '.'])) {
            findings.push(Finding::new(&NAME, format!("{} has a brace or full stop in its name", excerpt(&path))));
        }
        match tokens.trouble(at, &mut depths) {
            None => sound.push(at),
            Some(Trouble::Missing(reference)) => {
                let message = format!("{} refers to {}, which is no token", excerpt(&path), excerpt(&reference));
                findings.push(Finding::new(&MISSING, message));
            }
            Some(Trouble::Cycle(cycle)) => {
                if cycles.insert(cycle.clone()) {
                    findings.push(Finding::new(&CYCLE, format!("{}: {}", excerpt(&path), excerpt(&cycle))));
                }
            }
            Some(Trouble::TooLarge) => {
                findings.push(Finding::new(&CYCLE, format!("{} refers through too many tokens", excerpt(&path))));
            }
        }
        check_value(token, &path, findings);
        let own = name(&token.path, token.kind.as_deref(), style);
        if let Some(other) = names.insert(own.clone(), path.clone()) {
            let message = format!("{} and {} are both {}", excerpt(&other), excerpt(&path), excerpt(&own));
            findings.push(Finding::new(&COLLISION, message));
        }
    }
    sound
}

fn check_value(token: &tree::Token, path: &str, findings: &mut Vec<Finding>) {
    let aliased = !references(&token.value).is_empty();
    let kind = token.kind.as_deref().unwrap_or_default();
    if !TYPES.contains(&kind) {
        // An alias may leave its type to what it refers to.
        if !(aliased && kind.is_empty()) {
            let what =
                if kind.is_empty() { "no type".to_owned() } else { format!("the unknown type {}", excerpt(kind)) };
            findings.push(Finding::new(&TYPE, format!("{} has {what}", excerpt(path))));
        }
        return;
    }
    let value = &token.value;
    let fits = aliased
        || match kind {
            "color" => {
                color(value).is_some()
                    || value.as_str().is_some_and(|text| text.contains("gradient(") || text.contains("var("))
            }
            "dimension" | "fontSize" => dimension(value).is_some(),
            "number" => value.is_number() || value.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok()),
            "cubicBezier" => {
                value.is_string()
                    || value.as_array().is_some_and(|points| points.len() == 4 && points.iter().all(Value::is_number))
            }
            "fontFamily" => {
                value.is_string() || value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
            }
            "fontWeight" => value.is_string() || value.as_f64().is_some_and(|weight| (1.0..=1000.0).contains(&weight)),
            "border" | "transition" | "typography" => value.is_object() || value.is_string(),
            "shadow" | "gradient" => value.is_object() || value.is_array() || value.is_string(),
            _ => true,
        };
    if !fits {
        findings
            .push(Finding::new(&VALUE, format!("{}: {} is no {kind}", excerpt(path), excerpt(&tree::text_of(value)))));
    }
}

// The blocks of the modes that tokens have values for.
fn modes(
    tokens: &Tokens,
    sound: &[usize],
    style: Style<'_>,
    output: &mut String,
    findings: &mut Vec<Finding>,
) -> Vec<String> {
    let names: BTreeSet<&String> =
        tokens.list.iter().flat_map(|token| token.modes.iter().map(|(name, _)| name)).collect();
    for mode in &names {
        let mut other = Tokens::default();
        let mut changed = Vec::new();
        for (at, token) in tokens.list.iter().enumerate() {
            let mut token = token.clone();
            if let Some((_, value)) = token.modes.iter().find(|(name, _)| name == *mode).cloned() {
                token.value = value;
                changed.push(at);
                check_value(&token, &format!("{} in {mode}", token.path.join(".")), findings);
            }
            other.add(token);
        }
        let mut depths = BTreeMap::new();
        changed.retain(|at| sound.binary_search(at).is_ok() && other.trouble(*at, &mut depths).is_none());
        if style.target == Target::Css && !changed.is_empty() {
            let plain: String = mode.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ')).collect();
            output.push('\n');
            output.push_str(&file(&other, &changed, style, &format!("[data-theme=\"{plain}\"]")));
        }
    }
    names.into_iter().cloned().collect()
}

fn make(ramp: &RampInput, at: usize, findings: &mut Vec<Finding>) -> Result<Ramp, ToolError> {
    let pointer = format!("/ramps/{at}");
    check_items(&format!("{pointer}/ratios"), &ramp.ratios, MAX_RATIOS)?;
    let read = |field: &str, text: &str| -> Result<Triple, ToolError> {
        check_bytes(&format!("{pointer}/{field}"), text, MAX_WORD_BYTES)?;
        let found = color(&Value::String(text.to_owned()));
        let refused =
            || ToolError::invalid(format!("{pointer}/{field}"), "is no colour", "a CSS colour such as \"#0066cc\"");
        found.map(|(rgb, _)| rgb).ok_or_else(refused)
    };
    check_bytes(&format!("{pointer}/name"), &ramp.name, MAX_WORD_BYTES)?;
    let own = read("color", &ramp.color)?;
    let ground = ramp.background.as_deref().map_or(Ok([1.0; 3]), |text| read("background", text))?;
    let mut steps = Vec::new();
    for (step, ratio) in ramp.ratios.iter().enumerate() {
        if !(1.0..=21.0).contains(ratio) {
            return Err(ToolError::invalid(
                format!("{pointer}/ratios/{step}"),
                "is out of range",
                "a number from 1 to 21",
            ));
        }
        match ramp::step(own, ground, *ratio) {
            Some(step) => steps.push(step),
            None => findings
                .push(Finding::new(&RAMP, format!("{} cannot reach {ratio} on this background", excerpt(&ramp.name)))),
        }
    }
    Ok(Ramp { name: ramp.name.clone(), steps })
}
