//! Rules on sound and pictures: what plays by itself, captions, and names that say no more than a file's.

use super::Audit;
use super::naming::name;
use crate::support::html::NodeId;

/// Sound shorter than this many seconds may play by itself (WCAG 2.2, 1.4.2).
const SHORT: f64 = 3.0;

const IMAGES: &[&str] = &["avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"];

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>) {
    for id in audit.page.document.elements() {
        match audit.page.name(id) {
            "audio" | "video" => media(audit, id),
            "img" => file_name(audit, id),
            "input" if audit.page.input_type(id) == "image" => file_name(audit, id),
            _ => {}
        }
    }
}

fn sources<'a>(audit: &Audit<'a>, id: NodeId) -> Vec<&'a str> {
    let page = audit.page;
    let document = page.document;
    let own = page.attr(id, "src").into_iter();
    let inner = document.element_children(id).filter(|at| page.name(*at) == "source");
    own.chain(inner.filter_map(|at| page.attr(at, "src"))).filter(|source| !source.trim().is_empty()).collect()
}

// Whether an address asks for a piece of a few seconds: `#t=8,10`.
fn is_short(source: &str) -> bool {
    let Some((_, piece)) = source.split_once("#t=") else { return false };
    let piece = piece.split('&').next().unwrap_or_default();
    let Some((start, end)) = piece.split_once(',') else { return false };
    let start = if start.is_empty() { Some(0.0) } else { start.parse::<f64>().ok() };
    let end = end.parse::<f64>().ok();
    matches!((start, end), (Some(start), Some(end)) if end - start <= SHORT)
}

fn media(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    let has = |name: &str| page.may_have(id, name);
    let sources = sources(audit, id);
    let known = page.document.attribute(id, "autoplay").is_some_and(|it| it.text().is_some());
    let repeats = has("loop");
    if known && !has("muted") && !has("controls") && sources.iter().any(|source| repeats || !is_short(source)) {
        let message = "its sound starts by itself, and nothing beside it stops it".to_owned();
        // A video may have no sound, and controls of its own make.
        if page.name(id) == "video" {
            audit.add_review("no-autoplay-audio", id, message);
        } else {
            audit.add("no-autoplay-audio", id, message);
        }
    }
    let captions = document.element_children(id).any(|at| {
        page.is_open(at)
            || page.name(at) == "track"
                && (page.is_unknown(at, "kind") && document.has_attr(at, "kind")
                    || page.attr(at, "kind").is_some_and(|kind| kind.eq_ignore_ascii_case("captions")))
    });
    if page.name(id) == "video" && page.is_exposed(id) && !captions && !has("muted") && !sources.is_empty() {
        audit.add_review("video-caption", id, "the video has no captions; without sound it needs none".to_owned());
    }
}

// The last part of an address, unescaped.
fn last_part(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let part = path.rsplit('/').next().unwrap_or_default();
    let mut text = Vec::with_capacity(part.len());
    let bytes = part.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%').then(|| part.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok()));
        let (decoded, length) = code.flatten().map_or((*byte, 1), |decoded| (decoded, 3));
        text.push(decoded);
        at += length;
    }
    String::from_utf8_lossy(&text).trim().to_lowercase()
}

fn is_checksum(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn file_name(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let document = page.document;
    if !page.is_exposed(id) || page.is_open(id) {
        return;
    }
    let named = name(page, id);
    let text = named.text.trim().to_lowercase();
    let has_ending = text.rsplit_once('.').is_some_and(|(_, end)| IMAGES.contains(&end));
    if named.is_open || !(has_ending || is_checksum(&text)) {
        return;
    }
    let mut files: Vec<String> = page.attr(id, "src").map(last_part).into_iter().collect();
    let around = document.parent_element(id).filter(|at| page.name(*at) == "picture");
    let others = around.into_iter().flat_map(|at| document.element_children(at));
    for at in std::iter::once(id).chain(others) {
        let list = page.attr(at, "srcset").unwrap_or_default();
        files.extend(list.split(',').filter_map(|one| one.split_ascii_whitespace().next()).map(last_part));
    }
    // In a link to the file itself, its name is what the link is about.
    let offers = document.ancestors(id).filter(|at| page.name(*at) == "a").any(|at| {
        document.has_attr(at, "download") || page.attr(at, "href").is_some_and(|href| last_part(href) == text)
    });
    if files.contains(&text) && !offers {
        let shown = octavo_toolkit::limits::excerpt(&named.text);
        let message = format!("the name of the image, {shown}, is that of its file");
        audit.add("image-filename-as-accessible-name", id, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(last_part("/a/b%20c.PNG?x=1#y"), "b c.png");
        assert_eq!(last_part("%zz%"), "%zz%");
        assert!(is_short("a.mp3#t=8,10") && is_short("a#t=,2") && !is_short("a#t=25") && !is_short("a"));
        assert!(is_checksum("94251e110d24a4c2b6e6ce76e7203374") && !is_checksum("abcdefabcdefabcdef"));
    }
}
