//! Facebook. It gives no ID token: its Graph API tells who an access token is of.

use alloc::format;

use super::{Details, Kind, OF_OAUTH, details};

/// The version of the Graph API where none is given.
const VERSION: &str = "v17.0";

pub(super) const KIND: Kind = Kind {
    required: &["authorize_scopes", "client_id", "client_secret"],
    optional: &["api_version"],
    common: OF_OAUTH,
    secret: "client_secret",
    tells_secret: true,
    id: "id",
    derived,
};

fn derived(given: &Details) -> Details {
    let version = given.get("api_version").map_or(VERSION, |given| given);
    details([
        ("api_version", version.into()),
        (
            "attributes_url",
            format!("https://graph.facebook.com/{version}/me?fields="),
        ),
        ("attributes_url_add_attributes", "true".into()),
        (
            "authorize_url",
            format!("https://www.facebook.com/{version}/dialog/oauth"),
        ),
        ("token_request_method", "GET".into()),
        (
            "token_url",
            format!("https://graph.facebook.com/{version}/oauth/access_token"),
        ),
    ])
}
