//! Second factors: the settings of pools and users, software tokens.

use serde_json::{Value, json};
use userpool_tests::{
    ledger::Row,
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::{
    pools::in_pool,
    tokens::{by_token, needs_no_password, signed_in, with_token, with_user},
};

const LIMIT: &str = "Attempt limit exceeded, please try after some time.";
const NO_POOL_TOKENS: &str = "Software Token MFA has not been enabled by the userPool.";
const USED: &str = "Invalid session for the user, session can only be used once.";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    let pools = "it is about pools, not users";
    vec![
        in_pool(set_user_pool_mfa_config()).names_nobody(pools),
        in_pool(Row::reading("GetUserPoolMfaConfig", || {
            let mut scene = Scene::with_pool();
            scene.body = json!({"UserPoolId": scene.pool});
            scene
        }))
        .names_nobody(pools),
        associate_software_token(),
        verify_software_token(),
        owner(preferring(Row::new("SetUserMFAPreference", || {
            prefer(own())
        }))),
        administered(preferring(Row::new("AdminSetUserMFAPreference", || {
            prefer(theirs())
        })))
        .never("PasswordResetRequired", ANY_STATE)
        .never("UserNotConfirmed", ANY_STATE),
        owner(switching(Row::new("SetUserSettings", || switch(own())))),
        administered(switching(Row::new("AdminSetUserSettings", || {
            switch(theirs())
        }))),
        administered(admin_delete_software_token()),
        owner(Row::reading("GetUserAuthFactors", own)),
        administered(Row::reading("AdminGetUserAuthFactors", theirs)),
    ]
}

const ANY_STATE: &str = "administrators prepare users in any state";

fn owner(row: Row) -> Row {
    needs_no_password(with_user(by_token(row)))
}

fn administered(row: Row) -> Row {
    in_pool(row.tells_administrators())
}

/// A user with a number who has signed in, in a pool with every second factor.
fn own() -> Scene {
    let scene = signed_in();
    scene.phone("jane");
    scene.factors("OPTIONAL");
    scene
}

/// The same user, named by an administrator.
fn theirs() -> Scene {
    let mut scene = own();
    scene.body = json!({"UserPoolId": scene.pool, "Username": "jane"});
    scene
}

fn prefer(mut scene: Scene) -> Scene {
    scene.set("SMSMfaSettings", json!({"Enabled": true}));
    let email = json!({"Enabled": true, "PreferredMfa": true});
    scene.set("EmailMfaSettings", email);
    scene
}

fn switch(mut scene: Scene) -> Scene {
    let options = json!([{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]);
    scene.set("MFAOptions", options);
    scene
}

/// Takes the number of the user away.
fn without_phone(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributeNames": ["phone_number"]});
    scene.call("AdminDeleteUserAttributes", body);
}

/// Leaves the pool e-mail as its only second factor.
fn only_email(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
        "EmailMfaConfiguration": {}});
    scene.call("SetUserPoolMfaConfig", body);
}

fn preferring(row: Row) -> Row {
    row.refuses(
        "InvalidParameter",
        "User has not verified software token mfa",
        |scene| scene.set("SoftwareTokenMfaSettings", json!({"Enabled": true})),
    )
    .refuses(
        "InvalidParameter",
        "User does not have delivery config set to turn on SMS_MFA",
        without_phone,
    )
    .refuses(
        "InvalidParameter",
        "SMS_MFA is not enabled for the user pool.",
        only_email,
    )
    .refuses(
        "InvalidParameter",
        "Only one second factor can be preferred.",
        |scene| {
            let sms = json!({"Enabled": true, "PreferredMfa": true});
            scene.set("SMSMfaSettings", sms);
        },
    )
    .refuses(
        "InvalidParameter",
        "EMAIL_OTP is not enabled, so it cannot be preferred.",
        |scene| {
            let email = json!({"Enabled": false, "PreferredMfa": true});
            scene.set("EmailMfaSettings", email);
        },
    )
    .refuses(
        "InvalidParameter",
        "WebAuthn MFA requires enabling an additional MFA setting.",
        |scene| {
            scene.set("SMSMfaSettings", json!({"Enabled": false}));
            scene.drop("EmailMfaSettings");
            scene.set("WebAuthnMfaSettings", json!({"Enabled": true}));
        },
    )
    .refuses(
        "InvalidParameter",
        "WebAuthn MFA is not enabled for the user pool.",
        |scene| scene.set("WebAuthnMfaSettings", json!({"Enabled": true})),
    )
}

