//! The three tools of the search surface, answered by the gateway itself.

use octavo_catalog::rules::{self, Rule};
use octavo_catalog::{Entry, Scope, Tool, find_tools};
use octavo_category::Category;
use octavo_mcp::Params;
use octavo_suggest::nearest;
use serde_json::json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use thiserror::Error;

/// Longest query, in characters.
const MAX_QUERY_CHARS: usize = 500;
/// Most tools a caller may ask for.
const MAX_LIMIT: usize = 10;
/// Tools given when the caller names no number.
const DEFAULT_LIMIT: usize = 5;

/// A tool of the search surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetaTool {
    Find,
    Run,
    Explain,
}

/// What a call of such a tool comes to.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// An answer: its text, and the same as JSON.
    Answer(String, String),
    /// A call of this tool with these arguments.
    Run(&'static Tool, Option<&'a RawValue>),
}

/// An argument that is not acceptable. Display is the sentence the model reads.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` {problem}; accepted: {accepted}", if pointer.is_empty() { "arguments" } else { pointer })]
pub(crate) struct BadArgument {
    /// JSON pointer of the argument.
    pub(crate) pointer: String,
    problem: &'static str,
    accepted: String,
}

impl BadArgument {
    fn new(pointer: impl Into<String>, problem: &'static str, accepted: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), problem, accepted: accepted.into() }
    }
}

type Fields<'a> = BTreeMap<String, &'a RawValue>;

impl MetaTool {
    /// The tool of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Find, Self::Run, Self::Explain].into_iter().find(|tool| tool.name() == name)
    }

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Find => "find_tools",
            Self::Run => "run_tool",
            Self::Explain => "explain_rule",
        }
    }

    /// Calls it.
    pub(crate) fn call<'a>(self, arguments: Option<&'a RawValue>, scope: &Scope) -> Result<Step<'a>, BadArgument> {
        match self {
            Self::Find => {
                let fields = fields(arguments, &["query", "limit"])?;
                find(&required_text(&fields, "query")?, limit(&fields)?, scope)
            }
            Self::Run => {
                let fields = fields(arguments, &["name", "arguments"])?;
                run(&required_text(&fields, "name")?, fields.get("arguments").copied(), scope)
            }
            Self::Explain => {
                let fields = fields(arguments, &["rule"])?;
                explain(&required_text(&fields, "rule")?, scope)
            }
        }
    }
}

fn find<'a>(query: &str, limit: usize, scope: &Scope) -> Result<Step<'a>, BadArgument> {
    if query.chars().count() > MAX_QUERY_CHARS {
        return Err(BadArgument::new("/query", "is too long", format!("at most {MAX_QUERY_CHARS} characters")));
    }
    let mut text = String::new();
    let mut tools = Vec::new();
    for tool in find_tools(query, scope, limit) {
        let Some(Entry { title, description, input_schema, .. }) = tool.entry() else { continue };
        let output_schema = tool.output_schema().filter(|_| scope.has_full_schemas());
        let plain = |raw: Option<&'static RawValue>| Params::text(raw).unwrap_or_default();
        let _ = write!(text, "\n{}: {}. {}\n", tool.name, plain(title), plain(Some(description)));
        let _ = writeln!(text, "inputSchema: {input_schema}");
        let mut hit =
            json!({ "name": tool.name, "title": title, "description": description, "inputSchema": input_schema });
        if let Some(output_schema) = output_schema {
            let _ = writeln!(text, "outputSchema: {output_schema}");
            hit["outputSchema"] = json!(output_schema);
        }
        tools.push(hit);
    }
    let text = if tools.is_empty() {
        let mut text = "no tool fits these words; say the task in other words. There are tools for:".to_owned();
        for category in Category::ALL.iter().filter(|category| scope.has(**category)) {
            let _ = write!(text, "\n- {category}: {}", category.row().summary);
        }
        text
    } else {
        format!("{} of {} tools, best first; call one with run_tool\n{text}", tools.len(), scope.tools().count())
    };
    Ok(Step::Answer(text.trim_end().to_owned(), json!({ "tools": tools }).to_string()))
}

