//! Login with Amazon. It gives no ID token: its profile endpoint tells who an access token is of.

use super::{Details, Kind, OF_OAUTH, details};

pub(super) const KIND: Kind = Kind {
    required: &["authorize_scopes", "client_id", "client_secret"],
    optional: &[],
    common: OF_OAUTH,
    secret: "client_secret",
    tells_secret: true,
    id: "user_id",
    derived,
};

fn derived(_: &Details) -> Details {
    details([
        (
            "attributes_url",
            "https://api.amazon.com/user/profile".into(),
        ),
        ("attributes_url_add_attributes", "false".into()),
        ("authorize_url", "https://www.amazon.com/ap/oa".into()),
        ("token_request_method", "POST".into()),
        ("token_url", "https://api.amazon.com/auth/o2/token".into()),
    ])
}
