//! Paths named by a folder, a file, or a pattern with stars.

/// Whether a path is this file, or below this folder; `*` stands within a name, `**` over folders.
pub fn is_in(path: &str, part: &str) -> bool {
    let Some((head, mut rest)) = part.find('*').map(|at| part.split_at(at)) else {
        return path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    };
    if !path.starts_with(head) {
        return false;
    }
    // Which places of the path the pattern may have come to, piece by piece.
    let bytes = path.as_bytes();
    let mut reached: Vec<bool> = (0..=bytes.len()).map(|at| at == head.len()).collect();
    while !rest.is_empty() {
        let stars = rest.bytes().take_while(|byte| *byte == b'*').count();
        let (piece, after) = rest.split_at(stars);
        let literal = after.find('*').map_or(after, |at| after.split_at(at).0);
        let mut spread = vec![false; bytes.len() + 1];
        let mut running = false;
        for (at, place) in spread.iter_mut().enumerate() {
            running |= reached.get(at) == Some(&true);
            *place = running;
            running &= piece.len() > 1 || bytes.get(at) != Some(&b'/');
        }
        let mut next = vec![false; bytes.len() + 1];
        for (at, _) in spread.iter().enumerate().filter(|(_, reached)| **reached) {
            if bytes.get(at..).is_some_and(|rest| rest.starts_with(literal.as_bytes()))
                && let Some(place) = next.get_mut(at + literal.len())
            {
                *place = true;
            }
        }
        reached = next;
        rest = after.get(literal.len()..).unwrap_or_default();
    }
    reached.iter().enumerate().any(|(at, reached)| *reached && matches!(bytes.get(at), None | Some(b'/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_folders_or_patterns() {
        for (path, part, inside) in [
            ("src/ui/a.ts", "src/ui", true),
            ("src/ui2/a.ts", "src/ui", false),
            ("src/ui/a.ts", "src/ui/a.ts", true),
            ("src/x/api/a.ts", "src/*/api", true),
            ("src/x/y/api/a.ts", "src/*/api", false),
            ("src/x/y/api/a.ts", "src/**/api", true),
            ("src/a.test.ts", "**.test.ts", true),
            ("src/a.test.ts", "*.test.ts", false),
            ("react", "react", true),
            ("react", "*", true),
            ("lib", "src*", false),
        ] {
            assert_eq!(is_in(path, part), inside, "{path} in {part}");
        }
    }
}
