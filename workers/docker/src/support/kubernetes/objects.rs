//! Manifests of a call as objects: which file and place, API version, kind, name, labels, and the pod each describes.
//!
//! Owns reading the texts and cutting lists into their items; whether an object is well-formed is `docker_validate_manifests`'
//! business, so that everything here takes what it can and leaves the rest.

use super::selector::{Labels, Operator, Requirement, Selector};
use crate::support::yaml::{self, Dialect, Node, ProblemKind};
use octavo_toolkit::input::{SourceFile, check_files};
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::{Finding, Level, LineIndex, Range, Rule, ToolError, rule_docs};

/// A text that is no YAML.
pub const YAML_SYNTAX: Rule = Rule {
    id: "yaml-syntax",
    level: Level::Error,
    summary: "A manifest is YAML or JSON that can be read.",
    docs: rule_docs!(
        why: "What cannot be parsed cannot be applied, and nothing behind the mistake was looked at.",
        wrong: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n",
        right: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        source: "https://yaml.org/spec/1.2.2/",
    ),
};

/// A key that stands twice.
pub const DUPLICATE_KEY: Rule = Rule {
    id: "duplicate-key",
    level: Level::Error,
    summary: "A key stands once in its mapping.",
    docs: rule_docs!(
        why: "Only the last one is kept, and strict decoding, which kubectl asks for, refuses the object.",
        wrong: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: one\n  k: two\n",
        right: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: two\n",
        source: "https://yaml.org/spec/1.2.2/#3213-node-comparison",
    ),
};

/// Most objects of a call: more than the largest charts render, ten times over.
pub const MAX_OBJECTS: usize = 20_000;

/// Longest text of all files together, in bytes.
pub const MAX_TOTAL_BYTES: usize = 2 * MAX_SOURCE_BYTES;

/// A text of the call.
pub struct Text<'a> {
    /// Its path, where it has one.
    pub path: Option<&'a str>,
    /// Its lines.
    pub lines: LineIndex<'a>,
}

/// One object.
pub struct Object {
    /// Which text it is in.
    pub file: usize,
    /// What it holds.
    pub root: Node,
    /// `apps/v1`; empty where there is none.
    pub api_version: String,
    /// `Deployment`; empty where there is none.
    pub kind: String,
    /// Its name, or `generateName`; empty where there is none.
    pub name: String,
    /// Its namespace as written; empty where there is none.
    pub namespace: String,
}

/// The objects of a call, and what was wrong with the texts.
pub struct Manifests<'a> {
    /// The texts.
    pub texts: Vec<Text<'a>>,
    /// The objects, in order.
    pub objects: Vec<Object>,
    /// Findings of `yaml-syntax` and `duplicate-key`.
    pub findings: Vec<Finding>,
    /// Whether there were more objects than are kept.
    pub is_cut: bool,
}

impl<'a> Manifests<'a> {
    /// Reads the texts of a call: `source`, `files`, or both.
    pub fn read(source: Option<&'a str>, files: Option<&'a [SourceFile]>) -> Result<Self, ToolError> {
        let mut sources: Vec<(Option<&str>, &str)> = Vec::new();
        if let Some(source) = source {
            check_bytes("/source", source, MAX_SOURCE_BYTES)?;
            sources.push((None, source));
        }
        if let Some(files) = files {
            check_files("/files", files)?;
            sources.extend(files.iter().map(|file| (Some(file.path.as_str()), file.source.as_str())));
        }
        if source.is_none() && files.is_none() {
            return Err(ToolError::invalid(
                "",
                "have no manifest",
                "`source` with YAML, or `files` with paths and texts",
            ));
        }
        let total = sources.iter().map(|(_, text)| text.len()).sum::<usize>();
        if total > MAX_TOTAL_BYTES {
            return Err(ToolError::too_large("/files", total, MAX_TOTAL_BYTES, "bytes in all"));
        }
        let mut manifests = Self { texts: Vec::new(), objects: Vec::new(), findings: Vec::new(), is_cut: false };
        for (path, text) in sources {
            manifests.add(path, text);
        }
        Ok(manifests)
    }

    fn add(&mut self, path: Option<&'a str>, source: &'a str) {
        let file = self.texts.len();
        let stream = yaml::load(source, Dialect::Kubernetes);
        self.texts.push(Text { path, lines: LineIndex::new(source) });
        for problem in stream.problems {
            let rule = match problem.kind {
                ProblemKind::DuplicateKey => &DUPLICATE_KEY,
                ProblemKind::Syntax | ProblemKind::Limit | ProblemKind::Meaning => &YAML_SYNTAX,
            };
            let mut message = problem.message;
            if problem.kind == ProblemKind::Syntax && is_template(source, problem.span.start) {
                message.push_str("; this is a template: render it first (helm template, kustomize build)");
            }
            let finding = self.finding(file, rule, &problem.span, message);
            self.findings.push(finding);
        }
        for document in stream.documents {
            self.add_object(file, document.root);
        }
    }

