//! Users that come in a file.

use std::fmt::Write as _;

use serde_json::{Value, json};
use userpool_tests::{
    import::{address, report, send},
    scene::{Scene, text},
};

const ROLE: &str = "arn:aws:iam::000000000000:role/import";

/// A pool with an attribute of its own.
fn scene() -> Scene {
    Scene::with_pool_of(json!({"AutoVerifiedAttributes": ["email"],
        "Schema": [{"Name": "team", "AttributeDataType": "String", "Mutable": true}]}))
}

fn columns(scene: &Scene) -> Vec<String> {
    let answer = scene.call("GetCSVHeader", json!({"UserPoolId": scene.pool}));
    let columns = answer["CSVHeader"].as_array().expect("columns");
    columns.iter().map(text).collect()
}

/// A file with these rows, each of values by column; names are `cognito:username`.
fn file(scene: &Scene, rows: &[(&str, &[(&str, &str)])]) -> String {
    let columns = columns(scene);
    let mut file = columns.join(",");
    file.push('\n');
    for (name, values) in rows {
        let cell = |column: &String| {
            let given = values.iter().find(|(given, _)| given == column);
            match (column.as_str(), given) {
                (_, Some((_, value))) => value.to_string(),
                ("cognito:username", None) => name.to_string(),
                ("cognito:mfa_enabled", None) => "false".into(),
                _ => String::new(),
            }
        };
        let row: Vec<String> = columns.iter().map(cell).collect();
        writeln!(file, "{}", row.join(",")).expect("a text takes everything");
    }
    file
}

fn made(scene: &Scene) -> Value {
    let body = json!({"UserPoolId": scene.pool, "JobName": "all", "CloudWatchLogsRoleArn": ROLE});
    scene.call("CreateUserImportJob", body)
}

fn named(made: &Value) -> Value {
    json!({"UserPoolId": made["UserImportJob"]["UserPoolId"], "JobId": made["UserImportJob"]["JobId"]})
}

/// An import with this file, started.
fn started(scene: &Scene, file: &str) -> Value {
    let made = made(scene);
    send(scene, &address(&made), file.as_bytes()).expect("a file");
    scene.call("StartUserImportJob", named(&made))
}

fn upkeep(scene: &Scene) {
    while scene.world.engine.maintain_blocking().expect("a store") {}
}

fn described(scene: &Scene, made: &Value) -> Value {
    let answer = scene.call("DescribeUserImportJob", named(made));
    answer["UserImportJob"].clone()
}

const VERIFIED: (&str, &str) = ("email_verified", "TRUE");

#[test]
fn the_columns_are_the_services_and_those_of_the_pool() {
    let scene = scene();
    let columns = columns(&scene);
    assert_eq!(columns[..2], ["name", "given_name"]);
    assert_eq!(
        columns[18..],
        [
            "updated_at",
            "custom:team",
            "cognito:mfa_enabled",
            "cognito:username"
        ]
    );
}

