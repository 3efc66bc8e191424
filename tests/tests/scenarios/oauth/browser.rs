//! A browser: cookies, forms, and no scripts.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use userpool::Engine;
use userpool_http::{Api, router};
use userpool_tests::scene::Scene;

/// Where the server of a scene is.
pub const HOST: &str = "127.0.0.1:9229";
pub const ORIGIN: &str = "http://127.0.0.1:9229";

pub struct Browser {
    router: Router,
    runtime: Runtime,
    pub cookies: BTreeMap<String, String>,
    /// The address that it comes from, and what it calls itself.
    pub place: Option<(&'static str, &'static str)>,
}

/// What the server answered.
pub struct Page {
    pub status: u16,
    pub location: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn of(scene: &Scene) -> Self {
        Self::with(scene, |api| api)
    }

    /// A browser whose server is changed in this way.
    pub fn with(scene: &Scene, change: impl FnOnce(Api<Engine>) -> Api<Engine>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        Self {
            router: router(change(Api::new(scene.world.engine.clone()))),
            runtime,
            cookies: BTreeMap::new(),
            place: None,
        }
    }

    pub fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path).header("host", HOST);
        let request = request.header("cookie", self.cookie_line());
        self.ask(request.body(Body::empty()).expect("a request"))
    }

    /// Gets a page as a browser whose user prefers these languages.
    pub fn get_in(&mut self, languages: &str, path: &str) -> Page {
        let request = Request::get(path).header("host", HOST);
        let request = request.header("accept-language", languages);
        let request = request.header("cookie", self.cookie_line());
        self.ask(request.body(Body::empty()).expect("a request"))
    }

    pub fn get_at(&mut self, host: &str, path: &str) -> Page {
        let request = Request::get(path).header("host", host);
        self.ask(request.body(Body::empty()).expect("a request"))
    }

    /// Sends the first form of a page, with these fields filled in.
    pub fn send(&mut self, base: &str, page: &Page, fields: &[(&str, &str)]) -> Page {
        self.send_form(base, page, 0, fields)
    }

    /// Sends a form of a page by its number.
    pub fn send_form(
        &mut self,
        base: &str,
        page: &Page,
        number: usize,
        fields: &[(&str, &str)],
    ) -> Page {
        let (action, mut all) = page.form(number);
        all.retain(|(hidden, _)| !fields.iter().any(|(name, _)| name == hidden));
        all.extend(
            fields
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string())),
        );
        self.post(&format!("{base}{action}"), &all, Some(ORIGIN))
    }

    pub fn post(&mut self, path: &str, fields: &[(String, String)], origin: Option<&str>) -> Page {
        let mut request = Request::post(path)
            .header("host", HOST)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", self.cookie_line());
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        self.ask(
            request
                .body(Body::from(encoded(fields)))
                .expect("a request"),
        )
    }

    pub fn script(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Page {
        let fields: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let mut request = Request::post(path)
            .header("host", HOST)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        self.ask(
            request
                .body(Body::from(encoded(&fields)))
                .expect("a request"),
        )
    }

    /// Sends JSON as a program does.
    pub fn json(&mut self, path: &str, body: &Value, token: Option<&str>) -> Page {
        let mut request = Request::post(path)
            .header("host", HOST)
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.ask(
            request
                .body(Body::from(body.to_string()))
                .expect("a request"),
        )
    }

    pub fn bearer(&mut self, path: &str, token: &str) -> Page {
        let request = Request::get(path)
            .header("host", HOST)
            .header("authorization", format!("Bearer {token}"));
        self.ask(request.body(Body::empty()).expect("a request"))
    }

    fn ask(&mut self, mut request: Request<Body>) -> Page {
        if let Some((address, agent)) = self.place {
            let address: IpAddr = address.parse().expect("an address");
            let peer = ConnectInfo(SocketAddr::new(address, 50_000));
            request.extensions_mut().insert(peer);
            let agent = HeaderValue::from_static(agent);
            request.headers_mut().insert("user-agent", agent);
        }
        let router = self.router.clone();
        let (parts, body) = self.runtime.block_on(async {
            let response = router.oneshot(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            (parts, body.collect().await.expect("a body").to_bytes())
        });
        for cookie in parts.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a text");
            let pair = cookie.split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let location = parts.headers.get("location");
        Page {
            status: parts.status.as_u16(),
            location: location
                .map_or("", |it| it.to_str().expect("a text"))
                .into(),
            headers: parts.headers.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn cookie_line(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

impl Page {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }

    /// The name of an OAuth error.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().expect("an error").into()
    }

    /// A parameter of the address that the browser is sent to.
    #[track_caller]
    pub fn parameter(&self, name: &str) -> String {
        let (_, query) = self.location.split_once(['?', '#']).expect("a query");
        let found = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        let found = found.unwrap_or_else(|| panic!("no {name} in {}", self.location));
        found
            .replace('+', " ")
            .replace("%2F", "/")
            .replace("%3A", ":")
    }

    /// Where a form leads and its hidden fields.
    #[track_caller]
    pub fn form(&self, number: usize) -> (String, Vec<(String, String)>) {
        let form = self.body.split("<form ").nth(number + 1);
        let form = form.unwrap_or_else(|| panic!("no form in {}", self.body));
        let form = form.split("</form>").next().expect("its end");
        let action = attribute(form, "action");
        let hidden = form.split("<input type=\"hidden\"").skip(1);
        let hidden = hidden.map(|field| (attribute(field, "name"), attribute(field, "value")));
        (action, hidden.collect())
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let (_, rest) = tag
        .split_once(&format!("{name}=\""))
        .expect("the attribute");
    let value = rest.split('"').next().expect("its end");
    value
        .replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
}

fn encoded(fields: &[(String, String)]) -> String {
    let encode = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect::<String>()
    };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
