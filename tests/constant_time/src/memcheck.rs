//! Requests to valgrind's memcheck: what a program that runs under it may ask.
//!
//! Outside of valgrind they do nothing. The sequences are those of `valgrind.h`, the numbers those of `memcheck.h`.

use core::ffi::c_void;

const RUNNING_ON_VALGRIND: usize = 0x1001;
const COUNT_ERRORS: usize = 0x1201;
const MAKE_MEM_UNDEFINED: usize = 0x4D43_0001;
const MAKE_MEM_DEFINED: usize = 0x4D43_0002;

/// Whether the program runs under valgrind.
#[must_use]
pub fn is_watching() -> bool {
    request(RUNNING_ON_VALGRIND, core::ptr::null_mut(), 0) != 0
}

/// How many errors were reported so far.
#[must_use]
pub fn errors() -> usize {
    request(COUNT_ERRORS, core::ptr::null_mut(), 0)
}

/// Makes a value a secret: whatever branches or reads at a place that depends on it is an error from now on.
pub fn conceal<T: ?Sized>(secret: &mut T) {
    let size = size_of_val(secret);
    request(MAKE_MEM_UNDEFINED, (&raw mut *secret).cast(), size);
}

/// Makes a value public.
pub fn reveal<T: ?Sized>(value: &mut T) {
    let size = size_of_val(value);
    request(MAKE_MEM_DEFINED, (&raw mut *value).cast(), size);
}

/// Makes a value public that is a part of a secret one.
pub fn reveal_part<T>(value: &T) {
    request(
        MAKE_MEM_DEFINED,
        (&raw const *value).cast_mut().cast(),
        size_of_val(value),
    );
}

#[allow(
    unsafe_code,
    reason = "valgrind looks for a sequence of instructions that does nothing anywhere else"
)]
fn request(number: usize, place: *mut c_void, size: usize) -> usize {
    let arguments = [number, place as usize, size, 0, 0, 0];
    let mut answer = 0_usize;
    // SAFETY: four rotations by 128 bits together, and an exchange of a register with itself; what `place` points to
    // keeps its bytes, and memcheck alone changes what it thinks of them.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") answer,
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        core::arch::asm!(
            "ror x12, x12, #3",
            "ror x12, x12, #13",
            "ror x12, x12, #51",
            "ror x12, x12, #61",
            "orr x10, x10, x10",
            in("x4") arguments.as_ptr(),
            inout("x3") answer,
        );
    }
    answer
}
