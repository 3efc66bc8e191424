//! Who gets which identity, and what becomes of guests.

use serde_json::{Value, json};

use crate::identity_pools::{Story, coming, provider};

#[test]
fn every_guest_is_a_new_identity_where_guests_are_allowed() {
    let story = Story::new();
    assert_ne!(story.id(None), story.id(None));
    let closed = Story::of(json!({"AllowUnauthenticatedIdentities": false}));
    let error = closed.refused("GetId", &closed.id_body(None));
    assert_eq!(
        error,
        "NotAuthorizedException: Unauthenticated access is not supported for this identity pool."
    );
}

#[test]
fn guests_who_were_let_in_stay_out_when_guests_are_no_longer_allowed() {
    let story = Story::new();
    let guest = story.id(None);
    let body = json!({"IdentityPoolId": story.pool, "IdentityPoolName": "story",
        "AllowUnauthenticatedIdentities": false});
    story.scene.call("UpdateIdentityPool", body);
    for operation in ["GetCredentialsForIdentity", "GetOpenIdToken"] {
        let error = story.refused(operation, &coming(&guest, None));
        assert!(error.contains("Unauthenticated access"), "{error}");
    }
}

#[test]
fn a_login_is_the_same_identity_each_time() {
    let mut story = Story::new();
    let jane = story.id(Some(&story.logins()));
    story.scene.sign_in("jane");
    assert_eq!(story.id(Some(&story.logins())), jane);
    story.another("joe");
    assert_ne!(story.id(Some(&story.logins())), jane);
}

#[test]
fn a_guest_who_logs_in_keeps_the_identity() {
    let story = Story::new();
    let guest = story.id(None);
    let reply = story.credentials(&guest, Some(&story.logins()));
    assert_eq!(reply["IdentityId"], guest.as_str());
    assert_eq!(story.id(Some(&story.logins())), guest);
    let error = story.refused("GetCredentialsForIdentity", &coming(&guest, None));
    assert_eq!(
        error,
        format!("NotAuthorizedException: Access to Identity '{guest}' is forbidden.")
    );
}

#[test]
fn a_guest_whose_login_has_an_identity_becomes_that_one() {
    let story = Story::new();
    let jane = story.id(Some(&story.logins()));
    let guest = story.id(None);
    for _ in 0..2 {
        let reply = story.credentials(&guest, Some(&story.logins()));
        assert_eq!(reply["IdentityId"], jane.as_str());
    }
    let listed = |hides: bool| -> Vec<Value> {
        let body = json!({"IdentityPoolId": story.pool, "MaxResults": 10, "HideDisabled": hides});
        story.scene.call("ListIdentities", body)["Identities"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(listed(false).len(), 2);
    let left = listed(true);
    assert_eq!((left.len(), &left[0]["IdentityId"]), (1, &json!(jane)));
    assert_eq!(left[0]["Logins"], json!([provider(&story.scene)]));
}

#[test]
fn nobody_comes_as_the_identity_of_somebody_else() {
    let mut story = Story::new();
    let jane = story.id(Some(&story.logins()));
    story.another("joe");
    let mismatch = "NotAuthorizedException: Logins don't match. Please include at least one valid login for this \
                    identity or identity pool.";
    let body = coming(&jane, Some(&story.logins()));
    assert_eq!(story.refused("GetCredentialsForIdentity", &body), mismatch);
    // Nor is it another story where joe has an identity of his own.
    story.id(Some(&story.logins()));
    assert_eq!(story.refused("GetCredentialsForIdentity", &body), mismatch);
    let body = json!({"IdentityId": jane, "Logins": story.logins(),
        "LoginsToRemove": [provider(&story.scene)]});
    assert_eq!(story.refused("UnlinkIdentity", &body), mismatch);
}

#[test]
fn an_identity_without_its_last_login_is_nobodys() {
    let story = Story::new();
    let jane = story.id(Some(&story.logins()));
    let body = json!({"IdentityId": jane, "Logins": story.logins(),
        "LoginsToRemove": [provider(&story.scene)]});
    story.scene.call("UnlinkIdentity", body);
    assert!(
        story
            .scene
            .call("DescribeIdentity", json!({"IdentityId": jane}))
            .get("Logins")
            .is_none()
    );
    for logins in [None, Some(story.logins())] {
        let body = coming(&jane, logins.as_ref());
        let error = story.refused("GetCredentialsForIdentity", &body);
        assert!(error.starts_with("NotAuthorizedException"), "{error}");
    }
    assert_ne!(story.id(Some(&story.logins())), jane);
}

#[test]
fn deleted_identities_are_gone_and_their_logins_begin_anew() {
    let story = Story::new();
    let (guest, jane) = (story.id(None), story.id(Some(&story.logins())));
    let body = json!({"IdentityIdsToDelete": [guest, jane, guest]});
    let reply = story.scene.call("DeleteIdentities", body);
    assert_eq!(reply, json!({"UnprocessedIdentityIds": []}));
    for id in [&guest, &jane] {
        let error = story.refused("GetCredentialsForIdentity", &coming(id, None));
        assert_eq!(
            error,
            format!("ResourceNotFoundException: Identity '{id}' not found.")
        );
    }
    assert_ne!(story.id(Some(&story.logins())), jane);
}

#[test]
fn two_first_calls_at_once_get_one_identity() {
    let story = Story::new();
    let body = story.id_body(Some(&story.logins()));
    let request = userpool_tests::player::Request {
        operation: userpool_tests::scene::operation_of("GetId"),
        body: body.to_string().into_bytes(),
    };
    let (records, now) = (story.scene.records(), story.scene.now());
    let orders = userpool_tests::schedules::every_interleaving(&records, now, [&request, &request]);
    assert!(orders > 1, "each order ends as one after the other would");
}
