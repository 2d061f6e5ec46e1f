//! From a text to the terms that search compares: one function for the index and the query.

/// Words that say nothing of what a tool does.
const STOP_WORDS: &[&str] = &[
    "about", "after", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been", "before", "but", "by", "can",
    "could", "did", "do", "does", "every", "find", "for", "from", "get", "give", "had", "has", "have", "help", "here",
    "how", "if", "in", "into", "is", "it", "its", "just", "let", "like", "look", "make", "may", "me", "my", "need",
    "no", "not", "of", "on", "one", "or", "our", "out", "please", "see", "should", "show", "so", "some", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "tool", "tools", "up", "us", "use",
    "using", "want", "was", "we", "were", "what", "when", "where", "whether", "which", "while", "who", "why", "will",
    "with", "without", "would", "you", "your",
];

/// Short forms that people write for longer words.
const SHORT_FORMS: &[(&str, &str)] = &[
    ("a11y", "accessibility"),
    ("apis", "api"),
    ("auth", "authentication"),
    ("config", "configuration"),
    ("db", "database"),
    ("deps", "dependencies"),
    ("env", "environment"),
    ("golang", "go"),
    ("ids", "id"),
    ("js", "javascript"),
    ("k8s", "kubernetes"),
    ("perf", "performance"),
    ("postgres", "postgresql"),
    ("py", "python"),
    ("repo", "repository"),
    ("ts", "typescript"),
    ("vulns", "vulnerabilities"),
];

/// British endings and the American ones that stand for both.
const BRITISH: &[(&str, &str)] = &[
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("ise", "ize"),
    ("ysing", "yzing"),
    ("yser", "yzer"),
    ("yse", "yze"),
    ("our", "or"),
];

/// Endings and what is left of each; a longer one stands before the shorter ones that it ends with.
const ENDINGS: &[(&str, &str)] = &[
    ("ization", "iz"),
    ("ability", "abl"),
    ("ibility", "ibl"),
    ("ation", ""),
    ("izing", "iz"),
    ("yzing", "yz"),
    ("ating", ""),
    ("ator", ""),
    ("ated", ""),
    ("ized", "iz"),
    ("izer", "iz"),
    ("yzer", "yz"),
    ("ysis", "yz"),
    ("ison", ""),
    ("ical", "ic"),
    ("ment", ""),
    ("ness", ""),
    ("able", "abl"),
    ("ible", "ibl"),
    ("ate", ""),
    ("ing", ""),
    ("ion", ""),
    ("ity", ""),
    ("ive", ""),
    ("ed", ""),
    ("er", ""),
    ("or", ""),
    ("ly", ""),
    ("al", ""),
    ("y", ""),
    ("e", ""),
];

/// Letters that must be left when an ending goes.
const LEAST_STEM: usize = 3;

/// The tables above, as JSON: whoever else cuts words cuts them by these.
pub(crate) fn tables() -> serde_json::Value {
    serde_json::json!({
        "stopWords": STOP_WORDS,
        "shortForms": SHORT_FORMS,
        "british": BRITISH,
        "endings": ENDINGS,
        "leastStem": LEAST_STEM,
    })
}

/// The terms of a text, in its order: words of two letters or digits and more, lower-cased, without stop words, each cut
/// to what its forms have in common.
pub fn terms(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1 && !STOP_WORDS.contains(word));
    words.map(stem).collect()
}

fn stem(word: &str) -> String {
    let word = SHORT_FORMS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long);
    let word = singular(word);
    let mut stem = replaced(&word, BRITISH).unwrap_or(word);
    // "configurations" loses three; each pass makes the stem shorter.
    while let Some(shorter) = replaced(&stem, ENDINGS) {
        stem = undoubled(shorter);
    }
    stem
}

fn replaced(word: &str, endings: &[(&str, &str)]) -> Option<String> {
    endings.iter().find_map(|(ending, left)| {
        let start = word.strip_suffix(ending).filter(|start| start.len() >= LEAST_STEM)?;
        Some(format!("{start}{left}"))
    })
}

fn singular(word: &str) -> String {
    if let Some(start) = word.strip_suffix("ies").filter(|start| start.len() >= LEAST_STEM) {
        return format!("{start}y");
    }
    let hisses = ["sses", "xes", "ches", "shes"].iter().any(|ending| word.ends_with(ending));
    let keeps_s = word.len() <= LEAST_STEM || ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    let plural = if hisses { "es" } else { "s" };
    if keeps_s { word.to_owned() } else { word.strip_suffix(plural).unwrap_or(word).to_owned() }
}

// What is left of "mapping" is "mapp".
fn undoubled(mut stem: String) -> String {
    let mut letters = stem.chars().rev();
    if let (Some(last), Some(before)) = (letters.next(), letters.next())
        && last == before
        && !matches!(last, 'l' | 's')
        && stem.len() > LEAST_STEM
    {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_one_term() {
        for family in [
            &["migrate", "migrates", "migrated", "migrating", "migration", "migrations"][..],
            &["dependency", "dependencies", "deps"],
            &["analyse", "analyze", "analysis", "analyzer", "analyser", "analysing"],
            &["validate", "validation", "validator", "validators"],
            &["optimise", "optimize", "optimization", "optimisation", "optimizing", "optimiser"],
            &["compare", "compares", "comparing", "comparison"],
            &["complex", "complexity"],
            &["accessible", "accessibility", "a11y"],
            &["colour", "color", "colours"],
            &["image", "images"],
            &["query", "queries", "querying"],
            &["index", "indexes", "indexing"],
            &["map", "mapping", "mapped", "maps"],
            &["vulnerable", "vulnerability", "vulnerabilities", "vulns"],
            &["lint", "linter", "linting", "lints"],
            &["slow", "slower", "slowly"],
            &["schema", "schemas"],
            &["javascript", "JS"],
            &["patch", "patches", "patching"],
            &["class", "classes"],
            &["miss", "missing"],
            &["configure", "configured", "configuration", "config"],
            &["document", "documents", "documentation"],
            &["duplicate", "duplication", "duplicated", "duplicates"],
        ] {
            let stems: std::collections::BTreeSet<_> = family.iter().flat_map(|word| terms(word)).collect();
            assert_eq!(stems.len(), 1, "{family:?}: {stems:?}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (one, other) in [("status", "state"), ("test", "text"), ("image", "imagine"), ("api", "apply")] {
            assert_ne!(terms(one), terms(other), "{one} {other}");
        }
    }

    #[test]
    fn words_are_cut_at_everything_but_letters_and_digits() {
        assert_eq!(terms("How do I lint `package.json`, please?"), ["lint", "packag", "json"]);
        assert_eq!(terms("docker_lint_dockerfile"), ["dock", "lint", "dockerfil"]);
        assert!(terms("the of a ??? \u{202e}").is_empty());
    }
}
