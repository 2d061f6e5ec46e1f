//! Rules on an OpenAPI or Swagger document.

use super::rules::{
    ADMIN_UNIQUE, API_KEY_URL, ARRAY_LIMIT, CONSTRAINED_ADDITIONAL, CONSTRAINED_UNEVALUATED, CORS_ORIGIN,
    CREDENTIALS_URL, ERROR_401, ERROR_500, ERROR_VALIDATION, HTTP_BASIC, INSECURE_SCHEMES, INTEGER_FORMAT,
    INTEGER_LIMIT, INTEGER_LIMIT_LEGACY, INVENTORY_ACCESS, INVENTORY_ENVIRONMENT, JWT_PRACTICES, MASS_ASSIGNMENT,
    NO_ADDITIONAL, NO_UNEVALUATED, NUMERIC_IDS, OBJECT_SCOPE, RATE_LIMIT, READ_RESTRICTED, RESPONSES_429, RETRY_AFTER,
    SCHEME_HTTP, SECRET_EXAMPLE, SERVER_HTTP, SHORT_LIVED, STRING_LIMIT, STRING_RESTRICTED, URL_PARAMETER,
    VERBOSE_ERRORS, WRITE_RESTRICTED,
};
use crate::support::anatomy::Anatomy;
use crate::support::openapi::Spec;
use crate::support::tree::{Document, Member, NodeId, Span, Value};
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Most findings of one rule: beyond, the next ones say nothing new.
const MAX_FINDINGS_PER_RULE: usize = 5_000;

const METHODS: [&str; 8] = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

/// Properties that only the server may set, in lower case without separators.
const PRIVILEGES: [&str; 16] = [
    "isadmin",
    "admin",
    "role",
    "roles",
    "permissions",
    "isverified",
    "verified",
    "emailverified",
    "isactive",
    "balance",
    "credit",
    "credits",
    "passwordhash",
    "ownerid",
    "isstaff",
    "issuperuser",
];

/// Properties that show a server's inside.
const INSIDES: [&str; 10] = [
    "stacktrace",
    "stack",
    "trace",
    "exception",
    "exceptionclass",
    "debug",
    "debuginfo",
    "sql",
    "query",
    "innerexception",
];

const CREDENTIALS: [&str; 8] =
    ["clientsecret", "token", "accesstoken", "refreshtoken", "idtoken", "password", "secret", "apikey"];

/// The editions that rules differ by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edition {
    V2,
    V30,
    V31,
    V32,
}

