//! Reads unified diffs as `git apply` does: which files, which hunks, and where the patch is damaged.
//!
//! Owns the reading. Applying is a tool's; what a change means is, too.

/// Largest line or count that a hunk's header is taken to say: no file has more lines, and sums stay far from any end.
const MAX_LINE: u64 = 1 << 30;

/// How much the first folders of both names in `diff --git` may differ in length.
const MAX_FOLDER_BYTES: usize = 64;

/// A patch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch<'a> {
    /// Its files, in order.
    pub files: Vec<FilePatch<'a>>,
    /// The first thing that is wrong: git reads no further.
    pub fault: Option<Fault>,
}

/// Something wrong with a patch, at a line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the patch, from 1.
    pub line: u32,
    /// What is wrong, a verb phrase.
    pub what: &'static str,
}

/// The changes of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts that a header states, each by a line of its own")]
pub struct FilePatch<'a> {
    /// The line of the patch on which it starts.
    pub line: u32,
    /// The path before; none where the file is new.
    pub old: Option<String>,
    /// The path after; none where the file is deleted.
    pub new: Option<String>,
    /// Whether it says that the file is new.
    pub creates: bool,
    /// Whether it says that the file is deleted.
    pub deletes: bool,
    /// Whether it moves the file.
    pub renames: bool,
    /// Whether it copies the file.
    pub copies: bool,
    /// Whether it changes the mode.
    pub changes_mode: bool,
    /// Whether the contents are binary.
    pub binary: bool,
    /// Its hunks.
    pub hunks: Vec<Hunk<'a>>,
}

/// A hunk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// The line of the patch with its header.
    pub line: u32,
    /// First line before, from 1; 0 where there is none.
    pub old_start: usize,
    /// Lines before.
    pub old_count: usize,
    /// First line after.
    pub new_start: usize,
    /// Lines after.
    pub new_count: usize,
    /// What stands behind the header: usually the function.
    pub section: &'a str,
    /// Its lines.
    pub lines: Vec<HunkLine<'a>>,
}

/// A line of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HunkLine<'a> {
    /// What becomes of it.
    pub kind: LineKind,
    /// Its text with its line end, which the last line of a file may lack.
    pub text: &'a str,
    /// The line of the patch.
    pub at: u32,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// It stays.
    Context,
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

impl FilePatch<'_> {
    /// The path by which people know the file: after, or before where it is deleted.
    pub fn path(&self) -> &str {
        self.new.as_deref().or(self.old.as_deref()).unwrap_or_default()
    }

    /// The lines that come, with their numbers in the new file.
    pub fn added(&self) -> impl Iterator<Item = (usize, &str)> {
        self.hunks.iter().flat_map(|hunk| {
            let mut next = hunk.new_start;
            hunk.lines.iter().filter_map(move |line| {
                let own = next;
                next += usize::from(line.kind != LineKind::Removed);
                (line.kind == LineKind::Added).then_some((own, line.text))
            })
        })
    }
}

/// Whether a text looks like a patch.
pub fn is_patch(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("diff --git ") || line.starts_with("@@ -") || line.starts_with("--- "))
}

