//! Slow pure arithmetic, asked for as data so that a host may do it where it likes.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::fmt;

use userpool_crypto::{jws, secret::SecretBytes};
use userpool_saml::encrypted::WrappedKey;

/// One piece of slow arithmetic. It holds secrets: there is no `Debug` of its content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// Makes the SRP verifier of a password; answered by [`Done::Verifier`].
    MakeVerifier {
        /// The password and what it is hashed with.
        input: PasswordInput,
        /// Whether sign-ins will follow, so that its powers are wanted too.
        powers: bool,
    },
    /// Makes the powers of a verifier; answered by [`Done::Powers`].
    MakePowers {
        /// The verifier, 384 bytes, big-endian.
        verifier: Arc<SecretBytes>,
    },
    /// Tells whether a password fits a verifier; answered by [`Done::Verdict`].
    CheckPassword {
        /// The password and what it is hashed with.
        input: PasswordInput,
        /// The verifier, 384 bytes, big-endian.
        verifier: Arc<SecretBytes>,
    },
    /// Draws the server's public SRP value B = k·v + g^b; answered by [`Done::Public`].
    SrpPublic {
        /// The verifier, 384 bytes, big-endian.
        verifier: Arc<SecretBytes>,
        /// The secret exponent b.
        b: SecretBytes,
    },
    /// Computes the server's SRP key; answered by [`Done::Key`].
    SrpKey {
        /// The client's public value A, 384 bytes, big-endian.
        a_public: Vec<u8>,
        /// The scrambler u of both public values, 32 bytes, big-endian.
        u: Vec<u8>,
        /// The verifier, 384 bytes, big-endian.
        verifier: Arc<SecretBytes>,
        /// Its stored powers, 1,152 bytes; without them the work takes longer.
        powers: Option<Arc<SecretBytes>>,
        /// The secret exponent b.
        b: SecretBytes,
    },
    /// Makes an RSA-2048 key pair; answered by [`Done::KeyPair`]. A host may answer with any fresh pair.
    GenerateKey {
        /// The seed of the pair, 32 bytes.
        seed: SecretBytes,
    },
    /// Signs with RS256; answered by [`Done::Signature`].
    Sign {
        /// Which key signs.
        key: KeyName,
        /// The key as the store keeps it, sealed; a host that holds the key elsewhere ignores it.
        sealed: Arc<[u8]>,
        /// The bytes to sign.
        message: Vec<u8>,
        /// Chance for the blinding, 32 bytes.
        blinding: SecretBytes,
    },
    /// Checks an RS256 signature; answered by [`Done::Verdict`].
    Verify {
        /// The modulus, big-endian.
        modulus: Vec<u8>,
        /// The signed bytes.
        message: Vec<u8>,
        /// The signature.
        signature: Vec<u8>,
    },
    /// Checks the signature of a token that somebody else issued; answered by [`Done::Verdict`].
    VerifyToken {
        /// By which algorithm.
        algorithm: jws::Algorithm,
        /// The public key.
        key: jws::PublicKey,
        /// The signed bytes.
        message: Vec<u8>,
        /// The signature.
        signature: Vec<u8>,
    },
    /// Signs with ES256 by a key of somebody's own; answered by [`Done::Signature`].
    SignToken {
        /// The private key in PKCS #8.
        pkcs8: SecretBytes,
        /// The bytes to sign.
        message: Vec<u8>,
    },
    /// Opens the key of an encrypted assertion; answered by [`Done::Opened`].
    OpenAssertion {
        /// Which key of the pool opens it.
        key: KeyName,
        /// The key as the store keeps it, sealed.
        sealed: Arc<[u8]>,
        /// What is opened.
        wrapped: WrappedKey,
        /// Chance for the blinding, 32 bytes.
        blinding: SecretBytes,
    },
    /// Checks the signature of a passkey; answered by [`Done::Verdict`].
    VerifyPasskey {
        /// The public key, in COSE form.
        key: Vec<u8>,
        /// The signed bytes.
        message: Vec<u8>,
        /// The signature.
        signature: Vec<u8>,
    },
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MakeVerifier { .. } => "MakeVerifier",
            Self::MakePowers { .. } => "MakePowers",
            Self::CheckPassword { .. } => "CheckPassword",
            Self::SrpPublic { .. } => "SrpPublic",
            Self::SrpKey { .. } => "SrpKey",
            Self::GenerateKey { .. } => "GenerateKey",
            Self::Sign { .. } => "Sign",
            Self::Verify { .. } => "Verify",
            Self::VerifyToken { .. } => "VerifyToken",
            Self::SignToken { .. } => "SignToken",
            Self::OpenAssertion { .. } => "OpenAssertion",
            Self::VerifyPasskey { .. } => "VerifyPasskey",
        })
    }
}

/// A password with what enters its hash (`srp`: inner hash and private key x).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordInput {
    /// The part of the pool id after the `_`.
    pub pool_name: String,
    /// The stored user name (the value sent as `USER_ID_FOR_SRP`).
    pub user_id: String,
    /// The password as typed, UTF-8.
    pub password: SecretBytes,
    /// The salt, 16 bytes.
    pub salt: [u8; 16],
}

/// Names a signing key: whose it is, and its `kid`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    /// The pool.
    pub pool: String,
    /// The key id, as in the token's header.
    pub kid: String,
}

/// The answer to a [`Work`]. It holds secrets: there is no `Debug` of its content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Done {
    /// An SRP verifier.
    Verifier {
        /// The verifier, 384 bytes, big-endian.
        verifier: SecretBytes,
        /// Its powers, 1,152 bytes; a host may leave them out.
        powers: Option<SecretBytes>,
    },
    /// The powers of a verifier, 1,152 bytes.
    Powers(SecretBytes),
    /// Yes or no.
    Verdict(bool),
    /// The server's public SRP value, 384 bytes; `None` where it is 0 and b must be drawn again.
    Public(Option<Vec<u8>>),
    /// The 16-byte key; `None` where u is 0.
    Key(Option<SecretBytes>),
    /// The key of an assertion; `None` where it is not for the pool.
    Opened(Option<SecretBytes>),
    /// An RSA key pair, PKCS #8 DER, and its modulus, big-endian.
    KeyPair {
        /// The private key.
        pkcs8: SecretBytes,
        /// The modulus.
        modulus: Vec<u8>,
    },
    /// A signature.
    Signature(Vec<u8>),
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Done(..)")
    }
}

/// A worker failed; the text names no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkFault(
    /// What went wrong.
    pub String,
);

impl fmt::Display for WorkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the worker failed: {}", self.0)
    }
}

impl core::error::Error for WorkFault {}
