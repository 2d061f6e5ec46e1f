//! The [`Tool`] trait and how a tool declares itself.

use crate::error::ToolError;
use crate::report::{Level, Report};
use crate::work::Steps;
use octavo_rpc::Progress;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// A type the generator can describe by a JSON schema; in the wasm, any type.
#[cfg(not(target_arch = "wasm32"))]
pub trait Described: schemars::JsonSchema {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: schemars::JsonSchema> Described for T {}
/// A type the generator can describe by a JSON schema; in the wasm, any type.
#[cfg(target_arch = "wasm32")]
pub trait Described {}
#[cfg(target_arch = "wasm32")]
impl<T> Described for T {}

/// One deterministic tool.
pub trait Tool: Declared + Copy + Sync + 'static {
    /// The arguments. `deny_unknown_fields`, camelCase, a doc comment on every field (a model reads it: unit, default,
    /// range).
    type Input: DeserializeOwned + Described + 'static;
    /// The tool's own result beside the findings; [`NoData`] where there is none.
    type Data: Serialize + Described + 'static;

    /// Pages of the rules that an engine inside the tool names; a tool's own rules are in its declaration.
    #[cfg(not(target_arch = "wasm32"))]
    fn engine_rules() -> Vec<RulePage> {
        Vec::new()
    }

    /// Does the work. Broken source is a finding; only broken arguments are an error.
    fn run(&self, input: Self::Input, ctx: &Ctx<'_>) -> Result<Report<Self::Data>, ToolError>;

    /// The work in steps, for tools that may be at it for long: between two of them progress is heard, and the work of a
    /// caller who left ends. One step does it all unless a tool says otherwise, and then `run` is
    /// [`in_one_go`](crate::work::in_one_go).
    fn steps(&self, input: Self::Input) -> Result<Box<dyn Steps<Self::Data>>, ToolError> {
        Ok(Box::new(Once { tool: *self, input: Some(input) }))
    }
}

struct Once<T: Tool> {
    tool: T,
    input: Option<T::Input>,
}

impl<T: Tool> Steps<T::Data> for Once<T> {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<T::Data>>, ToolError> {
        self.input.take().map(|input| self.tool.run(input, ctx)).transpose()
    }
}

/// A tool's declaration, written by [`declare_tool!`](crate::declare_tool).
pub trait Declared {
    /// What is known of the tool without running it.
    const DECLARATION: Declaration;
}

/// What is known of a tool without running it.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// Name without the category.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What the model reads: one sentence on what it does, when to use it, one constraint; at most 300 characters.
    pub summary: &'static str,
    /// Words a user might say and the summary does not: synonyms, file names, tools of the trade. For search; empty in the
    /// wasm.
    pub keywords: &'static str,
    /// The tool's doc comment, for its page; empty in the wasm.
    pub docs: &'static str,
    /// Inputs that are run by the tests and printed in the docs; empty in the wasm.
    pub examples: &'static [Example],
    /// Every rule a finding of the tool can name.
    pub rules: &'static [Rule],
    /// What a user of the peer tool would expect and this one does not do.
    pub not_checked: &'static [&'static str],
}

/// An executed example.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// The arguments, a JSON object.
    pub arguments: &'static str,
}

/// A rule that findings name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The id models know it by, where a known tool already names it.
    pub id: &'static str,
    /// How serious a finding of it is, unless the finding says otherwise.
    pub level: Level,
    /// What it asks for, in one sentence.
    pub summary: &'static str,
    /// Its page.
    pub docs: RuleDocs,
}

/// The page of a rule, written with [`rule_docs!`](crate::rule_docs); empty in the wasm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleDocs {
    /// Why it matters.
    pub why: &'static str,
    /// The smallest wrong source.
    pub wrong: &'static str,
    /// The same, right.
    pub right: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// One rule as its page shows it; native only.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePage {
    /// The id that findings name.
    pub id: String,
    /// Its usual level.
    pub level: Level,
    /// What it asks for, in one sentence.
    pub summary: String,
    /// Why it matters.
    pub why: String,
    /// The smallest wrong source; empty where the page cannot show one.
    pub wrong: String,
    /// The same, right.
    pub right: String,
    /// Where the rule comes from.
    pub source: String,
}

