//! Rules on the document as a whole: `info`, servers, hosts, webhooks, and what is used.

use super::Lint;
use super::operations::{is_truthy, operations, place_of};
use super::rules::{
    API_HOST, API_SCHEMES, API_SERVERS, CALLBACKS_IN_WEBHOOK, CONTACT_PROPERTIES, DISCRIMINATOR, HOST_NOT_EXAMPLE,
    HOST_SLASH, INFO_CONTACT, INFO_DESCRIPTION, INFO_LICENSE, LICENSE_URL, SERVER_NOT_EXAMPLE, SERVER_SLASH,
    SERVER_VARIABLES, SERVERS_IN_WEBHOOK, UNUSED2, UNUSED3,
};
use super::shapes::{V2, V31, V32};
use crate::support::tree::{NodeId, Span, Value};
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;

pub(super) fn check(lint: &mut Lint<'_>) {
    info(lint);
    if lint.edition == V2 {
        swagger(lint);
    } else {
        servers(lint);
        if lint.edition & (V31 | V32) != 0 {
            webhooks(lint);
        }
    }
    unused(lint);
}

fn info(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let root = doc.root();
    let info = lint.top("info");
    let rules = [(&INFO_CONTACT, "contact"), (&INFO_DESCRIPTION, "description"), (&INFO_LICENSE, "license")];
    for (rule, key) in rules {
        let place = info.map_or_else(|| place_of(lint, root, "info"), |info| place_of(lint, info, key));
        if !info.is_some_and(|info| is_truthy(lint, info, key)) {
            lint.add(rule, place, format!("`info` has no {key}"));
        }
    }
    let license = info.and_then(|info| doc.get(info, "license"));
    if !license.is_some_and(|license| is_truthy(lint, license, "url")) {
        let place = match (license, info) {
            (Some(license), _) => place_of(lint, license, "url"),
            (None, Some(info)) => lint.place(info),
            (None, None) => Span::default(),
        };
        lint.add(&LICENSE_URL, place, "the licence has no URL".to_owned());
    }
    if let Some(contact) = info.and_then(|info| doc.get(info, "contact")) {
        for key in ["name", "url", "email"] {
            if !is_truthy(lint, contact, key) {
                lint.add(&CONTACT_PROPERTIES, place_of(lint, contact, key), format!("the contact has no {key}"));
            }
        }
    }
}

fn swagger(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let root = doc.root();
    if !is_truthy(lint, root, "host") {
        lint.add(&API_HOST, place_of(lint, root, "host"), "no host is named".to_owned());
    }
    let schemes = doc.get(root, "schemes").map_or(&[][..], |list| doc.items(list));
    if schemes.is_empty() || schemes.iter().any(|item| doc.str(*item).is_none()) {
        lint.add(&API_SCHEMES, place_of(lint, root, "schemes"), "no schemes are named".to_owned());
    }
    if let Some(host) = doc.get_str(root, "host") {
        let place = place_of(lint, root, "host");
        if host.ends_with('/') {
            lint.add(&HOST_SLASH, place, format!("host `{}` ends with a slash", excerpt(host)));
        }
        if host.contains("example.com") {
            lint.add(&HOST_NOT_EXAMPLE, place, format!("host `{}` is a placeholder", excerpt(host)));
        }
    }
    let Some(definitions) = doc.get(root, "definitions") else { return };
    for member in doc.members(definitions) {
        let Some(schema) = lint.resolve(member.value) else { continue };
        let Some(discriminator) = doc.get_str(schema, "discriminator") else { continue };
        let properties = doc.get(schema, "properties").and_then(|map| lint.resolve(map));
        if properties.is_none_or(|map| doc.get(map, discriminator).is_none()) {
            let message = format!("discriminator `{}` is no property", excerpt(discriminator));
            lint.add(&DISCRIMINATOR, place_of(lint, schema, "properties"), message);
        }
        let required = doc.get(schema, "required").map_or(&[][..], |list| doc.items(list));
        if !required.iter().any(|item| doc.str(*item) == Some(discriminator)) {
            let message = format!("discriminator `{}` is not required", excerpt(discriminator));
            lint.add(&DISCRIMINATOR, place_of(lint, schema, "required"), message);
        }
    }
}

fn servers(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let root = doc.root();
    let list = doc.get(root, "servers").map_or(&[][..], |list| doc.items(list));
    if list.is_empty() || list.iter().any(|server| doc.mapping(*server).is_none()) {
        lint.add(&API_SERVERS, place_of(lint, root, "servers"), "no server is named".to_owned());
    }
    for server in list {
        let Some(url) = doc.get_str(*server, "url") else { continue };
        let place = place_of(lint, *server, "url");
        if url.len() > 1 && url.ends_with('/') {
            lint.add(&SERVER_SLASH, place, format!("`{}` ends with a slash", excerpt(url)));
        }
        if url.contains("example.com") {
            lint.add(&SERVER_NOT_EXAMPLE, place, format!("`{}` is a placeholder", excerpt(url)));
        }
    }
    let mut all: BTreeSet<NodeId> = list.iter().copied().collect();
    for operation in operations(lint) {
        for owner in [operation.item, operation.node] {
            all.extend(doc.get(owner, "servers").map_or(&[][..], |list| doc.items(list)));
        }
    }
    for server in all {
        server_variables(lint, server);
    }
}

