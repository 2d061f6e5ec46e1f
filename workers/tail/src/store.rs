//! What is asked of a key-value store, what it cost, and a store in memory for native tests.
//!
//! The shapes are those of Workers KV: lists in key order with metadata and pages, reads of up to [`MAX_READ`] keys at once,
//! values that end by themselves.

use serde::Serialize;
use std::cell::Cell;
use std::future::Future;
use thiserror::Error;

/// Most keys of one page of a list.
pub const MAX_LIST: u32 = 1000;
/// Most keys of one read.
pub const MAX_READ: usize = 100;
/// Bytes of values after which a read takes no further key: what is read at once is held at once.
pub const MAX_READ_BYTES: u64 = 8 << 20;
/// Longest metadata of a key, in bytes.
pub const MAX_METADATA_BYTES: usize = 1024;
/// Shortest life the platform grants a key.
pub const MIN_TTL_SECONDS: u64 = 60;

/// The store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the store did not answer: {0}")]
pub struct StoreError(pub String);

/// One page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// Keys with their metadata as JSON, in key order.
    pub keys: Vec<(String, String)>,
    /// Where the next page starts; absent on the last one.
    pub cursor: Option<String>,
}

/// A key-value store.
pub trait Store {
    /// One page of the keys under a prefix.
    fn list(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> impl Future<Output = Result<Page, StoreError>>;

    /// The values of up to [`MAX_READ`] keys, in their order; a key without a value is left empty.
    fn read(&self, keys: &[String]) -> impl Future<Output = Result<Vec<Option<String>>, StoreError>>;

    /// Writes a value with metadata (JSON) for some seconds.
    fn write(
        &self,
        key: &str,
        value: &str,
        metadata: &str,
        ttl_seconds: u64,
    ) -> impl Future<Output = Result<(), StoreError>>;
}

/// Keys in groups for one read each, by the bytes of their values: at most [`MAX_READ`], and none beyond [`MAX_READ_BYTES`].
pub fn batches<T>(keys: &[T], bytes: impl Fn(&T) -> u64) -> impl Iterator<Item = &[T]> {
    let mut rest = keys;
    std::iter::from_fn(move || {
        let mut held = 0;
        let full = rest.iter().take(MAX_READ).position(|key| {
            held += bytes(key);
            held >= MAX_READ_BYTES
        });
        let (batch, left) = rest.split_at(full.map_or(rest.len().min(MAX_READ), |last| last + 1));
        rest = left;
        (!batch.is_empty()).then_some(batch)
    })
}

/// What was asked of the store for one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Lists.
    pub kv_lists: u64,
    /// Keys read; several at once are one operation but are billed apart.
    pub kv_reads: u64,
    /// Read operations.
    pub kv_gets: u64,
    /// Writes.
    pub kv_writes: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// A store that counts.
#[derive(Debug)]
pub struct Metered<'s, S> {
    store: &'s S,
    cost: Cell<Cost>,
}

impl<'s, S> Metered<'s, S> {
    /// Counts from zero.
    pub fn new(store: &'s S) -> Self {
        Self { store, cost: Cell::default() }
    }

    /// What was asked so far.
    pub fn cost(&self) -> Cost {
        self.cost.get()
    }

    fn count(&self, add: impl FnOnce(&mut Cost)) {
        let mut cost = self.cost.get();
        add(&mut cost);
        self.cost.set(cost);
    }
}

impl<S: Store> Store for Metered<'_, S> {
    async fn list(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> Result<Page, StoreError> {
        self.count(|cost| cost.kv_lists += 1);
        self.store.list(prefix, cursor, limit).await
    }

    async fn read(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let values = self.store.read(keys).await?;
        self.count(|cost| {
            cost.kv_gets += 1;
            cost.kv_reads += keys.len() as u64;
            cost.bytes += values.iter().flatten().map(|value| value.len() as u64).sum::<u64>();
        });
        Ok(values)
    }

    async fn write(&self, key: &str, value: &str, metadata: &str, ttl_seconds: u64) -> Result<(), StoreError> {
        self.count(|cost| cost.kv_writes += 1);
        self.store.write(key, value, metadata, ttl_seconds).await
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use memory::{MemoryStore, ready};

#[cfg(not(target_arch = "wasm32"))]
mod memory {
    use super::{MAX_LIST, MAX_METADATA_BYTES, MAX_READ, MIN_TTL_SECONDS, Page, Store, StoreError};
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// A store in memory that holds to the platform's limits; keys do not end, but their lives are kept.
    #[derive(Debug, Default)]
    pub struct MemoryStore {
        entries: RefCell<BTreeMap<String, (String, String, u64)>>,
        /// Writes refuse while this is set.
        pub full: Cell<bool>,
    }

    impl MemoryStore {
        /// Every key with its value, metadata and life, in key order.
        pub fn entries(&self) -> Vec<(String, String, String, u64)> {
            let entries = self.entries.borrow();
            entries.iter().map(|(key, (value, meta, ttl))| (key.clone(), value.clone(), meta.clone(), *ttl)).collect()
        }

        /// Forgets the keys under a prefix, as if they had ended.
        pub fn forget(&self, prefix: &str) {
            self.retain(|key| !key.starts_with(prefix));
        }

        /// Keeps only some keys.
        pub fn retain(&self, keeps: impl Fn(&str) -> bool) {
            self.entries.borrow_mut().retain(|key, _| keeps(key));
        }
    }

    impl Store for MemoryStore {
        async fn list(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> Result<Page, StoreError> {
            let entries = self.entries.borrow();
            let from = cursor.unwrap_or(prefix).to_owned();
            let mut keys = entries.range(from..).take_while(|(key, _)| key.starts_with(prefix));
            let page = keys.by_ref().take(limit.min(MAX_LIST) as usize);
            let page = page.map(|(key, (_, metadata, _))| (key.clone(), metadata.clone())).collect();
            Ok(Page { keys: page, cursor: keys.next().map(|(key, _)| key.clone()) })
        }

        async fn read(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
            if keys.len() > MAX_READ {
                return Err(StoreError("too many keys".into()));
            }
            let entries = self.entries.borrow();
            Ok(keys.iter().map(|key| entries.get(key).map(|(value, ..)| value.clone())).collect())
        }

        async fn write(&self, key: &str, value: &str, metadata: &str, ttl_seconds: u64) -> Result<(), StoreError> {
            if self.full.get() {
                return Err(StoreError("full".into()));
            }
            if key.len() > 512 || metadata.len() > MAX_METADATA_BYTES || ttl_seconds < MIN_TTL_SECONDS {
                return Err(StoreError(format!("refused {key}: {} bytes of metadata", metadata.len())));
            }
            let entry = (value.to_owned(), metadata.to_owned(), ttl_seconds);
            self.entries.borrow_mut().insert(key.to_owned(), entry);
            Ok(())
        }
    }

    /// The result of a future that never waits, as none over a [`MemoryStore`] does.
    ///
    /// # Panics
    ///
    /// When it waits.
    pub fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("a store in memory never waits"),
        }
    }
}
