//! A request whose future is dropped at any moment leaves no commit without its message.

use std::{
    future::Future,
    task::{Context, Waker},
};

use serde_json::json;
use tokio::task::yield_now;
use userpool::{Call, Caller, wire};
use userpool_tests::{
    pool::{PASSWORD, stage},
    world::world,
};

/// After how many polls the future is dropped, at most.
const POLLS: usize = 24;

#[test]
fn a_dropped_sign_up_is_whole_or_never_was() {
    let world = world();
    let stage = stage(&world);
    let operation = wire::find("AWSCognitoIdentityProviderService.SignUp").expect("the operation");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    for polls in 0..POLLS {
        let body = json!({"ClientId": stage.client, "Username": format!("user{polls}"), "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": email(polls)}]});
        let call = Call {
            operation,
            body: body.to_string().into_bytes(),
            caller: Caller::default(),
        };
        runtime.block_on(async {
            let mut answer = Box::pin(world.engine.answer(call));
            for _ in 0..polls {
                let mut context = Context::from_waker(Waker::noop());
                if answer.as_mut().poll(&mut context).is_ready() {
                    break;
                }
                yield_now().await;
            }
            drop(answer);
            while world.engine.under_way() > 0 {
                yield_now().await;
            }
        });
    }

    let mut whole = 0;
    for polls in 0..POLLS {
        let again = stage.sign_up(&format!("user{polls}"), PASSWORD, "other@example.com");
        let was_told = world.mailbox.code_to(&email(polls)).is_some();
        assert_eq!(again.is_err(), was_told, "dropped after {polls} polls");
        whole += usize::from(was_told);
    }
    assert!(
        (1..POLLS).contains(&whole),
        "{whole} of {POLLS} landed: the drops met only one side"
    );
}

fn email(polls: usize) -> String {
    format!("user{polls}@example.com")
}
