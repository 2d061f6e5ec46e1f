//! The platform's side of a task's Durable Object: the record in its hands, for a stretch without awaits.

use crate::task::Task;
use crate::worker::millis;
use wasm_bindgen::prelude::wasm_bindgen;

/// A [`Task`] in the hands of its object's shell. It lives between two awaits only: an instance may be replaced at any.
#[wasm_bindgen]
pub struct TaskRecord(Task);

#[wasm_bindgen]
impl TaskRecord {
    /// From what was kept.
    pub fn read(record: &str) -> Option<TaskRecord> {
        Task::read(record).map(TaskRecord)
    }

    /// What is to be kept.
    pub fn record(&self) -> String {
        self.0.record()
    }

    /// Whether it is this caller's.
    pub fn is_of(&self, caller: &str) -> bool {
        self.0.is_of(caller)
    }

    /// Whether there is work to do.
    pub fn is_working(&self) -> bool {
        self.0.is_working()
    }

    /// The service binding whose worker does the work.
    pub fn binding(&self) -> String {
        self.0.binding().to_owned()
    }

    /// The end of the request to that worker.
    pub fn tail(&self) -> String {
        self.0.tail()
    }

    /// When it may be forgotten.
    #[expect(clippy::cast_precision_loss, reason = "a time, below 2^53")]
    pub fn expires_ms(&self) -> f64 {
        self.0.expires_ms() as f64
    }

    /// The members of the task, whole.
    pub fn detailed(&self) -> String {
        self.0.detailed()
    }

    /// Takes one of the worker's frames.
    pub fn frame(&mut self, line: &[u8], now_ms: f64) {
        self.0.frame(line, millis(now_ms));
    }

    /// Takes word that the worker gave no answer.
    pub fn died(&mut self, now_ms: f64) {
        self.0.died(millis(now_ms));
    }

    /// Takes the client's answers, JSON.
    pub fn update(&mut self, responses: &str, now_ms: f64) {
        self.0.update(responses, millis(now_ms));
    }

    /// Stops it.
    pub fn cancel(&mut self, now_ms: f64) {
        self.0.cancel(millis(now_ms));
    }
}
