//! What the targets share: how bytes become a call of a tool, and sound inputs to begin with.
//!
//! An input's first byte chooses the tool; the rest is the text that stands in the place of the longest one in the arguments of
//! the tool's first example. All else of a call is the same each time, so that coverage tells of the text.

use octavo_testkit::{cases, pointers};
use octavo_toolkit::registry::{AnyTool, Registry};
use octavo_toolkit::{Category, Ctx};
use serde_json::Value;
use serde_json::value::RawValue;
use std::path::Path;
use std::{env, fs};

/// The variable that names a folder: a target writes its sound inputs there and ends.
pub const SEEDS: &str = "OCTAVO_SEEDS";

/// Longest seed, in bytes: what is mutated should be small.
const MAX_SEED_BYTES: usize = 16 * 1024;

/// The tools of a category, each with the arguments that a text is put into.
pub struct Subjects {
    category: Category,
    subjects: Vec<Subject>,
}

struct Subject {
    tool: &'static dyn AnyTool,
    arguments: Value,
    // The text's place.
    pointer: String,
}

impl Subjects {
    /// Those of a registry.
    pub fn of(registry: &Registry) -> Self {
        let subjects = registry.tools.iter().filter_map(|tool| {
            let example = tool.declaration().examples.first()?;
            let arguments: Value = serde_json::from_str(example.arguments).ok()?;
            let (pointer, _) = longest_text(&arguments)?;
            Some(Subject { tool: *tool, arguments, pointer })
        });
        Self { category: registry.category, subjects: subjects.collect() }
    }

    /// Calls the tool that the bytes choose.
    pub fn call(&self, data: &[u8]) {
        let Some((first, text)) = data.split_first() else { return };
        let Some(subject) = self.subjects.get(usize::from(*first) % self.subjects.len().max(1)) else { return };
        let mut arguments = subject.arguments.clone();
        if let Some(place) = arguments.pointer_mut(&subject.pointer) {
            *place = String::from_utf8_lossy(text).into_owned().into();
        }
        if let Ok(raw) = RawValue::from_string(arguments.to_string()) {
            let _ = subject.tool.call(self.category, &raw, &Ctx::silent());
        }
    }

    /// Writes the texts of the tools' examples and specs as inputs.
    pub fn write_seeds(&self, folder: &str) {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workers").join(self.category.slug());
        for (index, subject) in (0_u8..).zip(&self.subjects) {
            let declaration = subject.tool.declaration();
            let examples = declaration.examples.iter().filter_map(|one| serde_json::from_str(one.arguments).ok());
            let specs = cases(&package.display().to_string(), declaration.name).into_iter().map(|(_, given)| given);
            let given: Vec<Value> = examples.chain(specs).collect();
            let texts =
                given.iter().filter_map(longest_text).map(|(_, text)| text).filter(|text| text.len() <= MAX_SEED_BYTES);
            for (number, text) in texts.enumerate() {
                write_seed(folder, &format!("{}-{number}", declaration.name), index, text.as_bytes());
            }
        }
    }
}

/// Where seeds are asked for: writes each as an input of each way, which is its first byte, and ends the process.
pub fn write_seeds_where_wanted(ways: u8, seeds: &[&str]) {
    let Some(folder) = seeds_wanted() else { return };
    for (number, (way, seed)) in (0..ways).flat_map(|way| seeds.iter().map(move |seed| (way, seed))).enumerate() {
        write_seed(&folder, &number.to_string(), way, seed.as_bytes());
    }
    std::process::exit(0);
}

fn write_seed(folder: &str, name: &str, first: u8, rest: &[u8]) {
    let _ = fs::create_dir_all(folder);
    let bytes: Vec<u8> = std::iter::once(first).chain(rest.iter().copied()).collect();
    fs::write(Path::new(folder).join(name), bytes).expect("the folder of seeds can be written");
}

/// The folder that seeds are asked for in.
pub fn seeds_wanted() -> Option<String> {
    env::var(SEEDS).ok()
}

fn longest_text(value: &Value) -> Option<(String, &str)> {
    let texts = pointers(value).into_iter().filter_map(|at| value.pointer(&at)?.as_str().map(|text| (at, text)));
    texts.max_by_key(|(_, text)| text.len())
}
