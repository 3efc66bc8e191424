//! Importing many users from a file of comma-separated values.

use std::{fmt::Write, path::Path, time::Instant};

use serde_json::json;
use userpool::{
    Caller,
    imports::{AT_ONCE, BeginFile, EndFile, FileParts},
};
use userpool_tests::{
    directory::{Directory, Own, making},
    import::address,
};

/// Imports so many users into a new pool; prints rows a second, and the most memory that was in use before and after.
///
/// # Panics
/// The import does not succeed.
pub fn import(file: &Path, rows: u64) {
    let store = super::open(file);
    let directory = Directory::open(store, "import", Own);
    let place = making::pool(&directory);
    let header = directory.call("GetCSVHeader", &json!({"UserPoolId": place.pool}));
    let columns: Vec<&str> = header["CSVHeader"]
        .as_array()
        .expect("columns")
        .iter()
        .filter_map(|column| column.as_str())
        .collect();
    let made = directory.call(
        "CreateUserImportJob",
        &json!({"UserPoolId": place.pool, "JobName": "many",
            "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/import"}),
    );
    let began = Instant::now();
    let sent = send(&directory, &made, &columns, rows);
    let sending = began.elapsed();
    let before = super::peak(std::process::id());

    let named = json!({"UserPoolId": place.pool, "JobId": made["UserImportJob"]["JobId"]});
    let _ = directory.call("StartUserImportJob", &named);
    let began = Instant::now();
    while directory.engine.maintain_blocking().expect("upkeep") {}
    let taken = began.elapsed();
    let job = &directory.call("DescribeUserImportJob", &named)["UserImportJob"];
    assert_eq!(job["ImportedUsers"], rows, "{job}");
    super::print(&json!({
        "rows": rows, "bytes": sent, "sending": sending.as_secs_f64(), "seconds": taken.as_secs_f64(),
        "peak_before": before, "peak": super::peak(std::process::id()),
    }));
}

/// Sends the rows as they are written, as an adapter hands them on; how many bytes they have.
fn send(directory: &Directory, made: &serde_json::Value, columns: &[&str], rows: u64) -> u64 {
    let (engine, address) = (&directory.engine, address(made));
    let sent = engine
        .ask_blocking(BeginFile(address.clone()), Caller::default())
        .expect("a file may come");
    let (mut text, mut at) = (columns.join(",") + "\n", 0);
    let mut part = |bytes: Vec<u8>| {
        let length = bytes.len() as u64;
        let parts = FileParts {
            address: address.clone(),
            sent,
            at,
            bytes,
        };
        let taken = engine.ask_blocking(parts, Caller::default());
        taken.expect("a part is taken");
        at += length;
        at
    };
    for number in 0..rows {
        let cells: Vec<String> = columns.iter().map(|column| cell(column, number)).collect();
        writeln!(text, "{}", cells.join(",")).expect("a text takes more");
        if text.len() >= AT_ONCE {
            let rest = text.split_off(AT_ONCE);
            part(std::mem::replace(&mut text, rest).into_bytes());
        }
    }
    let bytes = part(text.into_bytes());
    let end = EndFile {
        address: address.clone(),
        sent,
        bytes,
    };
    let ended = engine.ask_blocking(end, Caller::default());
    ended.expect("the file ends");
    bytes
}

fn cell(column: &str, number: u64) -> String {
    match column {
        "cognito:username" => format!("row{number:07}"),
        "cognito:mfa_enabled" => "false".into(),
        "email" => format!("row{number:07}@example.com"),
        "email_verified" => "true".into(),
        "name" => format!("Row {number}"),
        _ => String::new(),
    }
}
