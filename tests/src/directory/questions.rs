//! What is asked of a directory. Each question finds as many users in a large directory as in one of a thousand.

use serde_json::{Value, json};
use userpool_crypto::{
    base64, integer,
    srp::{self, ClientSecret, ServerPublic},
};
use userpool_ports::Clock;

use super::{
    Directory,
    making::PASSWORD,
    people::{LARGE, SMALL, person},
};

/// Makes the request of a turn, 0 or 1.
pub type Body = Box<dyn Fn(&Directory, u64) -> Value>;

/// A question, asked twice: the first time so that what all have in common is known, the second time about somebody
/// else, to be counted.
pub struct Question {
    /// What is asked.
    pub name: String,
    /// The operation.
    pub operation: &'static str,
    /// Its request.
    pub body: Body,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// How many users an answer tells of.
#[must_use]
pub fn told(answer: &Value) -> usize {
    answer["Users"].as_array().map_or(1, Vec::len)
}

/// All questions; those at the end change the directory.
#[must_use]
pub fn all() -> Vec<Question> {
    let mut questions = vec![question(
        "ListUsers",
        "ListUsers",
        |of, _| json!({"UserPoolId": of.pool}),
    )];
    for (filter, variants) in FILTERS {
        questions.push(question(
            &format!("ListUsers, {filter}"),
            "ListUsers",
            move |of, turn| {
                let value = variants[turn as usize];
                let filter = filter.replace('?', value);
                json!({"UserPoolId": of.pool, "Filter": filter})
            },
        ));
    }
    for (comparison, letters) in [("=", 36), ("^=", 15)] {
        questions.push(question(
            &format!("ListUsers, sub {comparison} \"?\""),
            "ListUsers",
            move |of, turn| {
                let username = person(100 + turn).username();
                let body = json!({"UserPoolId": of.pool, "Username": username});
                let user = of.call("AdminGetUser", &body);
                let attributes = user["UserAttributes"].as_array().expect("attributes");
                let mut subs = attributes.iter().filter(|it| it["Name"] == "sub");
                let sub = subs.next().and_then(|it| it["Value"].as_str());
                let sub = &sub.expect("a sub")[..letters];
                json!({"UserPoolId": of.pool, "Filter": format!("sub {comparison} \"{sub}\"")})
            },
        ));
    }
    for group in [LARGE, SMALL] {
        questions.push(question(
            &format!("ListUsersInGroup, a {group} one"),
            "ListUsersInGroup",
            move |of, _| json!({"UserPoolId": of.pool, "GroupName": group}),
        ));
    }
    questions.extend([
        question("AdminGetUser", "AdminGetUser", |of, turn| {
            json!({"UserPoolId": of.pool, "Username": person(100 + turn).username()})
        }),
        question("GetUser", "GetUser", |of, turn| {
            let signed_in = of.call(
                "AdminInitiateAuth",
                &json!({"UserPoolId": of.pool, "ClientId": of.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                    "AuthParameters": {"USERNAME": person(turn).username(), "PASSWORD": PASSWORD}}),
            );
            json!({"AccessToken": signed_in["AuthenticationResult"]["AccessToken"]})
        }),
        question("InitiateAuth, SRP by name", "InitiateAuth", |of, turn| {
            first_step(of, &person(4 + turn).username())
        }),
        question("InitiateAuth, SRP by address", "InitiateAuth", |of, turn| {
            first_step(of, &format!("{}@example.com", person(4 + turn).username()))
        }),
        question("RespondToAuthChallenge, SRP", "RespondToAuthChallenge", |of, turn| {
            let begun = of.call("InitiateAuth", &first_step(of, &person(4 + turn).username()));
            second_step(of, &begun)
        }),
        question("SignUp", "SignUp", |of, turn| {
            let username = format!("newcomer{turn}");
            let email = format!("{username}@example.com");
            json!({"ClientId": of.client, "Username": username, "Password": PASSWORD,
                "UserAttributes": [{"Name": "email", "Value": email}, {"Name": "name", "Value": "New Comer"}]})
        }),
    ]);
    questions
}

/// Filters, and what stands for the question mark in the first and in the second turn.
const FILTERS: &[(&str, [&str; 2])] = &[
    ("username = \"?\"", ["ada0120", "ada0340"]),
    ("username ^= \"?\"", ["ada012", "ada034"]),
    ("username ^= \"\"", [""; 2]),
    (
        "email = \"?\"",
        ["ada0120@example.com", "ada0340@example.com"],
    ),
    ("email ^= \"?\"", ["ada012", "ada034"]),
    ("phone_number = \"?\"", ["+12065550120", "+12065550340"]),
    ("phone_number ^= \"?\"", ["+1206555012", "+1206555034"]),
    ("name = \"?\"", ["Maria Family000012", "Maria Family000034"]),
    ("name ^= \"?\"", ["Maria Family00001", "Maria Family00003"]),
    ("given_name = \"?\"", ["Given000012", "Given000034"]),
    ("given_name = \"Maria\"", [""; 2]),
    ("given_name ^= \"?\"", ["Given00001", "Given00003"]),
    ("family_name = \"?\"", ["Family000012", "Family000034"]),
    ("family_name = \"Smith\"", [""; 2]),
    ("family_name ^= \"?\"", ["Family00001", "Family00003"]),
    ("preferred_username = \"?\"", ["ada0120-p", "ada0340-p"]),
    ("preferred_username ^= \"?\"", ["ada01", "ada03"]),
    ("cognito:user_status = \"FORCE_CHANGE_PASSWORD\"", [""; 2]),
    ("cognito:user_status = \"CONFIRMED\"", [""; 2]),
    ("cognito:user_status ^= \"?\"", ["FORCE", "FORCE"]),
    ("status = \"Enabled\"", [""; 2]),
    ("status = \"Disabled\"", [""; 2]),
    ("status ^= \"?\"", ["Dis", "Dis"]),
];

fn question(
    name: &str,
    operation: &'static str,
    body: impl Fn(&Directory, u64) -> Value + 'static,
) -> Question {
    Question {
        name: name.into(),
        operation,
        body: Box::new(body),
    }
}

/// The request that begins a sign-in by SRP.
#[must_use]
pub fn first_step(of: &Directory, username: &str) -> Value {
    let a_public = srp::client_public(&secret()).to_hex();
    json!({"ClientId": of.client, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": {"USERNAME": username, "SRP_A": a_public}})
}

/// The request that ends it.
///
/// # Panics
/// The challenge is not one of SRP.
#[must_use]
pub fn second_step(of: &Directory, begun: &Value) -> Value {
    let parameter = |name: &str| {
        begun["ChallengeParameters"][name]
            .as_str()
            .expect("a parameter")
    };
    let (_, pool) = of.pool.split_once('_').expect("a pool id has two parts");
    let (user, block) = (parameter("USER_ID_FOR_SRP"), parameter("SECRET_BLOCK"));
    let salt = integer::parse_hex(parameter("SALT"), 64).expect("a salt");
    let x = srp::private_key(pool, user, PASSWORD.as_bytes(), &salt);
    let b_public = ServerPublic::parse(parameter("SRP_B")).expect("a public value");
    let a_public = srp::client_public(&secret());
    let key = srp::client_key(&secret(), &a_public, &b_public, &x).expect("a key");
    let opened = base64::decode(block).expect("a block");
    let timestamp = srp::format_timestamp(of.clock.now().secs());
    let claim = srp::claim(key.expose(), pool, user, &opened, &timestamp);
    json!({"ClientId": of.client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": {
        "USERNAME": user, "PASSWORD_CLAIM_SECRET_BLOCK": block, "PASSWORD_CLAIM_SIGNATURE": base64::encode(&claim),
        "TIMESTAMP": timestamp}})
}

fn secret() -> ClientSecret {
    ClientSecret::new(&[0x5A; 32]).expect("32 bytes are a secret")
}
