//! The tools of the one category whose feature is on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_fuzz::{Subjects, seeds_wanted};
use std::sync::LazyLock;

#[cfg(feature = "api")]
use octavo_api::REGISTRY;
#[cfg(feature = "architecture")]
use octavo_architecture::REGISTRY;
#[cfg(feature = "database")]
use octavo_database::REGISTRY;
#[cfg(feature = "docker")]
use octavo_docker::REGISTRY;
#[cfg(feature = "nodejs")]
use octavo_nodejs::REGISTRY;
#[cfg(feature = "python")]
use octavo_python::REGISTRY;
#[cfg(feature = "quality")]
use octavo_quality::REGISTRY;
#[cfg(feature = "webdesign")]
use octavo_webdesign::REGISTRY;

static SUBJECTS: LazyLock<Subjects> = LazyLock::new(|| Subjects::of(&REGISTRY));

fuzz_target!(
    init: {
        if let Some(folder) = seeds_wanted() {
            SUBJECTS.write_seeds(&folder);
            std::process::exit(0);
        }
    },
    |data: &[u8]| SUBJECTS.call(data)
);
