//! `/oauth2/authorize`: where a browser is sent for a code or tokens.

use alloc::{string::String, sync::Arc};

use super::{
    Endpoint, code,
    error::{Error, ErrorKind},
    federation::{answer::Browser, begin::begin},
    parameters::Parameters,
    place::Place,
    request::{self, Prompt, Request, Response, Route},
    session::{self, Live},
};
use crate::{
    engine::{Cx, Run},
    model::{keys, page_session::MINUTES, user::Profile},
    ops::{
        tokens::issue::{self, Consent, LiveGrant, RefreshPart},
        triggers::token_generation::{Changes, Occasion},
    },
};

/// A request at the authorization endpoint.
#[derive(Clone, Debug)]
pub struct Authorize {
    /// Where it came to.
    pub place: Place,
    /// Its query.
    pub query: Parameters,
    /// The session that the browser has.
    pub session: Session,
    /// What the browser holds so that it is known again when it comes back from an identity provider.
    pub browser: Browser,
}

/// The session that a browser has.
#[derive(Clone)]
pub enum Session {
    /// None.
    Absent,
    /// That of a cookie.
    Cookie(String),
    /// That of a cookie, whose user chose to go on as who has signed in.
    Chosen(String),
    /// That of a cookie, where the user answers a page that follows a sign-in: it counts as just made for ten minutes.
    Recent(String),
    /// The one that a sign-in for this very request has just made: it will do, whatever the request says of older ones.
    Fresh(String),
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Cookie(_) => "Cookie(***)",
            Self::Chosen(_) => "Chosen(***)",
            Self::Recent(_) => "Recent(***)",
            Self::Fresh(_) => "Fresh(***)",
        })
    }
}

/// Where the browser goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorized {
    /// Back to the client, with a code, tokens or an error.
    Back(String),
    /// To the login pages.
    SignIn,
    /// To the page where users choose who they are.
    Choose,
    /// To an identity provider.
    Provider(String),
    /// To an identity provider that takes nothing but forms.
    Form {
        /// Where the form leads.
        action: String,
        /// The names of its fields, and what they hold.
        fields: [(&'static str, String); 2],
    },
    /// Nowhere: the request is not one to answer.
    Refused(Error),
}

/// Why a request is not answered as it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nobody knows where to send the browser: the error is shown.
    Shown(Error),
    /// The client is told, at this address.
    Back(String),
}

impl Endpoint for Authorize {
    type Reply = Authorized;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Authorized> {
        let request = match request::read(cx, &self.place, &self.query)? {
            Ok(request) => request,
            Err(Problem::Back(address)) => return Ok(Authorized::Back(address)),
            Err(Problem::Shown(error)) => return Ok(Authorized::Refused(error)),
        };
        let live = match &self.session {
            Session::Absent => None,
            Session::Cookie(text) | Session::Chosen(text) => {
                let live = session::find(cx, &request.party.pool, text)?;
                live.filter(|live| serves(cx, &request, live))
            }
            Session::Recent(text) => {
                let live = session::find(cx, &request.party.pool, text)?;
                live.filter(|live| session::is_recent(cx, live) && fits(&request, live))
            }
            Session::Fresh(text) => session::find(cx, &request.party.pool, text)?,
        };
        let issuer = cx.environment().issuer_of(&request.party.pool.id);
        let Some(live) = live else {
            return Ok(match request.prompt {
                Prompt::None => {
                    let error = Error::new(ErrorKind::LoginRequired, "Nobody has signed in.");
                    Authorized::Back(request.error(&error, &issuer))
                }
                Prompt::Any | Prompt::Login | Prompt::Select => match &request.route {
                    Route::Provider(provider) => {
                        let asked = (&self.place, &self.query);
                        match begin(cx, &request, provider, asked, &self.browser.0)? {
                            Ok(away) => away,
                            Err(error) => Authorized::Back(request.error(&error, &issuer)),
                        }
                    }
                    Route::Open | Route::Own => Authorized::SignIn,
                },
            });
        };
        let is_asked = matches!(self.session, Session::Cookie(_)) && request.is_of_pages();
        if request.prompt == Prompt::Select && is_asked {
            return Ok(Authorized::Choose);
        }
        match request.response {
            Response::Code => {
                let code = code::give(cx, &request, &live)?;
                Ok(Authorized::Back(request.back(&[("code", &code)], &issuer)))
            }
            Response::Tokens => implicit(cx, &request, &live, &issuer),
        }
    }
}

/// Whether a session that is there already will do for a request.
fn serves(cx: &Cx<'_>, request: &Request, live: &Live) -> bool {
    let minutes = request.party.client.single_sign_on.unwrap_or(MINUTES);
    let age = cx
        .now()
        .secs()
        .saturating_sub(live.session.signed_in.secs());
    fits(request, live)
        && request.prompt != Prompt::Login
        && age < i64::from(minutes) * 60
        && request.max_age.is_none_or(|most| age <= most)
}

/// Whether the user of a session comes from where the request and its client want users to come from, and has shown
/// enough.
fn fits(request: &Request, live: &Live) -> bool {
    let provider = live.session.provider.as_ref();
    let fits = match &request.route {
        Route::Provider(named) => provider == Some(&named.name),
        Route::Own => provider.is_none(),
        Route::Open => request.offers.include(provider),
    };
    // A level is asked for that the session has, or that nobody knows of.
    let least = request.levels.iter().min();
    let enough = least.is_none_or(|least| live.session.level().is_none_or(|has| has >= *least));
    fits && enough
}

/// Tokens in the fragment of the address (RFC 6749 §4.2.2): never a refresh token, and an ID token with `openid`.
fn implicit(cx: &mut Cx<'_>, request: &Request, live: &Live, issuer: &str) -> Run<Authorized> {
    let (party, head) = (&request.party, &live.head);
    let (grant, changes): (LiveGrant, Option<Arc<Changes>>) = cx.once(|cx| {
        let profile = cx.get::<Profile>(&keys::profile(&party.pool.id, &head.sub))?;
        let profile = profile.ok_or_else(|| crate::engine::Stop::torn("the profile of a user"))?;
        let consent = Consent {
            scopes: request.scopes.clone(),
            signed_in: live.session.signed_in,
            nonce: request.nonce.clone(),
            resource: request.resource.clone(),
            level: code::level(cx, request, live)?,
            methods: live.session.methods,
            pages: Some(live.id),
        };
        let grant = issue::open_hosted(cx, party, head, &profile, consent)?;
        let changes = issue::changes(cx, party, head, &grant, Occasion::Hosted)??;
        cx.check(head);
        cx.check(&live.session);
        cx.land()?;
        Ok((grant, changes))
    })?;
    let tokens = issue::tokens(
        cx,
        party,
        head,
        &grant,
        RefreshPart::Absent,
        changes.as_deref(),
    )?;
    let text = |token: &Option<userpool_wire::Sensitive<String>>| {
        token.as_ref().map(|token| token.as_str().into())
    };
    let (id, access): (Option<String>, Option<String>) =
        (text(&tokens.id_token), text(&tokens.access_token));
    let life = alloc::string::ToString::to_string(&tokens.expires_in.unwrap_or_default());
    let mut pairs = alloc::vec::Vec::new();
    if let Some(id) = &id {
        pairs.push(("id_token", id.as_str()));
    }
    pairs.push(("access_token", access.as_deref().unwrap_or_default()));
    pairs.push(("token_type", "Bearer"));
    pairs.push(("expires_in", &life));
    Ok(Authorized::Back(request.back(&pairs, issuer)))
}
