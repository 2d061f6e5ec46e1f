//! Rules on paths, operations, their parameters and security.

use super::Lint;
use super::rules::{
    AMBIGUOUS_PATHS, CALLBACKS_IN_CALLBACKS, FORM_DATA_CONSUMES, OPERATION_DESCRIPTION, OPERATION_ID,
    OPERATION_ID_UNIQUE, OPERATION_ID_URL, OPERATION_PARAMETERS, OPERATION_TAGS, PATH_DECLARATIONS, PATH_PARAMS,
    PATH_QUERY, PATH_TRAILING_SLASH, SECURITY_DEFINED2, SECURITY_DEFINED3, SINGULAR_TAG, SUCCESS_RESPONSE, TAG_DEFINED,
    TAG_DESCRIPTION, TAGS_ALPHABETICAL, TAGS_PRESENT, TAGS_UNIQUE,
};
use super::shapes::V2;
use crate::support::tree::{Document, Member, NodeId, Span, Value};
use octavo_toolkit::limits::excerpt;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Most pairs of paths that are compared for ambiguity: two thousand paths of one length.
const MAX_PATH_PAIRS: usize = 2_000_000;

pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An operation: its key in the path item, and itself.
pub(super) struct Operation<'d> {
    pub(super) path: &'d str,
    pub(super) item: NodeId,
    pub(super) member: &'d Member,
    pub(super) node: NodeId,
}

/// The operations in the order of the document.
pub(super) fn operations<'d>(lint: &Lint<'d>) -> Vec<Operation<'d>> {
    let mut found = Vec::new();
    let doc = lint.doc;
    let Some(paths) = lint.top("paths") else { return found };
    for path in doc.members(paths) {
        let Some(item) = lint.resolve(path.value) else { continue };
        for member in doc.members(item).iter().filter(|member| METHODS.contains(&&*member.key)) {
            let Some(node) = lint.resolve(member.value) else { continue };
            if doc.mapping(node).is_some() {
                found.push(Operation { path: &path.key, item, member, node });
            }
        }
    }
    found
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let operations = operations(lint);
    let mut seen = BTreeSet::new();
    for operation in &operations {
        if seen.insert(operation.node) {
            check_operation(lint, operation);
        }
    }
    operation_ids(lint, &operations);
    tags(lint, &operations);
    path_keys(lint);
    path_params(lint);
    ambiguous_paths(lint);
    security(lint, &operations);
}

fn truthy(doc: &Document, id: NodeId) -> bool {
    match doc.value(id) {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number, _) => *number != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Bool(true) | Value::Sequence(_) | Value::Mapping(_) => true,
    }
}

pub(super) fn is_truthy(lint: &Lint<'_>, id: NodeId, key: &str) -> bool {
    lint.doc.get(id, key).is_some_and(|value| truthy(lint.doc, value))
}

/// The place of a member if it is there, else of the object that lacks it.
pub(super) fn place_of(lint: &Lint<'_>, id: NodeId, key: &str) -> Span {
    lint.doc.member(id, key).map_or_else(|| lint.place(id), |member| member.key_span)
}

