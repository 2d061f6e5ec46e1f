//! Postgres's own facts: how its SQL is read, its names, its types, its locks, which functions are volatile.
//!
//! Knows nothing of any tool. The parser is squawk's; every text goes through [`guard`] first, because a recursive parser
//! ends the instance on a text that nests or chains too deeply.

pub mod guard;
pub mod lock;
pub mod name;
pub mod types;
pub mod volatility;
