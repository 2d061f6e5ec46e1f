//! `validate_manifests`: objects against the fields, kinds and API versions of one version of Kubernetes.
//!
//! This file declares the tool and decides what an object is checked against; `fields` does it for Kubernetes' own kinds,
//! `custom` for those that the input defines, `values` holds what schemas do not say.

mod custom;
mod fields;
mod rules;
mod values;
mod walk;

use crate::support::kubernetes::deprecation::Deprecation;
use crate::support::kubernetes::minor_argument;
use crate::support::kubernetes::objects::{Manifests, Object};
use crate::support::kubernetes::schema::{MINORS, Schemas, Type};
use crate::support::yaml::Node;
use custom::Version;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest::nearest;
use octavo_toolkit::{Ctx, Edit, Finding, Level, Report, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use walk::Walk;

declare_tool! {
    /// Checks Kubernetes manifests strictly against the fields that one version of Kubernetes has: unknown and misspelt
    /// fields, wrong types, missing fields, words and numbers that the API server refuses, quantities, base64, names, and API
    /// versions that are deprecated or no longer served.
    ///
    /// Use it before applying manifests and before upgrading a cluster: call once with the version of today and once with that
    /// of tomorrow. Versions 1.30 to 1.37 are known. Custom kinds are checked when their CustomResourceDefinition is among the
    /// texts; render templates first.
    ///
    /// The data counts the objects and lists the API versions in use with what becomes of them. An unquoted value that must be
    /// a string carries a fix, and so does an old API version whose object is valid under the new one.
    pub struct ValidateManifests;
    name: "validate_manifests",
    title: "Validate Kubernetes manifests",
    summary: "Validates Kubernetes YAML strictly against version 1.30-1.37: unknown fields, types, removed and deprecated APIs, CRDs in the input. Use before apply or a cluster upgrade.",
    keywords: "helm templates rendered kubeconform kubeval kubectl apply dry-run schema pluto kube-no-trouble deprecated removed api version upgrade custom resource definition crd yaml deployment service ingress unknown field typo strict manifest k8s",
    examples: [
        "a typo, a number that must be a string, and an API that is gone" => r#"{"source":"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replica: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n        env: [{name: PORT, value: 8080}]\n---\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n","kubernetesVersion":"1.33"}"#,
        "a custom kind with its definition" => r#"{"files":[{"path":"crd.yaml","source":"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: pets.shop.example}\nspec:\n  group: shop.example\n  scope: Namespaced\n  names: {kind: Pet, plural: pets}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            required: [legs]\n            properties: {legs: {type: integer, minimum: 0}}\n"},{"path":"rex.yaml","source":"apiVersion: shop.example/v1\nkind: Pet\nmetadata: {name: rex}\nspec: {lges: 4}\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "admission webhooks, quotas and what is in the cluster",
        "rules between fields that only the API server knows (immutability, one-of volumes)",
        "CustomResourceDefinitions that are not in the input",
    ],
}

/// Most findings kept: what a report can show, ten times over.
const MAX_FINDINGS: usize = 10_000;

/// Most rows of the data's list of API versions: there are some 200 kinds.
const MAX_APIS: usize = 500;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// YAML or JSON documents.
    #[serde(default)]
    source: Option<String>,
    /// Or several files.
    #[serde(default)]
    files: Option<Vec<SourceFile>>,
    /// 1.30 to 1.37 (default).
    #[serde(default)]
    kubernetes_version: Option<String>,
    /// Unknown fields are errors; default true.
    #[serde(default)]
    strict: Option<bool>,
}

/// What was found of the objects as a whole.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The version that was checked against.
    kubernetes_version: String,
    /// Objects without an error.
    valid: usize,
    /// Objects with one.
    invalid: usize,
    /// Objects of kinds without a schema here, which were not checked.
    unknown: usize,
    /// The API versions and kinds in use.
    apis: Vec<Api>,
}

/// One kind under one API version.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "apiVersion is what Kubernetes calls it")]
pub struct Api {
    /// `apps/v1`.
    api_version: String,
    /// `Deployment`.
    kind: String,
    /// How many objects.
    objects: usize,
    /// What becomes of it.
    status: Status,
    /// What to use instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<String>,
}

/// What a version makes of an API version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Served.
    Served,
    /// Served, with a warning.
    Deprecated,
    /// No longer served.
    Removed,
    /// Defined by the input.
    Custom,
    /// Not known here.
    Unknown,
}

