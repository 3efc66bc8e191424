//! The server under test: its administrator's client, and its refusals.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::Builder;

/// An administrator's client of the server under test.
///
/// # Panics
///
/// If the environment does not name the server and the administrator.
pub fn client() -> Client {
    let credentials = Credentials::new(
        env::var("AWS_ACCESS_KEY_ID").expect("the environment is set"),
        env::var("AWS_SECRET_ACCESS_KEY").expect("the environment is set"),
        None,
        None,
        "journey",
    );
    let config = aws_sdk_cognitoidentityprovider::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(env::var("USERPOOL_ENDPOINT").expect("the environment is set"))
        .credentials_provider(credentials)
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// An address that no other journey uses.
///
/// # Panics
///
/// If the clock is before 1970.
pub fn unique_address() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    format!("rust-{}@example.com", now.as_nanos())
}

/// The name and text of a refusal.
///
/// # Panics
///
/// If the call failed otherwise.
pub fn told<E: ProvideErrorMetadata + std::fmt::Debug>(refusal: &SdkError<E>) -> (String, String) {
    let name = refusal
        .code()
        .unwrap_or_else(|| panic!("not a refusal: {refusal:?}"));
    (
        name.to_owned(),
        refusal.message().unwrap_or_default().to_owned(),
    )
}
