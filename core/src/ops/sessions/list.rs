//! ListUserSessions and AdminListUserSessions.

use alloc::{vec, vec::Vec};

use userpool_ports::Timestamp as Moment;
use userpool_wire::{
    Timestamp,
    idp::{
        AdminListUserSessionsRequest, AdminListUserSessionsResponse, ListUserSessionsRequest,
        ListUserSessionsResponse, SessionDescriptionType, SessionTypeType,
    },
};

use super::{Named, id, track};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        keys,
        page_session::PageSession,
        pool::Pool,
        sessions::{Sessions, TokenSession},
        user::Head,
    },
    ops::{access, paging::Listing, parties},
};

/// The most sessions of the login pages in a list.
const OF_PAGES: usize = 25;

/// The sessions of the user of a token, the one that was active last first: those of tokens, and those of the login
/// pages. They are one page: a pool allows at most a hundred of tokens, and 25 of the pages are listed.
///
/// Refusals, in this order: those of the access token, a page token, as this list never gives one.
///
/// # Errors
/// The refusals above.
pub fn list_user_sessions(
    cx: &mut Cx<'_>,
    req: &ListUserSessionsRequest,
) -> Run<ListUserSessionsResponse> {
    let access = access::authorize_beside(cx, &req.access_token, &[keys::sessions])?;
    refuse_token(cx, "ListUserSessions", req.next_token.as_deref())?;
    let sessions = listed(
        cx,
        &access.party.pool,
        &access.head,
        Some(&access.grant_id()),
    )?;
    Ok(ListUserSessionsResponse {
        sessions: Some(sessions),
        next_token: None,
    })
}

/// As [`list_user_sessions`], for an administrator, who has no session among them.
///
/// Refusals, in this order: unknown pool, unknown user, a page token.
///
/// # Errors
/// The refusals above.
pub fn admin_list_user_sessions(
    cx: &mut Cx<'_>,
    req: &AdminListUserSessionsRequest,
) -> Run<AdminListUserSessionsResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    refuse_token(cx, "AdminListUserSessions", req.next_token.as_deref())?;
    let sessions = listed(cx, &pool, &head, None)?;
    Ok(AdminListUserSessionsResponse {
        sessions: Some(sessions),
        next_token: None,
    })
}

fn refuse_token(cx: &Cx<'_>, operation: &'static str, token: Option<&str>) -> Run<()> {
    let listing = Listing {
        operation,
        arguments: &[],
    };
    listing.after(cx, token)?;
    Ok(())
}

fn listed(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    own: Option<&[u8; 16]>,
) -> Run<Vec<SessionDescriptionType>> {
    let mut listed = of_pages(cx, pool, head)?;
    let kept = cx.get::<Sessions>(&keys::sessions(&pool.id, &head.sub))?;
    if let Some(kept) = kept {
        let live = track::live(cx, &pool.id, head, &kept)?;
        if live.len() < kept.all.len() {
            // A sign-in between the two reads may have ended one of these for the one that it added to the list.
            cx.check(&kept);
        }
        listed.extend(live.iter().map(|(session, grant)| {
            let mut shown = shown(session, own);
            shown.origin_session_id = grant.pages.map(|pages| id(Named::Pages(pages)));
            (session.active, shown)
        }));
    }
    listed.sort_by_key(|(active, _)| *active);
    Ok(listed.into_iter().rev().map(|(_, shown)| shown).collect())
}

/// The sessions of the login pages, where the pool tracks sessions, with when they were last active.
fn of_pages(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
) -> Run<Vec<(Moment, SessionDescriptionType)>> {
    if !pool.rules.sessions.tracked {
        return Ok(vec![]);
    }
    let prefix = keys::page_sessions(&pool.id, &head.sub);
    let (sessions, _) = cx.page::<PageSession>(&prefix, None, OF_PAGES)?;
    let alive = sessions.iter().filter(|session| session.is_alive(head));
    Ok(alive
        .filter_map(|session| Some((session.signed_in, shown_of_pages(session)?)))
        .collect())
}

fn shown_of_pages(session: &Held<PageSession>) -> Option<SessionDescriptionType> {
    let signed_in = Timestamp::from_millis(session.signed_in.millis());
    Some(SessionDescriptionType {
        session_id: Some(id(Named::Pages(keys::page_session_in(session.key())?))),
        session_type: Some(SessionTypeType::Sso),
        client_id: Some(session.client.as_str().into()),
        create_date: Some(signed_in),
        last_active_date: Some(signed_in),
        is_current_session: Some(false),
        ..SessionDescriptionType::default()
    })
}

fn shown(session: &TokenSession, own: Option<&[u8; 16]>) -> SessionDescriptionType {
    SessionDescriptionType {
        session_id: Some(id(Named::Tokens(session.grant))),
        session_type: Some(SessionTypeType::Token),
        client_id: Some(session.client.as_str().into()),
        create_date: Some(Timestamp::from_millis(session.began.millis())),
        last_active_date: Some(Timestamp::from_millis(session.active.millis())),
        device_type: session.device.clone(),
        last_ip_address: session.address.as_deref().map(Into::into),
        is_current_session: Some(own == Some(&session.grant)),
        ..SessionDescriptionType::default()
    }
}
