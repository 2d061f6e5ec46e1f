//! The category's tools behind standard input, for `cargo xtask truth webdesign`.

fn main() {
    octavo_testkit::serve_lines(&octavo_webdesign::REGISTRY);
}
