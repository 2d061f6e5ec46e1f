//! Changed forms of texts, the same ones in every run: what a tool must survive.

/// A generator of numbers with a fixed start (Knuth's linear congruential constants).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a limit; 0 when there is none.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }

    /// A character of a text.
    fn mark(&mut self, marks: &[char]) -> char {
        marks.get(self.below(marks.len())).copied().unwrap_or(' ')
    }

    /// The text with one to four changes: cut off, a character of `marks` instead of one or before one, a stretch taken out,
    /// a stretch put in again elsewhere.
    pub fn mutate(&mut self, text: &str, marks: &str) -> String {
        let marks: Vec<char> = marks.chars().collect();
        let mut text: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let (from, to) = (self.below(text.len()), self.below(text.len()));
            let stretch = from.min(to)..from.max(to);
            match self.below(5) {
                0 => text.truncate(from),
                1 if !text.is_empty() => text[from] = self.mark(&marks),
                2 => text.insert(from, self.mark(&marks)),
                3 => {
                    text.drain(stretch);
                }
                _ => {
                    let piece: Vec<char> = text[stretch].iter().take(200).copied().collect();
                    let at = self.below(text.len());
                    text.splice(at..at, piece);
                }
            }
        }
        text.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutates_any_text_alike_in_every_run() {
        for text in ["", "a", "\u{1f600}\u{e9}", "FROM debian\nRUN x\n"] {
            let made = |seed| {
                let mut dice = Dice::new(seed);
                (0..200).map(|_| dice.mutate(text, "{}\u{0}\u{1f600}")).collect::<Vec<_>>()
            };
            assert_eq!(made(7), made(7));
            assert!(made(7).iter().any(|mutated| mutated != text), "{text:?}");
        }
    }
}
