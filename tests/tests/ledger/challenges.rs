//! Challenges of signing in answered, by users and by administrators' servers.

use serde_json::{Value, json};
use userpool_tests::{
    device::ClientDevice,
    ledger::{Arrange, COUNTED, LANDED, Row},
    pool::PASSWORD,
    scene::{Scene, text},
};

use crate::{
    passkeys::answering_to,
    pools::in_pool,
    sign_in::{INCORRECT, WRONG, temporary},
};

const USED: &str = "Invalid session for the user, session can only be used once.";
const EXPIRED: &str = "Invalid session for the user, session is expired.";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![
        respond_to_auth_challenge(),
        admin_respond_to_auth_challenge(),
    ]
}

fn respond_to_auth_challenge() -> Row {
    let row = Row::new("RespondToAuthChallenge", proving)
        .also("new password", choosing)
        .also("code", || {
            answering(|scene| by_code(scene, "EMAIL_OTP_CODE", ""))
        })
        .also("software token", || answering(by_software_token))
        .also("choice", || answering(by_choice))
        .also("setup", || answering(by_verified_setup))
        .also("address", || answering(by_new_address))
        .also("device", || answering(by_device))
        .also("proof of a device", || answering(by_device_proof))
        .also("choice of a first factor", || answering_to("none"))
        .also("first password", || answering_to("PASSWORD"))
        .also("first code", || answering_to("EMAIL_OTP"))
        .also("passkey", || answering_to("WEB_AUTHN"))
        .undelivered_where(|scene| {
            by_choice(scene);
            scene.cut_couriers();
        });
    answers(row)
}

fn admin_respond_to_auth_challenge() -> Row {
    let scene = || {
        let mut scene = proving();
        scene.set("UserPoolId", scene.pool.clone());
        scene
    };
    let row = Row::new("AdminRespondToAuthChallenge", scene).also("new password", || {
        let mut scene = choosing();
        scene.set("UserPoolId", scene.pool.clone());
        scene
    });
    in_pool(answers(row))
}

/// A user about to prove the password by SRP.
fn proving() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.body = json!({"ClientId": scene.client});
    prove(&mut scene, "jane", PASSWORD);
    scene
}

/// A user with a temporary password about to choose one.
fn choosing() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.body = json!({"ClientId": scene.client});
    choose(&mut scene);
    scene
}

/// Begins an SRP sign-in at the client of the request, and puts the answer there.
fn prove(scene: &mut Scene, name: &str, password: &str) {
    let client = text(&scene.body["ClientId"]);
    let challenge = scene
        .stage_at(&client)
        .srp_begin(name)
        .expect("a challenge");
    let answer = challenge.answer(password).into_iter();
    scene.set("ChallengeName", "PASSWORD_VERIFIER");
    scene.set(
        "ChallengeResponses",
        Value::Object(
            answer
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        ),
    );
}

/// Signs in with a temporary password, and puts the answer to what follows into the request.
fn choose(scene: &mut Scene) {
    temporary(scene, PASSWORD);
    let client = text(&scene.body["ClientId"]);
    let reply = scene
        .stage_at(&client)
        .password_sign_in("jane", PASSWORD)
        .expect("a challenge");
    let session = reply.session.expect("a session");
    scene.set("ChallengeName", "NEW_PASSWORD_REQUIRED");
    scene.set("Session", session.as_str());
    scene.set(
        "ChallengeResponses",
        json!({"USERNAME": "jane", "NEW_PASSWORD": "Another-horse-9"}),
    );
}

/// Begins a sign-in that ends with a second factor, and puts the answer into the request.
fn second(scene: &mut Scene, responses: Value) {
    let client = text(&scene.body["ClientId"]);
    let reply = scene
        .stage_at(&client)
        .password_sign_in("jane", PASSWORD)
        .expect("a challenge");
    let name = reply.challenge_name.expect("a challenge");
    scene.set("ChallengeName", name.as_str());
    scene.set("Session", reply.session.expect("a session").as_str());
    let mut all = json!({"USERNAME": "jane"});
    for (name, value) in responses.as_object().expect("an object") {
        all[name] = value.clone();
    }
    scene.set("ChallengeResponses", all);
}

/// A code in an e-mail: the right one where none is given.
fn by_code(scene: &mut Scene, member: &str, code: &str) {
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
    second(scene, json!({}));
    let sent = scene.code_of("jane");
    let code = if code.is_empty() { &sent } else { code };
    scene.put("ChallengeResponses", member, code);
}

/// A code of a software token.
fn by_software_token(scene: &mut Scene) {
    scene.sign_in("jane");
    scene.factors("OPTIONAL");
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    let code = scene.totp(0);
    second(scene, json!({"SOFTWARE_TOKEN_MFA_CODE": code}));
}

