//! CPU time of this thread.

use rustix::time::{ClockId, clock_gettime};

/// The fewest CPU nanoseconds of several runs: a busy machine does not count, as it would in
/// wall-clock time.
pub fn best(runs: u32, mut run: impl FnMut()) -> u64 {
    (0..runs)
        .map(|_| {
            let before = cpu_ns();
            run();
            cpu_ns() - before
        })
        .min()
        .unwrap_or(0)
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}
