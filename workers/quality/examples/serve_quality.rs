//! The category's tools behind standard input, for `cargo xtask truth quality`.

fn main() {
    octavo_testkit::serve_lines(&octavo_quality::REGISTRY);
}
