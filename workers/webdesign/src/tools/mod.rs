//! One file, one tool.

pub mod analyze_css;
pub mod audit_accessibility;
pub mod audit_page_load;
pub mod check_browser_support;
pub mod check_contrast;
pub mod convert_design_tokens;
pub mod find_unused_css;
pub mod validate_html;
