//! Volumes, secrets, configs and in-memory folders of a service, as mounts, volumes, claims and config maps of a pod.

use super::convert::{Converter, Service};
use super::names::{file_name, labels, pairs, resource_name};
use super::rules;
use crate::support::compose::item::{Item, Val};
use crate::support::compose::path;
use octavo_toolkit::limits::excerpt;
use serde_json::{Map, Value, json};

/// What a pod mounts, and the objects it needs for that.
#[derive(Default)]
pub(super) struct Mounted {
    pub(super) mounts: Vec<Value>,
    pub(super) volumes: Vec<Value>,
    pub(super) claims: Vec<Value>,
    pub(super) objects: Vec<Value>,
    /// Whether the service has volumes of Compose, for which an update must first end the old pod.
    pub(super) has_volumes: bool,
}

const VOLUME_SIZE: &str = "100Mi";

impl Converter<'_> {
    /// Mounts everything a service mounts.
    pub(super) fn mount(&mut self, service: &Service<'_>) -> Mounted {
        let mut mounted = Mounted::default();
        self.secrets(service, &mut mounted);
        self.volumes(service, &mut mounted);
        let tmpfs = service.item.get("tmpfs");
        let folders =
            tmpfs.filter(|item| item.as_str().is_some()).into_iter().chain(tmpfs.map_or(&[][..], Item::items));
        for (at, folder) in folders.enumerate() {
            let name = format!("{}-tmpfs{at}", service.key);
            let folder = folder.sprint();
            mounted.mounts.push(json!({"mountPath": folder.split(':').next(), "name": name}));
            mounted.volumes.push(json!({"emptyDir": {"medium": "Memory"}, "name": name}));
        }
        mounted
    }

    fn secrets(&mut self, service: &Service<'_>, mounted: &mut Mounted) {
        for secret in service.item.get("secrets").map_or(&[][..], Item::items) {
            let source = resource_name(secret.get_str("source").unwrap_or_default());
            let given = secret.get_str("target").unwrap_or_default();
            // Compose puts its default target in; kompose's own default is a folder of the secret's name.
            let target = if given == format!("/run/secrets/{}", secret.get_str("source").unwrap_or_default()) {
                String::new()
            } else {
                resource_name(given)
            };
            let (folder, file) = if target.is_empty() {
                (format!("/run/secrets/{source}"), source.clone())
            } else {
                match target.rsplit_once('/') {
                    None => (format!("/run/secrets/{source}"), target),
                    Some((folder, file)) if target.starts_with('/') => (folder.to_owned(), file.to_owned()),
                    Some((folder, file)) => (format!("/run/secrets/{folder}"), file.to_owned()),
                }
            };
            mounted.volumes.push(json!({
                "name": source,
                "secret": {"secretName": source, "items": [{"key": source, "path": file}], "defaultMode": mode(secret)},
            }));
            mounted.mounts.push(json!({"mountPath": folder, "name": source, "subPath": file}));
            if secret.get("uid").is_some() || secret.get("gid").is_some() {
                self.lost(secret.at, &rules::LOST, format!("owner of the secret `{}`", excerpt(&source)));
            }
        }
    }

    fn volumes(&mut self, service: &Service<'_>, mounted: &mut Mounted) {
        let kind = service.label("kompose.volume.type").unwrap_or(self.volume_kind);
        for (at, volume) in service.item.get("volumes").map_or(&[][..], Item::items).iter().enumerate() {
            mounted.has_volumes = true;
            let source = volume.get_str("source").unwrap_or_default();
            let target = volume.get_str("target").unwrap_or_default();
            let read_only = volume.get("read_only").and_then(Item::as_bool) == Some(true);
            let is_bind = volume.get_str("type") == Some("bind");
            if source.rsplit('.').next() == Some("sock") && source.contains('.') {
                self.lost(volume.at, &rules::LOST, format!("the socket `{}`", excerpt(source)));
                continue;
            }
            let is_named = !is_bind && !source.is_empty();
            let files = if is_named { Vec::new() } else { self.files_at(source) };
            // A file or folder of the project becomes a config map, whatever else is asked for.
            let kind = match kind {
                "emptyDir" | "hostPath" => kind,
                _ if is_bind && !files.is_empty() => "configMap",
                _ => "persistentVolumeClaim",
            };
            let word = match kind {
                "emptyDir" => "empty",
                "hostPath" => "hostpath",
                "configMap" => "cm",
                _ => "claim",
            };
            let name = if is_named { source.replace('_', "-") } else { format!("{}-{word}{at}", service.key) };
            let mut mount = Map::new();
            mount.insert("mountPath".to_owned(), json!(target));
            mount.insert("name".to_owned(), json!(name));
            if read_only {
                mount.insert("readOnly".to_owned(), json!(true));
            }
            let source_of = match kind {
                "emptyDir" => json!({"emptyDir": {}, "name": name}),
                "hostPath" => json!({"hostPath": {"path": source}, "name": name}),
                "configMap" => config_volume(service, &name, source, target, &files, &mut mount, mounted),
                _ => {
                    self.claim(service, &name, source, read_only, mounted);
                    json!({"name": name, "persistentVolumeClaim": {"claimName": name, "readOnly": read_only.then_some(true)}})
                }
            };
            if let Some(part) =
                service.label("kompose.volume.subpath").or_else(|| volume.get("volume")?.get_str("subpath"))
            {
                mount.insert("subPath".to_owned(), json!(part));
            }
            mounted.mounts.push(Value::Object(mount));
            if !mounted.volumes.iter().any(|known| known["name"] == json!(name)) {
                mounted.volumes.push(source_of);
            }
            if is_bind && !matches!(kind, "hostPath" | "configMap") {
                let message = format!(
                    "the folder `{}` of the host is not mounted; the pod gets an empty volume",
                    excerpt(source)
                );
                self.found(volume.at, &rules::HOST_PATH, message);
            }
        }
    }

    fn claim(&mut self, service: &Service<'_>, name: &str, source: &str, read_only: bool, mounted: &mut Mounted) {
        let declared = pairs(
            self.model.get("volumes").and_then(|volumes| volumes.get(source)).and_then(|volume| volume.get("labels")),
        );
        let size =
            declared.get("kompose.volume.size").map(String::as_str).or_else(|| service.label("kompose.volume.size"));
        let selector = declared.get("kompose.volume.selector").map(|name| json!({"matchLabels": labels(name)}));
        let class = if declared.contains_key("kompose.volume.size") {
            None
        } else {
            service.label("kompose.volume.storage-class-name")
        };
        mounted.claims.push(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": resource_name(name), "labels": labels(name)},
            "spec": {
                "accessModes": [if read_only { "ReadOnlyMany" } else { "ReadWriteOnce" }],
                "resources": {"requests": {"storage": size.unwrap_or(VOLUME_SIZE)}},
                "selector": selector,
                "storageClassName": class,
            },
        }));
    }

    // Files of the call at a path, or right below it.
    fn files_at(&self, source: &str) -> Vec<(String, String)> {
        let found = |file: &&octavo_toolkit::SourceFile| {
            let path = path::join(self.folder, &file.path);
            path == source || path::parent(&path) == source.trim_end_matches('/')
        };
        self.files.iter().filter(found).map(|file| (path::join(self.folder, &file.path), file.source.clone())).collect()
    }

    /// The config maps, volumes and mounts of a service's configs.
    pub(super) fn configs(&mut self, service: &Service<'_>) -> Mounted {
        let mut mounted = Mounted::default();
        for config in service.item.get("configs").map_or(&[][..], Item::items) {
            let source = config.get_str("source").unwrap_or_default();
            let declared = self.model.get("configs").and_then(|configs| configs.get(source));
            if declared.and_then(|declared| declared.get("external")).and_then(Item::as_bool) == Some(true) {
                self.lost(config.at, &rules::LOST, format!("the external config `{}`", excerpt(source)));
                continue;
            }
            let target = config.get_str("target").map_or_else(|| format!("/{source}"), ToOwned::to_owned);
            let last = target.rsplit('/').next().unwrap_or_default().to_owned();
            let name = file_name(source);
            let file = declared.and_then(|declared| declared.get_str("file"));
            let (key, text, object) = match (file, declared.and_then(|declared| declared.get_str("content"))) {
                (Some(file), _) => {
                    let text = self.files_at(file).into_iter().next().map(|(_, text)| text);
                    if text.is_none() {
                        self.lost(
                            config.at,
                            &rules::LOST,
                            format!("the file `{}`, which is not among the files", excerpt(file)),
                        );
                    }
                    (file.rsplit('/').next().unwrap_or_default().to_owned(), text, name.clone())
                }
                (None, Some(content)) => (last.clone(), Some(content.to_owned()), name.clone()),
                (None, None) => {
                    self.lost(
                        config.at,
                        &rules::LOST,
                        format!("the config `{}` from the environment", excerpt(source)),
                    );
                    (last.clone(), None, name.clone())
                }
            };
            if let Some(text) = text {
                mounted.objects.push(json!({
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": {"name": object, "labels": labels(&service.key)},
                    "data": {key.clone(): text.replace("\r\n", "\n")},
                }));
            }
            mounted.mounts.push(json!({"mountPath": target, "name": name, "subPath": last}));
            mounted.volumes.push(json!({
                "name": name,
                "configMap": {"name": name, "items": [{"key": key, "path": last}], "defaultMode": mode(config)},
            }));
        }
        mounted
    }
}

