//! Whether text is in the language that the page says: told by the commonest words of a few languages, and by scripts.
//!
//! Short texts, and those whose words fit both languages, are left alone; languages beyond the table are never judged.

use super::Audit;
use super::naming::squeeze;
use super::page::Page;
use crate::support::html::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Fewest words that are judged, and fewest different ones that must be of the other language.
const MIN_WORDS: usize = 5;
const MIN_DISTINCT: usize = 3;

/// The part of all words, in hundredths, that must be the other language's commonest.
const MIN_SHARE: usize = 22;

/// Most words of a text that are looked at.
const MAX_WORDS: usize = 4_000;

/// Fewest letters of another script that are judged.
const MIN_LETTERS: usize = 20;

// Words of no meaning of their own, as any grammar of the language lists them: articles, pronouns, prepositions, conjunctions,
// auxiliaries.
const LANGUAGES: &[(&str, &str, &str)] = &[
    (
        "da",
        "Danish",
        "af alle at blev blive da de dem den der det dig du efter eller en end er et for fra ham han hans har havde hende hun hvad hvis hvor ikke jeg jer kan kunne man med meget mig min mod noget nogle og også om op over på sig sin skal som til ud var ved vi vil ville være",
    ),
    (
        "de",
        "German",
        "aber alle als also am an auch auf aus bei bin bis da das dass dem den denn der des die dies diese du durch ein eine einem einen einer eines er es für hat haben hier ich ihr ihre im in ist kann kein keine man mehr mit nach nicht noch nur oder sehr sein sich sie sind so über um und uns unter vom von vor war was wenn wer werden wie wir wird zu zum zur",
    ),
    (
        "en",
        "English",
        "about after all also an and any are as at be been before but by can could did do does for from had has have he her him his how if in into is it its may more not no of on only or other our out over she should so some such than that the their them then there these they this those through to up was we were what when where which while who will with would you your",
    ),
    (
        "es",
        "Spanish",
        "a al algo antes como con contra cual cuando de del desde donde el ella ellos en entre era es esa ese eso esta este estos está ha hace hasta hay la las le les lo los mi mucho muy más ni no nos o otro para pero poco por porque qué que quien se ser si sin sobre son su sus también te tiene todo tu un una uno y ya yo",
    ),
    (
        "fr",
        "French",
        "à au aussi aux avec ce cela ces cette comme dans de des du elle elles en est et était eux fait il ils je la le les leur leurs lui mais même mes mon ne nos notre nous on ont ou où par pas peut plus pour qu que quel qui sa sans se ses si son sont sur ta te très tu un une vos votre vous",
    ),
    (
        "it",
        "Italian",
        "a ad al alla anche che chi ci come con cosa da dal dalla degli dei del della delle di dove e è ed era essere fra gli ha hanno ho i il in io la le lei li lo loro lui ma mi nei nel nella noi non o per perché più quale quando quella quello questa questo se si sono sua sue sugli sul sulla suo tra tu un una uno voi",
    ),
    (
        "nl",
        "Dutch",
        "aan als bij dan dat de der deze die dit doen door dus een en er ge geen haar had heb hebben heeft hem het hier hij hoe hun ik in is je kan maar me meer men met mij mijn moet na naar niet nog nu of om omdat ons ook op over te tegen toch toen tot u uit uw van veel voor want waren was wat we werd wie wij wil worden wordt zal ze zei zich zij zijn zo zou",
    ),
    (
        "pl",
        "Polish",
        "ale bez bo by był była było być co czy dla do gdy go i ich ja jak jako jego jej jest jeszcze już kiedy które który lub ma mnie może można na nad nie niej niż o od on ona oraz po pod przez przy się są ta tak tam te tego tej ten to tu tylko tym w we więc z za ze że",
    ),
    (
        "pt",
        "Portuguese",
        "a ao aos as até com como da das de dela dele do dos e é ela ele eles em entre era essa esse esta este eu foi há isso já lhe mais mas me mesmo meu muito na nas não nem no nos nós o os ou para pela pelo por qual quando que quem se sem ser seu sua são só também te tem um uma você",
    ),
    (
        "sv",
        "Swedish",
        "alla att av blev bli de dem den denna det detta dig din du där efter ej eller en er ett från för ha han hans har henne hon hur i icke inte jag kan kunde man med mellan men mig min mot mycket ni nu någon något när och om oss på sedan sig sin ska skulle som så till under upp ut vad var vara vi vid vilka än är åt över",
    ),
];