fn check_operation(lint: &mut Lint<'_>, operation: &Operation<'_>) {
    let doc = lint.doc;
    let id = operation.node;
    let name = format!("{} {}", operation.member.key.to_uppercase(), excerpt(operation.path));
    if let Some(responses) = doc.get(id, "responses").and_then(|responses| lint.resolve(responses))
        && doc.mapping(responses).is_some()
    {
        let success = |key: &str| {
            (lint.edition != V2 && (key == "2XX" || key == "3XX"))
                || key.parse::<f64>().is_ok_and(|status| (200.0..400.0).contains(&status))
        };
        if !doc.members(responses).iter().any(|member| success(&member.key)) {
            lint.add(&SUCCESS_RESPONSE, lint.place(responses), format!("{name} has no 2xx or 3xx response"));
        }
    }
    for (rule, key) in [(&OPERATION_DESCRIPTION, "description"), (&OPERATION_ID, "operationId")] {
        if !is_truthy(lint, id, key) {
            lint.add(rule, place_of(lint, id, key), format!("{name} has no `{key}`"));
        }
    }
    if let Some(member) = doc.member(id, "operationId")
        && let Some(text) = doc.str(member.value)
    {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=".contains(c);
        if !text.chars().all(fits) {
            let message = format!("operationId `{}` holds a character that URLs do not", excerpt(text));
            lint.add(&OPERATION_ID_URL, member.key_span, message);
        }
    }
    let tags = doc.get(id, "tags").and_then(|tags| lint.resolve(tags));
    let count = tags.map(|tags| doc.items(tags).len());
    if count.unwrap_or(0) == 0 {
        lint.add(&OPERATION_TAGS, place_of(lint, id, "tags"), format!("{name} has no tag"));
    } else if count.is_some_and(|count| count > 1) {
        lint.add(&SINGULAR_TAG, place_of(lint, id, "tags"), format!("{name} has {} tags", count.unwrap_or(0)));
    }
    parameters(lint, id, &name);
    if lint.edition == V2 {
        form_data(lint, id, &name);
    }
    callbacks(lint, id);
}

fn parameters(lint: &mut Lint<'_>, operation: NodeId, name: &str) {
    let doc = lint.doc;
    let Some(list) = doc.get(operation, "parameters").and_then(|list| lint.resolve(list)) else { return };
    let mut seen = BTreeSet::new();
    let (mut bodies, mut forms) = (Vec::new(), 0);
    for item in doc.items(list) {
        let Some(parameter) = lint.resolve(*item).filter(|id| doc.mapping(*id).is_some()) else { continue };
        let print = |key: &str| doc.get(parameter, key).map_or("undefined".to_owned(), |id| doc.excerpt(id, 200));
        if !seen.insert((print("in"), print("name"))) {
            let message = format!("{name} has two parameters {} in {}", excerpt(&print("name")), excerpt(&print("in")));
            lint.add(&OPERATION_PARAMETERS, lint.place(parameter), message);
        }
        match doc.get_str(parameter, "in") {
            Some("body") => bodies.push(lint.place(parameter)),
            Some("formData") => forms += 1,
            _ => {}
        }
    }
    if doc.items(list).len() < 2 {
        return;
    }
    if !bodies.is_empty() && forms > 0 {
        lint.add(&OPERATION_PARAMETERS, lint.place(list), format!("{name} has both a body and form parameters"));
    }
    for place in bodies.into_iter().skip(1) {
        lint.add(&OPERATION_PARAMETERS, place, format!("{name} has more than one body"));
    }
}

fn form_data(lint: &mut Lint<'_>, operation: NodeId, name: &str) {
    let doc = lint.doc;
    let (Some(consumes), Some(list)) = (doc.get(operation, "consumes"), doc.get(operation, "parameters")) else {
        return;
    };
    let mut parameters = doc.items(list).iter().filter_map(|item| lint.resolve(*item));
    let has_form = parameters.any(|id| doc.get_str(id, "in") == Some("formData"));
    let fits = |text: &str| text.contains("application/x-www-form-urlencoded") || text.contains("multipart/form-data");
    let consumes_form = doc.items(consumes).iter().filter_map(|id| doc.str(*id)).any(fits);
    let is_list = matches!(doc.value(consumes), Value::Sequence(_));
    if has_form && is_list && !consumes_form {
        lint.add(
            &FORM_DATA_CONSUMES,
            lint.place(operation),
            format!("{name} takes a form and consumes no form media type"),
        );
    }
}

fn callbacks(lint: &mut Lint<'_>, operation: NodeId) {
    let doc = lint.doc;
    if lint.edition == V2 {
        return;
    }
    let Some(callbacks) = doc.get(operation, "callbacks").and_then(|id| lint.resolve(id)) else { return };
    let within = |lint: &Lint<'_>, id: NodeId| -> Vec<NodeId> {
        doc.members(id).iter().filter_map(|member| lint.resolve(member.value)).collect()
    };
    for callback in within(lint, callbacks) {
        for item in within(lint, callback) {
            for inner in within(lint, item) {
                if let Some(member) = doc.member(inner, "callbacks") {
                    lint.add(&CALLBACKS_IN_CALLBACKS, member.key_span, "a callback has callbacks".to_owned());
                }
            }
        }
    }
}

