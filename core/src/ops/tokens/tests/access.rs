//! What the access token check accepts, and everything it does not.

use alloc::{format, string::String};

use userpool_crypto::{base64, digest::hmac_sha256};
use userpool_wire::idp::GetUserRequest;

use super::*;
use crate::{model::grant::Grant, ops::tokens::get_user::get_user};

fn ask(world: &mut World, token: &str) -> Result<(), String> {
    let request = GetUserRequest {
        access_token: token.into(),
    };
    match world.run(move |cx| get_user(cx, &request)) {
        Ok(_) => Ok(()),
        Err(failure) => Err(format!("{failure}")),
    }
}

fn refused(world: &mut World, token: &str) -> String {
    ask(world, token).expect_err("a refusal")
}

const INVALID: &str = "NotAuthorizedException: Invalid Access Token";
const EXPIRED: &str = "NotAuthorizedException: Access Token has expired";
const REVOKED: &str = "NotAuthorizedException: Access Token has been revoked";

/// A token of other header or claims under the signature of a good one.
fn changed(token: &str, header: Option<(&str, &str)>, claims: Option<(&str, &str)>) -> String {
    let mut parts = token.split('.').map(String::from).collect::<Vec<_>>();
    for (part, change) in [header, claims].into_iter().enumerate() {
        if let Some((from, to)) = change {
            let text = String::from_utf8(base64::decode_url(&parts[part]).unwrap()).unwrap();
            assert!(text.contains(from), "{text} has no {from}");
            parts[part] = base64::encode_url(text.replace(from, to).as_bytes());
        }
    }
    parts.join(".")
}

#[test]
fn a_fresh_token_speaks_for_its_user_with_the_attributes_that_the_client_may_read() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    let request = GetUserRequest {
        access_token: tokens.access.as_str().into(),
    };
    let reply = world.run(move |cx| get_user(cx, &request)).unwrap();
    let shown: Vec<(&str, &str)> = reply
        .user_attributes
        .iter()
        .map(|shown| (shown.name.as_str(), shown.value.as_ref().unwrap().as_str()))
        .collect();
    assert_eq!(reply.username.as_str(), "jane");
    assert_eq!(
        shown,
        [
            ("sub", "34c84488-e0e1-70ae-d2ee-991ad1a898c8"),
            ("email", "Jane@example.com"),
            ("email_verified", "true"),
            ("phone_number", "+15550100"),
            ("phone_number_verified", "false"),
        ]
    );
    assert_eq!(world.steps, ["load", "work", "load"]);
}

#[test]
fn a_verified_flag_counts_only_while_the_alias_points_back() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    world
        .run(|cx| {
            let key = record::alias(POOL, AliasKind::Email, "jane@example.com");
            let held = cx.get::<Alias>(&key)?.expect("an alias");
            let sub = Sub::new([5; 16]);
            cx.update(&held, &Alias { sub });
            Ok(())
        })
        .unwrap();
    let request = GetUserRequest {
        access_token: tokens.access.as_str().into(),
    };
    let reply = world.run(move |cx| get_user(cx, &request)).unwrap();
    let flag = reply
        .user_attributes
        .iter()
        .find(|shown| shown.name == "email_verified");
    assert_eq!(flag.unwrap().value.as_ref().unwrap().as_str(), "false");
}

