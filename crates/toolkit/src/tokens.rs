//! How many tokens a text costs a model: an estimate that errs upwards.
//!
//! Counting exactly takes a vocabulary of megabytes. Instead, a text is cut roughly where o200k cuts it before merging
//! (words, digits by three, runs of punctuation and of white space), and each piece is priced by its length and, for words,
//! by how usual its pairs of letters are: English and code are cheap, keys, digests and base64 are dear. The weights were
//! fitted to the real tokenizer; on source code, Markdown and reports the estimate is 1.2 to 1.4 times the truth, on hostile
//! text (random letters, base64, rare characters) 1.0 to 1.3 times. `never_counts_less` holds it to at least 0.95.

/// Hundredths of a token, the unit of all prices here.
const TOKEN: usize = 100;

/// The price of a cut between two letters of a word, row by the first letter, column by the second: `0` is never, `9` is
/// six times in ten.
const CUTS: [[u8; 26]; 26] = [
    *b"50009001100000909000100002",
    *b"24571719319199199044199909",
    *b"25161490290049159030299918",
    *b"36930969268499399549299529",
    *b"33205119887110632000731015",
    *b"17573189199174189130299929",
    *b"47991910299392399122299939",
    *b"19990999199952199141199919",
    *b"10000008480000103000909090",
    *b"29990999689999299919799999",
    *b"29971934498793499929391989",
    *b"23910149236197189822254909",
    *b"11931599297212219916299939",
    *b"29201206392682269910239919",
    *b"50004103420000209000000109",
    *b"19860941298026119010169319",
    *b"99999999999199998169099999",
    *b"19310719192222059121326909",
    *b"39490741292345223510397729",
    *b"29491690295969259022295314",
    *b"20100128288000209000798388",
    *b"19990999199959199877999989",
    *b"19491991199991299227991989",
    *b"39495999299949829690999119",
    *b"49795979599441529423992999",
    *b"29991998299999999299998948",
];

/// Hundredths of a token for one step of [`CUTS`], times a hundred.
const STEP: usize = 667;
/// Mean price of a cut, in hundredths, above which a word is no word but a key or a digest.
const UNUSUAL: usize = 15;

/// An upper estimate of a text's tokens; never more than its bytes.
pub fn estimate(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut price = 0;
    let mut at = 0;
    while let Some(first) = bytes.get(at).copied() {
        let kind = Kind::of(first);
        if kind == Kind::Other {
            let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            price += price_of_character(character);
            at += character.len_utf8();
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| Kind::of(*byte) != kind).unwrap_or(rest.len());
        let run = rest.get(..length).unwrap_or_default();
        at += length;
        price += match kind {
            Kind::Letter => price_of_letters(run),
            Kind::Digit => TOKEN * length.div_ceil(3),
            Kind::Space => price_of_space(run, bytes.get(at).copied()),
            Kind::Punctuation => TOKEN + (length - 1) * 66,
            Kind::Control | Kind::Other => TOKEN * length,
        };
    }
    price.div_ceil(TOKEN)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    Space,
    Punctuation,
    Control,
    // Beyond ASCII: priced one character at a time.
    Other,
}

impl Kind {
    const fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Self::Letter,
            b'0'..=b'9' => Self::Digit,
            b' ' | b'\n' | b'\r' | b'\t' => Self::Space,
            0..=31 | 127 => Self::Control,
            33..=126 => Self::Punctuation,
            128.. => Self::Other,
        }
    }
}

// A run of letters is cut before each capital that starts a word.
fn price_of_letters(mut run: &[u8]) -> usize {
    let mut price = 0;
    while !run.is_empty() {
        let capitals = run.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        let small = run.iter().skip(capitals).take_while(|byte| byte.is_ascii_lowercase()).count();
        let (word, rest) = run.split_at_checked(capitals + small).unwrap_or((run, &[]));
        price += price_of_word(word, capitals);
        run = rest;
    }
    price
}

fn price_of_word(word: &[u8], capitals: usize) -> usize {
    let gaps = word.len() - 1;
    let cuts: usize = word.iter().zip(word.iter().skip(1)).map(|(a, b)| cut(*a, *b)).sum();
    let cuts = cuts * STEP / 100;
    let is_unusual = cuts > UNUSUAL * gaps;
    let per_gap = match (capitals > 1, is_unusual) {
        (true, true) => 58,
        (true, false) => 36,
        (false, true) => 50,
        (false, false) => 0,
    };
    TOKEN + cuts.max(per_gap * gaps)
}

fn cut(first: u8, second: u8) -> usize {
    let column = |letter: u8| usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a'));
    let step = CUTS.get(column(first)).and_then(|row| row.get(column(second)));
    step.map_or(9, |step| usize::from(step.wrapping_sub(b'0')))
}

fn price_of_space(run: &[u8], next: Option<u8>) -> usize {
    let length = run.len();
    if run.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        let indent = length > 1 && matches!(run.last(), Some(b' ' | b'\t'));
        let long = length.saturating_sub(8).div_ceil(24);
        return TOKEN * (1 + usize::from(indent) + long);
    }
    match (run, next.map(Kind::of)) {
        // One space belongs to the word after it.
        ([b' '], Some(Kind::Letter)) => 0,
        ([b' '], Some(Kind::Digit)) => TOKEN,
        ([b' '], _) => 25,
        _ => TOKEN * length.div_ceil(40),
    }
}

