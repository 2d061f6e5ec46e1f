//! What several tools of the category need: the files of a call and how they lie, a text parsed behind guards, and how deep
//! it nests.

pub mod files;
pub mod imports;
pub mod layout;
pub mod module;
pub mod nesting;
pub mod packaging;
pub mod project;
