//! Refresh tokens: renewal, rotation, replay, and whose they are.

use alloc::{format, string::ToString};

use userpool_crypto::{base64, secret::SecretText, secret_hash::secret_hash};
use userpool_wire::idp::GetTokensFromRefreshTokenRequest;

use super::*;
use crate::ops::tokens::refresh::{get_tokens_from_refresh_token, refresh_flow};

/// The flow of InitiateAuth, with further parameters.
fn flow(
    world: &mut World,
    client: &'static str,
    token: &str,
    more: &[(&str, &str)],
) -> Result<Tokens, String> {
    let mut parameters: BTreeMap<String, String> = more
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    if !token.is_empty() {
        parameters.insert("REFRESH_TOKEN".into(), token.into());
    }
    world
        .run(move |cx| {
            let party = parties::client(cx, client)?;
            refresh_flow(cx, &party, Some(&parameters))
        })
        .map(Tokens::of)
        .map_err(|failure| failure.to_string())
}

/// The operation of its own, with a secret where the client has one.
fn operation(
    world: &mut World,
    client: &str,
    token: &str,
    secret: Option<&str>,
) -> Result<Tokens, String> {
    let request = GetTokensFromRefreshTokenRequest {
        refresh_token: token.into(),
        client_id: client.into(),
        client_secret: secret.map(Into::into),
        ..Default::default()
    };
    world
        .run(move |cx| get_tokens_from_refresh_token(cx, &request))
        .map(|reply| Tokens::of(reply.authentication_result.unwrap()))
        .map_err(|failure| failure.to_string())
}

fn rotating(world: &mut World, grace: u8) {
    world.change_client(CLIENT, move |client| {
        client.rotation_grace = Some(grace);
        client.flows.refresh = false;
    });
}

fn claims(token: &str) -> serde_json::Value {
    let bytes = base64::decode_url(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

const INVALID: &str = "NotAuthorizedException: Invalid Refresh Token";
const REVOKED: &str = "NotAuthorizedException: Refresh Token has been revoked";
const REUSED: &str = "RefreshTokenReuseException: Refresh Token has been used before";

#[test]
fn a_refresh_token_looks_like_an_encrypted_jwt_and_shows_nothing() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    let text = tokens.refresh();
    assert!(text.starts_with("eyJjdHkiOiJKV1Qi"));
    assert_eq!(text.split('.').count(), 5);
    assert!(
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte))
    );
}

#[test]
fn refreshed_tokens_keep_the_sign_in_and_renew_the_rest() {
    let mut world = World::new();
    let first = world.sign_in(CLIENT);
    world.wait(100);
    let second = flow(&mut world, CLIENT, first.refresh(), &[]).unwrap();
    assert_eq!(world.steps, ["load", "load", "load", "load", "work"]);
    assert_eq!(second.refresh, None);
    for (old, new) in [(&first.id, &second.id), (&first.access, &second.access)] {
        let (old, new) = (claims(old), claims(new));
        for kept in [
            "sub",
            "iss",
            "auth_time",
            "origin_jti",
            "event_id",
            "token_use",
        ] {
            assert_eq!(old[kept], new[kept], "{kept}");
        }
        assert_eq!(
            new["iat"].as_i64().unwrap(),
            old["iat"].as_i64().unwrap() + 100
        );
        assert_eq!(
            new["exp"].as_i64().unwrap(),
            new["iat"].as_i64().unwrap() + 3_600
        );
        assert_ne!(old["jti"], new["jti"]);
    }
}

#[test]
fn a_refresh_token_serves_until_its_end_and_its_last_access_token_to_its_own() {
    let mut world = World::new();
    let first = world.sign_in(CLIENT);
    world.wait(86_399);
    let last = flow(&mut world, CLIENT, first.refresh(), &[]).unwrap();
    world.wait(1);
    assert_eq!(
        flow(&mut world, CLIENT, first.refresh(), &[])
            .err()
            .unwrap(),
        "NotAuthorizedException: Refresh Token has expired"
    );
    world.wait(3_598);
    let token = last.access;
    let alive = world.run(move |cx| crate::ops::access::authorize(cx, &token).map(|_| ()));
    assert!(alive.is_ok());
}