pub(super) struct Audit<'d> {
    doc: &'d Document,
    spec: Spec<'d>,
    edition: Edition,
    anatomy: Anatomy<'d>,
    seen: BTreeSet<(&'static str, Span)>,
    counts: BTreeMap<&'static str, usize>,
    /// What was found: the rule, its place, and what is wrong.
    pub(super) found: Vec<(&'static Rule, Span, String)>,
    /// Operations, and those that anybody may call.
    pub(super) operations: usize,
    pub(super) open: usize,
}

/// Audits a document.
pub(super) fn check<'d>(doc: &'d Document, spec: Spec<'d>) -> Audit<'d> {
    let version = doc.get_str(doc.root(), "openapi").unwrap_or_default();
    let edition = match version {
        _ if doc.get(doc.root(), "openapi").is_none() => Edition::V2,
        version if version.starts_with("3.1") => Edition::V31,
        version if version.starts_with("3.0") || version == "3" => Edition::V30,
        _ => Edition::V32,
    };
    let mut audit = Audit {
        doc,
        spec,
        edition,
        anatomy: Anatomy::new(doc),
        seen: BTreeSet::new(),
        counts: BTreeMap::new(),
        found: Vec::new(),
        operations: 0,
        open: 0,
    };
    audit.schemes();
    audit.servers();
    audit.operations();
    audit.below_paths();
    audit.parameters();
    audit.schemas();
    audit.headers();
    audit.secrets();
    audit
}

impl<'d> Audit<'d> {
    // One finding of a rule at a place is enough.
    fn tell(&mut self, rule: &'static Rule, span: Span, message: String) {
        let count = self.counts.entry(rule.id).or_default();
        if *count < MAX_FINDINGS_PER_RULE && self.seen.insert((rule.id, span)) {
            *count += 1;
            self.found.push((rule, span, message));
        }
    }

    fn place(&self, id: NodeId) -> Span {
        self.anatomy.place(id)
    }

    // The place of a member, or of what lacks it.
    fn place_of(&self, id: NodeId, key: &str) -> Span {
        let target = self.doc.get(id, key).and_then(|value| self.spec.resolve(value).filter(|to| *to != value));
        match (target, self.doc.member(id, key)) {
            (Some(target), _) => self.place(target),
            (None, Some(member)) => member.key_span,
            (None, None) => self.place(id),
        }
    }

    fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.spec.resolve(self.doc.get(id, key)?)
    }

    fn is_truthy(&self, id: NodeId, key: &str) -> bool {
        self.doc.get(id, key).is_some_and(|value| match self.doc.value(value) {
            Value::Null | Value::Bool(false) => false,
            Value::Number(number, _) => *number != 0.0,
            Value::String(text) => !text.is_empty(),
            Value::Bool(true) | Value::Sequence(_) | Value::Mapping(_) => true,
        })
    }

    fn schemes(&mut self) {
        if self.edition == Edition::V2 {
            return;
        }
        for member in self.spec.components("securitySchemes") {
            let Some(scheme) = self.spec.resolve(member.value) else { continue };
            let name = excerpt(&member.key);
            let word = |key: &str| self.doc.get_str(scheme, key);
            let (kind, http) = (word("type").unwrap_or_default(), word("scheme").unwrap_or_default());
            if http.contains("basic") {
                self.tell(&HTTP_BASIC, self.place_of(scheme, "scheme"), format!("`{name}` is HTTP Basic"));
            }
            if kind == "apiKey" && matches!(word("in"), Some("path" | "query")) {
                self.tell(&API_KEY_URL, self.place_of(scheme, "in"), format!("the key of `{name}` is part of the URL"));
            }
            if kind == "http" && matches!(http, "negotiate" | "oauth") {
                self.tell(&INSECURE_SCHEMES, self.place_of(scheme, "scheme"), format!("`{name}` is `{http}`"));
            }
            let is_jwt = matches!(word("bearerFormat"), Some("jwt" | "JWT"));
            if (kind == "oauth2" || is_jwt) && !word("description").is_some_and(|text| text.contains("RFC8725")) {
                let message = format!("`{name}` does not say that it follows RFC8725");
                self.tell(&JWT_PRACTICES, self.place_of(scheme, "description"), message);
            }
            if kind == "oauth2"
                && let Some(flows) = self.get(scheme, "flows")
            {
                for flow in self.doc.members(flows) {
                    if self.doc.mapping(flow.value).is_some() && !self.is_truthy(flow.value, "refreshUrl") {
                        let message = format!("flow `{}` of `{name}` has no `refreshUrl`", excerpt(&flow.key));
                        self.tell(&SHORT_LIVED, self.place_of(flow.value, "refreshUrl"), message);
                    }
                }
            }
        }
    }

    fn servers(&mut self) {
        let root = self.doc.root();
        if self.edition == Edition::V2 {
            let schemes = self.doc.get(root, "schemes").map_or(&[][..], |list| self.doc.items(list));
            for scheme in schemes {
                let word = self.doc.str(*scheme).unwrap_or_default();
                if !matches!(word, "https" | "wss") {
                    self.tell(
                        &SCHEME_HTTP,
                        self.doc.span(*scheme),
                        format!("scheme `{}` is not encrypted", excerpt(word)),
                    );
                }
            }
            return;
        }
        let servers = self.doc.get(root, "servers").map_or(&[][..], |list| self.doc.items(list));
        for server in servers {
            if let Some(url) = self.doc.get_str(*server, "url")
                && url.starts_with("http:")
            {
                self.tell(&SERVER_HTTP, self.place_of(*server, "url"), format!("`{}` is not encrypted", excerpt(url)));
            }
            if self.doc.get(*server, "x-internal").is_none() {
                self.tell(&INVENTORY_ACCESS, self.place(*server), "a server without `x-internal`".to_owned());
            }
            let environments = ["local", "sandbox", "alpha", "beta", "test", "stag", "prod", "next"];
            if let Some(text) = self.doc.get_str(*server, "description") {
                let lower = text.to_ascii_lowercase();
                if !environments.iter().any(|word| lower.contains(word)) {
                    let message = format!("`{}` names no environment", excerpt(text));
                    self.tell(&INVENTORY_ENVIRONMENT, self.place_of(*server, "description"), message);
                }
            }
        }
    }

    fn operations(&mut self) {
        let root = self.doc.root();
        let Some(paths) = self.get(root, "paths") else { return };
        let global = self.doc.get(root, "security");
        let items = |this: &Self, list: Option<NodeId>| list.map_or(&[][..], |list| this.doc.items(list));
        let mut ordinary: BTreeSet<u64> = BTreeSet::new();
        let mut admin: Vec<(&str, NodeId)> = Vec::new();
        for path in self.doc.members(paths) {
            let Some(item) = self.spec.resolve(path.value) else { continue };
            for member in self.doc.members(item).iter().filter(|member| METHODS.contains(&&*member.key)) {
                let Some(operation) = self.spec.resolve(member.value).filter(|id| self.doc.mapping(*id).is_some())
                else {
                    continue;
                };
                self.operations += 1;
                let own = self.doc.get(operation, "security");
                let effective = items(self, own.or(global));
                let name = format!("{} {}", member.key.to_uppercase(), excerpt(&path.key));
                let optional = effective.iter().any(|entry| self.doc.members(*entry).is_empty());
                self.open += usize::from(effective.is_empty() || optional);
                if effective.is_empty() {
                    let rule = match &*member.key {
                        "post" | "put" | "patch" | "delete" => Some(&WRITE_RESTRICTED),
                        "get" | "head" => Some(&READ_RESTRICTED),
                        _ => None,
                    };
                    if let Some(rule) = rule {
                        self.tell(rule, self.place_of(operation, "security"), format!("anybody may call {name}"));
                    }
                } else {
                    self.object_scope(path, item, operation, effective, &name);
                }
                for entry in items(self, own) {
                    if path.key.contains("/admin") {
                        admin.push((&path.key, *entry));
                    } else {
                        ordinary.insert(self.doc.digest(*entry));
                    }
                }
                self.mass_assignment(item, operation, &name);
                self.verbose_errors(operation, &name);
            }
        }
        for (path, entry) in admin {
            if ordinary.contains(&self.doc.digest(entry)) {
                let message = format!("`{}` asks for no more than other operations do", excerpt(path));
                self.tell(&ADMIN_UNIQUE, self.doc.span(entry), message);
            }
        }
    }

    // OAuth scopes say which objects a token is for; only schemes that have scopes are asked for them.
    fn object_scope(&mut self, path: &Member, item: NodeId, operation: NodeId, effective: &[NodeId], name: &str) {
        let by_id = self
            .spec
            .parameters(item, operation)
            .iter()
            .any(|parameter| parameter.location == "path" && is_id(parameter.name));
        if !by_id || !path.key.contains('{') {
            return;
        }
        let schemes = self.spec.components("securitySchemes");
        let scoped = |entry: &NodeId| {
            self.doc.members(*entry).iter().any(|requirement| {
                let scheme = schemes.iter().find(|scheme| scheme.key == requirement.key);
                let kind = scheme
                    .and_then(|scheme| self.spec.resolve(scheme.value))
                    .and_then(|id| self.doc.get_str(id, "type"));
                !matches!(kind, Some("oauth2" | "openIdConnect")) || !self.doc.items(requirement.value).is_empty()
            })
        };
        if !effective.iter().any(scoped) {
            let message = format!("{name} takes the id of an object and asks for no scope");
            self.tell(&OBJECT_SCOPE, self.place_of(operation, "security"), message);
        }
    }

    fn mass_assignment(&mut self, item: NodeId, operation: NodeId, name: &str) {
        let Some(body) = self.spec.body(item, operation) else { return };
        for media in body.content {
            let Some(schema) = media.schema else { continue };
            self.properties_named(
                &schema.parts,
                &PRIVILEGES,
                &MASS_ASSIGNMENT,
                "readOnly",
                &format!("{name} lets callers set"),
                0,
            );
        }
    }

    fn verbose_errors(&mut self, operation: NodeId, name: &str) {
        for response in self.spec.responses(operation) {
            if !response.status.starts_with(['4', '5']) && response.status != "default" {
                continue;
            }
            for media in response.content {
                let Some(schema) = media.schema else { continue };
                let text = format!("response {} of {name} shows", excerpt(response.status));
                self.properties_named(&schema.parts, &INSIDES, &VERBOSE_ERRORS, "writeOnly", &text, 0);
            }
        }
    }

    // Properties of a schema by name, and those of its properties, as deep as objects usually nest.
    fn properties_named(
        &mut self,
        parts: &[NodeId],
        names: &[&str],
        rule: &'static Rule,
        excused: &str,
        text: &str,
        depth: usize,
    ) {
        if depth > 3 {
            return;
        }
        for part in parts {
            let Some(properties) = self.get(*part, "properties") else { continue };
            for member in self.doc.members(properties) {
                let Some(property) = self.spec.resolve(member.value) else { continue };
                if names.contains(&plain(&member.key).as_str()) && !self.doc.is_true(property, excused) {
                    self.tell(rule, member.key_span, format!("{text} `{}`", excerpt(&member.key)));
                }
                let inner = self.spec.schema(property);
                self.properties_named(&inner.parts, names, rule, excused, text, depth + 1);
            }
        }
    }

    // Every `responses` and every list of parameters below `paths`, references followed.
    fn below_paths(&mut self) {
        let Some(paths) = self.get(self.doc.root(), "paths") else { return };
        let mut seen = BTreeSet::new();
        let mut todo = vec![(paths, false)];
        let (mut responses, mut lists) = (BTreeSet::new(), BTreeSet::new());
        while let Some((id, in_properties)) = todo.pop() {
            if !seen.insert((id, in_properties)) {
                continue;
            }
            for item in self.doc.items(id) {
                todo.extend(self.spec.resolve(*item).map(|id| (id, false)));
            }
            for member in self.doc.members(id) {
                let key = &*member.key;
                if !in_properties
                    && (matches!(key, "example" | "examples" | "default" | "enum") && !self.anatomy.is_names(id)
                        || key.starts_with("x-"))
                {
                    continue;
                }
                let Some(target) = self.spec.resolve(member.value) else { continue };
                if !in_properties && key == "responses" && self.doc.mapping(target).is_some() {
                    responses.insert(target);
                }
                if !in_properties && key == "parameters" {
                    lists.extend(self.doc.items(target));
                }
                todo.push((target, !in_properties && key == "properties"));
            }
        }
        for id in responses {
            self.responses(id);
        }
        for item in lists {
            let Some(parameter) = self.spec.resolve(item) else { continue };
            let Some(name) = self.doc.get_str(parameter, "name").filter(|name| is_id(name)) else { continue };
            let Some(schema) = self.get(parameter, "schema").filter(|id| self.doc.mapping(*id).is_some()) else {
                continue;
            };
            let kind = self.doc.get(schema, "type");
            if kind.is_none() || kind.and_then(|kind| self.doc.str(kind)) == Some("integer") {
                let what = if kind.is_none() { "may be a number" } else { "is a number" };
                self.tell(&NUMERIC_IDS, self.place(schema), format!("parameter `{}` {what}", excerpt(name)));
            }
        }
    }

    fn responses(&mut self, id: NodeId) {
        for (rule, status) in [(&RESPONSES_429, "429"), (&ERROR_401, "401"), (&ERROR_500, "500")] {
            match self.get(id, status) {
                None => self.tell(rule, self.place(id), format!("the {status} response is not described")),
                Some(response) if !self.is_truthy(response, "content") => {
                    self.tell(
                        rule,
                        self.place_of(response, "content"),
                        format!("the {status} response has no content"),
                    );
                }
                Some(_) => {}
            }
        }
        if !["400", "422", "4XX"].iter().any(|status| self.doc.get(id, status).is_some()) {
            self.tell(&ERROR_VALIDATION, self.place(id), "none of 400, 422 and 4XX is described".to_owned());
        }
        if self.edition == Edition::V2 {
            return;
        }
        for member in self.doc.members(id).iter().filter(|member| member.key.starts_with(['2', '4'])) {
            let Some(response) = self.spec.resolve(member.value) else { continue };
            let headers = self.get(response, "headers");
            let has = |name: &str| headers.is_some_and(|headers| self.doc.get(headers, name).is_some());
            let ways = [
                has("RateLimit"),
                has("RateLimit-Limit") && has("RateLimit-Reset"),
                has("X-RateLimit-Limit"),
                has("X-Rate-Limit-Limit"),
            ];
            if ways.iter().filter(|way| **way).count() != 1 {
                let message = format!("response {} has no headers of a rate limit", excerpt(&member.key));
                self.tell(&RATE_LIMIT, self.place_of(response, "headers"), message);
            }
        }
    }

    // Parameters wherever they are declared.
    fn parameters(&mut self) {
        let mut named: Vec<(NodeId, Span, &'d str)> = Vec::new();
        for id in self.doc.ids() {
            if self.anatomy.is_data(id) {
                continue;
            }
            let Some(list) = self.doc.get(id, "parameters") else { continue };
            if self.anatomy.is_names(id) {
                continue;
            }
            let members = self.doc.members(list).iter().map(|member| member.value);
            for item in self.doc.items(list).iter().copied().chain(members) {
                let Some(parameter) = self.spec.resolve(item) else { continue };
                let Some(member) = self.doc.member(parameter, "name") else { continue };
                if let Some(name) = self.doc.str(member.value) {
                    named.push((parameter, member.key_span, name));
                }
            }
        }
        for (parameter, span, name) in named {
            let in_url = self
                .doc
                .get_str(parameter, "in")
                .is_some_and(|place| place.contains("query") || place.contains("path"));
            if self.edition != Edition::V2 && in_url {
                let lower = name.to_ascii_lowercase();
                let joined = lower.replace(['_', '-'], "");
                // A hyphen separates only the two words of an API key.
                let found = CREDENTIALS.iter().any(|word| joined.contains(word))
                    && (lower.contains("token")
                        || lower.contains("password")
                        || lower.contains("secret")
                        || lower.contains("apikey")
                        || lower.contains("api-key"));
                if found {
                    self.tell(&CREDENTIALS_URL, span, format!("parameter `{}` is part of the URL", excerpt(name)));
                }
            }
        }
        let Some(paths) = self.get(self.doc.root(), "paths") else { return };
        for path in self.doc.members(paths) {
            let Some(item) = self.spec.resolve(path.value) else { continue };
            let mut owners = vec![item];
            owners.extend(METHODS.iter().filter_map(|method| self.get(item, method)));
            for owner in owners {
                let list = self.get(owner, "parameters").map_or(&[][..], |list| self.doc.items(list));
                for item in list {
                    let Some(parameter) = self.spec.resolve(*item) else { continue };
                    let Some(member) = self.doc.member(parameter, "name") else { continue };
                    let name = self.doc.str(member.value).unwrap_or_default();
                    let concerns = matches!(name, "callback" | "redirect")
                        || name.ends_with("_url")
                        || name.ends_with("Url")
                        || name.ends_with("-url");
                    if concerns {
                        self.tell(
                            &URL_PARAMETER,
                            member.key_span,
                            format!("parameter `{}` looks like a URL", excerpt(name)),
                        );
                    }
                }
            }
        }
    }

    fn is_type(&self, id: NodeId, name: &str) -> bool {
        match self.doc.get(id, "type").map(|kind| self.doc.value(kind)) {
            Some(Value::String(kind)) => &**kind == name,
            Some(Value::Sequence(items)) => {
                let listed = self.edition == Edition::V31 || items.len() == 1;
                listed && items.iter().any(|item| self.doc.str(*item) == Some(name))
            }
            _ => false,
        }
    }

    fn schemas(&mut self) {
        for id in self.doc.ids() {
            if self.doc.mapping(id).is_none()
                || self.anatomy.is_data(id)
                || self.anatomy.is_names(id)
                || self.doc.get_str(id, "$ref").is_some()
            {
                continue;
            }
            let has = |key: &str| self.doc.get(id, key).is_some();
            let place = self.place(id);
            let name = self.anatomy.key(id).map_or_else(|| "a schema".to_owned(), |key| format!("`{}`", excerpt(key)));
            if self.is_type(id, "array") && !has("maxItems") {
                self.tell(&ARRAY_LIMIT, place, format!("{name} has no `maxItems`"));
            }
            if self.is_type(id, "string") && !has("enum") && !has("const") {
                if !has("maxLength") {
                    self.tell(&STRING_LIMIT, place, format!("{name} has no `maxLength`"));
                }
                if !has("format") && !has("pattern") {
                    self.tell(&STRING_RESTRICTED, place, format!("{name} has no `format` or `pattern`"));
                }
            }
            if self.is_type(id, "integer") {
                if !has("format") {
                    self.tell(&INTEGER_FORMAT, place, format!("{name} has no `format`"));
                }
                match self.edition {
                    Edition::V31 => {
                        if has("minimum") == has("exclusiveMinimum") || has("maximum") == has("exclusiveMaximum") {
                            self.tell(&INTEGER_LIMIT, place, format!("{name} has no smallest and largest value"));
                        }
                    }
                    Edition::V2 | Edition::V30 => {
                        if !has("minimum") || !has("maximum") {
                            self.tell(
                                &INTEGER_LIMIT_LEGACY,
                                place,
                                format!("{name} has no smallest and largest value"),
                            );
                        }
                    }
                    Edition::V32 => {}
                }
            }
            if self.is_type(id, "object") {
                self.open_object(id, &name);
            }
        }
    }

    fn open_object(&mut self, id: NodeId, name: &str) {
        let (key, any, limited) = match self.edition {
            Edition::V30 => ("additionalProperties", &NO_ADDITIONAL, &CONSTRAINED_ADDITIONAL),
            Edition::V31 => ("unevaluatedProperties", &NO_UNEVALUATED, &CONSTRAINED_UNEVALUATED),
            Edition::V2 | Edition::V32 => return,
        };
        if !self.is_truthy(id, key) {
            return;
        }
        self.tell(any, self.place_of(id, key), format!("{name} takes properties that are not described"));
        let is_bool = self.doc.get(id, key).is_some_and(|value| matches!(self.doc.value(value), Value::Bool(_)));
        if !is_bool && self.doc.get(id, "maxProperties").is_none() {
            self.tell(limited, self.place(id), format!("{name} has no `maxProperties`"));
        }
    }

    // Every map of headers: of responses, of encodings, and the components.
    fn headers(&mut self) {
        let mut maps: BTreeSet<NodeId> = BTreeSet::new();
        let mut limited: BTreeSet<NodeId> = BTreeSet::new();
        for id in self.doc.ids() {
            if self.anatomy.is_data(id) || self.anatomy.key(id) == Some("properties") {
                continue;
            }
            maps.extend(self.get(id, "headers"));
            if self.anatomy.key(id) == Some("responses") {
                limited.extend(self.get(id, "429").and_then(|response| self.get(response, "headers")));
            }
        }
        for map in maps.into_iter().filter(|map| self.doc.mapping(*map).is_some()).collect::<Vec<_>>() {
            if !self.is_truthy(map, "Access-Control-Allow-Origin") {
                self.tell(
                    &CORS_ORIGIN,
                    self.place(map),
                    "the headers do not have `Access-Control-Allow-Origin`".to_owned(),
                );
            }
        }
        if self.edition == Edition::V2 {
            return;
        }
        for map in limited {
            if self.doc.get(map, "Retry-After").is_none() {
                self.tell(&RETRY_AFTER, self.place(map), "the 429 response has no `Retry-After`".to_owned());
            }
        }
    }

    fn secrets(&mut self) {
        let mut told = Vec::new();
        for id in self.doc.ids() {
            if let Some(text) = self.doc.str(id)
                && let Some(what) = secret(text)
            {
                told.push((self.place(id), format!("{what} stands in the document")));
            }
        }
        for (span, message) in told {
            self.tell(&SECRET_EXAMPLE, span, message);
        }
    }
}

fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("_id") || name.ends_with("Id") || name.ends_with("-id")
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

// Secrets of a form that nothing else has; those that say they are examples are none.
fn secret(text: &str) -> Option<&'static str> {
    if text.to_ascii_lowercase().contains("example") {
        return None;
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") && text.len() > 200 {
        return Some("a private key");
    }
    let run = |prefix: &str, least: usize, fits: fn(u8) -> bool| {
        text.match_indices(prefix).any(|(at, _)| {
            let before = text.get(..at).and_then(|head| head.bytes().last());
            let rest = text.get(at + prefix.len()..).unwrap_or_default();
            let count = rest.bytes().take_while(|b| fits(*b)).count();
            let varied = rest.bytes().take(least).collect::<BTreeSet<u8>>().len() > 6;
            !before.is_some_and(|b| b.is_ascii_alphanumeric()) && count >= least && varied
        })
    };
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let alnum = |b: u8| b.is_ascii_alphanumeric();
    for (prefix, least, fits, what) in [
        ("AKIA", 16, upper as fn(u8) -> bool, "an AWS access key"),
        ("ghp_", 36, alnum, "a GitHub token"),
        ("github_pat_", 60, word, "a GitHub token"),
        ("sk_live_", 24, alnum, "a Stripe key"),
        ("xoxb-", 40, word, "a Slack token"),
        ("AIza", 35, word, "a Google API key"),
    ] {
        if run(prefix, least, fits) {
            return Some(what);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_placeholders() {
        assert_eq!(secret("AKIAIOSFODNN7ABCDEFG"), Some("an AWS access key"));
        assert_eq!(secret("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(secret("AKIAXXXXXXXXXXXXXXXX"), None);
        assert_eq!(secret("xAKIAIOSFODNN7ABCDEFG"), None);
    }
}
