//! What must hold of every tool of the category.

use octavo_quality::REGISTRY;

#[test]
fn registry_is_sound() {
    octavo_testkit::check_registry(&REGISTRY);
}

#[test]
fn specs_hold() {
    octavo_testkit::check_specs(&REGISTRY, env!("CARGO_MANIFEST_DIR"));
}
