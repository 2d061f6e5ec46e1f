//! A merged model in its long forms: short volumes, ports, dependencies and the like written out, defaults put in.

use super::item::{Item, Map, Place, Val};
use super::merge::Clash;
use super::short;

/// Most ports that the services of a project may publish, ranges written out.
const MAX_PORTS: usize = 20_000;

type Done = Result<(), Clash>;

fn fail(at: Place, message: impl Into<String>) -> Clash {
    Clash { at, message: message.into() }
}

/// Writes out the short forms of a whole model. Doing it twice changes nothing more.
pub(super) fn write_out(model: &mut Map) -> Done {
    if let Some(services) = model.get_mut("services").and_then(Item::as_map_mut) {
        let mut left = MAX_PORTS;
        for service in services.values_mut().filter_map(Item::as_map_mut) {
            service_forms(service, &mut left)?;
        }
    }
    for section in ["volumes", "networks", "secrets", "configs"] {
        for (key, resource) in model.get_mut(section).and_then(Item::as_map_mut).into_iter().flatten() {
            if let Some(resource) = resource.as_map_mut() {
                external(key, resource)?;
            }
        }
    }
    Ok(())
}

fn external(key: &str, resource: &mut Map) -> Done {
    let Some(Item { value: Val::Map(old), at }) = resource.get("external") else { return Ok(()) };
    let (at, named) = (*at, old.get("name").cloned());
    if let Some(named) = named {
        match resource.get("name") {
            Some(name) if !name.same(&named) => {
                return Err(fail(at, format!("`{key}` has one name under `external` and another beside it")));
            }
            Some(_) => {}
            None => {
                resource.insert("name".to_owned(), named);
            }
        }
    }
    resource.insert("external".to_owned(), Item::new(Val::Bool(true), at));
    Ok(())
}

fn service_forms(service: &mut Map, left: &mut usize) -> Done {
    if let Some(build) = service.get_mut("build") {
        if let Val::Text(context) = &build.value {
            *build = Item::map([("context", Val::Text(context.clone()))], build.at);
        }
        if let Some(build) = build.as_map_mut() {
            build_forms(build)?;
        }
    }
    if let Some(depends) = service.get_mut("depends_on") {
        dependencies(depends);
    }
    if let Some(files) = service.get_mut("env_file") {
        into_list(files);
        if let Val::List(files) = &mut files.value {
            for file in files {
                if let Val::Text(path) = &file.value {
                    *file = Item::map([("path", Val::Text(path.clone()))], file.at);
                }
                let at = file.at;
                if let Some(file) = file.as_map_mut() {
                    file.entry("required".to_owned()).or_insert(Item::new(Val::Bool(true), at));
                }
            }
        }
    }
    for key in ["label_file", "dns"] {
        if let Some(list) = service.get_mut(key) {
            into_list(list);
        }
    }
    if let Some(Item { value: Val::List(servers), .. }) = service.get_mut("dns") {
        servers.retain(|server| server.as_str() != Some(""));
    }
    if let Some(gpus) = service.get_mut("gpus")
        && gpus.as_str().is_some()
    {
        let all = Item::map([("count", Val::Text("all".to_owned()))], gpus.at);
        gpus.value = Val::List(vec![all]);
    }
    for key in ["networks", "models"] {
        if let Some(list) = service.get_mut(key) {
            into_map(list);
        }
    }
    for_each(service, "volumes", volume)?;
    for_each(service, "devices", device)?;
    for key in ["secrets", "configs"] {
        for_each(service, key, file_mount)?;
    }
    if let Some(ports) = service.get_mut("ports") {
        write_ports(ports, left)?;
    }
    ulimits(service)?;
    let watch = service.get_mut("develop").and_then(Item::as_map_mut).and_then(|develop| develop.get_mut("watch"));
    if let Some(Item { value: Val::List(triggers), .. }) = watch {
        for trigger in triggers.iter_mut().filter_map(Item::as_map_mut) {
            for key in ["ignore", "include"] {
                if let Some(list) = trigger.get_mut(key) {
                    into_list(list);
                }
            }
        }
    }
    Ok(())
}