#[test]
fn users_of_a_file_come_in_and_choose_a_password() {
    let scene = scene();
    scene.user("taken");
    let file = file(
        &scene,
        &[
            (
                "ada",
                &[
                    ("email", "ada@example.com"),
                    VERIFIED,
                    ("address", r"1 Main St\, Springfield"),
                    ("custom:team", " blue "),
                    ("birthdate", "02/28/1990"),
                ],
            ),
            ("taken", &[("email", "taken@example.com"), VERIFIED]),
            ("unverified", &[("email", "u@example.com")]),
            ("", &[("email", "n@example.com"), VERIFIED]),
            (
                "wrong",
                &[
                    ("email", "w@example.com"),
                    VERIFIED,
                    ("cognito:mfa_enabled", "maybe"),
                ],
            ),
            (
                "textless",
                &[
                    ("email", "t@example.com"),
                    VERIFIED,
                    ("cognito:mfa_enabled", "true"),
                ],
            ),
            ("bob", &[("email", "bob@example.com"), VERIFIED]),
        ],
    );
    let start = started(&scene, &format!("{file}\n,,\n"));
    assert_eq!(start["UserImportJob"]["Status"], "Pending");
    upkeep(&scene);
    let job = described(&scene, &start);
    assert_eq!(job["Status"], "Succeeded");
    assert_eq!(
        job["CompletionMessage"],
        "Import Job Completed Successfully."
    );
    assert_eq!(
        (
            &job["ImportedUsers"],
            &job["SkippedUsers"],
            &job["FailedUsers"]
        ),
        (&json!(2), &json!(1), &json!(5))
    );
    let again = json!({"UserImportJob": job});
    let lines = report(&scene, &address(&again)).expect("a report");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[0],
        "[SKIPPED] Line Number 3 - The user already exists."
    );
    assert_eq!(
        lines[1],
        "[FAILED] Line Number 4 - The User Record does not set any of the auto verified attributes to true. (Example: \
         email_verified to true)."
    );
    assert!(
        lines[2].starts_with("[FAILED] Line Number 5 - "),
        "{}",
        lines[2]
    );
    assert_eq!(
        lines[5],
        "[FAILED] Line Number 10 - The row has 3 values for 22 columns."
    );

    let ada = scene.admin("AdminGetUser", "ada");
    assert_eq!(ada["UserStatus"], "RESET_REQUIRED");
    let attributes = ada["UserAttributes"].to_string();
    for part in [
        "1 Main St, Springfield",
        r#""custom:team","Value":"blue""#,
        "1990-02-28",
        r#""email_verified","Value":"true""#,
    ] {
        assert!(attributes.contains(part), "{part} {attributes}");
    }
    let body = |client: &str| {
        json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "ada", "PASSWORD": "Some-password-1"}})
    };
    let told = scene.try_call("InitiateAuth", &body(&scene.client));
    assert_eq!(told.unwrap_err().name, "PasswordResetRequiredException");
    let hidden = scene.try_call("InitiateAuth", &body(&scene.hiding));
    assert_eq!(hidden.unwrap_err().name, "NotAuthorizedException");
    let asks = json!({"ClientId": scene.client, "Username": "ada"});
    scene.call("ForgotPassword", asks);
    let sets = json!({"ClientId": scene.client, "Username": "ada", "Password": "Some-password-1",
        "ConfirmationCode": scene.code_of("ada")});
    scene.call("ConfirmForgotPassword", sets);
    scene.call("InitiateAuth", body(&scene.client));
}

#[test]
fn an_import_goes_on_row_by_row_and_shows_how_far_it_is() {
    let scene = scene();
    let rows: Vec<(String, String)> = (0..40)
        .map(|number| (format!("user-{number}"), format!("u{number}@example.com")))
        .collect();
    let values: Vec<[(&str, &str); 2]> = rows
        .iter()
        .map(|(_, email)| [("email", email.as_str()), VERIFIED])
        .collect();
    let rows: Vec<(&str, &[(&str, &str)])> = rows
        .iter()
        .zip(&values)
        .map(|((name, _), values)| (name.as_str(), &values[..]))
        .collect();
    let start = started(&scene, &file(&scene, &rows));
    scene.world.engine.maintain_blocking().expect("a store");
    let job = described(&scene, &start);
    assert_eq!(
        (&job["Status"], &job["ImportedUsers"]),
        (&json!("InProgress"), &json!(3))
    );
    for (operation, more) in [
        ("UpdateUserPool", json!({})),
        ("DeleteUserPool", json!({})),
        (
            "AddCustomAttributes",
            json!({"CustomAttributes": [{"Name": "x", "AttributeDataType": "String"}]}),
        ),
    ] {
        let mut body = more;
        body["UserPoolId"] = json!(scene.pool);
        let error = scene.refusal(operation, &body, "");
        assert!(
            error.starts_with("UserImportInProgressException"),
            "{error}"
        );
    }
    // Another engine over the same store goes on where this one was.
    let other = scene.copy();
    upkeep(&other);
    let job = described(&other, &start);
    assert_eq!(
        (&job["Status"], &job["ImportedUsers"]),
        (&json!("Succeeded"), &json!(40))
    );
    let pool = other.call("DescribeUserPool", json!({"UserPoolId": scene.pool}));
    assert_eq!(pool["UserPool"]["EstimatedNumberOfUsers"], 40);
}

#[test]
fn an_import_that_is_stopped_keeps_the_users_that_it_made() {
    let scene = scene();
    let rows = [("ada", &[("email", "ada@example.com"), VERIFIED][..])];
    let start = started(&scene, &file(&scene, &rows));
    let stop = scene.call("StopUserImportJob", named(&start));
    assert_eq!(stop["UserImportJob"]["Status"], "Stopping");
    let error = scene.refusal("StopUserImportJob", &named(&start), "");
    assert!(error.starts_with("PreconditionNotMetException"), "{error}");
    upkeep(&scene);
    let job = described(&scene, &start);
    assert_eq!(job["Status"], "Stopped");
    assert_eq!(
        job["CompletionMessage"],
        "The Import Job was stopped by the developer."
    );
    assert!(job["CompletionDate"].is_number());
    // The next one may begin.
    let next = started(&scene, &file(&scene, &rows));
    upkeep(&scene);
    assert_eq!(described(&scene, &next)["ImportedUsers"], 1);
}

