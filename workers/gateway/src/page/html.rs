//! The page at the root: a template, and what is filled into it from the catalogue and the table of clients.

use super::clients::{CLIENTS, Client, Step};
use super::{FOLDER, Mode, Visit};
use octavo_catalog::{Entry, SEARCH, Tool};
use octavo_category::Category;
use serde_json::value::RawValue;
use std::fmt::Write as _;

static TEMPLATE: &str = include_str!("../../page/index.html");

/// The page, for this host.
pub(super) fn page(visit: &Visit<'_>, digest: &str) -> String {
    let endpoint = format!("{}/mcp", visit.origin);
    let tools = octavo_catalog::catalog().tools();
    let places: [(&str, String); 9] = [
        ("files", format!("{FOLDER}{digest}")),
        ("mode", visit.mode.name().to_owned()),
        ("endpoint", escaped(&endpoint)),
        ("count", tools.len().to_string()),
        ("access", access(visit.mode).to_owned()),
        ("choices", choices()),
        ("clients", clients(&endpoint, visit.mode)),
        ("scopes", scopes(tools)),
        ("tools", listed(tools)),
    ];
    fill(TEMPLATE, &places)
}

/// What curl gets at the root.
pub(super) fn plain(origin: &str) -> String {
    let tools = octavo_catalog::catalog().tools();
    let mut text = format!(
        "Octavo: {} exact code-analysis tools over MCP.\n\nConnect an MCP client to {origin}/mcp\n\n",
        tools.len()
    );
    for category in Category::ALL {
        let _ = writeln!(text, "{origin}/mcp/{:<14}{}", category.slug(), category.row().summary);
    }
    let _ = writeln!(text, "{origin}/mcp/{SEARCH:<14}Three tools that find, run and explain all others.");
    text
}

// Every `{{place}}` by its text.
fn fill(template: &str, places: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len() * 4);
    let mut pieces = template.split("{{");
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or(("", piece));
        match places.iter().find(|(place, _)| *place == name) {
            Some((_, filling)) => text.push_str(filling),
            // Left as it is, for the test to find.
            None => _ = write!(text, "{{{{{name}}}}}"),
        }
        text.push_str(rest);
    }
    text
}

// What a visitor must know about access before connecting.
const fn access(mode: Mode) -> &'static str {
    match mode {
        Mode::Open => "",
        Mode::Keys => {
            "<p class=\"note\">This server asks for a key. Put yours where <code>YOUR_KEY</code> stands; whoever runs the server gives it out.</p>"
        }
        Mode::Oauth => {
            "<p class=\"note\">This server asks you to sign in. Your client opens a browser for it when it connects.</p>"
        }
        Mode::Unset => {
            "<p class=\"note\">This deployment does not say yet who may call it, and refuses everybody. Its operator sets <code>AUTH</code>.</p>"
        }
    }
}

fn choices() -> String {
    let mut text = String::new();
    for (place, Client { id, name, .. }) in CLIENTS.iter().enumerate() {
        let checked = if place == 0 { " checked" } else { "" };
        let _ = writeln!(
            text,
            "<input type=\"radio\" name=\"client\" id=\"client-{id}\" value=\"{id}\"{checked}><label class=\"choice\" for=\"client-{id}\">{name}</label>"
        );
    }
    text
}

