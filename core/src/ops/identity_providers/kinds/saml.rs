//! Providers that speak SAML 2.0; who they are, where browsers are sent, and their keys stand in their metadata.

use super::{Details, Kind, details};

pub(super) const KIND: Kind = Kind {
    required: &[],
    optional: &[
        "EncryptedResponses",
        "IDPInit",
        "IDPSignout",
        "MetadataFile",
        "MetadataURL",
        "RequestSigningAlgorithm",
    ],
    // What answers add and requests may repeat.
    common: &[
        "ActiveEncryptionCertificate",
        "SLORedirectBindingURI",
        "SSORedirectBindingURI",
    ],
    // It has none.
    secret: "",
    tells_secret: false,
    id: "NameID",
    derived,
};

fn derived(_: &Details) -> Details {
    details([])
}
