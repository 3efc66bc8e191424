//! Exchanges with identity providers, whose addresses administrators of pools and the providers themselves name.
//!
//! Nobody but who runs the server says what of its own network can be reached through it: an address is looked up once,
//! all that it resolves to has to be public, and the connection is made to what was looked up, so that no second answer
//! of a name server leads elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HOST, LOCATION};
use hyper::http::response::Parts;
use hyper::{Method, Request};
use rustls::client::ClientConfig;
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::Handle;
use tokio::time::timeout;
use userpool::ports::{Fetch, FetchFault, FetchReply, FetchRequest, Reach};

use crate::outbound::{Broken, Endpoint, MAX_BODY, Outbound, converse};
use crate::tls;

/// How long a provider may take for one exchange, redirections and all: a browser waits for it.
const LIMIT: Duration = Duration::from_secs(5);
/// How often a reply may lead elsewhere.
const REDIRECTIONS: usize = 3;

/// Makes the exchanges that the engine asks for.
pub(crate) struct Exchanges {
    /// Those that whoever runs the server has set up, if there are any.
    pub own: Option<Outbound>,
    pub providers: Providers,
}

impl Fetch for Exchanges {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        match (request.reach, &self.own) {
            (Reach::Operator, Some(own)) => own.fetch(request),
            (Reach::Operator, None) => Err(FetchFault("no such service is set up".into())),
            (Reach::Public, _) => self.providers.fetch(request),
        }
    }
}

/// Makes exchanges with identity providers.
pub(crate) struct Providers {
    /// Whether private addresses, other ports and plain HTTP may be reached too.
    private: bool,
    tls: OnceLock<Option<Arc<ClientConfig>>>,
    runtime: Handle,
}

impl Providers {
    /// Exchanges with providers at public addresses, or if that is wanted at private ones too. It has to be made in a
    /// runtime, which does them.
    pub(crate) fn new(private: bool) -> Self {
        Self {
            private,
            tls: OnceLock::new(),
            runtime: Handle::current(),
        }
    }

    async fn fetched(&self, request: &FetchRequest) -> Result<FetchReply, Broken> {
        let mut url = request.url.clone();
        let mut trusted = true;
        for _ in 0..=REDIRECTIONS {
            let (head, body) = self.once(request, &url, trusted).await?;
            let location = head.headers.get(LOCATION).map(|it| it.to_str());
            let leads = head.status.is_redirection() && request.method == "GET";
            let Some(location) = location.filter(|_| leads).transpose()? else {
                return Ok(FetchReply {
                    status: head.status.as_u16(),
                    body: body.to_vec(),
                });
            };
            let next = joined(&url, location).ok_or("a redirection to nowhere")?;
            // What the provider may know is nobody else's business.
            trusted &= origin(&next) == origin(&url);
            url = next;
        }
        Err("too many redirections".into())
    }

    async fn once(
        &self,
        request: &FetchRequest,
        url: &str,
        trusted: bool,
    ) -> Result<(Parts, Bytes), Broken> {
        let origin = origin(url).ok_or("no URL")?;
        let path = url.strip_prefix(origin).unwrap_or_default();
        let path = path.split('#').next().unwrap_or_default();
        let path = match path.strip_prefix('?') {
            Some(_) => format!("/{path}"),
            None if path.is_empty() => "/".to_owned(),
            None => path.to_owned(),
        };
        let endpoint = Endpoint::parse(origin).ok_or("no URL")?;
        let is_usual = endpoint.tls && endpoint.port == 443;
        if !self.private && !is_usual {
            return Err("providers are reached by HTTPS at its own port".into());
        }
        let stream = self.connect(&endpoint).await?;
        let mut sent = Request::builder()
            .method(Method::from_bytes(request.method.as_bytes())?)
            .uri(path)
            .header(HOST, &endpoint.authority);
        for (name, value) in &request.headers {
            if trusted || *name != AUTHORIZATION.as_str() {
                sent = sent.header(name, value);
            }
        }
        let sent = sent.body(Full::new(Bytes::from(request.body.clone())))?;
        let tls = match endpoint.tls {
            true => {
                let config = self.tls.get_or_init(|| tls::client().ok());
                Some(
                    config
                        .as_ref()
                        .ok_or("nobody's certificate can be checked")?,
                )
            }
            false => None,
        };
        converse(stream, &endpoint, tls, sent, MAX_BODY).await
    }