impl Tool for ValidateManifests {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let accepted = MINORS[0]..=MINORS[MINORS.len() - 1];
        let minor = minor_argument("/kubernetesVersion", input.kubernetes_version.as_deref(), accepted)?;
        let mut manifests = Manifests::read(input.source.as_deref(), input.files.as_deref())?;
        let mut findings = std::mem::take(&mut manifests.findings);
        let definitions = custom::definitions(&manifests.objects);
        let mut check = Check {
            manifests: &manifests,
            schemas: Schemas::of_minor(minor),
            definitions,
            minor,
            strict: input.strict.unwrap_or(true),
            unchecked: custom::Unchecked::default(),
            apis: BTreeMap::new(),
        };
        let mut data =
            Data { kubernetes_version: format!("1.{minor}"), valid: 0, invalid: 0, unknown: 0, apis: Vec::new() };
        let mut is_cut = manifests.is_cut;
        for object in &manifests.objects {
            let (status, found) = check.object(object);
            let is_invalid = found.iter().any(|finding| finding.level == Level::Error);
            match status {
                _ if is_invalid => data.invalid += 1,
                Status::Unknown => data.unknown += 1,
                Status::Served | Status::Deprecated | Status::Removed | Status::Custom => data.valid += 1,
            }
            let room = MAX_FINDINGS.saturating_sub(findings.len());
            is_cut |= found.len() > room;
            findings.extend(found.into_iter().take(room));
        }
        findings.extend(duplicates(&manifests).into_iter().take(MAX_FINDINGS));
        let unchecked = check.unchecked;
        data.apis = check.apis.into_values().take(MAX_APIS).collect();
        let files = manifests.texts.len();
        let mut report = Report::checked(findings, data).over_files(files);
        if is_cut {
            report =
                report.not_checked(format!("findings beyond the first {MAX_FINDINGS}, objects beyond the first 20000"));
        }
        if unchecked.expressions {
            report = report.not_checked("validation expressions (CEL) of the CustomResourceDefinitions");
        }
        if unchecked.rest {
            report = report.not_checked("the rest of custom objects that are very large for their definition");
        }
        if unchecked.patterns {
            report = report
                .not_checked("patterns of the CustomResourceDefinitions that use Unicode classes or are very large");
        }
        Ok(report)
    }
}

struct Check<'m, 'a> {
    manifests: &'m Manifests<'a>,
    schemas: Schemas,
    definitions: BTreeMap<(String, String), Version<'m>>,
    minor: u32,
    strict: bool,
    unchecked: custom::Unchecked,
    apis: BTreeMap<(String, String), Api>,
}

