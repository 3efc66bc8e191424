//! The same pieces of arithmetic as [`userpool_bench_arithmetic::Kernels`], by OpenSSL.

#![allow(unsafe_code, reason = "another language's functions are called")]

use core::ffi::{CStr, c_int, c_long};
use core::fmt;
use core::ptr::null_mut;

use userpool_arith::group::{BYTES, MODULUS};

use crate::library::{Functions, Handle};

/// `NID_sha256`.
const SHA256: c_int = 672;

/// A power and a key, prepared once; as our kernels are.
///
/// What OpenSSL allocates for them stays until the program ends.
pub struct Theirs {
    functions: Functions,
    context: Handle,
    base: Handle,
    exponent: Handle,
    modulus: Handle,
    montgomery: Handle,
    result: Handle,
    key: Handle,
}

impl fmt::Debug for Theirs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Theirs(..)")
    }
}

impl Theirs {
    /// Loads OpenSSL, held to code without AVX-512 IFMA by `OPENSSL_ia32cap=:~0x200000` in the environment.
    ///
    /// # Errors
    ///
    /// If the environment lacks that, or the library is missing.
    ///
    /// # Panics
    ///
    /// If OpenSSL has no memory, or the key is none.
    pub fn new(base: &[u8; BYTES], exponent: &[u8; 32], key: &[u8]) -> Result<Self, String> {
        if std::env::var("OPENSSL_ia32cap").as_deref() != Ok(":~0x200000") {
            return Err("set OPENSSL_ia32cap=:~0x200000: OpenSSL reads it as it is loaded".into());
        }
        let functions = Functions::load().map_err(|error| error.to_string())?;
        // SAFETY: the functions are called as OpenSSL documents them, with slices and their lengths, and every
        // handle they gave is looked at before its use.
        unsafe {
            let number = |bytes: &[u8]| {
                some((functions.BN_bin2bn)(
                    bytes.as_ptr(),
                    bytes.len() as c_int,
                    null_mut(),
                ))
            };
            let context = some((functions.BN_CTX_new)());
            let modulus = number(&MODULUS);
            let montgomery = some((functions.BN_MONT_CTX_new)());
            done((functions.BN_MONT_CTX_set)(montgomery, modulus, context));
            let mut place = key.as_ptr();
            let key = some((functions.d2i_AutoPrivateKey)(
                null_mut(),
                &raw mut place,
                key.len() as c_long,
            ));
            Ok(Self {
                context,
                base: number(base),
                exponent: number(exponent),
                modulus,
                montgomery,
                result: some((functions.BN_new)()),
                key: some((functions.EVP_PKEY_get1_RSA)(key)),
                functions,
            })
        }
    }

    /// What the library calls itself.
    #[must_use]
    pub fn version(&self) -> String {
        // SAFETY: the answer is a text that stays.
        let text = unsafe { CStr::from_ptr((self.functions.OpenSSL_version)(0)) };
        text.to_string_lossy().into_owned()
    }

    /// `BN_mod_exp_mont_consttime`, with the modulus prepared.
    #[inline(never)]
    #[must_use]
    pub fn power(&mut self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        // SAFETY: all handles are of this library, and the result has room for as many bytes as are told.
        unsafe {
            done((self.functions.BN_mod_exp_mont_consttime)(
                self.result,
                self.base,
                self.exponent,
                self.modulus,
                self.context,
                self.montgomery,
            ));
            done((self.functions.BN_bn2binpad)(
                self.result,
                bytes.as_mut_ptr(),
                BYTES as c_int,
            ));
        }
        bytes
    }

    /// `RSA_sign`, which hides, computes and checks as ours does.
    #[inline(never)]
    #[must_use]
    pub fn sign(&mut self, message: &[u8]) -> [u8; 256] {
        let hash = self.hash(message);
        let mut signature = [0; 256];
        let mut length = 0;
        // SAFETY: a signature of this key has 256 bytes.
        done(unsafe {
            (self.functions.RSA_sign)(
                SHA256,
                hash.as_ptr(),
                32,
                signature.as_mut_ptr(),
                &raw mut length,
                self.key,
            )
        });
        signature
    }

    /// `RSA_verify`.
    #[inline(never)]
    #[must_use]
    pub fn verify(&mut self, message: &[u8], signature: &[u8; 256]) -> bool {
        let hash = self.hash(message);
        // SAFETY: both are as long as is told.
        unsafe {
            (self.functions.RSA_verify)(
                SHA256,
                hash.as_ptr(),
                32,
                signature.as_ptr(),
                256,
                self.key,
            ) == 1
        }
    }

    fn hash(&self, message: &[u8]) -> [u8; 32] {
        let mut hash = [0; 32];
        // SAFETY: a hash has 32 bytes.
        unsafe { (self.functions.SHA256)(message.as_ptr(), message.len(), hash.as_mut_ptr()) };
        hash
    }
}

fn some(handle: Handle) -> Handle {
    assert!(!handle.is_null(), "OpenSSL makes what it is asked for");
    handle
}

/// OpenSSL answers 1, or how many bytes it wrote, where it did what it was asked for.
fn done(answer: c_int) {
    assert!(answer > 0, "OpenSSL computes");
}