#[test]
fn a_file_without_the_columns_of_the_pool_fails_the_import() {
    let scene = scene();
    for file in ["", "name,email\nada,a@example.com\n"] {
        let header = match file {
            "" => columns(&scene)
                .join(",")
                .replace("custom:team", "custom:crew"),
            file => file.into(),
        };
        let start = started(&scene, &header);
        upkeep(&scene);
        let job = described(&scene, &start);
        assert_eq!(job["Status"], "Failed");
        assert_eq!(
            job["CompletionMessage"],
            "The header in the CSV file does not match the expected headers for the user pool."
        );
    }
}

#[test]
fn rows_may_lie_across_parts_of_a_file_and_have_bounds() {
    let scene = scene();
    let long = "x".repeat(2_048);
    let names: Vec<String> = (0..70).map(|number| format!("user-{number}")).collect();
    let values: Vec<[(&str, String); 3]> = names
        .iter()
        .map(|name| {
            let email = format!("{name}@example.com");
            [
                ("email", email),
                ("email_verified", "true".into()),
                ("profile", long.clone()),
            ]
        })
        .collect();
    let mut text = columns(&scene).join(",");
    text.push_str("\r\n");
    for (name, values) in names.iter().zip(&values) {
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, it)| (*name, it.as_str()))
            .collect();
        let one = file(&scene, &[(name, &values)]);
        text.push_str(one.lines().nth(1).expect("a row"));
        text.push_str("\r\n");
    }
    text.push_str(&"y".repeat(50_000));
    text.push('\n');
    assert!(text.len() > 3 * 60_000, "several parts");
    let start = started(&scene, &text);
    upkeep(&scene);
    let job = described(&scene, &start);
    assert_eq!(
        (&job["ImportedUsers"], &job["Status"]),
        (&json!(70), &json!("Succeeded"))
    );
    assert!(job["FailedUsers"].as_i64() >= Some(1));
}

#[test]
fn an_address_is_of_one_import_and_good_for_a_quarter_of_an_hour() {
    let scene = scene();
    let (one, other) = (made(&scene), made(&scene));
    let foreign = userpool::imports::Address {
        token: address(&one).token,
        ..address(&other)
    };
    let text = "The address is not valid any more.";
    let refusal = |address: &_| send(&scene, address, b"x").unwrap_err().message;
    assert_eq!(refusal(&foreign), text);
    let none = userpool::imports::Address {
        token: String::new(),
        ..address(&one)
    };
    assert_eq!(refusal(&none), text);
    assert_eq!(
        send(&scene, &address(&one), b"").unwrap_err().name,
        "InvalidParameterException"
    );
    scene.advance(15 * 60);
    assert_eq!(refusal(&address(&one)), text);
    let fresh = scene.call("DescribeUserImportJob", named(&one));
    send(&scene, &address(&fresh), b"x").expect("a file");
    assert_eq!(report(&scene, &address(&fresh)).as_deref(), Ok(""));
    scene.advance(24 * 60 * 60);
    assert_eq!(described(&scene, &one)["Status"], "Expired");
    let error = scene.refusal("StartUserImportJob", &named(&one), "");
    assert!(error.starts_with("PreconditionNotMetException"), "{error}");
}

#[test]
fn imports_are_listed_in_the_order_in_which_they_were_made() {
    let scene = scene();
    let ids: Vec<Value> = (0..3)
        .map(|_| {
            scene.advance(1);
            made(&scene)["UserImportJob"]["JobId"].clone()
        })
        .collect();
    let body = json!({"UserPoolId": scene.pool, "MaxResults": 2});
    let first = scene.call("ListUserImportJobs", body.clone());
    let mut next = body;
    next["PaginationToken"] = first["PaginationToken"].clone();
    let second = scene.call("ListUserImportJobs", next);
    let of = |page: &Value| -> Vec<Value> {
        let jobs = page["UserImportJobs"].as_array().expect("imports");
        jobs.iter().map(|job| job["JobId"].clone()).collect()
    };
    assert_eq!([of(&first), of(&second)].concat(), ids);
    assert!(second["PaginationToken"].is_null());
}
