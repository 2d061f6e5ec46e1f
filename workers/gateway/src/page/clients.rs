//! How the popular clients are connected: one table, for the page at the root and for the guide (`docs/connect.md`).
//!
//! In a text, `{url}` stands for the endpoint. A client that sends a key has a second text, in which `YOUR_KEY` stands for it.

/// A client, and how it is connected.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Short name, unique.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// What to do, in order.
    pub steps: &'static [Step],
}

/// One step of connecting a client.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Something to know or to click; words between backticks are code.
    Say(&'static str),
    /// The same, where callers need a key.
    SayKeyed(&'static str),
    /// A link that opens the client, `vscode` or `cursor`; the page makes its address.
    Install(&'static str),
    /// A text to copy.
    Paste {
        /// Where it goes: a file, or what runs it.
        into: &'static str,
        /// The text.
        open: &'static str,
        /// The text with a key.
        keyed: &'static str,
    },
}

use Step::{Install, Paste, Say, SayKeyed};

/// The clients, the most asked-for first.
pub const CLIENTS: &[Client] = &[
    Client {
        id: "claude-code",
        name: "Claude Code",
        steps: &[
            Paste {
                into: "terminal",
                open: "claude mcp add --transport http octavo {url}",
                keyed: "claude mcp add --transport http octavo {url} \\\n  --header \"Authorization: Bearer YOUR_KEY\"",
            },
            Say(
                "`/mcp` in a session then shows octavo as connected. With `--scope user` it is there in every project.",
            ),
        ],
    },
    Client {
        id: "claude",
        name: "Claude app",
        steps: &[
            Say("On the web or the desktop: Settings, Connectors, Add custom connector. The address is:"),
            Paste { into: "address", open: "{url}", keyed: "{url}" },
            Say(
                "Claude asks from its own servers, so this takes a public address. For a server on your machine, or one that wants a key, put this into Claude Desktop's settings instead:",
            ),
            Paste {
                into: "claude_desktop_config.json",
                open: "{\n  \"mcpServers\": {\n    \"octavo\": {\n      \"command\": \"npx\",\n      \"args\": [\"-y\", \"mcp-remote\", \"{url}\"]\n    }\n  }\n}",
                keyed: "{\n  \"mcpServers\": {\n    \"octavo\": {\n      \"command\": \"npx\",\n      \"args\": [\"-y\", \"mcp-remote\", \"{url}\", \"--header\", \"Authorization:${KEY}\"],\n      \"env\": { \"KEY\": \"Bearer YOUR_KEY\" }\n    }\n  }\n}",
            },
        ],
    },
    Client {
        id: "chatgpt",
        name: "ChatGPT",
        steps: &[
            Say("Settings, Apps and connectors, Advanced: turn developer mode on. Then Create, with this address:"),
            Paste { into: "address", open: "{url}", keyed: "{url}" },
            Say(
                "ChatGPT asks from its own servers, so this takes a public address, and it signs in by OAuth or not at all.",
            ),
            SayKeyed("It cannot send the key that this server asks for."),
        ],
    },
    Client {
        id: "vscode",
        name: "VS Code",
        steps: &[
            Install("vscode"),
            Paste {
                into: ".vscode/mcp.json",
                open: "{\n  \"servers\": {\n    \"octavo\": { \"type\": \"http\", \"url\": \"{url}\" }\n  }\n}",
                keyed: "{\n  \"inputs\": [\n    { \"type\": \"promptString\", \"id\": \"octavo-key\", \"description\": \"Octavo key\", \"password\": true }\n  ],\n  \"servers\": {\n    \"octavo\": {\n      \"type\": \"http\",\n      \"url\": \"{url}\",\n      \"headers\": { \"Authorization\": \"Bearer ${input:octavo-key}\" }\n    }\n  }\n}",
            },
        ],
    },
    Client {
        id: "cursor",
        name: "Cursor",
        steps: &[
            Install("cursor"),
            Paste {
                into: ".cursor/mcp.json",
                open: "{\n  \"mcpServers\": {\n    \"octavo\": { \"url\": \"{url}\" }\n  }\n}",
                keyed: "{\n  \"mcpServers\": {\n    \"octavo\": {\n      \"url\": \"{url}\",\n      \"headers\": { \"Authorization\": \"Bearer ${env:OCTAVO_KEY}\" }\n    }\n  }\n}",
            },
            SayKeyed("The key is read from the environment variable OCTAVO_KEY."),
        ],
    },
    Client {
        id: "windsurf",
        name: "Windsurf",
        steps: &[Paste {
            into: "~/.codeium/windsurf/mcp_config.json",
            open: "{\n  \"mcpServers\": {\n    \"octavo\": { \"serverUrl\": \"{url}\" }\n  }\n}",
            keyed: "{\n  \"mcpServers\": {\n    \"octavo\": {\n      \"serverUrl\": \"{url}\",\n      \"headers\": { \"Authorization\": \"Bearer ${env:OCTAVO_KEY}\" }\n    }\n  }\n}",
        }],
    },
    Client {
        id: "zed",
        name: "Zed",
        steps: &[Paste {
            into: "settings.json",
            open: "{\n  \"context_servers\": {\n    \"octavo\": { \"url\": \"{url}\" }\n  }\n}",
            keyed: "{\n  \"context_servers\": {\n    \"octavo\": {\n      \"url\": \"{url}\",\n      \"headers\": { \"Authorization\": \"Bearer YOUR_KEY\" }\n    }\n  }\n}",
        }],
    },
    Client {
        id: "codex",
        name: "Codex",
        steps: &[
            Paste {
                into: "~/.codex/config.toml",
                open: "[mcp_servers.octavo]\nurl = \"{url}\"",
                keyed: "[mcp_servers.octavo]\nurl = \"{url}\"\nbearer_token_env_var = \"OCTAVO_KEY\"",
            },
            SayKeyed("The key is read from the environment variable OCTAVO_KEY."),
        ],
    },
    Client {
        id: "gemini",
        name: "Gemini CLI",
        steps: &[Paste {
            into: "terminal",
            open: "gemini mcp add --transport http octavo {url}",
            keyed: "gemini mcp add --transport http octavo {url} \\\n  --header \"Authorization: Bearer YOUR_KEY\"",
        }],
    },
    Client {
        id: "inspector",
        name: "Inspector",
        steps: &[
            Paste {
                into: "terminal",
                open: "npx @modelcontextprotocol/inspector --cli {url} \\\n  --transport http --method tools/list",
                keyed: "npx @modelcontextprotocol/inspector --cli {url} \\\n  --transport http --method tools/list \\\n  --header \"Authorization: Bearer YOUR_KEY\"",
            },
            Say("Without `--cli` it opens in a browser."),
        ],
    },
    Client {
        id: "curl",
        name: "curl",
        steps: &[
            Paste {
                into: "terminal",
                open: "curl -s {url} -H 'content-type: application/json' -d '{\n  \"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\",\n  \"params\": {\"name\": \"docker_lint_dockerfile\",\n    \"arguments\": {\"source\": \"FROM debian\\nRUN cd /tmp\\n\"}}}'",
                keyed: "curl -s {url} -H 'content-type: application/json' \\\n  -H 'authorization: Bearer YOUR_KEY' -d '{\n  \"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\",\n  \"params\": {\"name\": \"docker_lint_dockerfile\",\n    \"arguments\": {\"source\": \"FROM debian\\nRUN cd /tmp\\n\"}}}'",
            },
            Say("No handshake is needed: every call stands by itself."),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_client_has_the_address_and_the_key() {
        let ids: BTreeSet<&str> = CLIENTS.iter().map(|client| client.id).collect();
        assert_eq!(ids.len(), CLIENTS.len());
        for client in CLIENTS {
            let texts: Vec<(&str, &str)> = client
                .steps
                .iter()
                .filter_map(|step| match step {
                    Paste { open, keyed, .. } => Some((*open, *keyed)),
                    Say(_) | SayKeyed(_) | Install(_) => None,
                })
                .collect();
            assert!(!texts.is_empty(), "{}", client.id);
            for (open, keyed) in texts {
                assert!(open.contains("{url}") && keyed.contains("{url}"), "{}", client.id);
                assert!(!open.contains("KEY"), "{}", client.id);
                if open.starts_with("{\n") {
                    for text in [open, keyed] {
                        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{}: {text}", client.id);
                    }
                }
            }
        }
    }
}