fn run<'a>(name: &str, arguments: Option<&'a RawValue>, scope: &Scope) -> Result<Step<'a>, BadArgument> {
    let Some(tool) = scope.get(name) else {
        let near = nearest(name, scope.tools().map(|tool| tool.name));
        let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        return Err(BadArgument::new("/name", "names no tool", format!("a name that find_tools gives{hint}")));
    };
    let arguments = arguments.filter(|raw| raw.get() != "null");
    if arguments.is_some_and(|raw| !raw.get().starts_with('{')) {
        let accepted = "an object, written as JSON and not as a string of it";
        return Err(BadArgument::new("/arguments", "is not an object", accepted));
    }
    Ok(Step::Run(tool, arguments))
}

fn explain<'a>(name: &str, scope: &Scope) -> Result<Step<'a>, BadArgument> {
    let pages = rules::find(name, scope);
    if pages.is_empty() {
        let near = rules::meant(name, scope);
        let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        let accepted = format!("the rule id of a finding, such as DL3006 or docker/DL3006{hint}");
        return Err(BadArgument::new("/rule", "names no rule", accepted));
    }
    let text = pages.iter().map(Rule::to_markdown).collect::<Vec<_>>().join("\n");
    Ok(Step::Answer(text.trim_end().to_owned(), json!({ "rules": pages }).to_string()))
}

fn fields<'a>(arguments: Option<&'a RawValue>, known: &[&str]) -> Result<Fields<'a>, BadArgument> {
    let Some(raw) = arguments.filter(|raw| raw.get() != "null") else { return Ok(Fields::new()) };
    let list = known.join(", ");
    let fields: Fields<'a> = serde_json::from_str(raw.get())
        .map_err(|_| BadArgument::new("", "is not a JSON object", format!("an object with {list}")))?;
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        None => Ok(fields),
        Some(stranger) => {
            // Only a name as ours are is repeated.
            let plain = stranger.len() <= 40 && stranger.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let pointer = if plain { format!("/{stranger}") } else { String::new() };
            let problem = if plain { "is not a field of this tool" } else { "has a field that this tool has not" };
            let hint = nearest(stranger, known.iter().copied());
            let hint = hint.map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
            Err(BadArgument::new(pointer, problem, format!("{list}{hint}")))
        }
    }
}

fn required_text<'a>(fields: &Fields<'a>, name: &str) -> Result<Cow<'a, str>, BadArgument> {
    let raw =
        fields.get(name).ok_or_else(|| BadArgument::new(format!("/{name}"), "is missing", "this field is required"))?;
    Params::text(Some(raw)).ok_or_else(|| BadArgument::new(format!("/{name}"), "is not a string", "a string"))
}

