//! Runs what computes with secrets while valgrind's memcheck takes the secrets for undefined.
//!
//! Memcheck follows undefined bits through every instruction, and reports a branch that depends on one and a read or
//! write whose place does: just what time and caches tell others. What comes out is made public again before it is
//! looked at. The cases at the end leak on purpose, and have to be reported. `tests/run consttime` runs it; see
//! `meant.supp` for the branches that are meant.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

mod memcheck;

use std::hint::black_box;
use std::process::ExitCode;

use memcheck::{conceal, errors, reveal, reveal_part};
use userpool_arith::group::{Element, POWERS_BYTES, Powers, is_reduced};
use userpool_arith::rsa::{self, Numbers, PrivateKey};
use userpool_arith::{Backend, Narrow, Wide};
use userpool_bench_arithmetic::{RSA_KEY, element};
use userpool_crypto::digest::{ct_eq, sha256};
use userpool_crypto::integer::hex;
use userpool_crypto::secret::{SecretArray, SecretText};
use userpool_crypto::sigv4;
use userpool_crypto::srp::{
    ClientPublic, ClientSecret, Scrambler, ServerPublic, VerifierPowers, claim, claim_matches,
    client_key, private_key, server_key, server_key_with, verifier,
};
use userpool_crypto::{base32, base64};

fn main() -> ExitCode {
    if !memcheck::is_watching() {
        eprintln!("this program shows something under valgrind only");
        return ExitCode::FAILURE;
    }
    let mut report = Report::default();
    group::<Wide>(&mut report, "limbs of 60 bits");
    group::<Narrow>(&mut report, "limbs of 28 bits");
    srp(&mut report);
    signature::<Wide>(&mut report, "limbs of 58 and 61 bits");
    signature::<Narrow>(&mut report, "limbs of 28 bits");
    comparison(&mut report);
    signed_request(&mut report);
    spelling(&mut report);
    leaks(&mut report);
    println!("{} passed, {} failed", report.passed, report.failed);
    ExitCode::from(u8::from(report.failed > 0))
}

#[derive(Default)]
struct Report {
    passed: u32,
    failed: u32,
}

impl Report {
    /// Nothing may be reported.
    fn keeps(&mut self, name: &str, body: impl FnOnce()) {
        self.judge(name, "keeps its secrets", body, |found| found == 0);
    }

    /// Something has to be reported.
    fn leaks(&mut self, name: &str, body: impl FnOnce()) {
        self.judge(name, "is seen to leak", body, |found| found > 0);
    }

    fn judge(&mut self, name: &str, what: &str, body: impl FnOnce(), holds: fn(usize) -> bool) {
        let before = errors();
        body();
        let found = errors() - before;
        if holds(found) {
            self.passed += 1;
            println!("     {name:<60} {what}");
        } else {
            self.failed += 1;
            println!("     {name:<60} FAILED: {found} reports");
        }
    }
}

/// The group by itself, with either way to hold numbers.
fn group<B: Backend>(report: &mut Report, limbs: &str) {
    report.keeps(&format!("a power, {limbs}"), || {
        let (mut base, mut exponent) = (element(b"base"), secret(b"exponent"));
        conceal(&mut base);
        conceal(&mut exponent);
        look_at(Element::<B>::from_bytes(&base).power(&exponent).to_bytes());
    });
    report.keeps(&format!("a power of the generator, {limbs}"), || {
        let mut exponent = secret(b"exponent");
        conceal(&mut exponent);
        look_at(Element::<B>::generator_power(&exponent).to_bytes());
    });
    report.keeps(&format!("the same without a comb, {limbs}"), || {
        let mut exponent = secret(b"exponent");
        conceal(&mut exponent);
        look_at(Element::<B>::generator_power_by_steps(&exponent).to_bytes());
    });
    report.keeps(&format!("a power with a public exponent, {limbs}"), || {
        let mut base = element(b"base");
        conceal(&mut base);
        let power = Element::<B>::from_bytes(&base).public_power(&secret(b"public"));
        look_at(power.to_bytes());
    });
    report.keeps(&format!("a power by stored powers, {limbs}"), || {
        let mut base = element(b"base");
        conceal(&mut base);
        let base = Element::<B>::from_bytes(&base);
        let kept: [u8; POWERS_BYTES] = Powers::of(&base).to_bytes();
        let power = Powers::from_bytes(&base, &kept).public_power(&secret(b"public"));
        look_at(power.to_bytes());
    });
    report.keeps(&format!("sums, differences and tests, {limbs}"), || {
        let (mut one, mut other) = (element(b"one"), element(b"other"));
        conceal(&mut one);
        conceal(&mut other);
        let mut reduced = is_reduced(&one);
        let (one, other) = (
            Element::<B>::from_bytes(&one),
            Element::<B>::from_bytes(&other),
        );
        let mut zero = one.plus(&other).minus(&other).minus(&one).is_zero();
        reveal(&mut zero);
        reveal(&mut reduced);
        assert!(black_box(zero) && black_box(reduced));
        look_at(one.minus(&other).to_bytes());
    });
}

