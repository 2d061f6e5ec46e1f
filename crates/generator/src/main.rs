//! Writes every generated file of the repository, or with `--check` says which of them are stale.
//!
//! Links all tool packages natively, so that `xtask` need not: a tool that does not compile stops this program, not the
//! scaffolder. Run through `cargo xtask gen`.

mod agreement;
mod catalog;
mod examples;
mod guides;
mod limits;
mod pages;
mod reference;
mod rules;
mod search;
mod tables;

use octavo_toolkit::Registry;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// Every category's registry, in the order of the category table.
const REGISTRIES: &[Registry] = &[
    octavo_nodejs::REGISTRY,
    octavo_python::REGISTRY,
    octavo_docker::REGISTRY,
    octavo_quality::REGISTRY,
    octavo_webdesign::REGISTRY,
    octavo_database::REGISTRY,
    octavo_api::REGISTRY,
    octavo_architecture::REGISTRY,
];

/// A generated file: its path from the root and its whole text.
struct Generated {
    path: PathBuf,
    text: String,
}

fn main() -> ExitCode {
    let root = PathBuf::from(env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let check = env::args().nth(2).as_deref() == Some("--check");
    let rules = rules::generate(REGISTRIES);
    let mut files = vec![
        catalog::generate(REGISTRIES),
        catalog::outputs(REGISTRIES),
        examples::generate(REGISTRIES),
        search::generate(REGISTRIES),
        limits::generate(&root, REGISTRIES),
    ];
    files.extend(reference::generate(REGISTRIES, &rules.text));
    files.push(rules);
    files.extend(catalog::digests(REGISTRIES));
    files.extend(guides::generate(&root, REGISTRIES));
    files.extend(pages::generate(&root, REGISTRIES));
    files.extend(tables::generate(&root, REGISTRIES));
    let stale: Vec<&Generated> = files
        .iter()
        .filter(|file| fs::read_to_string(root.join(&file.path)).ok().as_deref() != Some(&file.text))
        .collect();
    let orphans = orphans_of(&root, &files);
    if check {
        for path in stale.iter().map(|file| &file.path).chain(&orphans) {
            eprintln!("stale: {}", path.display());
        }
        if stale.is_empty() && orphans.is_empty() {
            return ExitCode::SUCCESS;
        }
        eprintln!("run `cargo xtask gen` and commit what it writes");
        return ExitCode::FAILURE;
    }
    for file in stale {
        if let Err(error) = write(&root.join(&file.path), &file.text) {
            eprintln!("{}: {error}", file.path.display());
            return ExitCode::FAILURE;
        }
        eprintln!("wrote {}", file.path.display());
    }
    for path in orphans {
        let _ = fs::remove_file(root.join(&path));
        eprintln!("removed {}", path.display());
    }
    ExitCode::SUCCESS
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)
}

// Pages of tools and guides of categories that are no more.
fn orphans_of(root: &Path, files: &[Generated]) -> Vec<PathBuf> {
    let folders =
        [pages::FOLDER, guides::FOLDER, reference::CATEGORIES, reference::RULES].map(PathBuf::from).into_iter();
    let paths = folders.flat_map(|folder| {
        let listed = fs::read_dir(root.join(&folder)).into_iter().flatten().flatten();
        listed.map(move |entry| folder.join(entry.file_name()))
    });
    let mut orphans: Vec<_> = paths.filter(|path| !files.iter().any(|file| file.path == *path)).collect();
    orphans.sort();
    orphans
}