/// Reads a patch.
pub fn read(text: &str) -> Patch<'_> {
    let mut reader = Reader { lines: text.split_inclusive('\n').collect(), at: 0 };
    let mut patch = Patch::default();
    loop {
        match reader.file() {
            Ok(Some(file)) => patch.files.push(file),
            Ok(None) => break,
            Err(fault) => {
                patch.fault = Some(fault);
                break;
            }
        }
    }
    if patch.files.is_empty() && patch.fault.is_none() {
        patch.fault = Some(Fault { line: 1, what: "has no file with hunks" });
    }
    patch
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn line(&self, ahead: usize) -> &'a str {
        self.lines.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn number(&self) -> u32 {
        u32::try_from(self.at + 1).unwrap_or(u32::MAX)
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { line: self.number(), what })
    }

    // The next file, or nothing at the end.
    fn file(&mut self) -> Result<Option<FilePatch<'a>>, Fault> {
        while self.at < self.lines.len() {
            let line = self.line(0);
            if line.starts_with("@@ -") && hunk_header(line).is_some() {
                return self.fault("has a hunk without the names of its file before it");
            }
            if line.starts_with("diff --git ") {
                let start = self.number();
                if let Some(mut file) = self.git_header()? {
                    file.line = start;
                    return self.body(file).map(Some);
                }
                continue;
            }
            if line.starts_with("--- ") && self.line(1).starts_with("+++ ") && hunk_header(self.line(2)).is_some() {
                let file = self.plain_header();
                return self.body(file).map(Some);
            }
            self.at += 1;
        }
        Ok(None)
    }

    fn plain_header(&mut self) -> FilePatch<'a> {
        let line = self.number();
        let (old, new) = (self.line(0), self.line(1));
        self.at += 2;
        let (old_path, new_path) = (plain_path(old), plain_path(new));
        // A file of the epoch is none; so GNU diff says that one is new or gone.
        let absent = |path: &Option<String>, text: &str| path.is_none() || is_epoch(text);
        let (creates, deletes) = (absent(&old_path, old), absent(&new_path, new));
        FilePatch {
            line,
            old: old_path.filter(|_| !creates),
            new: new_path.filter(|_| !deletes),
            creates,
            deletes,
            ..FilePatch::default()
        }
    }

    // The header of `diff --git`; nothing where it is that line alone, which git passes over.
    fn git_header(&mut self) -> Result<Option<FilePatch<'a>>, Fault> {
        let both = default_names(self.line(0));
        let mut file = FilePatch::default();
        let (mut old, mut new): (Option<String>, Option<String>) = (None, None);
        let first = self.at;
        self.at += 1;
        let (mut old_mode, mut new_mode) = ("", "");
        while self.at < self.lines.len() {
            let line = self.line(0);
            let text = line.strip_suffix('\n').unwrap_or(line);
            if line.starts_with("@@ -") {
                break;
            } else if let Some(rest) = text.strip_prefix("--- ") {
                self.name(rest, &mut old, file.creates)?;
            } else if let Some(rest) = text.strip_prefix("+++ ") {
                self.name(rest, &mut new, file.deletes)?;
            } else if let Some(mode) = text.strip_prefix("old mode ") {
                old_mode = mode;
            } else if let Some(mode) = text.strip_prefix("new mode ") {
                new_mode = mode;
            } else if text.starts_with("deleted file mode ") {
                file.deletes = true;
                old.clone_from(&both);
            } else if text.starts_with("new file mode ") {
                file.creates = true;
                new.clone_from(&both);
            } else if let Some(path) = text.strip_prefix("copy from ") {
                file.copies = true;
                old = Some(unquoted(path));
            } else if let Some(path) = text.strip_prefix("copy to ") {
                file.copies = true;
                new = Some(unquoted(path));
            } else if let Some(path) = text.strip_prefix("rename from ").or_else(|| text.strip_prefix("rename old ")) {
                file.renames = true;
                old = Some(unquoted(path));
            } else if let Some(path) = text.strip_prefix("rename to ").or_else(|| text.strip_prefix("rename new ")) {
                file.renames = true;
                new = Some(unquoted(path));
            } else if !["similarity index ", "dissimilarity index ", "index "].iter().any(|word| text.starts_with(word))
            {
                break;
            }
            self.at += 1;
        }
        if self.at == first + 1 {
            return Ok(None);
        }
        if old.is_none() && new.is_none() {
            (old, new) = (both.clone(), both);
        }
        if new.is_none() && !file.deletes || old.is_none() && !file.creates {
            return self.fault("has a header without the name of its file");
        }
        file.changes_mode = old_mode != new_mode;
        file.old = old.filter(|_| !file.creates);
        file.new = new.filter(|_| !file.deletes);
        Ok(Some(file))
    }

    // The name behind `---` or `+++`, which must be the one known, or /dev/null where there is none.
    fn name(&self, text: &str, known: &mut Option<String>, absent: bool) -> Result<(), Fault> {
        let path = text.split_once('\t').map_or(text, |(path, _)| path);
        match known {
            Some(name) if !absent => {
                if stripped(&unquoted(path)).as_ref() != Some(name) {
                    return self.fault("names another file than the header before it");
                }
            }
            Some(_) => return self.fault("names a file that the header says is none"),
            None if absent => {
                if path != "/dev/null" {
                    return self.fault("names a file that the header says is none");
                }
            }
            None => *known = stripped(&unquoted(path)),
        }
        Ok(())
    }

    fn body(&mut self, mut file: FilePatch<'a>) -> Result<FilePatch<'a>, Fault> {
        while self.line(0).starts_with("@@ -") {
            let hunk = self.hunk()?;
            file.hunks.push(hunk);
        }
        if file.hunks.is_empty() {
            let line = self.line(0);
            if line.starts_with("GIT binary patch") || line.starts_with("Binary files ") || line.starts_with("Files ") {
                file.binary = true;
                self.at += 1;
            }
            let says_more = file.creates || file.deletes || file.renames || file.copies || file.changes_mode;
            if !file.binary && !says_more {
                return Err(Fault { line: file.line, what: "names a file, but changes nothing of it" });
            }
        }
        if file.old.is_none() && !file.deletes {
            file.creates = true;
        }
        if file.creates && file.hunks.iter().any(|hunk| hunk.old_count > 0) {
            return Err(Fault { line: file.line, what: "says that the file is new, but has lines from before" });
        }
        if file.deletes && file.hunks.iter().any(|hunk| hunk.new_count > 0) {
            return Err(Fault { line: file.line, what: "says that the file is deleted, but keeps lines of it" });
        }
        Ok(file)
    }

    fn hunk(&mut self) -> Result<Hunk<'a>, Fault> {
        let Some(mut hunk) = hunk_header(self.line(0)) else {
            return self.fault("has the header of a hunk that cannot be read");
        };
        hunk.line = self.number();
        self.at += 1;
        let (mut old, mut new) = (hunk.old_count, hunk.new_count);
        while old > 0 || new > 0 {
            let line = self.line(0);
            let kind = match line.as_bytes().first() {
                // An empty line of context may have lost its space.
                Some(b' ' | b'\n') => LineKind::Context,
                Some(b'-') => LineKind::Removed,
                Some(b'+') => LineKind::Added,
                Some(b'\\') if line.len() >= 12 && line.starts_with("\\ ") => {
                    self.at += 1;
                    continue;
                }
                Some(_) => return self.fault("is damaged here: a line of a hunk starts with a space, +, - or \\"),
                None => return self.fault("ends inside a hunk: its header promises more lines"),
            };
            let takes_old = kind != LineKind::Added;
            let takes_new = kind != LineKind::Removed;
            if takes_old && old == 0 || takes_new && new == 0 {
                return self.fault("is damaged here: the hunk has more lines than its header says");
            }
            old -= usize::from(takes_old);
            new -= usize::from(takes_new);
            let text = if line == "\n" { line } else { line.get(1..).unwrap_or_default() };
            let ends = self.line(1).starts_with('\\');
            let text = if ends { text.strip_suffix('\n').unwrap_or(text) } else { text };
            hunk.lines.push(HunkLine { kind, text, at: self.number() });
            self.at += 1;
        }
        if hunk.lines.iter().all(|line| line.kind == LineKind::Context) {
            return self.fault("has a hunk that changes nothing");
        }
        if self.line(0).starts_with("\\ ") && self.line(0).len() > 12 {
            self.at += 1;
        }
        Ok(hunk)
    }
}

