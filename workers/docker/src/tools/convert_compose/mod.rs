//! `convert_compose`: a Compose project as Kubernetes manifests, and what is lost on the way.

mod convert;
mod names;
mod probes;
mod rules;
mod volumes;

use crate::support::compose::{self, Arguments, Kind, Places};
use crate::support::yaml;
use convert::Converter;
use octavo_toolkit::limits::MAX_SOURCE_BYTES;
use octavo_toolkit::{Ctx, Finding, Report, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};

declare_tool! {
    /// Converts a Compose project to Kubernetes manifests as kompose does: a Deployment, `DaemonSet`, `StatefulSet`, Pod or
    /// `CronJob` a service, Services, Ingresses, claims, `ConfigMaps`, Secrets, scalers, and network policies where asked for.
    ///
    /// Use it when an application moves from Docker Compose to a cluster. The project is read as `docker_validate_compose`
    /// reads it, with all files that it needs; kompose's labels (`kompose.service.type` and others) are heeded.
    ///
    /// Images are not built, and folders of the host become empty volumes unless asked for.
    ///
    /// `data.manifests` is the text to apply; each key that is lost or changes its meaning is a finding.
    pub struct ConvertCompose;
    name: "convert_compose",
    title: "Convert Compose to Kubernetes",
    summary: "Converts Docker Compose files to Kubernetes manifests as kompose does, and lists what is lost. Use when moving to a cluster.",
    keywords: "kompose docker-compose kubernetes k8s migrate deployment service ingress configmap secret persistentvolumeclaim statefulset cronjob manifests yaml translate helm move cluster",
    examples: [
        "a web service" => r#"{"files":[{"path":"compose.yaml","source":"services:\n  web:\n    image: nginx:1.27\n    ports: ['8080:80']\n    environment: {MODE: fast}\n    restart: unless-stopped\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: ["OpenShift objects and Helm charts", "service groups", "building images"],
}

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Compose files and all they read.
    files: Vec<SourceFile>,
    /// Paths to merge, in order.
    #[serde(default)]
    compose: Option<Vec<String>>,
    /// NAME=value.
    #[serde(default)]
    env: Option<Vec<String>>,
    /// Active profiles.
    #[serde(default)]
    profiles: Option<Vec<String>>,
    /// Namespace of all objects.
    #[serde(default)]
    namespace: Option<String>,
    /// deployment, daemonset or statefulset.
    #[serde(default)]
    controller: Option<String>,
    /// persistentVolumeClaim, emptyDir, hostPath or configMap.
    #[serde(default)]
    volumes: Option<String>,
    /// Also `NetworkPolicies`.
    #[serde(default)]
    network_policies: Option<bool>,
}

/// An object that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Its kind.
    kind: String,
    /// Its name.
    name: String,
}

/// The manifests.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Objects, Services first.
    objects: Vec<Object>,
    /// YAML of all objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifests: Option<String>,
}

impl Tool for ConvertCompose {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let arguments = Arguments {
            files: &input.files,
            compose: input.compose.as_deref(),
            env: input.env.as_deref(),
            profiles: input.profiles.as_deref(),
        };
        let request = arguments.request(MAX_SOURCE_BYTES)?;
        check(&input)?;
        let loaded = compose::load(&request);
        let mut places = Places::of(&input.files);
        let told = loaded.issues.iter().filter(|issue| issue.kind != Kind::Unset);
        let mut findings: Vec<Finding> =
            told.map(|issue| places.put(Finding::new(&rules::COMPOSE, issue.message.clone()), issue.at)).collect();
        let Some(project) = loaded.project else {
            return Ok(
                Report::checked(findings, Data { objects: Vec::new(), manifests: None }).over_files(input.files.len())
            );
        };
        let mut converter = Converter {
            project: &project,
            model: &project.declared,
            files: &input.files,
            folder: request.folder,
            controller: input.controller.as_deref(),
            volume_kind: input.volumes.as_deref().unwrap_or("persistentVolumeClaim"),
            policies: input.network_policies == Some(true),
            found: Vec::new(),
        };
        let objects = converter.run(input.namespace.as_deref());
        let found = converter.found.into_iter();
        findings.extend(found.map(|(at, rule, message)| places.put(Finding::new(rule, message), Some(at))));
        let text: String = objects.iter().flat_map(|object| ["---\n".to_owned(), yaml::write(object)]).collect();
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let data = Data {
            objects: objects
                .iter()
                .map(|object| Object { kind: word(&object["kind"]), name: word(&object["metadata"]["name"]) })
                .collect(),
            manifests: Some(text),
        };
        Ok(Report::checked(findings, data).over_files(input.files.len()))
    }
}

fn check(input: &Input) -> Result<(), ToolError> {
    let one_of = |field: &str, value: &Option<String>, words: &[&str]| match value {
        Some(value) if !words.contains(&value.as_str()) => {
            Err(ToolError::invalid(format!("/{field}"), "is not known", words.join(", ")))
        }
        _ => Ok(()),
    };
    one_of("controller", &input.controller, &["deployment", "daemonset", "statefulset"])?;
    one_of("volumes", &input.volumes, &["persistentVolumeClaim", "emptyDir", "hostPath", "configMap"])?;
    let is_name = |name: &str| {
        !name.is_empty()
            && name.len() <= 63
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if input.namespace.as_deref().is_some_and(|name| !is_name(name)) {
        return Err(ToolError::invalid(
            "/namespace",
            "is no name of a namespace",
            "up to 63 small letters, digits and dashes",
        ));
    }
    Ok(())
}
