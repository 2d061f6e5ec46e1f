//! Reads the lines below a node in the text format into the properties of the JSON format.

use super::plan::{Properties, value_of};
use serde_json::{Map, Value, json};

/// Properties that are lists in JSON.
const LISTS: &[&str] = &["Sort Key", "Presorted Key", "Group Key", "Output", "Params Evaluated", "Grouping Sets"];
/// Properties that stay words, whatever they look like.
const WORDS: &[&str] = &[
    "Filter",
    "Index Cond",
    "Recheck Cond",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "One-Time Filter",
    "TID Cond",
    "Order By",
    "Run Condition",
    "Cache Key",
    "Function Call",
    "Remote SQL",
    "Query Identifier",
];

/// Reads a line such as `Rows Removed by Filter: 5` or `Buffers: shared hit=4`.
pub(super) fn read(line: &str, into: &mut Properties) {
    let line = line.trim();
    let Some((name, value)) = line.split_once(':') else { return };
    let (name, value) = (name.trim(), value.trim());
    match name {
        "Buffers" => buffers(value, into),
        "I/O Timings" => timings(value, into),
        "WAL" => wal(value, into),
        "Sort Method" | "Sort Methods" => sort(line, into),
        "Buckets" => hash(line, into),
        "Batches" => batches(line, "HashAgg Batches", into),
        "Planned Partitions" => batches(line, "HashAgg Batches", into),
        "Full-sort Groups" | "Pre-sorted Groups" => groups(name, line, into),
        "Hits" => cache(line, into),
        "Storage" => storage(line, into),
        "Memory" => memory(value, into),
        "Heap Blocks" => {
            for (word, name) in [("exact", "Exact Heap Blocks"), ("lossy", "Lossy Heap Blocks")] {
                if let Some(count) = assigned(value, word) {
                    into.insert(name.to_owned(), value_of(count));
                }
            }
        }
        "Options" => {
            let pairs = value.split(',').filter_map(|option| option.trim().split_once(' '));
            into.insert(
                name.to_owned(),
                pairs.map(|(name, value)| (name.to_owned(), json!(value.trim() == "true"))).collect(),
            );
        }
        "Timing" => {
            let parts = value.split(',').filter_map(|part| part.trim().trim_end_matches(" ms").split_once(' '));
            // `Generation 0.3 ms (Deform 0.1 ms)` since version 17.
            let time = |value: &str| value_of(value.split_whitespace().next().unwrap_or_default());
            into.insert(name.to_owned(), parts.map(|(name, value)| (name.to_owned(), time(value))).collect());
        }
        "Settings" => {
            let pairs = split(value).into_iter().filter_map(|setting| {
                let (name, value) = setting.split_once(" = ")?;
                Some((name.trim().to_owned(), Value::from(value.trim().trim_matches('\''))))
            });
            into.insert(name.to_owned(), Value::Object(pairs.collect::<Map<_, _>>()));
        }
        _ if name.is_empty() || value.is_empty() => {}
        "Group Key" | "Hash Key"
            if name == "Hash Key" || into.contains_key("Group Key") || into.contains_key("Grouping Sets") =>
        {
            let first = into.shift_remove("Group Key").map(|keys| json!({ "Group Keys": [keys] }));
            let keys: Vec<&str> = split(value).into_iter().filter(|key| *key != "()").collect();
            let next = json!({ if name == "Hash Key" { "Hash Keys" } else { "Group Keys" }: [keys] });
            if let Value::Array(sets) = into.entry("Grouping Sets").or_insert_with(|| json!([])) {
                sets.extend(first.into_iter().chain([next]));
            }
        }
        _ if LISTS.contains(&name) => {
            into.insert(name.to_owned(), split(value).into_iter().map(Value::from).collect());
        }
        _ if WORDS.contains(&name) => {
            into.insert(name.to_owned(), value.into());
        }
        _ => {
            let timed = value.strip_suffix("ms").map(str::trim_end);
            let value = match (timed, value) {
                (Some(time), _) => value_of(time),
                (None, "true") => json!(true),
                (None, "false") => json!(false),
                (None, word) => value_of(word),
            };
            into.insert(proper(name), value);
        }
    }
}

// `Planning time` and `Total runtime` of old versions, as new ones write them.
fn proper(name: &str) -> String {
    match name.to_lowercase().as_str() {
        "planning time" => "Planning Time".to_owned(),
        "execution time" => "Execution Time".to_owned(),
        "total runtime" => "Total Runtime".to_owned(),
        _ => name.to_owned(),
    }
}

