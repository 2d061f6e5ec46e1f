//! Drives the client of the crate rmcp: reads a question a line, prints an answer a line; see `../program.mjs`.
//!
//! Usage: `octavo-rmcp-client initialize|discover|auto URL`

use rmcp::model::{
    CallToolRequestParams, ClientConfig, GetPromptRequestParams, JsonObject, ProgressNotificationParam,
    ProtocolVersion, ReadResourceRequestParams,
};
use rmcp::service::{ClientLifecycleMode, NotificationContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientHandler, ClientServiceExt, RoleClient};
use serde::Deserialize;
use serde_json::{Value, json};
use std::env;
use std::error::Error;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// How long a note of progress may come after the response: each is handed over by a task of its own.
const LATE: Duration = Duration::from_millis(200);

/// A question of the test.
#[derive(Debug, Deserialize)]
#[serde(tag = "ask", rename_all = "lowercase")]
enum Question {
    Tools,
    Call { name: String, arguments: JsonObject, progress: bool },
    Resources,
    Templates,
    Read { uri: String },
    Prompts,
    Prompt { name: String, arguments: JsonObject },
}

/// Passes on each note of progress.
struct Listener {
    notes: UnboundedSender<ProgressNotificationParam>,
}

impl ClientHandler for Listener {
    async fn on_progress(&self, params: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let _ = self.notes.send(params);
    }

    fn get_info(&self) -> ClientConfig {
        ClientConfig::default()
    }
}

type Client = RunningService<RoleClient, Listener>;
type Notes = UnboundedReceiver<ProgressNotificationParam>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [mode, url] = arguments.as_slice() else { return Err("two arguments: a mode and a URL".into()) };
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    let lifecycle = match mode.as_str() {
        "initialize" => ClientLifecycleMode::Initialize,
        "discover" => ClientLifecycleMode::Discover { preferred_versions },
        "auto" => ClientLifecycleMode::Auto { preferred_versions, legacy_version: None },
        other => return Err(format!("no mode {other}").into()),
    };
    let (sender, mut notes) = unbounded_channel();
    let transport = StreamableHttpClientTransport::from_uri(url.as_str());
    let client = Listener { notes: sender }.serve_with_lifecycle(transport, lifecycle).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut output = tokio::io::stdout();
    while let Some(line) = lines.next_line().await? {
        let said = match answer(&client, &mut notes, serde_json::from_str(&line)?).await {
            Ok(answer) => json!({ "answer": answer }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        output.write_all(format!("{said}\n").as_bytes()).await?;
        output.flush().await?;
    }
    client.cancel().await?;
    Ok(())
}

async fn answer(client: &Client, notes: &mut Notes, question: Question) -> Result<Value, Box<dyn Error>> {
    Ok(match question {
        Question::Tools => client.list_all_tools().await?.into_iter().map(|tool| tool.name.into_owned()).collect(),
        Question::Call { name, arguments, progress } => {
            while notes.try_recv().is_ok() {}
            let result = client.call_tool(CallToolRequestParams::new(name).with_arguments(arguments)).await?;
            let mut heard = Vec::new();
            // rmcp asks for progress with every call; here it is waited for only where the test wants it.
            while progress && let Ok(Some(note)) = timeout(LATE, notes.recv()).await {
                heard.push(note);
            }
            json!({ "result": result, "notes": heard })
        }
        Question::Resources => {
            client.list_all_resources().await?.into_iter().map(|resource| resource.uri.clone()).collect()
        }
        Question::Templates => {
            let templates = client.list_all_resource_templates().await?;
            templates.into_iter().map(|template| template.uri_template.clone()).collect()
        }
        Question::Read { uri } => {
            let read = client.read_resource(ReadResourceRequestParams::new(uri)).await?;
            json!(read)["contents"][0]["text"].take()
        }
        Question::Prompts => client.list_all_prompts().await?.into_iter().map(|prompt| prompt.name).collect(),
        Question::Prompt { name, arguments } => {
            let prompt = client.get_prompt(GetPromptRequestParams::new(name).with_arguments(arguments)).await?;
            json!(prompt)["messages"][0]["content"]["text"].take()
        }
    })
}