// Languages written in another script than Latin, with the first and last letters of it.
const SCRIPTS: &[(&str, &str, u32, u32)] = &[
    ("ar fa ur ps ug", "Arabic", 0x0600, 0x06FF),
    ("be bg kk ky mk mn ru sr tg tt uk", "Cyrillic", 0x0400, 0x04FF),
    ("bn as", "Bengali", 0x0980, 0x09FF),
    ("el", "Greek", 0x0370, 0x03FF),
    ("he yi", "Hebrew", 0x0590, 0x05FF),
    ("hi mr ne sa", "Devanagari", 0x0900, 0x097F),
    ("hy", "Armenian", 0x0530, 0x058F),
    ("ja", "Japanese", 0x3040, 0x30FF),
    ("ka", "Georgian", 0x10A0, 0x10FF),
    ("ko", "Korean", 0xAC00, 0xD7AF),
    ("ta", "Tamil", 0x0B80, 0x0BFF),
    ("th", "Thai", 0x0E00, 0x0E7F),
    ("zh ja yue cmn wuu", "Chinese", 0x4E00, 0x9FFF),
];

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    let page = audit.page;
    let document = page.document;
    let mut texts: BTreeMap<NodeId, String> = BTreeMap::new();
    let mut at = document.first_child(crate::support::html::ROOT);
    let mut holders: Vec<(NodeId, NodeId)> = Vec::new();
    while let Some(id) = at {
        while holders.last().is_some_and(|(holder, _)| !document.ancestors(id).take(600).any(|above| above == *holder))
        {
            holders.pop();
        }
        let skipped = document.is_element(id) && (!page.is_exposed(id) || is_code(page, id));
        if !skipped && page.attr(id, "lang").is_some() {
            holders.push((id, id));
        }
        if let Some(text) = document.text(id)
            && let Some((holder, _)) = holders.last()
        {
            let kept = texts.entry(*holder).or_default();
            kept.push_str(text);
            kept.push(' ');
        }
        at = if skipped { None } else { document.first_child(id) }
            .or_else(|| document.following_outside(id, crate::support::html::ROOT));
    }
    for (id, text) in texts {
        let lang = page.attr(id, "lang").unwrap_or_default();
        let primary = lang.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(other) = other_than(&primary, &squeeze(&text)) {
            let whole = page.name(id) == "html";
            let rule = if whole { "html-page-lang-matches-default" } else { "element-lang-matches-default-language" };
            let shown = octavo_toolkit::limits::excerpt(lang);
            audit.add_at(rule, id, "lang", format!("lang says {shown}, but the text is {other}"));
        }
    }
}

fn is_code(page: &Page<'_>, id: NodeId) -> bool {
    matches!(page.name(id), "code" | "pre" | "kbd" | "samp" | "var" | "textarea") || page.document.is_svg(id)
}

// The language or script of a text, where it surely is another than the one said.
fn other_than(said: &str, text: &str) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let of = |first: u32, last: u32| text.chars().filter(|c| (first..=last).contains(&u32::from(*c))).count();
    let is_latin = LANGUAGES.iter().any(|(code, ..)| *code == said);
    if is_latin && letters >= MIN_LETTERS {
        let script = SCRIPTS.iter().find(|(_, _, first, last)| of(*first, *last) * 5 > letters * 3);
        if let Some((_, script, ..)) = script {
            return Some(script);
        }
    }
    let foreign: Vec<_> = SCRIPTS.iter().filter(|(codes, ..)| codes.split(' ').any(|code| code == said)).collect();
    if !is_latin && (foreign.is_empty() || foreign.iter().any(|(_, _, first, last)| of(*first, *last) * 20 > letters)) {
        return None;
    }
    let words: Vec<String> = text
        .to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(str::to_owned)
        .collect();
    if words.len() < MIN_WORDS {
        return None;
    }
    let hits = |list: &str| {
        let known: BTreeSet<&str> = list.split(' ').collect();
        let found: Vec<&str> = words.iter().map(String::as_str).filter(|word| known.contains(word)).collect();
        let distinct: BTreeSet<&&str> = found.iter().collect();
        (found.len(), distinct.len())
    };
    let own = LANGUAGES.iter().find(|(code, ..)| *code == said).map_or(0, |(_, _, list)| hits(list).0);
    let (best, name) = LANGUAGES
        .iter()
        .filter(|(code, ..)| *code != said)
        .map(|(_, name, list)| (hits(list), *name))
        .max_by_key(|((found, _), _)| *found)?;
    let (found, distinct) = best;
    let is_other = distinct >= MIN_DISTINCT && found * 100 >= words.len() * MIN_SHARE && own * 3 <= found;
    is_other.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart_where_it_is_sure() {
        for (said, text, expected) in [
            ("en", "Hij ging met de kippen op stok", Some("Dutch")),
            ("nl", "Hij ging met de kippen op stok", None),
            ("de", "The quick brown fox jumps over the lazy dog, and it is not in the least tired", Some("English")),
            ("en", "Der schnelle braune Fuchs springt über den faulen Hund, und er ist nicht müde", Some("German")),
            ("en", "Paul put dire comment on tape", None),
            ("fr", "Paul put dire comment on tape", None),
            ("pt", "El perro de la casa no es de los que se van con la luna", None),
            ("en", "Съешь же ещё этих мягких французских булок", Some("Cyrillic")),
            ("ru", "The quick brown fox jumps over the lazy dog, and it is not in the least tired", Some("English")),
            ("ru", "Съешь же ещё этих мягких французских булок", None),
            ("en", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor", None),
            ("tlh", "The quick brown fox jumps over the lazy dog, and it is not in the least tired", None),
            ("de", "what is the of", None),
            ("de", "what is the of it", Some("English")),
            ("de", "Login", None),
            ("de", "", None),
        ] {
            assert_eq!(other_than(said, text), expected, "{said}: {text}");
        }
    }
}
