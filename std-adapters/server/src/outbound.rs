//! Exchanges with others over HTTP, each on a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes};
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::http::response::Parts;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::client::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use userpool::ports::{Fetch, FetchFault, FetchReply, FetchRequest};

use crate::failure::Failure;
use crate::tls;

/// The longest body that is taken, as the port allows.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// Why an exchange broke off.
pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Somebody who serves HTTP.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub tls: bool,
    pub host: String,
    pub port: u16,
    /// Host and port as the `Host` header tells them.
    pub authority: String,
}

impl Endpoint {
    /// The endpoint of a URL without a path.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (tls, rest) = match url.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, url.strip_prefix("http://")?),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', ' ']) {
            return None;
        }
        let usual = if tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, port.parse().ok()?)
            }
            _ => (authority, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then(|| Self {
            tls,
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
        })
    }

    pub(crate) fn is_local(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|it| it.is_loopback())
    }
}

/// A body that is sent.
pub(crate) trait Sent:
    Body<Data = Bytes, Error: Into<Broken>> + Send + Unpin + 'static
{
}

impl<B: Body<Data = Bytes, Error: Into<Broken>> + Send + Unpin + 'static> Sent for B {}

/// Sends one request on a connection of its own; what came back, its body no longer than `most`.
///
/// # Errors
/// No whole reply came.
pub(crate) async fn exchange(
    endpoint: &Endpoint,
    tls: Option<&Arc<ClientConfig>>,
    request: Request<impl Sent>,
    most: usize,
) -> Result<(Parts, Bytes), Broken> {
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    stream.set_nodelay(true)?;
    converse(stream, endpoint, tls, request, most).await
}

/// Sends one request on a connection to whom it is for.
///
/// # Errors
/// No whole reply came.
pub(crate) async fn converse(
    stream: TcpStream,
    endpoint: &Endpoint,
    tls: Option<&Arc<ClientConfig>>,
    request: Request<impl Sent>,
    most: usize,
) -> Result<(Parts, Bytes), Broken> {
    match tls {
        None => send(stream, request, most).await,
        Some(config) => {
            let name = endpoint.host.clone().try_into()?;
            let connector = TlsConnector::from(Arc::clone(config));
            send(connector.connect(name, stream).await?, request, most).await
        }
    }
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<impl Sent>,
    most: usize,
) -> Result<(Parts, Bytes), Broken> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let running = tokio::spawn(connection);
    let end = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, most).collect().await?.to_bytes();
        Ok((head, body))
    };
    let end = end.await;
    running.abort();
    end
}

/// Makes exchanges with any server, whose certificate the system has to trust.
pub(crate) struct Outbound {
    tls: Arc<ClientConfig>,
    limit: Duration,
    runtime: Handle,
}

impl Outbound {
    /// Exchanges that take no longer than this. It has to be made in a runtime, which does them.
    ///
    /// # Errors
    /// Nobody's certificate could be checked.
    pub(crate) fn new(limit: Duration) -> Result<Self, Failure> {
        Ok(Self {
            tls: tls::client()?,
            limit,
            runtime: Handle::current(),
        })
    }

    async fn fetched(&self, request: &FetchRequest) -> Result<FetchReply, Broken> {
        let (_, rest) = request.url.split_once("://").ok_or("no URL")?;
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let origin = request.url.strip_suffix(path).unwrap_or(&request.url);
        let endpoint = Endpoint::parse(origin).ok_or("no URL")?;
        let method = Method::from_bytes(request.method.as_bytes())?;
        let mut sent = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &endpoint.authority);
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let sent = sent.body(Full::new(Bytes::from(request.body.clone())))?;
        let tls = endpoint.tls.then_some(&self.tls);
        let (head, body) = exchange(&endpoint, tls, sent, MAX_BODY).await?;
        Ok(FetchReply {
            status: head.status.as_u16(),
            body: body.to_vec(),
        })
    }
}

impl Fetch for Outbound {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        let exchange = timeout(self.limit, self.fetched(request));
        match self.runtime.block_on(exchange) {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(FetchFault(error.to_string())),
            Err(_) => Err(FetchFault("it took too long".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_without_a_path() {
        let of = |url| Endpoint::parse(url).map(|it| (it.tls, it.host, it.port));
        assert_eq!(
            of("http://localhost:3001/"),
            Some((false, "localhost".into(), 3001))
        );
        assert_eq!(
            of("https://lambda.eu-west-1.amazonaws.com"),
            Some((true, "lambda.eu-west-1.amazonaws.com".into(), 443))
        );
        assert_eq!(of("http://[::1]:9"), Some((false, "::1".into(), 9)));
        for bad in [
            "localhost:3001",
            "http://",
            "http://a/b",
            "http://u@a",
            "ftp://a",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_request_reaches_whom_its_url_names() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = vec![0; 1_024];
            let length = stream.read(&mut read).await.unwrap();
            let reply = b"HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nyes";
            stream.write_all(reply).await.unwrap();
            String::from_utf8_lossy(&read[..length]).into_owned()
        });
        let request = FetchRequest {
            method: "GET",
            url: format!("http://127.0.0.1:{port}/range/5BAA6?x=1"),
            headers: vec![("add-padding".into(), "true".into())],
            body: Vec::new(),
            reach: userpool::ports::Reach::Operator,
        };
        let outbound = Outbound::new(Duration::from_secs(5)).unwrap();
        let reply = tokio::task::spawn_blocking(move || outbound.fetch(&request)).await;
        let reply = reply.unwrap().unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (404, &b"yes"[..]));
        let sent = served.await.unwrap();
        assert!(
            sent.starts_with("GET /range/5BAA6?x=1 HTTP/1.1\r\n"),
            "{sent}"
        );
        assert!(
            sent.contains(&format!("host: 127.0.0.1:{port}\r\n")),
            "{sent}"
        );
        assert!(sent.contains("add-padding: true\r\n"), "{sent}");
    }
}
