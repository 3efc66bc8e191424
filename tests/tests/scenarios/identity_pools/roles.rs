//! Which role somebody gets.

use serde_json::{Value, json};
use userpool_ports::Clock;

use crate::identity_pools::{GUEST_ROLE, Story, USER_ROLE, credentials::principal, provider};

const STAFF: &str = "arn:aws:iam::000000000000:role/staff";
const OTHERS: &str = "arn:aws:iam::000000000000:role/others";

/// Sets the mapping of the user pool.
fn map(story: &Story, mapping: Value) {
    let key = format!("{}:{}", provider(&story.scene), story.scene.client);
    let body = json!({"IdentityPoolId": story.pool, "RoleMappings": {key: mapping},
        "Roles": {"authenticated": USER_ROLE, "unauthenticated": GUEST_ROLE}});
    story.scene.call("SetIdentityPoolRoles", body.clone());
    assert_eq!(
        story.scene.call(
            "GetIdentityPoolRoles",
            json!({"IdentityPoolId": story.pool})
        ),
        body
    );
}

/// Puts jane into a group with a role, and signs her in again.
fn join(story: &mut Story, group: &str, role: &str) {
    let of = json!({"UserPoolId": story.scene.pool, "GroupName": group});
    let mut made = of.clone();
    made["RoleArn"] = json!(role);
    story.scene.call("CreateGroup", made);
    let mut member = of;
    member["Username"] = json!("jane");
    story.scene.call("AdminAddUserToGroup", member);
    story.scene.sign_in("jane");
}

/// The role of whoever signed in last.
fn role(story: &Story, asked: Option<&str>) -> Result<String, String> {
    let id = story.id(Some(&story.logins()));
    let mut body = crate::identity_pools::coming(&id, Some(&story.logins()));
    if let Some(asked) = asked {
        body["CustomRoleArn"] = json!(asked);
    }
    match story.scene.try_call("GetCredentialsForIdentity", &body) {
        Ok(reply) => Ok(principal(story, &reply).role().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn guests_and_users_have_their_roles() {
    let story = Story::new();
    let guest = story.id(None);
    let guest = principal(&story, &story.credentials(&guest, None));
    assert_eq!(
        (guest.role(), guest.is_authenticated()),
        (GUEST_ROLE, false)
    );
    assert_eq!(role(&story, None).as_deref(), Ok(USER_ROLE));
    assert_eq!(role(&story, Some(USER_ROLE)).as_deref(), Ok(USER_ROLE));
    assert!(
        role(&story, Some(STAFF))
            .unwrap_err()
            .starts_with("NotAuthorized")
    );
    assert!(story.scene.world.clock.now().secs() > 0);
}

#[test]
fn a_pool_without_roles_gives_no_credentials() {
    let story = Story::new();
    let body = json!({"IdentityPoolId": story.pool, "Roles": {}});
    story.scene.call("SetIdentityPoolRoles", body);
    let error = role(&story, None).unwrap_err();
    assert_eq!(
        error,
        "InvalidIdentityPoolConfigurationException: Invalid identity pool configuration. Check assigned IAM roles \
         for this pool."
    );
}

#[test]
fn a_role_of_the_token_is_that_of_the_group_and_no_other() {
    let mut story = Story::new();
    map(
        &story,
        json!({"Type": "Token", "AmbiguousRoleResolution": "Deny"}),
    );
    assert!(role(&story, None).unwrap_err().starts_with("NotAuthorized"));
    join(&mut story, "staff", STAFF);
    assert_eq!(role(&story, None).as_deref(), Ok(STAFF));
    assert!(
        role(&story, Some(USER_ROLE))
            .unwrap_err()
            .starts_with("NotAuthorized")
    );

    join(&mut story, "others", OTHERS);
    // Two groups of the same rank: neither is preferred.
    assert!(role(&story, None).unwrap_err().starts_with("NotAuthorized"));
    assert_eq!(role(&story, Some(OTHERS)).as_deref(), Ok(OTHERS));
    map(
        &story,
        json!({"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}),
    );
    assert_eq!(role(&story, None).as_deref(), Ok(USER_ROLE));
}

#[test]
fn rules_are_tried_in_their_order() {
    let story = Story::new();
    let with = |rules: &[(&str, &str, &str, &str)]| {
        let rules = rules.iter().map(|(claim, fits, value, role)| {
            json!({"Claim": claim, "MatchType": fits, "Value": value, "RoleARN": role})
        });
        let rules: Vec<Value> = rules.collect();
        map(
            &story,
            json!({"Type": "Rules", "AmbiguousRoleResolution": "Deny",
                "RulesConfiguration": {"Rules": rules}}),
        );
        role(&story, None)
    };
    for (fits, value, is_met) in [
        ("Equals", "jane@example.com", true),
        ("Equals", "jane@example.co", false),
        ("Contains", "@example", true),
        ("Contains", "@elsewhere", false),
        ("StartsWith", "jane@", true),
        ("StartsWith", "ane@", false),
        ("NotEqual", "joe@example.com", true),
        ("NotEqual", "jane@example.com", false),
    ] {
        let role = with(&[("email", fits, value, STAFF)]);
        assert_eq!(role.is_ok(), is_met, "{fits} {value}: {role:?}");
    }
    assert!(with(&[("missing", "NotEqual", "x", STAFF)]).is_err());
    let both = [
        ("email", "Contains", "@", OTHERS),
        ("email", "Contains", "jane", STAFF),
    ];
    assert_eq!(with(&both).as_deref(), Ok(OTHERS));
    assert_eq!(role(&story, Some(STAFF)).as_deref(), Ok(STAFF));
    assert_eq!(
        with(&[("email_verified", "Equals", "true", STAFF)]).as_deref(),
        Ok(STAFF)
    );
}

#[test]
fn mappings_that_lack_something_are_refused() {
    let story = Story::new();
    for (mapping, text) in [
        (
            json!({"Type": "Token"}),
            "AmbiguousRoleResolution is required.",
        ),
        (
            json!({"Type": "Rules", "AmbiguousRoleResolution": "Deny"}),
            "Rules are required for the type Rules.",
        ),
    ] {
        let body =
            json!({"IdentityPoolId": story.pool, "Roles": {}, "RoleMappings": {"a": mapping}});
        let error = story.refused("SetIdentityPoolRoles", &body);
        assert_eq!(error, format!("InvalidParameterException: {text}"));
    }
    let body = json!({"IdentityPoolId": story.pool, "Roles": {"other": STAFF}});
    let error = story.refused("SetIdentityPoolRoles", &body);
    assert!(error.starts_with("InvalidParameterException"), "{error}");
}
