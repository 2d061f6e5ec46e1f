//! Kubernetes: manifests as objects, the fields of its own kinds, quantities, selectors.

pub mod deprecation;
pub mod objects;
pub mod quantity;
pub mod schema;
pub mod selector;

use octavo_toolkit::ToolError;

/// The version that is meant where a call names none.
pub const DEFAULT_MINOR: u32 = 37;

/// Reads a version such as `1.30` or `v1.30.2`: its minor number.
pub fn minor_version(text: &str) -> Option<u32> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split(['.', '-', '+']);
    let (major, minor) = (parts.next()?, parts.next()?);
    let is_number = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    (major == "1" && is_number(minor)).then(|| minor.parse().ok()).flatten()
}

/// The minor version of an optional argument, within `accepted`.
pub fn minor_argument(
    pointer: &str,
    text: Option<&str>,
    accepted: std::ops::RangeInclusive<u32>,
) -> Result<u32, ToolError> {
    let Some(text) = text else { return Ok(DEFAULT_MINOR) };
    minor_version(text).filter(|minor| accepted.contains(minor)).ok_or_else(|| {
        let accepted = format!("\"1.{}\" to \"1.{}\"", accepted.start(), accepted.end());
        ToolError::invalid(pointer, "is no version that is known here", accepted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_by_their_minor_number() {
        for (text, minor) in [("1.30", Some(30)), ("v1.9.2", Some(9)), ("1.31.0-rc.1", Some(31)), ("1.33+", Some(33))] {
            assert_eq!(minor_version(text), minor, "{text}");
        }
        for text in ["", "1", "2.0", "1.x", "1.", "v1.9999", "latest"] {
            assert_eq!(minor_version(text), None, "{text}");
        }
        assert!(minor_argument("/kubernetesVersion", Some("1.29"), 30..=37).is_err());
        assert_eq!(minor_argument("/kubernetesVersion", Some("1.30"), 30..=37), Ok(30));
        assert_eq!(minor_argument("/kubernetesVersion", None, 30..=37), Ok(37));
    }
}
