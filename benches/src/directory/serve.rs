//! Serving a directory, to see how much memory the server takes.

use std::{fs, path::Path};

use serde_json::json;
use userpool_crypto::base64;
use userpool_tests::directory::people::person;

use crate::served::Served;

/// How many requests of each kind are made.
const REQUESTS: u64 = 2_000;

/// Has the server serve the store of a file, which is moved meanwhile; asks about users all over the pool, and prints the
/// most memory that the server had in use.
///
/// # Panics
/// The server does not answer with success.
pub fn serve(program: &Path, file: &Path) {
    let place = super::place(file);
    let folder = file.with_extension("served");
    fs::create_dir_all(&folder).expect("the folder can be written");
    let store = folder.join("userpool.redb");
    fs::rename(file, &store).expect("the file can be moved");
    // Those of tests.
    let root_keys = format!("test:{}", base64::encode(&[7; 32]));
    let mut served = Served::start_in(program, &folder, &[("USERPOOL_ROOT_KEYS", &root_keys)])
        .expect("the server starts");
    let users = served.call_signed("DescribeUserPool", &json!({"UserPoolId": place.pool}));
    let users = users["UserPool"]["EstimatedNumberOfUsers"]
        .as_u64()
        .expect("a count");
    for number in 0..REQUESTS {
        let number = number * 7_919_081 % users;
        let username = person(number).username();
        let user = json!({"UserPoolId": place.pool, "Username": username});
        let _ = served.call_signed("AdminGetUser", &user);
        let letters = &username[..3];
        let filter =
            json!({"UserPoolId": place.pool, "Filter": format!("username ^= \"{letters}\"")});
        let _ = served.call_signed("ListUsers", &filter);
    }
    super::print(&json!({"users": users, "peak": super::peak(served.id())}));
    served.stop();
    fs::rename(&store, file).expect("the file can be moved");
    let _ = fs::remove_dir_all(&folder);
}
