//! How far a long act is: written by the thread that works, read by the one that shows it, which may also stop it.

use crate::Stopper;
use evidence::Watch;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Shared between a long act and whoever waits for it.
#[derive(Debug, Default)]
pub struct Meter {
    doing: Mutex<String>,
    done: AtomicU64,
    total: AtomicU64,
    unit: Mutex<Unit>,
    bytes_total: AtomicU64,
    flow_records: AtomicU64,
    packets: AtomicU64,
    watch: Arc<Watch>,
    stopper: Arc<Stopper>,
}

/// What a long act goes through one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Unit {
    /// Files of evidence, or members of archives.
    #[default]
    File,
    /// Flow records.
    Record,
    /// Conversations.
    Conversation,
    /// Packets.
    Packet,
}

/// How far a long act is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Progress {
    /// What is being done, for people.
    pub doing: String,
    /// So many are done.
    pub done: u64,
    /// In all.
    pub total: u64,
    /// Of these.
    pub unit: Unit,
    /// Of the files themselves.
    pub bytes_done: u64,
    /// In all; 0 where it is not known.
    pub bytes_total: u64,
    /// Loaded by this act.
    pub flow_records: u64,
    /// Indexed by this act.
    pub packets: u64,
}

impl Meter {
    /// Asks the act to stop where it can.
    pub fn stop(&self) {
        self.watch.stop();
        self.stopper.stop();
    }

    /// Whether it was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.watch.is_stopped()
    }

    /// How far the act is now.
    pub fn progress(&self) -> Progress {
        let number = |atomic: &AtomicU64| atomic.load(Ordering::Relaxed);
        let bytes_total = number(&self.bytes_total);
        Progress {
            doing: self.doing.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            done: number(&self.done),
            total: number(&self.total),
            unit: *self.unit.lock().unwrap_or_else(PoisonError::into_inner),
            bytes_done: self.watch.bytes_read().min(bytes_total),
            bytes_total,
            flow_records: number(&self.flow_records),
            packets: number(&self.packets),
        }
    }

    /// What stops the questions of the act; not every act can be stopped within one.
    pub(crate) fn stopper(&self) -> &Arc<Stopper> {
        &self.stopper
    }

    pub(crate) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Begins a step of `total` files.
    pub(crate) fn step(&self, doing: &str, done: u64, total: u64) {
        self.step_of(Unit::File, doing, done, total);
    }

    /// Begins a step of `total` pieces.
    pub(crate) fn step_of(&self, unit: Unit, doing: &str, done: u64, total: u64) {
        *self.unit.lock().unwrap_or_else(PoisonError::into_inner) = unit;
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = doing.to_owned();
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn expect_bytes(&self, total: u64) {
        self.bytes_total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn loaded(&self, flow_records: u64, packets: u64) {
        self.flow_records.fetch_add(flow_records, Ordering::Relaxed);
        self.packets.fetch_add(packets, Ordering::Relaxed);
    }
}