// `@@ -a[,b] +c[,d] @@ section`.
fn hunk_header(line: &str) -> Option<Hunk<'_>> {
    let rest = line.strip_prefix("@@ -")?;
    let (old_start, old_count, rest) = counts(rest)?;
    let (new_start, new_count, rest) = counts(rest.strip_prefix(" +")?)?;
    let section = rest.strip_prefix(" @@")?;
    Some(Hunk { old_start, old_count, new_start, new_count, section: section.trim(), ..Hunk::default() })
}

fn counts(text: &str) -> Option<(usize, usize, &str)> {
    let (start, rest) = digits(text)?;
    match rest.strip_prefix(',') {
        Some(rest) => digits(rest).map(|(count, rest)| (start, count, rest)),
        None => Some((start, 1, rest)),
    }
}

fn digits(text: &str) -> Option<(usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text.get(..length)?.parse().ok()?;
    Some((usize::try_from(number.min(MAX_LINE)).ok()?, text.get(length..)?))
}

// The name in `--- a/path`, without its first folder; none for /dev/null.
fn git_path(text: &str) -> Option<String> {
    let text = text.split_once('\t').map_or(text, |(path, _)| path);
    let path = unquoted(text);
    if path == "/dev/null" { None } else { stripped(&path) }
}

fn plain_path(line: &str) -> Option<String> {
    let text = line.get(4..).unwrap_or_default().trim_end_matches(['\n', '\r']);
    git_path(text)
}

fn stripped(path: &str) -> Option<String> {
    path.split_once('/').map(|(_, rest)| rest.trim_start_matches('/').to_owned()).filter(|rest| !rest.is_empty())
}

