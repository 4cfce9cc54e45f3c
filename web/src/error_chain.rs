//! An error with its causes, for the log.

use std::error::Error;

/// The error and every cause below it, joined by `: `. For logs alone: causes may name files, hosts and statements.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut chain = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        next = cause.source();
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the store can't be read")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("the disk failed")]
    struct Inner;

    #[test]
    fn every_cause_is_named() {
        assert_eq!(error_chain(&Outer(Inner)), "the store can't be read: the disk failed");
        assert_eq!(error_chain(&Inner), "the disk failed");
    }
}
