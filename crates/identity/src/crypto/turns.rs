//! Whose turn it is to have a password hashed: one network after the other, whatever each has waiting.
//!
//! Hashing is dear on purpose. In one line for all, whoever sends a thousand passwords makes everybody wait behind them;
//! here a network waits behind its own, and behind one of each other's.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// Those of one network that wait at most.
pub const MOST_OF_ONE: usize = 64;
/// Those of all.
const MOST: usize = 1024;

/// The right to use a core and 19 MiB for one password.
pub struct Turn(Turns);

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = self.0.lock().next_or_free();
        // Whoever gave up meanwhile drops the turn at once, which gives it to the one behind.
        if let Some(next) = next {
            drop(next.send(Self(self.0.clone())));
        }
    }
}

/// Turns. Cheap to clone.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<Queue>>);

struct Queue {
    free: usize,
    waiting: VecDeque<(String, VecDeque<oneshot::Sender<Turn>>)>,
    count: usize,
}

/// What whoever asks for a turn gets.
pub enum Asked {
    /// A turn.
    Now(Turn),
    /// A place in the line.
    Wait(oneshot::Receiver<Turn>),
    /// Too many wait already.
    Full,
}

impl Turns {
    /// So many at once.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue { free: at_once, waiting: VecDeque::new(), count: 0 })))
    }

    /// Asks for one.
    pub fn ask(&self, network: &str) -> Asked {
        let mut queue = self.lock();
        if queue.free > 0 {
            queue.free -= 1;
            drop(queue);
            return Asked::Now(Turn(self.clone()));
        }
        queue.wait(network).map_or(Asked::Full, Asked::Wait)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn wait(&mut self, network: &str) -> Option<oneshot::Receiver<Turn>> {
        if self.count >= MOST {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        match self.waiting.iter_mut().find(|(of, _)| of == network) {
            Some((_, line)) => {
                line.retain(|waiting| !waiting.is_closed());
                if line.len() >= MOST_OF_ONE {
                    return None;
                }
                line.push_back(sender);
            }
            None => self.waiting.push_back((network.to_owned(), VecDeque::from([sender]))),
        }
        self.count = self.waiting.iter().map(|(_, line)| line.len()).sum();
        Some(receiver)
    }

    /// The next in line, of the network that waited longest since its last turn; else one more turn is free.
    fn next_or_free(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some((network, mut line)) = self.waiting.pop_front() {
            let next = line.pop_front();
            self.count = self.count.saturating_sub(1);
            if !line.is_empty() {
                self.waiting.push_back((network, line));
            }
            if let Some(next) = next.filter(|next| !next.is_closed()) {
                return Some(next);
            }
        }
        self.free += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(turns: &Turns, network: &str) -> oneshot::Receiver<Turn> {
        let Asked::Wait(place) = turns.ask(network) else { panic!("a place in the line was expected") };
        place
    }

    #[test]
    fn a_flood_waits_behind_itself() {
        let turns = Turns::new(1);
        let Asked::Now(mut held) = turns.ask("flood") else { panic!("a turn was free") };
        let mut flood: Vec<_> = (0..50).map(|_| wait(&turns, "flood")).collect();
        let mut honest = wait(&turns, "honest");
        let mut before = 0;
        loop {
            drop(held);
            if let Ok(turn) = honest.try_recv() {
                drop(turn);
                break;
            }
            held = flood.remove(0).try_recv().expect("the flood's next");
            before += 1;
        }
        assert_eq!(before, 1, "turns that the flood had before the honest one");
    }

    #[test]
    fn who_gives_up_loses_no_turn_and_a_line_ends() {
        let turns = Turns::new(1);
        let Asked::Now(held) = turns.ask("a") else { panic!("a turn was free") };
        drop(wait(&turns, "a"));
        let mut second = wait(&turns, "b");
        drop(held);
        let turn = second.try_recv().expect("the first gave up");
        let line: Vec<_> = (0..MOST_OF_ONE).map(|_| wait(&turns, "a")).collect();
        assert!(matches!(turns.ask("a"), Asked::Full));
        assert!(matches!(turns.ask("b"), Asked::Wait(_)));
        drop(line);
        drop(turn);
        assert!(matches!(turns.ask("a"), Asked::Now(_)), "all gave up: it is free");
    }
}
