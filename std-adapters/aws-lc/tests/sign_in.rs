//! Who looks at the tokens cannot tell AWS-LC from the engine's own arithmetic.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use userpool::{
    Arithmetic, Done, Engine, Memory, RootKeys, Work, WorkFault,
    testing::{self, Mailbox, TestClock},
    wire::idp::{
        AdminCreateUserRequest, AdminSetUserPasswordRequest, AuthFlowType,
        AuthenticationResultType, CreateUserPoolClientRequest, CreateUserPoolRequest,
        ExplicitAuthFlowsType, GetUserRequest, InitiateAuthRequest,
    },
};
use userpool_aws_lc::AwsLc;

const PASSWORD: &str = "Correct-horse-7";

/// AWS-LC, and how often it answered.
#[derive(Default)]
struct Counted {
    inner: AwsLc,
    answered: Arc<AtomicUsize>,
}

impl Arithmetic for Counted {
    fn perform(&self, work: &Work, root_keys: &RootKeys) -> Option<Result<Done, WorkFault>> {
        let answer = self.inner.perform(work, root_keys);
        self.answered
            .fetch_add(usize::from(answer.is_some()), Ordering::Relaxed);
        answer
    }
}

/// Makes a pool, a client and a user, and signs the user in: the same in every engine of equal chance and time.
fn signed_in(engine: &Engine) -> AuthenticationResultType {
    let pool = CreateUserPoolRequest {
        pool_name: "demo".into(),
        ..Default::default()
    };
    let pool = engine
        .call_blocking(pool)
        .unwrap()
        .user_pool
        .unwrap()
        .id
        .unwrap();
    let client = CreateUserPoolClientRequest {
        user_pool_id: pool.clone(),
        client_name: "web".into(),
        explicit_auth_flows: Some(vec![ExplicitAuthFlowsType::AllowUserPasswordAuth]),
        ..Default::default()
    };
    let client = engine
        .call_blocking(client)
        .unwrap()
        .user_pool_client
        .unwrap();
    engine
        .call_blocking(AdminCreateUserRequest {
            user_pool_id: pool.clone(),
            username: "ada".into(),
            ..Default::default()
        })
        .unwrap();
    engine
        .call_blocking(AdminSetUserPasswordRequest {
            user_pool_id: pool,
            username: "ada".into(),
            password: PASSWORD.into(),
            permanent: Some(true),
        })
        .unwrap();
    let parameters = [("USERNAME", "ada"), ("PASSWORD", PASSWORD)];
    let sign_in = InitiateAuthRequest {
        auth_flow: AuthFlowType::UserPasswordAuth,
        auth_parameters: Some(
            parameters
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .into_iter()
                .collect::<std::collections::BTreeMap<_, _>>()
                .into(),
        ),
        client_id: client.client_id.unwrap(),
        ..Default::default()
    };
    engine
        .call_blocking(sign_in)
        .unwrap()
        .authentication_result
        .unwrap()
}

#[test]
fn tokens_agree_bit_for_bit_and_each_engine_takes_the_others() {
    let world = || testing::builder(Memory::new(), &TestClock::default(), &Mailbox::default());
    let counted = Counted::default();
    let answered = counted.answered.clone();
    let (own, other) = (
        world().open().unwrap(),
        world().arithmetic(counted).open().unwrap(),
    );
    let (ours, theirs) = (signed_in(&own), signed_in(&other));
    assert_eq!(
        answered.load(Ordering::Relaxed),
        2,
        "two signatures by AWS-LC"
    );
    assert_eq!(ours.id_token, theirs.id_token);
    assert_eq!(ours.access_token, theirs.access_token);

    for engine in [&own, &other] {
        let token = ours.access_token.clone().unwrap();
        let user = engine
            .call_blocking(GetUserRequest {
                access_token: token.clone(),
            })
            .unwrap();
        assert_eq!(user.username.as_str(), "ada");
        let changed = change_last_of_signature(&token);
        let refused = engine
            .call_blocking(GetUserRequest {
                access_token: changed.into(),
            })
            .unwrap_err();
        assert_eq!(refused.name(), "NotAuthorizedException");
    }
    assert_eq!(answered.load(Ordering::Relaxed), 4, "two checks by AWS-LC");
}

/// The token with another signature: its tenth character from the end is another one.
fn change_last_of_signature(token: &str) -> String {
    let at = token.len() - 10;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}
