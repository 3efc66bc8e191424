//! Signed calls of the API, as any AWS SDK makes them.

use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use serde_json::Value;
use userpool_crypto::sigv4;

use super::exchanged;
use crate::admin::Signer;
use crate::failure::Failure;
use crate::outbound::{Endpoint, MAX_BODY};

const TARGET: &str = "AWSCognitoIdentityProviderService";

/// The API of a server.
pub(super) struct Api {
    endpoint: Endpoint,
    signer: Signer,
    region: String,
}

impl Api {
    /// The API at an address, for calls about a pool.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(server: &str, signer: Signer, pool: &str) -> Result<Self, Failure> {
        let endpoint = Endpoint::parse(server);
        let wrong = || Failure::new("base-url must be http://HOST or https://HOST");
        let region = pool
            .rsplit_once('_')
            .map_or("us-east-1", |(region, _)| region);
        Ok(Self {
            endpoint: endpoint.ok_or_else(wrong)?,
            signer,
            region: region.to_owned(),
        })
    }

    /// Calls an operation of imports; the job that it tells.
    ///
    /// # Errors
    /// The server's refusal, or no answer.
    pub async fn call(&self, operation: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.request(operation, body.to_string());
        let request = request.map_err(|it| Failure::new(it.to_string()))?;
        let answer = exchanged(&self.endpoint, request, MAX_BODY).await;
        let answer = answer.map_err(|it| Failure::new(format!("{operation}: {it}")))?;
        let mut answer: Value = serde_json::from_slice(&answer)
            .map_err(|_| Failure::new(format!("{operation}: the answer is no JSON")))?;
        Ok(answer["UserImportJob"].take())
    }

    fn request(
        &self,
        operation: &str,
        body: String,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let target = format!("{TARGET}.{operation}");
        let mut headers = vec![
            (HOST.as_str(), self.endpoint.authority.as_str()),
            (CONTENT_TYPE.as_str(), "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let token = self.signer.session_token.as_ref();
        headers.extend(token.map(|token| ("x-amz-security-token", token.expose())));
        let signed = sigv4::sign(
            &sigv4::Request {
                method: "POST",
                path: "/",
                query: "",
                headers: &headers,
                body: body.as_bytes(),
            },
            &sigv4::Credentials {
                access_key_id: &self.signer.access_key_id,
                secret: &self.signer.secret,
                region: &self.region,
                service: "cognito-idp",
            },
            now(),
        );
        let mut request = Request::post("/");
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        request
            .header("x-amz-date", signed.date)
            .header(AUTHORIZATION, signed.authorization)
            .body(Full::new(Bytes::from(body)))
    }
}

/// What a server says when it refuses.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> Failure {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let member = |names: [&str; 2]| names.iter().find_map(|name| error[*name].as_str());
    let name = member(["__type", "code"]).unwrap_or_default();
    let text = member(["message", "Message"]).unwrap_or_default();
    Failure::new(match name.is_empty() {
        true => format!("the server answered with status {status}"),
        false => format!("{name}: {text}"),
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX))
}
