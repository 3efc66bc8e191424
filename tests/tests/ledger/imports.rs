//! Imports of users, and provisioned limits.

use serde_json::json;
use userpool_tests::{
    import::{address, send},
    ledger::Row,
    scene::Scene,
};

use crate::pools::in_pool;

const ROLE: &str = "arn:aws:iam::000000000000:role/import";

pub fn rows() -> Vec<Row> {
    let rows = vec![
        in_pool(Row::reading("GetCSVHeader", pool)),
        in_pool(create_user_import_job()),
        start_user_import_job(),
        of_import(Row::reading("DescribeUserImportJob", import)),
        in_pool(list_user_import_jobs()),
        stop_user_import_job(),
        get_provisioned_limit(),
        update_provisioned_limit(),
    ];
    rows.into_iter()
        .map(|row| row.names_nobody("it names no user"))
        .collect()
}

fn pool() -> Scene {
    let mut scene = Scene::with_pool();
    scene.body = json!({"UserPoolId": scene.pool});
    scene
}

fn new_import() -> Scene {
    let mut scene = pool();
    scene.set("JobName", "all");
    scene.set("CloudWatchLogsRoleArn", ROLE);
    scene
}

/// An import with a file, named in the request.
fn import() -> Scene {
    let mut scene = new_import();
    let made = scene.call("CreateUserImportJob", scene.body.clone());
    send(&scene, &address(&made), b"name").expect("a file");
    scene.body = json!({"UserPoolId": scene.pool, "JobId": made["UserImportJob"]["JobId"]});
    scene
}

/// An import that was started.
fn started() -> Scene {
    let scene = import();
    scene.call("StartUserImportJob", scene.body.clone());
    scene
}

fn of_import(row: Row) -> Row {
    in_pool(row).refuses(
        "ResourceNotFound",
        "The import job import-0 does not exist.",
        |scene| scene.set("JobId", "import-0"),
    )
}

fn create_user_import_job() -> Row {
    Row::new("CreateUserImportJob", new_import)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("PasswordHashingAlgorithm", "BCRYPT")
        })
        .refuses("LimitExceeded", "", |scene| {
            scene.repeat("CreateUserImportJob", 1_000)
        })
        .never("PreconditionNotMet", "an import needs nothing but its pool")
}

fn start_user_import_job() -> Row {
    of_import(Row::new("StartUserImportJob", import))
        .refuses("PreconditionNotMet", "", |scene| {
            scene.repeat("StartUserImportJob", 1)
        })
        .refuses("PreconditionNotMet", "", |scene| {
            let body =
                json!({"UserPoolId": scene.pool, "JobName": "next", "CloudWatchLogsRoleArn": ROLE});
            let made = scene.call("CreateUserImportJob", body);
            scene.set("JobId", made["UserImportJob"]["JobId"].clone());
        })
        .refuses("PreconditionNotMet", "", |scene| {
            let body =
                json!({"UserPoolId": scene.pool, "JobName": "next", "CloudWatchLogsRoleArn": ROLE});
            let made = scene.call("CreateUserImportJob", body);
            send(scene, &address(&made), b"name").expect("a file");
            scene.repeat("StartUserImportJob", 1);
            scene.set("JobId", made["UserImportJob"]["JobId"].clone());
        })
}

fn stop_user_import_job() -> Row {
    Row::new("StopUserImportJob", started)
        .refuses("ResourceNotFound", "", |scene| {
            scene.set("UserPoolId", "us-east-1_unknown00")
        })
        .refuses("ResourceNotFound", "", |scene| {
            scene.set("JobId", "import-0")
        })
        .refuses("InvalidParameter", "", |scene| {
            scene.set("JobId", "export-0")
        })
        .refuses("PreconditionNotMet", "", |scene| {
            scene.repeat("StopUserImportJob", 1)
        })
}

fn list_user_import_jobs() -> Row {
    let scene = || {
        let mut scene = import();
        scene.body = json!({"UserPoolId": scene.pool, "MaxResults": 10});
        scene
    };
    Row::reading("ListUserImportJobs", scene).refuses(
        "InvalidParameter",
        "Invalid pagination token given.",
        |scene| scene.set("PaginationToken", "another"),
    )
}

fn limit() -> Scene {
    let mut scene = Scene::new();
    scene.body = json!({"LimitDefinition": {"LimitClass": "API_CATEGORY",
        "Attributes": {"Category": "UserAuthentication"}}});
    scene
}

fn nothing(scene: &mut Scene) {
    scene.body["LimitDefinition"]["Attributes"] = json!({"Category": "Everything"});
}

fn without_place(row: Row) -> Row {
    row.never(
        "ResourceNotFound",
        "every category that there is has a limit",
    )
}

fn get_provisioned_limit() -> Row {
    without_place(Row::reading("GetProvisionedLimit", limit).refuses(
        "InvalidParameter",
        "",
        nothing,
    ))
}

fn update_provisioned_limit() -> Row {
    let scene = || {
        let mut scene = limit();
        scene.set("RequestedLimitValue", 200);
        scene
    };
    without_place(Row::new("UpdateProvisionedLimit", scene))
        .refuses("InvalidParameter", "", nothing)
        .refuses("InvalidParameter", "", |scene| {
            scene.set("RequestedLimitValue", 119)
        })
        .refuses("ServiceQuotaExceeded", "", |scene| {
            scene.set("RequestedLimitValue", 12_001)
        })
}
