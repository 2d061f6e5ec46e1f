//! `audit_security`: what of an API's description, tokens and headers goes against OWASP's API Security Top 10 of 2023.

mod rules;
mod samples;
mod spec;

use crate::support::openapi::Spec;
use crate::support::tree::{self, ProblemKind, Span};
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, Tool, ToolError, declare_tool};
use rules::{KINDS, PARSER, RULES, UNRECOGNIZED};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Audits an API against the OWASP API Security Top 10 of 2023: an OpenAPI 3.x or Swagger 2 document, a sample JSON Web
    /// Token, sample response headers, or several of them.
    ///
    /// Use it on a design before it is built, or on a running API's samples. Rules on documents carry the ids and levels of
    /// Spectral's OWASP ruleset, with more on object ids without scopes, mass assignment, verbose errors and secrets. Every rule
    /// has a CWE. A token is decoded, not verified: no key is needed or taken.
    ///
    /// Nothing is fetched or called. A document may have 4 MiB. `data` counts findings by risk of OWASP's list with their
    /// CWEs, and gives a score.
    pub struct AuditSecurity;
    name: "audit_security",
    title: "Audit API security",
    summary: "Audits an OpenAPI document, a JWT or response headers against the OWASP API Security Top 10 2023: authentication, limits, CORS, mass assignment, secrets. Nothing is called.",
    keywords: "designs samples broken object level authorization owasp api security top 10 2023 spectral 42crunch bola bfla ssrf jwt json web token bearer oauth scopes cors headers hsts cookie rate limit authentication authorization vulnerability pentest hardening cwe api key basic auth swagger openapi",
    examples: [
        "an operation that anybody may call" => r#"{"source":"openapi: 3.0.3\ninfo: {title: t, version: '1'}\nservers: [{url: 'http://a.test'}]\npaths:\n  /users/{id}:\n    delete:\n      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n      responses: {'204': {description: gone}}\n"}"#,
        "a token and headers" => r#"{"token":"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.","headers":"Access-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true\nServer: nginx/1.14.2\nSet-Cookie: sid=1; Secure"}"#,
    ],
    rules: RULES,
    not_checked: [
        "the running API, and whether it does what the document says",
        "signatures of tokens, since no key is taken",
        "42Crunch's score and rules beyond those listed",
        "business flows (API6) and how the API uses others (API10)",
    ],
}

/// Longest document, in bytes.
const MAX_DOCUMENT_BYTES: usize = 4 * 1024 * 1024;
/// Longest sample, in bytes.
const MAX_SAMPLE_BYTES: usize = 64 * 1024;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// OpenAPI or Swagger, YAML or JSON.
    #[serde(default)]
    source: Option<String>,
    /// A JWT.
    #[serde(default)]
    token: Option<String>,
    /// Response headers, one a line.
    #[serde(default)]
    headers: Option<String>,
}

/// What was found of one risk.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// Errors.
    errors: usize,
    /// Warnings and remarks.
    others: usize,
    /// Weaknesses, `CWE-306`.
    cwes: BTreeSet<String>,
}

/// The audit in figures.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// 100 less 12 for each rule with an error, 4 with a warning, 1 with a remark; 0 at least.
    score: u32,
    /// Operations of the document.
    operations: usize,
    /// Those that anybody may call.
    open_operations: usize,
    /// By risk, `API2:2023`.
    risks: BTreeMap<String, Risk>,
}

impl Tool for AuditSecurity {
    type Input = Input;
    type Data = Audit;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Audit>, ToolError> {
        check_bytes("/source", input.source.as_deref().unwrap_or_default(), MAX_DOCUMENT_BYTES)?;
        check_bytes("/token", input.token.as_deref().unwrap_or_default(), MAX_SAMPLE_BYTES)?;
        check_bytes("/headers", input.headers.as_deref().unwrap_or_default(), MAX_SAMPLE_BYTES)?;
        if input.source.is_none() && input.token.is_none() && input.headers.is_none() {
            return Err(ToolError::invalid(
                "",
                "have nothing to audit",
                "`source`, `token` or `headers`, or several of them",
            ));
        }
        let mut data = Audit::default();
        let mut findings = Vec::new();
        if let Some(source) = &input.source {
            findings.extend(document(source, &mut data));
        }
        findings.extend(input.token.as_deref().map(samples::token).unwrap_or_default());
        findings.extend(input.headers.as_deref().map(samples::headers).unwrap_or_default());
        tally(&findings, &mut data);
        let files = usize::from(input.source.is_some())
            + usize::from(input.token.is_some())
            + usize::from(input.headers.is_some());
        Ok(Report::checked(findings, data).over_files(files))
    }
}

fn document(source: &str, data: &mut Audit) -> Vec<Finding> {
    let index = LineIndex::new(source);
    let loaded = tree::load(source);
    let broken = loaded.problems.iter().filter(|problem| problem.kind != ProblemKind::DuplicateKey);
    let mut findings: Vec<Finding> = broken
        .map(|problem| Finding::new(&PARSER, problem.message.clone()).in_file("source").at(problem.span.locate(&index)))
        .collect();
    let Some(doc) = &loaded.document else { return findings };
    let Some(spec) = Spec::new(doc) else {
        let message = "neither `openapi: 3.x` nor `swagger: \"2.0\"` stands at the top";
        findings.push(Finding::new(&UNRECOGNIZED, message).in_file("source").at(Span::default().locate(&index)));
        return findings;
    };
    let audit = spec::check(doc, spec);
    data.operations = audit.operations;
    data.open_operations = audit.open;
    for (rule, span, message) in audit.found {
        let cwe = KINDS.iter().find(|(id, ..)| *id == rule.id).map_or(0, |(_, _, cwe)| *cwe);
        findings.push(Finding::new(rule, format!("{message} (CWE-{cwe})")).in_file("source").at(span.locate(&index)));
    }
    findings
}

fn tally(findings: &[Finding], data: &mut Audit) {
    let mut rules: BTreeMap<&str, Level> = BTreeMap::new();
    for finding in findings {
        rules.insert(&finding.rule, finding.level);
        let Some((_, category, cwe)) = KINDS.iter().find(|(id, ..)| *id == finding.rule) else { continue };
        if *category == 0 {
            continue;
        }
        let risk = data.risks.entry(format!("API{category}:2023")).or_default();
        if finding.level == Level::Error {
            risk.errors += 1;
        } else {
            risk.others += 1;
        }
        risk.cwes.insert(format!("CWE-{cwe}"));
    }
    let lost: u32 = rules
        .values()
        .map(|level| match level {
            Level::Error => 12,
            Level::Warning => 4,
            Level::Info => 1,
        })
        .sum();
    data.score = 100_u32.saturating_sub(lost);
}
