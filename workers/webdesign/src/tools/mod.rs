//! One file, one tool.

pub mod audit_page_load;
pub mod check_contrast;
