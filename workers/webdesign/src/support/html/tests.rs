//! The tree and the places in it, on the smallest sources that show them; where trees come from is html5ever's own matter.

use super::*;
use std::fmt::Write as _;

// The tree as indented lines, attributes with the text they stand on.
fn tree(source: &str) -> String {
    let document = parse(source);
    let mut lines = String::new();
    for at in document.descendants(ROOT) {
        let depth = document.ancestors(at).count() - 1;
        let _ = write!(lines, "{}", "  ".repeat(depth));
        match document.kind(at) {
            NodeKind::Element(element) => {
                let _ = write!(lines, "{}", element.name.local);
                for attribute in &element.attributes {
                    let written = source.get(attribute.span()).unwrap_or("?");
                    let _ =
                        write!(lines, " {}={:?} from {written}", attribute.name, attribute.text().unwrap_or_default());
                }
                if let Some(span) = &element.start_tag {
                    let _ = write!(lines, " at {}", source.get(span.clone()).unwrap_or("?"));
                }
                if let Some(span) = &element.end_tag {
                    let _ = write!(lines, " to {}", source.get(span.clone()).unwrap_or("?"));
                }
            }
            other => {
                let _ = write!(lines, "{other:?} at {:?}", source.get(document.span(at)).unwrap_or("?"));
            }
        }
        lines.push('\n');
    }
    lines
}

fn codes(source: &str) -> Vec<String> {
    let document = parse(source);
    let shown = document.problems.iter().map(|problem| {
        let text = source.get(problem.span.clone()).unwrap_or("?");
        let related: Vec<&str> = problem.related.iter().map(|id| document.name(*id)).collect();
        format!("{} {text} [{}]", problem.code, related.join(" "))
    });
    shown.collect()
}

#[test]
fn elements_and_attributes_know_their_places() {
    assert_eq!(
        tree(
            "<!DOCTYPE html>\r\n<title>a&amp;b</title><p CLASS='x&lt;y' id = z hidden>T\u{e9}xt<br/></p><svg viewbox=1><a xlink:href=\"u\"/></svg>"
        ),
        r#"Doctype { name: "html", public_id: "", system_id: "" } at "<!DOCTYPE html>"
html
  head
    title at <title> to </title>
      Text("a&b") at "a&amp;b"
  body
    p class="x<y" from CLASS='x&lt;y' id="z" from id = z hidden="" from hidden at <p CLASS='x&lt;y' id = z hidden> to </p>
      Text("Téxt") at "Téxt"
      br at <br/>
    svg viewBox="1" from viewbox=1 at <svg viewbox=1> to </svg>
      a xlink:href="u" from xlink:href="u" at <a xlink:href="u"/>
"#
    );
}

#[test]
fn repeated_formatting_points_at_its_tag() {
    let source = "<p><b class=x>1<p>2</b>";
    let document = parse(source);
    let spans: Vec<_> =
        document.elements().filter(|at| document.name(*at) == "b").map(|at| document.span(at)).collect();
    assert_eq!(spans, [3..14, 3..14]);
    let repeated = document.elements().filter(|at| document.element(*at).is_some_and(|it| it.repeated)).count();
    assert_eq!(repeated, 1);
}

