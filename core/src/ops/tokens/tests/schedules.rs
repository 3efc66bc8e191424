//! Two requests on one refresh token, interleaved at every step.

use alloc::string::ToString;

use userpool_wire::idp::{
    GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse, GlobalSignOutRequest,
    GlobalSignOutResponse, RevokeTokenRequest, RevokeTokenResponse,
};

use super::*;
use crate::{
    engine::Program,
    ops::{access::authorize, table::bind},
};

/// The steps of an exchange that loses no race.
const EXCHANGE: u32 = 6;
/// The steps of a revocation or a sign-out.
const ENDING: u32 = 4;

fn exchange(token: &str) -> Program {
    let request = GetTokensFromRefreshTokenRequest {
        refresh_token: token.into(),
        client_id: CLIENT.into(),
        ..Default::default()
    };
    bind(&request).unwrap()
}

fn renewed(end: Result<Output, Failure>) -> Result<Tokens, String> {
    match end {
        Ok(output) => {
            let reply = output
                .downcast::<GetTokensFromRefreshTokenResponse>()
                .unwrap();
            Ok(Tokens::of(reply.authentication_result.unwrap()))
        }
        Err(failure) => Err(failure.name().to_string()),
    }
}

/// Every order in which two runs of so many steps may be mixed.
fn schedules(first: u32, second: u32) -> impl Iterator<Item = u32> {
    (0..1_u32 << (first + second)).filter(move |order| order.count_ones() == second)
}

/// A world where Jane has signed in, and the pool has its keys.
fn signed_in(grace: Option<u8>) -> (World, Tokens) {
    let mut world = World::new();
    world.signatures = Signatures::Digests;
    world.change_client(CLIENT, move |client| client.rotation_grace = grace);
    let tokens = world.sign_in(CLIENT);
    (world, tokens)
}

#[test]
fn two_exchanges_of_one_token_within_the_grace_period_get_the_same_successor() {
    let (world, tokens) = signed_in(Some(10));
    for order in schedules(EXCHANGE, EXCHANGE) {
        let mut world = world.clone();
        let [one, two] = world
            .interleave(
                [exchange(tokens.refresh()), exchange(tokens.refresh())],
                order,
            )
            .map(renewed);
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.refresh(), two.refresh(), "order {order:b}");
        assert_ne!(one.access, two.access, "order {order:b}");
    }
}

#[test]
fn of_two_exchanges_of_one_token_without_a_grace_period_one_wins_and_the_family_dies() {
    let (world, tokens) = signed_in(Some(0));
    for order in schedules(EXCHANGE, EXCHANGE) {
        let mut world = world.clone();
        let ends = world
            .interleave(
                [exchange(tokens.refresh()), exchange(tokens.refresh())],
                order,
            )
            .map(renewed);
        let reused = Some("RefreshTokenReuseException");
        let won: Vec<&Tokens> = ends.iter().filter_map(|end| end.as_ref().ok()).collect();
        let lost: Vec<&str> = ends
            .iter()
            .filter_map(|end| end.as_ref().err().map(String::as_str))
            .collect();
        assert_eq!(
            (won.len(), lost.first().copied()),
            (1, reused),
            "order {order:b}"
        );
        let access = won[0].access.clone();
        let end = world.run(move |cx| authorize(cx, &access).map(|_| ()));
        assert!(end.is_err(), "order {order:b}");
    }
}

#[test]
fn whatever_the_order_no_token_survives_a_revocation_or_a_sign_out() {
    for grace in [None, Some(10)] {
        let (world, tokens) = signed_in(grace);
        for order in schedules(EXCHANGE, ENDING) {
            for sign_out in [false, true] {
                let mut world = world.clone();
                let ending = if sign_out {
                    let request = GlobalSignOutRequest {
                        access_token: tokens.access.as_str().into(),
                    };
                    bind(&request).unwrap()
                } else {
                    let request = RevokeTokenRequest {
                        token: tokens.refresh().into(),
                        client_id: CLIENT.into(),
                        ..Default::default()
                    };
                    bind(&request).unwrap()
                };
                let [renewal, ended] =
                    world.interleave([exchange(tokens.refresh()), ending], order);
                let ended = ended.unwrap();
                assert!(ended.is::<GlobalSignOutResponse>() || ended.is::<RevokeTokenResponse>());
                let mut access = Vec::from([tokens.access.clone()]);
                match renewed(renewal) {
                    Ok(renewed) => access.push(renewed.access),
                    Err(name) => assert_eq!(name, "NotAuthorizedException", "order {order:b}"),
                }
                for token in access {
                    let end = world.run(move |cx| authorize(cx, &token).map(|_| ()));
                    assert!(end.is_err(), "order {order:b}");
                }
            }
        }
    }
}
