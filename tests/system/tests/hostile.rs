//! A short run of hostile input on every tool and on the door; `cargo xtask fuzz` is the long one.

use octavo_system_tests::hostile::{Corpus, Layer};
use std::thread;

/// About what V8 gives a worker, times what frames of an unoptimised build are larger.
const STACK_BYTES: usize = 8 * 1024 * 1024;
const SEED: u64 = 64;

fn faults(layer: Layer, count: u64) -> Vec<String> {
    let run = move || {
        let corpus = Corpus::new(None);
        let cases = (0..count).map(|number| (number, corpus.case(layer, SEED, number)));
        let faults = cases.filter_map(|(number, case)| Some(format!("{} {number}: {}", case.name(), case.fault()?)));
        faults.collect()
    };
    thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread").join().expect("no panic")
}

#[test]
fn every_tool_answers_what_no_one_would_send() {
    assert_eq!(faults(Layer::Tools, 640), Vec::<String>::new());
}

#[test]
fn the_door_answers_what_no_one_would_send() {
    assert_eq!(faults(Layer::Doors, 3_000), Vec::<String>::new());
}