fn is_epoch(line: &str) -> bool {
    let Some((_, time)) = line.trim_end().split_once('\t') else { return false };
    time.starts_with("1970-01-01 00:00:00") || time.starts_with("1969-12-31 ") && time.contains(":00:00")
}

// `diff --git a/x b/x`, where both names are one.
fn default_names(line: &str) -> Option<String> {
    let rest = line.strip_prefix("diff --git ")?.trim_end_matches(['\n', '\r']);
    if let Some(quoted) = rest.strip_prefix('"') {
        let end = closing_quote(quoted)?;
        return stripped(&unquoted(rest.get(..end + 2)?));
    }
    // The names are as long as each other, but for their first folder.
    let middle = rest.len() / 2;
    let near = |at: usize| at.abs_diff(middle) <= MAX_FOLDER_BYTES;
    rest.match_indices(' ').filter(|(at, _)| near(*at)).find_map(|(at, _)| {
        let (first, second) = (stripped(rest.get(..at)?)?, rest.get(at + 1..)?);
        let second = if second.starts_with('"') { stripped(&unquoted(second)) } else { stripped(second) };
        second.filter(|second| *second == first)
    })
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
}

/// A path in C's quotes, as git writes those with unusual characters; others stay.
pub fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"').and_then(|rest| closing_quote(rest).and_then(|end| rest.get(..end)))
    else {
        return text.to_owned();
    };
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(digit @ b'0'..=b'3') => {
                let mut code = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(next) = rest.next_if(|next| matches!(next, b'0'..=b'7')) {
                        code = code * 8 + u32::from(next - b'0');
                    }
                }
                bytes.push(u8::try_from(code).unwrap_or(b'?'));
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<(u32, &'static str)> {
        read(text).fault.map(|fault| (fault.line, fault.what))
    }

    #[test]
    fn reads_files_hunks_and_added_lines() {
        let text = "From: x\n\ndiff --git a/s/a.rs b/s/a.rs\nindex 1..2 100644\n--- a/s/a.rs\n+++ b/s/a.rs\n@@ -1,2 +1,3 @@ fn a()\n a\n-b\n+c\n+d\n\\ No newline at end of file\ndiff --git a/x y b/x y\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/x y\n@@ -0,0 +1 @@\n+n\n-- \n2.3\n";
        let patch = read(text);
        assert_eq!(patch.fault, None);
        let paths: Vec<_> = patch.files.iter().map(|file| (file.path(), file.creates)).collect();
        assert_eq!(paths, [("s/a.rs", false), ("x y", true)]);
        assert_eq!(patch.files[0].added().collect::<Vec<_>>(), [(2, "c\n"), (3, "d")]);
        assert_eq!((patch.files[0].hunks[0].section, patch.files[0].hunks[0].line), ("fn a()", 7));
    }

    #[test]
    fn reads_headers_without_hunks_and_quoted_names() {
        let text = "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\ndiff --git \"a/\\303\\251\" \"b/\\303\\251\"\nold mode 100644\nnew mode 100755\ndiff --git a/p.png b/p.png\nindex 1..2\nBinary files a/p.png and b/p.png differ\n";
        let patch = read(text);
        assert_eq!(patch.fault, None);
        let files: Vec<_> =
            patch.files.iter().map(|file| (file.path(), file.renames, file.changes_mode, file.binary)).collect();
        assert_eq!(files, [("b", true, false, false), ("\u{e9}", false, true, false), ("p.png", false, false, true)]);
    }

    #[test]
    fn says_where_a_patch_is_damaged() {
        let head = "--- a/x\n+++ b/x\n";
        assert!(fault("words\n").is_some_and(|(line, _)| line == 1));
        assert!(fault("@@ -1 +1 @@\n-a\n+b\n").is_some_and(|(line, _)| line == 1));
        assert!(fault(&format!("{head}@@ -1,2 +1,2 @@\n-a\n+b\n")).is_some_and(|(line, _)| line == 6));
        assert!(fault(&format!("{head}@@ -1 +1 @@\n-a\nb\n")).is_some_and(|(line, _)| line == 5));
        assert!(fault(&format!("{head}@@ -1 +1 @@\n-a\n-b\n")).is_some_and(|(line, _)| line == 5));
        assert!(fault(&format!("{head}@@ -1 +1 @@\n a\n")).is_some());
        assert_eq!(fault(&format!("{head}@@ -1 +1 @@\n-a\n+b\n")), None);
        assert!(fault("--- /dev/null\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n").is_some());
    }
}
