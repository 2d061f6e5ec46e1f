//! Skills: each category's guide as an Agent Skill, a `SKILL.md` that a host can load before it calls the tools.
//!
//! A skill is the guide under two lines of front matter, so nothing is said twice. Skills change with a deployment only.

use crate::guide;
use octavo_category::Category;

/// Where every skill of ours begins; the category's slug and [`FILE`] follow.
const PREFIX: &str = "skill://octavo-";
const FILE: &str = "/SKILL.md";

/// One category's skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Its URI: that of its only file.
    pub uri: String,
    /// Its name, the last segment of the path before the file.
    pub name: String,
    /// What it is for and when to load it, in one line.
    pub description: String,
}

impl Skill {
    /// The skill of a category.
    pub fn of(category: Category) -> Self {
        let row = category.row();
        Self {
            uri: format!("{PREFIX}{category}{FILE}"),
            name: format!("octavo-{category}"),
            description: format!(
                "Which of Octavo's {} tools to call when, and how to work with their results. Load it before you call \
                 {category}_ tools. They are for: {}",
                row.title, row.summary
            ),
        }
    }

    /// The category whose skill has this URI.
    pub fn category(uri: &str) -> Option<Category> {
        Category::from_slug(uri.strip_prefix(PREFIX)?.strip_suffix(FILE)?)
    }

    /// The text of its file.
    pub fn text(&self, category: Category) -> String {
        // A JSON string is a YAML one.
        let description = serde_json::Value::from(self.description.as_str());
        format!("---\nname: {}\ndescription: {description}\n---\n\n{}", self.name, guide(category))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest name and description that the format allows.
    const MAX_NAME: usize = 64;
    const MAX_DESCRIPTION: usize = 1024;

    #[test]
    fn each_category_has_a_skill_in_the_format() {
        for category in Category::ALL {
            let skill = Skill::of(*category);
            assert_eq!(Skill::category(&skill.uri), Some(*category));
            assert_eq!(skill.uri, format!("skill://{}/SKILL.md", skill.name));
            assert!(skill.name.len() <= MAX_NAME && skill.description.len() <= MAX_DESCRIPTION);
            assert!(skill.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", skill.name);
            assert!(!skill.description.contains('\n'));
            let text = skill.text(*category);
            let (front, guide) =
                text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n\n")).expect("front");
            assert_eq!(front.lines().count(), 2);
            assert_eq!(guide, crate::guide(*category));
        }
        for other in ["skill://octavo-nope/SKILL.md", "skill://octavo-docker", "skill://docker/SKILL.md", "x"] {
            assert_eq!(Skill::category(other), None, "{other}");
        }
    }
}
