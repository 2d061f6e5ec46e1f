//! What the gateway serves people at the root.

use octavo_catalog::SEARCH;
use octavo_category::Category;
use std::fmt::Write as _;

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
    fn the_root_names_every_endpoint() {
        let text = root("https://octavo.example");
        let endpoints = Category::ALL.iter().map(|category| category.slug()).chain([SEARCH]);
        assert!(endpoints.into_iter().all(|name| text.contains(&format!("https://octavo.example/mcp/{name} "))));
    }
}
