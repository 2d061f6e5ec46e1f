//! The canonical form of a project: the keys `docker compose config` prints, in its order, empty ones left out.
//!
//! Each table says how Compose's own types print: what is dropped when it is zero, and what form a value takes.

use super::item::{Item, Map, Place, Val, print_float};
use super::{resolve, short};
use serde_json::{Map as Object, Number, Value};
use std::collections::BTreeMap;

/// How a value prints.
enum Kind {
    Text,
    /// A text that stays when it is empty.
    AnyText,
    Bool,
    /// A boolean that prints when it is false, too.
    AnyBool,
    /// A boolean that is true unless set, and prints only when it is not.
    OptOut,
    Int,
    AnyInt,
    /// A number of 32 bits.
    Float,
    /// A size, printed as a text.
    Bytes,
    AnyBytes,
    Time,
    AnyTime,
    Texts,
    /// Variables; those without a value print as null.
    Variables,
    /// Keys and texts.
    Pairs,
    /// Keys and lists of texts.
    Many,
    Hosts,
    Command,
    Test,
    /// A file mode, printed in octal.
    Mode,
    /// How many devices; -1 for all.
    Count,
    Limits,
    Keys,
    /// A mapping that prints unless all in it is empty.
    Inner(&'static [Field]),
    /// A mapping that prints when it is given.
    Given(&'static [Field]),
    List(&'static [Field]),
    /// Names and mappings, null where nothing is said.
    Named(&'static [Field]),
}

type Field = (&'static str, Kind);

// Values that could not be read.
type Faults = Vec<(Place, String)>;

static HOOK: &[Field] = &[
    ("command", Kind::Command),
    ("image", Kind::Text),
    ("user", Kind::Text),
    ("privileged", Kind::Bool),
    ("working_dir", Kind::Text),
    ("environment", Kind::Variables),
    ("per_replica", Kind::Bool),
];

static FILE_MOUNT: &[Field] =
    &[("source", Kind::Text), ("target", Kind::Text), ("uid", Kind::Text), ("gid", Kind::Text), ("mode", Kind::Mode)];

static BUILD: &[Field] = &[
    ("context", Kind::Text),
    ("dockerfile", Kind::Text),
    ("dockerfile_inline", Kind::Text),
    ("entitlements", Kind::Texts),
    ("args", Kind::Variables),
    ("provenance", Kind::Text),
    ("sbom", Kind::Text),
    ("ssh", Kind::Keys),
    ("labels", Kind::Pairs),
    ("cache_from", Kind::Texts),
    ("cache_to", Kind::Texts),
    ("no_cache", Kind::Bool),
    ("no_cache_filter", Kind::Texts),
    ("additional_contexts", Kind::Pairs),
    ("pull", Kind::Bool),
    ("extra_hosts", Kind::Hosts),
    ("isolation", Kind::Text),
    ("network", Kind::Text),
    ("target", Kind::Text),
    ("secrets", Kind::List(FILE_MOUNT)),
    ("shm_size", Kind::Bytes),
    ("tags", Kind::Texts),
    ("ulimits", Kind::Limits),
    ("platforms", Kind::Texts),
    ("privileged", Kind::Bool),
];

static WATCH: &[Field] = &[
    ("path", Kind::AnyText),
    ("action", Kind::AnyText),
    ("target", Kind::Text),
    ("exec", Kind::Inner(HOOK)),
    ("include", Kind::Texts),
    ("ignore", Kind::Texts),
    ("initial_sync", Kind::Bool),
];

static DEVICE_RATE: &[Field] = &[("path", Kind::AnyText), ("rate", Kind::AnyBytes)];

static BLOCK_IO: &[Field] = &[
    ("weight", Kind::Int),
    ("weight_device", Kind::List(&[("path", Kind::AnyText), ("weight", Kind::AnyInt)])),
    ("device_read_bps", Kind::List(DEVICE_RATE)),
    ("device_read_iops", Kind::List(DEVICE_RATE)),
    ("device_write_bps", Kind::List(DEVICE_RATE)),
    ("device_write_iops", Kind::List(DEVICE_RATE)),
];

static DEVICE_REQUEST: &[Field] = &[
    ("capabilities", Kind::Texts),
    ("driver", Kind::Text),
    ("count", Kind::Count),
    ("device_ids", Kind::Texts),
    ("options", Kind::Pairs),
];

static UPDATE: &[Field] = &[
    ("parallelism", Kind::AnyInt),
    ("delay", Kind::Time),
    ("failure_action", Kind::Text),
    ("monitor", Kind::Time),
    ("max_failure_ratio", Kind::Float),
    ("order", Kind::Text),
];

static RESOURCE: &[Field] = &[
    ("cpus", Kind::Float),
    ("memory", Kind::Bytes),
    ("pids", Kind::Int),
    ("devices", Kind::List(DEVICE_REQUEST)),
    (
        "generic_resources",
        Kind::List(&[("discrete_resource_spec", Kind::Given(&[("kind", Kind::AnyText), ("value", Kind::AnyInt)]))]),
    ),
];

static DEPLOY: &[Field] = &[
    ("mode", Kind::Text),
    ("replicas", Kind::AnyInt),
    ("labels", Kind::Pairs),
    ("update_config", Kind::Given(UPDATE)),
    ("rollback_config", Kind::Given(UPDATE)),
    ("resources", Kind::Inner(&[("limits", Kind::Given(RESOURCE)), ("reservations", Kind::Given(RESOURCE))])),
    (
        "restart_policy",
        Kind::Given(&[
            ("condition", Kind::Text),
            ("delay", Kind::AnyTime),
            ("max_attempts", Kind::AnyInt),
            ("window", Kind::AnyTime),
        ]),
    ),
    (
        "placement",
        Kind::Inner(&[
            ("constraints", Kind::Texts),
            ("preferences", Kind::List(&[("spread", Kind::Text)])),
            ("max_replicas_per_node", Kind::Int),
        ]),
    ),
    ("endpoint_mode", Kind::Text),
];

static SERVICE_NETWORK: &[Field] = &[
    ("aliases", Kind::Texts),
    ("driver_opts", Kind::Pairs),
    ("gw_priority", Kind::Int),
    ("interface_name", Kind::Text),
    ("ipv4_address", Kind::Text),
    ("ipv6_address", Kind::Text),
    ("link_local_ips", Kind::Texts),
    ("mac_address", Kind::Text),
    ("priority", Kind::Int),
];

static PORT: &[Field] = &[
    ("name", Kind::Text),
    ("mode", Kind::Text),
    ("host_ip", Kind::Text),
    ("target", Kind::Int),
    ("published", Kind::Text),
    ("protocol", Kind::Text),
    ("app_protocol", Kind::Text),
];

static VOLUME_MOUNT: &[Field] = &[
    ("type", Kind::Text),
    ("source", Kind::Text),
    ("target", Kind::Text),
    ("read_only", Kind::Bool),
    ("consistency", Kind::Text),
    (
        "bind",
        Kind::Given(&[
            ("selinux", Kind::Text),
            ("propagation", Kind::Text),
            ("create_host_path", Kind::OptOut),
            ("recursive", Kind::Text),
        ]),
    ),
    ("volume", Kind::Given(&[("labels", Kind::Pairs), ("nocopy", Kind::Bool), ("subpath", Kind::Text)])),
    ("tmpfs", Kind::Given(&[("size", Kind::Bytes), ("mode", Kind::Int)])),
    ("image", Kind::Given(&[("subpath", Kind::Text)])),
];

static SERVICE: &[Field] = &[
    ("profiles", Kind::Texts),
    ("annotations", Kind::Pairs),
    ("attach", Kind::AnyBool),
    ("build", Kind::Given(BUILD)),
    ("develop", Kind::Given(&[("watch", Kind::List(WATCH))])),
    ("blkio_config", Kind::Given(BLOCK_IO)),
    ("cap_add", Kind::Texts),
    ("cap_drop", Kind::Texts),
    ("cgroup_parent", Kind::Text),
    ("cgroup", Kind::Text),
    ("cpu_count", Kind::Int),
    ("cpu_percent", Kind::Float),
    ("cpu_period", Kind::Int),
    ("cpu_quota", Kind::Int),
    ("cpu_rt_period", Kind::Int),
    ("cpu_rt_runtime", Kind::Int),
    ("cpus", Kind::Float),
    ("cpuset", Kind::Text),
    ("cpu_shares", Kind::Int),
    ("command", Kind::Command),
    ("configs", Kind::List(FILE_MOUNT)),
    ("container_name", Kind::Text),
    ("credential_spec", Kind::Given(&[("config", Kind::Text), ("file", Kind::Text), ("registry", Kind::Text)])),
    ("depends_on", Kind::Named(&[("condition", Kind::Text), ("restart", Kind::Bool), ("required", Kind::AnyBool)])),
    ("deploy", Kind::Given(DEPLOY)),
    ("device_cgroup_rules", Kind::Texts),
    ("devices", Kind::List(&[("source", Kind::Text), ("target", Kind::Text), ("permissions", Kind::Text)])),
    ("dns", Kind::Texts),
    ("dns_opt", Kind::Texts),
    ("dns_search", Kind::Texts),
    ("domainname", Kind::Text),
    ("entrypoint", Kind::Command),
    ("provider", Kind::Given(&[("type", Kind::Text), ("options", Kind::Many)])),
    ("environment", Kind::Variables),
    ("expose", Kind::Texts),
    ("external_links", Kind::Texts),
    ("extra_hosts", Kind::Hosts),
    ("group_add", Kind::Texts),
    ("gpus", Kind::List(DEVICE_REQUEST)),
    ("hostname", Kind::Text),
    (
        "healthcheck",
        Kind::Given(&[
            ("test", Kind::Test),
            ("timeout", Kind::AnyTime),
            ("interval", Kind::AnyTime),
            ("retries", Kind::AnyInt),
            ("start_period", Kind::AnyTime),
            ("start_interval", Kind::AnyTime),
            ("disable", Kind::Bool),
        ]),
    ),
    ("image", Kind::Text),
    ("init", Kind::AnyBool),
    ("ipc", Kind::Text),
    ("isolation", Kind::Text),
    ("labels", Kind::Pairs),
    ("links", Kind::Texts),
    ("logging", Kind::Given(&[("driver", Kind::Text), ("options", Kind::Pairs)])),
    ("mem_limit", Kind::Bytes),
    ("mem_reservation", Kind::Bytes),
    ("memswap_limit", Kind::Bytes),
    ("mem_swappiness", Kind::Bytes),
    ("mac_address", Kind::Text),
    ("models", Kind::Named(&[("endpoint_var", Kind::Text), ("model_var", Kind::Text)])),
    ("network_mode", Kind::Text),
    ("networks", Kind::Named(SERVICE_NETWORK)),
    ("oom_kill_disable", Kind::Bool),
    ("oom_score_adj", Kind::Int),
    ("pid", Kind::Text),
    ("pids_limit", Kind::Int),
    ("platform", Kind::Text),
    ("ports", Kind::List(PORT)),
    ("privileged", Kind::Bool),
    ("pull_policy", Kind::Text),
    ("read_only", Kind::Bool),
    ("restart", Kind::Text),
    ("runtime", Kind::Text),
    ("scale", Kind::AnyInt),
    ("secrets", Kind::List(FILE_MOUNT)),
    ("security_opt", Kind::Texts),
    ("shm_size", Kind::Bytes),
    ("stdin_open", Kind::Bool),
    ("stop_grace_period", Kind::AnyTime),
    ("stop_signal", Kind::Text),
    ("storage_opt", Kind::Pairs),
    ("sysctls", Kind::Pairs),
    ("tmpfs", Kind::Texts),
    ("tty", Kind::Bool),
    ("ulimits", Kind::Limits),
    ("use_api_socket", Kind::Bool),
    ("user", Kind::Text),
    ("userns_mode", Kind::Text),
    ("uts", Kind::Text),
    ("volumes", Kind::List(VOLUME_MOUNT)),
    ("volumes_from", Kind::Texts),
    ("working_dir", Kind::Text),
    ("pre_start", Kind::List(HOOK)),
    ("post_start", Kind::List(HOOK)),
    ("pre_stop", Kind::List(HOOK)),
];

static NETWORK: &[Field] = &[
    ("name", Kind::Text),
    ("driver", Kind::Text),
    ("driver_opts", Kind::Pairs),
    (
        "ipam",
        Kind::Inner(&[
            ("driver", Kind::Text),
            (
                "config",
                Kind::List(&[
                    ("subnet", Kind::Text),
                    ("gateway", Kind::Text),
                    ("ip_range", Kind::Text),
                    ("aux_addresses", Kind::Pairs),
                ]),
            ),
            ("options", Kind::Pairs),
        ]),
    ),
    ("external", Kind::Bool),
    ("internal", Kind::Bool),
    ("attachable", Kind::Bool),
    ("labels", Kind::Pairs),
    ("enable_ipv4", Kind::AnyBool),
    ("enable_ipv6", Kind::AnyBool),
];

static VOLUME: &[Field] = &[
    ("name", Kind::Text),
    ("driver", Kind::Text),
    ("driver_opts", Kind::Pairs),
    ("external", Kind::Bool),
    ("labels", Kind::Pairs),
];

static FILE_OBJECT: &[Field] = &[
    ("name", Kind::Text),
    ("file", Kind::Text),
    ("environment", Kind::Text),
    ("content", Kind::Text),
    ("external", Kind::Bool),
    ("labels", Kind::Pairs),
    ("driver", Kind::Text),
    ("driver_opts", Kind::Pairs),
    ("template_driver", Kind::Text),
];

static MODEL: &[Field] =
    &[("name", Kind::Text), ("model", Kind::Text), ("context_size", Kind::Int), ("runtime_flags", Kind::Texts)];

/// The canonical form of a model, and what in it could not be read.
pub(super) fn project(name: &str, model: &Map, faults: &mut Faults) -> Value {
    let mut out = Object::new();
    out.insert("name".to_owned(), Value::from(name));
    let sections = [
        ("services", SERVICE),
        ("networks", NETWORK),
        ("volumes", VOLUME),
        ("secrets", FILE_OBJECT),
        ("configs", FILE_OBJECT),
        ("models", MODEL),
    ];
    for (section, fields) in sections {
        let mut printed = Object::new();
        for (name, item) in model.get(section).and_then(Item::as_map).into_iter().flatten() {
            let mut value = mapping(item, fields, faults);
            // What a secret holds is never shown, nor what a config takes from the environment.
            if let Some(object) = value.as_object_mut()
                && object.contains_key("environment")
                && section == "configs"
            {
                object.shift_remove("content");
            }
            printed.insert(name.clone(), value);
        }
        if !printed.is_empty() || section == "services" {
            out.insert(section.to_owned(), Value::Object(printed));
        }
    }
    for (key, value) in model.iter().filter(|(key, _)| key.starts_with("x-")) {
        out.insert(key.clone(), plain(value));
    }
    Value::Object(out)
}

// A value of an extension, as it is.
fn plain(item: &Item) -> Value {
    match &item.value {
        Val::Null => Value::Null,
        Val::Bool(value) => Value::Bool(*value),
        Val::Int(value) => integer(*value),
        Val::Float(value) => {
            Number::from_f64(*value).map_or_else(|| Value::from(print_float(*value, 21)), Value::Number)
        }
        Val::Text(text) => Value::from(text.as_str()),
        Val::List(items) => items.iter().map(plain).collect(),
        Val::Map(map) => map.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Object<_, _>>().into(),
    }
}

fn integer(value: i128) -> Value {
    i64::try_from(value).map(Value::from).or_else(|_| u64::try_from(value).map(Value::from)).unwrap_or(Value::Null)
}

fn mapping(item: &Item, fields: &[Field], faults: &mut Faults) -> Value {
    let mut out = Object::new();
    let Some(map) = item.as_map() else { return Value::Object(out) };
    for (key, kind) in fields {
        if let Some(value) = map.get(*key).and_then(|item| kind.print(item, faults)) {
            out.insert((*key).to_owned(), value);
        }
    }
    for (key, value) in map.iter().filter(|(key, _)| key.starts_with("x-")) {
        out.insert(key.clone(), plain(value));
    }
    Value::Object(out)
}

impl Kind {
    // How the value prints; `None` where it is left out.
    #[expect(clippy::too_many_lines, reason = "one arm a kind")]
    fn print(&self, item: &Item, faults: &mut Faults) -> Option<Value> {
        if item.is_null() && !matches!(self, Self::Named(_)) {
            return None;
        }
        let mut fault = |message: &str| {
            faults.push((item.at, message.to_owned()));
            None
        };
        match self {
            Self::Text => Some(Value::from(item.sprint())).filter(|value| value.as_str() != Some("")),
            Self::AnyText => Some(Value::from(item.sprint())),
            Self::Bool | Self::AnyBool | Self::OptOut => {
                let value = item.as_bool().or_else(|| resolve::boolean(item.as_str()?));
                let Some(value) = value else { return fault("must be true or false") };
                let shows = match self {
                    Self::Bool => value,
                    Self::OptOut => !value,
                    _ => true,
                };
                shows.then_some(Value::Bool(value))
            }
            Self::Int | Self::AnyInt => {
                let Some(value) = whole(item) else { return fault("must be a whole number") };
                (value != 0 || matches!(self, Self::AnyInt)).then(|| integer(value))
            }
            Self::Float => {
                let Some(value) = float(item) else { return fault("must be a number") };
                if value == 0.0 { None } else { short_float(value) }
            }
            Self::Bytes | Self::AnyBytes => {
                let size = whole(item).or_else(|| short::bytes(item.as_str()?).map(i128::from));
                let Some(size) = size else { return fault("must be a size such as 512m or 2gb") };
                (size != 0 || matches!(self, Self::AnyBytes)).then(|| Value::from(size.to_string()))
            }
            Self::Time | Self::AnyTime => {
                let Some(time) = short::nanoseconds(&item.sprint()) else {
                    return fault("must be a duration such as 30s or 1m30s");
                };
                (time != 0 || matches!(self, Self::AnyTime)).then(|| Value::from(short::print_duration(time)))
            }
            Self::Texts => {
                let texts: Vec<Value> = match item.as_str() {
                    Some(text) => vec![Value::from(text)],
                    None => item.items().iter().map(|item| Value::from(item.sprint())).collect(),
                };
                if texts.is_empty() { None } else { Some(Value::Array(texts)) }
            }
            Self::Variables => {
                let values = pairs(item, &Value::Null);
                if values.is_empty() { None } else { Some(Value::Object(values)) }
            }
            Self::Pairs => {
                let values = pairs(item, &Value::from(""));
                if values.is_empty() { None } else { Some(Value::Object(values)) }
            }
            Self::Many => {
                let many = |item: &Item| match item.items() {
                    [] => Value::Array(vec![Value::from(item.sprint())]),
                    items => items.iter().map(|item| Value::from(item.sprint())).collect(),
                };
                let values: Object<_, _> = item.as_map()?.iter().map(|(key, item)| (key.clone(), many(item))).collect();
                if values.is_empty() { None } else { Some(Value::Object(values)) }
            }
            Self::Hosts => hosts(item, faults),
            Self::Command => match item.as_str() {
                Some(text) => match short::words(text) {
                    Some(words) => Some(words.into()),
                    None => fault("has a quote or bracket without its other half"),
                },
                None => Some(item.items().iter().map(|item| Value::from(item.sprint())).collect()),
            },
            Self::Test => {
                let test: Vec<Value> = match item.as_str() {
                    Some(text) => vec![Value::from("CMD-SHELL"), Value::from(text)],
                    None => item.items().iter().map(|item| Value::from(item.sprint())).collect(),
                };
                if test.is_empty() { None } else { Some(Value::Array(test)) }
            }
            Self::Mode => {
                let mode = match &item.value {
                    Val::Text(text) => i64::from_str_radix(text, 8).ok(),
                    Val::Int(value) => i64::try_from(*value).ok(),
                    _ => None,
                };
                let Some(mode) = mode else { return fault("must be a file mode such as 0440") };
                Some(Value::from(format!("0{mode:o}")))
            }
            Self::Count => {
                let count =
                    item.as_str().filter(|text| text.eq_ignore_ascii_case("all")).map(|_| -1).or_else(|| whole(item));
                let Some(count) = count else { return fault("must be `all` or a whole number") };
                (count != 0).then(|| integer(count))
            }
            Self::Limits => {
                let limits = item.as_map()?;
                let print = |item: &Item| match &item.value {
                    Val::Int(value) if *value != 0 => integer(*value),
                    _ => {
                        let part = |key: &str| item.get(key).and_then(whole).map_or(Value::from(0), integer);
                        Object::from_iter([("soft".to_owned(), part("soft")), ("hard".to_owned(), part("hard"))]).into()
                    }
                };
                let printed: Object<_, _> = limits.iter().map(|(key, item)| (key.clone(), print(item))).collect();
                if printed.is_empty() { None } else { Some(Value::Object(printed)) }
            }
            Self::Keys => {
                let key = |(id, path): (&String, &Item)| {
                    if path.is_null() { id.clone() } else { format!("{id}: {}", path.sprint()) }
                };
                let keys: Vec<Value> = item.as_map()?.iter().map(|entry| Value::from(key(entry))).collect();
                if keys.is_empty() { None } else { Some(Value::Array(keys)) }
            }
            Self::Inner(fields) => Some(mapping(item, fields, faults))
                .filter(|value| value.as_object().is_some_and(|object| !object.is_empty())),
            Self::Given(fields) => Some(mapping(item, fields, faults)),
            Self::List(fields) => {
                let items: Vec<Value> = item.items().iter().map(|item| mapping(item, fields, faults)).collect();
                if items.is_empty() { None } else { Some(Value::Array(items)) }
            }
            Self::Named(fields) => {
                let mut printed = Object::new();
                for (key, item) in item.as_map()? {
                    let value = if item.is_null() { Value::Null } else { mapping(item, fields, faults) };
                    printed.insert(key.clone(), value);
                }
                if printed.is_empty() { None } else { Some(Value::Object(printed)) }
            }
        }
    }
}

// A list or mapping of keys and values; `empty` stands for a value that is not there.
fn pairs(item: &Item, empty: &Value) -> Object<String, Value> {
    let mut sorted: BTreeMap<String, Value> = BTreeMap::new();
    match &item.value {
        Val::Map(map) => {
            for (key, value) in map {
                sorted.insert(key.clone(), if value.is_null() { empty.clone() } else { Value::from(value.sprint()) });
            }
        }
        Val::List(items) => {
            for item in items {
                let text = item.sprint();
                match text.split_once('=') {
                    Some((key, value)) => sorted.insert(key.to_owned(), Value::from(value)),
                    None => sorted.insert(text, empty.clone()),
                };
            }
        }
        Val::Null | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Text(_) => {}
    }
    sorted.into_iter().collect()
}

fn hosts(item: &Item, faults: &mut Faults) -> Option<Value> {
    let mut lines = Vec::new();
    let mut add = |host: &str, address: &str, at: Place, faults: &mut Faults| {
        if host.is_empty() || host.contains([':', '=']) {
            faults.push((at, "the name of the host must not be empty or hold `:` or `=`".to_owned()));
        }
        let address = address
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|ip| !ip.is_empty())
            .unwrap_or(address);
        lines.push(format!("{host}={address}"));
    };
    match &item.value {
        Val::Map(map) => {
            for (host, addresses) in map {
                match &addresses.value {
                    Val::List(items) => {
                        for address in items {
                            add(host, &address.sprint(), address.at, faults);
                        }
                    }
                    Val::Null => add(host, "", addresses.at, faults),
                    _ => add(host, &addresses.sprint(), addresses.at, faults),
                }
            }
        }
        _ => {
            for item in item.items() {
                let text = item.sprint();
                let parts = text.split_once('=').or_else(|| text.split_once(':'));
                let Some((host, addresses)) = parts else {
                    faults.push((item.at, "must be of the form host=address".to_owned()));
                    continue;
                };
                for address in addresses.split(',') {
                    add(host, address, item.at, faults);
                }
            }
        }
    }
    lines.sort();
    if lines.is_empty() { None } else { Some(lines.into()) }
}

#[expect(clippy::cast_possible_truncation, clippy::float_cmp, reason = "checked to be whole")]
fn whole(item: &Item) -> Option<i128> {
    match &item.value {
        Val::Int(value) => Some(*value),
        Val::Float(value) if value.trunc() == *value && value.abs() < 9e15 => Some(*value as i128),
        Val::Text(text) => text.parse::<i64>().ok().map(i128::from),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "Compose keeps these as floats")]
fn float(item: &Item) -> Option<f64> {
    match &item.value {
        Val::Int(value) => Some(*value as f64),
        Val::Float(value) => Some(*value),
        Val::Text(text) => text.parse().ok(),
        _ => None,
    }
}

// The shortest number that is the same in 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "Compose keeps these in 32 bits")]
fn short_float(value: f64) -> Option<Value> {
    let short = value as f32;
    let text = short.to_string();
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::from(whole));
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}