fn operation_ids(lint: &mut Lint<'_>, operations: &[Operation<'_>]) {
    let doc = lint.doc;
    let mut seen: BTreeMap<u64, &Operation<'_>> = BTreeMap::new();
    for operation in operations {
        let Some(member) = doc.member(operation.node, "operationId") else { continue };
        let digest = doc.digest(member.value);
        if let Some(first) = seen.get(&digest) {
            let shown = doc.str(member.value).unwrap_or_default();
            let message = format!(
                "operationId `{}` is that of {} {} too",
                excerpt(shown),
                first.member.key.to_uppercase(),
                excerpt(first.path)
            );
            lint.add(&OPERATION_ID_UNIQUE, member.key_span, message);
        } else {
            seen.insert(digest, operation);
        }
    }
}

fn tags(lint: &mut Lint<'_>, operations: &[Operation<'_>]) {
    let doc = lint.doc;
    let declared = lint.top("tags").map_or(&[][..], |tags| doc.items(tags));
    let declared: Vec<NodeId> = declared.iter().filter_map(|item| lint.resolve(*item)).collect();
    let names: BTreeSet<&str> = declared.iter().filter_map(|tag| doc.get_str(*tag, "name")).collect();
    for operation in operations {
        let Some(list) = doc.get(operation.node, "tags").and_then(|list| lint.resolve(list)) else { continue };
        for tag in doc.items(list) {
            if !doc.str(*tag).is_some_and(|name| names.contains(name)) {
                let shown = excerpt(&doc.excerpt(*tag, 100));
                lint.add(&TAG_DEFINED, doc.span(*tag), format!("tag {shown} is not declared in `tags`"));
            }
        }
    }
    let all_named = !declared.is_empty() && declared.iter().all(|tag| doc.get_str(*tag, "name").is_some());
    let mut seen = BTreeSet::new();
    for tag in &declared {
        let Some(member) = doc.member(*tag, "name") else { continue };
        let name = doc.str(member.value).unwrap_or_default();
        if all_named && !seen.insert(name) {
            lint.add(&TAGS_UNIQUE, member.key_span, format!("tag `{}` is declared twice", excerpt(name)));
        }
        if !is_truthy(lint, *tag, "description") {
            lint.add(
                &TAG_DESCRIPTION,
                place_of(lint, *tag, "description"),
                format!("tag `{}` has no description", excerpt(name)),
            );
        }
    }
    let listed: Vec<&str> = declared.iter().filter_map(|tag| doc.get_str(*tag, "name")).collect();
    if let Some(at) = listed.windows(2).position(|pair| matches!(pair, [a, b] if a > b)) {
        let (first, second) =
            (listed.get(at).copied().unwrap_or_default(), listed.get(at + 1).copied().unwrap_or_default());
        let place = declared.get(at).map_or_else(Span::default, |tag| lint.place(*tag));
        lint.add(&TAGS_ALPHABETICAL, place, format!("tag `{}` stands before `{}`", excerpt(first), excerpt(second)));
    }
    if declared.is_empty() {
        lint.add(&TAGS_PRESENT, place_of(lint, doc.root(), "tags"), "no tag is declared".to_owned());
    }
}

fn path_keys(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let Some(paths) = lint.top("paths") else { return };
    for member in doc.members(paths) {
        let key = &*member.key;
        let shown = excerpt(key);
        if key.contains("{}") {
            lint.add(&PATH_DECLARATIONS, member.key_span, format!("`{shown}` has a parameter without a name"));
        }
        if key.len() > 1 && key.ends_with('/') {
            lint.add(&PATH_TRAILING_SLASH, member.key_span, format!("`{shown}` ends with a slash"));
        }
        if key.contains('?') {
            lint.add(&PATH_QUERY, member.key_span, format!("`{shown}` has a query"));
        }
    }
}