#[test]
fn a_token_without_a_good_signature_is_refused() {
    let mut world = World::new();
    let token = world.sign_in(CLIENT).access;
    let other = world.sign_in(CLIENT).access;
    let (front, signature) = token.rsplit_once('.').unwrap();
    let (_, other_signature) = other.rsplit_once('.').unwrap();
    let unsigned = changed(&token, Some(("RS256", "none")), None);
    let (unsigned_front, _) = unsigned.rsplit_once('.').unwrap();
    let hs256 = changed(&token, Some(("RS256", "HS256")), None);
    let (hs256_front, _) = hs256.rsplit_once('.').unwrap();
    let key = world.run(|cx| super::super::keys::jwks(cx, POOL)).unwrap();
    let mac = base64::encode_url(&hmac_sha256(key.as_bytes(), &[hs256_front.as_bytes()]));
    for bad in [
        String::new(),
        "a.b.c".into(),
        front.into(),
        format!("{front}."),
        format!("{front}.{other_signature}"),
        format!("{unsigned_front}."),
        format!("{unsigned_front}.{signature}"),
        hs256.clone(),
        format!("{hs256_front}.{mac}"),
        changed(&token, Some(("RS256", "RS512")), None),
        changed(&token, Some((r#"{"kid":""#, r#"{"kid":"x"#)), None),
        changed(&token, None, Some((r#""jane""#, r#""joan""#))),
        changed(&token, None, Some(("\"exp\":1", "\"exp\":2"))),
        changed(&token, None, Some(("access", "id"))),
        changed(&token, None, Some((POOL, OTHER_POOL))),
        changed(&token, None, Some(("https://id", "https://di"))),
    ] {
        assert_eq!(refused(&mut world, &bad), INVALID, "{bad}");
    }
    assert_eq!(ask(&mut world, &token), Ok(()));
}

#[test]
fn every_changed_letter_is_refused() {
    let mut world = World::new();
    let token = world.sign_in(CLIENT).access;
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let bad = String::from_utf8(bytes).unwrap();
        assert_eq!(refused(&mut world, &bad), INVALID, "letter {at}");
    }
}

#[test]
fn an_id_token_and_a_refresh_token_are_no_access_tokens() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    assert_eq!(refused(&mut world, &tokens.id), INVALID);
    assert_eq!(refused(&mut world, tokens.refresh()), INVALID);
}

#[test]
fn a_token_of_one_pool_is_nothing_in_another_of_the_same_key() {
    let mut world = World::new();
    let token = world.sign_in(CLIENT).access;
    world
        .run(|cx| {
            let ours = cx.get::<crate::model::signing::SigningKeys>(&record::signing_keys(POOL))?;
            let ours = ours.expect("signing keys").value().as_ref().clone();
            cx.insert(&record::signing_keys(OTHER_POOL), &ours);
            Ok(())
        })
        .unwrap();
    let foreign = changed(&token, None, Some((POOL, OTHER_POOL)));
    assert_eq!(refused(&mut world, &foreign), INVALID);
}

#[test]
fn a_token_runs_out_on_the_second() {
    let mut world = World::new();
    let token = world.sign_in(CLIENT).access;
    world.wait(3_599);
    assert_eq!(ask(&mut world, &token), Ok(()));
    world.wait(1);
    assert_eq!(refused(&mut world, &token), EXPIRED);
}

#[test]
fn a_disabled_user_is_told_so() {
    let mut world = World::new();
    let token = world.sign_in(CLIENT).access;
    world.change_jane(|head| {
        head.enabled = false;
        head.revocation_epoch += 1;
    });
    assert_eq!(
        refused(&mut world, &token),
        "NotAuthorizedException: User is disabled."
    );
    world.change_jane(|head| head.enabled = true);
    assert_eq!(refused(&mut world, &token), REVOKED);
}

#[test]
fn the_tokens_of_a_deleted_user_do_nothing_for_a_new_one_of_the_same_name() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    world.recreate_jane();
    assert_eq!(
        refused(&mut world, &tokens.access),
        "UserNotFoundException: User does not exist."
    );
    let fresh = world.sign_in(CLIENT);
    assert_eq!(ask(&mut world, &fresh.access), Ok(()));
}

#[test]
fn the_tokens_of_a_deleted_client_are_revoked() {
    let mut world = World::new();
    let token = world.sign_in(CLIENT).access;
    world
        .run(|cx| {
            let held = cx
                .get::<Client>(&record::client(CLIENT))?
                .expect("a client");
            cx.remove(&held);
            Ok(())
        })
        .unwrap();
    assert_eq!(refused(&mut world, &token), REVOKED);
}

#[test]
fn a_token_without_the_scope_is_refused() {
    let mut world = World::new();
    let token = world
        .run(|cx| {
            let party = parties::client(cx, CLIENT)?;
            let head = parties::known_user(cx, &party.pool, "jane")?;
            let profile = Profile::default();
            let mut live = issue::open_grant(cx, &party, (&head, &profile), None, Aim::default())?;
            live.grant.scopes = ["openid".into()].into();
            cx.check(&head);
            cx.land()?;
            issue::tokens(cx, &party, &head, &live, RefreshPart::Absent, None)
        })
        .unwrap();
    let token = Tokens::of(token).access;
    assert_eq!(
        refused(&mut world, &token),
        "NotAuthorizedException: Access Token does not have required scopes"
    );
}

#[test]
fn a_client_without_revocation_gets_no_jti_and_can_be_signed_out_all_the_same() {
    let mut world = World::new();
    world.change_client(CLIENT, |client| client.revocation = false);
    let tokens = world.sign_in(CLIENT);
    for token in [&tokens.id, &tokens.access] {
        let claims = base64::decode_url(token.split('.').nth(1).unwrap()).unwrap();
        let claims = String::from_utf8(claims).unwrap();
        assert!(!claims.contains("jti"), "{claims}");
        assert!(claims.contains(r#""event_id":""#), "{claims}");
    }
    assert_eq!(ask(&mut world, &tokens.access), Ok(()));
    world.change_jane(|head| head.revocation_epoch += 1);
    assert_eq!(refused(&mut world, &tokens.access), REVOKED);
}

#[test]
fn a_grant_that_is_gone_or_revoked_ends_its_access_tokens() {
    let mut world = World::new();
    for remove in [false, true] {
        let token = world.sign_in(CLIENT).access;
        let claims = base64::decode_url(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let id = claims["event_id"].as_str().unwrap();
        let id = crate::model::sub::parse_uuid(id).unwrap();
        world
            .run(move |cx| {
                let held = cx.get::<Grant>(&record::grant(POOL, &jane(), &id))?;
                let held = held.expect("a grant");
                if remove {
                    cx.remove(&held);
                } else {
                    cx.update_until(&held, &held.revoked(), Some(held.ends));
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(refused(&mut world, &token), REVOKED);
    }
}
