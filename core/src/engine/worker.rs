//! Does slow arithmetic in place: what every host without hardware of its own uses.
//!
//! [`perform`] is pure: the same work and root keys give the same answer. Opening a signing key costs as much
//! as using it, so that a host may keep keys open by their [`KeyName`] with [`open_key`] and [`sign`], and those
//! that check signatures by their modulus with [`public_key`] and [`verify`].

use alloc::vec::Vec;

use userpool_crypto::{
    jws,
    rs256::{Blinding, PublicKey, SigningKey},
    sealed::{Context, RootKeys},
    secret::SecretBytes,
    srp::{self, ClientPublic, Scrambler, Verifier, VerifierPowers},
};
use userpool_webauthn::key as passkey;

use super::{
    cx::place,
    work::{Done, KeyName, PasswordInput, Work, WorkFault},
};
use crate::model::{keys, signing};

/// The exponent of every key that signs tokens: 65,537, big-endian.
pub const EXPONENT: [u8; 3] = [1, 0, 1];

/// Does a piece of work.
///
/// # Errors
/// The work holds something that no operation asks for, or a key that cannot be opened.
pub fn perform(work: &Work, root_keys: &RootKeys) -> Result<Done, WorkFault> {
    match work {
        Work::MakeVerifier { input, powers } => {
            let verifier = srp::verifier(&private_key(input));
            Ok(Done::Verifier {
                powers: powers.then(|| powers_of(&verifier)),
                verifier: SecretBytes::new(verifier.bytes().to_vec()),
            })
        }
        Work::MakePowers { verifier } => Ok(Done::Powers(powers_of(&stored_verifier(verifier)?))),
        Work::CheckPassword { input, verifier } => {
            let verifier = stored_verifier(verifier)?;
            let right = srp::password_matches(&verifier, &private_key(input));
            Ok(Done::Verdict(right))
        }
        Work::SrpPublic { verifier, b } => {
            let public = srp::server_public(&stored_verifier(verifier)?, array(b)?);
            Ok(Done::Public(public.map(|public| public.bytes().to_vec())))
        }
        Work::SrpKey {
            a_public,
            u,
            verifier,
            powers,
            b,
        } => {
            let a = ClientPublic::from_bytes(a_public).map_err(|_| fault("a public value"))?;
            let Some(u) = Scrambler::from_bytes(u) else {
                return Ok(Done::Key(None));
            };
            let (verifier, b) = (stored_verifier(verifier)?, array(b)?);
            let powers = match powers {
                Some(powers) => Some(
                    VerifierPowers::from_bytes(powers.expose())
                        .ok_or_else(|| fault("the powers of a verifier"))?,
                ),
                None => None,
            };
            let key = srp::server_key_with(&a, &u, &verifier, powers.as_ref(), b);
            Ok(Done::Key(Some(SecretBytes::new(key.expose().to_vec()))))
        }
        Work::GenerateKey { seed } => {
            let key = SigningKey::generate(array(seed)?).map_err(|_| fault("a new key pair"))?;
            Ok(Done::KeyPair {
                pkcs8: key.to_pkcs8(),
                modulus: key.public().modulus(),
            })
        }
        Work::Sign {
            key,
            sealed,
            message,
            blinding,
        } => {
            let key = open_key(key, sealed, root_keys)?;
            sign(&key, &mut Blinding::default(), message, blinding)
        }
        Work::Verify {
            modulus,
            message,
            signature,
        } => Ok(verify(&public_key(modulus)?, message, signature)),
        Work::VerifyToken {
            algorithm,
            key,
            message,
            signature,
        } => Ok(Done::Verdict(key.verify(*algorithm, message, signature))),
        Work::SignToken { pkcs8, message } => jws::sign_es256(pkcs8.expose(), message)
            .map(Done::Signature)
            .ok_or_else(|| fault("a key that signs")),
        Work::OpenAssertion {
            key,
            sealed,
            wrapped,
            blinding,
        } => {
            let pkcs8 = open_pkcs8(key, sealed, root_keys)?;
            Ok(Done::Opened(wrapped.open(pkcs8.expose(), array(blinding)?)))
        }
        Work::VerifyPasskey {
            key,
            message,
            signature,
        } => {
            let key = passkey::PublicKey::parse(key).map_err(|_| fault("a passkey"))?;
            Ok(Done::Verdict(key.verify(message, signature)))
        }
    }
}

/// A key that checks signatures, ready for use.
#[derive(Clone, Debug)]
pub struct CheckKey(PublicKey);

