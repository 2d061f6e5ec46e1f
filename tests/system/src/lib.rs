//! The whole fleet in one native process: the gateway's core, all eight registries, the tail worker's ingest.
//!
//! What differs from the deployed fleet is the platform alone: no JavaScript, no service binding, no KV.

pub mod clock;
pub mod hostile;
pub mod nesting;
pub mod workload;

use octavo_category::Category;
use octavo_gateway::access::Access;
use octavo_gateway::blob::{BlobSize, HANDLE_BYTES, StoreFault, handle_of};
use octavo_gateway::task::Task;
use octavo_gateway::{Arrival, Bound, Config, Exchange, Failure, Forward, Reply, TaskAnswer};
use octavo_tail::ingest::ingest;
use octavo_telemetry::{IdSource, LogLine};
use octavo_testkit::cases;
use octavo_toolkit::registry::AnyTool;
use octavo_toolkit::{Registry, serve};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

/// The registry that serves a category.
pub fn registry(category: Category) -> Registry {
    match category {
        Category::Nodejs => octavo_nodejs::REGISTRY,
        Category::Python => octavo_python::REGISTRY,
        Category::Docker => octavo_docker::REGISTRY,
        Category::Quality => octavo_quality::REGISTRY,
        Category::Webdesign => octavo_webdesign::REGISTRY,
        Category::Database => octavo_database::REGISTRY,
        Category::Api => octavo_api::REGISTRY,
        Category::Architecture => octavo_architecture::REGISTRY,
    }
}

/// Longest arguments of a sound call, in bytes of JSON: recordings of megabytes would leave no time for the rest.
const MAX_CALL_BYTES: usize = 64 * 1024;

/// Sound calls of a tool: the arguments of its examples and specs, but for the longest.
pub fn calls_of(category: Category, tool: &dyn AnyTool) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workers").join(category.slug());
    let declaration = tool.declaration();
    let examples = declaration.examples.iter().filter_map(|example| serde_json::from_str(example.arguments).ok());
    let specs = cases(&folder.display().to_string(), declaration.name);
    let calls = examples.chain(specs.into_iter().map(|(_, arguments)| arguments));
    calls.filter(|call: &Value| call.to_string().len() <= MAX_CALL_BYTES).collect()
}

/// How a tool worker behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// As it should.
    Sound,
    /// It cannot be reached.
    Dead,
    /// It answers something that is no answer.
    Garbage,
}

/// A fleet.
pub struct Fleet {
    config: Config,
    ids: RefCell<IdSource>,
    now_ms: Cell<u64>,
    printed: RefCell<Vec<String>>,
    sick: RefCell<Vec<(Category, Behaviour)>>,
    blobs: RefCell<BTreeMap<String, String>>,
    store: Cell<Option<StoreFault>>,
    // By their ids: each with its worker's category and the call that it is made of.
    tasks: RefCell<BTreeMap<String, (Task, Category, String)>>,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            config: Config::default(),
            ids: RefCell::new(IdSource::new(42)),
            now_ms: Cell::new(1_790_000_000_000),
            printed: RefCell::default(),
            sick: RefCell::default(),
            blobs: RefCell::default(),
            store: Cell::default(),
            tasks: RefCell::default(),
        }
    }
}

impl Fleet {
    /// A fleet that keeps tasks.
    pub fn with_tasks() -> Self {
        let bound = Bound { tasks: true, ..Bound::default() };
        Self { config: Config::default().with_bound(bound), ..Self::default() }
    }

    /// Does the work of all tasks that have some, as their objects do in their own time.
    pub fn work(&self) {
        for (task, category, call) in self.tasks.borrow_mut().values_mut().filter(|(task, ..)| task.is_working()) {
            let body = format!("{call}{}", task.tail());
            let served = serve(&registry(*category), body.as_bytes(), &|| self.tick(), None);
            self.printed.borrow_mut().push(served.log_line);
            served.frames.lines().for_each(|frame| task.frame(frame.as_bytes(), self.tick()));
        }
    }

    /// Makes a category's worker behave so from now on.
    pub fn make(&self, category: Category, behaviour: Behaviour) {
        self.sick.borrow_mut().push((category, behaviour));
    }

    /// Keeps a text as an upload does, and gives its handle.
    pub fn keep(&self, text: impl Into<String>) -> String {
        let mut blobs = self.blobs.borrow_mut();
        let mut random = [0; HANDLE_BYTES];
        random[..8].copy_from_slice(&blobs.len().to_be_bytes());
        let handle = handle_of(&random);
        blobs.insert(handle.clone(), text.into());
        handle
    }

    /// Makes the store of blobs fail from now on.
    pub fn break_store(&self, fault: StoreFault) {
        self.store.set(Some(fault));
    }

    /// POSTs to a path with headers (`name:value` lines) and a body.
    pub fn post(&self, path: &str, headers: &str, body: &[u8]) -> Reply {
        self.post_as(&Access::Open, path, headers, body)
    }

    /// POSTs as a caller of whom the shell found this out.
    pub fn post_as(&self, access: &Access, path: &str, headers: &str, body: &[u8]) -> Reply {
        let body = (body.len() <= octavo_gateway::MAX_BODY_BYTES).then_some(body);
        let arrival = Arrival { path, headers, body, now_ms: self.tick(), access };
        let mut exchange = Exchange::open(arrival, &self.config, &mut self.ids.borrow_mut());
        let parts = exchange.take_parts();
        if !parts.is_empty() {
            let bodies: Vec<String> = parts.into_iter().map(|part| self.settle(part).body).collect();
            exchange.joined(&bodies);
        }
        self.settle(exchange)
    }