fn switching(row: Row) -> Row {
    row.refuses(
        "InvalidParameter",
        "MFAOptions can only have the DeliveryMedium SMS and the AttributeName phone_number.",
        |scene| {
            let options = json!([{"DeliveryMedium": "EMAIL", "AttributeName": "email"}]);
            scene.set("MFAOptions", options);
        },
    )
    .refuses(
        "InvalidParameter",
        "User does not have delivery config set to turn on SMS_MFA",
        without_phone,
    )
    .refuses(
        "InvalidParameter",
        "SMS_MFA is not enabled for the user pool.",
        only_email,
    )
}

fn admin_delete_software_token() -> Row {
    let scene = || {
        let mut scene = theirs();
        scene.software_token();
        scene
    };
    Row::new("AdminDeleteSoftwareToken", scene).refuses(
        "UserNotConfirmed",
        "User is not confirmed.",
        |scene| {
            scene.sign_up("joe");
            scene.set("Username", "joe");
        },
    )
}

/// A user without an address who has to set up a second factor; the Session is in the request.
fn in_setup() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributeNames": ["email"]});
    scene.call("AdminDeleteUserAttributes", body);
    scene.factors("ON");
    let challenge = scene.challenge("jane");
    scene.body = json!({"Session": challenge["Session"]});
    scene
}

/// Puts the Session of a setup into the request instead of the access token.
fn use_setup(scene: &mut Scene) {
    let code = scene.body["UserCode"].clone();
    let other = in_setup();
    let Scene {
        world,
        body,
        pool,
        client,
        hiding,
        ..
    } = other;
    (scene.world, scene.body) = (world, body);
    (scene.pool, scene.client, scene.hiding) = (pool, client, hiding);
    if code.is_string() {
        associate(scene);
    }
}

/// Gets a secret, and puts its first code into the request.
fn associate(scene: &mut Scene) {
    let reply = scene.call("AssociateSoftwareToken", scene.body.clone());
    scene.facts.insert("secret", text(&reply["SecretCode"]));
    if reply["Session"].is_string() {
        scene.set("Session", reply["Session"].clone());
    }
    scene.set("UserCode", scene.totp(0));
}

/// The refusals of a Session that comes alone.
fn by_session(row: Row) -> Row {
    row.refuses(
        "InvalidParameter",
        "Either AccessToken or Session is required.",
        |scene| scene.drop("AccessToken"),
    )
    .refuses("NotAuthorized", "Invalid session for the user.", |scene| {
        use_setup(scene);
        scene.set("Session", "x".repeat(40));
    })
    .refuses(
        "NotAuthorized",
        "Invalid session for the user, session is expired.",
        |scene| {
            use_setup(scene);
            scene.advance(180);
        },
    )
    .refuses("NotAuthorized", USED, |scene| {
        use_setup(scene);
        scene.call(
            "AssociateSoftwareToken",
            json!({"Session": scene.body["Session"]}),
        );
    })
    .refuses("NotAuthorized", USED, |scene| {
        use_setup(scene);
        scene.admin("AdminUserGlobalSignOut", "jane");
    })
    .refuses("NotAuthorized", "Invalid session for the user.", |scene| {
        use_setup(scene);
        let body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "UserAttributes": [{"Name": "email", "Value": "jane@example.com"}]});
        scene.call("AdminUpdateUserAttributes", body);
    })
    .refuses("NotAuthorized", "Invalid session for the user.", |scene| {
        use_setup(scene);
        let body = json!({"UserPoolId": scene.pool, "Username": "joe",
            "TemporaryPassword": PASSWORD});
        scene.call("AdminCreateUser", body);
        scene.set("Session", scene.challenge("joe")["Session"].clone());
    })
}