fn config_volume(
    service: &Service<'_>,
    name: &str,
    source: &str,
    target: &str,
    files: &[(String, String)],
    mount: &mut Map<String, Value>,
    mounted: &mut Mounted,
) -> Value {
    let is_file = matches!(files, [(path, _)] if path == source);
    let data: Map<String, Value> = files
        .iter()
        .map(|(path, text)| (path.rsplit('/').next().unwrap_or_default().to_owned(), json!(text.replace("\r\n", "\n"))))
        .collect();
    let key = data.keys().next().cloned().unwrap_or_default();
    let annotations = if is_file { json!({"use-subpath": "true"}) } else { Value::Null };
    mounted.objects.push(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels(&service.key), "annotations": annotations},
        "data": data,
    }));
    if is_file {
        let file = target.rsplit('/').next().unwrap_or_default();
        mount.insert("subPath".to_owned(), json!(file));
        return json!({"configMap": {"items": [{"key": key, "path": file}], "name": name}, "name": name});
    }
    json!({"configMap": {"name": name}, "name": name})
}

// The file mode of a mount, as a number.
fn mode(item: &Item) -> Value {
    match item.get("mode").map(|mode| &mode.value) {
        Some(Val::Int(mode)) => json!(i64::try_from(*mode).unwrap_or_default()),
        Some(Val::Text(mode)) => i64::from_str_radix(mode, 8).map_or(Value::Null, Value::from),
        _ => Value::Null,
    }
}
