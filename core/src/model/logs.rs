//! What a pool logs, and where to.

use alloc::string::String;

use crate::cbor::Cbor;

/// One of the logs of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct LogRule {
    /// What is logged.
    #[n(0)]
    pub source: LogSource,
    /// What its destination is.
    #[n(1)]
    pub target: LogTarget,
    /// The ARN of the destination.
    #[n(2)]
    pub arn: String,
}

/// What is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(index_only)]
pub enum LogSource {
    /// Messages that could not be delivered (`userNotification`, level `ERROR`).
    #[n(0)]
    Notifications,
    /// What threat protection sees (`userAuthEvents`, level `INFO`).
    #[n(1)]
    AuthEvents,
}

/// What a destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(index_only)]
pub enum LogTarget {
    /// A log group of CloudWatch.
    #[n(0)]
    Group,
    /// A bucket of S3.
    #[n(1)]
    Bucket,
    /// A stream of Firehose.
    #[n(2)]
    Stream,
}