/// The choice of an e-mail among two factors.
fn by_choice(scene: &mut Scene) {
    scene.factors("OPTIONAL");
    scene.phone("jane");
    scene.prefer(
        "jane",
        json!({"EmailMfaSettings": {"Enabled": true},
        "SMSMfaSettings": {"Enabled": true}}),
    );
    second(scene, json!({"ANSWER": "EMAIL_OTP"}));
}

/// A user who has to set a factor up, and has not.
fn by_setup(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributeNames": ["email"]});
    scene.call("AdminDeleteUserAttributes", body);
    scene.factors("ON");
    second(scene, json!({}));
}

/// A setup whose software token was verified.
fn by_verified_setup(scene: &mut Scene) {
    by_setup(scene);
    let session = json!({"Session": scene.body["Session"]});
    let reply = scene.call("AssociateSoftwareToken", session);
    scene.facts.insert("secret", text(&reply["SecretCode"]));
    let body = json!({"Session": reply["Session"], "UserCode": scene.totp(0)});
    let reply = scene.call("VerifySoftwareToken", body);
    scene.set("Session", reply["Session"].clone());
}

/// A setup by an address, and the code that went there.
fn by_new_address(scene: &mut Scene) {
    by_setup(scene);
    scene.put("ChallengeResponses", "EMAIL", "jane@example.com");
    let mut body = scene.body.clone();
    body.as_object_mut().expect("a body").remove("UserPoolId");
    let reply = scene.call("RespondToAuthChallenge", body);
    scene.set("ChallengeName", "EMAIL_OTP");
    scene.set("Session", reply["Session"].clone());
    let code = scene.code_of("jane");
    let responses = json!({"USERNAME": "jane", "EMAIL_OTP_CODE": code});
    scene.set("ChallengeResponses", responses);
}

/// A remembered device that is asked for its secret.
fn by_device(scene: &mut Scene) {
    device(scene);
}

/// As [`by_device`]; the device.
fn device(scene: &mut Scene) -> ClientDevice {
    scene.track_devices();
    let device = scene.confirmed_device("jane");
    let challenge = scene.password("jane", &json!(device.key));
    scene.set("ChallengeName", challenge["ChallengeName"].clone());
    scene.set("Session", challenge["Session"].clone());
    scene.set("ChallengeResponses", device.begin("jane"));
    device
}

/// A remembered device about to prove its secret.
fn by_device_proof(scene: &mut Scene) {
    let device = device(scene);
    let mut body = scene.body.clone();
    body.as_object_mut().expect("a body").remove("UserPoolId");
    let challenge = scene.call("RespondToAuthChallenge", body);
    scene.set("ChallengeName", challenge["ChallengeName"].clone());
    scene.set("Session", challenge["Session"].clone());
    scene.set("ChallengeResponses", device.prove(&challenge));
}

/// Forgets the device of the request.
fn forget(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "DeviceKey": scene.body["ChallengeResponses"]["DEVICE_KEY"]});
    scene.call("AdminForgetDevice", body);
}

/// A scene in which a second factor is answered.
fn answering(arrange: Arrange) -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.body = json!({"ClientId": scene.client});
    arrange(&mut scene);
    scene
}

/// A first factor that is answered, in another scene.
fn first(scene: &mut Scene, preferred: &str) {
    let administrated = scene.body.get("UserPoolId").is_some();
    *scene = answering_to(preferred);
    if administrated {
        scene.set("UserPoolId", scene.pool.clone());
    }
}

/// Refuses an answer that was given before.
const AGAIN: Arrange = |scene| {
    let mut body = scene.body.clone();
    body.as_object_mut().expect("a body").remove("UserPoolId");
    scene.call("RespondToAuthChallenge", body);
};

