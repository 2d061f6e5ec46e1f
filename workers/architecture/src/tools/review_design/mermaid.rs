//! The design as a C4 diagram in Mermaid's language.

use super::design::{Component, Design, Kind, Mode};
use std::fmt::Write as _;

/// Most components drawn; a larger drawing is not readable.
const MAX_DRAWN: usize = 100;
/// Most links drawn.
const MAX_DRAWN_LINKS: usize = 300;

/// The diagram; none for a design without components or too large to read.
pub(super) fn draw(design: &Design) -> Option<String> {
    if design.components.is_empty() || design.components.len() > MAX_DRAWN || design.links.len() > MAX_DRAWN_LINKS {
        return None;
    }
    let has = |kinds: &[Kind]| design.components.iter().any(|component| kinds.contains(&component.kind));
    let diagram = if has(&[Kind::Component]) {
        "C4Component"
    } else if has(&[Kind::Service, Kind::Database, Kind::Queue]) {
        "C4Container"
    } else {
        "C4Context"
    };
    let mut text = format!("{diagram}\n");
    if !design.title.is_empty() {
        let _ = writeln!(text, "  title {}", plain(&design.title));
    }
    draw_within(design, None, 1, &mut text);
    for link in &design.links {
        let label = if link.description.is_empty() { "uses" } else { &link.description };
        let label = if link.mode == Mode::Async { format!("{label} (async)") } else { label.to_owned() };
        let _ = write!(text, "  Rel({}, {}, \"{}\"", alias(link.from), alias(link.to), plain(&label));
        if !link.technology.is_empty() {
            let _ = write!(text, ", \"{}\"", plain(&link.technology));
        }
        text.push_str(")\n");
    }
    Some(text)
}

// Boundaries nest three deep at most: groups have no parents, systems hold containers, containers hold components.
fn draw_within(design: &Design, boundary: Option<usize>, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (at, component) in design.components.iter().enumerate().filter(|(_, component)| component.boundary == boundary)
    {
        let _ = writeln!(text, "{indent}{}", shape(at, component));
    }
    for (at, inner) in design.boundaries.iter().enumerate().filter(|(_, inner)| inner.parent == boundary) {
        let word = if inner.is_container { "Container_Boundary" } else { "System_Boundary" };
        let mut body = String::new();
        draw_within(design, Some(at), depth + 1, &mut body);
        // Mermaid refuses a boundary without content.
        if !body.is_empty() {
            let _ = write!(text, "{indent}{word}(b{at}, \"{}\") {{\n{body}{indent}}}\n", plain(&inner.name));
        }
    }
}

fn shape(at: usize, component: &Component) -> String {
    let word = match (component.kind, component.is_external) {
        (Kind::Person, false) => "Person",
        (Kind::Person, true) => "Person_Ext",
        (Kind::System, false) => "System",
        (Kind::System, true) => "System_Ext",
        (Kind::Service, false) => "Container",
        (Kind::Service, true) => "Container_Ext",
        (Kind::Database, false) => "ContainerDb",
        (Kind::Database, true) => "ContainerDb_Ext",
        (Kind::Queue, false) => "ContainerQueue",
        (Kind::Queue, true) => "ContainerQueue_Ext",
        (Kind::Component, false) => "Component",
        (Kind::Component, true) => "Component_Ext",
    };
    let mut arguments = vec![plain(&component.name)];
    let has_technology = !matches!(component.kind, Kind::Person | Kind::System);
    if has_technology && !(component.technology.is_empty() && component.description.is_empty()) {
        arguments.push(plain(&component.technology));
    }
    if !component.description.is_empty() {
        arguments.push(plain(&component.description));
    }
    format!("{word}({}, \"{}\")", alias(at), arguments.join("\", \""))
}

// Numbers, so that no id can break the drawing.
fn alias(at: usize) -> String {
    format!("c{at}")
}

// Mermaid ends a text at its quote and a statement at its line break, and reads `#...;` as a character.
fn plain(text: &str) -> String {
    text.replace("\\\"", "'").replace('"', "'").replace('#', "\u{ff03}").replace([';', '\n'], ",")
}
