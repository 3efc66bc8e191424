//! AWS Signature Version 4, in the `Authorization` header or in the query: what administrators and holders of temporary
//! credentials sign requests with.
//!
//! ```text
//! canonical request = method \n path \n query \n (name:value\n)* \n signed header names \n hex(H(body))
//! string to sign    = "AWS4-HMAC-SHA256" \n date \n scope \n hex(H(canonical request))
//! key               = HMAC chain of "AWS4"+secret over day, region, service, "aws4_request"
//! signature         = hex(HMAC(key, string to sign))
//! ```
//!
//! After "Create a signed AWS API request" of the AWS IAM user guide, checked on the values of its public test suite; paths are
//! encoded as all services but S3 do, and for the service `s3` as that does. The body is the one that was received,
//! unless [`Payloads`] says otherwise; [`verify_body`] takes those in signed chunks, too. A request can be sent again within the five minutes that its date is good
//! for, a presigned address for as long as it says.
//!
//! ```
//! use userpool_crypto::secret::SecretText;
//! use userpool_crypto::sigv4::{Authorization, Credentials, Expectation, Payloads, Request, sign, verify};
//!
//! let secret = SecretText::new("secret key".into());
//! let headers = [("host", "127.0.0.1:9229"), ("x-amz-target", "AWSCognitoIdentityProviderService.ListUserPools")];
//! let request = Request { method: "POST", path: "/", query: "", headers: &headers, body: b"{}" };
//! let credentials =
//!     Credentials { access_key_id: "AKID", secret: &secret, region: "us-east-1", service: "cognito-idp" };
//! let signed = sign(&request, &credentials, 1_440_938_160);
//!
//! let headers = [headers[0], headers[1], ("X-Amz-Date", &signed.date)];
//! let received = Request { headers: &headers, ..request };
//! let authorization = Authorization::parse(&signed.authorization)?;
//! assert_eq!(authorization.access_key_id(), "AKID");
//! let expected = Expectation {
//!     service: "cognito-idp",
//!     region: None,
//!     signed_headers: &["host", "x-amz-date", "x-amz-target"],
//!     payloads: Payloads::Covered,
//!     now: 1_440_938_170,
//! };
//! verify(&authorization, &received, &secret, &expected)?;
//! # Ok::<(), userpool_crypto::sigv4::SigV4Error>(())
//! ```

mod authorization;
mod canonical;
mod chunks;
mod date;
mod error;
mod verify;

pub use authorization::Authorization;
pub use canonical::Request;
pub use date::WINDOW_SECONDS;
pub use error::SigV4Error;
pub use verify::{Credentials, Expectation, Payloads, Signed, sign, verify, verify_body};

/// The only algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The last part of every scope.
const TERMINATOR: &str = "aws4_request";