impl<'m> Check<'m, '_> {
    fn object(&mut self, object: &'m Object) -> (Status, Vec<Finding>) {
        let mut walk = Walk::new(self.manifests, object, self.strict);
        if !object.root.is_mapping() {
            walk.report(&rules::TYPE, &object.root, &format!("an object is a mapping, not {}", object.root.kind()));
            return (Status::Unknown, walk.into_found());
        }
        for (field, value, rule) in [
            ("kind", &object.kind, &rules::MISSING_KIND),
            ("apiVersion", &object.api_version, &rules::MISSING_API_VERSION),
        ] {
            if value.is_empty() {
                let node = object.root.entry(field).map_or(&object.root, |entry| &entry.key);
                walk.report(rule, node, &format!("`{field}` is missing, empty or no text"));
            }
        }
        if walk.len() > 0 {
            return (Status::Unknown, walk.into_found());
        }
        let row = Deprecation::of(&object.api_version, &object.kind);
        let key = (object.api_version.clone(), object.kind.clone());
        let mut found;
        let status;
        if let Some(definition) = self.schemas.kind(&object.api_version, &object.kind) {
            fields::check(&mut walk, &self.schemas, &object.root, definition);
            self.name(&mut walk, definition);
            found = walk.into_found();
            status = match row.filter(|row| row.is_deprecated_in(self.minor)) {
                Some(row) => {
                    found.push(self.deprecated(object, &row));
                    Status::Deprecated
                }
                None => Status::Served,
            };
        } else if let Some(version) = self.definitions.get(&key).copied() {
            let unchecked = custom::check(&mut walk, &object.root, &version);
            self.unchecked.expressions |= unchecked.expressions;
            self.unchecked.patterns |= unchecked.patterns;
            self.unchecked.rest |= unchecked.rest;
            found = walk.into_found();
            status = self.custom_status(object, &version, &mut found);
        } else if let Some(row) = row {
            found = walk.into_found();
            let (finding, gone) = self.removed(object, &row);
            found.push(finding);
            status = gone;
        } else {
            found = walk.into_found();
            found.push(self.unknown(object));
            status = Status::Unknown;
        }
        let known = self.apis.entry(key).or_insert_with(|| Api {
            api_version: excerpt(&object.api_version),
            kind: excerpt(&object.kind),
            objects: 0,
            status,
            replacement: row.and_then(|row| row.replacement).filter(|_| status != Status::Served).map(str::to_owned),
        });
        known.objects += 1;
        (status, found)
    }

    // The server wants a name, or what to make one of, for everything that it keeps.
    fn name(&self, walk: &mut Walk<'m, '_>, definition: usize) {
        let object = walk.object;
        let known = self.schemas.definition(definition);
        let metadata = known.as_ref().and_then(|known| known.fields.get("metadata"));
        let Some(Type::Definition(at)) = metadata.map(|field| &field.kind) else { return };
        let is_kept = self.schemas.name(*at).ends_with(".ObjectMeta") && !object.kind.ends_with("Review");
        if !is_kept || matches!(object.kind.as_str(), "Eviction" | "TokenRequest") {
            return;
        }
        let name = object.at(&["metadata", "name"]);
        match name.and_then(Node::as_str) {
            Some("") | None if object.name.is_empty() => {
                let node = name.or(object.at(&["metadata"])).unwrap_or(&object.root);
                walk.report(&rules::NAME, node, "has neither `metadata.name` nor `metadata.generateName`");
            }
            Some(text) if !text.is_empty() => {
                if let (Some(problem), Some(node)) = (values::name_problem(object.group(), &object.kind, text), name) {
                    walk.report(&rules::NAME, node, &format!("the name {:?} {problem}", excerpt(text)));
                }
            }
            Some(_) | None => {}
        }
    }

    fn at_api_version(&self, object: &Object, rule: &octavo_toolkit::Rule, message: String) -> Finding {
        let node = object.root.get("apiVersion").unwrap_or(&object.root);
        self.manifests.finding_in(object, rule, node, message)
    }

    fn deprecated(&self, object: &Object, row: &Deprecation) -> Finding {
        let until = row.removed.map(|version| format!(" and gone in {version}")).unwrap_or_default();
        let message = format!(
            "{}: {} is deprecated since {}{until}{}",
            object.title(),
            excerpt(&object.api_version),
            row.deprecated.unwrap_or("long"),
            instead(row),
        );
        self.moved(object, row, self.at_api_version(object, &rules::DEPRECATED_API, message))
    }

    fn removed(&self, object: &Object, row: &Deprecation) -> (Finding, Status) {
        let version = row.removed.or(row.deprecated).unwrap_or("an earlier version");
        let (title, api) = (object.title(), excerpt(&object.api_version));
        if row.component != "k8s" {
            let message = format!("{title}: {api} is gone since {} {version}{}", row.component, instead(row));
            let finding = self.at_api_version(object, &rules::DEPRECATED_API, message);
            return (finding, Status::Unknown);
        }
        let message = if row.is_removed_in(self.minor) {
            format!("{title}: {api} is gone since {version}{}", instead(row))
        } else {
            format!("{title}: 1.{} does not serve {api}{}", self.minor, instead(row))
        };
        (self.moved(object, row, self.at_api_version(object, &rules::REMOVED_API, message)), Status::Removed)
    }

    // The fix: the new API version, where the object is then as it should be.
    fn moved(&self, object: &Object, row: &Deprecation, finding: Finding) -> Finding {
        let same_group = row.replacement.and_then(|replacement| self.schemas.kind(replacement, &object.kind));
        let (Some(replacement), Some(definition), Some(node)) =
            (row.replacement, same_group, object.root.get("apiVersion"))
        else {
            return finding;
        };
        let mut walk = Walk::new(self.manifests, object, true);
        fields::check(&mut walk, &self.schemas, &object.root, definition);
        let is_plain =
            walk.written(node).is_some_and(|written| written.trim_matches(['"', '\'']) == object.api_version);
        // An empty selector takes no pod under policy/v1beta1 and every pod under policy/v1.
        let means_the_same = object.kind != "PodDisruptionBudget"
            || object.at(&["spec", "selector"]).is_some_and(|selector| !selector.entries().is_empty());
        if walk.len() > 0 || !is_plain || !means_the_same {
            return finding;
        }
        match self.manifests.range(object.file, &node.span) {
            Some(range) => {
                let edit = Edit { range, new_text: replacement.to_owned() };
                finding.with_fix(format!("Use {replacement}"), vec![edit])
            }
            None => finding,
        }
    }

    fn custom_status(&self, object: &Object, version: &Version<'_>, found: &mut Vec<Finding>) -> Status {
        let (title, api) = (object.title(), excerpt(&object.api_version));
        if !version.served {
            let message = format!("{title}: the definition does not serve {api}");
            found.push(self.at_api_version(object, &rules::REMOVED_API, message));
            return Status::Removed;
        }
        if let Some(warning) = version.deprecated {
            let warning = if warning.is_empty() { String::new() } else { format!(": {}", excerpt(warning)) };
            let message = format!("{title}: {api} is deprecated by its definition{warning}");
            found.push(self.at_api_version(object, &rules::DEPRECATED_API, message));
        }
        Status::Custom
    }

    fn unknown(&self, object: &Object) -> Finding {
        let (title, api) = (object.title(), excerpt(&object.api_version));
        let group = object.group();
        let node = object.root.get("kind").unwrap_or(&object.root);
        let find = |message: String| self.manifests.finding_in(object, &rules::UNKNOWN_KIND, node, message);
        let in_group = |served: &str| served.rsplit_once('/').map_or("", |(group, _)| group) == group;
        let defined = self.definitions.keys().any(|(other, kind)| {
            *kind == object.kind && other.rsplit_once('/').is_some_and(|(other, _)| other == group)
        });
        if defined {
            let message = format!("{title}: its definition has no version {api}");
            return find(message).with_level(Level::Error);
        }
        let minors = self.schemas.minors(&object.api_version, &object.kind);
        if let (Some(first), Some(last)) = (minors.first(), minors.last()) {
            let message = format!("{title}: 1.{} does not serve {api}; 1.{first} to 1.{last} do", self.minor);
            return find(message).with_level(Level::Error);
        }
        if !self.schemas.all().any(|(served, _)| in_group(served)) {
            return find(format!(
                "{title}: no schema for {api}; not checked. Add its CustomResourceDefinition to the input"
            ));
        }
        let served = self.schemas.served(&object.api_version, &object.kind);
        let message = if served.is_empty() {
            let kinds = self.schemas.all().filter(|(api, _)| *api == object.api_version).map(|(_, kind)| kind);
            let near = nearest(&object.kind, kinds).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("{title}: 1.{} has no kind {} under {api}{near}", self.minor, excerpt(&object.kind))
        } else {
            format!(
                "{title}: 1.{} serves {} not under {api} but under {}",
                self.minor,
                excerpt(&object.kind),
                served.join(", ")
            )
        };
        find(message).with_level(Level::Error)
    }
}

