//! The steps of a sign-in over one buffer: what goes in lies at its beginning, part after part, and what comes out
//! replaces it. The rest is wiped, whether a step succeeds or not.
//!
//! ```text
//! public         a                                        ->  A                 384 bytes
//! password_hash  group | user | password                  ->  inner             32
//! key            a | A (384) | B (384) | inner (32) | salt  ->  K               16
//! verifier       inner (32) | salt                        ->  v                 384
//! mac            key | message                            ->  HMAC-SHA-256      32
//! ```
//!
//! `group` is the pool's name, the part of its id behind the underscore, or the group key of a device; `user` is what
//! the server calls `USER_ID_FOR_SRP`, or the key of a device. Integers are big-endian.

use userpool_crypto::{
    digest::hmac_sha256,
    secret::SecretArray,
    srp::{
        self, ClientPublic, ClientSecret, ELEMENT_BYTES, ServerPublic, client_key, client_public,
    },
};
use zeroize::Zeroize;

/// How many bytes the hash of a password has.
const HASH_BYTES: usize = 32;

/// What was given makes no sense: lengths beyond the buffer, a secret of under 32 or over 128 bytes, a public value
/// outside `1..N`, or one that would leave nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// The public value `A = g^a` of a fresh secret of 32 to 128 bytes.
///
/// # Errors
/// The secret has another length.
pub fn public(io: &mut [u8], secret: usize) -> Result<(), Refused> {
    step(io, |io| {
        let [secret] = split(io, [secret])?;
        let secret = ClientSecret::new(secret).ok_or(Refused)?;
        Ok(*client_public(&secret).bytes())
    })
}

/// The inner hash of a password, which stands for it in [`key`] and [`verifier`].
///
/// # Errors
/// The buffer is too small for what it should hold.
pub fn password_hash(
    io: &mut [u8],
    group: usize,
    user: usize,
    password: usize,
) -> Result<(), Refused> {
    step(io, |io| {
        let [group, user, password] = split(io, [group, user, password])?;
        Ok(srp::password_hash(group, user, password))
    })
}

/// The key `K` that both sides arrive at where the password is right.
///
/// # Errors
/// The secret or a public value is none, or the exchange would prove nothing.
pub fn key(io: &mut [u8], secret: usize, salt: usize) -> Result<(), Refused> {
    step(io, |io| {
        let lengths = [secret, ELEMENT_BYTES, ELEMENT_BYTES, HASH_BYTES, salt];
        let [secret, a, b, inner, salt] = split(io, lengths)?;
        let secret = ClientSecret::new(secret).ok_or(Refused)?;
        let a = ClientPublic::from_bytes(a).map_err(|_| Refused)?;
        let b = ServerPublic::from_bytes(b).map_err(|_| Refused)?;
        let x = private_key(inner, salt)?;
        let key = client_key(&secret, &a, &b, &x).ok_or(Refused)?;
        Ok(*key.expose())
    })
}

/// The verifier `v = g^x` that a server is given of a new device.
///
/// # Errors
/// The buffer is too small for what it should hold.
pub fn verifier(io: &mut [u8], salt: usize) -> Result<(), Refused> {
    step(io, |io| {
        let [inner, salt] = split(io, [HASH_BYTES, salt])?;
        Ok(*srp::verifier(&private_key(inner, salt)?).bytes())
    })
}

/// HMAC-SHA-256 (RFC 2104): the claim of a sign-in under its key, and the hash of a client's secret.
///
/// # Errors
/// The buffer is too small for what it should hold.
pub fn mac(io: &mut [u8], key: usize, message: usize) -> Result<(), Refused> {
    step(io, |io| {
        let [key, message] = split(io, [key, message])?;
        Ok(hmac_sha256(key, &[message]))
    })
}

fn private_key(inner: &[u8], salt: &[u8]) -> Result<SecretArray<32>, Refused> {
    let inner: &[u8; HASH_BYTES] = inner.try_into().map_err(|_| Refused)?;
    Ok(srp::private_key_of_hash(inner, salt))
}

/// Computes an answer, wipes the buffer, and puts the answer in it.
fn step<const N: usize>(
    io: &mut [u8],
    compute: impl FnOnce(&[u8]) -> Result<[u8; N], Refused>,
) -> Result<(), Refused> {
    let answer = compute(io);
    io.zeroize();
    let mut answer = answer?;
    let placed = io.get_mut(..N).map(|place| place.copy_from_slice(&answer));
    answer.zeroize();
    placed.ok_or(Refused)
}

/// The parts of a buffer, one behind the other.
fn split<const N: usize>(mut io: &[u8], lengths: [usize; N]) -> Result<[&[u8]; N], Refused> {
    let mut parts = [&[][..]; N];
    for (part, length) in parts.iter_mut().zip(lengths) {
        (*part, io) = io.split_at_checked(length).ok_or(Refused)?;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(parts: &[&[u8]]) -> Vec<u8> {
        let mut io = parts.concat();
        io.resize(2_048, 0xEE);
        io
    }

    fn answer<const N: usize>(io: &[u8]) -> [u8; N] {
        assert!(io[N..].iter().all(|byte| *byte == 0), "the rest is wiped");
        io[..N].try_into().unwrap()
    }

    #[test]
    fn the_steps_of_a_sign_in_are_those_of_the_arithmetic() {
        let (a, b) = ([1; 32], [2; 32]);
        let x = srp::private_key("pool", "jane", b"correct horse", &[7; 16]);
        let kept = srp::verifier(&x);

        let mut io = buffer(&[b"pool", b"jane", b"correct horse"]);
        password_hash(&mut io, 4, 4, 13).unwrap();
        let inner: [u8; 32] = answer(&io);
        let mut io = buffer(&[&inner, &[7; 16]]);
        verifier(&mut io, 16).unwrap();
        assert_eq!(answer::<384>(&io), *kept.bytes());

        let mut io = buffer(&[&a]);
        public(&mut io, 32).unwrap();
        let a_public: [u8; 384] = answer(&io);
        let b_public = srp::server_public(&kept, &b).unwrap();
        let mut io = buffer(&[&a, &a_public, b_public.bytes(), &inner, &[7; 16]]);
        key(&mut io, 32, 16).unwrap();
        let received = ClientPublic::from_bytes(&a_public).unwrap();
        let server = srp::server_key(&received, &b_public, &kept, &b).unwrap();
        let shared: [u8; 16] = answer(&io);
        assert_eq!(shared, *server.expose());

        let mut io = buffer(&[&shared, b"message"]);
        mac(&mut io, 16, 7).unwrap();
        assert_eq!(answer::<32>(&io), hmac_sha256(&shared, &[b"message"]));
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_wiped() {
        let zero = [0; 384];
        type Step = fn(&mut [u8]) -> Result<(), Refused>;
        let refusals: [Step; 6] = [
            |io| public(io, 31),
            |io| public(io, 129),
            |io| public(io, usize::MAX),
            |io| mac(io, usize::MAX, 2),
            |io| verifier(io, 4_096),
            |io| key(io, 32, 16),
        ];
        for refused in refusals {
            let mut io = buffer(&[&[1; 32], &zero, &zero]);
            assert_eq!(refused(&mut io), Err(Refused));
            assert!(io.iter().all(|byte| *byte == 0));
        }
        assert_eq!(public(&mut [1; 32], 32), Err(Refused));
    }
}
