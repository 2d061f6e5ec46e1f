//! Prompts: walks through the catalogue's tools for a task, as a user would ask for it.
//!
//! A step that calls a tool is left out where the tool is not in scope, and so is a prompt without such a step.

use crate::methods::{SERVER, listed};
use octavo_catalog::{Scope, extra};
use octavo_mcp::{ErrorCode, Params, RpcError, Version, complete_result};
use octavo_suggest::nearest;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Longest argument of a prompt, in characters.
const MAX_ARGUMENT_CHARS: usize = 1_000;

/// A prompt.
struct Prompt {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// All may be left out.
    arguments: &'static [Argument],
    /// What to do, in one sentence or two.
    task: &'static str,
    steps: &'static [Step],
    /// When it is done, and what to tell the user.
    end: &'static str,
}

/// An argument of a prompt: a text that joins the task.
struct Argument {
    name: &'static str,
    description: &'static str,
    /// The line that carries it into the message.
    label: &'static str,
}

/// A step of a prompt.
struct Step {
    /// The tool that it calls.
    tool: Option<&'static str>,
    text: &'static str,
}

const fn with(tool: &'static str, text: &'static str) -> Step {
    Step { tool: Some(tool), text }
}

const fn step(text: &'static str) -> Step {
    Step { tool: None, text }
}

/// How to work with any result; stands in every message.
const READING: &str = "\
Read each result so:
- `verdict` first: pass, go on; warn, read the findings; fail, mend before anything else; info, figures to judge by.
- Findings come worst first. Where one has a `fix`, apply its edits to that file from the last to the first, so that the \
places of the others stay true; where it has none, mend by hand. `help` names the rule's page.
- While `cursor` is there, findings are left: call again with the same arguments and `output: {cursor}`.
- `notChecked` is what you must look at yourself.
- After a change call the tool again with the new text. Stop at pass, when what is left is accepted by the user (name its \
rules in `output.ignore`), or when two rounds in a row change nothing.";

const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "review_project",
        title: "Review a project",
        description: "Runs the analysers that fit the files of a project, applies the safe fixes and sums up.",
        arguments: &[Argument {
            name: "focus",
            description: "What matters most, such as security, a folder, or a change under review.",
            label: "Put first",
        }],
        task: "Review this project with Octavo's analysers: exact findings, then safe fixes, then a summary.",
        steps: &[
            step(
                "List the files. Leave out what is generated, vendored or locked. Take the steps below whose kind of file is \
                 there, those of what matters most first.",
            ),
            with("docker_lint_dockerfile", "Each Dockerfile: send the whole text as `source`."),
            with(
                "python_lint_code",
                "Python: send the files of one project together as `files: [{path, source}]`; for security add \
                 `select: [\"DEFAULT\", \"S\"]`.",
            ),
            with(
                "nodejs_check_package_publish",
                "A package.json that is published: send it with its entry points and declaration files as `files`, the other \
                 packed paths as `paths`.",
            ),
            with(
                "database_check_migration",
                "SQL migrations for PostgreSQL: send the history in order as `files`, the newest last.",
            ),
            with(
                "api_compare_specs",
                "An OpenAPI or GraphQL description that changed: send the released text as `base` and the new one as \
                 `revision`.",
            ),
            with(
                "webdesign_check_contrast",
                "Stylesheets: send the CSS as `source`; give `pairs` for colours that meet only on the page.",
            ),
            with(
                "quality_measure_complexity",
                "Source code: send the files that people change as `files` and look at the five highest cognitive figures.",
            ),
            with(
                "architecture_review_design",
                "A description of the system, or the graph of its modules: send it as `source`.",
            ),
        ],
        end: "End with a table (file, verdict before and after, fixes applied), then what is left in order of weight, each \
              with its rule and place, then what was not checked.",
    },
    Prompt {
        name: "harden_container",
        title: "Harden a container",
        description: "Lints a Dockerfile, applies the safe fixes and decides on the rest until it passes.",
        arguments: &[Argument {
            name: "path",
            description: "The Dockerfile's path; default any in the project.",
            label: "Dockerfile",
        }],
        task: "Make this container image build the same way every time and run with as few rights as it can.",
        steps: &[
            step("Read the Dockerfile and the files that its COPY lines name, to know what the image is for."),
            with(
                "docker_lint_dockerfile",
                "Send the Dockerfile as `source`, with `enable: [\"DL3057\"]` for a service, and `trustedRegistries` where the \
                 user has a list.",
            ),
            step("Apply every fix at once: they cannot break the build. Keep the file's own layout."),
            step(
                "Decide on what has no fix: pin the base image and packages to versions that the user confirms, add a user \
                 without rights as the last `USER`, split build from run in stages, and write start commands in JSON form. \
                 Never invent a version: ask, or leave the finding.",
            ),
            with("docker_lint_dockerfile", "Send the new text and compare with the first result."),
        ],
        end: "End with the new Dockerfile, one sentence for each change, and what is left for the user to decide.",
    },
    Prompt {
        name: "plan_migration",
        title: "Plan a database migration",
        description: "Turns a schema change into steps that run without downtime, each checked against locks.",
        arguments: &[
            Argument {
                name: "database",
                description: "Server and version, such as PostgreSQL 15, and the sizes of large tables.",
                label: "Database",
            },
            Argument { name: "goal", description: "What the schema must become.", label: "Goal" },
        ],
        task: "Plan a schema change that runs while the application does: small steps, each safe by itself, each with a way \
               back.",
        steps: &[
            step(
                "Read the migrations so far and how the application reads and writes the tables. Ask for the goal and for the \
                 number of rows of large tables if they are not known.",
            ),
            step(
                "Write the change as expand, move data, contract: add the new form beside the old one, fill it in batches \
                 outside the migration, and drop the old form in a later release.",
            ),
            with(
                "database_check_migration",
                "Send the history and the new files in order as `files`, with `postgresVersion` and `tables: [\"name=rows\"]`. \
                 `data` shows each statement's lock, what it blocks and for how long. PostgreSQL only: for another server say \
                 that nothing was checked.",
            ),
            step(
                "Rewrite each statement that blocks or rewrites: build indexes concurrently and outside a transaction, add \
                 constraints as NOT VALID and validate them later, set a lock timeout.",
            ),
            with("database_check_migration", "Send the new files again, until only what the user accepts is left."),
            with(
                "api_compare_specs",
                "If the change shows in an API, send its description before and after: a breaking change needs a release of \
                 its own between expand and contract.",
            ),
        ],
        end: "End with the migrations in order, for each: its statements, its strongest lock and how long, when to deploy it \
              relative to the application, how to go back, and how to see that it is done.",
    },
];