// The parameters in a template, as Spectral reads it: `{id}`, `{;id*}`, `{?id}`.
fn pieces(template: &str) -> (String, Vec<String>) {
    let mut normal = String::new();
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        normal.push_str(before);
        let Some((inner, tail)) = after.split_once('}') else {
            normal.push('{');
            rest = after;
            continue;
        };
        let core = inner.strip_prefix(';').unwrap_or(inner);
        let core = core.strip_prefix('?').unwrap_or(core);
        let core = core.strip_suffix('*').unwrap_or(core);
        if !core.is_empty() && core.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            normal.push('%');
            names.push(core.to_owned());
            rest = tail;
        } else {
            normal.push('{');
            rest = after;
        }
    }
    normal.push_str(rest);
    (normal, names)
}

fn path_params(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let Some(paths) = lint.top("paths") else { return };
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for path in doc.members(paths) {
        let Some(item) = lint.resolve(path.value).filter(|item| doc.mapping(*item).is_some()) else { continue };
        let shown = excerpt(&path.key);
        let (normal, names) = pieces(&path.key);
        if let Some(first) = seen.get(&normal) {
            let message = format!("`{shown}` and `{}` are one path", excerpt(first));
            lint.add(&PATH_PARAMS, path.key_span, message);
        } else {
            seen.insert(normal, &path.key);
        }
        let mut expected: Vec<&str> = Vec::new();
        for name in &names {
            if expected.contains(&name.as_str()) {
                lint.add(&PATH_PARAMS, path.key_span, format!("`{shown}` uses `{{{}}}` twice", excerpt(name)));
            } else {
                expected.push(name);
            }
        }
        let mut shared = BTreeMap::new();
        collect_path_params(lint, item, &mut shared);
        let mut told = BTreeSet::new();
        for member in doc.members(item).iter().filter(|member| METHODS.contains(&&*member.key)) {
            let Some(operation) = lint.resolve(member.value).filter(|id| doc.mapping(*id).is_some()) else { continue };
            let mut own = BTreeMap::new();
            collect_path_params(lint, operation, &mut own);
            let mut defined = shared.clone();
            defined.extend(own);
            for (name, place) in &defined {
                if !expected.contains(&name.as_str()) && told.insert((name.clone(), *place)) {
                    lint.add(&PATH_PARAMS, *place, format!("parameter `{}` is not part of `{shown}`", excerpt(name)));
                }
            }
            for name in &expected {
                if !defined.contains_key(*name) {
                    let message =
                        format!("{} `{shown}` does not declare `{{{}}}`", member.key.to_uppercase(), excerpt(name));
                    lint.add(&PATH_PARAMS, lint.place(operation), message);
                }
            }
        }
    }
}

fn collect_path_params(lint: &mut Lint<'_>, owner: NodeId, found: &mut BTreeMap<String, Span>) {
    let doc = lint.doc;
    let Some(list) = doc.get(owner, "parameters").and_then(|list| lint.resolve(list)) else { return };
    for item in doc.items(list) {
        let Some(id) = lint.resolve(*item) else { continue };
        let Some(name) = doc.get(id, "name").filter(|_| doc.get_str(id, "in") == Some("path")) else { continue };
        let name = doc.str(name).map_or_else(|| doc.excerpt(name, 100), str::to_owned);
        let place = lint.place(id);
        if !doc.is_true(id, "required") {
            lint.add(&PATH_PARAMS, place, format!("path parameter `{}` lacks `required: true`", excerpt(&name)));
        }
        match found.entry(name) {
            Entry::Occupied(known) => {
                let message = format!("path parameter `{}` is declared twice", excerpt(known.key()));
                lint.add(&PATH_PARAMS, place, message);
            }
            Entry::Vacant(free) => {
                free.insert(place);
            }
        }
    }
}

