//! `audit_kubernetes`: Pod Security Standards, workload hardening and paths to cluster-admin over manifests.
//!
//! This file declares the tool and puts findings and score together; `standards` holds the controls of pods, `hardening` what
//! is asked beyond them, `access` the rights and their paths.

mod access;
mod hardening;
mod rules;
mod standards;

use crate::support::kubernetes::minor_argument;
use crate::support::kubernetes::objects::{MAX_OBJECTS, Manifests, Object, text};
use crate::support::yaml::Node;
use access::Access;
use hardening::weight;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Level, Report, Rule, RuleCounts, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use standards::Standard;
use std::collections::BTreeSet;

declare_tool! {
    /// Judges every pod and every template of pods by the Pod Security Standards as the admission plugin of one version of
    /// Kubernetes enforces them (1.0 to 1.37), asks what checkov asks of workloads beyond them, and searches roles and bindings
    /// for paths by which a user, group or service account comes to rule the cluster.
    ///
    /// Use it before applying manifests, before labelling a namespace with a level, and when reviewing access rules. Send all
    /// manifests of the application together: paths and bindings cross files.
    ///
    /// What the cluster has beyond the input (its roles, its admission policies) is not known; cluster-admin, admin and edit are.
    ///
    /// The data says for each workload the highest level it keeps and a score from 0 to 100: the share of what was asked that
    /// holds, errors counting 5, warnings 3 and hints 1. Each escalation is a list of steps.
    pub struct AuditKubernetes;
    name: "audit_kubernetes",
    title: "Audit Kubernetes security",
    summary: "Audits Kubernetes manifests against the Pod Security Standards, hardening checks and RBAC escalation paths to cluster-admin, with a score. Send all manifests together.",
    keywords: "security securityContext privileged root capabilities seccomp restricted baseline PSS PSA podsecurity admission checkov polaris kubesec kube-score kube-linter hardening RBAC role binding service account privilege escalation cluster-admin CIS benchmark",
    examples: [
        "a deployment that is root on its node" => r#"{"source":"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: agent, namespace: ops}\nspec:\n  selector: {matchLabels: {app: agent}}\n  template:\n    metadata: {labels: {app: agent}}\n    spec:\n      hostPID: true\n      containers:\n      - name: agent\n        image: agent\n        securityContext: {privileged: true}\n","level":"baseline"}"#,
        "a path to cluster-admin" => r#"{"source":"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: deploy, namespace: ops}\nrules: [{apiGroups: [apps], resources: [deployments], verbs: [create]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: ci, namespace: ops}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deploy}\nsubjects: [{kind: ServiceAccount, name: ci, namespace: ops}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: operator}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: operator, namespace: ops}]\n"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "images and what runs in them",
        "roles and bindings of the cluster that are not in the input",
        "flags of the control plane (CKV_K8S_68 to CKV_K8S_151)",
    ],
}

/// The versions of the standards.
const VERSIONS: std::ops::RangeInclusive<u32> = 0..=37;

/// Most findings of one rule: as many as a report can show of all rules. Others are counted.
pub const MAX_FINDINGS_PER_RULE: usize = 1_000;

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
    /// privileged, baseline or restricted (default).
    #[serde(default)]
    level: Option<String>,
    /// 1.0 to 1.37 (default).
    #[serde(default)]
    kubernetes_version: Option<String>,
}

/// What was found.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The mean score of the workloads, 0 to 100; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u32>,
    /// The pods and templates of pods.
    workloads: Vec<Workload>,
    /// How subjects come to rule the cluster.
    escalations: Vec<Escalation>,
}

/// A pod or a template of pods.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// `Deployment web in namespace shop`.
    object: String,
    /// The strictest level that it keeps.
    level: Standard,
    /// The controls of the level asked for that it does not keep.
    violations: BTreeSet<&'static str>,
    /// 0 to 100.
    score: u32,
}

/// A way to rule the cluster.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Escalation {
    /// `ServiceAccount shop/ci`.
    subject: String,
    /// One right after the other.
    steps: Vec<String>,
}

// Findings as they are made.
#[derive(Default)]
struct Told {
    findings: Vec<Finding>,
    counts: RuleCounts,
}

impl Told {
    fn put(&mut self, rule: &'static Rule, finding: impl FnOnce() -> Finding) {
        if self.counts.keeps(rule, MAX_FINDINGS_PER_RULE) {
            self.findings.push(finding());
        }
    }
}

/// Problems of one object: of each rule as many as are told, the others counted.
#[derive(Default)]
struct Problems<'n> {
    kept: Vec<Problem<'n>>,
    counts: RuleCounts,
}

/// A problem: where and what.
struct Problem<'n> {
    rule: &'static Rule,
    node: &'n Node,
    what: String,
}

impl<'n> Problems<'n> {
    fn add(&mut self, rule: &'static Rule, node: &'n Node, what: String) {
        if self.counts.keeps(rule, MAX_FINDINGS_PER_RULE) {
            self.kept.push(Problem { rule, node, what });
        }
    }

    fn rules(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.counts.iter().map(|(rule, _)| rule)
    }

    fn tell(self, manifests: &Manifests<'_>, object: &Object, told: &mut Told) {
        let title = object.title();
        for Problem { rule, node, what } in self.kept {
            told.put(rule, || manifests.finding_in(object, rule, node, format!("{title}: {what}")));
        }
        told.counts.add_beyond(&self.counts, MAX_FINDINGS_PER_RULE);
    }
}

