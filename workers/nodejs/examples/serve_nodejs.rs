//! The category's tools behind standard input, for `cargo xtask truth nodejs`.

fn main() {
    octavo_testkit::serve_lines(&octavo_nodejs::REGISTRY);
}