    // A `List` is its items; so is a list of objects that an array is.
    fn add_object(&mut self, file: usize, root: Node) {
        if root.is_null() {
            return;
        }
        let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
        if text("kind") == "List" && text("apiVersion") == "v1" {
            let items = root.get("items").map_or(&[][..], Node::items).to_vec();
            for item in items {
                self.add_object(file, item);
            }
            return;
        }
        if self.objects.len() == MAX_OBJECTS {
            self.is_cut = true;
            return;
        }
        let metadata = |key: &str| {
            let value = root.at(&["metadata", key]).and_then(Node::scalar_text);
            value.map(std::borrow::Cow::into_owned).unwrap_or_default()
        };
        let name = Some(metadata("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| metadata("generateName"));
        let (api_version, kind) = (text("apiVersion").to_owned(), text("kind").to_owned());
        let namespace = metadata("namespace");
        self.objects.push(Object { file, root, api_version, kind, name, namespace });
    }

    /// Cuts lists of one kind (`PodList`), as `kubectl get -o yaml` of older servers and the API itself give them, into their
    /// items too; items of such a list need not say their kind.
    #[must_use]
    pub fn with_typed_lists_cut(mut self) -> Self {
        let objects = std::mem::take(&mut self.objects);
        for object in objects {
            let item_kind = object.kind.strip_suffix("List").filter(|kind| !kind.is_empty()).map(str::to_owned);
            let (Some(item_kind), Some(items)) =
                (item_kind, object.root.get("items").filter(|items| items.is_sequence()))
            else {
                self.objects.push(object);
                continue;
            };
            for item in items.items() {
                let before = self.objects.len();
                self.add_object(object.file, item.clone());
                if let Some(added) =
                    self.objects.get_mut(before).filter(|added| added.kind.is_empty() && added.api_version.is_empty())
                {
                    added.kind.clone_from(&item_kind);
                    added.api_version.clone_from(&object.api_version);
                }
            }
        }
        self
    }

    /// The range of a span in a text.
    pub fn range(&self, file: usize, span: &std::ops::Range<usize>) -> Option<Range> {
        self.texts.get(file).map(|text| text.lines.range(span.clone()))
    }

    /// A finding at a span of a text.
    pub fn finding(
        &self,
        file: usize,
        rule: &Rule,
        span: &std::ops::Range<usize>,
        message: impl Into<String>,
    ) -> Finding {
        let mut finding = Finding::new(rule, message);
        if let Some(text) = self.texts.get(file) {
            finding = finding.at(text.lines.range(span.clone()));
            if let Some(path) = text.path {
                finding = finding.in_file(path);
            }
        }
        finding
    }

    /// A finding at a node of an object.
    pub fn finding_in(&self, object: &Object, rule: &Rule, node: &Node, message: impl Into<String>) -> Finding {
        self.finding(object.file, rule, &heading(self, object.file, node), message)
    }
}

// A collection is long: point at its first line.
fn heading(manifests: &Manifests<'_>, file: usize, node: &Node) -> std::ops::Range<usize> {
    let Some(text) = manifests.texts.get(file) else { return node.span.clone() };
    let whole = text.lines.text().get(node.span.clone()).unwrap_or_default();
    let first = whole.find('\n').unwrap_or(whole.len());
    node.span.start..node.span.start + whole.get(..first).unwrap_or_default().trim_end().len()
}

// Whether the line of an offset, or the one before, has a template action in it.
fn is_template(source: &str, at: usize) -> bool {
    let start = source.get(..at).and_then(|before| before.rfind('\n')).unwrap_or_default();
    let start = source.get(..start).and_then(|before| before.rfind('\n')).unwrap_or_default();
    let end = source.get(at..).and_then(|rest| rest.find('\n')).map_or(source.len(), |length| at + length);
    source.get(start..end).is_some_and(|lines| lines.contains("{{"))
}

impl Object {
    /// `apps` of `apps/v1`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// The namespace it lives in: as written, else `default`.
    pub fn namespace_or_default(&self) -> &str {
        if self.namespace.is_empty() { "default" } else { &self.namespace }
    }

    /// `Deployment web`, or `Deployment web in namespace shop`.
    pub fn title(&self) -> String {
        let name = if self.name.is_empty() { "(no name)" } else { &self.name };
        let kind = if self.kind.is_empty() { "object" } else { &self.kind };
        let shown = octavo_toolkit::limits::excerpt(&format!("{kind} {name}"));
        if self.namespace.is_empty() {
            shown
        } else {
            format!("{shown} in namespace {}", octavo_toolkit::limits::excerpt(&self.namespace))
        }
    }

    /// The value at a path.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        self.root.at(path)
    }

    /// Its labels.
    pub fn labels(&self) -> Labels {
        self.at(&["metadata", "labels"]).map(labels).unwrap_or_default()
    }

    /// The pod it is, or makes.
    pub fn pod(&self) -> Option<Pod<'_>> {
        let group = self.group();
        let template: &[&str] = match (self.kind.as_str(), group) {
            ("Pod", "") => &[],
            ("PodTemplate", "") => &["template"],
            ("Deployment" | "ReplicaSet" | "DaemonSet", "apps" | "extensions")
            | ("StatefulSet", "apps")
            | ("ReplicationController", "")
            | ("Job", "batch")
            // OpenShift, and Argo's rollouts, which are Deployments by another name.
            | ("DeploymentConfig", "apps.openshift.io")
            | ("Rollout", "argoproj.io") => &["spec", "template"],
            ("CronJob", "batch") => &["spec", "jobTemplate", "spec", "template"],
            _ => return None,
        };
        let template = self.root.at(template).filter(|template| template.is_mapping())?;
        // A template without a specification has no containers, and still has labels.
        let spec = template.get("spec").unwrap_or(template);
        Some(Pod { metadata: template.get("metadata"), spec })
    }
}

