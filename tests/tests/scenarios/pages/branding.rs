//! Styles, terms documents, and the certificate of a pool.

use serde_json::{Value, json};
use userpool_core::model::keys;
use userpool_crypto::base64;
use userpool_tests::scene::Scene;

#[test]
fn a_style_is_made_merged_shown_and_deleted() {
    let scene = Scene::with_pool();
    let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client,
        "Settings": {"categories": {"form": {"a": 1, "b": 2}}, "components": {"x": true}},
        "Assets": [{"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": "AAAA"}]});
    let made = scene.call("CreateManagedLoginBranding", body)["ManagedLoginBranding"].clone();
    let of_client = json!({"UserPoolId": scene.pool, "ClientId": scene.client});
    let shown = || {
        let reply = scene.call("DescribeManagedLoginBrandingByClient", of_client.clone());
        reply["ManagedLoginBranding"].clone()
    };
    assert_eq!(shown(), made);
    let named =
        json!({"UserPoolId": scene.pool, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]});

    let mut change = named.clone();
    change["Settings"] = json!({"categories": {"form": {"b": 3}}});
    change["Assets"] = json!([
        {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": "BBBB"},
        {"Category": "FORM_LOGO", "ColorMode": "DARK", "Extension": "PNG", "Bytes": "CCCC"}]);
    scene.call("UpdateManagedLoginBranding", change);
    let merged = shown();
    assert_eq!(
        merged["Settings"],
        json!({"categories": {"form": {"a": 1, "b": 3}}, "components": {"x": true}})
    );
    let assets: Vec<&Value> = merged["Assets"]
        .as_array()
        .expect("assets")
        .iter()
        .collect();
    assert_eq!(assets.len(), 2);
    assert_eq!(assets[0]["Bytes"], "BBBB");

    let mut plain = named.clone();
    plain["UseCognitoProvidedValues"] = json!(true);
    scene.call("UpdateManagedLoginBranding", plain);
    assert!(shown().get("Settings").is_none());
    assert_eq!(scene.call("DeleteManagedLoginBranding", named), Value::Null);
    assert_eq!(
        scene.refusal("DescribeManagedLoginBrandingByClient", &of_client, ""),
        "ResourceNotFoundException: Managed login branding style does not exist."
    );
}

#[test]
fn a_large_style_is_kept_whole() {
    let scene = Scene::with_pool();
    let bytes = base64::encode(&vec![7; 300_000]);
    let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client,
        "Assets": [{"Category": "PAGE_BACKGROUND", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": bytes}]});
    let made = scene.call("CreateManagedLoginBranding", body)["ManagedLoginBranding"].clone();
    let named =
        json!({"UserPoolId": scene.pool, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]});
    let shown = scene.call("DescribeManagedLoginBranding", named);
    assert_eq!(
        shown["ManagedLoginBranding"]["Assets"][0]["Bytes"],
        json!(bytes)
    );
    // It goes with its client, and so do the client's documents.
    let terms = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "TermsName": "privacy-policy",
        "TermsSource": "LINK", "Enforcement": "NONE", "Links": {"cognito:default": "https://x"}});
    scene.call("CreateTerms", terms);
    scene.call(
        "DeleteUserPoolClient",
        json!({"UserPoolId": scene.pool, "ClientId": scene.client}),
    );
    let left = |kind| {
        let records = scene.records();
        records
            .iter()
            .filter(|(key, _)| keys::kind(key) == Some(kind))
            .count()
    };
    assert_eq!([b'b', b'g', b'@', b't', b'='].map(left), [0; 5]);
}

#[test]
fn terms_are_made_shown_changed_listed_and_deleted() {
    let scene = Scene::with_pool();
    let create = |name: &str| {
        let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "TermsName": name,
            "TermsSource": "LINK", "Enforcement": "NONE",
            "Links": {"cognito:default": "https://example.com/x", "cognito:french": "https://example.com/fr"}});
        scene.call("CreateTerms", body)["Terms"].clone()
    };
    let (terms, privacy) = (create("terms-of-use"), create("privacy-policy"));
    let named = |terms: &Value| json!({"UserPoolId": scene.pool, "TermsId": terms["TermsId"]});
    assert_eq!(scene.call("DescribeTerms", named(&terms))["Terms"], terms);
    let by_client =
        json!({"UserPoolId": scene.pool, "ClientId": scene.client, "TermsName": "privacy-policy"});
    assert_eq!(
        scene.call("DescribeTermsByClient", by_client)["Terms"],
        privacy
    );
    let mut change = named(&terms);
    change["Links"] = json!({"cognito:default": "https://example.com/new"});
    let changed = scene.call("UpdateTerms", change)["Terms"].clone();
    assert_eq!(
        changed["Links"],
        json!({"cognito:default": "https://example.com/new"})
    );
    let listed = scene.call(
        "ListTerms",
        json!({"UserPoolId": scene.pool, "MaxResults": 1}),
    );
    assert_eq!(listed["Terms"].as_array().expect("a list").len(), 1);
    assert!(listed["NextToken"].is_string() && listed["Terms"][0].get("Links").is_none());
    assert_eq!(scene.call("DeleteTerms", named(&terms)), Value::Null);
    create("terms-of-use");
}

#[test]
fn a_pool_has_one_certificate_for_good_and_it_is_signed_by_its_own_key() {
    let scene = Scene::with_pool();
    let get = || {
        let reply = scene.call("GetSigningCertificate", json!({"UserPoolId": scene.pool}));
        reply["Certificate"].as_str().expect("base64").to_owned()
    };
    let certificate = get();
    assert_eq!(get(), certificate);
    let der = base64::decode(&certificate).expect("base64");
    assert_eq!(der[..2], [0x30, 0x82]);
    assert_eq!(
        der.len(),
        4 + usize::from(u16::from_be_bytes([der[2], der[3]]))
    );
    let body = &der[4..der.len() - (2 + 13 + 4 + 1 + 256)];
    let signature = &der[der.len() - 256..];
    // The modulus stands behind its tag and length, with a zero before it.
    let at = body
        .windows(5)
        .position(|it| it == [0x02, 0x82, 0x01, 0x01, 0x00])
        .expect("a modulus");
    let modulus = &body[at + 5..at + 5 + 256];
    let key = userpool_crypto::rs256::PublicKey::new(modulus, &[1, 0, 1]).expect("a key");
    assert!(key.verify(body, signature));
    assert!(
        body.windows(scene.pool.len())
            .any(|it| it == scene.pool.as_bytes())
    );
}