/// Both sides of a sign-in, with the verifier and all exponents secret. `A`, `B` and `u` are public.
fn srp(report: &mut Report) {
    let x = private_key("pool", "user", b"password", &[7; 16]);
    let kept = verifier(&x);
    let a = ClientSecret::new(&secret(b"a")).unwrap();
    let a_public = userpool_crypto::srp::client_public(&a);
    let mut b = secret(b"b");
    let b_public: ServerPublic = userpool_crypto::srp::server_public(&kept, &b).unwrap();
    let mut server = None;
    report.keeps("the server's key of a sign-in", || {
        let mut kept = kept.clone();
        conceal(&mut kept);
        conceal(&mut b);
        server = server_key(&a_public, &b_public, &kept, &b);
    });
    report.keeps("the server's key of a sign-in, by stored powers", || {
        let (mut kept, mut powers, mut b) = (kept.clone(), VerifierPowers::new(&kept), b);
        conceal(&mut kept);
        conceal(&mut powers);
        conceal(&mut b);
        let u = Scrambler::new(&a_public, &b_public).unwrap();
        let key = server_key_with(&a_public, &u, &kept, Some(&powers), &b);
        look_at(*key.expose());
    });
    report.keeps("the verifier of a password", || {
        let mut password = *b"Correct-horse-7-battery";
        conceal(&mut password);
        look_at(*verifier(&private_key("pool", "user", &password, &[7; 16])).bytes());
    });
    report.keeps("the client's power", || {
        let mut a = secret(b"a");
        conceal(&mut a);
        look_at(*public_of(&a).bytes());
    });
    let client = client_key(&a, &a_public, &b_public, &x).unwrap();
    report.keeps("the proof of a sign-in", || {
        let mut key: SecretArray<16> = server.unwrap();
        conceal(&mut key);
        let mut proof = claim(client.expose(), "pool", "user", b"block", "now");
        let mut right = claim_matches(key.expose(), "pool", "user", b"block", "now", &proof);
        reveal(&mut right);
        assert!(black_box(right));
        proof[31] ^= 1;
        let mut right = claim_matches(key.expose(), "pool", "user", b"block", "now", &proof);
        reveal(&mut right);
        assert!(!black_box(right));
    });
}

fn public_of(a: &[u8; 32]) -> ClientPublic {
    userpool_crypto::srp::client_public(&ClientSecret::new(a).unwrap())
}

/// Signatures with a key of which only the public half is public, and with a base that chance hides.
fn signature<B: Backend>(report: &mut Report, limbs: &str) {
    let integers = integers();
    let [n, e, d, p, q, exponent_p, exponent_q] = &integers;
    let numbers = Numbers {
        modulus: fixed(n),
        exponent: e
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        private_exponent: fixed(d),
        p: fixed(p),
        q: fixed(q),
        exponent_p: fixed(exponent_p),
        exponent_q: fixed(exponent_q),
    };
    let mut key = PrivateKey::<B>::new(&numbers).unwrap();
    let mut message = [0; rsa::BYTES];
    message[1..].fill(0x5A);
    report.keeps(&format!("signatures of a blinding pair, {limbs}"), || {
        let mut chance = [0; rsa::CHANCE_BYTES];
        chance.copy_from_slice(&element(b"chance")[..rsa::CHANCE_BYTES]);
        conceal(&mut chance);
        conceal(&mut key);
        reveal_part(key.public());
        let mut blinding = None;
        for _ in 0..3 {
            let mut power = key.power(&message, &mut blinding, &chance);
            reveal(&mut power);
            assert_eq!(key.public().power(&power.unwrap()), Some(message));
        }
    });
    reveal(&mut key);
}

/// The integers of the key in the order of RFC 8017 appendix A.1.2, from the modulus to the second exponent.
fn integers() -> [Vec<u8>; 7] {
    // Version, algorithm, and two headers of four bytes.
    let mut rest = &RSA_KEY[26 + 4 + 3..];
    std::array::from_fn(|_| {
        assert_eq!(rest[0], 2, "an integer");
        let (header, length) = match rest[1] {
            0x81 => (3, usize::from(rest[2])),
            0x82 => (4, usize::from(rest[2]) << 8 | usize::from(rest[3])),
            short => (2, usize::from(short)),
        };
        let integer = &rest[header..][..length];
        rest = &rest[header + length..];
        integer.strip_prefix(&[0]).unwrap_or(integer).to_vec()
    })
}

