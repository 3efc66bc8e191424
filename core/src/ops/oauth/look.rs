//! What a login page shows besides its form: which fields there are, and the owner's style sheet and logo.

use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_wire::idp::ChallengeNameType;

use super::{
    Endpoint,
    authorize::Problem,
    brand,
    pages::may_prove,
    parameters::Parameters,
    place::Place,
    request::{self, Request},
    session,
};
use crate::{
    engine::{Cx, Run, Stop},
    model::{
        keys,
        pages::Customization,
        pool::{NameRule, Pool},
        user::Profile,
    },
    ops::{blobs, identity_providers, pages, passkeys, sign_in::user_auth::available, terms},
};

/// Asks for what a login page shows.
#[derive(Clone, Debug)]
pub struct Look {
    /// Where the request came to.
    pub place: Place,
    /// Its query, that of the authorization request.
    pub query: Parameters,
    /// The language of the page, by its tag.
    pub language: &'static str,
    /// The text of the cookie of a session, where the page tells who has signed in.
    pub session: Option<String>,
}

/// What a login page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shown {
    /// The pool.
    pub pool: String,
    /// The app client.
    pub client: String,
    /// Where the browser goes in the end: a form may lead there.
    pub leads_to: String,
    /// What users sign in with.
    pub name: NameField,
    /// Whether users may sign themselves up.
    pub can_sign_up: bool,
    /// Whether users of the pool itself may sign in here.
    pub own: bool,
    /// The identity providers that users may choose, by their names.
    pub providers: Vec<String>,
    /// Whether a mail domain leads to one of them.
    pub by_domain: bool,
    /// Whether a password may be proven in place of being sent.
    pub proves: bool,
    /// Whether users may sign in by passkeys.
    pub passkeys: bool,
    /// Whether users may sign in by codes alone.
    pub codes: bool,
    /// Who has signed in, by the name that the user knows.
    pub account: Option<String>,
    /// The attributes that a sign-up needs.
    pub required: Vec<String>,
    /// The version of the owner's style sheet and logo, and what there is of them.
    pub style: Option<Style>,
    /// The version of the client's managed login branding, where its pages follow one.
    pub brand: Option<String>,
    /// The addresses of the terms of use and of the privacy policy, where there are both.
    pub terms: Option<[String; 2]>,
}

/// What the owner set of how pages look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Changes when it is set again.
    pub version: String,
    /// Whether there is a style sheet.
    pub css: bool,
    /// Whether there is a logo.
    pub logo: bool,
}

/// What users sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameField {
    /// A user name.
    Username,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// Either of the two.
    EmailOrPhone,
}

impl Endpoint for Look {
    type Reply = Result<Shown, Problem>;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<Shown, Problem>> {
        let request = match request::read(cx, &self.place, &self.query)? {
            Ok(request) => request,
            Err(problem) => return Ok(Err(problem)),
        };
        let Request { party, .. } = &*request;
        let pool = &party.pool;
        let providers = match request.offers.providers.as_slice() {
            [] => Vec::new(),
            names => identity_providers::existing(cx, &pool.id, names)?,
        };
        let own = [
            keys::branding_of(&pool.id, &party.client.id),
            keys::customization(&pool.id, &party.client.id),
            keys::customization(&pool.id, ""),
        ];
        cx.want(&own)?;
        let version = Version::of(cx, &self.place)?;
        let brand = match version {
            Version::Classic => None,
            Version::Managed | Version::Either => brand::of(cx, &pool.id, &party.client.id)?,
        };
        let found = match version {
            Version::Classic | Version::Either if brand.is_none() => {
                customization(cx, &pool.id, &party.client.id)?
            }
            _ => None,
        };
        let style = found.map(|look| Style {
            version: pages::version(&look),
            css: look.css.is_some(),
            logo: look.image.is_some(),
        });
        let without_password =
            version != Version::Classic && request.offers.own && party.client.flows.user_auth;
        let account = match &self.session {
            Some(text) => account(cx, pool, text)?,
            None => None,
        };
        Ok(Ok(Shown {
            pool: pool.id.clone(),
            client: party.client.id.clone(),
            leads_to: request.redirect_uri.clone(),
            name: name_field(pool),
            can_sign_up: request.offers.own && !pool.rules.admin_create_only,
            own: request.offers.own,
            proves: request.offers.own && may_prove(cx, party)?,
            by_domain: providers.iter().any(|it| !it.identifiers.is_empty()),
            providers: providers.iter().map(|it| it.name.clone()).collect(),
            passkeys: without_password && passkeys::are_on(pool),
            codes: without_password
                && [ChallengeNameType::EmailOtp, ChallengeNameType::SmsOtp]
                    .into_iter()
                    .any(|factor| available::allows(pool, factor)),
            account,
            required: required(pool),
            style,
            brand: brand.map(|brand| brand.modified.millis().to_string()),
            terms: terms::links(cx, &pool.id, &party.client.id, self.language)?,
        }))
    }
}

