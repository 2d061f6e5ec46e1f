//! Paths of files as texts: joined, shortened, made relative; the same on every platform.

use octavo_toolkit::path::normal;

/// Shortens a path: no `.`, no `x/..`, no doubled slashes; `.` for nothing.
pub fn clean(path: &str) -> String {
    let plain = normal(path);
    if path.starts_with('/') {
        // Nothing is above the root.
        let below: Vec<&str> = plain.split('/').filter(|part| *part != "..").collect();
        return format!("/{}", below.join("/"));
    }
    if plain.is_empty() { ".".to_owned() } else { plain }
}

/// A path below a folder; an absolute one stays as it is.
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("{folder}/{path}")) }
}

/// The folder of a file.
pub fn parent(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => clean(folder),
        None => ".".to_owned(),
    }
}

/// The path of `target` seen from the folder `from`, both absolute.
pub fn relative(from: &str, target: &str) -> String {
    let (from, target) = (clean(from), clean(target));
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect::<Vec<_>>();
    let (from, target) = (parts(&from), parts(&target));
    let shared = from.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let mut steps = vec![".."; from.len() - shared];
    steps.extend(target.iter().skip(shared).map(String::as_str));
    if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
}

/// Whether a path is absolute on Windows: a drive or a share.
pub fn is_windows_absolute(path: &str) -> bool {
    let mut characters = path.chars();
    let drive = characters.next().is_some_and(|c| c.is_ascii_alphabetic()) && characters.next() == Some(':');
    (drive && characters.next().is_some_and(|c| matches!(c, '\\' | '/'))) || path.starts_with("\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened_joined_and_made_relative() {
        for (path, short) in [
            ("a/./b//../c", "a/c"),
            ("/../a/", "/a"),
            ("", "."),
            ("../x", "../x"),
            ("./", "."),
            ("/a/../../b", "/b"),
            ("/..", "/"),
        ] {
            assert_eq!(clean(path), short);
        }
        assert_eq!(join("/p", "../x"), "/x");
        assert_eq!(join("/p", "/y"), "/y");
        assert_eq!(parent("/p/x"), "/p");
        assert_eq!(relative("/p/a", "/p/b/c"), "../b/c");
        assert_eq!(relative("/p", "/p"), ".");
        assert!(is_windows_absolute("c:\\x") && !is_windows_absolute("c:x"));
    }
}