#[test]
fn problems_have_codes_and_places() {
    for (source, expected) in [
        ("<p>x", vec!["missing-doctype <p> []"]),
        ("<!doctype html><div></p></div></i>", vec!["stray-end-tag </p> []", "stray-end-tag </i> []"]),
        ("<!doctype html><div><span></div>", vec!["unclosed-elements </div> [span]"]),
        ("<!doctype html><body><div><p></body></html>", vec!["unclosed-elements </body> [div]"]),
        ("<!doctype html><body><div><p>", vec!["open-elements-at-end  [div]"]),
        ("<!doctype html><a href=1><a href=2>x</a>", vec!["nested-start-tag <a href=2> []"]),
        ("<!doctype html><div/>x</div>", vec!["non-void-html-element-start-tag-with-trailing-solidus <div/> []"]),
        ("<!doctype html><table>x<tr><td>y</table>", vec!["misplaced-text x []"]),
        ("<!doctype html><table><div></div></table>", vec!["misplaced-start-tag <div> []", "stray-end-tag </div> []"]),
        ("<!doctype html><b><p></b></p>", vec!["misnested-end-tag </b> []"]),
        ("<!doctype html><p><b><div></div>", vec!["implicitly-closed-elements <div> [b]"]),
        ("<!doctype html><tr><p id=a id=b>", vec!["stray-start-tag <tr> []", "duplicate-attribute id []"]),
        (
            "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><p>",
            vec!["obsolete-doctype <!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"> []"],
        ),
        ("<!doctype html><!doctype html><p>", vec!["stray-doctype <!doctype html> []"]),
        ("<!doctype html><p></p></body><script></script>", vec!["stray-start-tag <script> []"]),
    ] {
        assert_eq!(codes(source), expected, "{source}");
    }
}

#[test]
fn templates_hold_their_contents_apart() {
    let document = parse("<template><tr><td>x</template>");
    let template = document.find("template").expect("a template");
    assert_eq!(document.first_child(template), None);
    let contents = document.element(template).and_then(|element| element.contents).expect("contents");
    assert_eq!(document.text_content(contents), "x");
    assert_eq!(document.name(document.first_child(contents).expect("a row")), "tr");
}

#[test]
fn depth_is_kept_at_its_limit() {
    let nest = |depth: usize| format!("{}x{}<p id=after>", "<div>".repeat(depth), "</div>".repeat(depth));
    // html and body stand above.
    let fits = parse(&nest(MAX_DEPTH - 1));
    assert_eq!(fits.cut, None);
    for depth in [MAX_DEPTH, 5_000] {
        let deep = parse(&nest(depth));
        assert_eq!(deep.cut.map(|(cut, _)| cut), Some(Cut::Depth));
        let body = deep.find("body");
        let after = deep.elements().find(|at| deep.attr(*at, "id") == Some("after")).expect("the element after");
        assert_eq!(deep.parent(after), body);
        assert!(deep.elements().all(|at| deep.ancestors(at).count() <= MAX_DEPTH + 1));
    }
}

#[test]
fn size_is_kept_at_its_limit() {
    let fits = parse(&"<br>".repeat(MAX_NODES - 10));
    assert_eq!(fits.cut, None);
    let cut = parse(&"<br>".repeat(MAX_NODES + 10));
    assert_eq!(cut.cut.map(|(cut, _)| cut), Some(Cut::Size));
    assert!(cut.len() < MAX_NODES + 1_000);
    let deep = "<span>".repeat(MAX_DEPTH - 2);
    let steps = parse(&format!("{deep}{}", "</x>".repeat(MAX_STEPS / MAX_DEPTH + 2)));
    assert_eq!(steps.cut.map(|(cut, _)| cut), Some(Cut::Size));
    assert_eq!(steps.problems.len(), MAX_PROBLEMS);
}

#[test]
fn hostile_nesting_is_read_in_linear_time() {
    let numbered = |count: usize, before: &str, after: &str| {
        (0..count).fold(String::new(), |mut text, at| {
            let _ = write!(text, "{before}{at}{after}");
            text
        })
    };
    let formatting = numbered(3_000, "<b id=", ">");
    for source in [
        "<div>".repeat(800_000),
        "<b><p>".repeat(300_000),
        format!("{formatting}{}", "<p>".repeat(600_000)),
        format!("{}{}", "<span>".repeat(600), "</x>".repeat(900_000)),
        format!("{}{}", "<table><tr><td>".repeat(1_000), "<a><i>".repeat(200_000)),
        "<svg><foreignObject>".repeat(100_000),
        format!("<table>{}", "<b>x".repeat(200_000)),
        "<a b c d e f g h>".repeat(100_000),
        format!("<a {}>", numbered(100_000, "a", " ")),
    ] {
        let start = std::time::Instant::now();
        let document = parse(&source);
        assert!(document.len() < MAX_NODES + 2_000);
        let name: String = source.chars().take(12).collect();
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
}
