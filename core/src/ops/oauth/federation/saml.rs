//! `/saml2/idpresponse`: where browsers come back to from identity providers of SAML.
//!
//! A browser brings the response in a form of another site, and no cookie with it. So it comes twice: with the form,
//! whose response is checked, taken and kept with the sign-in that waits; and by itself, with the state and the cookie,
//! for the session. Whoever stole a response has no browser that the sign-in was begun in.
//!
//! A response that nobody asked for is taken at once, where the provider may begin: it belongs to no browser.

use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use serde_json::Value;
use userpool_crypto::digest::sha256;
use userpool_saml::response::{Asked, MAX};

use super::{
    super::{
        Endpoint,
        error::{Error, ErrorKind},
        parameters::{self, Parameters},
        place::Place,
        request::{self, Request, Route},
    },
    answer::{Browser, Returned, nobodys, provider, take},
    asserted::{Asserted, Claims},
    begin::callback,
    sign_in,
};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        federation::{LIFE, PendingSignIn},
        identity_provider::{IdentityProvider, ProviderKind},
        keys,
        pool::Pool,
        saml_answer::{SamlAnswer, SamlAttribute, Told},
    },
    ops::{
        identity_providers::{self, metadata},
        saml::{
            request::{Asking, Away},
            response::{self, Taken},
        },
        triggers::Object,
    },
};

/// Where providers send responses.
pub(super) const PATH: &str = "/saml2/idpresponse";
/// How old an assertion may be that nobody asked for, in seconds.
const YOUNG: i64 = 360;
/// The most bytes of an answer that are kept.
const MAX_KEPT: usize = 40 * 1_024;
/// The longest query that comes with a response that nobody asked for.
const MAX_QUERY: usize = 8_192;

/// A form that a provider had the browser send.
#[derive(Clone, Debug)]
pub struct SamlForm {
    /// Where it came to.
    pub place: Place,
    /// The form.
    pub form: Parameters,
}

/// What follows a form.
#[derive(Clone)]
pub enum Posted {
    /// The browser comes again by itself, with this state.
    Again(String),
    /// All that there is.
    Ended(Returned),
}

impl Endpoint for SamlForm {
    type Reply = Posted;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Posted> {
        let form = self.form.one_of_at_most("SAMLResponse", MAX);
        let (Ok(Some(form)), Ok(state)) = (form, self.form.one("RelayState")) else {
            return Ok(Posted::Ended(nobodys()));
        };
        let Some(pool) = self.place.pool(cx)? else {
            return Ok(Posted::Ended(nobodys()));
        };
        let state = state.unwrap_or_default();
        // A state of ours is one word, and a query has members.
        if state.contains('=') {
            return self.unasked(cx, &pool, state, form).map(Posted::Ended);
        }
        let key = keys::pending_sign_in(&pool.id, state);
        let pending = cx.get::<PendingSignIn>(&key)?;
        let Some(pending) = pending.filter(|it| it.answer.is_none()) else {
            return Ok(Posted::Ended(nobodys()));
        };
        let key = keys::identity_provider(&pool.id, &pending.provider);
        let provider = cx.get::<IdentityProvider>(&key)?;
        let Some(provider) = provider.filter(|it| it.kind == ProviderKind::Saml) else {
            return Ok(Posted::Ended(nobodys()));
        };
        let id = request_id(&pending);
        let asked = Asked::Request(&id);
        let address = &pending.redirect_uri;
        let answer = match response::take(cx, &pool, &provider, address, asked, form)? {
            Ok(taken) => told(&taken),
            Err(untaken) => SamlAnswer::Refused(untaken.description()),
        };
        let answered = PendingSignIn {
            answer: Some(answer),
            ..PendingSignIn::clone(&pending)
        };
        cx.update_until(&pending, &answered, Some(cx.now().after(LIFE)));
        Ok(Posted::Again(state.into()))
    }
}

impl SamlForm {
    /// A sign-in that the provider began: the state is the query of an authorization request.
    fn unasked(
        &self,
        cx: &mut Cx<'_>,
        pool: &Held<Pool>,
        state: &str,
        form: &str,
    ) -> Run<Returned> {
        if state.len() > MAX_QUERY {
            return Ok(nobodys());
        }
        let query = parameters::parse(state);
        let request = match request::read(cx, &self.place, &query)? {
            Ok(request) => request,
            Err(problem) => return Ok(problem.into()),
        };
        let Route::Provider(provider) = &request.route else {
            return Ok(nobodys());
        };
        if provider.kind != ProviderKind::Saml || !metadata::is_on(provider, "IDPInit") {
            return Ok(nobodys());
        }
        // As with the service: only a client whose users all come by SAML takes a sign-in that nobody asked for.
        let offered = identity_providers::existing(cx, &pool.id, &request.offers.providers)?;
        if request.offers.own || offered.iter().any(|it| it.kind != ProviderKind::Saml) {
            return Ok(nobodys());
        }
        let address = callback(cx, &self.place, PATH);
        let asked = Asked::Nothing { at_most: YOUNG };
        let answer = match response::take(cx, pool, provider, &address, asked, form)? {
            Ok(taken) => told(&taken),
            Err(untaken) => SamlAnswer::Refused(untaken.description()),
        };
        end(cx, &request, provider, &answer, query)
    }
}

