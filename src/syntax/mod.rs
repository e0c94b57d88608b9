//! Text to tokens to a spanned AST.
//!
//! What lives here: sources and spans, the lexer (words, quotes, escapes, environment), the
//! `.if` directives, the section/statement parser, the AST and its printer, diagnostics and
//! their rendering. What must hold: an error never stops the parse, every node keeps its span,
//! nothing here panics on any input. Deliberately absent: the meaning of any keyword (only
//! section names and the environment words `setenv presetenv resetenv unsetenv` are known), and
//! files: callers hand in text.

mod ast;
mod diagnostic;
mod source;

pub use ast::{Document, Section, SectionKind, Statement, Word};
pub use diagnostic::{Code, Diagnostic, Diagnostics, Label, Severity};
pub use source::{FileId, Position, Sources, Span};
