//! Compose files as `docker compose config` reads them: variables, includes, extends, several files laid over each other, the
//! schema, short forms written out, names and paths resolved, and what must be consistent.
//!
//! Owns the way from files to one model and its canonical form. Reads no file system: all files come with the call, and paths
//! are resolved below a folder the caller names. Judges no style.

mod arguments;
mod canon;
mod check;
pub mod dotenv;
mod form;
pub mod item;
mod load;
mod merge;
pub mod path;
mod resolve;
pub mod schema;
#[rustfmt::skip]
mod shapes;
pub mod short;
pub mod template;

pub use arguments::{Arguments, DEFAULT_FOLDER, MAX_OPTION_BYTES, Places};
pub use load::{Request, load};

use item::{Map, Place};

/// What was made of the files.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The project, unless something is wrong with it.
    pub project: Option<Project>,
    /// What is wrong, or worth knowing.
    pub issues: Vec<Issue>,
}

/// A project that Compose would run.
#[derive(Debug)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its model in long form, environment files and paths resolved; services that no profile enables are left out.
    pub model: Map,
    /// The same before environment and label files were brought in, and with what no service uses.
    pub declared: Map,
    /// The variables it was read with.
    pub environment: std::collections::BTreeMap<String, String>,
    /// The canonical form, keys in Compose's order.
    pub form: serde_json::Value,
    /// Services that no given profile enables.
    pub disabled: Vec<String>,
}

/// Something that is wrong with a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// What sort of thing.
    pub kind: Kind,
    /// Where, if one place stands for it.
    pub at: Option<Place>,
    /// What, in one sentence fragment.
    pub message: String,
}

/// The sorts of issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Not YAML, or a key twice.
    Yaml,
    /// Not the shape the Compose specification asks for.
    Schema,
    /// A variable that cannot be filled in.
    Interpolation,
    /// A variable without a value and a default; not an error.
    Unset,
    /// A file that is missing or broken: an include, a file of variables or labels.
    File,
    /// A service to extend that is missing, or a circle of them.
    Extends,
    /// A value that cannot be read: a port, a volume, a duration, a size.
    Value,
    /// A name of nothing: network, volume, secret, config, service.
    Reference,
    /// Services that wait for each other.
    Cycle,
    /// Settings that exclude each other.
    Conflict,
    /// A project name that Compose does not take.
    Name,
}