fn build_forms(build: &mut Map) -> Done {
    for_each(build, "secrets", file_mount)?;
    for key in ["provenance", "sbom"] {
        if let Some(value) = build.get_mut(key) {
            *value = Item::text(value.sprint(), value.at);
        }
    }
    if let Some(Item { value, .. }) = build.get_mut("additional_contexts")
        && let Val::List(items) = value
    {
        let mut map = Map::new();
        for item in items.iter() {
            let Some((key, context)) = item.as_str().and_then(|text| text.split_once('=')) else {
                return Err(fail(item.at, "must be of the form name=context"));
            };
            map.insert(key.to_owned(), Item::text(context, item.at));
        }
        *value = Val::Map(map);
    }
    if let Some(Item { value, .. }) = build.get_mut("ssh")
        && let Val::List(items) = value
    {
        let mut map = Map::new();
        for item in items.iter() {
            match item.as_str().and_then(|text| text.split_once('=')) {
                Some((id, path)) => map.insert(id.to_owned(), Item::text(path, item.at)),
                None if item.as_str() == Some("default") => {
                    map.insert("default".to_owned(), Item::new(Val::Null, item.at))
                }
                None => return Err(fail(item.at, "must be `default` or of the form id=path")),
            };
        }
        *value = Val::Map(map);
    }
    ulimits(build)
}

fn for_each(map: &mut Map, key: &str, change: fn(&mut Item) -> Done) -> Done {
    if let Some(Item { value: Val::List(items), .. }) = map.get_mut(key) {
        items.iter_mut().try_for_each(change)?;
    }
    Ok(())
}

fn into_list(item: &mut Item) {
    if item.as_str().is_some() {
        item.value = Val::List(vec![item.clone()]);
    }
}

fn into_map(item: &mut Item) {
    if let Val::List(names) = &item.value {
        let names = names.iter().filter_map(|name| Some((name.as_str()?.to_owned(), Item::new(Val::Null, name.at))));
        item.value = Val::Map(names.collect());
    }
}