impl Tool for AuditKubernetes {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let minor = minor_argument("/kubernetesVersion", input.kubernetes_version.as_deref(), VERSIONS)?;
        let standard = match input.level.as_deref() {
            None | Some("restricted") => Standard::Restricted,
            Some("baseline") => Standard::Baseline,
            Some("privileged") => Standard::Privileged,
            Some(_) => {
                return Err(ToolError::invalid(
                    "/level",
                    "is no level",
                    "\"privileged\", \"baseline\" or \"restricted\"",
                ));
            }
        };
        let mut manifests = Manifests::read(input.source.as_deref(), input.files.as_deref())?.with_typed_lists_cut();
        let mut told = Told { findings: std::mem::take(&mut manifests.findings), ..Told::default() };
        let mut workloads = Vec::new();
        for object in &manifests.objects {
            let mut problems = Problems::default();
            hardening::ask_object(object, &mut problems);
            access::ask_role(object, &mut problems);
            default_binding(object, &mut problems);
            if object.pod().is_some() {
                workloads.push(workload(&manifests, object, standard, minor, &mut told));
            }
            problems.tell(&manifests, object, &mut told);
        }
        let access = Access::of(&manifests.objects);
        let escalations = paths(&manifests, &access, &mut told);
        let left_out = told.counts.beyond(MAX_FINDINGS_PER_RULE);
        let mut findings = told.findings;
        findings.sort_by_key(|finding| finding.level);
        let scores = workloads.iter().map(|workload| workload.score);
        let count = u32::try_from(workloads.len()).unwrap_or(u32::MAX);
        let score = (count > 0).then(|| scores.sum::<u32>() / count.max(1));
        let mut report =
            Report::checked(findings, Data { score, workloads, escalations }).over_files(manifests.texts.len());
        if manifests.is_cut {
            report = report.not_checked(format!("objects beyond the first {MAX_OBJECTS}"));
        }
        if left_out > 0 {
            report = report.not_checked(format!(
                "{} beyond the first {MAX_FINDINGS_PER_RULE} of a rule",
                plural(left_out, "finding")
            ));
        }
        Ok(report)
    }
}

fn workload(manifests: &Manifests<'_>, object: &Object, standard: Standard, minor: u32, told: &mut Told) -> Workload {
    let title = object.title();
    let Some(pod) = object.pod() else {
        return Workload { object: title, level: Standard::Privileged, violations: BTreeSet::new(), score: 0 };
    };
    let restricted = standards::violations(pod, Standard::Restricted, minor);
    let baseline = standards::violations(pod, Standard::Baseline, minor);
    let level = match (baseline.kept.is_empty(), restricted.kept.is_empty()) {
        (true, true) => Standard::Restricted,
        (true, false) => Standard::Baseline,
        (false, _) => Standard::Privileged,
    };
    // The score always asks for everything, so that it can be compared between calls.
    let missed: BTreeSet<&str> = restricted.rules().chain(baseline.rules()).collect();
    let (mut held, mut all) = (0, 0);
    let mut count = |holds: bool, level: Level| {
        all += weight(level);
        held += if holds { weight(level) } else { 0 };
    };
    for control in STANDARDS {
        count(!missed.contains(control), Level::Error);
    }
    let mut asked = Problems::default();
    hardening::ask(object, pod, &mut |rule, problem| {
        count(problem.is_none(), rule.level);
        if let Some((node, what)) = problem {
            asked.add(rule, node, what);
        }
    });
    asked.tell(manifests, object, told);
    let wanted = match standard {
        Standard::Restricted => restricted,
        Standard::Baseline => baseline,
        Standard::Privileged => Problems::default(),
    };
    let violations = wanted.rules().collect();
    wanted.tell(manifests, object, told);
    Workload { object: title, level, violations, score: held * 100 / all.max(1) }
}

/// The controls of the Pod Security Standards.
const STANDARDS: &[&str] = &[
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities_baseline",
    "capabilities_restricted",
    "hostNamespaces",
    "hostPathVolumes",
    "hostPorts",
    "hostProbesAndHostLifecycle",
    "privileged",
    "procMount",
    "procMount_restricted",
    "restrictedVolumes",
    "runAsNonRoot",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile_baseline",
    "seccompProfile_restricted",
    "sysctls",
    "windowsHostProcess",
];

fn default_binding<'n>(object: &'n Object, problems: &mut Problems<'n>) {
    if !matches!(object.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
        return;
    }
    let subjects = object.at(&["subjects"]).map_or(&[][..], Node::items);
    let found = subjects
        .iter()
        .find(|subject| text(subject, "kind") == Some("ServiceAccount") && text(subject, "name") == Some("default"));
    if let Some(node) = found {
        problems.add(&rules::DEFAULT_BINDING, node, "a subject is the default service account".to_owned());
    }
}

fn paths(manifests: &Manifests<'_>, access: &Access<'_>, told: &mut Told) -> Vec<Escalation> {
    for (binding, role) in &access.all_powerful {
        let node = binding.at(&["roleRef"]).unwrap_or(&binding.root);
        let scope = if binding.kind == "RoleBinding" { "its namespace" } else { "the cluster" };
        told.put(&rules::CLUSTER_ADMIN, || {
            let message = format!("{}: {role} may do everything in {scope}", binding.title());
            manifests.finding_in(binding, &rules::CLUSTER_ADMIN, node, message)
        });
    }
    let mut escalations = Vec::new();
    for path in access.paths() {
        if let Some(place) = path.place {
            let node = place.at(&["subjects"]).unwrap_or(&place.root);
            told.put(&rules::ESCALATION, || {
                let message = format!("{} rules the cluster: {}", excerpt(&path.subject), path.steps.join("; then "));
                manifests.finding_in(place, &rules::ESCALATION, node, message)
            });
        }
        escalations.push(Escalation { subject: path.subject, steps: path.steps });
    }
    escalations
}
