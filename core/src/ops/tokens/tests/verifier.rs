//! The verifier that stands alone, on tokens that the engine gave out.

use alloc::{format, string::String};

use userpool_crypto::base64;

use super::*;
use crate::{
    ops::tokens::keys::jwks,
    verify::{Invalid, TokenUse, Verifier},
};

fn setup() -> (World, Verifier, Tokens) {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    let set = world.run(|cx| jwks(cx, POOL)).unwrap();
    let verifier = Verifier::new(&set, ISSUER).unwrap();
    (world, verifier, tokens)
}

#[test]
fn an_id_token_has_its_claims_in_the_order_of_the_service() {
    let (_, _, tokens) = setup();
    let claims = base64::decode_url(tokens.id.split('.').nth(1).unwrap()).unwrap();
    let claims = String::from_utf8(claims).unwrap();
    let names: Vec<&str> = claims
        .split(['{', ','])
        .filter_map(|member| member.strip_prefix('"')?.split('"').next())
        .collect();
    assert_eq!(
        names,
        [
            "sub",
            "email_verified",
            "iss",
            "phone_number_verified",
            "cognito:username",
            "origin_jti",
            "aud",
            "event_id",
            "token_use",
            "auth_time",
            "exp",
            "iat",
            "jti",
            "email",
            "phone_number",
        ]
    );
}

#[test]
fn a_good_token_gives_its_claims() {
    let (world, verifier, tokens) = setup();
    let now = world.now.secs();
    let id = verifier.verify_id(&tokens.id, &[CLIENT], now).unwrap();
    assert_eq!(id.token_use(), TokenUse::Id);
    assert_eq!(id.subject(), "34c84488-e0e1-70ae-d2ee-991ad1a898c8");
    assert_eq!(id.username(), Some("jane"));
    assert_eq!(id.client_id(), CLIENT);
    assert_eq!(id.issuer(), ISSUER);
    assert_eq!(id.flag("email_verified"), Some(true));
    assert_eq!(id.flag("phone_number_verified"), Some(false));
    assert_eq!(id.text("email"), Some("Jane@example.com"));
    assert_eq!(id.text("custom:team"), None);
    assert_eq!(id.text("dev:custom:score"), None);
    assert_eq!((id.issued(), id.expires()), (now, now + 3_600));
    assert_eq!(id.signed_in(), Some(now));

    let clients = [OTHER_CLIENT, CLIENT];
    let access = verifier
        .verify_access(&tokens.access, &clients, now)
        .unwrap();
    assert_eq!(access.token_use(), TokenUse::Access);
    assert_eq!(access.username(), Some("jane"));
    assert_eq!(access.text("email"), None);
    assert_eq!(access.text("aud"), None);
    assert!(access.scopes().eq(["aws.cognito.signin.user.admin"]));
    for same in ["origin_jti", "event_id"] {
        assert_eq!(access.text(same), id.text(same), "{same}");
    }
    assert_ne!(access.text("jti"), id.text("jti"));
}

#[test]
fn a_client_with_a_read_list_sees_that_list_in_id_tokens() {
    let mut world = World::new();
    world.change_client(CLIENT, |client| {
        client.read = Some(["custom:team".into(), "dev:custom:score".into()].into());
    });
    let tokens = world.sign_in(CLIENT);
    let set = world.run(|cx| jwks(cx, POOL)).unwrap();
    let verifier = Verifier::new(&set, ISSUER).unwrap();
    let id = verifier
        .verify_id(&tokens.id, &[CLIENT], world.now.secs())
        .unwrap();
    assert_eq!(id.text("custom:team"), Some("blue"));
    assert_eq!(id.text("email"), None);
    assert_eq!(id.flag("email_verified"), None);
    assert_eq!(id.text("dev:custom:score"), None);
}

#[test]
fn each_flaw_has_its_reason() {
    let (world, verifier, tokens) = setup();
    let now = world.now.secs();
    let check = |token: &str| verifier.verify_access(token, &[CLIENT], now).err();
    assert_eq!(check(&tokens.access), None);
    assert_eq!(check(&tokens.id), Some(Invalid::Use));
    assert_eq!(check(tokens.refresh()), Some(Invalid::Malformed));
    let (front, signature) = tokens.access.rsplit_once('.').unwrap();
    let (header, payload) = front.split_once('.').unwrap();
    assert_eq!(check(&format!("{front}.")), Some(Invalid::Signature));
    let other = base64::encode_url(br#"{"kid":"k","alg":"RS256"}"#);
    assert_eq!(
        check(&format!("{other}.{payload}.{signature}")),
        Some(Invalid::UnknownKey)
    );
    let none = base64::encode_url(br#"{"kid":"k","alg":"none"}"#);
    assert_eq!(
        check(&format!("{none}.{payload}.")),
        Some(Invalid::Algorithm)
    );
    let claims = base64::encode_url(b"{}");
    assert_eq!(
        check(&format!("{header}.{claims}.{signature}")),
        Some(Invalid::Signature)
    );
    for (token, clients, at, expected) in [
        (&tokens.access, &[OTHER_CLIENT][..], now, Invalid::Client),
        (&tokens.access, &[], now, Invalid::Client),
        (&tokens.access, &[CLIENT], now + 3_600, Invalid::Expired),
    ] {
        assert_eq!(verifier.verify_access(token, clients, at), Err(expected));
    }
    assert_eq!(
        verifier.verify_id(&tokens.access, &[CLIENT], now),
        Err(Invalid::Use)
    );
}

#[test]
fn another_issuer_is_refused_though_its_keys_are_the_same() {
    let (mut world, _, tokens) = setup();
    let set = world.run(|cx| jwks(cx, POOL)).unwrap();
    for issuer in [
        "https://id.example.com/us-east-1_Other0001",
        "https://id.example.com/us-east-1_AbCdEf123/",
        "",
    ] {
        let verifier = Verifier::new(&set, issuer).unwrap();
        let end = verifier.verify_access(&tokens.access, &[CLIENT], world.now.secs());
        assert_eq!(end, Err(Invalid::Issuer));
    }
}

#[test]
fn a_text_that_is_no_key_set_is_refused() {
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}]}"#,
        r#"{"keys":[{"kty":"RSA","kid":"k"}]}"#,
    ] {
        assert!(Verifier::new(bad, ISSUER).is_err(), "{bad}");
    }
    let foreign = r#"{"keys":[{"kty":"EC","kid":"k"},{"kty":"oct"},{"kty":"RSA","use":"enc"}]}"#;
    assert!(Verifier::new(foreign, ISSUER).is_ok());
}
