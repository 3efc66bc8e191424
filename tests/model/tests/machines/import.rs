//! Where an import of users stands.

use serde_json::{Value, json};
use userpool::{Caller, oauth::Endpoint};
use userpool_core::{
    engine::{Cx, Run},
    ops::jobs,
};
use userpool_tests::{
    import::{address, send},
    scene::Scene,
};

const COLUMNS: &str = "name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,\
    email,email_verified,gender,birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,\
    cognito:mfa_enabled,cognito:username\n";

pub fn walk(state: &str, event: &str) -> Option<String> {
    let scene = Scene::with_pool();
    let rows = match (state, event) {
        // There is no such file.
        ("Pending", "the end of the file") => return None,
        (_, "the end of the file") => "",
        _ => "a,row\nanother,row\n",
    };
    let header = match (state, event) {
        ("Failed", _) | ("Pending", "a row with other columns than the pool's") => "name\n",
        _ => COLUMNS,
    };
    let body = json!({"UserPoolId": scene.pool, "JobName": "all",
        "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/import"});
    let made = scene.call("CreateUserImportJob", body);
    let file = format!("{header}{rows}");
    send(&scene, &address(&made), file.as_bytes()).expect("a file");
    let import = Import {
        named: json!({"UserPoolId": scene.pool, "JobId": made["UserImportJob"]["JobId"]}),
        scene,
    };
    import.bring(state);
    assert_eq!(import.state(), state);
    match event {
        "StartUserImportJob" | "StopUserImportJob" => import.ask(event),
        "a day" => import.scene.advance(24 * 60 * 60),
        _ => import.step(),
    }
    Some(import.state())
}

struct Import {
    scene: Scene,
    named: Value,
}

impl Import {
    fn bring(&self, state: &str) {
        match state {
            "Created" => {}
            "Expired" => self.scene.advance(24 * 60 * 60),
            "Pending" => self.ask("StartUserImportJob"),
            "InProgress" => {
                self.ask("StartUserImportJob");
                self.step();
            }
            "Stopping" | "Stopped" => {
                self.ask("StartUserImportJob");
                self.ask("StopUserImportJob");
                if state == "Stopped" {
                    self.step();
                }
            }
            "Failed" | "Succeeded" => {
                self.ask("StartUserImportJob");
                (0..4).for_each(|_| self.step());
            }
            other => panic!("no state {other}"),
        }
    }

    /// Asks, whatever the answer is.
    fn ask(&self, operation: &str) {
        drop(self.scene.try_call(operation, &self.named));
    }

    /// One step of upkeep.
    fn step(&self) {
        let engine = &self.scene.world.engine;
        engine
            .ask_blocking(Step, Caller::embedder())
            .expect("a step");
    }

    fn state(&self) -> String {
        let answer = self.scene.call("DescribeUserImportJob", self.named.clone());
        let state = answer["UserImportJob"]["Status"].as_str();
        state.expect("a state").into()
    }
}

/// A step of the job that waits longest.
struct Step;

impl Endpoint for Step {
    type Reply = ();

    fn run(&self, cx: &mut Cx<'_>) -> Run<()> {
        jobs::work()(cx).map(drop)
    }
}
