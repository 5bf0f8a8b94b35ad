//! Packets that leave the case as a capture, and the check of such a file.

use super::evidence::{print_verification, shown};
use super::{DONE, NOT_CLEAN, open, selected};
use crate::args::SelectionArgs;
use crate::print::Out;
use std::path::Path;
use workbench::{Meter, PacketWish, Workbench, wire};

/// The file, and whether packets go there as they were captured.
type Target<'a> = (&'a Path, bool);

pub(super) fn records(
    case: &Path,
    record: Option<&str>,
    args: &SelectionArgs,
    target: Target<'_>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    let wish = match record {
        Some(id) => PacketWish::Record(id.parse()?),
        None => PacketWish::Selection(selected(&case, args)?.0),
    };
    write(&case, &wish, target, out)
}

pub(super) fn conversation(
    case: &Path,
    id: &str,
    target: Target<'_>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    write(&open(case)?, &PacketWish::Conversation(id.parse()?), target, out)
}

fn write(
    case: &Workbench,
    wish: &PacketWish,
    (file, outer): Target<'_>,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let exported = shown(|meter| case.export_packets(file, wish, outer, meter))?;
    let exported = wire::ExportedPacketsObject::from(exported);
    if out.is_json() {
        out.object(&exported)?;
    } else {
        out.line(format!("{}  {}", exported.sha256, exported.path))?;
        out.line(format!("{} packets, {} bytes", exported.packets, exported.size))?;
    }
    Ok(if exported.packets == 0 { NOT_CLEAN } else { DONE })
}

pub(super) fn verify(case: &Path, slice: &Path, out: &mut Out) -> anyhow::Result<u8> {
    print_verification(&open(case)?.verify_slice(slice, &Meter::default())?, out)
}
