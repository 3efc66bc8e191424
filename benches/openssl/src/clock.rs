//! Processor time, to the nanosecond. Linux only.

use core::ffi::{c_int, c_long};
use std::time::Duration;

const OWN_PROCESS: c_int = 2;
const OWN_THREAD: c_int = 3;

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: c_long,
}

#[allow(unsafe_code, reason = "std offers no processor time")]
unsafe extern "C" {
    fn clock_gettime(clock: c_int, out: *mut TimeSpec) -> c_int;
}

/// The processor time of this thread.
#[must_use]
pub fn thread() -> Duration {
    read(OWN_THREAD)
}

/// The processor time of this process, all its threads together.
#[must_use]
pub fn process() -> Duration {
    read(OWN_PROCESS)
}

/// The processor time of another process, all its threads together.
#[must_use]
pub fn process_of(id: u32) -> Duration {
    // As `clock_getcpuclockid` makes it.
    read(!(id as c_int) << 3 | 2)
}

/// The processor time that this thread spends on something.
pub fn spent(body: impl FnOnce()) -> Duration {
    let before = thread();
    body();
    thread().saturating_sub(before)
}

/// # Panics
///
/// If there is no such clock.
fn read(clock: c_int) -> Duration {
    let mut time = TimeSpec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the function writes to the place it is given and to none else.
    #[allow(unsafe_code, reason = "std offers no processor time")]
    let failed = unsafe { clock_gettime(clock, &raw mut time) };
    assert_eq!(failed, 0, "the processor time can be read");
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}
