//! Single sessions ended.

use serde_json::json;
use userpool_tests::scene::text;

use super::{ids, jane, sessions, sign_in};

#[test]
fn a_user_ends_another_session_and_keeps_the_own_one() {
    let mut scene = jane();
    let (lost, lost_refresh) = sign_in(&mut scene);
    let other = ids(&sessions(&scene))[0].clone();
    let (access, _) = sign_in(&mut scene);
    let body = json!({"AccessToken": access, "SessionId": other,
        "RevokeAssociatedSessions": "LINKED"});
    assert_eq!(scene.call("RevokeUserSession", body.clone()), json!({}));
    assert_eq!(sessions(&scene).len(), 1);
    let refused = scene.refusal("GetUser", &json!({"AccessToken": lost}), "");
    assert_eq!(
        refused,
        "NotAuthorizedException: Access Token has been revoked"
    );
    let refresh = json!({"ClientId": scene.client, "RefreshToken": lost_refresh});
    let refused = scene.refusal("GetTokensFromRefreshToken", &refresh, "");
    assert_eq!(
        refused,
        "NotAuthorizedException: Refresh Token has been revoked"
    );
    scene.call("GetUser", json!({"AccessToken": access}));
    let again = scene.refusal("RevokeUserSession", &body, "");
    assert_eq!(again, "ResourceNotFoundException: Session does not exist.");
}

#[test]
fn nobody_ends_the_session_of_the_own_token() {
    let mut scene = jane();
    let (access, _) = sign_in(&mut scene);
    let own = scene.call("ListUserSessions", json!({"AccessToken": access}));
    let id = text(&own["Sessions"][0]["SessionId"]);
    let body = json!({"AccessToken": access, "SessionId": id});
    assert_eq!(
        scene.refusal("RevokeUserSession", &body, ""),
        "InvalidParameterException: The current session cannot be revoked with its own access token."
    );
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "SessionId": id});
    scene.call("AdminRevokeUserSession", body);
    assert!(sessions(&scene).is_empty());
}

#[test]
fn nobody_ends_the_session_of_somebody_else() {
    let mut scene = jane();
    sign_in(&mut scene);
    let janes = ids(&sessions(&scene))[0].clone();
    scene.user("john");
    scene.sign_in("john");
    let body = json!({"AccessToken": scene.fact("access"), "SessionId": janes});
    assert_eq!(
        scene.refusal("RevokeUserSession", &body, ""),
        "ResourceNotFoundException: Session does not exist."
    );
    assert_eq!(sessions(&scene).len(), 1);
}

#[test]
fn a_deleted_user_leaves_no_list() {
    let mut scene = jane();
    sign_in(&mut scene);
    scene.admin("AdminDeleteUser", "jane");
    let left = scene.records();
    assert!(
        !left
            .iter()
            .any(|(key, _)| userpool_core::model::keys::kind(key) == Some(b's'))
    );
}
