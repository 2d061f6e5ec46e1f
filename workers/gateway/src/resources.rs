//! Resources: a guide, an index of rules and a skill for each category in scope, and the page of every rule.

use crate::methods::listed;
use octavo_catalog::{Scope, Skill, decoded, extra, guide, rules};
use octavo_category::Category;
use octavo_mcp::{ErrorCode, Params, RpcError, Version};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::fmt::Write as _;

const GUIDE: &str = "guide://";
const MARKDOWN: &str = "text/markdown";

/// The result of `resources/list`.
pub(crate) fn list(version: Version, scope: &Scope) -> String {
    let mut resources = Vec::new();
    for category in Category::ALL.iter().filter(|category| scope.has(**category)) {
        let row = category.row();
        resources.push(json!({
            "uri": format!("{GUIDE}{category}"),
            "name": format!("{category}_guide"),
            "title": format!("{}: guide", row.title),
            "description": format!("Which of the {category} tools when, and how to work with their results."),
            "mimeType": MARKDOWN,
        }));
        resources.push(json!({
            "uri": format!("{}{category}", rules::SCHEME),
            "name": format!("{category}_rules"),
            "title": format!("{}: rules", row.title),
            "description": format!("Every rule that the {category} tools report: its id and what it asks for."),
            "mimeType": MARKDOWN,
        }));
        let Skill { uri, name, description } = Skill::of(*category);
        resources.push(json!({
            "uri": uri,
            "name": name,
            "title": format!("{}: skill", row.title),
            "description": description,
            "mimeType": MARKDOWN,
        }));
    }
    let added = extra().filter(|_| scope.is_whole()).map_or(&[][..], |extra| &extra.resources);
    members(version, scope, "resources", resources, added)
}

/// The result of `resources/templates/list`.
pub(crate) fn templates(version: Version, scope: &Scope) -> String {
    let template = json!({
        "uriTemplate": format!("{}{{category}}/{{id}}", rules::SCHEME),
        "name": "rule",
        "title": "Rule",
        "description": "What a rule asks for, why, wrong and right source, where it comes from; the `help` of a finding.",
        "mimeType": MARKDOWN,
    });
    let added = extra().filter(|_| scope.is_whole()).map_or(&[][..], |extra| &extra.resource_templates);
    members(version, scope, "resourceTemplates", vec![template], added)
}

fn members(version: Version, scope: &Scope, name: &str, mut entries: Vec<Value>, added: &[&RawValue]) -> String {
    if !version.has_structured_content() {
        entries.iter_mut().filter_map(Value::as_object_mut).for_each(|entry| {
            entry.remove("title");
        });
    }
    let entries = entries.iter().map(Value::to_string).chain(added.iter().map(|entry| entry.get().to_owned()));
    let entries = entries.collect::<Vec<_>>().join(",");
    listed(version, scope, &format!(r#""{name}":[{entries}]"#))
}

/// The result of `resources/read`.
pub(crate) fn read(version: Version, scope: &Scope, params: &Params<'_>) -> Result<String, RpcError> {
    let uri = Params::text(params.uri).ok_or_else(|| {
        RpcError::new(ErrorCode::InvalidParams, "Invalid params: `params.uri` must be a resource's URI")
    })?;
    let text = text_of(scope, &uri).ok_or_else(|| RpcError::unknown_resource(version, &uri))?;
    let contents = json!([{ "uri": uri, "mimeType": MARKDOWN, "text": text }]);
    Ok(listed(version, scope, &format!(r#""contents":{contents}"#)))
}

fn text_of(scope: &Scope, uri: &str) -> Option<String> {
    let in_scope = |slug: &str| Category::from_slug(slug).filter(|category| scope.has(*category));
    if let Some(slug) = uri.strip_prefix(GUIDE) {
        return in_scope(slug).map(|category| guide(category).to_owned());
    }
    if let Some(category) = Skill::category(uri) {
        return scope.has(category).then(|| Skill::of(category).text(category));
    }
    let rest = decoded(uri.strip_prefix(rules::SCHEME)?);
    let Some((slug, id)) = rest.split_once('/') else { return in_scope(&rest).map(index) };
    let pages = rules::get(in_scope(slug)?, id);
    (!pages.is_empty()).then(|| pages.iter().map(rules::Rule::to_markdown).collect::<Vec<_>>().join("\n"))
}

fn index(category: Category) -> String {
    let mut text = format!("# Rules of {category}\n\nA page each: {}{category}/id\n\n", rules::SCHEME);
    for rule in rules::of_category(category) {
        let _ = writeln!(text, "- {}: {}", rule.id(), rule.summary);
    }
    text
}