    // What the shell does with one request.
    fn settle(&self, mut exchange: Exchange) -> Reply {
        let texts = self.find_blobs(&mut exchange);
        if let Some(forward) = exchange.forward().cloned() {
            let sick = self.sick.borrow();
            let behaviour = sick
                .iter()
                .rev()
                .find(|(category, _)| Some(*category) == forward.category)
                .map(|(_, behaviour)| *behaviour);
            match behaviour.unwrap_or(Behaviour::Sound) {
                Behaviour::Sound => {
                    let body = spliced(&forward, &texts);
                    let served = serve(
                        &registry(forward.category.expect("no extra worker here")),
                        body.as_bytes(),
                        &|| self.tick(),
                        None,
                    );
                    self.printed.borrow_mut().push(served.log_line);
                    exchange.answered(served.frames.as_bytes());
                }
                Behaviour::Dead => exchange.failed(Failure::Unavailable),
                Behaviour::Garbage => exchange.answered(b"<html>502</html>"),
            }
        }
        self.settle_tasks(&mut exchange, &texts);
        let (reply, line) = exchange.close(self.tick());
        self.printed.borrow_mut().extend(line);
        reply
    }

    // What the shell and a task's object do with one request.
    fn settle_tasks(&self, exchange: &mut Exchange, texts: &[String]) {
        let mut tasks = self.tasks.borrow_mut();
        if exchange.becomes_task() {
            let mut random = [0; HANDLE_BYTES];
            random[..8].copy_from_slice(&tasks.len().to_be_bytes());
            let (id, record) = exchange.begin_task(&random).expect("a task");
            let call = exchange.task_call().expect("its call");
            let task = Task::read(&record).expect("a record");
            tasks.insert(id, (task, call.category.expect("no extra worker here"), spliced(call, texts)));
            exchange.task_begun(true);
        }
        let Some(request) = exchange.task_request().cloned() else { return };
        let asked: Value = serde_json::from_str(&request.body).expect("JSON");
        let (caller, responses) = (asked["caller"].as_str().expect("a caller"), asked["responses"].as_str());
        let answer = match tasks.get_mut(&request.id).filter(|(task, ..)| task.is_of(caller)) {
            None => TaskAnswer::Unknown,
            Some((task, ..)) => match request.verb {
                "get" => TaskAnswer::Stands(task.detailed()),
                "update" => {
                    task.update(responses.expect("answers"), self.tick());
                    TaskAnswer::Noted
                }
                _ => {
                    task.cancel(self.tick());
                    TaskAnswer::Noted
                }
            },
        };
        exchange.task_answered(&answer);
    }

    // What the shell does between reading a request and asking a worker.
    fn find_blobs(&self, exchange: &mut Exchange) -> Vec<String> {
        let handles = exchange.blobs().to_vec();
        if handles.is_empty() {
            return Vec::new();
        }
        if let Some(fault) = self.store.get() {
            exchange.blobs_unavailable(fault);
            return Vec::new();
        }
        let blobs = self.blobs.borrow();
        let missing: Vec<usize> =
            (0..handles.len()).filter(|at| handles.get(*at).is_none_or(|handle| !blobs.contains_key(handle))).collect();
        if !missing.is_empty() {
            exchange.blobs_missing(&missing);
            return Vec::new();
        }
        let texts: Vec<String> = handles.iter().filter_map(|handle| blobs.get(handle).cloned()).collect();
        let size = |text: &String| BlobSize { bytes: text.len(), escaped: escaped(text).len() };
        exchange.blobs_found(&texts.iter().map(size).collect::<Vec<_>>());
        texts
    }

    /// A request of 2026-07-28 with the headers it must have.
    pub fn modern(&self, method: &str, mut params: Value) -> Reply {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let mut headers =
            format!("content-type:application/json\nmcp-protocol-version:2026-07-28\nmcp-method:{method}\n");
        if let Some(name) = params["name"].as_str() {
            headers.extend(["mcp-name:", name, "\n"]);
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.post("/mcp", &headers, body.to_string().as_bytes())
    }

    /// A request of an older version.
    pub fn legacy(&self, version: &str, method: &str, params: &Value) -> Reply {
        let headers = format!("content-type:application/json\nmcp-protocol-version:{version}\n");
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.post("/mcp", &headers, body.to_string().as_bytes())
    }

    /// Everything printed so far, as the tail worker keeps it.
    ///
    /// # Panics
    ///
    /// When something else than canonical lines was printed.
    pub fn log(&self) -> Vec<LogLine<'static>> {
        let printed = self.printed.borrow();
        let events: Vec<Value> = printed.iter().map(|line| json!({ "logs": [{ "message": [line] }] })).collect();
        let ingested = ingest(&Value::from(events).to_string());
        assert_eq!(ingested.dropped, 0, "every printed line is canonical");
        ingested.lines
    }

    fn tick(&self) -> u64 {
        self.now_ms.set(self.now_ms.get() + 1);
        self.now_ms.get()
    }
}

// A text as it stands inside a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

fn spliced(forward: &Forward, texts: &[String]) -> String {
    let mut body = forward.body.clone();
    for splice in forward.splices.iter().rev() {
        body.replace_range(splice.at.clone(), &escaped(texts.get(splice.blob).map_or("", String::as_str)));
    }
    body
}

/// A reply's body as JSON.
///
/// # Panics
///
/// When it is none.
pub fn body(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_else(|error| panic!("{error}: {}", reply.body))
}
