//! Providers that speak OpenID Connect; their endpoints come from their discovery document, or are given.

use super::{Details, Kind, OF_OAUTH, details};

pub(super) const KIND: Kind = Kind {
    required: &[
        "attributes_request_method",
        "authorize_scopes",
        "client_id",
        "oidc_issuer",
    ],
    optional: &[],
    common: OF_OAUTH,
    secret: "client_secret",
    tells_secret: true,
    id: "sub",
    derived,
};

fn derived(_: &Details) -> Details {
    details([("attributes_url_add_attributes", "false".into())])
}
