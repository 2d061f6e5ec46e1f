//! The Web design worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Webdesign,
    tools: &[
        &tools::analyze_css::AnalyzeCss,
        &tools::audit_accessibility::AuditAccessibility,
        &tools::audit_page_load::AuditPageLoad,
        &tools::check_browser_support::CheckBrowserSupport,
        &tools::check_contrast::CheckContrast,
        &tools::convert_design_tokens::ConvertDesignTokens,
        &tools::find_unused_css::FindUnusedCss,
        &tools::validate_html::ValidateHtml,
    ],
};
