//! Who may call what. The shell checks keys and tokens, which takes `WebCrypto`; what a caller was found to be is told here.

use octavo_category::Category;
use serde::Deserialize;

/// What the shell found out about a caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// The deployment asks nobody.
    Open,
    /// The caller may call.
    Granted(Grant),
    /// It may not.
    Refused(Refusal),
}

/// What a caller may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Who it is: the id of a key, the subject of a token. Never logged.
    pub id: String,
    /// Slugs of the categories whose tools it may call; none for all of them.
    pub categories: Option<Vec<String>>,
    /// How the `WWW-Authenticate` header of a refusal begins, where more could be had by asking for it.
    pub challenge: Option<String>,
}

/// Why a caller may not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// What is wrong, and what to do.
    pub message: String,
    /// The `WWW-Authenticate` header.
    pub challenge: Option<String>,
}

impl Access {
    /// Of a caller of whom nothing could be found out.
    pub fn nothing() -> Self {
        let message = "Unauthorized".to_owned();
        Self::Refused(Refusal { status: 401, message, challenge: Some("Bearer".to_owned()) })
    }

    /// What the caller may do; none where nobody is asked.
    pub(crate) const fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Granted(grant) => Some(grant),
            Self::Open | Self::Refused(_) => None,
        }
    }
}

impl Grant {
    /// Whether the tools of a category may be called; tools of none, such as those of the log, always.
    pub(crate) fn allows(&self, category: Option<Category>) -> bool {
        let Some(categories) = &self.categories else { return true };
        category.is_none_or(|category| categories.iter().any(|slug| slug == category.slug()))
    }

    /// The refusal of a call to a category's tool.
    pub(crate) fn refusal(&self, category: Category) -> Refusal {
        let granted = self.categories.as_deref().unwrap_or_default().join(", ");
        let scope = scope_of(category);
        Refusal {
            status: 403,
            message: format!(
                "Forbidden: this key does not open the {} tools, only those of: {granted}; a token needs the scope {scope}",
                category.row().title
            ),
            challenge: self
                .challenge
                .as_ref()
                .map(|start| format!(r#"{start}, error="insufficient_scope", scope="{scope}""#)),
        }
    }
}

/// The scope of a token that opens a category's tools.
pub fn scope_of(category: Category) -> String {
    format!("octavo:{}", category.slug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_opens_its_categories_and_no_others() {
        let access: Access =
            serde_json::from_str(r#"{"granted":{"id":"ci","categories":["docker"],"challenge":"Bearer a=\"b\""}}"#)
                .expect("access");
        let grant = access.grant().expect("a grant");
        assert!(grant.allows(Some(Category::Docker)) && grant.allows(None) && !grant.allows(Some(Category::Api)));
        let refusal = grant.refusal(Category::Api);
        assert_eq!(refusal.status, 403);
        let challenge = r#"Bearer a="b", error="insufficient_scope", scope="octavo:api""#;
        assert_eq!(refusal.challenge.as_deref(), Some(challenge));
        assert!(Grant::default().allows(Some(Category::Api)));
        assert_eq!(serde_json::from_str::<Access>(r#""open""#).expect("access"), Access::Open);
    }
}