fn server_variables(lint: &mut Lint<'_>, server: NodeId) {
    let doc = lint.doc;
    let Some(url) = doc.get_str(server, "url") else { return };
    let found: BTreeSet<&str> =
        url.split('{').skip(1).filter_map(|piece| piece.split_once('}').map(|(name, _)| name)).collect();
    let variables = doc.get(server, "variables");
    let declared = variables.map_or(&[][..], |variables| doc.members(variables));
    for member in declared.iter().filter(|member| !found.contains(&&*member.key)) {
        let message = format!("variable `{}` is not part of the URL", excerpt(&member.key));
        lint.add(&SERVER_VARIABLES, member.key_span, message);
    }
    let missing: Vec<&str> =
        found.iter().copied().filter(|name| !declared.iter().any(|member| &*member.key == *name)).collect();
    if !missing.is_empty() {
        let message = format!("variables of the URL are not declared: {}", excerpt(&missing.join(", ")));
        lint.add(&SERVER_VARIABLES, place_of(lint, server, "variables"), message);
    }
    for member in declared.iter().filter(|member| found.contains(&&*member.key)) {
        let Some(default) = doc.member(member.value, "default") else {
            let message = format!("variable `{}` has no default", excerpt(&member.key));
            lint.add(&SERVER_VARIABLES, member.key_span, message);
            continue;
        };
        let Some(list) = doc.get(member.value, "enum") else { continue };
        let digest = doc.digest(default.value);
        if !doc.items(list).iter().any(|item| doc.digest(*item) == digest) {
            let message = format!("the default of `{}` is not one of its values", excerpt(&member.key));
            lint.add(&SERVER_VARIABLES, default.key_span, message);
        }
    }
}

fn webhooks(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let Some(webhooks) = lint.top("webhooks") else { return };
    if let Some(member) = doc.member(webhooks, "servers") {
        lint.add(&SERVERS_IN_WEBHOOK, member.key_span, "`webhooks` has servers".to_owned());
    }
    for hook in doc.members(webhooks) {
        let Some(item) = lint.resolve(hook.value) else { continue };
        for member in doc.members(item) {
            let Some(part) = lint.resolve(member.value) else { continue };
            if let Some(member) = doc.member(part, "servers") {
                let message = format!("webhook `{}` has servers", excerpt(&hook.key));
                lint.add(&SERVERS_IN_WEBHOOK, member.key_span, message);
            }
            if let Some(member) = doc.member(part, "callbacks") {
                let message = format!("webhook `{}` has callbacks", excerpt(&hook.key));
                lint.add(&CALLBACKS_IN_WEBHOOK, member.key_span, message);
            }
        }
    }
}

// What a reference names counts as used, and so does what a name in a security requirement or a mapping names.
fn unused(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    let mut used: BTreeSet<NodeId> = BTreeSet::new();
    for id in doc.ids() {
        if let Some(target) = doc.get_str(id, "$ref") {
            used.extend(lint.spec.target(target));
        }
        if let Some(mapping) = doc.get(id, "discriminator").and_then(|d| doc.get(d, "mapping")) {
            let targets = doc.members(mapping).iter().filter_map(|member| doc.str(member.value));
            used.extend(targets.filter_map(|target| lint.spec.target(target)));
        }
    }
    let kinds: &[&str] = if lint.edition == V2 {
        &["schemas"]
    } else {
        &["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "callbacks"]
    };
    let rule = if lint.edition == V2 { &UNUSED2 } else { &UNUSED3 };
    let nested = nested_targets(lint);
    for kind in kinds {
        for member in lint.spec.components(kind) {
            if !used.contains(&member.value) && !nested.contains(&member.value) {
                let what = if lint.edition == V2 { "definitions" } else { kind };
                let message = format!("nothing refers to `{}` in `{what}`", excerpt(&member.key));
                lint.add(rule, member.key_span, message);
            }
        }
    }
}

// Components of which only an inner part is referred to.
fn nested_targets(lint: &Lint<'_>) -> BTreeSet<NodeId> {
    let doc = lint.doc;
    let mut found = BTreeSet::new();
    for id in doc.ids() {
        let Some(target) = doc.get_str(id, "$ref") else { continue };
        let Some(pointer) = target.strip_prefix("#/") else { continue };
        let depth = if lint.edition == V2 { 2 } else { 3 };
        let steps: Vec<&str> = pointer.split('/').take(depth + 1).collect();
        if steps.len() > depth {
            let head = steps.get(..depth).unwrap_or_default().join("/");
            found.extend(lint.spec.target(&format!("#/{head}")));
        }
    }
    found.retain(|id| !matches!(doc.value(*id), Value::Null));
    found
}