// By block of Unicode: how many tokens characters cost that are put together at random.
const fn price_of_character(character: char) -> usize {
    match character {
        '\u{a0}'..='\u{ff}' => 120,
        '\u{80}'..='\u{2af}' => 190,
        '\u{2b0}'..='\u{36f}' => 200,
        '\u{370}'..='\u{52f}' => 90,
        '\u{530}'..='\u{7ff}' => 145,
        '\u{900}'..='\u{97f}' => 150,
        // General punctuation: dashes, quotation marks, the ellipsis.
        '\u{2010}'..='\u{2027}' => 110,
        // Hiragana and katakana.
        '\u{3040}'..='\u{30ff}' => 125,
        '\u{4e00}'..='\u{9fff}' => 195,
        '\u{ac00}'..='\u{d7a3}' => 235,
        '\u{10000}'.. => 280,
        _ => 290,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    // Deterministic noise (a linear congruential generator).
    struct Noise(u64);

    impl Noise {
        fn below(&mut self, n: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap_or(0) % n
        }

        fn text(&mut self, length: usize, alphabet: &[char]) -> String {
            (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
        }

        fn words(&mut self, count: usize, alphabet: &[char], between: &str) -> String {
            let words: Vec<String> = (0..count)
                .map(|_| {
                    let length = 2 + self.below(12);
                    self.text(length, alphabet)
                })
                .collect();
            words.join(between)
        }
    }

    fn range(from: u32, to: u32) -> Vec<char> {
        (from..to).filter_map(char::from_u32).collect()
    }

    fn hostile() -> Vec<(String, String)> {
        let mut noise = Noise(7);
        let small = range(97, 123);
        let big = range(65, 91);
        let both: Vec<char> = small.iter().chain(&big).copied().collect();
        let base64: Vec<char> = both.iter().copied().chain(range(48, 58)).chain(['+', '/']).collect();
        let mut numbers = String::new();
        for _ in 0..500 {
            let digits = 1 + noise.below(12);
            let _ = write!(numbers, "{}, ", noise.text(digits, &range(48, 58)));
        }
        let ascii = range(33, 127);
        let punctuation: Vec<char> = ascii.iter().copied().filter(char::is_ascii_punctuation).collect();
        let mut texts = vec![
            ("small letters".to_owned(), noise.words(400, &small, " ")),
            ("capitals".to_owned(), noise.words(400, &big, "_")),
            ("mixed case".to_owned(), noise.words(400, &both, " ")),
            ("base64".to_owned(), noise.text(4000, &base64)),
            ("hexadecimal".to_owned(), noise.text(4000, &"0123456789abcdef".chars().collect::<Vec<_>>())),
            ("numbers".to_owned(), numbers),
            ("ASCII".to_owned(), noise.text(4000, &ascii)),
            ("punctuation".to_owned(), noise.text(4000, &punctuation)),
        ];
        for (name, from, to) in [
            ("control characters", 0, 32),
            ("Latin", 0xa0, 0x250),
            ("Cyrillic", 0x410, 0x450),
            ("Hebrew and Arabic", 0x5d0, 0x650),
            ("Devanagari", 0x900, 0x97f),
            ("Bengali to Sinhala", 0x980, 0xdff),
            ("kana", 0x3041, 0x30ff),
            ("ideographs", 0x4e00, 0x9fff),
            ("Hangul", 0xac00, 0xd7a3),
            ("emoji", 0x1f300, 0x1f5ff),
            ("any", 0x80, 0xd7ff),
        ] {
            texts.push((name.to_owned(), noise.text(2000, &range(from, to))));
        }
        texts
    }

    #[test]
    fn never_counts_less() {
        let tokenizer = bpe_openai::o200k_base();
        let ours = [include_str!("tokens.rs"), include_str!("render/mod.rs"), include_str!("../../../README.md")];
        let ours = ours.iter().map(|text| ("our own files".to_owned(), (*text).to_owned()));
        for (name, text) in hostile().into_iter().chain(ours) {
            #[expect(clippy::cast_precision_loss, reason = "thousands")]
            let ratio = estimate(&text) as f64 / tokenizer.count(&text) as f64;
            eprintln!("{name:<20} {ratio:.2}");
            assert!(ratio >= 0.95, "{name}: {ratio:.3}");
            assert!(estimate(&text) <= text.len(), "{name}");
        }
    }

    #[test]
    fn no_piece_costs_more_than_its_bytes() {
        let characters = (0..=0x2ffff).filter_map(char::from_u32);
        for text in characters.map(String::from).chain(["a1-B2 ,\n", "\n \t", "Aa0", "qxQX"].map(str::to_owned)) {
            assert!(estimate(&text) <= text.len(), "{text:?}");
            assert!(estimate(&text.repeat(9)) <= 9 * text.len(), "{text:?}");
        }
    }

    #[test]
    fn prices_by_length_and_kind() {
        assert_eq!(estimate(""), 0);
        assert_eq!(estimate("the"), 1);
        assert_eq!(estimate("123456"), 2);
        assert!(estimate("xqzjkvwq") > estimate("thinking"));
    }
}