fn associate_software_token() -> Row {
    let row = Row::new("AssociateSoftwareToken", own).also("session", in_setup);
    by_session(with_token(row))
        .refuses_undeclared("UserNotFound", "User does not exist.", |scene| {
            scene.admin("AdminDeleteUser", "jane");
        })
        .refuses("SoftwareTokenMFANotFound", NO_POOL_TOKENS, only_email)
}

fn verify_software_token() -> Row {
    let by_access = || {
        let mut scene = own();
        associate(&mut scene);
        scene
    };
    let by_setup = || {
        let mut scene = in_setup();
        associate(&mut scene);
        scene
    };
    let row = Row::new("VerifySoftwareToken", by_access).also("session", by_setup);
    by_session(owner(row))
        .refuses("SoftwareTokenMFANotFound", NO_POOL_TOKENS, only_email)
        .refuses(
            "SoftwareTokenMFANotFound",
            "Software Token MFA has not been set up by the user.",
            |scene| {
                scene.admin("AdminDeleteSoftwareToken", "jane");
            },
        )
        .refuses(
            "InvalidParameter",
            "FriendlyDeviceName is too long.",
            |scene| {
                scene.set("FriendlyDeviceName", "x".repeat(1_025));
            },
        )
        .counts("EnableSoftwareTokenMFA", "Code mismatch", "A", wrong)
        .counts("EnableSoftwareTokenMFA", "Code mismatch", "AX", |scene| {
            use_setup(scene);
            wrong(scene);
        })
        .refuses("NotAuthorized", LIMIT, |scene| {
            let right = scene.body["UserCode"].clone();
            wrong(scene);
            scene.repeat("VerifySoftwareToken", 10);
            scene.set("UserCode", right);
        })
        .never(
            "CodeMismatch",
            "a wrong code ends as EnableSoftwareTokenMFA",
        )
}

fn wrong(scene: &mut Scene) {
    let code: Value = scene.wrong_totp().into();
    scene.set("UserCode", code);
}

fn set_user_pool_mfa_config() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
            "SmsMfaConfiguration": {"SmsAuthenticationMessage": "It is {####}."},
            "SoftwareTokenMfaConfiguration": {"Enabled": true},
            "EmailMfaConfiguration": {"Message": "It is {####}.", "Subject": "Code"}});
        scene
    };
    Row::new("SetUserPoolMfaConfig", scene)
        .refuses(
            "InvalidParameter",
            "At least one of [SmsMfaConfiguration] or [SoftwareTokenMfaConfiguration] must be provided.",
            |scene| scene.body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "ON",
                "SoftwareTokenMfaConfiguration": {"Enabled": false}}),
        )
        .refuses(
            "InvalidParameter",
            "EMAIL_OTP and SMS_OTP cannot be in AllowedFirstAuthFactors when MfaConfiguration is ON.",
            |scene| {
                let policy = json!({"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]});
                scene.move_to_pool_of(json!({"Policies": {"SignInPolicy": policy}}));
                scene.set("MfaConfiguration", "ON");
            },
        )
        .refuses(
            "InvalidParameter",
            "Only one of SnsCallerArn and EumsSms can be set in SmsConfiguration.",
            |scene| {
                let arn = "arn:aws:iam::000000000000:role/sms";
                let sms = json!({"SnsCallerArn": arn, "EumsSms": {"CallerArn": arn}});
                scene.set("SmsMfaConfiguration", json!({"SmsConfiguration": sms}));
            },
        )
        .refuses(
            "FeatureUnavailableInTier",
            "The following features need to be disabled for the LITE pricing tier configured: Email MFA",
            |scene| scene.move_to_pool_of(json!({"UserPoolTier": "LITE"})),
        )
}