fn dependencies(depends: &mut Item) {
    into_map(depends);
    for dependency in depends.as_map_mut().into_iter().flat_map(Map::values_mut) {
        if dependency.is_null() {
            dependency.value = Val::Map(Map::new());
        }
        let at = dependency.at;
        if let Some(dependency) = dependency.as_map_mut() {
            dependency.entry("condition".to_owned()).or_insert(Item::text("service_started", at));
            dependency.entry("required".to_owned()).or_insert(Item::new(Val::Bool(true), at));
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of several that `for_each` takes")]
fn file_mount(item: &mut Item) -> Done {
    if let Val::Text(source) = &item.value {
        *item = Item::map([("source", Val::Text(source.clone()))], item.at);
    }
    Ok(())
}

fn device(item: &mut Item) -> Done {
    let Val::Text(text) = &item.value else { return Ok(()) };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [source] => (*source, *source, "rwm"),
        [source, target] => (*source, *target, "rwm"),
        [source, target, permissions] => (*source, *target, *permissions),
        _ => return Err(fail(item.at, "the device has too many colons")),
    };
    let target = if target.is_empty() { source } else { target };
    let text = |text: &str| Val::Text(text.to_owned());
    *item =
        Item::map([("source", text(source)), ("target", text(target)), ("permissions", text(permissions))], item.at);
    Ok(())
}

fn volume(item: &mut Item) -> Done {
    let Val::Text(text) = &item.value else { return Ok(()) };
    let volume = short::volume(text).map_err(|message| fail(item.at, message))?;
    let at = item.at;
    let mut map = Map::new();
    let mut set = |key: &str, value: Val| map.insert(key.to_owned(), Item::new(value, at));
    set("type", Val::Text(volume.kind.to_owned()));
    if !volume.source.is_empty() {
        set("source", Val::Text(volume.source));
    }
    set("target", Val::Text(super::path::clean(&volume.target)));
    if volume.read_only {
        set("read_only", Val::Bool(true));
    }
    let mut bind = Map::new();
    for (key, value) in [("propagation", volume.propagation), ("selinux", volume.selinux)] {
        if let Some(value) = value {
            bind.insert(key.to_owned(), Item::text(value, at));
        }
    }
    if volume.kind == "bind" {
        bind.insert("create_host_path".to_owned(), Item::new(Val::Bool(true), at));
    }
    if !bind.is_empty() {
        set("bind", Val::Map(bind));
    }
    if volume.no_copy {
        set("volume", Item::map([("nocopy", Val::Bool(true))], at).value);
    } else if volume.kind == "volume" && !volume.is_bare {
        set("volume", Val::Map(Map::new()));
    }
    item.value = Val::Map(map);
    Ok(())
}

fn write_ports(ports: &mut Item, left: &mut usize) -> Done {
    let Val::List(entries) = &mut ports.value else { return Ok(()) };
    let mut written = Vec::new();
    for entry in std::mem::take(entries) {
        if matches!(entry.value, Val::Map(_)) {
            written.push(entry);
            continue;
        }
        let found = short::ports(&entry.sprint()).map_err(|message| fail(entry.at, message))?;
        *left = left
            .checked_sub(found.len())
            .ok_or_else(|| fail(entry.at, format!("more than {MAX_PORTS} ports are published")))?;
        for port in found {
            let mut item = Item::map(
                [
                    ("mode", Val::Text("ingress".to_owned())),
                    ("target", Val::Int(i128::from(port.target))),
                    ("protocol", Val::Text(port.protocol)),
                ],
                entry.at,
            );
            if let Some(map) = item.as_map_mut() {
                for (key, value) in [("host_ip", port.host_ip), ("published", port.published)] {
                    if !value.is_empty() {
                        map.insert(key.to_owned(), Item::text(value, entry.at));
                    }
                }
            }
            written.push(item);
        }
    }
    *entries = written;
    Ok(())
}

fn ulimits(map: &mut Map) -> Done {
    for limit in map.get("ulimits").and_then(Item::as_map).into_iter().flat_map(Map::values) {
        if !matches!(limit.value, Val::Int(_) | Val::Map(_)) {
            return Err(fail(limit.at, "must be an integer or a mapping of `soft` and `hard`"));
        }
    }
    Ok(())
}

/// Puts in what is meant where nothing is said.
pub(super) fn put_defaults(model: &mut Map) {
    for service in model.get_mut("services").and_then(Item::as_map_mut).into_iter().flat_map(Map::values_mut) {
        let Some(service) = service.as_map_mut() else { continue };
        if let Some(build) = service.get_mut("build") {
            default(build, "context", Val::Text(".".to_owned()));
        }
        for secret in list_mut(service, "secrets") {
            let target = format!("/run/secrets/{}", secret.get("source").map_or(String::new(), Item::sprint));
            default(secret, "target", Val::Text(target));
        }
        for port in list_mut(service, "ports") {
            default(port, "protocol", Val::Text("tcp".to_owned()));
            default(port, "mode", Val::Text("ingress".to_owned()));
        }
        for request in list_mut(service, "gpus") {
            device_request(request);
        }
        for volume in list_mut(service, "volumes") {
            if let Some(bind) = volume.as_map_mut().and_then(|volume| volume.get_mut("bind")) {
                default(bind, "create_host_path", Val::Bool(true));
            }
        }
        let inner = ["deploy", "resources", "reservations"];
        let reservations = inner.iter().try_fold(service, |map, key| map.get_mut(*key)?.as_map_mut());
        for request in reservations.into_iter().flat_map(|map| list_mut(map, "devices")) {
            device_request(request);
        }
    }
}

fn device_request(request: &mut Item) {
    if request.get("count").is_none() && request.get("device_ids").is_none() {
        default(request, "count", Val::Text("all".to_owned()));
    }
}

fn list_mut<'a>(map: &'a mut Map, key: &str) -> std::slice::IterMut<'a, Item> {
    match map.get_mut(key) {
        Some(Item { value: Val::List(items), .. }) => items.iter_mut(),
        _ => [].iter_mut(),
    }
}

fn default(item: &mut Item, key: &str, value: Val) {
    let at = item.at;
    if let Some(map) = item.as_map_mut() {
        map.entry(key.to_owned()).or_insert(Item::new(value, at));
    }
}