/// Makes a modulus ready for checking signatures.
///
/// # Errors
/// The bytes are no modulus of 2,048 bits.
pub fn public_key(modulus: &[u8]) -> Result<CheckKey, WorkFault> {
    PublicKey::new(modulus, &EXPONENT)
        .map(CheckKey)
        .map_err(|_| fault("a public key"))
}

/// Checks a signature.
#[must_use]
pub fn verify(key: &CheckKey, message: &[u8], signature: &[u8]) -> Done {
    Done::Verdict(key.0.verify(message, signature))
}

/// A signing key, ready for use. Its `Debug` shows nothing but its name.
#[derive(Clone, Debug)]
pub struct OpenKey(SigningKey);

/// Opens a signing key as the store keeps it.
///
/// # Errors
/// The key was sealed under another name or a root key that is not at hand, or is no key.
pub fn open_key(name: &KeyName, sealed: &[u8], root_keys: &RootKeys) -> Result<OpenKey, WorkFault> {
    let pkcs8 = open_pkcs8(name, sealed, root_keys)?;
    SigningKey::from_pkcs8(pkcs8.expose())
        .map(OpenKey)
        .map_err(|_| fault("a signing key"))
}

/// A signing key as the store keeps it, opened: DER of PKCS #8, for a host that signs with other arithmetic.
///
/// # Errors
/// The key was sealed under another name or a root key that is not at hand.
pub fn open_pkcs8(
    name: &KeyName,
    sealed: &[u8],
    root_keys: &RootKeys,
) -> Result<SecretBytes, WorkFault> {
    let associated = place(&keys::signing_keys(&name.pool), &signing::field(&name.kid));
    let context = Context {
        purpose: signing::PURPOSE,
        scope: name.pool.as_bytes(),
        associated: &associated,
    };
    root_keys
        .open(context, sealed)
        .map_err(|_| fault("a sealed signing key"))
}

/// Signs with a key that was opened.
///
/// `blinding` is what an earlier signature by this key left, or an empty one, which makes this signature cost twice
/// as much: a host keeps it with the key.
///
/// # Errors
/// The chance is not 32 bytes, or the signature came out wrong and is withheld.
pub fn sign(
    key: &OpenKey,
    blinding: &mut Blinding,
    message: &[u8],
    chance: &SecretBytes,
) -> Result<Done, WorkFault> {
    key.0
        .sign_with(message, blinding, array(chance)?)
        .map(|signature| Done::Signature(signature.to_vec()))
        .map_err(|_| fault("a signature"))
}

/// The modulus of a key pair in PKCS #8, big-endian; `None` where the bytes are no signing key.
#[must_use]
pub fn modulus(pkcs8: &SecretBytes) -> Option<Vec<u8>> {
    let key = SigningKey::from_pkcs8(pkcs8.expose()).ok()?;
    Some(key.public().modulus())
}

fn private_key(input: &PasswordInput) -> userpool_crypto::secret::SecretArray<32> {
    srp::private_key(
        &input.pool_name,
        &input.user_id,
        input.password.expose(),
        &input.salt,
    )
}

fn powers_of(verifier: &Verifier) -> SecretBytes {
    SecretBytes::new(VerifierPowers::new(verifier).bytes().to_vec())
}

fn stored_verifier(bytes: &SecretBytes) -> Result<Verifier, WorkFault> {
    Verifier::from_bytes(bytes.expose()).map_err(|_| fault("a verifier"))
}

fn array<const N: usize>(bytes: &SecretBytes) -> Result<&[u8; N], WorkFault> {
    bytes
        .expose()
        .try_into()
        .map_err(|_| fault("a secret of another length"))
}

