//! What is known of a JavaScript or TypeScript program by its scopes and its flow: names never read, statements never reached.

pub mod flow;
pub mod unused;
