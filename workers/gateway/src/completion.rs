//! `completion/complete`: what is typed of a rule's place, completed from the catalogue.

use crate::methods::SERVER;
use crate::prompts;
use octavo_catalog::{Scope, rules};
use octavo_category::Category;
use octavo_mcp::{ErrorCode, Params, RpcError, Version, complete_result};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Most values in an answer, as the specification has it.
const MAX_VALUES: usize = 100;

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    uri: String,
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    arguments: BTreeMap<String, String>,
}

/// The result of `completion/complete`. `None` when what is to be completed is not ours.
pub(crate) fn complete(version: Version, scope: &Scope, params: &Params<'_>) -> Result<Option<String>, RpcError> {
    let invalid = |what: &str| RpcError::new(ErrorCode::InvalidParams, format!("Invalid params: {what}"));
    let reference: Reference = params
        .reference
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .ok_or_else(|| invalid("`params.ref` must name a prompt or a resource"))?;
    let argument: Argument = params
        .argument
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .ok_or_else(|| invalid("`params.argument` must have `name` and `value`"))?;
    let context: Context = params.context.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let typed = argument.value.to_lowercase();
    let values: Vec<String> = match (reference.kind.as_str(), argument.name.as_str()) {
        // Prompts take free words.
        ("ref/prompt", _) if prompts::has(scope, &reference.name) => Vec::new(),
        ("ref/resource", "category") if reference.uri == template() => {
            categories(scope).map(|category| category.slug().to_owned()).collect()
        }
        ("ref/resource", "id") if reference.uri == template() => {
            let chosen = context.arguments.get("category");
            let chosen = categories(scope).filter(|category| chosen.is_none_or(|slug| category.slug() == slug));
            chosen.flat_map(|category| rules::of_category(category).map(|rule| rule.id().to_owned())).collect()
        }
        ("ref/resource", _) if reference.uri == template() => Vec::new(),
        _ => return Ok(None),
    };
    let fitting: Vec<String> = values.into_iter().filter(|value| value.to_lowercase().starts_with(&typed)).collect();
    let total = fitting.len();
    let shown: Vec<String> = fitting.into_iter().take(MAX_VALUES).collect();
    let completion = json!({ "values": shown, "total": total, "hasMore": total > MAX_VALUES });
    Ok(Some(complete_result(version, &format!(r#""completion":{completion}"#), SERVER)))
}

fn template() -> String {
    format!("{}{{category}}/{{id}}", rules::SCHEME)
}

fn categories(scope: &Scope) -> impl Iterator<Item = Category> {
    Category::ALL.iter().copied().filter(|category| scope.has(*category))
}
