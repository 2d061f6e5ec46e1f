//! Names of tokens on each platform, from their paths.

/// The words of a path: cut at signs and where the case changes.
fn words(path: &[String], prefix: &str) -> Vec<String> {
    let joined = std::iter::once(prefix).chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    let characters: Vec<char> = joined.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, c) in characters.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let after = characters.get(at + 1).copied();
        let rises = c.is_uppercase() && before.is_some_and(|before| before.is_lowercase() || before.is_numeric());
        // The last capital of several begins a word: `HTMLBody`.
        let turns = c.is_uppercase() && before.is_some_and(char::is_uppercase) && after.is_some_and(char::is_lowercase);
        if (rises || turns) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(*c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// `a-b-c`.
pub(super) fn kebab(path: &[String], prefix: &str) -> String {
    words(path, prefix).iter().map(|word| word.to_lowercase()).collect::<Vec<_>>().join("-")
}

/// `a_b_c`.
pub(super) fn snake(path: &[String], prefix: &str) -> String {
    words(path, prefix).iter().map(|word| word.to_lowercase()).collect::<Vec<_>>().join("_")
}

/// `aBC`.
pub(super) fn camel(path: &[String], prefix: &str) -> String {
    let mut name = String::new();
    for (at, word) in words(path, prefix).iter().enumerate() {
        let mut characters = word.chars();
        match characters.next() {
            Some(first) if at > 0 => name.extend(first.to_uppercase()),
            Some(first) => name.extend(first.to_lowercase()),
            None => {}
        }
        name.push_str(&characters.as_str().to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_as_people_read_them() {
        let path = ["color".to_owned(), "brandPrimary".to_owned(), "2xl HTMLBody".to_owned(), "100".to_owned()];
        assert_eq!(kebab(&path, ""), "color-brand-primary-2xl-html-body-100");
        assert_eq!(snake(&path, "ds"), "ds_color_brand_primary_2xl_html_body_100");
        assert_eq!(camel(&path, ""), "colorBrandPrimary2xlHtmlBody100");
    }
}
