//! The category's tools behind standard input, for `cargo xtask truth python`.

fn main() {
    octavo_testkit::serve_lines(&octavo_python::REGISTRY);
}
