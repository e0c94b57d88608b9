//! Text to tokens to a spanned AST.
//!
//! What lives here: sources and spans, the lexer (words, quotes, escapes, environment), the
//! `.if` directives, the section/statement parser, the AST and its printer, the formatter, diagnostics and
//! their rendering. What must hold: an error never stops the parse, every node keeps its span,
//! nothing here panics on any input. Deliberately absent: the meaning of any keyword (only
//! section names and the environment words `setenv presetenv resetenv unsetenv` are known), and
//! files: callers hand in text.

mod ast;
pub mod codes;
mod condition;
mod conditional;
mod diagnostic;
mod directive;
mod environment;
mod fmt;
mod fuzz;
mod lexer;
mod parser;
mod print;
pub mod render;
mod source;
mod suggest;
mod version;

pub use ast::{Document, Section, SectionKind, Statement, Word};
pub use condition::{ConditionError, Facts, evaluate_condition};
pub use diagnostic::{Code, Diagnostic, Diagnostics, Label, Severity};
pub use environment::Environment;
pub use fmt::fmt;
pub use fuzz::fuzz_entry;
pub use parser::parse;
pub use print::print;
pub use source::{FileId, Position, Sources, Span};
pub use suggest::{closest, start_over as start_suggestions_over};
