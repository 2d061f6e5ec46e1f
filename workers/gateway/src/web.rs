//! What the gateway serves beside MCP: health, and a word for people at the root.

use octavo_catalog::SEARCH;
use octavo_category::Category;
use serde::Serialize;
use std::fmt::Write as _;

/// The answer of `/health`.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ok`, or `degraded` while a category is down. The gateway serves either way.
    pub status: &'static str,
    /// The gateway's own version.
    pub version: &'static str,
    /// How many tools the catalogue has.
    pub tools: usize,
    /// Each category.
    pub categories: Vec<CategoryHealth>,
}

/// One category's worker.
#[derive(Debug, Serialize)]
pub struct CategoryHealth {
    /// The category.
    pub category: &'static str,
    /// Its worker.
    pub worker: &'static str,
    /// `ok` or `unavailable`.
    pub status: &'static str,
    /// How many of its tools the catalogue has.
    pub tools: usize,
    /// How long the probe took, in milliseconds.
    pub latency_ms: u64,
}

impl Health {
    /// From one probe's result for each category: whether it answered, and how long that took.
    pub fn of(probes: &[(Category, bool, u64)]) -> Self {
        let tools = octavo_catalog::catalog().tools();
        let categories = probes.iter().map(|(category, up, latency_ms)| CategoryHealth {
            category: category.slug(),
            worker: category.row().worker,
            status: if *up { "ok" } else { "unavailable" },
            tools: tools.iter().filter(|tool| tool.category == Some(*category)).count(),
            latency_ms: *latency_ms,
        });
        let status = if probes.iter().all(|(_, up, _)| *up) { "ok" } else { "degraded" };
        Self { status, version: env!("CARGO_PKG_VERSION"), tools: tools.len(), categories: categories.collect() }
    }
}

/// The text at `/`, until there is a page.
pub fn root(origin: &str) -> String {
    let tools = octavo_catalog::catalog().tools();
    let mut text = format!(
        "Octavo: {} exact code-analysis tools over MCP.\n\nConnect an MCP client to {origin}/mcp\n\n",
        tools.len()
    );
    for category in Category::ALL {
        let _ = writeln!(text, "{origin}/mcp/{:<14}{}", category.slug(), category.row().summary);
    }
    let _ = writeln!(text, "{origin}/mcp/{SEARCH:<14}Three tools that find, run and explain all others.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_category_down_degrades_the_whole_and_no_other() {
        let probes: Vec<_> = Category::ALL.iter().map(|category| (*category, *category != Category::Api, 1)).collect();
        let health = Health::of(&probes);
        assert_eq!(health.status, "degraded");
        let down: Vec<_> = health.categories.iter().filter(|row| row.status != "ok").map(|row| row.category).collect();
        assert_eq!(down, ["api"]);
        assert_eq!(health.tools, health.categories.iter().map(|row| row.tools).sum::<usize>());
    }

    #[test]
    fn the_root_names_every_endpoint() {
        let text = root("https://octavo.example");
        let endpoints = Category::ALL.iter().map(|category| category.slug()).chain([SEARCH]);
        assert!(endpoints.into_iter().all(|name| text.contains(&format!("https://octavo.example/mcp/{name} "))));
    }
}
