//! Which of this program's threads have the processor first, as far as the system lets itself be told.
//!
//! Linux shares a core out in slices, and a thread that wakes takes the core at once only from one whose slice is longer than
//! its own (from 6.12 on; kernels before it go by the weight alone). So the threads that acknowledge and answer have
//! the shortest slices, and background work has the longest ones and the least weight that still counts. The class that is
//! meant for such work, `SCHED_IDLE`, weighs too little for this scheduler: beside it, whoever has just had a little more
//! than their share owes a debt that is not paid before the next tick, and meanwhile the idle thread keeps the core.

/// Lets the calling thread, and those that it starts from now on, take the core from background work as soon as they wake.
pub fn go_first() {
    #[cfg(target_os = "linux")]
    if let Err(error) = linux::change(|attributes| attributes.sched_runtime = linux::SHORTEST_SLICE) {
        tracing::debug!(%error, "the threads keep their slices");
    }
}

/// Lets all else have the core before the calling thread. On other systems it must do that background work comes in
/// small portions.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = linux::change(|attributes| {
        attributes.sched_nice = linux::LEAST_WEIGHT;
        attributes.sched_runtime = linux::LONGEST_SLICE;
    }) {
        tracing::debug!(%error, "a background thread keeps its weight");
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;

    use libc::{SCHED_OTHER, SYS_sched_getattr, SYS_sched_setattr, c_long, sched_attr};

    /// The scheduler's bounds on a slice, nanoseconds.
    pub(super) const SHORTEST_SLICE: u64 = 100_000;
    pub(super) const LONGEST_SLICE: u64 = 100_000_000;
    /// A niceness: a seventieth of the usual weight.
    pub(super) const LEAST_WEIGHT: i32 = 19;

    const THIS_THREAD: c_long = 0;
    const NO_FLAGS: c_long = 0;

    /// Changes how the calling thread is scheduled, unless an operator has put it into another class than the usual one.
    pub(super) fn change(to: impl FnOnce(&mut sched_attr)) -> io::Result<()> {
        let mut attributes = read()?;
        if attributes.sched_policy == SCHED_OTHER.unsigned_abs() {
            to(&mut attributes);
            write(&attributes)?;
        }
        Ok(())
    }

    #[expect(unsafe_code, reason = "no library reads the slice of a thread")]
    pub(super) fn read() -> io::Result<sched_attr> {
        let mut attributes = sched_attr {
            size: 0,
            sched_policy: 0,
            sched_flags: 0,
            sched_nice: 0,
            sched_priority: 0,
            sched_runtime: 0,
            sched_deadline: 0,
            sched_period: 0,
        };
        let size = size_of::<sched_attr>();
        // SAFETY: the kernel writes no more than `size` bytes, all of them integers, into a structure that is as large.
        let result =
            unsafe { libc::syscall(SYS_sched_getattr, THIS_THREAD, &raw mut attributes, size, NO_FLAGS) };
        if result == 0 { Ok(attributes) } else { Err(io::Error::last_os_error()) }
    }

    #[expect(unsafe_code, reason = "no library sets the slice of a thread")]
    fn write(attributes: &sched_attr) -> io::Result<()> {
        // SAFETY: the kernel only reads the structure, which says its own size since it was read.
        let result =
            unsafe { libc::syscall(SYS_sched_setattr, THIS_THREAD, &raw const *attributes, NO_FLAGS) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// On a kernel that knows no slices of a thread's own, it keeps none.
    fn niceness_and_slice() -> (i32, u64) {
        let attributes = linux::read().unwrap();
        (attributes.sched_nice, attributes.sched_runtime)
    }

    #[test]
    fn background_work_has_the_least_weight_and_what_answers_keeps_its_own() {
        let ours = std::thread::spawn(|| {
            let usual = niceness_and_slice();
            go_first();
            let (first, started_from_it) =
                (niceness_and_slice(), std::thread::spawn(niceness_and_slice).join().unwrap());
            step_back();
            (usual, first, started_from_it, niceness_and_slice())
        });
        let (usual, first, started_from_it, back) = ours.join().unwrap();
        assert_eq!((usual.0, first), (first.0, started_from_it));
        assert_eq!(back.0, linux::LEAST_WEIGHT);
        if first.1 == linux::SHORTEST_SLICE {
            assert_eq!(back.1, linux::LONGEST_SLICE);
        } else {
            assert_eq!((first.1, back.1), (usual.1, usual.1), "this kernel takes no slices");
        }
    }
}