/// The name of who has signed in.
fn account(cx: &mut Cx<'_>, pool: &Pool, session: &str) -> Run<Option<String>> {
    let Some(live) = session::find(cx, pool, session)? else {
        return Ok(None);
    };
    let profile = cx.get::<Profile>(&keys::profile(&pool.id, &live.head.sub))?;
    let profile = profile.ok_or_else(|| Stop::torn("the profile of a user"))?;
    let name = passkeys::shown_name(pool, &live.head, &profile.attributes);
    Ok(Some(name.clone()))
}

/// Which pages a place has (`ManagedLoginVersion`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// The classic ones, which UI customization changes.
    Classic,
    /// Managed login, which branding changes.
    Managed,
    /// Where the place is a pool's id: managed login, which has the looks of the classic pages for clients without a branding.
    Either,
}

impl Version {
    /// The pages of a place.
    ///
    /// # Errors
    /// Stops the run until the domain is there.
    pub(super) fn of(cx: &mut Cx<'_>, place: &Place) -> Run<Self> {
        let domain = place.domain(cx)?;
        Ok(match domain.map(|domain| domain.pages) {
            None => Self::Either,
            Some(1) => Self::Classic,
            Some(_) => Self::Managed,
        })
    }
}

fn name_field(pool: &Pool) -> NameField {
    match pool.rules.names {
        NameRule::Attribute {
            email: true,
            phone: true,
        } => NameField::EmailOrPhone,
        NameRule::Attribute { email: true, .. } => NameField::Email,
        NameRule::Attribute { phone: true, .. } => NameField::Phone,
        NameRule::Attribute { .. } | NameRule::Username | NameRule::Alias { .. } => {
            NameField::Username
        }
    }
}

/// What a sign-up asks for: the required attributes, and the addresses that get a code; not what is the name already.
fn required(pool: &Pool) -> Vec<String> {
    let rules = &pool.rules;
    let name = name_field(pool);
    let is_name = |attribute: &str| match name {
        NameField::Email => attribute == "email",
        NameField::Phone => attribute == "phone_number",
        NameField::Username | NameField::EmailOrPhone => false,
    };
    let by_code = |attribute: &str| match attribute {
        "email" => rules.auto_verify_email && name != NameField::EmailOrPhone,
        "phone_number" => rules.auto_verify_phone && !rules.auto_verify_email,
        _ => false,
    };
    let asked = rules.schema.iter().filter(|rule| {
        (rule.required || by_code(&rule.name)) && rule.name != "sub" && !is_name(&rule.name)
    });
    asked.map(|rule| rule.name.clone()).collect()
}

/// The customization of a client's pages, or that for all.
fn customization(cx: &mut Cx<'_>, pool: &str, client: &str) -> Run<Option<Arc<Customization>>> {
    let (own, all) = (
        keys::customization(pool, client),
        keys::customization(pool, ""),
    );
    cx.want([&own, &all])?;
    let found = match cx.get::<Customization>(&own)? {
        Some(own) => Some(own),
        None => cx.get::<Customization>(&all)?,
    };
    Ok(found.map(|held| held.value().clone()))
}

/// Asks for the style sheet of a client's pages.
#[derive(Clone, Debug)]
pub struct StyleSheet {
    /// Where the request came to.
    pub place: Place,
    /// The app client.
    pub client: String,
}

impl Endpoint for StyleSheet {
    type Reply = Option<String>;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Option<String>> {
        let Some(pool) = self.place.pool(cx)?.filter(|_| self.client.len() <= 128) else {
            return Ok(None);
        };
        let look = customization(cx, &pool.id, named(&self.client))?;
        Ok(look.and_then(|look| look.css.clone()))
    }
}

/// Asks for the logo of a client's pages.
#[derive(Clone, Debug)]
pub struct Logo {
    /// Where the request came to.
    pub place: Place,
    /// The app client.
    pub client: String,
}

impl Endpoint for Logo {
    /// The media type, and the bytes.
    type Reply = Option<(&'static str, Vec<u8>)>;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Self::Reply> {
        let Some(pool) = self.place.pool(cx)?.filter(|_| self.client.len() <= 128) else {
            return Ok(None);
        };
        let look = customization(cx, &pool.id, named(&self.client))?;
        let Some(image) = look.and_then(|look| look.image) else {
            return Ok(None);
        };
        let bytes = blobs::read(cx, &pool.id, image.blob)?;
        Ok(Some((image.kind.media_type(), bytes)))
    }
}

/// The client in a key: none for what is for all.
fn named(client: &str) -> &str {
    if client == pages::ALL { "" } else { client }
}
