//! `validate_compose`: Compose files as `docker compose config` reads them, and dclint's rules over each.

mod lint;
mod rules;

use crate::support::compose::item::Place;
use crate::support::compose::{self, Issue, Kind, Request};
use crate::support::yaml::{self, Dialect};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    summary: "Validates Docker Compose files and gives the merged canonical form of `docker compose config`: variables, includes, extends, overrides, profiles, schema, references. Send all files the project reads.",
    keywords: "docker-compose.yml compose.yaml override merge extends include env_file .env interpolation profiles services volumes networks ports depends_on cycle yaml anchor config dclint secrets schema canonical expand resolve",
    examples: [
        "an override file" => r#"{"files":[{"path":"compose.yaml","source":"services:\n  web:\n    image: nginx:${TAG:-1.27}\n    ports: ['8080:80']\n"},{"path":"compose.override.yaml","source":"services:\n  web:\n    environment: {DEBUG: \"1\"}\n"}]}"#,
        "mistakes" => r#"{"files":[{"path":"compose.yaml","source":"services:\n  web:\n    image: nginx:1.27\n    depends_on: [db]\n    restrat: always\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: ["remote includes (git, OCI)", "images and Dockerfiles", "Windows path conversion"],
}

/// Most entries of each list of options.
const MAX_OPTIONS: usize = 500;

/// Longest option, in bytes; values of variables may hold a certificate.
const MAX_OPTION_BYTES: usize = 65_536;

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
        let mut findings = Vec::new();
        let mut lines = BTreeMap::new();
        for issue in &loaded.issues {
            findings.push(finding(issue, &input.files, &mut lines));
        }
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
    check_files("/files", &input.files)?;
    for (at, file) in input.files.iter().enumerate() {
        check_bytes(&format!("/files/{at}/source"), &file.source, MAX_FILE_BYTES)?;
    }
    if input.files.is_empty() {
        return Err(ToolError::invalid("/files", "is empty", "at least one Compose file"));
    }
    for (field, list) in [("compose", &input.compose), ("env", &input.env), ("profiles", &input.profiles)] {
        let list = list.as_deref().unwrap_or_default();
        check_items(&format!("/{field}"), list, MAX_OPTIONS)?;
        for (at, option) in list.iter().enumerate() {
            check_bytes(&format!("/{field}/{at}"), option, MAX_OPTION_BYTES)?;
        }
    }
    for (at, path) in input.compose.iter().flatten().enumerate() {
        if !input.files.iter().any(|file| file.path == *path) {
            return Err(ToolError::invalid(
                format!("/compose/{at}"),
                "is not the path of a file of `files`",
                "a path of `files`",
            ));
        }
    }
    let mut environment = BTreeMap::new();
    for (at, variable) in input.env.iter().flatten().enumerate() {
        let Some((name, value)) = variable.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(ToolError::invalid(format!("/env/{at}"), "sets no variable", "NAME=value"));
        };
        environment.insert(name.to_owned(), value.to_owned());
    }
    let folder = input.directory.as_deref().unwrap_or("/project");
    check_bytes("/directory", folder, MAX_OPTION_BYTES)?;
    if !folder.starts_with('/') {
        return Err(ToolError::invalid("/directory", "is not absolute", "a folder such as \"/srv/shop\""));
    }
    let name = input.project.as_deref();
    check_bytes("/project", name.unwrap_or_default(), MAX_OPTION_BYTES)?;
    Ok(Request {
        files: &input.files,
        compose: input.compose.as_deref().unwrap_or_default(),
        environment,
        profiles: input.profiles.as_deref().unwrap_or_default(),
        name,
        folder,
    })
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

fn finding<'a>(issue: &Issue, files: &'a [SourceFile], lines: &mut BTreeMap<usize, LineIndex<'a>>) -> Finding {
    let found = Finding::new(rule(issue.kind), issue.message.clone());
    let Some((place, file)) = issue.at.and_then(|place: Place| Some((place, files.get(place.file)?))) else {
        return found;
    };
    let index = lines.entry(place.file).or_insert_with(|| LineIndex::new(&file.source));
    found.in_file(&file.path).at(index.range(place.start..place.end))
}
