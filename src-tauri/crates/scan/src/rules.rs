//! Rule texts to rules that can be run.

use yara_x::{Compiler, SourceCode, errors::CompileError};

/// The rule files that come with the program: name and text, as [`Rules::compile`] takes them.
pub const SHIPPED: &[(&str, &str)] = &[("eicar.yar", include_str!("../rules/eicar.yar"))];

/// Compiled rules.
pub struct Rules {
    pub(crate) compiled: yara_x::Rules,
    warnings: Vec<String>,
}

/// A rule text that is not valid YARA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}, line {line}: {message}")]
pub struct RuleError {
    /// Name of the source, as given to [`Rules::compile`].
    pub origin: String,
    /// 1-based line of that source.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl Rules {
    /// Compiles `sources`, each a name and its text. The name is the namespace of the source's rules, so
    /// that two files may use the same rule name. A source may not include another file.
    pub fn compile(sources: &[(&str, &str)]) -> Result<Self, RuleError> {
        let mut compiler = Compiler::new();
        compiler.enable_includes(false);
        for &(name, text) in sources {
            let source = SourceCode::from(text).with_origin(name);
            compiler
                .new_namespace(name)
                .add_source(source)
                .map_err(|error| rule_error(name, text, &error))?;
        }
        let warnings = compiler.warnings().iter().map(|warning| warning.to_string()).collect();
        Ok(Self { compiled: compiler.build(), warnings })
    }

    /// What the compiler found doubtful but accepted, for example a pattern that slows every scan down.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many rules there are.
    pub fn count(&self) -> usize {
        self.compiled.iter().count()
    }
}

fn rule_error(name: &str, text: &str, error: &CompileError) -> RuleError {
    let label = error.labels().next();
    let offset = label.as_ref().map_or(0, |label| label.span().start());
    let lines_before = text.bytes().take(offset).filter(|&byte| byte == b'\n').count();
    let detail = label.map(|label| label.text().to_owned()).unwrap_or_default();
    let message = match error.title() {
        title if detail.is_empty() => title.to_owned(),
        title => format!("{title}: {detail}"),
    };
    RuleError { origin: name.to_owned(), line: lines_before + 1, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> RuleError {
        Rules::compile(&[("first.yar", "rule fine { condition: true }"), ("second.yar", text)])
            .err()
            .expect("the second source is not valid")
    }

    #[test]
    fn the_shipped_rules_compile_without_a_warning() {
        let rules = Rules::compile(SHIPPED).unwrap();
        assert_eq!(rules.count(), SHIPPED.len());
        assert_eq!(rules.warnings(), &[] as &[String]);
    }

    #[test]
    fn an_error_names_source_line_and_cause() {
        let error = error("rule broken {\n  condition:\n    $missing\n}");
        assert_eq!((error.origin.as_str(), error.line), ("second.yar", 3));
        assert!(error.to_string().starts_with("second.yar, line 3: unknown pattern"), "{error}");
    }

    #[test]
    fn a_rule_text_cannot_read_another_file() {
        assert_eq!(error("include \"/etc/passwd\"").line, 1);
    }

    #[test]
    fn two_sources_may_use_the_same_rule_name() {
        let text = "rule same { condition: true }";
        assert_eq!(Rules::compile(&[("a.yar", text), ("b.yar", text)]).unwrap().count(), 2);
    }
}
