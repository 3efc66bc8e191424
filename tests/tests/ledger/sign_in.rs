//! Flows of signing in begun, by users and by administrators' servers.

use serde_json::json;
use userpool_tests::{
    ledger::{COUNTED, Row},
    pool::PASSWORD,
    scene::Scene,
};

use crate::{passkeys::beginning, pools::in_pool};

const DAY: u64 = 24 * 3_600;
/// The refusal of a wrong password.
pub const INCORRECT: &str = "Incorrect username or password.";
/// A password that fits the policy and is nobody's.
pub const WRONG: &str = "Wrong-horse-9";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![initiate_auth(), admin_initiate_auth()]
}

fn initiate_auth() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.user("jane");
        scene.body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
        scene
    };
    let row = Row::new("InitiateAuth", scene)
        .also("second factor", || {
            let mut scene = initiated("USER_PASSWORD_AUTH");
            mail(&mut scene);
            scene
        })
        .undelivered_where(|scene| {
            mail(scene);
            scene.cut_couriers();
        })
        .refuses_undeclared(
            "MFAMethodNotFound",
            "The user has no second factor and cannot set one up.",
            require_a_number,
        )
        .also("SRP", || by_srp(initiated("USER_SRP_AUTH")))
        .also("refresh", || by_refresh(initiated("REFRESH_TOKEN_AUTH")))
        .also("choice", || beginning("none"))
        .also("first code", || beginning("EMAIL_OTP"))
        .also("passkey", || beginning("WEB_AUTHN"))
        .refuses(
            "InvalidParameter",
            "USER_PASSWORD_AUTH flow not enabled for this client",
            |scene| {
                let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]});
                scene.set("ClientId", scene.client_of(flows));
            },
        )
        .refuses(
            "InvalidParameter",
            "Initiate Auth method not supported.",
            |scene| {
                scene.set("AuthFlow", "ADMIN_USER_PASSWORD_AUTH");
            },
        );
    begins(row)
}

fn admin_initiate_auth() -> Row {
    let scene = || {
        let mut scene = initiated("ADMIN_USER_PASSWORD_AUTH");
        scene.set("UserPoolId", scene.pool.clone());
        scene
    };
    let row = Row::new("AdminInitiateAuth", scene)
        .refuses(
            "MFAMethodNotFound",
            "The user has no second factor and cannot set one up.",
            require_a_number,
        )
        .also("SRP", || by_srp(administered("USER_SRP_AUTH")))
        .also("refresh", || by_refresh(administered("REFRESH_TOKEN_AUTH")))
        .refuses(
            "InvalidParameter",
            "Auth flow not enabled for this client",
            |scene| {
                let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]});
                scene.set("ClientId", scene.client_of(flows));
            },
        )
        .refuses(
            "InvalidParameter",
            "Initiate Auth method not supported.",
            |scene| {
                scene.set("AuthFlow", "USER_PASSWORD_AUTH");
            },
        );
    in_pool(begins(row))
}

fn initiated(flow: &str) -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.body = json!({"ClientId": scene.client, "AuthFlow": flow,
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
    scene
}

/// The user has e-mail as a second factor.
fn mail(scene: &mut Scene) {
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
}

/// The pool wants codes in text messages, and the user has no number.
fn require_a_number(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {}});
    scene.call("SetUserPoolMfaConfig", body);
}

fn administered(flow: &str) -> Scene {
    let mut scene = initiated(flow);
    scene.set("UserPoolId", scene.pool.clone());
    scene
}

fn by_srp(mut scene: Scene) -> Scene {
    // 0 < A < N is all that the first step asks of A.
    scene.put("AuthParameters", "SRP_A", "5");
    scene
}

/// The access token is about to expire, so that its grant is kept for another while.
fn by_refresh(mut scene: Scene) -> Scene {
    scene.sign_in("jane");
    scene.advance(30 * DAY - 600);
    let token = scene.fact("refresh").to_owned();
    scene.set("AuthParameters", json!({"REFRESH_TOKEN": token}));
    scene
}

