//! The functions that lead sign-ins by custom challenges, and the one that sends e-mails.

use serde_json::{Value, json};
use userpool_ports::{HookAnswer, HookCall, HookFault};

use crate::pool::CUSTOM_MOST;

/// The right answer to every custom challenge.
pub const RIGHT: &str = "Secret-blue";
/// A wrong one.
pub const WRONG: &str = "green";

/// Answers a trigger.
///
/// # Errors
/// The event is no event, or of another trigger.
pub fn answer(call: &HookCall) -> Result<HookAnswer, HookFault> {
    let unreadable = || HookFault::Unreachable("no event".into());
    let mut event: Value = serde_json::from_str(&call.event).map_err(|_| unreadable())?;
    let request = &event["request"];
    let response = match call.trigger {
        "DefineAuthChallenge" => {
            let all = request["session"].as_array().map_or(&[][..], Vec::as_slice);
            let is_own = |it: &&Value| it["challengeName"] == "CUSTOM_CHALLENGE";
            let (last, asked) = (all.last(), all.iter().filter(is_own).count());
            let right = last.filter(is_own);
            let right = right.is_some_and(|last| last["challengeResult"] == json!(true));
            // What begins with SRP goes on with a proof of the password, and then as all others do.
            let next = match last {
                Some(last) if last["challengeName"] == "SRP_A" => "PASSWORD_VERIFIER",
                _ => "CUSTOM_CHALLENGE",
            };
            let given_up = !right && asked >= CUSTOM_MOST;
            json!({"challengeName": next, "issueTokens": right, "failAuthentication": given_up})
        }
        "CreateAuthChallenge" => json!({
            "publicChallengeParameters": {"question": "colour"},
            "privateChallengeParameters": {"answer": RIGHT},
            "challengeMetadata": "colour",
        }),
        "VerifyAuthChallengeResponse" => {
            json!({"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]})
        }
        "CustomEmailSender" => json!({}),
        _ => return Err(unreadable()),
    };
    event["response"] = response;
    Ok(HookAnswer(event.to_string()))
}
