//! Which of this program's threads have the processor first, as far as the system lets itself be told.
//!
//! From 6.12 on Linux shares a core out in slices that a thread may choose, and one that wakes takes the core at once only from
//! one whose slice is longer than its own. So all threads of the collector have the shortest slices, and background work
//! has the longest ones and the least weight that still counts. The class that is meant for such work, `SCHED_IDLE`, weighs
//! too little for that scheduler: beside it, whoever has just had a little more than their share owes a debt that is not
//! paid before the next tick, and meanwhile the idle thread keeps the core. Where the kernel knows no such slices, background
//! work is in that class all the same: there it is the only one that gives up the core at once.

/// Lets the calling thread, and those that it starts from now on, take the core from background work as soon as they wake.
pub fn go_first() {
    #[cfg(target_os = "linux")]
    if let Err(error) = linux::go_first() {
        tracing::info!(%error, "the threads keep their slices");
    }
}

/// Lets all else have the core before the calling thread. On other systems it must do that background work comes in
/// small portions.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = linux::step_back() {
        tracing::info!(%error, "a background thread keeps its weight");
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_long};
    use std::io;

    use libc::{SCHED_IDLE, SCHED_OTHER, SYS_sched_getattr, SYS_sched_setattr, sched_attr};

    /// The scheduler's own bounds on a slice.
    pub(super) const SHORTEST_SLICE_NANOSECONDS: u64 = 100_000;
    pub(super) const LONGEST_SLICE_NANOSECONDS: u64 = 100_000_000;
    /// A seventieth of the usual weight.
    pub(super) const GREATEST_NICENESS: i32 = 19;

    const THIS_THREAD: c_long = 0;
    const NO_FLAGS: c_long = 0;

    /// Leaves alone who was started in another class than the usual one: somebody chose it.
    pub(super) fn go_first() -> io::Result<()> {
        let mut attributes = read()?;
        if is(&attributes, SCHED_OTHER) && knows_slices(&attributes) {
            attributes.sched_runtime = SHORTEST_SLICE_NANOSECONDS;
            write(attributes)?;
        }
        Ok(())
    }

    /// Whatever class the others were started in.
    pub(super) fn step_back() -> io::Result<()> {
        let mut attributes = read()?;
        if is(&attributes, SCHED_IDLE) {
            return Ok(());
        }
        let class = if knows_slices(&attributes) { SCHED_OTHER } else { SCHED_IDLE };
        attributes.sched_policy = class.unsigned_abs();
        attributes.sched_priority = 0;
        attributes.sched_nice = GREATEST_NICENESS;
        attributes.sched_runtime = LONGEST_SLICE_NANOSECONDS;
        write(attributes)
    }

    fn is(attributes: &sched_attr, class: c_int) -> bool {
        attributes.sched_policy == class.unsigned_abs()
    }

    /// A real-time thread shows no slice either; those go without.
    pub(super) fn knows_slices(attributes: &sched_attr) -> bool {
        attributes.sched_runtime > 0
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
    fn write(mut attributes: sched_attr) -> io::Result<()> {
        // SAFETY: the structure says its own size since it was read, and is ours alone: the kernel reads it, and may write
        // into it which size it wants.
        let result = unsafe { libc::syscall(SYS_sched_setattr, THIS_THREAD, &raw mut attributes, NO_FLAGS) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn background_work_has_the_least_weight_and_all_others_take_the_core_from_it() {
        let scheduled = || linux::read().unwrap();
        let thread = std::thread::spawn(move || {
            let usual = scheduled();
            go_first();
            let (first, started_from_it) = (scheduled(), std::thread::spawn(scheduled).join().unwrap());
            step_back();
            (usual, first, started_from_it, scheduled())
        });
        let (usual, first, started_from_it, back) = thread.join().unwrap();
        assert_eq!(first.sched_nice, usual.sched_nice, "what the operator chose");
        if linux::knows_slices(&usual) {
            let short = linux::SHORTEST_SLICE_NANOSECONDS;
            assert_eq!((first.sched_runtime, started_from_it.sched_runtime), (short, short));
            let (niceness, slice) = (linux::GREATEST_NICENESS, linux::LONGEST_SLICE_NANOSECONDS);
            assert_eq!((back.sched_nice, back.sched_runtime), (niceness, slice));
        } else {
            assert_eq!(back.sched_policy, libc::SCHED_IDLE.unsigned_abs());
        }
    }
}
