//! How often a node waits for the server's answer where settings are at hand.

use userpool::wire::idp::GetUserRequest;
use userpool_bench_openssl::table::{Side, bar};
use userpool_postgres::RoundTrips;
use userpool_tests::pool::{PASSWORD, Stage};

/// Counts those of the second step of a sign-in, and of a look at oneself.
pub(crate) fn count(stage: &Stage, trips: &RoundTrips, how: &str, limit: f64) -> Vec<bool> {
    let user = "user0";
    let counted = |work: &mut dyn FnMut()| {
        let before = trips.count();
        work();
        (trips.count() - before) as f64
    };
    stage.srp_sign_in(user, PASSWORD).expect("a sign-in");
    let client = stage.srp_begin(user).expect("a challenge");
    let mut reply = None;
    let second = counted(&mut || reply = stage.srp_respond(&client.answer(PASSWORD)).ok());
    let tokens = reply.and_then(|reply| reply.authentication_result);
    let request = GetUserRequest {
        access_token: tokens
            .and_then(|it| it.access_token)
            .expect("an access token"),
    };
    let oneself = counted(&mut || {
        let told = stage.world.engine.call_blocking(request.clone());
        assert!(told.is_ok(), "the token is good");
    });
    vec![
        bar(
            &format!("round trips of the second SRP step, {how}"),
            second,
            limit,
            Side::AtMost,
        ),
        bar(
            &format!("round trips of GetUser, {how}"),
            oneself,
            1.0,
            Side::AtMost,
        ),
    ]
}
