//! Connections to the case's database, one for each thread that asks.

use crate::{ErrorCode, WorkbenchError};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Interrupter, Store};

/// Stops questions: the one that runs now, and all that would come after it.
#[derive(Debug, Default)]
pub struct Stopper {
    stopped: AtomicBool,
    running: Mutex<Running>,
}

impl Stopper {
    /// Whoever asks fails with [`ErrorCode::Superseded`] from now on.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        lock(&self.running).connections.iter().for_each(|(_, connection)| connection.interrupt());
    }

    /// Whatever a stopped question answered, it failed because it was stopped.
    pub(crate) fn judge<T>(&self, answer: Result<T, WorkbenchError>) -> Result<T, WorkbenchError> {
        match answer {
            Err(_) if self.is_stopped() => Err(superseded()),
            answer => answer,
        }
    }

    fn enter(&self, store: &Store) -> u64 {
        let mut running = lock(&self.running);
        running.last += 1;
        let number = running.last;
        running.connections.push((number, store.interrupter()));
        number
    }

    fn leave(&self, number: u64) {
        lock(&self.running).connections.retain(|(own, _)| *own != number);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

#[derive(Debug, Default)]
struct Running {
    connections: Vec<(u64, Interrupter)>,
    last: u64,
}

/// The connections that nobody uses now; there is always one to make another from.
pub(crate) struct Connections {
    idle: Mutex<Vec<Store>>,
    seed: Mutex<Store>,
}

impl Connections {
    pub(crate) fn new(seed: Store) -> Self {
        Self { idle: Mutex::default(), seed: Mutex::new(seed) }
    }

    pub(crate) fn lend<'a>(&'a self, stopper: &'a Stopper) -> Result<Lent<'a>, WorkbenchError> {
        let idle = lock(&self.idle).pop();
        let store = match idle {
            Some(store) => store,
            None => lock(&self.seed).another()?,
        };
        let lent =
            Lent { number: stopper.enter(&store), store: Some(store), connections: self, stopper };
        // Told to stop before it could be interrupted: nobody would stop it any more.
        if stopper.is_stopped() {
            return Err(superseded());
        }
        Ok(lent)
    }
}

/// A connection until it is dropped.
pub(crate) struct Lent<'a> {
    store: Option<Store>,
    number: u64,
    connections: &'a Connections,
    stopper: &'a Stopper,
}

impl Deref for Lent<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        match &self.store {
            Some(store) => store,
            None => unreachable!("it is taken out when it is dropped"),
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(store) = self.store.take() {
            // Before anybody else can get it: a stop must not reach somebody else's question.
            self.stopper.leave(self.number);
            lock(&self.connections.idle).push(store);
        }
    }
}

fn superseded() -> WorkbenchError {
    WorkbenchError::new(ErrorCode::Superseded, "a newer question took the place of this one")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
