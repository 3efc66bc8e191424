//! RS256 beside the `openssl` command: its keys sign here as they sign there, and each side verifies the other.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use userpool_crypto::rs256::{Blinding, SigningKey};

/// How many keys are made.
const KEYS: u8 = 4;
/// How many messages each signs.
const MESSAGES: u8 = 6;

#[test]
fn signatures_are_those_of_openssl_bit_for_bit() {
    let folder = Folder::new("openssl-signs");
    for number in 0..KEYS {
        let der = folder.file("key.der");
        let pem = folder.file("key.pem");
        openssl(&[
            "genpkey",
            "-quiet",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            path(&pem),
        ]);
        openssl(&[
            "pkcs8",
            "-topk8",
            "-nocrypt",
            "-in",
            path(&pem),
            "-outform",
            "DER",
            "-out",
            path(&der),
        ]);
        let key = SigningKey::from_pkcs8(&fs::read(&der).unwrap()).unwrap();
        let mut blinding = Blinding::default();
        for round in 0..MESSAGES {
            let message = vec![number ^ 0x5a; usize::from(round) * 97];
            let (text, signed) = (folder.file("message"), folder.file("signature"));
            fs::write(&text, &message).unwrap();
            openssl(&[
                "dgst",
                "-sha256",
                "-sign",
                path(&der),
                "-keyform",
                "DER",
                "-out",
                path(&signed),
                path(&text),
            ]);
            let theirs = fs::read(&signed).unwrap();
            let ours = key
                .sign_with(&message, &mut blinding, &[round; 32])
                .unwrap();
            assert_eq!(ours[..], theirs[..]);
            assert!(key.public().verify(&message, &theirs));
        }
    }
}

#[test]
fn openssl_verifies_what_a_key_of_ours_signed() {
    let folder = Folder::new("openssl-verifies");
    let key = SigningKey::generate(&[0x31; 32]).unwrap();
    let (der, text, signed) = (
        folder.file("key.der"),
        folder.file("message"),
        folder.file("signature"),
    );
    fs::write(&der, key.to_pkcs8().expose()).unwrap();
    fs::write(&text, b"message").unwrap();
    fs::write(&signed, key.sign(b"message", &[7; 32]).unwrap()).unwrap();
    openssl(&[
        "dgst",
        "-sha256",
        "-prverify",
        path(&der),
        "-keyform",
        "DER",
        "-signature",
        path(&signed),
        path(&text),
    ]);
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("userpool-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