fn instead(row: &Deprecation) -> String {
    match (row.replacement, row.since) {
        (Some(replacement), Some(since)) => format!("; use {replacement}, served since {since}"),
        (Some(replacement), None) => format!("; use {replacement}"),
        (None, _) => "; there is no replacement".to_owned(),
    }
}

// Objects that stand twice, by group, kind, namespace and name.
fn duplicates(manifests: &Manifests<'_>) -> Vec<Finding> {
    let mut seen: BTreeMap<(&str, &str, &str, &str), &Object> = BTreeMap::new();
    let mut found = Vec::new();
    for object in &manifests.objects {
        let name = object.at(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default();
        if name.is_empty() || object.kind.is_empty() {
            continue;
        }
        let key = (object.group(), object.kind.as_str(), object.namespace_or_default(), name);
        let Some(first) = seen.get(&key) else {
            seen.insert(key, object);
            continue;
        };
        let line = manifests.range(first.file, &first.root.span).map_or(0, |range| range.start.line);
        let place = match manifests.texts.get(first.file).and_then(|text| text.path) {
            Some(path) if first.file != object.file => format!("{} line {line}", excerpt(path)),
            _ => format!("line {line}"),
        };
        let node = object.at(&["metadata", "name"]).unwrap_or(&object.root);
        let message = format!("{} already stands in {place}; this one takes its place", object.title());
        found.push(manifests.finding_in(object, &rules::DUPLICATE_OBJECT, node, message));
    }
    found
}
