//! The story of the day, one file per phase, and the table that says when each begins.

mod baseline;
mod beacon;
mod brute_force;
mod bulk;
mod download;
mod exchange;
mod flood;
mod injection;
mod port_scan;
mod tunnel;
mod upload;

use std::io;

use crate::Plan;
use crate::clock::MINUTES;
use crate::world::World;

/// Something that begins in a given minute of the day and sends all its packets at once.
struct Act {
    minute: usize,
    play: fn(&mut World, &Plan),
}

static ACTS: [Act; 9] = [
    Act { minute: 90, play: baseline::nightly_backup },
    Act { minute: 9 * 60 + 32, play: port_scan::play },
    Act { minute: 9 * 60 + 40, play: injection::play },
    Act { minute: 10 * 60 + 58, play: brute_force::play },
    Act { minute: 13 * 60 + 31, play: download::play },
    Act { minute: 13 * 60 + 34, play: beacon::play },
    Act { minute: 15 * 60 + 10, play: tunnel::play },
    Act { minute: 15 * 60 + 49, play: upload::play },
    Act { minute: 16 * 60 + 5, play: flood::play },
];

/// Play the whole day.
pub(crate) fn play(world: &mut World, plan: &Plan) -> io::Result<()> {
    let mut baseline = baseline::Baseline::new(plan);
    let mut bulk = bulk::Bulk::new(plan);
    for minute in 0..MINUTES {
        baseline.play(world, minute);
        bulk.play(world, minute);
        for act in ACTS.iter().filter(|act| act.minute == minute) {
            (act.play)(world, plan);
        }
        world.close_minute()?;
    }
    world.finish()
}
