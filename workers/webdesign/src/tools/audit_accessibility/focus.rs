//! Rules on what the focus looks like and where it may go: outlines that style sheets take away, and handlers that hold it.

use super::Audit;
use super::sheets::ReadSheets;
use super::style::{Selector, parse_list, selects};
use crate::support::html::NodeId;
use std::cell::Cell;

/// Most selectors of the focus that are tried.
const MAX_SELECTORS: usize = 400;

// What a sheet says of an element with the focus.
struct Said {
    selector: Selector,
    // Whether it takes the outline away, and whether it shows the focus in any way.
    takes: bool,
    shows: bool,
}

/// Runs the rules.
pub(super) fn check(audit: &mut Audit<'_>, sheets: &ReadSheets<'_>) {
    let document = audit.page.document;
    for id in document.elements() {
        trap(audit, id);
    }
    let Some(said) = read(sheets) else { return };
    if !said.iter().any(|said| said.takes) {
        return;
    }
    let tries = Cell::new(0);
    for id in document.elements() {
        let page = audit.page;
        if !page.is_tabbable(id) || page.is_open(id) || !page.is_seen(id) || shows_itself(audit, id) {
            continue;
        }
        let matching: Vec<&Said> = said.iter().filter(|said| selects(document, id, &said.selector, &tries)).collect();
        if matching.iter().any(|said| said.takes) && !matching.iter().any(|said| said.shows) {
            let message = "its outline is taken away, and nothing else shows that it has the focus".to_owned();
            audit.add("sequentially-focusable-element-has-visible-focus", id, message);
        }
    }
}

// A caret stands in fields; a handler may change the looks.
fn shows_itself(audit: &Audit<'_>, id: NodeId) -> bool {
    let page = audit.page;
    let field = match page.name(id) {
        "textarea" | "select" | "iframe" | "audio" | "video" => true,
        "input" => !matches!(page.input_type(id), "button" | "submit" | "reset" | "image" | "checkbox" | "radio"),
        _ => page.document.has_attr(id, "contenteditable"),
    };
    field || page.document.has_attr(id, "onfocus")
}

// Absent where a sheet is not known, or shows the focus by means that are not read here.
fn read(sheets: &ReadSheets<'_>) -> Option<Vec<Said>> {
    if !sheets.is_whole {
        return None;
    }
    let mut list = Vec::new();
    for (sheet, rules) in &sheets.list {
        for rule in rules {
            let takes = rule.declarations.iter().any(|it| takes_outline(&it.property, it.value));
            let focus = rule.selector.to_ascii_lowercase().contains(":focus");
            if !takes && !focus {
                continue;
            }
            // Under a condition it may or may not be so; what shows counts, what takes away does not.
            let shows = focus && rule.declarations.iter().any(|it| !takes_outline(&it.property, it.value));
            for selector in rule.selector.split(',') {
                let plain = without_focus(selector)?;
                let takes = takes && !rule.conditional && sheet.is_plain && !rule.nested;
                let shows = shows && plain.len() < selector.trim().len();
                for selector in parse_list(&plain) {
                    list.push(Said { selector, takes, shows });
                }
                if list.len() > MAX_SELECTORS {
                    return None;
                }
            }
        }
    }
    Some(list)
}

fn takes_outline(property: &str, value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    match property {
        "outline" => value.split_whitespace().any(|word| matches!(word, "none" | "0" | "0px" | "transparent")),
        "outline-style" => value == "none",
        "outline-width" => matches!(value.as_str(), "0" | "0px"),
        "outline-color" => value == "transparent",
        _ => false,
    }
}

// The selector of the element itself, at rest; absent where the focus of another element, or anything that is not read, decides.
fn without_focus(selector: &str) -> Option<String> {
    let text = selector.trim().to_ascii_lowercase();
    if !text.contains(':') {
        return Some(selector.trim().to_owned());
    }
    let mut plain = text.clone();
    for pseudo in [":focus-visible", ":focus-within", ":focus"] {
        if let Some(at) = plain.find(pseudo) {
            let after = plain.get(at + pseudo.len()..).unwrap_or_default();
            let ends = after.is_empty() || after.starts_with(':') && !after.contains([' ', '>', '+', '~']);
            if !ends || pseudo == ":focus-within" || after.contains("focus") {
                return None;
            }
            // Classes keep their case.
            selector.trim().get(..at).unwrap_or_default().clone_into(&mut plain);
        }
    }
    for state in [":hover", ":active", ":link", ":visited"] {
        plain = plain.replace(state, "");
    }
    if plain.contains(':') {
        // Of states and pseudo-elements that say nothing of the focus.
        return if text.contains("focus") { None } else { Some(String::new()) };
    }
    Some(if plain.trim().is_empty() || plain.trim_end().ends_with(['>', '+', '~']) {
        format!("{plain}*")
    } else {
        plain
    })
}

fn trap(audit: &mut Audit<'_>, id: NodeId) {
    let page = audit.page;
    let holds = ["onblur", "onfocusout"].iter().any(|name| {
        page.attr(id, name).is_some_and(|code| {
            let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
            code.contains("this.focus()")
                || code.contains("event.target.focus()")
                || code.contains("event.currentTarget.focus()")
        })
    });
    // A key may lead out.
    let escapes = std::iter::once(id)
        .chain(page.document.ancestors(id))
        .any(|at| ["onkeydown", "onkeyup", "onkeypress"].iter().any(|name| page.document.has_attr(at, name)));
    if holds && !escapes && page.is_tabbable(id) {
        let message = "when it loses the focus it takes it back, so that the keyboard cannot go on".to_owned();
        audit.add("focusable-no-keyboard-trap", id, message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheets::{Sheet, Sheets};
    use super::*;

    #[test]
    fn the_focus_is_taken_out_of_selectors() {
        for (selector, expected) in [
            (".Btn:focus", Some(".Btn")),
            ("a:focus-visible", Some("a")),
            (":focus", Some("*")),
            ("a", Some("a")),
            ("a:focus:hover", Some("a")),
            ("a:hover", Some("a")),
            ("input:focus + label", None),
            ("div:focus-within", None),
            ("a::after", Some("")),
        ] {
            assert_eq!(without_focus(selector).as_deref(), expected, "{selector}");
        }
        assert!(takes_outline("outline", "0 none") && !takes_outline("outline", "2px solid red"));
    }

    #[test]
    fn selectors_are_read_up_to_their_limit() {
        for (count, is_read) in [(MAX_SELECTORS, true), (MAX_SELECTORS + 1, false)] {
            let sheet = Sheet { text: "a:focus{outline:0}".repeat(count).into(), is_plain: true };
            assert_eq!(read(&Sheets { list: vec![sheet], is_whole: true }.read()).is_some(), is_read, "{count}");
        }
    }
}