    /// A connection to an address that was looked at.
    async fn connect(&self, endpoint: &Endpoint) -> Result<TcpStream, Broken> {
        let found = lookup_host((endpoint.host.as_str(), endpoint.port)).await?;
        let addresses: Vec<SocketAddr> = found.collect();
        if !self.private && !addresses.iter().all(|it| is_public(it.ip())) {
            return Err("the address is a private one".into());
        }
        let stream = TcpStream::connect(addresses.as_slice()).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Fetch for Providers {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        let exchange = timeout(LIMIT, self.fetched(request));
        let end = match self.runtime.block_on(exchange) {
            Ok(Ok(reply)) => return Ok(reply),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".into(),
        };
        let host = origin(&request.url).unwrap_or_default();
        tracing::warn!(
            provider = host,
            "an identity provider was not reached: {end}"
        );
        Err(FetchFault(end))
    }
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> Option<&str> {
    let at = url.find("://")? + 3;
    let end = url[at..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |it| at + it);
    Some(&url[..end])
}

/// The URL that a reference leads to from another one (RFC 3986 §5.2), as far as servers write them.
fn joined(base: &str, reference: &str) -> Option<String> {
    let origin = origin(base)?;
    if reference.starts_with("https://") || reference.starts_with("http://") {
        return Some(reference.to_owned());
    }
    if let Some(rest) = reference.strip_prefix("//") {
        let (scheme, _) = base.split_once("://")?;
        return Some(format!("{scheme}://{rest}"));
    }
    reference
        .starts_with('/')
        .then(|| format!("{origin}{reference}"))
}

/// Whether an address is one of the public network (IANA's registries of special addresses, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Global unicast, without what stands for other addresses or for none: Teredo and its neighbours, documentation,
    // 6to4.
    let is_global = a & 0xE000 == 0x2000;
    let special = (a == 0x2001 && (b < 0x0200 || b == 0x0DB8)) || a == 0x2002 || a == 0x3FFF;
    is_global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_networks_of_ones_own_are_not_public() {
        for own in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.1.1.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "192.169.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn a_reference_leads_from_where_it_stands() {
        for (reference, to) in [
            ("https://b/c", Some("https://b/c")),
            ("//b/c", Some("https://b/c")),
            ("/c?d", Some("https://a:1/c?d")),
            ("c", None),
            ("file:///etc/passwd", None),
        ] {
            assert_eq!(
                joined("https://a:1/x?y", reference).as_deref(),
                to,
                "{reference}"
            );
        }
    }

    fn get(url: String) -> FetchRequest {
        FetchRequest {
            method: "GET",
            url,
            headers: vec![("authorization".into(), "Bearer t".into())],
            body: Vec::new(),
            reach: Reach::Public,
        }
    }

    async fn ask(providers: Providers, url: String) -> Result<FetchReply, FetchFault> {
        let asked = tokio::task::spawn_blocking(move || providers.fetch(&get(url)));
        asked.await.unwrap()
    }

    #[tokio::test]
    async fn nothing_of_the_own_network_is_reached_unless_that_is_wanted() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for url in [
            format!("http://127.0.0.1:{port}/"),
            format!("https://localhost:{port}/"),
            "https://localhost/".into(),
            "https://[::1]/".into(),
            "https://2130706433/".into(),
        ] {
            let end = ask(Providers::new(false), url.clone()).await;
            assert!(end.is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_redirection_is_followed_a_few_times_and_tells_nobody_else_the_token() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        let (one, other) = (
            tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(),
            tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let (at_one, at_other) = (one.local_addr().unwrap(), other.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let mut heard = Vec::new();
            for (listener, to) in [
                (&one, format!("http://{at_other}/b")),
                (&other, "/c".into()),
            ] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut read = vec![0; 1_024];
                let length = stream.read(&mut read).await.unwrap();
                heard.push(String::from_utf8_lossy(&read[..length]).into_owned());
                let reply =
                    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
            let (mut stream, _) = other.accept().await.unwrap();
            let mut read = vec![0; 1_024];
            let length = stream.read(&mut read).await.unwrap();
            heard.push(String::from_utf8_lossy(&read[..length]).into_owned());
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes")
                .await
                .unwrap();
            heard
        });
        let reply = ask(Providers::new(true), format!("http://{at_one}/a?x=1"))
            .await
            .unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (200, &b"yes"[..]));
        let heard = served.await.unwrap();
        assert!(
            heard[0].starts_with("GET /a?x=1 ") && heard[0].contains("Bearer t"),
            "{heard:?}"
        );
        assert!(
            heard[1].starts_with("GET /b ") && !heard[1].contains("Bearer"),
            "{heard:?}"
        );
        assert!(
            heard[2].starts_with("GET /c ") && !heard[2].contains("Bearer"),
            "{heard:?}"
        );
    }
}
