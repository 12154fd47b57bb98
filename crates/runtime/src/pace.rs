//! A least pace for what strangers send: a line may be slow, not silent.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use tokio::time::{Instant, timeout};

/// Over how long the pace is measured, waiting for the sender alone: what the reader itself takes does not count.
pub const WINDOW: Duration = Duration::from_secs(10);
/// Bytes that such a time of waiting must bring: 1 kB a second.
pub const WINDOW_BYTES: usize = 10_000;

/// The sender fell under the pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSlow;

/// Waits for what somebody sends, and measures how it comes.
#[derive(Debug, Default)]
pub struct Pace {
    waited: Duration,
    bytes: usize,
}

impl Pace {
    /// The next item of `stream`, of which `size` says the bytes; `None` at its end.
    ///
    /// # Errors
    /// [`TooSlow`] where a whole [`WINDOW`] of waiting brought less than [`WINDOW_BYTES`].
    pub async fn next<S: Stream + Unpin>(
        &mut self,
        stream: &mut S,
        size: impl Fn(&S::Item) -> usize,
    ) -> Result<Option<S::Item>, TooSlow> {
        loop {
            let start = Instant::now();
            let came = timeout(WINDOW.saturating_sub(self.waited), stream.next()).await;
            self.waited += start.elapsed();
            if let Ok(Some(item)) = &came {
                self.bytes += size(item);
            }
            if self.waited >= WINDOW {
                if self.bytes < WINDOW_BYTES && !matches!(came, Ok(None)) {
                    return Err(TooSlow);
                }
                *self = Self::default();
            }
            if let Ok(item) = came {
                return Ok(item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    /// Items of `bytes`, one each `every`.
    fn line(bytes: usize, every: Duration, items: usize) -> impl Stream<Item = usize> + Unpin {
        Box::pin(stream::unfold(0, move |at| async move {
            if at == items {
                return None;
            }
            tokio::time::sleep(every).await;
            Some((bytes, at + 1))
        }))
    }

    async fn read(mut line: impl Stream<Item = usize> + Unpin) -> Result<usize, TooSlow> {
        let (mut pace, mut total) = (Pace::default(), 0);
        while let Some(bytes) = pace.next(&mut line, |bytes| *bytes).await? {
            total += bytes;
        }
        Ok(total)
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_passes_and_a_silent_one_does_not() {
        let second = Duration::from_secs(1);
        assert_eq!(read(line(1_100, second, 300)).await, Ok(330_000));
        assert_eq!(read(line(900, second, 300)).await, Err(TooSlow));
        // A last piece that came in time is taken, however small the whole is.
        assert_eq!(read(line(3, second, 5)).await, Ok(15));
        // Much at once pays for no later silence.
        let much = Box::pin(line(5_000_000, second, 1).chain(stream::pending()));
        let start = Instant::now();
        assert_eq!(read(much).await, Err(TooSlow));
        assert!(start.elapsed() <= WINDOW * 2 + second);
        assert_eq!(read(stream::pending()).await, Err(TooSlow));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_reader_takes_is_not_the_sender_s() {
        let mut ready = stream::iter(vec![10_usize; 5]);
        let mut pace = Pace::default();
        while pace.next(&mut ready, |bytes| *bytes).await.unwrap().is_some() {
            tokio::time::sleep(WINDOW * 3).await;
        }
    }
}
