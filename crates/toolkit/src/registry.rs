//! The tools of one category, in one ordered table, and what must hold of it.

use crate::arguments;
use crate::error::ToolError;
use crate::output::OutputOptions;
use crate::render::{About, render};
use crate::suggest;
use crate::tool::{Ctx, Declaration, Tool};
use crate::work::{Answer, Begun, Service, Steps, Work};
use octavo_category::Category;
use octavo_rpc::{Ask, CallRequest};
use serde::Serialize;
use serde_json::value::RawValue;

/// The tools of one category, in the order of the catalogue.
#[derive(Clone, Copy)]
pub struct Registry {
    /// The category.
    pub category: Category,
    /// Its tools.
    pub tools: &'static [&'static dyn AnyTool],
}

/// A call's result, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendering {
    /// For models that read text.
    pub text: String,
    /// The same facts, a JSON object.
    pub structured: String,
}

/// Any tool, whatever its types.
pub trait AnyTool: Sync {
    /// What is known of it without running it.
    fn declaration(&self) -> Declaration;

    /// Parses the arguments, runs the tool and renders a page of its report. `category` is the one the tool is served in.
    fn call(&self, category: Category, arguments: &RawValue, ctx: &Ctx<'_>) -> Result<Rendering, ToolError>;

    /// Parses the arguments and takes the work on, in steps.
    fn begin(&self, category: Category, arguments: &RawValue) -> Result<Box<dyn Work>, ToolError>;

    /// The same with the whole report on one page, whatever it costs to read.
    #[cfg(not(target_arch = "wasm32"))]
    fn call_whole(&self, category: Category, arguments: &RawValue) -> Result<Rendering, ToolError>;

    /// The page of every rule that a finding can name, declared ones first.
    #[cfg(not(target_arch = "wasm32"))]
    fn rule_pages(&self) -> Vec<crate::tool::RulePage>;

    /// JSON schema of the arguments.
    #[cfg(not(target_arch = "wasm32"))]
    fn input_schema(&self) -> serde_json::Value;

    /// JSON schema of the structured report's `data`.
    #[cfg(not(target_arch = "wasm32"))]
    fn data_schema(&self) -> serde_json::Value;
}

impl<T: Tool> AnyTool for T {
    fn declaration(&self) -> Declaration {
        T::DECLARATION
    }

    fn call(&self, category: Category, arguments: &RawValue, ctx: &Ctx<'_>) -> Result<Rendering, ToolError> {
        let (input, options) = arguments::parse(arguments)?;
        let report = self.run(input, ctx)?;
        render(report, &About { category, declaration: &T::DECLARATION }, &options)
    }

    fn begin(&self, category: Category, arguments: &RawValue) -> Result<Box<dyn Work>, ToolError> {
        let (input, options) = arguments::parse(arguments)?;
        Ok(Box::new(Rendered { steps: self.steps(input)?, category, declaration: T::DECLARATION, options }))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn call_whole(&self, category: Category, arguments: &RawValue) -> Result<Rendering, ToolError> {
        let (input, options) = arguments::parse(arguments)?;
        let report = self.run(input, &Ctx::silent())?;
        crate::render::render_whole(report, &About { category, declaration: &T::DECLARATION }, &options)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn rule_pages(&self) -> Vec<crate::tool::RulePage> {
        T::DECLARATION.rules.iter().map(Into::into).chain(T::engine_rules()).collect()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn input_schema(&self) -> serde_json::Value {
        crate::schema::of::<T::Input>()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn data_schema(&self) -> serde_json::Value {
        crate::schema::output_of::<T::Data>()
    }
}

// A tool's work, whose report is rendered.
struct Rendered<D> {
    steps: Box<dyn Steps<D>>,
    category: Category,
    declaration: Declaration,
    options: OutputOptions,
}

impl<D: Serialize> Work for Rendered<D> {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Answer>, ToolError> {
        let Some(report) = self.steps.step(ctx)? else { return Ok(None) };
        let about = About { category: self.category, declaration: &self.declaration };
        render(report, &about, &self.options).map(|rendering| Some(Answer::Report(rendering)))
    }
}

impl Service for Registry {
    fn worker(&self) -> &'static str {
        self.category.row().worker
    }

    fn begin(&self, request: &CallRequest<'_>) -> Result<Begun, String> {
        let tool = self.get(&request.tool).filter(|_| request.ask == Ask::Call).ok_or_else(|| {
            let names = self.tools.iter().map(|tool| tool.declaration().name);
            let hint = suggest::nearest(&request.tool, names);
            let hint = hint.map_or(String::new(), |name| format!("; did you mean {name}?"));
            format!("this version of {} has no such tool{hint}", self.worker())
        })?;
        let name = Some(self.full_name(&tool.declaration()));
        Ok(Begun { name, work: tool.begin(self.category, request.arguments) })
    }

    fn name_of(&self, request: &CallRequest<'_>) -> Option<String> {
        self.get(&request.tool).map(|tool| self.full_name(&tool.declaration()))
    }
}

impl Registry {
    /// The tool of this name (without the category).
    pub fn get(&self, name: &str) -> Option<&'static dyn AnyTool> {
        self.tools.iter().copied().find(|tool| tool.declaration().name == name)
    }

    /// The full MCP name of one of its tools.
    pub fn full_name(&self, tool: &Declaration) -> String {
        format!("{}_{}", self.category.slug(), tool.name)
    }
}
