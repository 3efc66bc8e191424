//! What the journey of the AWS SDK for Rust needs beside the SDK: the message file and the client's side of SRP.

pub mod inbox;
pub mod server;
pub mod srp;
