//! The guide of every category: what it is for, which tool when, and a table of its tools.

#[path = "../generated/guides.rs"]
mod generated;

use octavo_category::Category;

/// The guide of a category, in Markdown.
pub fn guide(category: Category) -> &'static str {
    let text = generated::GUIDES.iter().find(|(slug, _)| *slug == category.slug()).map_or("", |(_, text)| text);
    // The first line says that the file is generated.
    text.split_once("\n\n").map_or(text, |(_, guide)| guide)
}
