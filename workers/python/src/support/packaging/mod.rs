//! What Python's packaging standards say, as read by every tool that looks at dependencies: names, versions, specifiers,
//! markers, requirements with places, requirements files, TOML with places, manifests and locks.
//!
//! Knows nothing of findings and reports. Versions are `pep440_rs`'s; everything else is written here, after `packaging`,
//! since no crate keeps places and agrees with it on all of its own tests.

pub mod algebra;
pub mod document;
pub mod index;
pub mod license;
pub mod lock;
pub mod manifest;
pub mod marker;
pub mod name;
pub mod pylock;
pub mod requirement;
pub mod requirements_txt;
pub mod setup_cfg;
pub mod specifier;
pub mod tags;

pub use pep440_rs::Version;
