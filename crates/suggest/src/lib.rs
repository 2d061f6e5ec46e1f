//! Did-you-mean: the accepted word nearest to the one given, for the tool workers and the gateway alike.

/// The candidate nearest to `word`, if it is near enough to be meant: at most a third of its length away, by optimal
/// string alignment distance, ignoring case, `-` and `_`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |s: &str| -> Vec<char> {
        s.chars().take(64).filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
    };
    let word = plain(word);
    let mut rows = Rows::default();
    let near = |candidate: &'a str| {
        let most = candidate.len().div_ceil(3).min(word.len());
        let plain = plain(candidate);
        // Each letter more is an edit.
        if word.len().abs_diff(plain.len()) > most {
            return None;
        }
        Some((rows.distance(&word, &plain), candidate)).filter(|(distance, _)| *distance <= most)
    };
    candidates.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

// Three rows of the table of distances between beginnings, kept from one pair to the next.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    last: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    // Optimal string alignment (Damerau's distance without repeated edits).
    fn distance(&mut self, a: &[char], b: &[char]) -> usize {
        self.last.clear();
        self.last.extend(0..=b.len());
        for (i, x) in a.iter().enumerate() {
            self.row.clear();
            self.row.push(i + 1);
            for (j, y) in b.iter().enumerate() {
                let mut cost = (self.last[j] + usize::from(x != y)).min(self.last[j + 1] + 1).min(self.row[j] + 1);
                if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                    cost = cost.min(self.before[j - 1] + 1);
                }
                self.row.push(cost);
            }
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.row);
        }
        self.last.last().copied().unwrap_or_default()
    }
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
