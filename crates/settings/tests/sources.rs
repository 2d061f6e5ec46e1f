//! The table against what reads it: the workers' Rust, the shells, the wrangler configs.

use octavo_category::Category;
use octavo_settings::{ALL, Kind, Setting};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn texts(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|kind| kind == extension) {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found
}

fn is_known(name: &str) -> bool {
    ALL.iter().any(|setting| setting.name == name)
        || Category::ALL.iter().any(|category| category.row().binding == name)
}

// Words in capitals that stand right after `before`.
fn names_after<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(before).filter_map(move |(at, _)| {
        let rest = text.get(at + before.len()..)?;
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len());
        rest.get(..end).filter(|name| name.len() > 3)
    })
}

#[test]
fn the_shells_read_what_the_table_has() {
    for (path, text) in texts("crates/runtime/js", "js") {
        for name in names_after(&text, "env.").chain(names_after(&text, "_BINDING = \"")) {
            assert!(is_known(name), "{path} reads {name}, which crates/settings does not have");
        }
    }
}

#[test]
fn the_workers_read_what_the_table_has() {
    let ours = ["gateway", "tail"].into_iter().flat_map(|worker| texts(&format!("workers/{worker}/src"), "rs"));
    for (path, text) in ours {
        let asked =
            ["setting(\"", "secret(\"", ".var(\"", "variable(\"", ".kv(\"", ".service(\"", "analytics_engine(\""];
        for name in asked.into_iter().flat_map(|before| names_after(&text, before)) {
            assert!(is_known(name), "{path} reads {name}, which crates/settings does not have");
        }
    }
}

#[test]
fn everything_in_the_table_is_read() {
    let mut all: String = texts("crates/runtime/js", "js").into_iter().map(|(_, text)| text).collect();
    for worker in ["gateway", "tail"] {
        all.extend(texts(&format!("workers/{worker}/src"), "rs").into_iter().map(|(_, text)| text));
    }
    for Setting { name, .. } in ALL {
        assert!(
            all.contains(&format!("env.{name}"))
                || all.contains(&format!("\"{name}\""))
                || all.contains(&format!("settings::{name}")),
            "nothing reads {name}"
        );
    }
}

#[test]
fn the_configs_set_what_the_table_has_and_to_its_defaults() {
    for (path, text) in texts("wrangler", "toml") {
        let mut set = BTreeSet::new();
        // An environment may set what it likes.
        let mut is_common = !path.contains("environments");
        for line in text.lines() {
            is_common &= !line.starts_with("[env.");
            let line = line.trim_start_matches("# ");
            for before in ["binding = \"", "{ name = \""] {
                set.extend(names_after(line, before));
            }
            let Some((name, value)) = line.split_once(" = ") else { continue };
            if name.len() > 3 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                set.insert(name);
                let default = ALL.iter().find(|setting| setting.name == name).map(|setting| setting.default);
                let number = value.trim_matches('"').bytes().all(|digit| digit.is_ascii_digit())
                    && default.is_some_and(|text| text.bytes().all(|digit| digit.is_ascii_digit()));
                assert!(
                    !is_common || !number || default == Some(value.trim_matches('"')),
                    "{path} sets {name} to {value}; the table says {default:?}"
                );
            }
        }
        for name in set {
            assert!(is_known(name), "{path} sets {name}, which crates/settings does not have");
        }
    }
}

#[test]
fn the_shells_defaults_are_the_tables() {
    let shells: String = texts("crates/runtime/js", "js").into_iter().map(|(_, text)| text).collect();
    let breaker = fs::read_to_string(root().join("workers/gateway/src/breaker.rs")).expect("a text");
    let digits = |text: &str, before: &str| -> u64 {
        let at = text.find(before).unwrap_or_else(|| panic!("no {before}")) + before.len();
        let number: String =
            text[at..].chars().take_while(|c| c.is_ascii_digit() || *c == '_').filter(char::is_ascii_digit).collect();
        number.parse().expect("a number")
    };
    assert_eq!(digits(&shells, "const DEADLINE_MS = "), octavo_settings::CALL_DEADLINE_MS.number());
    assert_eq!(digits(&shells, "const LISTEN_SECONDS = "), octavo_settings::LISTEN_SECONDS.number());
    assert_eq!(digits(&breaker, "const OPEN_MS: u64 = "), octavo_settings::BREAKER_OPEN_MS.number());
}

#[test]
fn names_are_unique_and_secrets_are_never_in_a_config() {
    let names: BTreeSet<&str> = ALL.iter().map(|setting| setting.name).collect();
    assert_eq!(names.len(), ALL.len());
    for (path, text) in texts("wrangler", "toml") {
        for secret in ALL.iter().filter(|setting| setting.kind == Kind::Secret) {
            let set = format!("{} = ", secret.name);
            assert!(!text.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(&set)), "{path}: {set}");
        }
    }
}
