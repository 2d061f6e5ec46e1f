//! The skills extension (`io.modelcontextprotocol/skills`, SEP-2640): what skills there are, each with its files' digests.
//!
//! The skills are part of the build, so nothing is stored and no binding is needed. Each is one file, so there are no
//! directories to read and `directoryRead` is not declared.

use crate::methods::listed;
use crate::seal::hex;
use octavo_catalog::{Scope, Skill};
use octavo_category::Category;
use octavo_mcp::{ErrorCode, Params, RpcError, Version};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The extension's identifier.
pub(crate) const EXTENSION: &str = "io.modelcontextprotocol/skills";

/// The result of `skills/list`.
pub(crate) fn list(version: Version, scope: &Scope) -> String {
    let entries: Value =
        Category::ALL.iter().filter(|category| scope.has(**category)).map(|category| entry(*category)).collect();
    listed(version, scope, &format!(r#""skills":{entries}"#))
}

/// The result of `skills/get`.
pub(crate) fn get(version: Version, scope: &Scope, params: &Params<'_>) -> Result<String, RpcError> {
    let category =
        Params::text(params.uri).and_then(|uri| Skill::category(&uri)).filter(|category| scope.has(*category));
    let category = category.ok_or_else(|| {
        RpcError::new(
            ErrorCode::InvalidParams,
            "Invalid params: `params.uri` must be the URI of a skill in skills/list",
        )
    })?;
    Ok(listed(version, scope, &format!(r#""skill":{}"#, entry(category))))
}

fn entry(category: Category) -> Value {
    let skill = Skill::of(category);
    let text = skill.text(category);
    let digest = hex(&Sha256::digest(text.as_bytes()));
    json!({
        "uri": skill.uri,
        "frontmatter": { "name": skill.name, "description": skill.description },
        "resources": [{ "uri": skill.uri, "digest": format!("sha256:{digest}"), "size": text.len() }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_the_bytes_that_are_read() {
        let scope = Scope::default();
        let listed: Value = serde_json::from_str(&list(Version::V2026_07_28, &scope)).expect("JSON");
        let skills = listed["skills"].as_array().expect("skills");
        assert_eq!(skills.len(), Category::ALL.len());
        for skill in skills {
            let params = json!({ "uri": skill["uri"] }).to_string();
            let raw = serde_json::from_str(&params).expect("JSON");
            let params = Params::parse(Some(raw)).expect("params");
            let got: Value =
                serde_json::from_str(&get(Version::V2026_07_28, &scope, &params).expect("a skill")).expect("JSON");
            assert_eq!(got["skill"], *skill);
            let read = crate::resources::read(Version::V2026_07_28, &scope, &params).expect("a resource");
            let read: Value = serde_json::from_str(&read).expect("JSON");
            let text = read["contents"][0]["text"].as_str().expect("a text");
            let file = &skill["resources"][0];
            assert_eq!(file["size"], text.len());
            assert_eq!(file["digest"], format!("sha256:{}", hex(&Sha256::digest(text.as_bytes()))));
        }
    }
}
