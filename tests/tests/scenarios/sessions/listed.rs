//! What a list of sessions shows.

use serde_json::json;
use userpool::{Call, Caller};
use userpool_tests::scene::Scene;

use super::{ids, jane, sessions, sign_in, track};

#[test]
fn a_session_is_a_sign_in_and_the_newest_comes_first() {
    let mut scene = jane();
    assert!(sessions(&scene).is_empty());
    let (first, _) = sign_in(&mut scene);
    scene.advance(10);
    sign_in(&mut scene);
    let seen = sessions(&scene);
    assert_eq!(seen.len(), 2);
    let [newest, oldest] = &seen[..] else {
        panic!("two sessions");
    };
    assert!(newest["CreateDate"].as_f64() > oldest["CreateDate"].as_f64());
    for session in &seen {
        assert_eq!(session["SessionType"], "TOKEN");
        assert_eq!(session["ClientId"], json!(scene.client));
        assert_eq!(session["IsCurrentSession"], false);
        assert_eq!(session["CreateDate"], session["LastActiveDate"]);
    }
    for id in ids(&seen) {
        assert!(id.starts_with("tkn") && id.len() == 28, "{id}");
    }
    let own = scene.call("ListUserSessions", json!({"AccessToken": first}));
    let current = |at: usize| own["Sessions"][at]["IsCurrentSession"].clone();
    assert_eq!([current(0), current(1)], [json!(false), json!(true)]);
    assert_eq!(ids(own["Sessions"].as_array().expect("a list")), ids(&seen));
}

#[test]
fn a_refresh_is_activity_and_makes_no_new_session() {
    let mut scene = jane();
    let (_, refresh) = sign_in(&mut scene);
    let before = sessions(&scene);
    scene.advance(100);
    scene.call(
        "GetTokensFromRefreshToken",
        json!({"ClientId": scene.client, "RefreshToken": refresh}),
    );
    let after = sessions(&scene);
    assert_eq!(ids(&after), ids(&before));
    assert_eq!(after[0]["CreateDate"], before[0]["CreateDate"]);
    let active = |sessions: &[serde_json::Value]| sessions[0]["LastActiveDate"].as_f64();
    let passed = active(&after)
        .zip(active(&before))
        .map(|(now, then)| now - then);
    assert_eq!(passed, Some(100.0));
}

#[test]
fn a_session_shows_the_device_and_the_address_of_its_last_request() {
    let scene = jane();
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": userpool_tests::pool::PASSWORD},
        "UserContextData": {"IpAddress": "198.51.100.1"}});
    let call = Call {
        operation: userpool_wire::find("AWSCognitoIdentityProviderService.InitiateAuth")
            .expect("an operation"),
        body: body.to_string().into_bytes(),
        caller: Caller {
            source: Some([192, 0, 2, 7].into()),
            user_agent: Some(
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".into(),
            ),
            ..Caller::default()
        },
    };
    scene.world.engine.answer_blocking(call).expect("tokens");
    let seen = sessions(&scene);
    assert_eq!(seen[0]["DeviceType"], "Firefox 128, Linux");
    let why = "a client without a secret does not say where its user is";
    assert_eq!(seen[0]["LastIPAddress"], "192.0.2.7", "{why}");
}

#[test]
fn sessions_that_ended_are_not_listed() {
    let mut scene = jane();
    let (_, refresh) = sign_in(&mut scene);
    sign_in(&mut scene);
    scene.call(
        "RevokeToken",
        json!({"ClientId": scene.client, "Token": refresh}),
    );
    assert_eq!(sessions(&scene).len(), 1);
    scene.admin("AdminUserGlobalSignOut", "jane");
    assert!(sessions(&scene).is_empty());
    sign_in(&mut scene);
    assert_eq!(sessions(&scene).len(), 1);
    scene.advance(31 * 24 * 3_600);
    assert!(sessions(&scene).is_empty());
}

#[test]
fn a_pool_that_does_not_track_sessions_lists_none() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    let untracked = scene.call(
        "GetUserPoolSessionConfiguration",
        json!({"UserPoolId": scene.pool}),
    );
    assert_eq!(
        untracked,
        json!({"UserPoolId": scene.pool, "UserSessionTracking": "DISABLED",
            "TokenSession": {"MaxPerUser": 20}})
    );
    sign_in(&mut scene);
    assert!(sessions(&scene).is_empty());
    track(&scene, "ENABLED", 5);
    assert!(sessions(&scene).is_empty(), "it began before");
    sign_in(&mut scene);
    assert_eq!(sessions(&scene).len(), 1);
}

#[test]
fn the_settings_stay_when_those_of_the_pool_are_replaced() {
    let scene = jane();
    let kept = track(&scene, "ENABLED", 7);
    let named = json!({"UserPoolId": scene.pool});
    scene.call("UpdateUserPool", named.clone());
    let shown = scene.call("GetUserPoolSessionConfiguration", named);
    assert_eq!(shown, kept);

    let client = json!({"UserPoolId": scene.pool, "ClientId": scene.client});
    let operation = "GetUserPoolClientSessionConfiguration";
    let shown = scene.call(operation, client.clone());
    assert_eq!(shown["SSOSession"]["MaxValidityMinutes"], 60);
    let mut set = client.clone();
    set["SSOSession"] = json!({"MaxValidityMinutes": 0});
    let kept = scene.call("SetUserPoolClientSessionConfiguration", set);
    assert_eq!(kept["SSOSession"]["MaxValidityMinutes"], 0);
    scene.call("UpdateUserPoolClient", client.clone());
    assert_eq!(scene.call(operation, client), kept);
}
