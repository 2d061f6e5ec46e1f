//! The category's tools behind standard input, for `cargo xtask truth database`.

fn main() {
    octavo_testkit::serve_lines(&octavo_database::REGISTRY);
}
