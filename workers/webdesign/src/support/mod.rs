//! What several tools of the category share: CSS tokens, rules and custom properties, colours, and HTML documents.

pub mod aria;
pub mod browsers;
pub mod color;
pub mod css_names;
pub mod css_pieces;
pub mod css_rules;
pub mod css_selectors;
pub mod css_tokens;
pub mod css_tree;
pub mod css_variables;
pub mod features;
pub mod html;
pub mod languages;
pub mod script_depth;
pub mod selector_match;
