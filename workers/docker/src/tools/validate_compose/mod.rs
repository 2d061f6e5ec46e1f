//! `validate_compose`: Compose files as `docker compose config` reads them, and dclint's rules over each.

mod lint;
mod rules;

use crate::support::compose::{self, Arguments, DEFAULT_FOLDER, Kind, MAX_OPTION_BYTES, Places, Request};
use crate::support::yaml::{self, Dialect};
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{Ctx, Finding, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};

declare_tool! {
    /// Reads a Compose project as `docker compose config` does: variables with `.env`, includes, extends, several files laid
    /// over each other with `!reset` and `!override`, profiles, the Compose schema, short forms, environment and label files;
    /// then checks references, circles and settings that exclude each other, and dclint's rules on each file.
    ///
    /// Use it when a Compose file is written or changed, or to see what several files come to. Send every file the project
    /// reads, with its path.
    ///
    /// No file system is read: a file that is not sent is missing. Remote includes are not fetched.
    ///
    /// Findings have lines and columns. Where nothing is wrong, `data.config` is the canonical form, equal to that of
    /// `docker compose config`.
    pub struct ValidateCompose;
    name: "validate_compose",
    title: "Validate Compose files",
    summary: "Validates Docker Compose files and gives the merged canonical form of `docker compose config`.",
    keywords: "variables includes extends overrides profiles schema references docker-compose.yml compose.yaml override merge extends include env_file .env interpolation profiles services volumes networks ports depends_on cycle yaml anchor config dclint secrets schema canonical expand resolve",
    examples: [
        "an override file" => r#"{"files":[{"path":"compose.yaml","source":"services:\n  web:\n    image: nginx:${TAG:-1.27}\n    ports: ['8080:80']\n"},{"path":"compose.override.yaml","source":"services:\n  web:\n    environment: {DEBUG: \"1\"}\n"}]}"#,
        "mistakes" => r#"{"files":[{"path":"compose.yaml","source":"services:\n  web:\n    image: nginx:1.27\n    depends_on: [db]\n    restrat: always\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: ["remote includes (git, OCI)", "images and Dockerfiles", "Windows path conversion"],
}

/// Longest file, in bytes: some thirty times the longest public Compose file.
const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Longest canonical form that is given, in bytes.
const MAX_CONFIG_BYTES: usize = 4 * 1024 * 1024;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Compose files and all they read, `.env` too.
    files: Vec<SourceFile>,
    /// Paths to merge, in order. Default: compose.yaml and its override.
    #[serde(default)]
    compose: Option<Vec<String>>,
    /// NAME=value, over .env.
    #[serde(default)]
    env: Option<Vec<String>>,
    /// Active profiles.
    #[serde(default)]
    profiles: Option<Vec<String>>,
    /// Project name.
    #[serde(default)]
    project: Option<String>,
    /// Absolute project folder. Default /project.
    #[serde(default)]
    directory: Option<String>,
}

/// What the files come to.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Name of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Services that would run.
    services: Vec<String>,
    /// Services that no active profile turns on.
    disabled: Vec<String>,
    /// Canonical form, YAML, as `docker compose config` prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<String>,
}

impl Tool for ValidateCompose {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let request = read(&input)?;
        let loaded = compose::load(&request);
        let mut places = Places::of(&input.files);
        let mut findings: Vec<Finding> = loaded
            .issues
            .iter()
            .map(|issue| places.put(Finding::new(rule(issue.kind), issue.message.clone()), issue.at))
            .collect();
        for file in input.files.iter().filter(|file| is_yaml(&file.path)) {
            let stream = yaml::load(&file.source, Dialect::Compose);
            let document = stream
                .documents
                .first()
                .filter(|document| stream.problems.is_empty() && document.root.get("services").is_some());
            if let Some(document) = document {
                findings.extend(
                    lint::check(&file.source, &document.root).into_iter().map(|found| found.in_file(&file.path)),
                );
            }
        }
        let data = match loaded.project {
            Some(project) => {
                let services = project.form.get("services").and_then(serde_json::Value::as_object);
                let config = yaml::write(&project.form).replace('$', "$$");
                Data {
                    services: services.into_iter().flat_map(|map| map.keys().cloned()).collect(),
                    project: Some(project.name),
                    disabled: project.disabled,
                    config: Some(config).filter(|config| config.len() <= MAX_CONFIG_BYTES),
                }
            }
            None => Data { project: None, services: Vec::new(), disabled: Vec::new(), config: None },
        };
        Ok(Report::checked(findings, data).over_files(input.files.len()))
    }
}

fn read(input: &Input) -> Result<Request<'_>, ToolError> {
    let arguments = Arguments {
        files: &input.files,
        compose: input.compose.as_deref(),
        env: input.env.as_deref(),
        profiles: input.profiles.as_deref(),
    };
    let request = arguments.request(MAX_FILE_BYTES)?;
    let folder = input.directory.as_deref().unwrap_or(DEFAULT_FOLDER);
    check_bytes("/directory", folder, MAX_OPTION_BYTES)?;
    if !folder.starts_with('/') {
        return Err(ToolError::invalid("/directory", "is not absolute", "a folder such as \"/srv/shop\""));
    }
    let name = input.project.as_deref();
    check_bytes("/project", name.unwrap_or_default(), MAX_OPTION_BYTES)?;
    Ok(Request { name, folder, ..request })
}

fn is_yaml(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("yml") || end.eq_ignore_ascii_case("yaml"))
}

fn rule(kind: Kind) -> &'static Rule {
    match kind {
        Kind::Yaml => &rules::YAML,
        Kind::Schema => &rules::SCHEMA,
        Kind::Interpolation => &rules::INTERPOLATION,
        Kind::Unset => &rules::UNSET,
        Kind::File => &rules::FILE,
        Kind::Extends => &rules::EXTENDS,
        Kind::Value => &rules::VALUE,
        Kind::Reference => &rules::REFERENCE,
        Kind::Cycle => &rules::CYCLE,
        Kind::Conflict => &rules::CONFLICT,
        Kind::Name => &rules::NAME,
    }
}
