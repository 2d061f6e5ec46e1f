//! The category's tools behind standard input, for `cargo xtask truth architecture`.

fn main() {
    octavo_testkit::serve_lines(&octavo_architecture::REGISTRY);
}
