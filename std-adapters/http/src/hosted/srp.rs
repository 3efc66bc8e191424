//! Passwords that are proven and not sent: the script of the sign-in page, and what it asks.
//!
//! The script needs the npm package `userpool-srp`, which `wasm/srp/build` makes: an owner gives its folder to
//! [`Api::srp`](crate::Api::srp). Without it, and where the script does not run, the form is sent as it is.

use std::io;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use userpool::oauth::pages::{Act, Submitted};
use userpool_crypto::digest::sha256;
use userpool_crypto::integer::hex;

use super::asked::{Asked, text};
use super::assets::{asset, missing};
use super::endpoints::json_text;
use super::forms::{Ended, receive, submit};
use super::html::{self, Told};
use super::views::{View, show};
use crate::answers::Answers;
use crate::api::Api;

/// The script of the page, which uses the package.
const SCRIPT: (&str, &[u8]) = ("sign-in.js", include_bytes!("sign-in.js"));
/// What the script needs of the package.
const FILES: [&str; 3] = ["index.js", "exchange.js", "userpool_srp.wasm"];

/// The npm package `userpool-srp`, as the sign-in page loads it.
pub struct SrpPackage {
    version: String,
    files: Vec<File>,
}

struct File {
    name: &'static str,
    bytes: Bytes,
    /// The same by gzip, where the package has it.
    zipped: Option<Bytes>,
}

impl SrpPackage {
    /// Reads the package in a folder.
    ///
    /// A file `x.gz` beside `x` is what browsers get that take gzip.
    ///
    /// # Errors
    /// A file is missing or cannot be read.
    pub fn from_folder(folder: &Path) -> io::Result<Self> {
        let mut files = vec![File {
            name: SCRIPT.0,
            bytes: Bytes::from_static(SCRIPT.1),
            zipped: None,
        }];
        for name in FILES {
            files.push(File {
                name,
                bytes: std::fs::read(folder.join(name))?.into(),
                zipped: std::fs::read(folder.join(format!("{name}.gz")))
                    .ok()
                    .map(Bytes::from),
            });
        }
        let parts: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_ref()).collect();
        Ok(Self {
            version: hex(&sha256(&parts)[..8]),
            files,
        })
    }

    /// What changes with the files, for the addresses that they are under.
    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

/// `GET /assets/srp/{version}/{file}`.
pub(super) async fn file<A: Answers>(State(api): State<Api<A>>, asked: Asked) -> Response {
    let name = asked.segment("file");
    let files = api.srp.iter().flat_map(|package| &package.files);
    let Some(file) = files.clone().find(|file| file.name == name) else {
        return missing(StatusCode::NOT_FOUND);
    };
    let media_type = match name.rsplit_once('.') {
        Some((_, "wasm")) => "application/wasm",
        _ => "text/javascript; charset=utf-8",
    };
    let accepted = text(&asked.headers, ACCEPT_ENCODING).unwrap_or_default();
    let zipped = file.zipped.as_ref().filter(|_| accepted.contains("gzip"));
    let mut response = asset(media_type, zipped.unwrap_or(&file.bytes).clone());
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if zipped.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// `POST /login/srp`: the beginning of a proof, for the script. Where it is refused, the answer is the page that says so.
pub(super) async fn begin<A: Answers>(
    State(api): State<Api<A>>,
    asked: Asked,
    body: Body,
) -> Response {
    let fields = match receive(&api, &asked, body).await {
        Ok(fields) => fields,
        Err(response) => return response,
    };
    let username = fields.username();
    let act = Act::BeginProof {
        username: username.clone(),
        srp_a: fields.value("srp_a"),
    };
    match submit(&api, &asked, act).await {
        Ok(Submitted::Asked(question)) => {
            let parameters = serde_json::json!(question.parameters);
            json_text(StatusCode::OK, parameters.to_string())
        }
        Ok(_) => html::stopped(asked.language, asked.language.words.went_wrong, ""),
        Err(Ended::Response(response)) => response,
        Err(Ended::Refused(error)) => {
            let told = Told::Wrong(asked.language.refusal(&error));
            show(&api, &asked, &View::SignIn(username), told).await
        }
    }
}
