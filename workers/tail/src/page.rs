//! The dashboard's files, served as they are.

/// What the page may do: load from here, ask here, nothing else.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                          base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// A file of the dashboard by its path: media type and text.
pub fn file(path: &str) -> Option<(&'static str, &'static str)> {
    match path {
        "/" | "/index.html" => Some(("text/html; charset=utf-8", include_str!("../dashboard/index.html"))),
        "/app.js" => Some(("text/javascript; charset=utf-8", include_str!("../dashboard/app.js"))),
        "/parts.js" => Some(("text/javascript; charset=utf-8", include_str!("../dashboard/parts.js"))),
        "/app.css" => Some(("text/css; charset=utf-8", include_str!("../dashboard/app.css"))),
        "/vendor.js" => Some(("text/javascript; charset=utf-8", include_str!("../dashboard/vendor.js"))),
        "/vendor.css" => Some(("text/css; charset=utf-8", include_str!("../dashboard/vendor.css"))),
        _ => None,
    }
}
