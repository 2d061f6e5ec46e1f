//! The static tool-category table: one row per category, and nothing else.
//!
//! Everything that must agree on a category's names (routing, wrangler's service bindings, the README table, the
//! dashboard's order) reads this table. Invariant: slugs, bindings and worker names are unique and follow one pattern.

use std::fmt;

/// What the fleet knows of one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// First word of every tool name of the category, its folder under `workers/`, its path under `/mcp/`.
    pub slug: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Name of the gateway's service binding.
    pub binding: &'static str,
    /// Name of the deployed worker.
    pub worker: &'static str,
    /// What its tools are for, in one sentence.
    pub summary: &'static str,
}

macro_rules! categories {
    ($($(#[$doc:meta])* $variant:ident $row:tt)*) => {
        /// A tool category; each is served by one worker.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category { $($(#[$doc])* $variant,)* }

        impl Category {
            /// Every category, in the order of the table.
            pub const ALL: &'static [Category] = &[$(Category::$variant,)*];

            /// This category's row.
            pub const fn row(self) -> &'static Row {
                match self { $(Category::$variant => { const ROW: &Row = &Row $row; ROW })* }
            }
        }
    };
}

categories! {
    /// npm packages, lockfiles, profiles, bundles.
    Nodejs { slug: "nodejs", title: "Node.js", binding: "NODEJS_MCP_WORKER", worker: "octavo-nodejs", summary: "npm packages, lockfiles, dependency ranges, profiles and bundles." }
    /// Python analysis and dependencies.
    Python { slug: "python", title: "Python", binding: "PYTHON_MCP_WORKER", worker: "octavo-python", summary: "Python linting, security, dead code, imports and dependencies." }
    /// Containers and clusters.
    Docker { slug: "docker", title: "Docker and Kubernetes", binding: "DOCKER_MCP_WORKER", worker: "octavo-docker", summary: "Dockerfiles, images, Compose files and Kubernetes manifests." }
    /// Code review, tests, refactoring.
    Quality { slug: "quality", title: "Code quality", binding: "QUALITY_MCP_WORKER", worker: "octavo-quality", summary: "Complexity, duplication, dead code, secrets, patches, tests and refactoring over many languages." }
    /// Pages, styles, accessibility.
    Webdesign { slug: "webdesign", title: "Web design", binding: "WEBDESIGN_MCP_WORKER", worker: "octavo-webdesign", summary: "Accessibility, contrast, HTML, CSS, page load and design tokens." }
    /// SQL and document stores.
    Database { slug: "database", title: "Databases", binding: "DATABASE_MCP_WORKER", worker: "octavo-database", summary: "SQL queries, plans, indexes, schemas, migrations and document models." }
    /// REST and GraphQL contracts.
    Api { slug: "api", title: "APIs", binding: "API_MCP_WORKER", worker: "octavo-api", summary: "OpenAPI and GraphQL contracts: linting, comparison, security, conversion." }
    /// System design.
    Architecture { slug: "architecture", title: "Architecture", binding: "ARCHITECTURE_MCP_WORKER", worker: "octavo-architecture", summary: "System models and migration plans, by graph theory and arithmetic." }
}

/// The gateway's worker name.
pub const GATEWAY_WORKER: &str = "octavo-gateway";
/// The tail worker's name.
pub const TAIL_WORKER: &str = "octavo-tail";
/// The gateway's service binding to the tail worker.
pub const TAIL_BINDING: &str = "OPS_WORKER";

impl Category {
    /// The category whose slug this is.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.row().slug == slug)
    }

    /// First word of every tool name of the category.
    pub const fn slug(self) -> &'static str {
        self.row().slug
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_follow_one_pattern() {
        for category in Category::ALL {
            let Row { slug, title, binding, worker, summary } = category.row();
            assert!(slug.chars().all(|c| c.is_ascii_lowercase()), "{slug}");
            assert_eq!(*binding, format!("{}_MCP_WORKER", slug.to_uppercase()));
            assert_eq!(*worker, format!("octavo-{slug}"));
            assert!(!title.is_empty() && summary.ends_with('.'), "{slug}");
            assert_eq!(Category::from_slug(slug), Some(*category));
        }
        assert_eq!(Category::from_slug("nope"), None);
    }
}
