//! Did-you-mean: the accepted word nearest to the one given, for the tool workers and the gateway alike.

/// The candidate nearest to `word`, if it is near enough to be meant: at most a third of its length away, by optimal
/// string alignment distance, ignoring case, `-` and `_`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |s: &str| -> Vec<char> {
        s.chars().take(64).filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
    };
    let word = plain(word);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3).min(word.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

// Optimal string alignment (Damerau's distance without repeated edits), three rows at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_refuses_strangers() {
        let fields = ["source", "filename", "minLevel"];
        assert_eq!(nearest("sorce", fields), Some("source"));
        assert_eq!(nearest("file_name", fields), Some("filename"));
        assert_eq!(nearest("min-level", fields), Some("minLevel"));
        assert_eq!(nearest("osurce", fields), Some("source"));
        assert_eq!(nearest("banana", fields), None);
        assert_eq!(nearest("", fields), None);
    }
}
