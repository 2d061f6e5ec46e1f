//! Processor time, which a busy machine does not change much.

use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How long this thread was on a processor; where the system does not tell, how long the process runs.
pub fn processor_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    // The system counts up to the last time that it looked: every few milliseconds, and whenever a thread gives way.
    thread::yield_now();
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|stat| stat.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}