fn ambiguous_paths(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let Some(paths) = lint.top("paths") else { return };
    let mut by_length: BTreeMap<usize, Vec<(Vec<&str>, &Member)>> = BTreeMap::new();
    for member in doc.members(paths).iter().filter(|member| member.key.starts_with('/')) {
        let steps: Vec<&str> = member.key.split('/').skip(1).collect();
        by_length.entry(steps.len()).or_default().push((steps, member));
    }
    let mut pairs = 0;
    let variable = |step: &str| step.starts_with('{') && step.ends_with('}');
    let mut told = Vec::new();
    for list in by_length.values() {
        for (at, (second, member)) in list.iter().enumerate() {
            for (first, earlier) in list.iter().take(at) {
                pairs += 1;
                if pairs > MAX_PATH_PAIRS {
                    lint.undecided = true;
                    break;
                }
                let (mut overlap, mut left, mut right) = (true, false, false);
                for (a, b) in first.iter().zip(second) {
                    match (variable(a), variable(b)) {
                        (true, true) => {}
                        (false, true) => left = true,
                        (true, false) => right = true,
                        (false, false) => overlap &= a == b,
                    }
                }
                // Where one is more concrete throughout, routers agree; equal templates are another rule's.
                if overlap && left && right {
                    told.push((
                        member.key_span,
                        format!("`{}` and `{}` can both fit one request", excerpt(&member.key), excerpt(&earlier.key)),
                    ));
                    break;
                }
            }
        }
    }
    for (span, message) in told {
        lint.add(&AMBIGUOUS_PATHS, span, message);
    }
}

fn security(lint: &mut Lint<'_>, operations: &[Operation<'_>]) {
    let doc = lint.doc;
    let mut lists: Vec<(NodeId, &str)> = Vec::new();
    lists.extend(doc.get(doc.root(), "security").map(|list| (list, "the API")));
    let mut seen = BTreeSet::new();
    for operation in operations.iter().filter(|operation| seen.insert(operation.node)) {
        lists.extend(doc.get(operation.node, "security").map(|list| (list, "an operation")));
    }
    let rule = if lint.edition == V2 { &SECURITY_DEFINED2 } else { &SECURITY_DEFINED3 };
    let schemes: BTreeMap<&str, NodeId> =
        lint.spec.components("securitySchemes").iter().map(|member| (&*member.key, member.value)).collect();
    for (list, whose) in lists {
        for requirement in doc.items(list) {
            let members = doc.members(*requirement);
            let texts = |id: &NodeId| doc.str(*id).is_some();
            let proper =
                |member: &Member| matches!(doc.value(member.value), Value::Sequence(items) if items.iter().all(texts));
            if !members.iter().all(proper) {
                continue;
            }
            for member in members {
                let Some(scheme) = schemes.get(&*member.key) else {
                    let message = format!("security scheme `{}` of {whose} is not defined", excerpt(&member.key));
                    lint.add(rule, member.key_span, message);
                    continue;
                };
                let scheme = lint.resolve(*scheme).unwrap_or(*scheme);
                // What a provider offers is in its own document, and from 3.1 on roles may stand here for any scheme.
                if doc.get_str(scheme, "type") == Some("openIdConnect") {
                    continue;
                }
                for scope in doc.items(member.value) {
                    let name = doc.str(*scope).unwrap_or_default();
                    let listed =
                        |flow: NodeId| doc.get(flow, "scopes").is_some_and(|scopes| doc.get(scopes, name).is_some());
                    let known = if lint.edition == V2 {
                        listed(scheme)
                    } else {
                        doc.get(scheme, "flows")
                            .is_some_and(|flows| doc.members(flows).iter().any(|flow| listed(flow.value)))
                    };
                    if !known {
                        let message = format!("scope `{}` is not one of `{}`", excerpt(name), excerpt(&member.key));
                        lint.add(rule, doc.span(*scope), message);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_read_as_spectral_reads_them() {
        let names = |template: &str| pieces(template);
        assert_eq!(names("/a/{b}"), ("/a/%".to_owned(), vec!["b".to_owned()]));
        assert_eq!(names("/a/{;b*}").1, ["b"]);
        assert_eq!(names("/a/{b c}/{d").1, [""; 0]);
    }
}
