//! setup.cfg as setuptools reads it: sections, keys, values over several lines, with places.

use std::ops::Range;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Section, as written.
    pub section: String,
    /// Key, in lower case.
    pub key: String,
    /// Where the key stands, in bytes.
    pub key_span: Range<usize>,
    /// Its lines, without comments and empty ones, with the place of each.
    pub lines: Vec<(String, Range<usize>)>,
}

/// Reads a file; what belongs to no section or key is left out.
pub fn parse(text: &str) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut section = None::<String>;
    let mut open = false;
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end();
        let body = line.trim_start();
        let lead = start + line.len() - body.len();
        if body.is_empty() || body.starts_with(['#', ';']) {
            continue;
        }
        if open && lead > start {
            if let Some(setting) = settings.last_mut() {
                setting.lines.push(value_of(body, lead));
            }
            continue;
        }
        open = false;
        if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = Some(name.trim().to_owned());
            continue;
        }
        let (Some(section), Some(mark)) = (&section, body.find(['=', ':'])) else { continue };
        let key = body.get(..mark).unwrap_or_default().trim_end();
        let value = body.get(mark + 1..).unwrap_or_default();
        let trimmed = value.trim_start();
        let value_at = lead + mark + 1 + value.len() - trimmed.len();
        let lines = if trimmed.is_empty() { Vec::new() } else { vec![value_of(trimmed, value_at)] };
        let key_span = lead..lead + key.len();
        settings.push(Setting { section: section.clone(), key: key.to_lowercase(), key_span, lines });
        open = true;
    }
    settings
}

fn value_of(text: &str, at: usize) -> (String, Range<usize>) {
    let end = text.find(" #").unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default().trim_end();
    (text.to_owned(), at..at + text.len())
}

/// The settings of a section under a key.
pub fn find<'s>(settings: &'s [Setting], section: &str, key: &str) -> Option<&'s Setting> {
    settings.iter().find(|setting| setting.section == section && setting.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_over_indented_lines() {
        let text = "[metadata]\nname = x\n[options]\ninstall_requires =\n    a>=1\n    # no\n    b ; python_version<'3' # why\npackages: find:\n";
        let settings = parse(text);
        let requires = find(&settings, "options", "install_requires").expect("a setting");
        let lines: Vec<&str> = requires.lines.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(lines, ["a>=1", "b ; python_version<'3'"]);
        assert_eq!(requires.lines.first().and_then(|(_, span)| text.get(span.clone())), Some("a>=1"));
        assert_eq!(find(&settings, "options", "packages").map(|setting| setting.lines.len()), Some(1));
    }
}
