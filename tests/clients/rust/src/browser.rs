//! A browser of few talents, and the requests of clients that bring no transport of their own.

use std::collections::BTreeMap;

use openidconnect::{HttpRequest, HttpResponse, url::Url};
use ureq::Agent;

/// A browser: it keeps cookies, sends forms, and follows redirects until they leave the server.
#[derive(Debug)]
pub struct Browser {
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

/// Where a browser is.
#[derive(Debug)]
pub enum Place {
    /// A page of the server: its address, and its text.
    Page(Url, String),
    /// The address of an application.
    Application(Url),
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            agent: agent(),
            cookies: BTreeMap::new(),
        }
    }
}

impl Browser {
    /// Opens an address.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub fn open(&mut self, url: Url) -> Place {
        let asked = ureq::http::Request::get(url.as_str()).header("cookie", self.cookies());
        let asked = asked.body(Vec::new()).expect("a request");
        self.follow(url, asked)
    }

    /// Sends the form of a page, with what is typed into it.
    ///
    /// # Panics
    ///
    /// If the page has no form, or the server does not answer.
    pub fn send(&mut self, url: &Url, page: &str, typed: &[(&str, &str)]) -> Place {
        let form = page.split_once("<form").expect("a form").1;
        let form = form.split_once("</form>").expect("its end").0;
        let to = url.join(&attribute(form, "action").expect("a form that leads somewhere"));
        let to = to.expect("an address");
        let mut body = openidconnect::url::form_urlencoded::Serializer::new(String::new());
        for input in form.split("<input").skip(1) {
            let input = input.split_once('>').expect("a closed tag").0;
            if attribute(input, "type").as_deref() == Some("hidden") {
                let (name, value) = (attribute(input, "name"), attribute(input, "value"));
                body.append_pair(&name.expect("a name"), &value.unwrap_or_default());
            }
        }
        let body = body.extend_pairs(typed).finish();
        let asked = ureq::http::Request::post(to.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", self.cookies())
            .header("origin", url.origin().ascii_serialization());
        let asked = asked.body(body.into_bytes()).expect("a request");
        self.follow(to, asked)
    }

    fn follow(&mut self, url: Url, asked: ureq::http::Request<Vec<u8>>) -> Place {
        let mut reply = self.agent.run(asked).expect("the server answers");
        for cookie in reply.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text").split(';').next();
            let (name, value) = cookie.and_then(|it| it.split_once('=')).expect("a cookie");
            self.cookies.insert(name.into(), value.into());
        }
        if let Some(to) = reply.headers().get("location") {
            let to = url.join(to.to_str().expect("text")).expect("an address");
            if to.origin() == url.origin() {
                return self.open(to);
            }
            return Place::Application(to);
        }
        Place::Page(url, reply.body_mut().read_to_string().expect("text"))
    }

    fn cookies(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

/// An exchange of a client that leaves the transport to others; redirects are not followed.
///
/// # Errors
///
/// If the server does not answer.
pub fn exchange(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (head, mut body) = agent().run(request)?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}

fn agent() -> Agent {
    let config = Agent::config_builder().max_redirects(0);
    config.http_status_as_error(false).build().into()
}

/// The value of an attribute in a tag; the pages write each in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
    Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
}
