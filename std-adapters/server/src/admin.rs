//! The administrator's pair of keys: given, kept, or made at the first start.

use std::path::PathBuf;

use userpool_crypto::secret::SecretText;
use userpool_http::{AdminPair, Credentials};

use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::options::Resolved;

/// A fragment for `AWS_SHARED_CREDENTIALS_FILE`.
const FILE: &str = "admin-credentials";
const ID_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_LETTERS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The administrator, and how the pair came about.
#[derive(Debug)]
pub(crate) struct Administrator {
    /// The pair that signed operations are held against.
    pub pair: AdminPair,
    /// Where it came from.
    pub origin: Origin,
}

/// Where the pair came from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// From the settings.
    Given,
    /// From the file that an earlier start wrote.
    Kept(PathBuf),
    /// Made just now and kept in the file; `secret` is shown once.
    Made {
        /// The file.
        path: PathBuf,
        /// The secret access key.
        secret: String,
    },
}

impl Administrator {
    /// Finds the pair, making it where there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds no pair.
    pub(crate) fn find(settings: &Resolved, folder: &DataFolder) -> Result<Self, Failure> {
        if let (Some(id), Some(secret)) = (
            &settings.admin_access_key_id,
            &settings.admin_secret_access_key,
        ) {
            let pair = AdminPair::new(id.clone(), secret.expose());
            return Ok(Self {
                pair,
                origin: Origin::Given,
            });
        }
        let path = folder.file(FILE);
        if let Some(text) = folder.read(FILE)? {
            let pair = parse(&text).ok_or_else(|| {
                Failure::new(format!(
                    "{}: aws_access_key_id or aws_secret_access_key is missing",
                    path.display()
                ))
            })?;
            return Ok(Self {
                pair,
                origin: Origin::Kept(path),
            });
        }
        let id = format!("USERPOOL{}", draw::<12>(ID_LETTERS)?);
        let secret = draw::<40>(SECRET_LETTERS)?;
        let text =
            format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        folder.keep(FILE, &text)?;
        let pair = AdminPair::new(id, secret.clone());
        Ok(Self {
            pair,
            origin: Origin::Made { path, secret },
        })
    }
}

/// Who signs requests to a server: whoever the settings name, else the environment of AWS tools, else the pair that a server
/// keeps in the folder.
///
/// # Errors
/// There is nobody.
pub(crate) fn signer(settings: &Resolved) -> Result<Signer, Failure> {
    let environment = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
    if let (Some(id), Some(secret)) = (
        &settings.admin_access_key_id,
        &settings.admin_secret_access_key,
    ) {
        return Ok(Signer {
            access_key_id: id.clone(),
            secret: secret.text().clone(),
            session_token: None,
        });
    }
    if let (Some(access_key_id), Some(secret)) = (
        environment("AWS_ACCESS_KEY_ID"),
        environment("AWS_SECRET_ACCESS_KEY"),
    ) {
        return Ok(Signer {
            access_key_id,
            secret: SecretText::new(secret),
            session_token: environment("AWS_SESSION_TOKEN").map(SecretText::new),
        });
    }
    let path = settings.data.join(FILE);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let kept = parse(&text).and_then(|pair| {
        let secret = pair.secret(pair.access_key_id())?;
        Some((pair.access_key_id().to_owned(), secret))
    });
    let Some((access_key_id, secret)) = kept else {
        return Err(Failure::new(format!(
            "nobody to sign as: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set nor is there {}",
            path.display()
        )));
    };
    Ok(Signer {
        access_key_id,
        secret,
        session_token: None,
    })
}

/// Who signs requests to a server.
pub(crate) struct Signer {
    pub access_key_id: String,
    pub secret: SecretText,
    pub session_token: Option<SecretText>,
}

fn parse(text: &str) -> Option<AdminPair> {
    let value = |name: &str| {
        let pairs = text.lines().filter_map(|it| it.split_once('='));
        pairs
            .map(|(key, value)| (key.trim(), value.trim()))
            .find(|it| it.0 == name)
            .map(|it| it.1)
    };
    Some(AdminPair::new(
        value("aws_access_key_id")?,
        value("aws_secret_access_key")?,
    ))
}

/// Letters drawn with equal chance; the number of letters to choose from divides 256.
fn draw<const N: usize>(letters: &[u8]) -> Result<String, Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|it| Failure::new(format!("the system gives no random bytes: {it}")))?;
    Ok(bytes
        .iter()
        .map(|it| char::from(letters[usize::from(*it) % letters.len()]))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credentials_file_gives_back_the_pair() {
        let text = "[default]\naws_access_key_id = A\naws_secret_access_key=b=c/d\n";
        let pair = parse(text).unwrap();
        assert_eq!(pair.access_key_id(), "A");
        assert_eq!(pair.secret("A").unwrap().expose(), "b=c/d");
        assert!(pair.secret("B").is_none());
        assert!(parse("aws_access_key_id = A").is_none());
    }

    #[test]
    fn drawn_letters_differ_each_time() {
        let first = draw::<40>(SECRET_LETTERS).unwrap();
        assert_eq!(first.len(), 40);
        assert_ne!(first, draw::<40>(SECRET_LETTERS).unwrap());
    }
}