/// A pod, or the template of pods.
#[derive(Clone, Copy)]
pub struct Pod<'a> {
    /// Its metadata.
    pub metadata: Option<&'a Node>,
    /// Its specification.
    pub spec: &'a Node,
}

/// Which list a container is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Runs to its end before the others start, unless it restarts always.
    Init,
    /// The pod's work.
    Main,
    /// Put in for debugging.
    Ephemeral,
}

impl Role {
    /// The field of its list.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Init => "initContainers",
            Self::Main => "containers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

impl<'a> Pod<'a> {
    /// Its labels.
    pub fn labels(self) -> Labels {
        self.metadata.and_then(|metadata| metadata.get("labels")).map(labels).unwrap_or_default()
    }

    /// Its annotations.
    pub fn annotations(self) -> Labels {
        self.metadata.and_then(|metadata| metadata.get("annotations")).map(labels).unwrap_or_default()
    }

    /// Its containers: init, main, ephemeral.
    pub fn containers(self) -> impl Iterator<Item = (Role, &'a Node)> {
        let spec = self.spec;
        [Role::Init, Role::Main, Role::Ephemeral].into_iter().flat_map(move |role| {
            spec.get(role.field()).map_or(&[][..], Node::items).iter().map(move |item| (role, item))
        })
    }

    /// Its volumes.
    pub fn volumes(self) -> &'a [Node] {
        self.spec.get("volumes").map_or(&[], Node::items)
    }

    /// The service account its pods run as.
    pub fn service_account(self) -> &'a str {
        ["serviceAccountName", "serviceAccount"]
            .iter()
            .find_map(|key| self.spec.get(key).and_then(Node::as_str).filter(|name| !name.is_empty()))
            .unwrap_or("default")
    }
}

/// A mapping of scalars to texts.
pub fn labels(node: &Node) -> Labels {
    node.entries()
        .iter()
        .filter_map(|entry| Some((entry.name().into_owned(), entry.value.scalar_text()?.into_owned())))
        .collect()
}

/// The text of a field, where it is one.
pub fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::as_str)
}

/// A label selector (`matchLabels`, `matchExpressions`); an empty one takes everything.
pub fn selector(node: &Node) -> Selector {
    let mut found = node.get("matchLabels").map(|equal| Selector::of_labels(&labels(equal))).unwrap_or_default();
    for item in node.get("matchExpressions").map_or(&[][..], Node::items) {
        found.requirements.extend(requirement(item));
    }
    found.requirements.sort();
    found
}

/// One of `matchExpressions`.
pub fn requirement(item: &Node) -> Option<Requirement> {
    let values = item.get("values").map_or(&[][..], Node::items);
    let values = values.iter().filter_map(|value| Some(value.scalar_text()?.into_owned())).collect();
    let operator = Operator::parse(text(item, "operator")?)?;
    Some(Requirement { key: text(item, "key")?.to_owned(), operator, values })
}
