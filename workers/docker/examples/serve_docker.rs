//! The category's tools behind standard input, for `cargo xtask truth docker`.

fn main() {
    octavo_testkit::serve_lines(&octavo_docker::REGISTRY);
}
