//! AdminListUserAuthEvents.

use alloc::{string::ToString, vec::Vec};

use userpool_ports::Key;
use userpool_wire::{
    Timestamp,
    idp::{
        AdminListUserAuthEventsRequest, AdminListUserAuthEventsResponse, AuthEventType,
        ChallengeName, ChallengeResponse, ChallengeResponseType, EventContextDataType,
        EventFeedbackType, EventResponseType, EventRiskType, EventType, FeedbackValueType,
        RiskDecisionType, RiskLevelType,
    },
};

use super::watched_user;
use crate::{
    engine::{Cx, Run},
    model::{
        activity::{Activity, AuthEvent, EventEnd, EventKind, EventStep, Feedback, RiskLevel},
        keys,
        sub::uuid_text,
    },
    ops::paging::{self, Listing},
};

/// What a user did, or somebody under that name, the newest first.
///
/// Refusals, in this order: unknown pool, a pool without threat protection, unknown user, a page token that is none of
/// this list.
///
/// # Errors
/// The refusals above.
pub fn admin_list_user_auth_events(
    cx: &mut Cx<'_>,
    req: &AdminListUserAuthEventsRequest,
) -> Run<AdminListUserAuthEventsResponse> {
    let (pool, head) = watched_user(cx, &req.user_pool_id, &req.username)?;
    let sub = head.sub.to_string();
    let listing = Listing {
        operation: "AdminListUserAuthEvents",
        arguments: &[&pool.id, &sub],
    };
    // The ids are what this list goes on after; its events lie in one record.
    let after = listing.after(cx, req.next_token.as_deref())?;
    let limit = paging::limit(req.max_results);

    let held = cx.get::<Activity>(&keys::activity(&pool.id, &head.sub))?;
    let all = held.as_ref().map_or(&[][..], |held| &held.events);
    let told = match &after {
        // An event that went meanwhile was the oldest: nothing is older.
        Some(after) => all
            .iter()
            .position(|event| event.id == after.as_bytes())
            .unwrap_or(0),
        None => all.len(),
    };
    let page: Vec<&AuthEvent> = all[..told].iter().rev().take(limit).collect();
    let more = page.len() < told;
    let last = page.last().filter(|_| more);
    let last = last.map(|event| Key::new(event.id.to_vec()));
    Ok(AdminListUserAuthEventsResponse {
        auth_events: Some(page.into_iter().map(shown).collect()),
        next_token: listing.token(cx, last.as_ref()),
    })
}

fn shown(event: &AuthEvent) -> AuthEventType {
    let steps: Vec<_> = event.steps.iter().map(|step| shown_step(*step)).collect();
    AuthEventType {
        event_id: Some(uuid_text(&event.id)),
        event_type: Some(match event.kind {
            EventKind::SignIn => EventType::SignIn,
            EventKind::SignUp => EventType::SignUp,
            EventKind::ForgotPassword => EventType::ForgotPassword,
            EventKind::PasswordChange => EventType::PasswordChange,
            EventKind::ResendCode => EventType::ResendCode,
        }),
        creation_date: Some(Timestamp::from_millis(event.at.millis())),
        event_response: Some(match event.end {
            EventEnd::Pass => EventResponseType::Pass,
            EventEnd::Fail => EventResponseType::Fail,
            EventEnd::InProgress => EventResponseType::InProgress,
        }),
        event_risk: Some(EventRiskType {
            risk_decision: Some(match event.level {
                _ if event.blocked => RiskDecisionType::Block,
                Some(_) => RiskDecisionType::AccountTakeover,
                None => RiskDecisionType::NoRisk,
            }),
            risk_level: event.level.map(|level| match level {
                RiskLevel::Low => RiskLevelType::Low,
                RiskLevel::Medium => RiskLevelType::Medium,
                RiskLevel::High => RiskLevelType::High,
            }),
            compromised_credentials_detected: event.breached,
        }),
        challenge_responses: (!steps.is_empty()).then_some(steps),
        event_context_data: Some(EventContextDataType {
            ip_address: event.address.as_deref().map(Into::into),
            device_name: event.device_name.as_deref().map(Into::into),
            timezone: event.zone.as_deref().map(Into::into),
            city: None,
            country: None,
        }),
        event_feedback: event.feedback.as_ref().map(shown_feedback),
    }
}

fn shown_step(step: EventStep) -> ChallengeResponseType {
    let (name, response) = match step {
        EventStep::Password => (ChallengeName::Password, ChallengeResponse::Success),
        EventStep::WrongPassword => (ChallengeName::Password, ChallengeResponse::Failure),
        EventStep::Factor => (ChallengeName::Mfa, ChallengeResponse::Success),
        EventStep::WrongFactor => (ChallengeName::Mfa, ChallengeResponse::Failure),
    };
    ChallengeResponseType {
        challenge_name: Some(name),
        challenge_response: Some(response),
    }
}

fn shown_feedback(feedback: &Feedback) -> EventFeedbackType {
    EventFeedbackType {
        feedback_value: if feedback.valid {
            FeedbackValueType::Valid
        } else {
            FeedbackValueType::Invalid
        },
        provider: if feedback.by_administrator {
            "Admin".into()
        } else {
            "User".into()
        },
        feedback_date: Some(Timestamp::from_millis(feedback.at.millis())),
    }
}
