//! Devices: confirmed, shown, remembered or not, forgotten.

use serde_json::{Value, json};
use userpool_tests::{device::ClientDevice, ledger::Row, scene::Scene};

use crate::{
    pools::in_pool,
    tokens::{by_token, confirmed, needs_no_password, with_token_and_more, with_user},
};

const UNKNOWN: &str = "Device does not exist.";
const NO_TRACKING: &str = "Device tracking is not enabled for the user pool.";

/// The rows of this chapter.
pub fn rows() -> Vec<Row> {
    vec![
        owner(confirm_device()),
        owner(about_one(Row::reading("GetDevice", own))),
        silent(about_one(Row::reading("AdminGetDevice", theirs))),
        owner(about_one(telling(Row::new("UpdateDeviceStatus", || {
            tell(own())
        })))),
        administered(about_one(telling(Row::new(
            "AdminUpdateDeviceStatus",
            || tell(theirs()),
        )))),
        owner(about_one(Row::new("ForgetDevice", own))),
        administered(about_one(Row::new("AdminForgetDevice", theirs))),
        needs_no_password(with_user(by_token(listing(Row::reading(
            "ListDevices",
            || without_key(own()),
        ))))),
        silent(listing(Row::reading("AdminListDevices", || {
            without_key(theirs())
        }))),
    ]
}

fn owner(row: Row) -> Row {
    needs_no_password(with_user(confirmed(with_token_and_more(row))))
}

fn administered(row: Row) -> Row {
    in_pool(row.tells_administrators())
}

/// Adds the refusals of an operation of administrators whose model does not say what unknown users lead to.
fn silent(row: Row) -> Row {
    in_pool(row)
        .refuses_undeclared("UserNotFound", "User does not exist.", |scene| {
            scene.set("Username", "nobody");
        })
        .names_nobody("administrators are always told, though the model does not say so")
}

/// A user with a remembered device, who has signed in from it.
fn own() -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.track_devices();
    let device = scene.confirmed_device("jane");
    scene.body = json!({"AccessToken": scene.fact("access"), "DeviceKey": device.key});
    scene
}

/// The same device, named by an administrator.
fn theirs() -> Scene {
    let mut scene = own();
    scene.drop("AccessToken");
    scene.set("UserPoolId", scene.pool.clone());
    scene.set("Username", "jane");
    scene
}

fn tell(mut scene: Scene) -> Scene {
    scene.set("DeviceRememberedStatus", "not_remembered");
    scene
}

fn without_key(mut scene: Scene) -> Scene {
    scene.drop("DeviceKey");
    scene.set("Limit", 1);
    scene
}

fn confirm_device() -> Row {
    let scene = || {
        let mut scene = Scene::with_pool();
        scene.user("jane");
        scene.track_devices();
        let reply = scene.password("jane", &Value::Null);
        scene.keep(&reply);
        let device = ClientDevice::of(&reply);
        scene.body = device.confirmation(scene.fact("access"));
        scene
    };
    Row::new("ConfirmDevice", scene)
        .also("a second one", || {
            let mut scene = own();
            let reply = scene.password("jane", &Value::Null);
            scene.keep(&reply);
            scene.body = ClientDevice::of(&reply).confirmation(scene.fact("access"));
            scene
        })
        .refuses("InvalidParameter", "Invalid device key given.", |scene| {
            scene.set(
                "DeviceKey",
                "us-east-1_00000000-0000-4000-8000-000000000000",
            )
        })
        .refuses(
            "InvalidParameter",
            "Invalid device secret verifier config given.",
            |scene| scene.drop("DeviceSecretVerifierConfig"),
        )
        .refuses(
            "InvalidParameter",
            "Invalid device secret verifier config given.",
            |scene| scene.put("DeviceSecretVerifierConfig", "PasswordVerifier", "AQ=="),
        )
        .refuses("InvalidUserPoolConfiguration", NO_TRACKING, stop_tracking)
        .refuses(
            "DeviceKeyExists",
            "A device with this key exists already.",
            |scene| {
                scene.call("ConfirmDevice", scene.body.clone());
            },
        )
        .refuses("ResourceNotFound", UNKNOWN, |scene| {
            scene.call("ConfirmDevice", scene.body.clone());
            let body = json!({"AccessToken": scene.body["AccessToken"],
                "DeviceKey": scene.body["DeviceKey"]});
            scene.call("ForgetDevice", body);
        })
        .never(
            "InvalidPassword",
            "the secret of a device is none of its user's passwords",
        )
        .never("UsernameExists", "a device has no user name")
        .never("InvalidLambdaResponse", "no trigger is asked about devices")
}

/// Adds the refusals of an operation about one device.
fn about_one(row: Row) -> Row {
    row.refuses("ResourceNotFound", UNKNOWN, |scene| {
        scene.set(
            "DeviceKey",
            "us-east-1_00000000-0000-4000-8000-000000000000",
        );
    })
    .refuses("ResourceNotFound", UNKNOWN, |scene| {
        let body = json!({"UserPoolId": scene.pool, "Username": "jane",
            "DeviceKey": scene.body["DeviceKey"]});
        scene.call("AdminForgetDevice", body);
    })
    .refuses("InvalidUserPoolConfiguration", NO_TRACKING, stop_tracking)
    .refuses("InvalidParameter", "", |scene| {
        scene.set("DeviceKey", "none")
    })
    .refuses("InvalidParameter", "", |scene| scene.drop("DeviceKey"))
}

fn telling(row: Row) -> Row {
    row.refuses("InvalidParameter", "", |scene| {
        scene.set("DeviceRememberedStatus", "perhaps");
    })
}

fn listing(row: Row) -> Row {
    row.refuses(
        "InvalidParameter",
        "Invalid pagination token given.",
        |scene| scene.set("PaginationToken", "another"),
    )
    .refuses("InvalidParameter", "", |scene| scene.set("Limit", 61))
}

fn stop_tracking(scene: &mut Scene) {
    let body = json!({"UserPoolId": scene.pool, "AutoVerifiedAttributes": ["email"]});
    scene.call("UpdateUserPool", body);
}