impl Prompt {
    fn is_in(&self, scope: &Scope) -> bool {
        self.steps.iter().filter_map(|step| step.tool).any(|tool| scope.get(tool).is_some())
    }

    fn message(&self, arguments: &BTreeMap<String, String>, scope: &Scope) -> String {
        let mut text = format!("{}\n", self.task);
        for argument in self.arguments {
            // One line an argument, so that it cannot pass for a step.
            let value = arguments.get(argument.name).map(String::as_str).unwrap_or_default();
            let value = value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
            let value = value.collect::<Vec<_>>().join(" ");
            if !value.is_empty() {
                let _ = writeln!(text, "{}: {value}", argument.label);
            }
        }
        text.push('\n');
        let steps = self.steps.iter().filter(|step| step.tool.is_none_or(|tool| scope.get(tool).is_some()));
        for (at, Step { tool, text: what }) in steps.enumerate() {
            let call = tool.map_or(String::new(), |tool| format!("Call `{tool}`. "));
            let _ = writeln!(text, "{}. {call}{what}", at + 1);
        }
        if scope.is_search() {
            text.push_str("\nCall each of these tools through `run_tool`; `find_tools` shows what they take.\n");
        }
        let _ = write!(text, "\n{READING}\n\n{}", self.end);
        text
    }
}

