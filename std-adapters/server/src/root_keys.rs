//! The keys that seal every secret in the store: given, kept, or made over a new store.
//!
//! How they are written says [`userpool_crypto::root_keys`].

use std::path::Path;

use userpool_crypto::base64;
use userpool_crypto::root_keys::InvalidRootKeys;
use userpool_crypto::sealed::{KeyId, RootKeys, SealKey};
use userpool_crypto::secret::SecretArray;

use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::options::Hidden;

const FILE: &str = "root-keys";
/// What the key of a new store is called.
const FIRST: &str = "1";
const COMMENT: &str = "\
# The root keys: every secret in the store is sealed under them.
# Whoever loses this file loses every password; keep a copy apart from the store.
";

/// The keys of a store that is kept, the newest first; made only where the store is new.
///
/// # Errors
/// No key is given or kept for a store that exists, or what is given makes no sense.
pub(crate) fn find(
    given: Option<&Hidden>,
    folder: &DataFolder,
    store_is_new: bool,
) -> Result<RootKeys, Failure> {
    if let Some(given) = given {
        return read(given.expose());
    }
    if let Some(text) = folder.read(FILE)? {
        return text.parse().map_err(|_| malformed(&folder.file(FILE)));
    }
    if !store_is_new {
        return Err(Failure::new(format!(
            "the store was made with root keys that are missing: set USERPOOL_ROOT_KEYS or bring \
             back {}",
            folder.file(FILE).display()
        )));
    }
    let key = draw()?;
    let text = format!("{COMMENT}{FIRST}:{}\n", base64::encode(key.expose()));
    folder.keep(FILE, &text)?;
    Ok(first(key))
}

/// Keys for a store that nodes share: given alone, for a key that one node made would be missing at all others.
///
/// # Errors
/// None are given, or what is given makes no sense.
pub(crate) fn shared(given: Option<&Hidden>) -> Result<RootKeys, Failure> {
    let needed = || {
        Failure::new(
            "a store that nodes share needs USERPOOL_ROOT_KEYS, the same for every node: none are \
             made for it",
        )
    };
    read(given.ok_or_else(needed)?.expose())
}

/// Keys for a store that ends with the process.
///
/// # Errors
/// What is given makes no sense, or the system has no random bytes.
pub(crate) fn passing(given: Option<&Hidden>) -> Result<RootKeys, Failure> {
    match given {
        Some(given) => read(given.expose()),
        None => Ok(first(draw()?)),
    }
}

/// Draws a new key and puts it before the others in the data folder's file; tells its name.
///
/// # Errors
/// There is no such file, or it cannot be read or written.
pub(crate) fn rotate(folder: &DataFolder) -> Result<KeyId, Failure> {
    let file = folder.file(FILE);
    let text = folder.read(FILE)?.ok_or_else(|| {
        Failure::new(format!(
            "{}: there are no keys yet; the first start makes one",
            file.display()
        ))
    })?;
    let ring: RootKeys = text.parse().map_err(|_| malformed(&file))?;
    let numbers = ring
        .keys()
        .filter_map(|key| key.id().as_str().parse::<u64>().ok());
    let next = numbers.max().unwrap_or(0).saturating_add(1).to_string();
    let id = KeyId::parse(&next).filter(|id| ring.key(id).is_none());
    let id = id.ok_or_else(|| malformed(&file))?;
    let older = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let older: String = older.map(|line| format!("{line}\n")).collect();
    let key = base64::encode(draw()?.expose());
    folder.keep(FILE, &format!("{COMMENT}{id}:{key}\n{older}"))?;
    Ok(id)
}

/// Reads keys, or the file that a path names.
fn read(given: &str) -> Result<RootKeys, Failure> {
    if let Ok(keys) = given.parse() {
        return Ok(keys);
    }
    // Never repeat the text: it may be a key that was mistyped.
    let text = std::fs::read_to_string(given).map_err(|it| {
        Failure::new(format!(
            "USERPOOL_ROOT_KEYS: neither `id:key` pairs of 32 bytes in base64 nor a file that can \
             be read ({})",
            it.kind()
        ))
    })?;
    text.parse().map_err(|_| malformed(Path::new(given)))
}

fn first(key: SecretArray<32>) -> RootKeys {
    let id = KeyId::parse(FIRST).expect("a digit is a name");
    RootKeys::new(SealKey::new(id, key))
}

fn malformed(path: &Path) -> Failure {
    Failure::new(format!("{}: {InvalidRootKeys}", path.display()))
}

fn draw() -> Result<SecretArray<32>, Failure> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)
        .map_err(|it| Failure::new(format!("the system gives no random bytes: {it}")))?;
    Ok(SecretArray::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_stands_before_the_others() {
        let path = std::env::temp_dir().join(format!("userpool-rotate-{}", std::process::id()));
        let folder = DataFolder::open(&path).unwrap();
        assert!(rotate(&folder).is_err());
        find(None, &folder, true).unwrap();
        assert_eq!(rotate(&folder).unwrap().as_str(), "2");
        assert_eq!(rotate(&folder).unwrap().as_str(), "3");
        let keys = find(None, &folder, false).unwrap();
        let ids: Vec<&str> = keys.keys().map(|it| it.id().as_str()).collect();
        assert_eq!(ids, ["3", "2", "1"]);
        std::fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_mistyped_key_is_not_repeated_in_the_error() {
        let error = read("1:c2VjcmV0").map(|_| ()).unwrap_err().to_string();
        assert!(!error.contains("c2VjcmV0"), "{error}");
    }
}
