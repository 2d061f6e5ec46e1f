//! `cargo xtask deploy` and `cargo xtask rollback`: the fleet, in order, as one.

mod advice;
pub(crate) mod dry;
mod wrangler;