/// A browser that comes for the session that its form has brought.
#[derive(Clone, Debug)]
pub struct SamlReturn {
    /// Where it came to.
    pub place: Place,
    /// Its query.
    pub query: Parameters,
    /// What the browser holds since it was sent away.
    pub browser: Browser,
}

impl Endpoint for SamlReturn {
    type Reply = Returned;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Returned> {
        let Some(pool) = self.place.pool(cx)? else {
            return Ok(nobodys());
        };
        let Some(pending) = take(cx, &pool, &self.query, &self.browser)? else {
            return Ok(nobodys());
        };
        let Some(answer) = &pending.answer else {
            return Ok(nobodys());
        };
        let query = parameters::parse(&pending.query);
        let request = match request::read(cx, &self.place, &query)? {
            Ok(request) => request,
            Err(problem) => return Ok(problem.into()),
        };
        let provider = match cx.attempt(|cx| provider(cx, &request, &pending))? {
            Ok(provider) => provider,
            Err(refusal) => return Ok(back(cx, &request, refusal.message())),
        };
        end(cx, &request, &provider, answer, query)
    }
}

/// Signs in whom an answer names, or tells the client why not.
fn end(
    cx: &mut Cx<'_>,
    request: &Request,
    provider: &IdentityProvider,
    answer: &SamlAnswer,
    query: Parameters,
) -> Run<Returned> {
    let told = match answer {
        SamlAnswer::Refused(why) => return Ok(back(cx, request, why)),
        SamlAnswer::Told(told) => told,
    };
    let signs_out = metadata::is_on(provider, "IDPSignout");
    let asserted = cx.once(|_| Ok(Arc::new(asserted(told, signs_out))))?;
    let ended = cx.attempt(|cx| sign_in::sign_in(cx, &request.party, provider, &asserted))?;
    Ok(match ended {
        Ok(session) => Returned::SignedIn { session, query },
        Err(refusal) => {
            let why = alloc::format!("Invalid SAML response received: {}", refusal.message());
            back(cx, request, &why)
        }
    })
}

fn back(cx: &Cx<'_>, request: &Request, why: &str) -> Returned {
    let issuer = cx.environment().issuer_of(&request.party.pool.id);
    let error = Error::new(ErrorKind::ServerError, why.to_string());
    Returned::Back(request.error(&error, &issuer))
}

/// What is kept of what a provider told.
fn told(taken: &Taken) -> SamlAnswer {
    let signed_in = &taken.signed_in;
    let attributes = signed_in.attributes.iter();
    let length = |(name, values): &(String, Vec<String>)| {
        name.len() + values.iter().map(|value| value.len() + 4).sum::<usize>()
    };
    if attributes.clone().map(length).sum::<usize>() > MAX_KEPT {
        let why = "Invalid SAML response received: its attributes are too long.";
        return SamlAnswer::Refused(why.into());
    }
    SamlAnswer::Told(Told {
        issuer: taken.issuer.clone(),
        name: signed_in.name.value.clone(),
        format: signed_in.name.format.clone(),
        qualifier: signed_in.name.qualifier.clone(),
        service_qualifier: signed_in.name.service_qualifier.clone(),
        session: signed_in.session.clone(),
        attributes: attributes
            .map(|(name, values)| SamlAttribute {
                name: name.clone(),
                values: values.clone(),
            })
            .collect(),
    })
}

/// What a provider told, as claims: the name, and each attribute with its value or values.
fn asserted(told: &Told, signs_out: bool) -> Asserted {
    let mut claims = Claims::new();
    for attribute in &told.attributes {
        let value = match attribute.values.as_slice() {
            [only] => Value::from(only.as_str()),
            all => Value::from(all),
        };
        claims.insert(attribute.name.clone(), value);
    }
    let mut attributes = Object::new();
    attributes.insert("samlAttributes".into(), claims.clone().into());
    claims.insert("NameID".into(), told.name.as_str().into());
    Asserted {
        subject: told.name.clone(),
        issuer: Some(told.issuer.clone()),
        claims,
        attributes,
        level: None,
        saml: signs_out.then(|| Told {
            attributes: Vec::new(),
            ..told.clone()
        }),
    }
}

/// How a browser goes for a sign-in by SAML; `None` where the provider's metadata is not to be had.
///
/// # Errors
/// Stops the run until it is known.
pub(super) fn away(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    provider: &IdentityProvider,
    pending: &PendingSignIn,
    state: &str,
    again: bool,
) -> Run<Option<Away>> {
    let asking = Asking {
        id: &request_id(pending),
        answer_to: &pending.redirect_uri,
        state,
        again,
    };
    crate::ops::saml::request::away(cx, pool, provider, &asking)
}

/// The id of the request of a sign-in: it begins with a letter, and nobody can guess the rest.
fn request_id(pending: &PendingSignIn) -> String {
    let hash = sha256(&[b"saml request", &pending.chance]);
    let digits = hash.iter().map(|byte| alloc::format!("{byte:02x}"));
    core::iter::once(String::from("_")).chain(digits).collect()
}
