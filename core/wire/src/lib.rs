//! Request and reply shapes of the Cognito APIs, their constraints, and the list of their operations.
//!
//! The shapes in [`idp`] (user pools) and [`identity`] (identity pools) are generated from the service models in
//! `model/`; what reads, writes and checks them is written by hand.
//!
//! ```
//! use userpool_wire::idp::{AuthFlowType, InitiateAuthRequest};
//! use userpool_wire::{Request, parse};
//!
//! let body = br#"{"AuthFlow":"USER_SRP_AUTH","ClientId":"1example23456789"}"#;
//! let request: InitiateAuthRequest = parse(body)?;
//! assert_eq!(request.auth_flow, AuthFlowType::UserSrpAuth);
//! assert_eq!(request.client_id.as_str(), "1example23456789");
//! assert_eq!(InitiateAuthRequest::OPERATION.name, "InitiateAuth");
//! # Ok::<(), userpool_wire::Rejection>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[macro_use]
#[rustfmt::skip]
mod generated;
mod check;
mod operation;
mod parse;
mod pattern;
mod read;
mod rule;
mod scalar;
mod secret;
mod shape;
mod wording;
mod write;

#[cfg(test)]
mod tests;

pub use generated::operations::OPERATIONS;
pub use generated::{identity, idp};
pub use operation::{Auth, OperationSpec, Request, Service, find};
pub use parse::{Rejection, parse, parse_reply, render};
pub use read::{Decode, Json};
pub use scalar::{Blob, Document, Empty, Timestamp};
pub use secret::{Sensitive, Wipe};
pub use write::{Encode, Writer};
