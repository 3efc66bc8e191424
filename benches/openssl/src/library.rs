//! The functions of libcrypto that are measured.

use core::ffi::{c_char, c_int, c_long, c_uint, c_void};

use libloading::Library;

/// Numbers, keys and contexts, of which only OpenSSL knows what is in them.
pub type Handle = *mut c_void;

macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) -> $result:ty,)*) => {
        /// The library with its functions.
        #[allow(non_snake_case, reason = "the names are OpenSSL's")]
        pub struct Functions {
            $(pub $name: unsafe extern "C" fn($($argument),*) -> $result,)*
            /// Keeps the code in memory.
            _library: Library,
        }

        impl Functions {
            /// Loads OpenSSL 3.
            #[allow(unsafe_code, reason = "a library is loaded")]
            pub fn load() -> Result<Self, libloading::Error> {
                // SAFETY: what libcrypto does as it is loaded is to look at the processor and at its environment.
                let library = unsafe { Library::new("libcrypto.so.3") }?;
                Ok(Self {
                    // SAFETY: the types are those of OpenSSL's headers.
                    $($name: unsafe { *library.get(stringify!($name).as_bytes())? },)*
                    _library: library,
                })
            }
        }
    };
}

functions! {
    OpenSSL_version: fn(c_int) -> *const c_char,
    BN_new: fn() -> Handle,
    BN_bin2bn: fn(*const u8, c_int, Handle) -> Handle,
    BN_bn2binpad: fn(Handle, *mut u8, c_int) -> c_int,
    BN_CTX_new: fn() -> Handle,
    BN_MONT_CTX_new: fn() -> Handle,
    BN_MONT_CTX_set: fn(Handle, Handle, Handle) -> c_int,
    BN_mod_exp_mont_consttime: fn(Handle, Handle, Handle, Handle, Handle, Handle) -> c_int,
    SHA256: fn(*const u8, usize, *mut u8) -> *mut u8,
    d2i_AutoPrivateKey: fn(*mut Handle, *mut *const u8, c_long) -> Handle,
    EVP_PKEY_get1_RSA: fn(Handle) -> Handle,
    RSA_sign: fn(c_int, *const u8, c_uint, *mut u8, *mut c_uint, Handle) -> c_int,
    RSA_verify: fn(c_int, *const u8, c_uint, *const u8, c_uint, Handle) -> c_int,
}
