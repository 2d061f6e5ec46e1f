//! Probes of a pod: what a healthcheck and kompose's labels ask for.

use super::convert::Service;
use crate::support::compose::item::{Item, Val};
use crate::support::compose::short;
use serde_json::{Value, json};

fn seconds(item: Option<&Item>) -> Option<i64> {
    item.and_then(|item| short::nanoseconds(&item.sprint())).map(|time| time / 1_000_000_000).filter(|time| *time != 0)
}

pub(super) fn liveness(service: &Service<'_>) -> Value {
    let Some(check) =
        service.item.get("healthcheck").filter(|check| check.get("disable").and_then(Item::as_bool) != Some(true))
    else {
        return Value::Null;
    };
    let test: Vec<String> = match check.get("test").map(|test| &test.value) {
        Some(Val::Text(text)) => shell(text),
        Some(Val::List(items)) => match items.split_first() {
            Some((first, [line])) if first.as_str() == Some("CMD-SHELL") => shell(&line.sprint()),
            Some((first, _)) if first.as_str() == Some("NONE") => Vec::new(),
            Some((_, words)) => words.iter().map(Item::sprint).collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    let label = |key: &str| service.label(&format!("kompose.service.healthcheck.liveness.{key}"));
    let retries =
        check.get("retries").and_then(|retries| retries.sprint().parse::<i64>().ok()).filter(|retries| *retries != 0);
    let handler = handler(&test, label("http_get_path"), label("http_get_port"), label("tcp_port"));
    if handler.is_null() {
        return Value::Null;
    }
    probe(
        handler,
        seconds(check.get("timeout")),
        seconds(check.get("interval")),
        retries,
        seconds(check.get("start_period")),
    )
}

// A line that a shell reads, as words that are run.
fn shell(line: &str) -> Vec<String> {
    ["sh", "-c", line].map(ToOwned::to_owned).to_vec()
}

pub(super) fn readiness(service: &Service<'_>) -> Value {
    let label = |key: &str| service.label(&format!("kompose.service.healthcheck.readiness.{key}"));
    if label("disable").is_some_and(|value| matches!(value, "true" | "True" | "1")) {
        return Value::Null;
    }
    let mut test = label("test").and_then(short::words).unwrap_or_default();
    if matches!(test.first().map(String::as_str), Some("CMD" | "CMD-SHELL")) {
        test.remove(0);
    }
    if test.first().map(String::as_str) == Some("NONE") {
        return Value::Null;
    }
    let handler = handler(&test, label("http_get_path"), label("http_get_port"), label("tcp_port"));
    if handler.is_null() {
        return Value::Null;
    }
    let time =
        |key: &str| label(key).and_then(short::nanoseconds).map(|time| time / 1_000_000_000).filter(|time| *time != 0);
    let retries = label("retries").and_then(|retries| retries.parse().ok()).filter(|retries: &i64| *retries != 0);
    probe(handler, time("timeout"), time("interval"), retries, time("start_period"))
}

fn handler(test: &[String], path: Option<&str>, port: Option<&str>, tcp: Option<&str>) -> Value {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u16>().ok()).filter(|port| *port != 0);
    if !test.is_empty() {
        return json!({"exec": {"command": test}});
    }
    match (path.filter(|path| !path.is_empty()), number(port), number(tcp)) {
        (Some(path), Some(port), _) => json!({"httpGet": {"path": path, "port": port}}),
        (_, _, Some(port)) => json!({"tcpSocket": {"port": port}}),
        _ => Value::Null,
    }
}

fn probe(
    mut handler: Value,
    timeout: Option<i64>,
    period: Option<i64>,
    failures: Option<i64>,
    delay: Option<i64>,
) -> Value {
    if let Some(map) = handler.as_object_mut() {
        for (key, value) in [
            ("timeoutSeconds", timeout),
            ("periodSeconds", period),
            ("failureThreshold", failures),
            ("initialDelaySeconds", delay),
        ] {
            if let Some(value) = value {
                map.insert(key.to_owned(), json!(value));
            }
        }
    }
    handler
}