/// Adds what RespondToAuthChallenge and AdminRespondToAuthChallenge have in common.
fn answers(row: Row) -> Row {
    row.told("NotAuthorized", INCORRECT, COUNTED, |scene| {
        scene.put("ChallengeResponses", "USERNAME", "nobody");
    })
    .hidden("NotAuthorized", INCORRECT, COUNTED, |scene| {
        scene.hide();
        prove(scene, "nobody", PASSWORD);
    })
    .never("UserNotFound", "a challenge is about the user of its block or Session")
    .refuses("ResourceNotFound", "User pool client unknown does not exist.", |scene| {
        scene.set("ClientId", "unknown");
    })
    .refuses("ResourceNotFound", "Device does not exist.", |scene| {
        scene.put("ChallengeResponses", "DEVICE_KEY", "us-east-1_unknown");
    })
    .refuses("InvalidParameter", "Missing required parameter USERNAME", |scene| {
        scene.drop("ChallengeResponses");
    })
    .refuses(
        "InvalidParameter",
        "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english",
        |scene| scene.put("ChallengeResponses", "TIMESTAMP", "now"),
    )
    .refuses("InvalidParameter", "Invalid attributes given, name is missing", |scene| {
        scene.move_to_pool_of(json!({"Schema": [{"Name": "name", "Required": true}]}));
        let body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "TemporaryPassword": PASSWORD});
        scene.call("AdminCreateUser", body);
        choose(scene);
    })
    .refuses(
        "NotAuthorized",
        "Client {client} is configured with secret but SECRET_HASH was not received",
        Scene::use_client_with_secret,
    )
    .refuses("NotAuthorized", "Unable to verify secret hash for client {client}", |scene| {
        scene.use_client_with_secret();
        scene.put("ChallengeResponses", "SECRET_HASH", "wrong");
    })
    .counts("NotAuthorized", INCORRECT, COUNTED, |scene| prove(scene, "jane", WRONG))
    .refuses("NotAuthorized", INCORRECT, AGAIN)
    .refuses("NotAuthorized", USED, |scene| {
        choose(scene);
        AGAIN(scene);
    })
    .refuses("NotAuthorized", EXPIRED, |scene| {
        choose(scene);
        scene.advance(180);
    })
    .refuses("NotAuthorized", "Invalid session for the user.", |scene| {
        choose(scene);
        scene.set("Session", "x".repeat(40));
    })
    .counts("NotAuthorized", "User is disabled.", "Z", |scene| {
        scene.admin("AdminDisableUser", "jane");
        prove(scene, "jane", PASSWORD);
    })
    .refuses("NotAuthorized", "Cannot modify an already provided email", |scene| {
        scene.move_to_pool_of(json!({"Schema": [{"Name": "email", "Required": true}]}));
        scene.user("jane");
        choose(scene);
        scene.put("ChallengeResponses", "userAttributes.email", "other@example.com");
    })
    .refuses(
        "InvalidPassword",
        "Password did not conform with policy: Password not long enough",
        |scene| {
            choose(scene);
            scene.put("ChallengeResponses", "NEW_PASSWORD", "Sh0rt!");
        },
    )
    .refuses("PasswordHistoryPolicyViolation", "", |scene| {
        let policy = json!({"MinimumLength": 8, "PasswordHistorySize": 3});
        scene.move_to_pool_of(json!({"Policies": {"PasswordPolicy": policy}}));
        let body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "TemporaryPassword": "Temporary-9"});
        scene.call("AdminCreateUser", body);
        choose(scene);
        scene.put("ChallengeResponses", "NEW_PASSWORD", PASSWORD);
    })
    .triggers("Z", |scene| scene.trigger("PreTokenGeneration"))
    .triggers("Z", |scene| scene.trigger("PostAuthentication"))
    .triggers(LANDED, |scene| {
        choose(scene);
        scene.trigger("PostAuthentication");
    })
    .refuses("AliasExists", "An account with the given phone_number already exists.", |scene| {
        scene.move_to_pool_of(json!({"UsernameAttributes": ["email", "phone_number"]}));
        for name in ["+12065550100", "jane@example.com"] {
            let body = json!({"UserPoolId": scene.pool, "Username": name,
                "TemporaryPassword": PASSWORD});
            scene.call("AdminCreateUser", body);
        }
        let stage = scene.stage();
        let reply = stage.password_sign_in("jane@example.com", PASSWORD).expect("a challenge");
        let session = reply.session.expect("a session");
        scene.set("ChallengeName", "NEW_PASSWORD_REQUIRED");
        scene.set("Session", session.as_str());
        let responses = json!({"USERNAME": "jane@example.com", "NEW_PASSWORD": "Another-horse-9",
            "userAttributes.phone_number": "+12065550100"});
        scene.set("ChallengeResponses", responses);
    })
    .counts("PasswordResetRequired", "Password reset required for the user", "Z", |scene| {
        scene.admin("AdminResetUserPassword", "jane");
        prove(scene, "jane", PASSWORD);
    })
    .counts("UserNotConfirmed", "User is not confirmed.", "Z", |scene| {
        scene.sign_up("joe");
        prove(scene, "joe", PASSWORD);
    })
    .refuses_undeclared("UnsupportedOperation", "", |scene| {
        scene.set("ChallengeName", "ADMIN_NO_SRP_AUTH");
    })
    .refuses("InvalidParameter", "ANSWER is none of the available challenges.", |scene| {
        first(scene, "none");
        scene.put("ChallengeResponses", "ANSWER", "SMS_OTP");
    })
    .refuses("InvalidParameter", "Missing required parameter CREDENTIAL", |scene| {
        first(scene, "WEB_AUTHN");
        scene.set("ChallengeResponses", json!({"USERNAME": "jane"}));
    })
    .counts("NotAuthorized", INCORRECT, "X", |scene| {
        first(scene, "WEB_AUTHN");
        scene.put("ChallengeResponses", "CREDENTIAL", "{}");
    })
    .counts("NotAuthorized", INCORRECT, "AX", |scene| {
        first(scene, "PASSWORD");
        scene.put("ChallengeResponses", "PASSWORD", WRONG);
    })
    .counts("CodeMismatch", "Invalid code or auth state for the user.", "AX", |scene| {
        first(scene, "EMAIL_OTP");
        scene.put("ChallengeResponses", "EMAIL_OTP_CODE", "none");
    })
    .counts("MFAMethodNotFound", "", "Z", |scene| {
        let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "ON",
            "SmsMfaConfiguration": {}});
        scene.call("SetUserPoolMfaConfig", body);
    })
    .counts("CodeMismatch", "Invalid code or auth state for the user.", "AX", |scene| {
        by_code(scene, "EMAIL_OTP_CODE", "none");
    })
    .counts("CodeMismatch", "Invalid code received for user", "AX", |scene| {
        by_software_token(scene);
        let wrong = scene.wrong_totp();
        scene.put("ChallengeResponses", "SOFTWARE_TOKEN_MFA_CODE", &wrong);
    })
    .counts("ExpiredCode", "Your software token has already been used once.", "AX", |scene| {
        by_software_token(scene);
        let before = scene.totp(-1);
        scene.put("ChallengeResponses", "SOFTWARE_TOKEN_MFA_CODE", &before);
    })
    .refuses("ExpiredCode", "Invalid code provided, please request a code again.", |scene| {
        by_code(scene, "EMAIL_OTP_CODE", "");
        let body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "UserAttributes": [{"Name": "email", "Value": "new@example.com"}]});
        scene.call("AdminUpdateUserAttributes", body);
    })
    .refuses(
        "SoftwareTokenMFANotFound",
        "Software Token MFA has not been set up by the user.",
        |scene| {
            by_software_token(scene);
            scene.admin("AdminDeleteSoftwareToken", "jane");
        },
    )
    .refuses("InvalidParameter", "Missing required parameter EMAIL_OTP_CODE", |scene| {
        by_code(scene, "SMS_MFA_CODE", "");
    })
    .refuses("InvalidParameter", "Missing required parameter Session", |scene| {
        by_code(scene, "EMAIL_OTP_CODE", "");
        scene.drop("Session");
    })
    .refuses("InvalidParameter", "ANSWER is none of the second factors of the user.", |scene| {
        by_choice(scene);
        scene.put("ChallengeResponses", "ANSWER", "SOFTWARE_TOKEN_MFA");
    })
    .refuses("InvalidParameter", "Invalid email address format.", |scene| {
        by_setup(scene);
        scene.put("ChallengeResponses", "EMAIL", "jane");
    })
    .refuses("NotAuthorized", "Attempt limit exceeded, please try after some time.", |scene| {
        for _ in 0..2 {
            by_code(scene, "EMAIL_OTP_CODE", "none");
            let mut body = scene.body.clone();
            body.as_object_mut().expect("a body").remove("UserPoolId");
            for _ in 0..5 {
                drop(scene.try_call("RespondToAuthChallenge", &body));
            }
        }
        by_code(scene, "EMAIL_OTP_CODE", "");
    })
    .refuses("NotAuthorized", "Invalid session for the user.", |scene| {
        by_software_token(scene);
        scene.set("ChallengeName", "EMAIL_OTP");
        scene.put("ChallengeResponses", "EMAIL_OTP_CODE", "123456");
    })
    .refuses("NotAuthorized", "Invalid session for the user.", by_setup)
    .refuses("ResourceNotFound", "Device does not exist.", |scene| {
        by_device(scene);
        forget(scene);
    })
    .refuses("ResourceNotFound", "Device does not exist.", |scene| {
        by_device_proof(scene);
        forget(scene);
    })
    .refuses("InvalidParameter", "Missing required parameter DEVICE_KEY", |scene| {
        by_device(scene);
        scene.set("ChallengeResponses", json!({"USERNAME": "jane", "SRP_A": "5"}));
    })
    .refuses("InvalidParameter", "Invalid SRP_A value.", |scene| {
        by_device(scene);
        scene.put("ChallengeResponses", "SRP_A", "0");
    })
    .refuses("NotAuthorized", "Invalid session for the user.", |scene| {
        by_device(scene);
        let body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "DeviceKey": scene.body["ChallengeResponses"]["DEVICE_KEY"],
            "DeviceRememberedStatus": "not_remembered"});
        scene.call("AdminUpdateDeviceStatus", body);
    })
    .refuses("NotAuthorized", USED, |scene| {
        by_device_proof(scene);
        AGAIN(scene);
    })
    .counts("NotAuthorized", INCORRECT, "DX", |scene| {
        by_device_proof(scene);
        scene.put("ChallengeResponses", "PASSWORD_CLAIM_SIGNATURE", &"A".repeat(43));
    })
}
