//! Ending tokens before their time.

use alloc::string::ToString;

use userpool_wire::idp::{
    AdminUserGlobalSignOutRequest, GetTokensFromRefreshTokenRequest, GlobalSignOutRequest,
    RevokeTokenRequest,
};

use super::*;
use crate::ops::{
    access::authorize,
    tokens::{
        refresh::get_tokens_from_refresh_token,
        revoke::revoke_token,
        sign_out::{admin_user_global_sign_out, global_sign_out},
    },
};

fn lives(world: &mut World, client: &str, tokens: &Tokens) -> (bool, bool) {
    let token = tokens.access.clone();
    let access = world.run(move |cx| authorize(cx, &token).map(|_| ()));
    let request = GetTokensFromRefreshTokenRequest {
        refresh_token: tokens.refresh().into(),
        client_id: client.into(),
        ..Default::default()
    };
    let refresh = world.run(move |cx| get_tokens_from_refresh_token(cx, &request));
    (access.is_ok(), refresh.is_ok())
}

fn revoke(
    world: &mut World,
    client: &str,
    token: &str,
    secret: Option<&str>,
) -> Result<(), String> {
    let request = RevokeTokenRequest {
        token: token.into(),
        client_id: client.into(),
        client_secret: secret.map(Into::into),
        revoke_associated_sessions: None,
    };
    world
        .run(move |cx| revoke_token(cx, &request))
        .map(|_| ())
        .map_err(|failure| failure.name().to_string())
}

#[test]
fn revoking_a_refresh_token_ends_its_family_alone() {
    let mut world = World::new();
    let (one, two) = (world.sign_in(CLIENT), world.sign_in(CLIENT));
    assert_eq!(revoke(&mut world, CLIENT, one.refresh(), None), Ok(()));
    assert_eq!(lives(&mut world, CLIENT, &one), (false, false));
    assert_eq!(lives(&mut world, CLIENT, &two), (true, true));
    assert_eq!(revoke(&mut world, CLIENT, one.refresh(), None), Ok(()));
    assert!(!world.steps.contains(&"commit"));
}

#[test]
fn what_cannot_be_revoked_is_refused_by_its_own_error() {
    let mut world = World::new();
    let tokens = world.sign_in(CLIENT);
    let text = tokens.refresh();
    let refused = |name: &str| Err(String::from(name));
    for (client, token, secret, expected) in [
        ("nobody", text, None, refused("UnauthorizedException")),
        (CLIENT, text, Some(SECRET), refused("UnauthorizedException")),
        (OTHER_CLIENT, text, None, refused("UnauthorizedException")),
        (
            CLIENT,
            &*tokens.id,
            None,
            refused("UnsupportedTokenTypeException"),
        ),
        (
            CLIENT,
            &*tokens.access,
            None,
            refused("UnsupportedTokenTypeException"),
        ),
        (CLIENT, "nonsense", None, Ok(())),
        (CLIENT_OF_OTHER_POOL, text, None, Ok(())),
    ] {
        assert_eq!(revoke(&mut world, client, token, secret), expected);
    }
    world.change_client(CLIENT, |client| client.revocation = false);
    assert_eq!(
        revoke(&mut world, CLIENT, text, None),
        refused("UnsupportedOperationException")
    );
    assert_eq!(lives(&mut world, CLIENT, &tokens), (true, true));
    world.change_client(CLIENT, |client| client.revocation = true);
    world.give_secret(CLIENT);
    assert_eq!(
        revoke(&mut world, CLIENT, text, None),
        refused("UnauthorizedException")
    );
    assert_eq!(revoke(&mut world, CLIENT, text, Some(SECRET)), Ok(()));
}

#[test]
fn a_global_sign_out_ends_every_token_of_the_user_and_no_later_one() {
    let mut world = World::new();
    let (one, two) = (world.sign_in(CLIENT), world.sign_in(OTHER_CLIENT));
    let neighbour = world.sign_in(CLIENT_OF_OTHER_POOL);
    let sign_out = |world: &mut World| {
        let request = GlobalSignOutRequest {
            access_token: one.access.as_str().into(),
        };
        world.run(move |cx| global_sign_out(cx, &request))
    };
    assert!(sign_out(&mut world).is_ok());
    assert_eq!(
        sign_out(&mut world).unwrap_err().to_string(),
        "NotAuthorizedException: Access Token has been revoked"
    );
    assert_eq!(lives(&mut world, CLIENT, &one), (false, false));
    assert_eq!(lives(&mut world, OTHER_CLIENT, &two), (false, false));
    assert_eq!(
        lives(&mut world, CLIENT_OF_OTHER_POOL, &neighbour),
        (true, true)
    );
    // In the same second.
    let fresh = world.sign_in(CLIENT);
    assert_eq!(lives(&mut world, CLIENT, &fresh), (true, true));
}

#[test]
fn an_administrator_signs_a_user_out_by_any_name() {
    let mut world = World::new();
    for name in ["jane", "JANE@example.com"] {
        let tokens = world.sign_in(CLIENT);
        let request = AdminUserGlobalSignOutRequest {
            user_pool_id: POOL.into(),
            username: name.into(),
        };
        let end = world.run(move |cx| admin_user_global_sign_out(cx, &request));
        assert!(end.is_ok());
        assert_eq!(lives(&mut world, CLIENT, &tokens), (false, false));
    }
    for (pool, name, expected) in [
        (POOL, "joan", "UserNotFoundException: User does not exist."),
        (
            "us-east-1_None00000",
            "jane",
            "ResourceNotFoundException: User pool us-east-1_None00000 does not exist.",
        ),
    ] {
        let request = AdminUserGlobalSignOutRequest {
            user_pool_id: pool.into(),
            username: name.into(),
        };
        let end = world.run(move |cx| admin_user_global_sign_out(cx, &request));
        assert_eq!(end.unwrap_err().to_string(), expected);
    }
}
