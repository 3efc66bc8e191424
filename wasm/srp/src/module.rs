//! What the module shows its host: the buffer, and the steps of [`exchange`](crate::exchange) over it.
//!
//! A module has one thread and the host calls one function at a time, so that the buffer has one user at a time.
//! Functions give 1 where they succeed and 0 where they refuse. Nothing allocates, and a panic traps.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr::null_mut,
    slice,
};

use crate::{
    IO_BYTES,
    exchange::{self, Refused},
};

unsafe extern "C" {
    // The linker's name for the place.
    static __stack_high: u8;
}

static mut IO: [u8; IO_BYTES] = [0; IO_BYTES];

/// Where the buffer is.
#[unsafe(no_mangle)]
pub extern "C" fn io() -> *mut u8 {
    (&raw mut IO).cast()
}

/// Where the stack ends that begins at address 0. What a step computed with may lie there until the host wipes it.
#[unsafe(no_mangle)]
pub extern "C" fn stack() -> *const u8 {
    &raw const __stack_high
}

#[unsafe(no_mangle)]
extern "C" fn public(secret: usize) -> u32 {
    over(|io| exchange::public(io, secret))
}

#[unsafe(no_mangle)]
extern "C" fn password_hash(group: usize, user: usize, password: usize) -> u32 {
    over(|io| exchange::password_hash(io, group, user, password))
}

#[unsafe(no_mangle)]
extern "C" fn key(secret: usize, salt: usize) -> u32 {
    over(|io| exchange::key(io, secret, salt))
}

#[unsafe(no_mangle)]
extern "C" fn verifier(salt: usize) -> u32 {
    over(|io| exchange::verifier(io, salt))
}

#[unsafe(no_mangle)]
extern "C" fn mac(key: usize, message: usize) -> u32 {
    over(|io| exchange::mac(io, key, message))
}

fn over(step: impl FnOnce(&mut [u8]) -> Result<(), Refused>) -> u32 {
    // SAFETY: no function of the module calls another, there is one thread, and the host's view is used between calls.
    let io = unsafe { slice::from_raw_parts_mut(io(), IO_BYTES) };
    u32::from(step(io).is_ok())
}

/// Refuses to allocate: nothing here does, and the linker wants an allocator by name.
struct Nothing;

// SAFETY: giving nothing is what an allocator may do, and what was never given is never taken back.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static NOTHING: Nothing = Nothing;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
