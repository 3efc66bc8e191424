//! The functions that lead sign-ins by custom challenges.

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
            let answers = request["session"].as_array().map_or(&[][..], Vec::as_slice);
            let right = answers
                .last()
                .is_some_and(|last| last["challengeResult"] == json!(true));
            let given_up = !right && answers.len() >= CUSTOM_MOST;
            json!({"challengeName": "CUSTOM_CHALLENGE", "issueTokens": right, "failAuthentication": given_up})
        }
        "CreateAuthChallenge" => json!({
            "publicChallengeParameters": {"question": "colour"},
            "privateChallengeParameters": {"answer": RIGHT},
            "challengeMetadata": "colour",
        }),
        "VerifyAuthChallengeResponse" => {
            json!({"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]})
        }
        _ => return Err(unreadable()),
    };
    event["response"] = response;
    Ok(HookAnswer(event.to_string()))
}