fn fault(what: &str) -> WorkFault {
    WorkFault(what.into())
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use userpool_crypto::{
        sealed::{KeyId, SealKey},
        secret::SecretArray,
    };

    use super::*;

    fn root_keys() -> RootKeys {
        let id = KeyId::parse("k1").unwrap();
        RootKeys::new(SealKey::new(id, SecretArray::new([3; 32])))
    }

    fn input(password: &[u8]) -> PasswordInput {
        PasswordInput {
            pool_name: "AbCdEf123".into(),
            user_id: "janedoe".into(),
            password: SecretBytes::new(password.to_vec()),
            salt: [7; 16],
        }
    }

    fn secret(byte: u8) -> SecretBytes {
        SecretBytes::new([byte; 32].to_vec())
    }

    fn done(work: Work) -> Done {
        perform(&work, &root_keys()).unwrap()
    }

    fn made(password: &[u8], powers: bool) -> (Arc<SecretBytes>, Option<Arc<SecretBytes>>) {
        let input = input(password);
        match done(Work::MakeVerifier { input, powers }) {
            Done::Verifier { verifier, powers } => (Arc::new(verifier), powers.map(Arc::new)),
            _ => panic!("a verifier"),
        }
    }

    #[test]
    fn powers_made_later_are_those_made_with_the_verifier() {
        let (verifier, powers) = made(b"w", true);
        let (same, none) = made(b"w", false);
        assert!(same == verifier && none.is_none());
        let later = done(Work::MakePowers { verifier });
        assert!(powers.is_some_and(|powers| later == Done::Powers(SecretBytes::clone(&powers))));
    }

    #[test]
    fn a_password_fits_the_verifier_made_from_it_and_no_other() {
        let (verifier, _) = made(b"correct horse", false);
        for (password, right) in [(&b"correct horse"[..], true), (b"correct horsf", false)] {
            let work = Work::CheckPassword {
                input: input(password),
                verifier: verifier.clone(),
            };
            assert_eq!(done(work), Done::Verdict(right));
        }
    }

    #[test]
    fn both_sides_of_srp_arrive_at_the_same_key() {
        let (verifier, powers) = made(b"w", true);
        let work = Work::SrpPublic {
            verifier: verifier.clone(),
            b: secret(2),
        };
        let Done::Public(Some(b_public)) = done(work) else {
            panic!("a public value")
        };
        let a = srp::ClientSecret::new(&[1; 32]).unwrap();
        let a_public = srp::client_public(&a);
        let received = srp::ServerPublic::from_bytes(&b_public).unwrap();
        let u = Scrambler::new(&a_public, &received).unwrap();
        let x = private_key(&input(b"w"));
        let client = srp::client_key(&a, &a_public, &received, &x).unwrap();
        let expected = SecretBytes::new(client.expose().to_vec());
        assert!(powers.is_some());
        for powers in [powers, None] {
            let work = Work::SrpKey {
                a_public: a_public.bytes().to_vec(),
                u: u.bytes().to_vec(),
                verifier: verifier.clone(),
                powers,
                b: secret(2),
            };
            assert_eq!(done(work), Done::Key(Some(expected.clone())));
        }
    }

    #[test]
    fn a_sealed_key_signs_under_its_own_name_only() {
        let Done::KeyPair { pkcs8, modulus } = done(Work::GenerateKey { seed: secret(5) }) else {
            panic!("a key pair")
        };
        assert_eq!(super::modulus(&pkcs8), Some(modulus.clone()));
        let associated = place(&keys::signing_keys("r_p"), &signing::field("kid"));
        let context = Context {
            purpose: signing::PURPOSE,
            scope: b"r_p",
            associated: &associated,
        };
        let sealed: Arc<[u8]> = root_keys().seal(context, [1; 12], pkcs8.expose()).into();
        let work = |kid: &str| Work::Sign {
            key: KeyName {
                pool: "r_p".into(),
                kid: kid.into(),
            },
            sealed: sealed.clone(),
            message: b"message".to_vec(),
            blinding: secret(6),
        };
        let Done::Signature(signature) = done(work("kid")) else {
            panic!("a signature")
        };
        assert!(perform(&work("other"), &root_keys()).is_err());
        for (message, right) in [(&b"message"[..], true), (b"massage", false)] {
            let work = Work::Verify {
                modulus: modulus.clone(),
                message: message.to_vec(),
                signature: signature.clone(),
            };
            assert_eq!(done(work), Done::Verdict(right));
        }
    }

    #[test]
    fn what_no_operation_asks_for_is_a_fault() {
        let works = [
            Work::GenerateKey {
                seed: SecretBytes::new([1; 31].to_vec()),
            },
            Work::SrpPublic {
                verifier: Arc::new(SecretBytes::new([0; 384].to_vec())),
                b: secret(1),
            },
            Work::Verify {
                modulus: [1; 3].to_vec(),
                message: Vec::new(),
                signature: Vec::new(),
            },
            Work::VerifyPasskey {
                key: [1; 3].to_vec(),
                message: Vec::new(),
                signature: Vec::new(),
            },
        ];
        for work in works {
            assert!(perform(&work, &root_keys()).is_err(), "{work:?}");
        }
    }
}