#[test]
fn a_text_that_is_no_refresh_token_of_the_client_is_refused() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    let foreign = world.sign_in(CLIENT_OF_OTHER_POOL);
    let good = tokens.refresh();
    let mut bad = Vec::from(
        [
            "x",
            "a.b.c.d.e",
            &tokens.id,
            &tokens.access,
            foreign.refresh(),
            &format!("{good}.x"),
            &format!("{good}="),
            good.rsplit_once('.').unwrap().0,
        ]
        .map(String::from),
    );
    for at in (0..good.len()).step_by(5) {
        let mut bytes = good.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        bad.push(String::from_utf8(bytes).unwrap());
    }
    for text in bad {
        assert_eq!(flow(&mut world, CLIENT, &text, &[]).err().unwrap(), INVALID);
    }
    assert_eq!(
        flow(&mut world, OTHER_CLIENT, good, &[]).err().unwrap(),
        INVALID
    );
    assert_eq!(
        flow(&mut world, CLIENT, "", &[]).err().unwrap(),
        "InvalidParameterException: Missing required parameter REFRESH_TOKEN"
    );
    assert!(flow(&mut world, CLIENT, good, &[]).is_ok());
}

#[test]
fn a_secret_hash_may_be_over_any_name_of_the_user_and_over_no_other() {
    let mut world = World::new();
    world.give_secret(CLIENT);
    let tokens = world.sign_in(CLIENT);
    let secret = SecretText::new(SECRET.into());
    let sub = jane().to_string();
    for (name, good) in [
        ("jane", true),
        (sub.as_str(), true),
        ("Jane@example.com", true),
        ("jane@example.com", true),
        ("+15550100", false),
        ("joan", false),
        ("", false),
    ] {
        let hash = secret_hash(&secret, name, CLIENT);
        let end = flow(
            &mut world,
            CLIENT,
            tokens.refresh(),
            &[("SECRET_HASH", &hash)],
        );
        if good {
            assert!(end.is_ok(), "{name}");
        } else {
            assert_eq!(
                end.err().unwrap(),
                format!("NotAuthorizedException: Unable to verify secret hash for client {CLIENT}")
            );
        }
    }
    assert_eq!(
        flow(&mut world, CLIENT, tokens.refresh(), &[])
            .err()
            .unwrap(),
        format!(
            "NotAuthorizedException: Client {CLIENT} is configured with secret but SECRET_HASH was not received"
        )
    );
}

#[test]
fn the_operation_takes_the_secret_itself() {
    let mut world = World::new();
    world.give_secret(CLIENT);
    let tokens = world.sign_in(CLIENT);
    let text = tokens.refresh();
    assert!(operation(&mut world, CLIENT, text, Some(SECRET)).is_ok());
    for (secret, expected) in [
        (None, "is configured for secret but secret was not received"),
        (
            Some("a-client-secret-of-25-letters"),
            "Unable to verify secret",
        ),
    ] {
        let refusal = operation(&mut world, CLIENT, text, secret).err().unwrap();
        assert!(refusal.contains(expected), "{refusal}");
    }
    let other = world.sign_in(OTHER_CLIENT);
    let refusal = operation(&mut world, OTHER_CLIENT, other.refresh(), Some(SECRET));
    assert!(refusal.err().unwrap().contains("Unable to verify secret"));
    assert_eq!(
        operation(&mut world, "nobody", text, None).err().unwrap(),
        "ResourceNotFoundException: User pool client nobody does not exist."
    );
}

