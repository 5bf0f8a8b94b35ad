//! A [`Recorder`] on a thread of its own, once there is enough for it to do.

use crate::BLOCK_SIZE;
use crate::restart::{Met, Recorded, Recorder};
use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

/// How much is handed over at once: whole blocks. Unit: bytes.
const PART: usize = 4 * BLOCK_SIZE;
/// Parts that may wait for the thread, which bounds the memory.
const WAITING: usize = 8;
/// A file with less is hashed where it is read: a thread costs as much as hashing some hundred KiB. Unit: parts.
const WORTH_A_THREAD: usize = 8;

/// Takes in bytes and points in order, and records them here or elsewhere.
pub(crate) struct Recording {
    part: Vec<u8>,
    parts: usize,
    by: By,
}

enum By {
    Here(Box<Recorder>),
    Thread(Thread),
    /// The thread ended before its time, which only a panic in it can do.
    Nobody,
}

struct Thread {
    work: SyncSender<Work>,
    /// Parts to be filled again.
    used: Receiver<Vec<u8>>,
    done: JoinHandle<io::Result<Recorded>>,
}

enum Work {
    Bytes { part: Vec<u8>, passed: u64 },
    Point(Met),
}

impl Recording {
    pub(crate) fn by(recorder: Recorder) -> Self {
        Self { part: Vec::new(), parts: 0, by: By::Here(Box::new(recorder)) }
    }

    /// The next bytes; for all of them, `passed` bytes of the file have been read.
    pub(crate) fn bytes(&mut self, mut bytes: &[u8], passed: u64) {
        while !bytes.is_empty() {
            let room = PART.saturating_sub(self.part.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.part.extend_from_slice(now);
            if self.part.len() == PART {
                self.hand_over(passed);
            }
            bytes = later;
        }
    }

    pub(crate) fn point(&mut self, met: Met) {
        match &mut self.by {
            By::Here(recorder) => recorder.point(met),
            By::Thread(thread) => drop(thread.work.send(Work::Point(met))),
            By::Nobody => {}
        }
    }

    pub(crate) fn finish(mut self, passed: u64) -> io::Result<Recorded> {
        self.hand_over(passed);
        match self.by {
            By::Here(recorder) => recorder.finish(),
            By::Thread(Thread { work, used, done }) => {
                drop((work, used));
                done.join().unwrap_or_else(|_| Err(lost()))
            }
            By::Nobody => Err(lost()),
        }
    }

    fn hand_over(&mut self, passed: u64) {
        self.parts = self.parts.saturating_add(1);
        if self.parts > WORTH_A_THREAD && matches!(self.by, By::Here(_)) {
            self.by = match std::mem::replace(&mut self.by, By::Nobody) {
                By::Here(recorder) => start(*recorder),
                other => other,
            };
        }
        match &mut self.by {
            By::Here(recorder) => {
                recorder.bytes(&self.part, passed);
                self.part.clear();
            }
            By::Thread(thread) => {
                let mut next = thread.used.try_recv().unwrap_or_default();
                next.clear();
                let part = std::mem::replace(&mut self.part, next);
                // It fails only if the thread is gone, which its end will tell.
                let _ = thread.work.send(Work::Bytes { part, passed });
            }
            By::Nobody => self.part.clear(),
        }
    }
}

/// Goes on elsewhere, or here if there can be no thread.
fn start(recorder: Recorder) -> By {
    let (hand, take) = sync_channel::<Recorder>(1);
    let (work, todo) = sync_channel(WAITING);
    let (give_back, used) = channel();
    let thread = Builder::new().name("hash".to_owned());
    match thread.spawn(move || record(&take, &todo, &give_back)) {
        Ok(done) => match hand.send(recorder) {
            Ok(()) => By::Thread(Thread { work, used, done }),
            Err(unsent) => By::Here(Box::new(unsent.0)),
        },
        Err(_) => By::Here(Box::new(recorder)),
    }
}

fn record(
    take: &Receiver<Recorder>,
    todo: &Receiver<Work>,
    give_back: &Sender<Vec<u8>>,
) -> io::Result<Recorded> {
    let mut recorder = take.recv().map_err(|_| lost())?;
    for work in todo {
        match work {
            Work::Bytes { part, passed } => {
                recorder.bytes(&part, passed);
                // Nobody may want it any more.
                let _ = give_back.send(part);
            }
            Work::Point(met) => recorder.point(met),
        }
    }
    recorder.finish()
}

fn lost() -> io::Error {
    io::Error::other("the thread that hashes ended before its time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sha256;

    #[test]
    fn who_records_makes_no_difference() {
        for length in [0, 1, PART, PART * WORTH_A_THREAD, PART * (WORTH_A_THREAD + 30) + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 31 / 8) as u8).collect();
            let mut recording = Recording::by(Recorder::default());
            bytes.chunks(100_003).for_each(|part| recording.bytes(part, 0));
            let recorded = recording.finish(0).unwrap();
            assert_eq!(recorded.digest, Some(Sha256::of(&bytes)));
            assert_eq!(recorded.blocks.length, length as u64);
            assert_eq!(recorded.blocks.hashes.len(), length.div_ceil(BLOCK_SIZE));
        }
    }
}
