//! The key set, the discovery document, and rotation.

use serde_json::Value;

use super::*;
use crate::{
    model::signing::{ANNOUNCED, RETIRED},
    ops::tokens::keys::{discovery, jwks, rotate_signing_keys},
    verify::{Invalid, Verifier},
};

fn key_set(world: &mut World) -> String {
    world.run(|cx| jwks(cx, POOL)).unwrap()
}

fn verifier(world: &mut World) -> Verifier {
    Verifier::new(&key_set(world), ISSUER).unwrap()
}

#[test]
fn a_pool_without_keys_gets_them_when_its_key_set_is_first_read() {
    let mut world = World::new();
    let set = key_set(&mut world);
    assert_eq!(world.steps, ["load", "load", "work", "commit", "load"]);
    assert_eq!(key_set(&mut world), set);
    assert_eq!(world.steps, ["load", "load"]);
    let parsed: Value = serde_json::from_str(&set).unwrap();
    let keys = parsed["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert_eq!(key["alg"], "RS256");
        assert_eq!(key["e"], "AQAB");
        assert_eq!(key["kty"], "RSA");
        assert_eq!(key["use"], "sig");
        assert_eq!(key["n"].as_str().unwrap().len(), 342);
        assert_eq!(key["kid"].as_str().unwrap().len(), 44);
    }
    let tokens = world.sign_in(CLIENT);
    assert!(tokens.access.starts_with("eyJraWQiOi"));
    assert_eq!(key_set(&mut world), set);
}

#[test]
fn the_two_tokens_of_a_sign_in_are_signed_by_two_keys_side_by_side() {
    let mut world = World::new();
    let _ = key_set(&mut world);
    let tokens = world.sign_in(CLIENT);
    assert_eq!(
        world.steps,
        [
            "load", "load", "load", "load", "load", "load", "load", "commit", "work"
        ]
    );
    let header = |token: &str| String::from(token.split('.').next().unwrap());
    assert_ne!(header(&tokens.id), header(&tokens.access));
}

#[test]
fn an_unknown_pool_has_no_documents() {
    let mut world = World::new();
    for end in [
        world.run(|cx| jwks(cx, "us-east-1_None00000")),
        world.run(|cx| discovery(cx, "us-east-1_None00000")),
    ] {
        assert_eq!(
            alloc::format!("{}", end.unwrap_err()),
            "ResourceNotFoundException: User pool us-east-1_None00000 does not exist."
        );
    }
}

#[test]
fn the_discovery_document_names_the_exact_issuer_and_this_server() {
    let mut world = World::new();
    let text = world.run(|cx| discovery(cx, POOL)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["issuer"], ISSUER);
    for (name, path) in [
        ("jwks_uri", ".well-known/jwks.json"),
        ("authorization_endpoint", "oauth2/authorize"),
        ("token_endpoint", "oauth2/token"),
        ("userinfo_endpoint", "oauth2/userInfo"),
        ("revocation_endpoint", "oauth2/revoke"),
        ("end_session_endpoint", "logout"),
    ] {
        assert_eq!(document[name], alloc::format!("{ISSUER}/{path}"), "{name}");
    }
}

#[test]
fn tokens_verify_before_while_and_after_their_key_is_replaced() {
    let mut world = World::new();
    let clients = [CLIENT];
    let check = |verifier: &Verifier, tokens: &Tokens, now: Timestamp| {
        let id = verifier.verify_id(&tokens.id, &clients, now.secs());
        let access = verifier.verify_access(&tokens.access, &clients, now.secs());
        id.and(access).map(|_| ())
    };
    let before = world.sign_in(CLIENT);
    world.run(|cx| rotate_signing_keys(cx, POOL)).unwrap();
    // A copy of the key set from the announcement serves tokens of both keys.
    let kept = verifier(&mut world);
    let announced = world.sign_in(CLIENT);
    world.wait(ANNOUNCED.as_secs());
    let replaced = world.sign_in(CLIENT);
    assert_eq!(check(&kept, &replaced, world.now), Ok(()));
    assert_eq!(check(&kept, &before, world.now), Err(Invalid::Expired));
    let earlier = Timestamp::from_secs(world.now.secs() - 10);
    assert_eq!(check(&verifier(&mut world), &before, earlier), Ok(()));
    assert_eq!(check(&verifier(&mut world), &announced, earlier), Ok(()));
    world.wait(RETIRED.as_secs());
    let fresh = verifier(&mut world);
    assert!(!fresh.knows_key_of(&announced.access));
    assert!(fresh.knows_key_of(&replaced.access));
}

#[test]
fn a_second_rotation_waits_for_the_first() {
    let mut world = World::new();
    let names = world.run(|cx| rotate_signing_keys(cx, POOL)).unwrap();
    assert_eq!(names.len(), 2);
    let end = world.run(|cx| rotate_signing_keys(cx, POOL)).unwrap_err();
    assert_eq!(end.name(), "InvalidParameterException");
    world.wait(ANNOUNCED.as_secs());
    assert!(world.run(|cx| rotate_signing_keys(cx, POOL)).is_ok());
}