#[test]
fn the_user_is_looked_at_again_at_each_refresh() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    world.change_jane(|head| head.status = Status::ResetRequired);
    assert_eq!(
        flow(&mut world, CLIENT, tokens.refresh(), &[])
            .err()
            .unwrap(),
        "PasswordResetRequiredException: Password reset required for the user"
    );
    world.change_jane(|head| {
        head.status = Status::Confirmed;
        head.enabled = false;
    });
    assert_eq!(
        flow(&mut world, CLIENT, tokens.refresh(), &[])
            .err()
            .unwrap(),
        "NotAuthorizedException: User is disabled."
    );
    world.change_jane(|head| {
        head.enabled = true;
        head.credential_epoch += 1;
    });
    assert!(flow(&mut world, CLIENT, tokens.refresh(), &[]).is_ok());
    world.change_jane(|head| head.revocation_epoch += 1);
    assert_eq!(
        flow(&mut world, CLIENT, tokens.refresh(), &[])
            .err()
            .unwrap(),
        REVOKED
    );
    world.recreate_jane();
    assert_eq!(
        flow(&mut world, CLIENT, tokens.refresh(), &[])
            .err()
            .unwrap(),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn rotation_gives_a_new_refresh_token_and_leaves_the_flow_of_initiate_auth_out() {
    let mut world = World::new();
    rotating(&mut world, 10);
    let first = world.sign_in(CLIENT);
    assert_eq!(
        flow(&mut world, CLIENT, first.refresh(), &[])
            .err()
            .unwrap(),
        "InvalidParameterException: REFRESH_TOKEN_AUTH flow not enabled for this client"
    );
    let second = operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    assert_eq!(
        world.steps,
        ["load", "load", "load", "load", "commit", "work"]
    );
    assert_ne!(second.refresh(), first.refresh());
    let third = operation(&mut world, CLIENT, second.refresh(), None).unwrap();
    assert_ne!(third.refresh(), second.refresh());
}

#[test]
fn within_the_grace_period_a_lost_reply_is_told_again() {
    let mut world = World::new();
    rotating(&mut world, 10);
    let first = world.sign_in(CLIENT);
    let second = operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    world.wait(9);
    let again = operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    assert_eq!(again.refresh(), second.refresh());
    assert_ne!(again.access, second.access);
}

#[test]
fn a_replay_after_the_grace_period_revokes_the_family() {
    let mut world = World::new();
    rotating(&mut world, 10);
    let bystander = world.sign_in(CLIENT);
    let first = world.sign_in(CLIENT);
    let second = operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    world.wait(10);
    let replay = operation(&mut world, CLIENT, first.refresh(), None);
    assert_eq!(replay.err().unwrap(), REUSED);
    for token in [first.refresh(), second.refresh()] {
        let end = operation(&mut world, CLIENT, token, None);
        assert_eq!(end.err().unwrap(), REVOKED);
    }
    let access = second.access.clone();
    let end = world.run(move |cx| crate::ops::access::authorize(cx, &access).map(|_| ()));
    assert_eq!(
        end.unwrap_err().to_string(),
        "NotAuthorizedException: Access Token has been revoked"
    );
    assert!(operation(&mut world, CLIENT, bystander.refresh(), None).is_ok());
}

#[test]
fn once_the_successor_was_used_its_predecessor_is_a_replay_even_within_the_grace_period() {
    let mut world = World::new();
    rotating(&mut world, 60);
    let first = world.sign_in(CLIENT);
    let second = operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    let third = operation(&mut world, CLIENT, second.refresh(), None).unwrap();
    let replay = operation(&mut world, CLIENT, first.refresh(), None);
    assert_eq!(replay.err().unwrap(), REUSED);
    let end = operation(&mut world, CLIENT, third.refresh(), None);
    assert_eq!(end.err().unwrap(), REVOKED);
}

#[test]
fn without_a_grace_period_a_used_token_is_dead_at_once() {
    let mut world = World::new();
    rotating(&mut world, 0);
    let first = world.sign_in(CLIENT);
    operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    let replay = operation(&mut world, CLIENT, first.refresh(), None);
    assert_eq!(replay.err().unwrap(), REUSED);
}

#[test]
fn a_rotated_token_lives_as_long_as_the_first_would_have() {
    let mut world = World::new();
    rotating(&mut world, 0);
    let first = world.sign_in(CLIENT);
    world.wait(86_399);
    let second = operation(&mut world, CLIENT, first.refresh(), None).unwrap();
    world.wait(1);
    assert_eq!(
        operation(&mut world, CLIENT, second.refresh(), None)
            .err()
            .unwrap(),
        "NotAuthorizedException: Refresh Token has expired"
    );
}
