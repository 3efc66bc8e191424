//! Google. What its ID token does not tell is asked of its People API.

use super::{Details, Kind, OF_OAUTH, details};

pub(super) const KIND: Kind = Kind {
    required: &["authorize_scopes", "client_id", "client_secret"],
    optional: &["oidc_issuer"],
    common: OF_OAUTH,
    secret: "client_secret",
    tells_secret: true,
    id: "sub",
    derived,
};

fn derived(_: &Details) -> Details {
    details([
        (
            "attributes_url",
            "https://people.googleapis.com/v1/people/me?personFields=".into(),
        ),
        ("attributes_url_add_attributes", "true".into()),
        (
            "authorize_url",
            "https://accounts.google.com/o/oauth2/v2/auth".into(),
        ),
        (
            "jwks_uri",
            "https://www.googleapis.com/oauth2/v3/certs".into(),
        ),
        ("oidc_issuer", "https://accounts.google.com".into()),
        ("token_request_method", "POST".into()),
        (
            "token_url",
            "https://www.googleapis.com/oauth2/v4/token".into(),
        ),
    ])
}
