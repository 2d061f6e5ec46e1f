//! The files of a layer, read from a listing: what `tar -tv` prints (GNU's and BSD's), or a JSON list as dive exports it.

use serde::Deserialize;

/// Largest size that an entry counts with: ext4's largest file. Sums of a listing's sizes fit a number so.
const MAX_SIZE: u64 = 16 << 40;

/// One entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Path without a slash at its start or end.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) is_folder: bool,
    /// Whether it runs with its owner's or group's rights.
    pub(super) is_set_id: bool,
}

/// Reads a listing; lines that are none are counted.
pub(super) fn read(listing: &str) -> (Vec<Entry>, usize) {
    if listing.trim_start().starts_with('[') {
        return json(listing);
    }
    let mut entries = Vec::new();
    let mut unread = 0;
    for line in listing.lines().filter(|line| !line.trim().is_empty()) {
        match entry(line) {
            Some(entry) => entries.extend(Some(entry).filter(|entry| !entry.path.is_empty())),
            None => unread += 1,
        }
    }
    (entries, unread)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    path: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    is_dir: bool,
    #[serde(default)]
    file_mode: u64,
}

fn json(listing: &str) -> (Vec<Entry>, usize) {
    let Ok(files) = serde_json::from_str::<Vec<Exported>>(listing) else { return (Vec::new(), 1) };
    // Go's bits of a mode: set-user-id and set-group-id.
    let set_id = |mode: u64| mode & ((1 << 23) | (1 << 22)) != 0;
    let entries = files.into_iter().filter_map(|file| {
        let path = file.path.trim_matches('/').to_owned();
        (!path.is_empty()).then_some(Entry {
            path,
            size: file.size.min(MAX_SIZE),
            is_folder: file.is_dir,
            is_set_id: set_id(file.file_mode),
        })
    });
    (entries.collect(), 0)
}

// An entry of a line; that of the root folder has no path.
fn entry(line: &str) -> Option<Entry> {
    let mode = line.get(..10).filter(|mode| mode.starts_with(['-', 'd', 'l', 'h', 'c', 'b', 'p', 's', 'C']))?;
    let mut rest = line.get(10..)?.trim_start_matches(['+', '@', '.']).trim_start();
    let mut field = || {
        let (field, behind) = rest.split_once(char::is_whitespace)?;
        rest = behind.trim_start();
        Some(field)
    };
    let owner = field()?;
    let size = if owner.contains('/') {
        // owner/group size date time path
        let size = field()?;
        field()?;
        field()?;
        size
    } else {
        // links owner group size month day time-or-year path
        field()?;
        field()?;
        let size = field()?;
        field()?;
        field()?;
        field()?;
        size
    };
    // A device has two numbers in place of a size.
    let size = if size.contains(',') { 0 } else { size.parse::<u64>().ok()? };
    let kind = mode.chars().next().unwrap_or('-');
    let path = match kind {
        'l' => rest.split_once(" -> ").map_or(rest, |(path, _)| path),
        'h' => rest.split_once(" link to ").map_or(rest, |(path, _)| path),
        _ => rest.split_once(" link to ").filter(|_| size == 0).map_or(rest, |(path, _)| path),
    };
    let path = unescape(path);
    let path = path.trim_start_matches("./").trim_matches('/');
    let path = if path == "." { "" } else { path };
    let is_set_id =
        matches!(mode.as_bytes().get(3), Some(b's' | b'S')) || matches!(mode.as_bytes().get(6), Some(b's' | b'S'));
    let size = if matches!(kind, 'd' | 'l' | 'h') { 0 } else { size.min(MAX_SIZE) };
    Some(Entry { path: path.to_owned(), size, is_folder: kind == 'd', is_set_id: is_set_id && kind != 'd' })
}

// Takes GNU tar's escapes off a path.
fn unescape(path: &str) -> String {
    if !path.contains('\\') {
        return path.to_owned();
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut code = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|byte| matches!(byte, b'0'..=b'7')) {
                        code = code * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push(u8::try_from(code).unwrap_or(b'?'));
            }
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(other) => bytes.push(other),
            None => bytes.push(b'\\'),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_of_both_tars_and_dive_are_read() {
        let gnu = "drwxr-xr-x 0/0               0 2024-01-01 00:00 ./\n-rwsr-xr-x root/root    12 2024-01-01 00:00 bin/s u\nlrwxrwxrwx 0/0 0 2024-01-01 00:00 lib -> usr/lib\nhrw-r--r-- 0/0 5 2024-01-01 00:00 b link to a\ncrw-rw-rw- 0/0 1,3 2024-01-01 00:00 dev/null\n-rw-r--r-- 0/0 3 2024-01-01 00:00 \\303\\251\\\\x\nrubbish\n";
        let (entries, unread) = read(gnu);
        let parts: Vec<_> = entries.iter().map(|entry| (entry.path.as_str(), entry.size, entry.is_set_id)).collect();
        assert_eq!(
            parts,
            [
                ("bin/s u", 12, true),
                ("lib", 0, false),
                ("b", 0, false),
                ("dev/null", 0, false),
                ("\u{e9}\\x", 3, false)
            ]
        );
        assert_eq!(unread, 1);
        let (entries, _) =
            read("-rw-r--r--  0 root   root        7 Jan  1  2024 etc/a b\ndrwxr-xr-x  2 0 0 0 Jan  1 12:00 x/\n");
        assert_eq!(
            entries.iter().map(|entry| (entry.path.as_str(), entry.size, entry.is_folder)).collect::<Vec<_>>(),
            [("etc/a b", 7, false), ("x", 0, true)]
        );
        let (entries, _) = read(r#"[{"path":"/a","size":3},{"path":"/d","isDir":true}]"#);
        assert_eq!(entries.len(), 2);
    }
}
