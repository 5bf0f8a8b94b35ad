//! The page's types, generated from the wire types and the tables of commands and jobs.

use crate::{Progress, commands};
use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use ts_rs::{Config, TS, TypeVisitor};

const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/lib/bindings.ts");
const HEAD: &str = "// Generated from the wire types of `workbench`; do not edit.
// `UPDATE_BINDINGS=1 cargo test --workspace the_pages_types` writes it.\n";

/// What was declared so far.
pub(crate) struct Declared {
    config: Config,
    seen: HashSet<TypeId>,
    types: BTreeMap<String, String>,
    lines: String,
}

impl Declared {
    fn new() -> Self {
        Self {
            // Every number on the wire stays below 2^53, which a page's numbers hold exactly.
            config: Config::default().with_large_int("number"),
            seen: HashSet::new(),
            types: BTreeMap::new(),
            lines: String::new(),
        }
    }

    /// A line of a table.
    pub(crate) fn line<Request: TS + 'static, Response: TS + 'static>(
        &mut self,
        name: &str,
        doc: &[&str],
    ) {
        self.visit::<Request>();
        self.visit::<Response>();
        for doc in doc {
            let _ = writeln!(self.lines, "  /**{doc} */");
        }
        let (request, response) = (Request::name(&self.config), Response::name(&self.config));
        let _ = writeln!(self.lines, "  {name}: {{ request: {request}; response: {response} }};");
    }

    fn table(&mut self, doc: &str, name: &str, declare: fn(&mut Self)) -> String {
        declare(self);
        let lines = std::mem::take(&mut self.lines);
        format!("\n/** {doc} */\nexport interface {name} {{\n{lines}}}\n")
    }
}

impl TypeVisitor for Declared {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            self.types.insert(T::ident(&self.config), T::decl(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn generated() -> String {
    let mut declared = Declared::new();
    let commands = declared.table(
        "Questions that are answered at once: what goes in, what comes out.",
        "Commands",
        commands::declare_commands,
    );
    let jobs = declared.table(
        "Long acts: they tell how far they are, and can be cancelled.",
        "Jobs",
        commands::declare_jobs,
    );
    declared.visit::<Progress>();
    declared.visit::<crate::wire::FlowPage>();
    declared.visit::<crate::wire::ErrorObject>();
    let types: String =
        declared.types.values().map(|declaration| format!("export {declaration}\n")).collect();
    format!("{HEAD}\n{types}{commands}{jobs}")
}

#[test]
fn the_pages_types_are_those_of_the_wire() {
    let generated = generated();
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(PLACE, &generated).expect("the page's types can be written");
    }
    let kept = std::fs::read_to_string(PLACE).expect("the page's types can be read");
    assert!(kept == generated, "{PLACE} is stale: see its head");
}
