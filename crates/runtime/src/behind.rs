//! Threads for the work that nobody waits for.
//!
//! What answers somebody (the doors, the commit of what they accept) and what follows from it (consumers, jobs) share a
//! machine's cores. Where there are not enough for both, whoever stands at the door goes first: what follows runs on
//! threads of a lower priority. It loses nothing, since all it has to do is in the log; it handles more at once the
//! longer it waited; and it has all the cores that the doors leave.

use parvis_kernel::{Error, Result};
use tokio::runtime::{Builder, Handle, Runtime};

/// How much nicer than the door, as `nice` counts: a thread has a tenth of the share of one there while both have work.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;
/// The nicest there is.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;

/// Threads for what blocks (files, password hashes), of a runtime: each keeps memory of its own, and more of them would
/// only wait for the same disk and cores.
pub const BLOCKING_THREADS: usize = 16;

/// Where that work runs.
pub(crate) struct Behind {
    own: Option<Runtime>,
    handle: Handle,
}

impl Behind {
    /// Threads of its own, as many as there are cores, where this process has a door to serve first. Between processes,
    /// who goes first is for whoever shares out the machine.
    pub(crate) fn start(has_a_door: bool) -> Result<Self> {
        if !has_a_door {
            return Ok(Self { own: None, handle: Handle::current() });
        }
        let own = Builder::new_multi_thread()
            .thread_name("parvis-behind")
            .max_blocking_threads(BLOCKING_THREADS)
            .on_thread_start(step_behind())
            .enable_all()
            .build()
            .map_err(Error::internal)?;
        Ok(Self { handle: own.handle().clone(), own: Some(own) })
    }

    /// To spawn there.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        // Threads cannot be waited for where this is dropped, and their tasks were.
        if let Some(runtime) = self.own.take() {
            runtime.shutdown_background();
        }
    }
}

/// On Linux a thread has a priority of its own, which the threads that it starts take too; elsewhere a priority would be
/// the whole process's.
#[cfg(target_os = "linux")]
fn step_behind() -> impl Fn() + Send + Sync + 'static {
    use rustix::process::{getpriority_process, setpriority_process};
    // Of who starts them: a thread that one of them starts has stepped behind already.
    let door = getpriority_process(None).unwrap_or_default();
    move || {
        if let Err(error) = setpriority_process(None, (door + NICER).min(NICEST)) {
            tracing::debug!(%error, "a thread keeps its priority");
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn step_behind() -> impl Fn() + Send + Sync + 'static {
    || {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_runs_on_threads_that_step_behind() {
        let here = getpriority_process(None).expect("a priority");
        let behind = Behind::start(true).expect("threads");
        let task = behind.handle().spawn(async { getpriority_process(None) });
        let blocking = behind.handle().spawn_blocking(|| {
            // As a connection to SQLite does.
            std::thread::spawn(|| getpriority_process(None)).join()
        });
        let expected = (here + NICER).min(NICEST);
        assert_eq!(task.await.expect("it ran").expect("a priority"), expected);
        assert_eq!(blocking.await.expect("it ran").expect("it ended").expect("a priority"), expected);
        assert_eq!(getpriority_process(None).expect("a priority"), here, "the others keep theirs");
    }

    #[tokio::test]
    async fn without_a_door_nothing_steps_behind() {
        let here = getpriority_process(None).expect("a priority");
        let behind = Behind::start(false).expect("nothing to start");
        let task = behind.handle().spawn(async { getpriority_process(None) });
        assert_eq!(task.await.expect("it ran").expect("a priority"), here);
    }
}