/// `Serialization: time=4.690 ms  output=31251kB  format=text`.
pub(super) fn serialization(line: &str) -> Value {
    let mut section = Properties::new();
    for (word, name) in [("time", "Time"), ("output", "Output Volume"), ("format", "Format")] {
        if let Some(value) = assigned(line, word) {
            section.insert(name.to_owned(), value_of(value.trim_end_matches("kB")));
        }
    }
    Value::Object(section)
}

// The value of `word=value`.
fn assigned<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.split_whitespace().find_map(|part| part.strip_prefix(word)?.strip_prefix('='))
}

// The value of `Name: value  Other: value`, up to two blanks or the end.
fn labelled<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let at = line.find(&format!("{name}: "))?;
    let rest = line.get(at + name.len() + 1..)?.trim_start();
    Some(rest.split("  ").next().unwrap_or(rest).trim())
}

fn kilobytes(text: &str) -> Option<Value> {
    Some(value_of(text.strip_suffix("kB")?.trim()))
}

fn put(into: &mut Properties, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        into.insert(name.to_owned(), value);
    }
}

// `shared hit=10 read=3, temp read=4 written=5`; what is not named is 0.
fn buffers(value: &str, into: &mut Properties) {
    for part in value.split(',') {
        let part = part.trim();
        let Some((scope, counts)) = part.split_once(' ') else { continue };
        let scope = match scope {
            "shared" => "Shared",
            "local" => "Local",
            "temp" => "Temp",
            _ => continue,
        };
        for (word, method) in [("hit", "Hit"), ("read", "Read"), ("dirtied", "Dirtied"), ("written", "Written")] {
            let count = assigned(counts, word).map_or_else(|| json!(0), value_of);
            into.insert(format!("{scope} {method} Blocks"), count);
        }
    }
}

// `shared/local read=1.5 write=0.1, temp read=2`; before version 15 without a scope, since 17 with one each.
fn timings(value: &str, into: &mut Properties) {
    let mut scopes: Vec<(&str, &str)> = Vec::new();
    let mut scope = "";
    for word in value.split([' ', ',']).filter(|word| !word.is_empty()) {
        if word.contains('=') {
            scopes.push((scope, word));
        } else {
            scope = word;
        }
    }
    let named = |name: &str| scopes.iter().any(|(scope, _)| *scope == name);
    let kinds: &[&str] = if named("shared") || named("local") {
        &["Shared ", "Local ", "Temp "]
    } else if named("shared/local") || named("temp") {
        &["", "Temp "]
    } else {
        &[""]
    };
    for kind in kinds {
        for word in ["Read", "Write"] {
            into.insert(format!("{kind}I/O {word} Time"), json!(0.0));
        }
    }
    for (scope, word) in scopes {
        let kind = match scope {
            "shared" => "Shared ",
            "local" => "Local ",
            "temp" => "Temp ",
            _ => "",
        };
        match word.split_once('=') {
            Some(("read", time)) => into.insert(format!("{kind}I/O Read Time"), value_of(time)),
            Some(("write", time)) => into.insert(format!("{kind}I/O Write Time"), value_of(time)),
            _ => continue,
        };
    }
}

fn wal(value: &str, into: &mut Properties) {
    for (word, name) in [("records", "WAL Records"), ("fpi", "WAL FPI"), ("bytes", "WAL Bytes")] {
        into.insert(name.to_owned(), assigned(value, word).map_or_else(|| json!(0), value_of));
    }
    if let Some((_, full)) = value.split_once("buffers full=") {
        into.insert("WAL Buffers Full".to_owned(), value_of(full.split_whitespace().next().unwrap_or_default()));
    }
}

// `Sort Method: external merge  Disk: 123600kB`.
fn sort(line: &str, into: &mut Properties) {
    put(into, "Sort Method", labelled(line, "Sort Method").map(Value::from));
    for kind in ["Memory", "Disk"] {
        if let Some(used) = labelled(line, kind).and_then(kilobytes) {
            into.insert("Sort Space Used".to_owned(), used);
            into.insert("Sort Space Type".to_owned(), kind.into());
        }
    }
}

// `Buckets: 262144 (originally 131072)  Batches: 16 (originally 8)  Memory Usage: 62533kB`.
fn hash(line: &str, into: &mut Properties) {
    for (label, now, before) in
        [("Buckets", "Hash Buckets", "Original Hash Buckets"), ("Batches", "Hash Batches", "Original Hash Batches")]
    {
        let Some(value) = labelled(line, label) else { continue };
        let count = value_of(value.split_whitespace().next().unwrap_or_default());
        let original = value.split_once("(originally ").map(|(_, rest)| value_of(rest.trim_end_matches(')')));
        into.insert(before.to_owned(), original.unwrap_or_else(|| count.clone()));
        into.insert(now.to_owned(), count);
    }
    put(into, "Peak Memory Usage", labelled(line, "Memory Usage").and_then(kilobytes));
}