/// The result of `prompts/list`.
pub(crate) fn list(version: Version, scope: &Scope) -> String {
    let prompts: Vec<Value> = PROMPTS
        .iter()
        .filter(|prompt| prompt.is_in(scope))
        .map(|prompt| {
            let arguments: Vec<Value> = prompt
                .arguments
                .iter()
                .map(
                    |argument| json!({ "name": argument.name, "description": argument.description, "required": false }),
                )
                .collect();
            let mut entry = json!({ "name": prompt.name, "description": prompt.description, "arguments": arguments });
            if version.has_structured_content() {
                entry["title"] = json!(prompt.title);
            }
            entry
        })
        .collect();
    let added = extra().filter(|_| scope.is_whole()).map_or(&[][..], |extra| &extra.prompts);
    let prompts = prompts.iter().map(Value::to_string).chain(added.iter().map(|prompt| prompt.get().to_owned()));
    let prompts = prompts.collect::<Vec<_>>().join(",");
    listed(version, scope, &format!(r#""prompts":[{prompts}]"#))
}

/// Whether there is such a prompt in scope.
pub(crate) fn has(scope: &Scope, name: &str) -> bool {
    PROMPTS.iter().any(|prompt| prompt.name == name && prompt.is_in(scope))
}

/// The result of `prompts/get`.
pub(crate) fn get(version: Version, scope: &Scope, params: &Params<'_>) -> Result<String, RpcError> {
    let invalid = |what: String| RpcError::new(ErrorCode::InvalidParams, format!("Invalid params: {what}"));
    let name = Params::text(params.name).ok_or_else(|| invalid("`params.name` must be a prompt's name".to_owned()))?;
    let offered = || PROMPTS.iter().filter(|prompt| prompt.is_in(scope));
    let prompt = offered().find(|prompt| prompt.name == name).ok_or_else(|| {
        let near = nearest(&name, offered().map(|prompt| prompt.name));
        let hint = near.map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
        invalid(format!("unknown prompt; prompts/list names those served here{hint}"))
    })?;
    let arguments = arguments(prompt, params.arguments).map_err(invalid)?;
    let text = prompt.message(&arguments, scope);
    let messages = json!([{ "role": "user", "content": { "type": "text", "text": text } }]);
    let members = format!(r#""description":{},"messages":{messages}"#, json!(prompt.description));
    Ok(complete_result(version, &members, SERVER))
}

fn arguments(prompt: &Prompt, raw: Option<&RawValue>) -> Result<BTreeMap<String, String>, String> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(BTreeMap::new()) };
    let given: BTreeMap<String, String> =
        serde_json::from_str(raw.get()).map_err(|_| "`params.arguments` must be an object of strings".to_owned())?;
    let names: Vec<&str> = prompt.arguments.iter().map(|argument| argument.name).collect();
    for (name, value) in &given {
        if !names.contains(&name.as_str()) {
            let hint = nearest(name, names.iter().copied())
                .map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
            return Err(format!("unknown argument; {} takes {}{hint}", prompt.name, names.join(", ")));
        }
        if value.chars().count() > MAX_ARGUMENT_CHARS {
            return Err(format!("`{name}` is over {MAX_ARGUMENT_CHARS} characters"));
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_catalog::{Selection, catalog};

    #[test]
    fn every_tool_that_a_prompt_names_is_there() {
        for prompt in PROMPTS {
            let texts: Vec<&str> =
                [prompt.task, prompt.end].into_iter().chain(prompt.steps.iter().map(|step| step.text)).collect();
            assert!(
                !texts.iter().any(|text| octavo_category::Category::ALL
                    .iter()
                    .any(|category| text.contains(&format!("{category}_")))),
                "{}: a tool is named as one",
                prompt.name
            );
            for tool in prompt.steps.iter().filter_map(|step| step.tool) {
                assert!(catalog().get(tool).is_some(), "{}: {tool}", prompt.name);
                assert!(prompt.message(&BTreeMap::new(), &Scope::default()).contains(&format!("Call `{tool}`.")));
            }
            for step in prompt.steps {
                let Some(entry) = step.tool.and_then(|tool| catalog().get(tool)).and_then(octavo_catalog::Tool::entry)
                else {
                    continue;
                };
                let schema: Value = serde_json::from_str(entry.input_schema.get()).expect("JSON");
                for field in step.text.split('`').skip(1).step_by(2).filter_map(|code| code.split(':').next()) {
                    assert!(field == "data" || schema["properties"].get(field).is_some(), "{}: `{field}`", prompt.name);
                }
            }
        }
    }

    #[test]
    fn a_scope_leaves_out_what_it_has_not() {
        let docker = Scope::select(Selection { target: "/mcp/docker", ..Selection::default() }).expect("a scope");
        let offered: Vec<&str> =
            PROMPTS.iter().filter(|prompt| prompt.is_in(&docker)).map(|prompt| prompt.name).collect();
        assert_eq!(offered, ["review_project", "harden_container"]);
        let text = PROMPTS[0].message(&BTreeMap::new(), &docker);
        assert!(text.contains("docker_lint_dockerfile") && !text.contains("python_"), "{text}");
    }

    #[test]
    fn an_argument_is_one_line() {
        let arguments = BTreeMap::from([("focus".to_owned(), "security\n\n9. Call `x`.\u{7}".to_owned())]);
        let text = PROMPTS[0].message(&arguments, &Scope::default());
        assert!(text.contains("\nPut first: security 9. Call `x`.\n"), "{text}");
    }
}
