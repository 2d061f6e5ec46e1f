//! How much of an image is there twice, or is there and removed: dive's measure over the listings of its layers.

use super::listing::Entry;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A file that several layers hold, or that one holds and another removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Wasted {
    /// Path from the root.
    pub(super) path: String,
    /// How many layers write or remove it.
    pub(super) count: usize,
    /// Bytes over all layers.
    pub(super) bytes: u64,
}

/// What the layers come to.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Bytes each layer holds.
    pub(super) layers: Vec<u64>,
    /// Bytes each layer holds of files that another layer writes again or removes.
    pub(super) wasted_of_layer: Vec<u64>,
    /// Share of bytes that are not there in vain, 0 to 1.
    pub(super) efficiency: f64,
    /// Everything that is there more than once, the largest first.
    pub(super) wasted: Vec<Wasted>,
}

struct Seen {
    total: u64,
    least: u64,
    count: usize,
    // Layers that hold it, with its bytes in each.
    places: Vec<(usize, u64)>,
}

/// Measures layers, the lowest first.
#[expect(clippy::cast_precision_loss, reason = "shares are floats")]
pub(super) fn measure(layers: &[Vec<Entry>]) -> Measured {
    let mut measured = Measured::default();
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    // What the layers so far come to: size and whether it is a folder.
    let mut whole: BTreeMap<String, (u64, bool)> = BTreeMap::new();
    for (number, layer) in layers.iter().enumerate() {
        let mut entries: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut folders: BTreeSet<&str> = BTreeSet::new();
        for entry in layer {
            entries.insert(&entry.path, entry);
            let mut path = entry.path.as_str();
            while let Some((parent, _)) = path.rsplit_once('/') {
                if !folders.insert(parent) {
                    break;
                }
                path = parent;
            }
        }
        measured.layers.push(layer.iter().map(|entry| entry.size).sum());
        measured.wasted_of_layer.push(0);
        for (path, entry) in &entries {
            let (folder, name) = path.rsplit_once('/').map_or(("", *path), |(folder, name)| (folder, name));
            if folders.contains(path) || name.starts_with(".wh..wh.") {
                continue;
            }
            let (path, size) = match name.strip_prefix(".wh.") {
                Some(name) => {
                    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                    let removed = if whole.get(&path).is_some_and(|(_, is_folder)| *is_folder) {
                        below(&whole, &path)
                    } else {
                        0
                    };
                    (path, removed)
                }
                None => ((*path).to_owned(), entry.size),
            };
            let data = seen.entry(path).or_insert(Seen { total: 0, least: u64::MAX, count: 0, places: Vec::new() });
            data.total += size;
            data.least = data.least.min(size);
            data.count += 1;
            data.places.push((number, if name.starts_with(".wh.") { 0 } else { size }));
        }
        lay_over(&mut whole, &entries, &folders);
    }
    let (mut least, mut total) = (0_u64, 0_u64);
    for (path, data) in seen {
        least += data.least;
        total += data.total;
        if data.count > 1 {
            // The last layer's copy is the one that is used.
            let kept = data.places.len() - 1;
            for (layer, size) in data.places.iter().take(kept) {
                if let Some(slot) = measured.wasted_of_layer.get_mut(*layer) {
                    *slot += size;
                }
            }
            measured.wasted.push(Wasted { path: format!("/{path}"), count: data.count, bytes: data.total });
        }
    }
    measured.efficiency = if total == 0 { 1.0 } else { least as f64 / total as f64 };
    measured.wasted.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    measured
}

// Bytes of everything below a folder.
fn below(whole: &BTreeMap<String, (u64, bool)>, folder: &str) -> u64 {
    let start = format!("{folder}/");
    whole.range(start.clone()..).take_while(|(path, _)| path.starts_with(&start)).map(|(_, (size, _))| size).sum()
}

// Brings a layer into the whole: what it removes first, then what it holds.
fn lay_over(whole: &mut BTreeMap<String, (u64, bool)>, entries: &BTreeMap<&str, &Entry>, folders: &BTreeSet<&str>) {
    for path in entries.keys() {
        let (folder, name) = path.rsplit_once('/').map_or(("", *path), |(folder, name)| (folder, name));
        let Some(name) = name.strip_prefix(".wh.").filter(|name| !name.starts_with(".wh.")) else { continue };
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let start = format!("{path}/");
        let inside: Vec<String> = whole
            .range(start.clone()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&start))
            .cloned()
            .collect();
        for path in inside {
            whole.remove(&path);
        }
        whole.remove(&path);
    }
    for folder in folders {
        whole.entry((*folder).to_owned()).or_insert((0, true)).1 = true;
    }
    for (path, entry) in entries {
        if !path.rsplit('/').next().is_some_and(|name| name.starts_with(".wh.")) {
            whole.insert((*path).to_owned(), (entry.size, entry.is_folder || folders.contains(path)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(files: &[(&str, u64)]) -> Vec<Entry> {
        let entry = |(path, size): &(&str, u64)| Entry {
            path: path.trim_end_matches('/').to_owned(),
            size: *size,
            is_folder: path.ends_with('/'),
            is_set_id: false,
        };
        files.iter().map(entry).collect()
    }

    #[test]
    fn what_is_written_twice_or_removed_is_wasted() {
        let layers = [
            layer(&[("a/", 0), ("a/x", 100), ("a/y", 50), ("b", 10)]),
            layer(&[(".wh.a", 0), ("b", 20)]),
            layer(&[("c", 5), ("opt/.wh..wh..opq", 0)]),
        ];
        let measured = measure(&layers);
        let wasted: Vec<_> = measured.wasted.iter().map(|w| (w.path.as_str(), w.count, w.bytes)).collect();
        // The removed folder is a path of its own, as dive has it; its files stay where they were.
        assert_eq!(wasted, [("/b", 2, 30)]);
        assert!(
            (measured.efficiency - f64::from(100 + 50 + 10 + 5 + 150) / f64::from(100 + 50 + 30 + 5 + 150)).abs()
                < 1e-9
        );
        assert_eq!(measured.layers, [160, 20, 5]);
        assert_eq!(measured.wasted_of_layer, [10, 0, 0]);
        assert!((measure(&[]).efficiency - 1.0).abs() < 1e-9);
    }
}
