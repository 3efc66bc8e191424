//! Sign in with Apple. The pool proves itself by a token that its private key signs; all that Apple tells stands in
//! the ID token, and a name in the form that comes with the first code.

use super::{Details, Kind, OF_OAUTH, details};

pub(super) const KIND: Kind = Kind {
    required: &[
        "authorize_scopes",
        "client_id",
        "key_id",
        "private_key",
        "team_id",
    ],
    optional: &["oidc_issuer"],
    common: OF_OAUTH,
    secret: "private_key",
    tells_secret: false,
    id: "sub",
    derived,
};

fn derived(_: &Details) -> Details {
    details([
        ("attributes_url_add_attributes", "false".into()),
        (
            "authorize_url",
            "https://appleid.apple.com/auth/authorize".into(),
        ),
        ("jwks_uri", "https://appleid.apple.com/auth/keys".into()),
        ("oidc_issuer", "https://appleid.apple.com".into()),
        ("token_request_method", "POST".into()),
        ("token_url", "https://appleid.apple.com/auth/token".into()),
    ])
}
