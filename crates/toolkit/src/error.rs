//! Why a call could not be done, said so that a model can mend it.

use octavo_rpc::{CallError, Reason};
use thiserror::Error;

/// A call that could not be done. Display is the sentence the model reads: where, what, what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ToolError {
    /// An argument is missing, unknown, ill-typed or out of range.
    #[error("`{}` {problem}; accepted: {accepted}", shown(pointer))]
    InvalidArgument {
        /// JSON pointer of the argument.
        pointer: String,
        /// What is wrong with it, a verb phrase; never the value itself.
        problem: String,
        /// What would be accepted.
        accepted: String,
    },
    /// An argument is over a documented limit.
    #[error(
        "`{}` has {actual} {unit}, the limit is {limit}; send less, or split the call{}",
        shown(pointer),
        hint(pointer)
    )]
    InputTooLarge {
        /// JSON pointer of the argument.
        pointer: String,
        /// How much it is.
        actual: usize,
        /// How much is accepted.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
}

impl ToolError {
    /// An argument that is not acceptable: `pointer` `problem`; accepted: `accepted`.
    pub fn invalid(pointer: impl Into<String>, problem: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self::InvalidArgument { pointer: pointer.into(), problem: problem.into(), accepted: accepted.into() }
    }

    /// An argument over a limit.
    pub fn too_large(pointer: impl Into<String>, actual: usize, limit: usize, unit: &'static str) -> Self {
        Self::InputTooLarge { pointer: pointer.into(), actual, limit, unit }
    }

    /// The kind of failure.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::InvalidArgument { .. } => Reason::InvalidArgument,
            Self::InputTooLarge { .. } => Reason::InputTooLarge,
        }
    }

    /// The error as programs read it.
    pub fn to_call_error(&self) -> CallError {
        let (Self::InvalidArgument { pointer, .. } | Self::InputTooLarge { pointer, .. }) = self;
        CallError { reason: self.reason(), retryable: false, path: Some(pointer.clone()), retry_after_ms: None }
    }
}

// A handle helps where the arguments as a whole are too long, not where one text is.
const fn hint(pointer: &str) -> &str {
    if pointer.is_empty() { "; long texts can come by handle, from PUT /v1/blobs" } else { "" }
}

// The root's JSON pointer is empty, which nobody would see between quotes.
const fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "arguments" } else { pointer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_too_long_are_told_of_handles_and_texts_are_not() {
        let sentence = |pointer: &str| ToolError::too_large(pointer, 2, 1, "bytes").to_string();
        assert_eq!(sentence("/source"), "`/source` has 2 bytes, the limit is 1; send less, or split the call");
        assert_eq!(
            sentence(""),
            "`arguments` has 2 bytes, the limit is 1; send less, or split the call; long texts can come by handle, from PUT /v1/blobs"
        );
    }
}
