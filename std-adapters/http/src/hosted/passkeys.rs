//! A passkey of one's own: offered after a sign-in, or asked for by the application (`/passkeys/add`).

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use userpool::oauth::authorize::Session;
use userpool::oauth::look::Shown;
use userpool::oauth::own_passkey::{Followed, OwnPasskey, Step};

use super::asked::Asked;
use super::browser::{Cookies, add_cookie, redirect};
use super::forms::{Ended, answered, receive};
use super::html::{self, Told};
use super::views::{View, look, of_problem, show};
use crate::answers::Answers;
use crate::api::Api;

/// The parameter of a query whose way ends with the passkey, and not with a code.
const ONLY: &str = "passkey=only";

/// `GET /passkeys/add`: the application wants its user to make one. The pages need a whole authorization request, of
/// which this is the part that is left out.
pub(super) async fn add(asked: Asked) -> Response {
    let to = format!("../passkey?{}&response_type=code&{ONLY}", asked.raw_query);
    redirect(StatusCode::FOUND, &to)
}

/// `GET /passkey`: the offer. Who has not signed in just now does so first.
pub(super) async fn offer<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    match follow(&api, &asked, Step::Offer).await {
        Ok(Followed::Has) if !is_wanted(&asked) => finish(&api, &asked).await,
        Ok(Followed::Has | Followed::HasNone) => {
            show(&api, &asked, &View::OfferPasskey, Told::Nothing).await
        }
        Ok(_) => redirect(StatusCode::FOUND, &format!("login?{}", asked.raw_query)),
        Err(ended) => refused(&api, &asked, ended).await,
    }
}

/// `POST /passkey`: what the user says to the offer, or what the browser made.
pub(super) async fn send<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let fields = match receive(&api, &asked, body).await {
        Ok(fields) => fields,
        Err(response) => return response,
    };
    let step = match fields.value("step").as_str() {
        "begin" => Step::Begin,
        "keep" => Step::Keep(fields.value("answer")),
        _ => {
            let cookie = Cookies::of(&asked, api.engine.base_url()).set_later();
            let mut response = finish(&api, &asked).await;
            add_cookie(&mut response, Some(cookie));
            return response;
        }
    };
    match follow(&api, &asked, step).await {
        Ok(Followed::Options(options)) => {
            show(&api, &asked, &View::MakePasskey(options), Told::Nothing).await
        }
        Ok(Followed::Has | Followed::HasNone) => finish(&api, &asked).await,
        Ok(_) => redirect(StatusCode::SEE_OTHER, &format!("login?{}", asked.raw_query)),
        Err(ended) => refused(&api, &asked, ended).await,
    }
}

/// Whether a user who has just signed in is led to the offer.
pub(super) async fn is_due<A: Answers>(api: &Api<A>, asked: &Asked, session: &str) -> bool {
    if is_wanted(asked) {
        return true;
    }
    if Cookies::of(asked, api.engine.base_url()).said_later() {
        return false;
    }
    let followed = follow_as(api, asked, session.to_owned(), Step::Offer).await;
    matches!(followed, Ok(Followed::HasNone))
}

/// Whether the application asks for nothing but the passkey.
fn is_wanted(asked: &Asked) -> bool {
    asked.raw_query.split('&').any(|pair| pair == ONLY)
}

async fn follow<A: Answers>(api: &Api<A>, asked: &Asked, step: Step) -> Result<Followed, Ended> {
    match Cookies::of(asked, api.engine.base_url()).session() {
        Some(session) => follow_as(api, asked, session, step).await,
        None => Ok(Followed::Nothing),
    }
}

async fn follow_as<A: Answers>(
    api: &Api<A>,
    asked: &Asked,
    session: String,
    step: Step,
) -> Result<Followed, Ended> {
    let request = OwnPasskey {
        place: asked.place.clone(),
        query: asked.query.clone(),
        session,
        step,
    };
    match asked.put(api, request).await {
        Ok(Ok(followed)) => Ok(followed),
        Ok(Err(problem)) => Err(Ended::Response(of_problem(asked, &problem))),
        Err(error) if error.status >= 500 => {
            Err(Ended::Response(html::failed(asked.language, &error, "")))
        }
        Err(error) => Err(Ended::Refused(error)),
    }
}

async fn refused<A: Answers>(api: &Api<A>, asked: &Asked, ended: Ended) -> Response {
    match ended {
        Ended::Response(response) => response,
        Ended::Refused(error) => {
            let told = Told::Wrong(asked.language.refusal(&error));
            show(api, asked, &View::OfferPasskey, told).await
        }
    }
}

/// Goes back to the application: with what it asked for, or with nothing where that was the passkey.
async fn finish<A: Answers>(api: &Api<A>, asked: &Asked) -> Response {
    if is_wanted(asked) {
        return match look(api, asked, None).await {
            Ok(Shown { leads_to, .. }) => redirect(StatusCode::SEE_OTHER, &leads_to),
            Err(response) => response,
        };
    }
    match Cookies::of(asked, api.engine.base_url()).session() {
        Some(session) => answered(api, asked, Session::Recent(session)).await,
        None => redirect(StatusCode::SEE_OTHER, &format!("login?{}", asked.raw_query)),
    }
}