fn clients(endpoint: &str, mode: Mode) -> String {
    let mut text = String::new();
    for Client { id, name, steps } in CLIENTS {
        let _ = writeln!(text, "<div class=\"client\" data-client=\"{id}\">\n<h3>{name}</h3>");
        for step in *steps {
            match step {
                Step::SayKeyed(_) if mode != Mode::Keys => {}
                Step::Say(words) | Step::SayKeyed(words) => {
                    let _ = writeln!(text, "<p>{}</p>", inline(words));
                }
                Step::Install(client) => {
                    let _ = writeln!(
                        text,
                        "<p class=\"install\"><a class=\"button primary\" data-install=\"{client}\" hidden>Add to {name}</a> <span>or by hand:</span></p>"
                    );
                }
                Step::Paste { into, open, keyed } => {
                    let copied = escaped(if mode == Mode::Keys { keyed } else { open });
                    let url = format!("<span data-url>{}</span>", escaped(endpoint));
                    let _ = writeln!(
                        text,
                        "<div class=\"snippet\"><div class=\"snippet-head\"><span>{into}</span><button type=\"button\" class=\"copy\" hidden>Copy</button></div><pre tabindex=\"0\" role=\"group\" aria-label=\"{name}: {into}\"><code>{}</code></pre></div>",
                        copied.replace("{url}", &url)
                    );
                }
            }
        }
        text.push_str("</div>\n");
    }
    text
}

fn scopes(tools: &[Tool]) -> String {
    let mut text = format!("<option value=\"\">all {} tools</option>", tools.len());
    for category in Category::ALL {
        let _ = write!(
            text,
            "<option value=\"/{category}\">{}, {} tools</option>",
            category.row().title,
            of(*category, tools).count()
        );
    }
    let _ = write!(text, "<option value=\"/{SEARCH}\">three tools that find and run the others</option>");
    text
}

fn listed(tools: &[Tool]) -> String {
    let mut text = String::new();
    for category in Category::ALL {
        let row = category.row();
        let _ = write!(
            text,
            "<section class=\"group\" aria-labelledby=\"tools-{0}\">\n<div class=\"group-head\"><h3 id=\"tools-{0}\">{1}</h3><p>{2}</p></div>\n<ul class=\"tools\">\n",
            row.slug,
            row.title,
            escaped(row.summary)
        );
        for tool in of(*category, tools) {
            let Some(Entry { title, description, .. }) = tool.entry() else { continue };
            let title = title.map(said).unwrap_or_default();
            let _ = writeln!(
                text,
                "<li data-tool=\"{0}\"><a class=\"tool-link\" href=\"?tool={0}#try\">{1}</a> <code>{0}</code> <p>{2}</p></li>",
                tool.name,
                escaped(&title),
                inline(&said(description))
            );
        }
        text.push_str("</ul>\n</section>\n");
    }
    text
}

fn of(category: Category, tools: &[Tool]) -> impl Iterator<Item = &Tool> {
    tools.iter().filter(move |tool| tool.category == Some(category))
}

fn said(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

// Words between backticks as code.
fn inline(words: &str) -> String {
    let mut text = String::new();
    for (place, piece) in words.split('`').enumerate() {
        let piece = escaped(piece);
        if place % 2 == 0 {
            text.push_str(&piece);
        } else {
            let _ = write!(text, "<code>{piece}</code>");
        }
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_mode(mode: Mode) -> String {
        page(&Visit { path: "/", origin: "https://octavo.example", accept: "", if_none_match: "", mode }, "0")
    }

    #[test]
    fn keys_are_named_where_they_are_asked_for() {
        assert!(!of_mode(Mode::Open).contains("YOUR_KEY"));
        assert!(!of_mode(Mode::Oauth).contains("YOUR_KEY"));
        assert!(of_mode(Mode::Keys).contains("Bearer YOUR_KEY"));
        assert!(of_mode(Mode::Unset).contains("<code>AUTH</code>"));
        assert!(of_mode(Mode::Keys).contains("data-mode=\"keys\""));
    }

    #[test]
    fn what_is_filled_in_is_escaped() {
        let visit = Visit { path: "/", origin: "https://a\"<b>&", accept: "", if_none_match: "", mode: Mode::Open };
        let html = page(&visit, "0");
        assert!(html.contains("https://a&quot;&lt;b&gt;&amp;/mcp") && !html.contains("a\"<b>"));
        assert_eq!(inline("a `b<c` d"), "a <code>b&lt;c</code> d");
        assert_eq!(fill("{{a}} {{b}}", &[("a", "1".into())]), "1 {{b}}");
    }
}
