//! What a deployment's message says, so that the platform itself remembers how far a run has come.
//!
//! A run is named by what it deploys: the same command on the same builds is the same run. Each worker that a run promotes
//! gets a deployment whose message names the run and the version that served before; the gateway's comes last, and seals the
//! run. So an interrupted run goes on from any machine, and a rollback needs no file that somebody must still have.

use std::fmt;

const FIRST: &str = "octavo";
const FROM: &str = "from=";
const OF: &str = "rollback-of=";
const SEALED: &str = "sealed";
const NONE: &str = "none";

/// The message of a deployment that we made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A run promoted the worker.
    Run {
        /// The run's name.
        run: String,
        /// The version that served before; none where the worker was new.
        from: Option<String>,
        /// Whether the run is whole: every check passed.
        is_sealed: bool,
    },
    /// A run was taken back.
    Rollback {
        /// The run's name.
        run: String,
    },
}

impl Mark {
    /// Reads a message; none where it is not one of ours.
    pub(crate) fn read(message: &str) -> Option<Self> {
        let mut words = message.split(' ');
        if words.next() != Some(FIRST) {
            return None;
        }
        let second = words.next()?;
        if let Some(run) = second.strip_prefix(OF) {
            return Some(Self::Rollback { run: run.to_owned() });
        }
        let from = words.next()?.strip_prefix(FROM)?;
        let from = (from != NONE).then(|| from.to_owned());
        Some(Self::Run { run: second.to_owned(), from, is_sealed: words.next() == Some(SEALED) })
    }

    /// Whether it says that this run is whole.
    pub(crate) fn is_sealed_by(&self, name: &str) -> bool {
        matches!(self, Self::Run { run, is_sealed: true, .. } if run == name)
    }

    /// The run that it belongs to.
    pub(crate) fn run(&self) -> &str {
        match self {
            Self::Run { run, .. } | Self::Rollback { run } => run,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { run, from, is_sealed } => {
                write!(f, "{FIRST} {run} {FROM}{}", from.as_deref().unwrap_or(NONE))?;
                if *is_sealed { write!(f, " {SEALED}") } else { Ok(()) }
            }
            Self::Rollback { run } => write!(f, "{FIRST} {OF}{run}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let id = "3f2c1b7e-0000-4000-8000-1234567890ab".to_owned();
        for mark in [
            Mark::Run { run: "1a2b3c4d".to_owned(), from: Some(id), is_sealed: false },
            Mark::Run { run: "1a2b3c4d".to_owned(), from: None, is_sealed: true },
            Mark::Rollback { run: "1a2b3c4d".to_owned() },
        ] {
            let text = mark.to_string();
            assert_eq!(Mark::read(&text), Some(mark), "{text}");
            assert!(text.len() <= 100, "the platform takes no longer message");
        }
    }

    #[test]
    fn messages_of_others_are_none() {
        for text in ["", "octavo", "octavo 1a2b", "octavo 1a2b by hand", "Rollback by me", "octavo-gateway from=none"] {
            assert_eq!(Mark::read(text), None, "{text}");
        }
    }
}