fn limit(fields: &Fields<'_>) -> Result<usize, BadArgument> {
    let Some(raw) = fields.get("limit").filter(|raw| raw.get() != "null") else { return Ok(DEFAULT_LIMIT) };
    let accepted = format!("a whole number from 1 to {MAX_LIMIT}");
    match raw.get().parse::<usize>() {
        Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        Ok(_) => Err(BadArgument::new("/limit", "is out of range", accepted)),
        Err(_) => Err(BadArgument::new("/limit", "is not a whole number in range", accepted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_catalog::{Selection, Shape, list};

    fn call(tool: MetaTool, arguments: &str) -> Result<(String, serde_json::Value), BadArgument> {
        let raw: Box<RawValue> = serde_json::from_str(arguments).expect("test JSON");
        match tool.call(Some(&raw), &Scope::default())? {
            Step::Answer(text, json) => Ok((text, serde_json::from_str(&json).expect("JSON"))),
            Step::Run(tool, arguments) => Ok((tool.name.to_owned(), json!(arguments))),
        }
    }

    #[test]
    fn bad_arguments_are_named_by_pointer() {
        for (tool, arguments, pointer, must_say) in [
            (MetaTool::Find, "{}", "/query", "is missing"),
            (MetaTool::Find, "[]", "", "is not a JSON object"),
            (MetaTool::Find, r#"{"qurey":"x"}"#, "/qurey", "did you mean \"query\"?"),
            (MetaTool::Find, r#"{"a b":1}"#, "", "accepted: query, limit"),
            (MetaTool::Find, r#"{"query":5}"#, "/query", "is not a string"),
            (MetaTool::Find, r#"{"query":"x","limit":11}"#, "/limit", "from 1 to 10"),
            (MetaTool::Find, r#"{"query":"x","limit":0}"#, "/limit", "out of range"),
            (MetaTool::Find, r#"{"query":"x","limit":"5"}"#, "/limit", "whole number"),
            (MetaTool::Run, "{}", "/name", "is missing"),
            (MetaTool::Run, r#"{"name":"lint_dockerfile"}"#, "/name", "did you mean docker_lint_dockerfile?"),
            (MetaTool::Run, r#"{"name":"find_tools"}"#, "/name", "names no tool"),
            (MetaTool::Run, r#"{"name":"docker_lint_dockerfile","arguments":"{}"}"#, "/arguments", "is not an object"),
            (MetaTool::Explain, "{}", "/rule", "is missing"),
            (MetaTool::Explain, r#"{"rule":"docker/DL30066"}"#, "/rule", "did you mean docker/DL3006?"),
            (MetaTool::Explain, r#"{"rule":""}"#, "/rule", "names no rule"),
        ] {
            let error = call(tool, arguments).expect_err(arguments);
            assert_eq!(error.pointer, pointer, "{arguments}");
            assert!(error.to_string().contains(must_say), "{arguments}: {error}");
        }
        let long = format!(r#"{{"query":"{}"}}"#, "x".repeat(MAX_QUERY_CHARS + 1));
        assert!(call(MetaTool::Find, &long).is_err_and(|error| error.pointer == "/query"));
    }

    #[test]
    fn text_and_structure_say_the_same() {
        let (text, structured) = call(MetaTool::Find, r#"{"query":"lint a Dockerfile","limit":2}"#).expect("an answer");
        let tools = structured["tools"].as_array().expect("tools");
        assert_eq!(tools[0]["name"], "docker_lint_dockerfile");
        for tool in tools {
            for part in ["name", "title", "description"] {
                assert!(text.contains(tool[part].as_str().unwrap_or_default()), "{part}: {text}");
            }
            assert_eq!(tool["inputSchema"]["type"], "object");
        }
        let (text, structured) = call(MetaTool::Explain, r#"{"rule":"dl3006"}"#).expect("an answer");
        assert_eq!(structured["rules"][0]["rule"], "docker/DL3006");
        assert!(text.starts_with("# docker/DL3006"), "{text}");
        let (text, structured) = call(MetaTool::Find, r#"{"query":"zzzz"}"#).expect("an answer");
        assert!(text.contains("\n- docker: ") && structured["tools"] == json!([]), "{text}");
    }

    #[test]
    fn run_tool_hands_its_arguments_on() {
        let (name, arguments) =
            call(MetaTool::Run, r#"{"name":"docker_lint_dockerfile","arguments":{"source":"FROM x"}}"#)
                .expect("a call");
        assert_eq!((name.as_str(), &arguments["source"]), ("docker_lint_dockerfile", &json!("FROM x")));
    }

    #[test]
    fn the_schemas_say_the_limits() {
        let surface = Selection { target: "/mcp/search", ..Selection::default() };
        let scope = Scope::select(surface).expect("the search surface");
        let tools: Vec<serde_json::Value> = serde_json::from_str(&list(Shape::Full, &scope)).expect("JSON");
        let named: Vec<_> = tools.iter().filter_map(|tool| MetaTool::from_name(tool["name"].as_str()?)).collect();
        assert_eq!(named, [MetaTool::Find, MetaTool::Run, MetaTool::Explain]);
        let fields = &tools[0]["inputSchema"]["properties"];
        assert_eq!((&fields["limit"]["minimum"], &fields["limit"]["maximum"]), (&json!(1), &json!(MAX_LIMIT)));
        let says = |field: &str, number: usize| {
            fields[field]["description"].as_str().is_some_and(|text| text.contains(&number.to_string()))
        };
        assert!(says("limit", DEFAULT_LIMIT) && says("query", MAX_QUERY_CHARS));
    }
}