fn batches(line: &str, name: &str, into: &mut Properties) {
    put(into, "Planned Partitions", labelled(line, "Planned Partitions").map(value_of));
    put(into, name, labelled(line, "Batches").map(value_of));
    put(into, "Peak Memory Usage", labelled(line, "Memory Usage").and_then(kilobytes));
    put(into, "Disk Usage", labelled(line, "Disk Usage").and_then(kilobytes));
}

// `Full-sort Groups: 2  Sort Method: quicksort  Average Memory: 26kB  Peak Memory: 26kB`.
fn groups(name: &str, line: &str, into: &mut Properties) {
    let mut group = Properties::new();
    put(&mut group, "Group Count", labelled(line, name).map(value_of));
    let methods = labelled(line, "Sort Method").or_else(|| labelled(line, "Sort Methods"));
    let methods = methods.map(|methods| methods.split(',').map(|method| Value::from(method.trim())).collect());
    put(&mut group, "Sort Methods Used", methods);
    for kind in ["Memory", "Disk"] {
        let mut space = Properties::new();
        for (label, name) in [("Average", "Average Sort Space Used"), ("Peak", "Peak Sort Space Used")] {
            put(&mut space, name, labelled(line, &format!("{label} {kind}")).and_then(kilobytes));
        }
        if !space.is_empty() {
            group.insert(format!("Sort Space {kind}"), Value::Object(space));
        }
    }
    into.insert(name.to_owned(), Value::Object(group));
}

// `Hits: 998  Misses: 2  Evictions: 0  Overflows: 0  Memory Usage: 1kB`.
fn cache(line: &str, into: &mut Properties) {
    for word in ["Hits", "Misses", "Evictions", "Overflows"] {
        put(into, &format!("Cache {word}"), labelled(line, word).map(value_of));
    }
    put(into, "Peak Memory Usage", labelled(line, "Memory Usage").and_then(kilobytes));
}

fn storage(line: &str, into: &mut Properties) {
    put(into, "Storage", labelled(line, "Storage").map(Value::from));
    put(into, "Maximum Storage", labelled(line, "Maximum Storage").and_then(kilobytes));
}

fn memory(value: &str, into: &mut Properties) {
    for (word, name) in [("used", "Memory Used"), ("allocated", "Memory Allocated")] {
        put(into, name, assigned(value, word).and_then(kilobytes));
    }
}

/// Parts between commas outside of brackets and quotes.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0_i32, None, 0);
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            (_, Some(_)) => {}
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth -= 1,
            (',', None) if depth <= 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(lines: &[&str]) -> Value {
        let mut into = Properties::new();
        lines.iter().for_each(|line| read(line, &mut into));
        Value::Object(into)
    }

    #[test]
    fn lines_become_the_properties_of_json() {
        let read = read_all(&[
            "Sort Method: external merge  Disk: 123600kB",
            "Buffers: shared hit=1, temp written=3",
            "Sort Key: a, (f(b, c)) DESC",
            "Buckets: 8 (originally 4)  Batches: 2 (originally 1)  Memory Usage: 9kB",
            "I/O Timings: shared/local read=1.5, temp write=2",
            "Settings: work_mem = '4MB', search_path = 'a, b'",
            "Timing: Generation 0.340 ms, Total 2.4 ms",
            "Inner Unique: true",
        ]);
        assert_eq!(
            read,
            json!({
                "Sort Method": "external merge", "Sort Space Used": 123_600, "Sort Space Type": "Disk",
                "Shared Hit Blocks": 1, "Shared Read Blocks": 0, "Shared Dirtied Blocks": 0, "Shared Written Blocks": 0,
                "Temp Hit Blocks": 0, "Temp Read Blocks": 0, "Temp Dirtied Blocks": 0, "Temp Written Blocks": 3,
                "Sort Key": ["a", "(f(b, c)) DESC"],
                "Original Hash Buckets": 4, "Hash Buckets": 8, "Original Hash Batches": 1, "Hash Batches": 2,
                "Peak Memory Usage": 9,
                "I/O Read Time": 1.5, "I/O Write Time": 0.0, "Temp I/O Read Time": 0.0, "Temp I/O Write Time": 2,
                "Settings": {"work_mem": "4MB", "search_path": "a, b"},
                "Timing": {"Generation": 0.34, "Total": 2.4}, "Inner Unique": true,
            })
        );
    }
}
