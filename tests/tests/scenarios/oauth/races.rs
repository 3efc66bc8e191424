//! What happens to a code while something else happens: in every order of store steps it ends as one after the other.

use serde_json::json;
use userpool::oauth::{Endpoint, parameters, place::Place, token::Token};
use userpool_core::engine::{Output, Program};
use userpool_tests::{
    player::{Player, request},
    schedules::every_order,
};

use super::{BACK, Story, VERIFIER, story};

/// The exchange of a code, as a program whose output is a text.
fn exchange(story: &Story, code: &str) -> Program {
    let form = format!(
        "grant_type=authorization_code&client_id={}&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}",
        story.client
    );
    let token = Token {
        place: Place::Named(story.scene.pool.clone()),
        form: parameters::parse(&form),
        authorization: None,
    };
    Box::new(move |cx| {
        let answered = token.run(cx)?;
        let text = answered.unwrap_or_else(|error| error.kind.name().into());
        Ok(Box::new(text) as Output)
    })
}

#[test]
fn a_code_that_is_sent_twice_at_once_gives_tokens_once_and_they_are_revoked() {
    let mut story = story();
    let code = story.code();
    let now = story.scene.now();
    let begin =
        |index: usize| Player::of_program(exchange(&story, &code), now, ["first", "second"][index]);
    let orders = every_order(&story.scene.records(), ["exchange", "exchange"], &begin);
    assert!(orders > 1);
}

#[test]
fn a_code_beside_a_sign_out_gives_either_tokens_that_end_or_none() {
    let mut story = story();
    let code = story.code();
    let now = story.scene.now();
    let body = json!({"UserPoolId": story.scene.pool, "Username": "jane"});
    let sign_out = request("AdminUserGlobalSignOut", &body);
    let begin = |index: usize| match index {
        0 => Player::of_program(exchange(&story, &code), now, "first"),
        _ => Player::new(&sign_out, now, "second"),
    };
    let orders = every_order(&story.scene.records(), ["exchange", "sign-out"], &begin);
    assert!(orders > 1);
}

#[test]
fn a_code_beside_the_end_of_its_session_gives_either_tokens_or_none() {
    let mut story = story();
    let body = json!({"UserPoolId": story.scene.pool, "UserSessionTracking": "ENABLED",
        "TokenSession": {"MaxPerUser": 20}});
    story.scene.call("SetUserPoolSessionConfiguration", body);
    let code = story.code();
    let listed = story.scene.admin("AdminListUserSessions", "jane");
    let body = json!({"UserPoolId": story.scene.pool, "Username": "jane",
        "SessionId": listed["Sessions"][0]["SessionId"], "RevokeAssociatedSessions": "LINKED"});
    let now = story.scene.now();
    let end = request("AdminRevokeUserSession", &body);
    let begin = |index: usize| match index {
        0 => Player::of_program(exchange(&story, &code), now, "first"),
        _ => Player::new(&end, now, "second"),
    };
    let orders = every_order(&story.scene.records(), ["exchange", "end"], &begin);
    assert!(orders > 1);
}
