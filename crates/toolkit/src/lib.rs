//! What a tool is made of: the [`Tool`] trait and its declaration, arguments, the report, limits, and [`serve`].
//!
//! A tool is a pure function of its input: no clock, no IO, no globals, no panic on any bytes. Everything around it
//! (parsing the arguments, explaining a bad one, rendering, the log line) happens here, once, for all tools.

pub mod arguments;
pub mod error;
pub mod input;
pub mod limits;
pub mod output;
pub mod parse_depth;
pub mod path;
pub mod registry;
pub mod render;
pub mod report;
#[cfg(not(target_arch = "wasm32"))]
pub mod schema;
mod serve;
pub mod source;
pub mod tokens;
pub mod tool;
pub mod work;

pub use error::ToolError;
pub use input::SourceFile;
pub use octavo_category::Category;
pub use octavo_suggest as suggest;
pub use registry::Registry;
pub use report::{Edit, Finding, Fix, Level, Report, RuleCounts, Verdict};
pub use serve::{Served, serve, trapped};
pub use source::{LineIndex, Position, Range};
#[cfg(not(target_arch = "wasm32"))]
pub use tool::RulePage;
pub use tool::{Ctx, Declaration, Example, NoData, Rule, RuleDocs, Tool};
