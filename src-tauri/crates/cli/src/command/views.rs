//! view: selections of records that have a name.

use super::{DONE, found, open, selected};
use crate::args::SelectionArgs;
use crate::print::Out;
use std::path::Path;

pub(super) fn view(
    case: &Path,
    name: Option<&str>,
    args: &SelectionArgs,
    order: Option<&str>,
    forget: bool,
    out: &mut Out,
) -> anyhow::Result<u8> {
    let case = open(case)?;
    match name {
        Some(name) if forget => case.forget_view(name)?,
        Some(name) => {
            let (selection, saved) = selected(&case, args)?;
            case.save_view(name, &selection, order.map(workbench::order).or(saved).as_ref())?;
        }
        None => {
            let views = case.saved_views();
            out.rows(&views, &["NAME", "FILTER", "FROM", "TO", "ORDER", "SOURCES"], |view| {
                vec![
                    view.name.clone(),
                    view.filter.clone(),
                    view.from.clone().unwrap_or_default(),
                    view.to.clone().unwrap_or_default(),
                    view.order.clone().unwrap_or_default(),
                    if view.all_sources { "all".to_owned() } else { String::new() },
                ]
            })?;
            return Ok(found(&views));
        }
    }
    Ok(DONE)
}
