//! Selections of records that have a name in the case.

use crate::wire::SavedViewObject;
use crate::{ErrorCode, Workbench, WorkbenchError, moment};
use case::Act;
use store::{FLOW_FIELDS, Order, Selection, filter};

impl Workbench {
    /// The named selections, by name.
    pub fn saved_views(&self) -> Vec<SavedViewObject> {
        let views = self.state().views.into_iter();
        let object = |(name, view): (String, case::SavedView)| SavedViewObject {
            name,
            filter: view.filter,
            from: view.from,
            to: view.to,
            order: view.order,
            all_sources: view.all_sources,
        };
        views.map(object).collect()
    }

    /// Gives a selection a name; one of that name that was there before is replaced.
    ///
    /// # Errors
    /// [`ErrorCode::BadQuery`] if the filter is none or the name is empty.
    pub fn save_view(
        &self,
        name: &str,
        selection: &Selection,
        order: Option<&Order>,
    ) -> Result<(), WorkbenchError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(WorkbenchError::new(ErrorCode::BadQuery, "a saved view needs a name"));
        }
        let filter = selection.filter.clone().unwrap_or_default();
        filter::parse(&filter, FLOW_FIELDS).map_err(store::StoreError::from)?;
        let order = order
            .map(|order| format!("{}{}", order.field, if order.descending { ":desc" } else { "" }));
        self.record(Act::ViewSaved {
            name: name.to_owned(),
            filter,
            from: selection.from.map(moment::microseconds),
            to: selection.to.map(moment::microseconds),
            order,
            all_sources: selection.all_sources,
        })?;
        Ok(())
    }

    /// Gives up the name of a selection.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is none of that name.
    pub fn forget_view(&self, name: &str) -> Result<(), WorkbenchError> {
        self.saved_view(name)?;
        self.record(Act::ViewForgotten { name: name.to_owned() })?;
        Ok(())
    }

    /// The selection of that name and its order.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is none of that name.
    pub fn saved_view(&self, name: &str) -> Result<(Selection, Option<Order>), WorkbenchError> {
        let missing = || WorkbenchError::not_found(format!("saved view {name:?}"));
        let view = self.state().views.remove(name).ok_or_else(missing)?;
        let time = |text: Option<String>| text.as_deref().and_then(moment::parse_microseconds);
        let selection = Selection {
            filter: Some(view.filter).filter(|filter| !filter.is_empty()),
            from: time(view.from),
            to: time(view.to),
            all_sources: view.all_sources,
        };
        Ok((selection, view.order.as_deref().map(order)))
    }
}

/// Reads `bytes:desc`.
pub fn order(text: &str) -> Order {
    match text.rsplit_once(':') {
        Some((field, "desc")) => Order { field: field.to_owned(), descending: true },
        Some((field, "asc")) => Order { field: field.to_owned(), descending: false },
        _ => Order { field: text.to_owned(), descending: false },
    }
}
