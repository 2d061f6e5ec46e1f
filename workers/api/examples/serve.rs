//! The category's tools behind standard input, for `cargo xtask truth api`.

fn main() {
    octavo_testkit::serve_lines(&octavo_api::REGISTRY);
}