fn fixed<const N: usize>(integer: &[u8]) -> &[u8; N] {
    integer.try_into().unwrap()
}

/// The comparison that everything else is compared with.
fn comparison(report: &mut Report) {
    for length in [1, 16, 20, 32, 33, 256, 384] {
        report.keeps(&format!("a comparison of {length} bytes"), || {
            let mut left = vec![7; length];
            let mut right = left.clone();
            conceal(&mut *left);
            let mut equal = ct_eq(&left, &right);
            reveal(&mut equal);
            assert!(black_box(equal));
            right[length / 2] = 8;
            let mut equal = ct_eq(&left, &right);
            reveal(&mut equal);
            assert!(!black_box(equal));
        });
    }
}

/// The signature of a request, which whoever checks one computes, too: the secret, and what is derived from it.
fn signed_request(report: &mut Report) {
    report.keeps("the signature of a request", || {
        let mut secret = String::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        conceal(secret.as_mut_str());
        let secret = SecretText::new(secret);
        let request = sigv4::Request {
            method: "GET",
            path: "/",
            query: "",
            headers: &[("host", "example.amazonaws.com")],
            body: b"",
        };
        let credentials = sigv4::Credentials {
            access_key_id: "AKIDEXAMPLE",
            secret: &secret,
            region: "us-east-1",
            service: "service",
        };
        let mut signed = sigv4::sign(&request, &credentials, 1_440_938_160);
        reveal(signed.authorization.as_mut_str());
        assert!(black_box(signed.authorization).ends_with("1d763fbf31"));
    });
}

/// Secrets as text: whole blocks, and ends of each length.
fn spelling(report: &mut Report) {
    for length in [32, 47, 385] {
        let mut bytes = vec![0x9D; length];
        report.keeps(&format!("the texts of {length} bytes"), || {
            conceal(&mut *bytes);
            for encode in [base64::encode, base64::encode_url, base32::encode, hex] {
                look_at_all(&mut encode(&bytes).into_bytes());
            }
            reveal(&mut *bytes);
        });
        type Decode = fn(&str) -> Option<Vec<u8>>;
        let texts: [(String, Decode); 2] = [
            (base64::encode(&bytes), base64::decode),
            (base64::encode_url(&bytes), base64::decode_url),
        ];
        report.keeps(&format!("the bytes of texts of {length} bytes"), || {
            for (mut text, decode) in texts {
                // How much padding there is may be known.
                let whole = text.trim_end_matches('=').len() - 1;
                conceal(&mut text[..whole]);
                let mut read = decode(&text).unwrap();
                look_at_all(&mut read);
            }
        });
    }
}

/// What must be reported, or else nothing above means anything.
fn leaks(report: &mut Report) {
    report.leaks("a power that skips the zeros of its exponent", || {
        let mut exponent = secret(b"exponent");
        conceal(&mut exponent);
        let base = Element::<Wide>::from_bytes(&element(b"base"));
        let mut power = Element::one();
        for byte in exponent {
            for bit in (0..8).rev() {
                power = power.times(&power);
                if black_box(byte) >> bit & 1 == 1 {
                    power = power.times(&base);
                }
            }
        }
        look_at(power.to_bytes());
    });
    report.leaks("a look-up at a secret place", || {
        let table: [u8; 16] = std::array::from_fn(|at| at as u8);
        let mut place = 3_usize;
        conceal(&mut place);
        look_at([black_box(&table)[black_box(place) & 15]]);
    });
    report.leaks("a comparison that stops at the first difference", || {
        let (mut left, right) = (secret(b"left"), secret(b"right"));
        conceal(&mut left);
        let mut equal = black_box(&left)
            .iter()
            .zip(black_box(&right))
            .all(|(left, right)| left == right);
        reveal(&mut equal);
        assert!(!black_box(equal));
    });
}

fn secret(label: &[u8]) -> [u8; 32] {
    sha256(&[label])
}

/// Uses what came out as anyone may, once it is public.
fn look_at<const N: usize>(mut outcome: [u8; N]) {
    look_at_all(&mut outcome);
}

/// As [`look_at`], of any length.
fn look_at_all(outcome: &mut [u8]) {
    reveal(outcome);
    assert!(black_box(&*outcome).iter().any(|byte| *byte != 0));
}