#[cfg(not(target_arch = "wasm32"))]
impl From<&Rule> for RulePage {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id.to_owned(),
            level: rule.level,
            summary: rule.summary.to_owned(),
            why: rule.docs.why.to_owned(),
            wrong: rule.docs.wrong.to_owned(),
            right: rule.docs.right.to_owned(),
            source: rule.docs.source.to_owned(),
        }
    }
}

impl RuleDocs {
    /// No page; what the wasm carries.
    pub const EMPTY: Self = Self { why: "", wrong: "", right: "", source: "" };
}

/// The data of a tool that has nothing beside its findings.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NoData {}

/// What a running tool tells a client that listens.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// How far it is.
    Progress(Progress),
    /// A message for the client's log.
    Log {
        /// A syslog level.
        level: &'static str,
        /// Who says it.
        logger: Option<&'static str>,
        /// What is said, JSON.
        data: String,
    },
}

/// What a running tool may ask of its surroundings.
pub struct Ctx<'a> {
    listener: Option<&'a RefCell<dyn FnMut(Signal) + 'a>>,
}

impl<'a> Ctx<'a> {
    /// A context in which nobody listens.
    pub const fn silent() -> Self {
        Self { listener: None }
    }

    /// A context that hands signals to `listener`.
    pub fn with_listener(listener: &'a RefCell<dyn FnMut(Signal) + 'a>) -> Self {
        Self { listener: Some(listener) }
    }

    /// Tells a listening client that `done` of `total` units of work are done. Calls must increase `done`.
    pub fn progress(&self, done: u32, total: u32, message: &str) {
        self.signal(|| {
            Signal::Progress(Progress {
                progress: f64::from(done),
                total: Some(f64::from(total)),
                message: Some(message.to_owned()),
            })
        });
    }

    /// Sends a message to the client's log, if it asked for messages of this syslog level; `data` is JSON.
    pub fn log(&self, level: &'static str, logger: Option<&'static str>, data: impl Into<String>) {
        self.signal(|| Signal::Log { level, logger, data: data.into() });
    }

    fn signal(&self, signal: impl FnOnce() -> Signal) {
        if let Some(listener) = self.listener {
            (listener.borrow_mut())(signal());
        }
    }
}

/// Declares a tool: its struct with the docs on it, and its [`Declaration`].
///
/// ```ignore
/// declare_tool! {
///     /// What it does. When to use it. Limits. Output.
///     pub struct LintDockerfile;
///     name: "lint_dockerfile",
///     title: "Lint a Dockerfile",
///     summary: "Finds ... in a Dockerfile.",
///     keywords: "container image hadolint",
///     examples: ["unpinned base image" => r#"{"source":"FROM node"}"#],
///     rules: RULES,
///     not_checked: ["..."],
/// }
/// ```
#[macro_export]
macro_rules! declare_tool {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $tool:ident;
        name: $name:literal,
        title: $title:literal,
        summary: $summary:literal,
        keywords: $keywords:literal,
        examples: [$($example:literal => $arguments:expr),+ $(,)?],
        rules: $rules:expr,
        not_checked: [$($not_checked:literal),* $(,)?] $(,)?
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy)]
        $vis struct $tool;

        impl $crate::tool::Declared for $tool {
            const DECLARATION: $crate::Declaration = $crate::Declaration {
                name: $name,
                title: $title,
                summary: $summary,
                keywords: $crate::native_only!($keywords, ""),
                docs: $crate::native_only!(concat!($($doc, "\n"),+), ""),
                examples: $crate::native_only!(
                    &[$($crate::Example { title: $example, arguments: $arguments }),+],
                    &[]
                ),
                rules: $rules,
                not_checked: &[$($not_checked),*],
            };
        }
    };
}

/// Chooses the first expression natively, the second in the wasm.
#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
macro_rules! native_only {
    ($native:expr, $wasm:expr) => {
        $native
    };
}
/// Chooses the first expression natively, the second in the wasm.
#[cfg(target_arch = "wasm32")]
#[macro_export]
macro_rules! native_only {
    ($native:expr, $wasm:expr) => {
        $wasm
    };
}

/// The page of a rule: `rule_docs!(why: "...", wrong: "...", right: "...", source: "...")`.
#[macro_export]
macro_rules! rule_docs {
    (why: $why:expr, wrong: $wrong:expr, right: $right:expr, source: $source:expr $(,)?) => {
        $crate::native_only!(
            $crate::RuleDocs { why: $why, wrong: $wrong, right: $right, source: $source },
            $crate::RuleDocs::EMPTY
        )
    };
}
