//! What several tools of the category need: how deep a text nests, and how the files of a call lie.

pub mod layout;
pub mod nesting;
