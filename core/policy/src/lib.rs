//! Role policies: whether somebody who holds credentials of an identity pool may do something, by IAM's JSON documents.
//!
//! A role of an identity pool is a name (an ARN). What it may do is said by policies in the language that owners of
//! identity pools write already ("IAM JSON policy reference" of the AWS IAM user guide), and decided here: a pure function of
//! documents, caller, action and resource. **An explicit `Deny` wins, and what nothing allows is not allowed.**
//!
//! | element | what is taken |
//! |---|---|
//! | `Version` | `2012-10-17`, and it must be there |
//! | `Id`, `Sid` | any text |
//! | `Statement` | one, or a list |
//! | `Effect` | `Allow`, `Deny` |
//! | `Action`, `NotAction` | `*` or `service:name`, in any case, with `*` and `?`; one or a list |
//! | `Resource`, `NotResource` | `*` or `arn:…`, with `*`, `?` and variables; one or a list |
//! | `Condition` | `StringEquals`, `StringNotEquals`, `StringEqualsIgnoreCase`, `StringNotEqualsIgnoreCase`, `StringLike`, `StringNotLike`, and `ForAnyValue:` before those that do not negate |
//! | keys of conditions | `cognito-identity.amazonaws.com:aud`, `:sub` and, with `ForAnyValue:`, `:amr`; `aws:PrincipalTag/<name>`; in any case |
//! | variables | `${cognito-identity.amazonaws.com:aud}`, `:sub`, `${aws:PrincipalTag/<name>}`, and `${*}`, `${?}`, `${$}` for those letters |
//!
//! Everything else is an error that names it ([`InvalidPolicy`]), an element that is there twice included: a condition that
//! nobody evaluates must not look like one that holds. Who sends the request, from where and when are no keys here.
//!
//! - A wildcard matches any letters, colons and slashes too. What a variable stands for matches itself alone, whatever
//!   letters it has.
//! - A pattern whose variable has no value matches nothing; and what an `Allow` would let through because of that, by
//!   `NotResource` or a negated operator, it does not.
//! - Without a value for its key an operator does not hold, and a negated one does.
//!
//! Why these documents and not Cedar: owners of identity pools have them, Amplify and the AWS console write them, and the
//! roles that they belong to are the same; policies in another language would have to be translated, by hand, exactly where a mistake
//! opens something. `cedar-policy` is also a parser generator, a schema language and a validator, and needs `std`;
//! what is needed of it is a page.
//!
//! ```
//! use userpool_policy::{Policy, Question, Verdict, evaluate};
//!
//! let policy = Policy::parse(r#"{
//!     "Version": "2012-10-17",
//!     "Statement": {
//!         "Effect": "Allow",
//!         "Action": "s3:GetObject",
//!         "Resource": "arn:aws:s3:::photos/${cognito-identity.amazonaws.com:sub}/*"
//!     }
//! }"#)?;
//! let question = Question {
//!     action: "s3:GetObject",
//!     resource: "arn:aws:s3:::photos/us-east-1:bbbb/cat.jpg",
//!     pool: "us-east-1:aaaa",
//!     identity: "us-east-1:bbbb",
//!     providers: &["unauthenticated".into()],
//!     tags: &Default::default(),
//! };
//! assert_eq!(evaluate([&policy], &question), Verdict::Allowed);
//! let another = Question { identity: "us-east-1:cccc", ..question };
//! assert_eq!(evaluate([&policy], &another), Verdict::NotAllowed);
//! # Ok::<(), userpool_policy::InvalidPolicy>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod condition;
mod document;
mod evaluate;
mod json;
mod pattern;

pub use document::{InvalidPolicy, Policy};
pub use evaluate::{Question, Verdict, evaluate};