/// Adds what InitiateAuth and AdminInitiateAuth have in common.
fn begins(row: Row) -> Row {
    row.told("UserNotFound", "User does not exist.", "", |scene| {
        scene.put("AuthParameters", "USERNAME", "nobody");
    })
    .hidden("NotAuthorized", INCORRECT, COUNTED, |scene| {
        scene.hide();
        scene.put("AuthParameters", "USERNAME", "nobody");
    })
    .refuses("UserNotFound", "User does not exist.", |scene| {
        use_flow(scene, "USER_SRP_AUTH", "USERNAME", "nobody");
        scene.put("AuthParameters", "SRP_A", "5");
    })
    .refuses("UserNotFound", "User does not exist.", |scene| {
        refresh(scene);
        scene.admin("AdminDeleteUser", "jane");
    })
    .refuses(
        "ResourceNotFound",
        "User pool client unknown does not exist.",
        |scene| {
            scene.set("ClientId", "unknown");
        },
    )
    .refuses("ResourceNotFound", "Device does not exist.", |scene| {
        scene.put("AuthParameters", "DEVICE_KEY", "us-east-1_unknown");
    })
    .refuses(
        "InvalidParameter",
        "Missing required parameter PASSWORD",
        |scene| {
            scene.set("AuthParameters", json!({"USERNAME": "jane"}));
        },
    )
    .refuses(
        "InvalidParameter",
        "Missing required parameter USERNAME",
        |scene| {
            scene.drop("AuthParameters");
        },
    )
    .refuses(
        "InvalidParameter",
        "Missing required parameter SRP_A",
        |scene| {
            scene.set("AuthFlow", "USER_SRP_AUTH");
        },
    )
    .refuses("InvalidParameter", "", |scene| {
        use_flow(scene, "USER_SRP_AUTH", "SRP_A", "0")
    })
    .refuses(
        "InvalidParameter",
        "CUSTOM_AUTH is not enabled for the client.",
        |scene| {
            scene.set("AuthFlow", "CUSTOM_AUTH");
        },
    )
    .refuses(
        "InvalidParameter",
        "Custom auth lambda trigger is not configured for the user pool.",
        |scene| {
            let flows = json!({"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]});
            scene.set("ClientId", scene.client_of(flows));
            scene.set("AuthFlow", "CUSTOM_AUTH");
        },
    )
    .triggers("", |scene| {
        let flows = json!({"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]});
        scene.set("ClientId", scene.client_of(flows));
        scene.set("AuthFlow", "CUSTOM_AUTH");
        scene.trigger("DefineAuthChallenge");
    })
    .refuses(
        "InvalidParameter",
        "USER_SRP_AUTH is not enabled for the client.",
        |scene| {
            let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]});
            scene.set("ClientId", scene.client_of(flows));
            use_flow(scene, "USER_SRP_AUTH", "SRP_A", "5");
        },
    )
    .refuses(
        "InvalidParameter",
        "TARGET_ACR_VALUES has none of the user pool's authentication levels.",
        |scene| {
            let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]});
            scene.set("ClientId", scene.client_of(flows));
            use_flow(scene, "USER_AUTH", "TARGET_ACR_VALUES", "mfa");
        },
    )
    .refuses(
        "NotAuthorized",
        "User has no factors for any of the requested authentication levels.",
        |scene| {
            let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]});
            scene.set("ClientId", scene.client_of(flows));
            use_flow(scene, "USER_AUTH", "TARGET_ACR_VALUES", "urn:cognito:loa:4");
        },
    )
    .refuses("FeatureUnavailableInTier", "", |scene| {
        let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]});
        scene.set("ClientId", scene.client_of(flows));
        let lower = json!({"UserPoolId": scene.pool, "UserPoolTier": "LITE"});
        scene.call("UpdateUserPool", lower);
        use_flow(scene, "USER_AUTH", "TARGET_ACR_VALUES", "urn:cognito:loa:1");
    })
    .refuses(
        "NotAuthorized",
        "Client {client} is configured with secret but SECRET_HASH was not received",
        Scene::use_client_with_secret,
    )
    .refuses(
        "NotAuthorized",
        "Unable to verify secret hash for client {client}",
        |scene| {
            scene.use_client_with_secret();
            scene.put("AuthParameters", "SECRET_HASH", "wrong");
        },
    )
    .counts("NotAuthorized", INCORRECT, COUNTED, |scene| {
        scene.put("AuthParameters", "PASSWORD", WRONG);
    })
    .refuses("NotAuthorized", "Password attempts exceeded", |scene| {
        let parameters = json!({"USERNAME": "jane", "PASSWORD": WRONG});
        let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": parameters});
        for _ in 0..5 {
            scene
                .try_call("InitiateAuth", &body)
                .expect_err("a wrong password");
        }
    })
    .refuses("NotAuthorized", "User is disabled.", |scene| {
        scene.admin("AdminDisableUser", "jane");
    })
    .refuses(
        "NotAuthorized",
        "Temporary password has expired and must be reset by an administrator.",
        |scene| {
            temporary(scene, PASSWORD);
            scene.advance(7 * DAY);
        },
    )
    .refuses("NotAuthorized", "Invalid Refresh Token", |scene| {
        use_flow(scene, "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "garbage");
    })
    .refuses("NotAuthorized", "Refresh Token has expired", |scene| {
        refresh(scene);
        scene.advance(30 * DAY);
    })
    .refuses("NotAuthorized", "Refresh Token has been revoked", |scene| {
        refresh(scene);
        scene.admin("AdminUserGlobalSignOut", "jane");
    })
    .triggers("", |scene| scene.trigger("PreAuthentication"))
    .triggers("", |scene| scene.trigger("PostAuthentication"))
    .triggers("", |scene| scene.trigger("PreTokenGeneration"))
    .triggers("", |scene| {
        refresh(scene);
        scene.trigger("PreTokenGeneration");
    })
    .triggers("F", |scene| {
        scene.trigger("UserMigration");
        scene.put("AuthParameters", "USERNAME", "nobody");
    })
    .refuses(
        "PasswordResetRequired",
        "Password reset required for the user",
        |scene| {
            scene.admin("AdminResetUserPassword", "jane");
        },
    )
    .refuses("UserNotConfirmed", "User is not confirmed.", |scene| {
        scene.sign_up("joe");
        scene.put("AuthParameters", "USERNAME", "joe");
    })
    .never(
        "UnsupportedOperation",
        "every flow of the model is in this version",
    )
}

fn use_flow(scene: &mut Scene, flow: &str, parameter: &str, value: &str) {
    scene.set("AuthFlow", flow);
    scene.put("AuthParameters", parameter, value);
}

fn refresh(scene: &mut Scene) {
    scene.sign_in("jane");
    let token = scene.fact("refresh").to_owned();
    use_flow(scene, "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", &token);
}

/// Gives the user a temporary password.
pub fn temporary(scene: &Scene, password: &str) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane",
        "Password": password, "Permanent": false});
    scene.call("AdminSetUserPassword", body);
}
