//! Which rate limit a call counts for. The platform counts; lists, discovery and kept results are free.

use octavo_category::Category;

/// A rate limit: its calls are counted together, for each caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Tools that answer in milliseconds.
    Calls,
    /// Tools that may search or read for a second.
    HeavyCalls,
}

// Those that search a space or read documents of many megabytes, by category and own name.
const HEAVY: &[(Category, &str)] = &[
    (Category::Nodejs, "analyze_heap"),
    (Category::Nodejs, "analyze_cpu_profile"),
    (Category::Nodejs, "solve_dependency_ranges"),
    (Category::Docker, "plan_capacity"),
    (Category::Architecture, "plan_migration"),
];

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 2] = [Self::Calls, Self::HeavyCalls];

    /// The limit of a tool.
    pub fn of(category: Option<Category>, name: &str) -> Self {
        let is_heavy = HEAVY.iter().any(|(heavy, tool)| Some(*heavy) == category && *tool == name);
        if is_heavy { Self::HeavyCalls } else { Self::Calls }
    }

    /// The name of the rate-limit binding that counts.
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Calls => octavo_settings::LIMIT_CALLS.name,
            Self::HeavyCalls => octavo_settings::LIMIT_HEAVY_CALLS.name,
        }
    }

    /// What it limits, in words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Calls => "tool calls",
            Self::HeavyCalls => "calls of heavy tools",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_catalog::catalog;

    #[test]
    fn heavy_tools_are_tools() {
        for (category, name) in HEAVY {
            assert!(catalog().get(&format!("{category}_{name}")).is_some(), "{category}_{name}");
            assert_eq!(Limit::of(Some(*category), name), Limit::HeavyCalls);
        }
        assert_eq!(Limit::of(Some(Category::Docker), "lint_dockerfile"), Limit::Calls);
        assert_eq!(Limit::of(None, "analyze_heap"), Limit::Calls);
    }
}
