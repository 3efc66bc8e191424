//! Passwords that are known from breaches: a list at hand, or a service that is asked for ranges of one.

use std::fmt;
use std::io::{self, BufRead};

use userpool_crypto::digest::sha1_hex;
use userpool_ports::{BreachedPasswords, Fetch, FetchFault, FetchRequest, Reach};

/// A list of breached passwords in memory, twenty bytes each.
///
/// # Examples
/// ```
/// use userpool::breached::BreachList;
/// use userpool::ports::BreachedPasswords;
///
/// let list = BreachList::of(["password", "letmein"]);
/// assert!(list.range("5BAA6").unwrap().starts_with("1E4C9B93F3F0682250B6CF8331B7EE68FD8"));
/// assert_eq!(list.range("00000").unwrap(), "");
/// ```
#[derive(Clone)]
pub struct BreachList {
    /// The hashes in upper-case hexadecimal digits, in order.
    hashes: Vec<[u8; 40]>,
}

impl BreachList {
    /// A list of these passwords.
    pub fn of<'a>(passwords: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(passwords.into_iter().map(hash).collect())
    }

    /// Reads a list, one entry a line: a password, or the 40 hexadecimal digits of its SHA-1, after which `:` and a
    /// number of occurrences may follow, as the published lists are. Empty lines count for nothing.
    ///
    /// # Errors
    /// A line cannot be read.
    pub fn read(lines: impl BufRead) -> io::Result<Self> {
        let mut hashes = Vec::new();
        for line in lines.lines() {
            let line = line?;
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                continue;
            }
            hashes.push(written(line).unwrap_or_else(|| hash(line)));
        }
        Ok(Self::new(hashes))
    }

    /// How many passwords it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    fn new(mut hashes: Vec<[u8; 40]>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self { hashes }
    }
}

impl fmt::Debug for BreachList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreachList")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl BreachedPasswords for BreachList {
    fn range(&self, prefix: &str) -> Result<String, FetchFault> {
        let begins = |hash: &&[u8; 40]| hash.starts_with(prefix.as_bytes());
        let from = self
            .hashes
            .partition_point(|hash| hash[..] < *prefix.as_bytes());
        let mut range = String::new();
        for hash in self.hashes[from..].iter().take_while(begins) {
            range.extend(hash[prefix.len()..].iter().map(|digit| char::from(*digit)));
            range.push('\n');
        }
        Ok(range)
    }
}

fn hash(password: &str) -> [u8; 40] {
    let hash = sha1_hex(password.as_bytes());
    let digits = hash.expose().as_bytes();
    digits.try_into().expect("SHA-1 has forty digits")
}

/// The hash that a line is.
fn written(line: &str) -> Option<[u8; 40]> {
    let digits = line.split_once(':').map_or(line, |(digits, _)| digits);
    let digits: [u8; 40] = digits.trim().as_bytes().try_into().ok()?;
    digits
        .iter()
        .all(u8::is_ascii_hexdigit)
        .then(|| digits.to_ascii_uppercase().try_into().ok())?
}

/// A service that is asked for ranges: `GET {base}/range/{prefix}`, the protocol of Have I Been Pwned. It learns five
/// digits of a hash, and by padding not even how many others share them.
#[derive(Clone, Debug)]
pub struct BreachRanges<F> {
    base: String,
    fetch: F,
}

impl<F: Fetch> BreachRanges<F> {
    /// The service at a URL, for example `https://api.pwnedpasswords.com`, reached by these exchanges.
    pub fn new(base: &str, fetch: F) -> Self {
        Self {
            base: base.trim_end_matches('/').into(),
            fetch,
        }
    }
}

impl<F: Fetch> BreachedPasswords for BreachRanges<F> {
    fn range(&self, prefix: &str) -> Result<String, FetchFault> {
        let request = FetchRequest {
            method: "GET",
            url: format!("{}/range/{prefix}", self.base),
            headers: vec![
                ("add-padding".into(), "true".into()),
                ("user-agent".into(), "userpool".into()),
            ],
            body: Vec::new(),
            reach: Reach::Operator,
        };
        let reply = self.fetch.fetch(&request)?;
        if reply.status != 200 {
            return Err(FetchFault(format!("status {}", reply.status)));
        }
        String::from_utf8(reply.body).map_err(|_| FetchFault("no text came back".into()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use userpool_ports::FetchReply;

    use super::*;

    #[test]
    fn a_list_is_read_from_passwords_and_hashes() {
        let text = "password\r\n\n7C4A8D09CA3762AF61E59520943DC26494F8941B:24230577\n7c4a8d09ca3762af61e59520943dc26494f8941b\n";
        let list = BreachList::read(text.as_bytes()).expect("readable");
        assert_eq!(list.len(), 2);
        assert_eq!(
            list.range("7C4A8").expect("a range"),
            "D09CA3762AF61E59520943DC26494F8941B\n"
        );
    }

    #[derive(Default)]
    struct Asked(Mutex<Vec<FetchRequest>>);

    impl Fetch for &Asked {
        fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
            self.0.lock().expect("no panic").push(request.clone());
            Ok(FetchReply {
                status: 200,
                body: b"1E4C9B93F3F0682250B6CF8331B7EE68FD8:3".to_vec(),
            })
        }
    }

    #[test]
    fn a_service_learns_five_digits_and_nothing_else() {
        let asked = Asked::default();
        let ranges = BreachRanges::new("https://example.com/", &asked);
        ranges.range("5BAA6").expect("a range");
        let requests = asked.0.lock().expect("no panic");
        assert_eq!(requests[0].url, "https://example.com/range/5BAA6");
        assert!(requests[0].body.is_empty());
    }
}
