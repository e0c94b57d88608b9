//! The proxy's own answers: the built-in ones, and those read from `errorfile`.

use crate::compile::config::{ErrorPage, ErrorPages};

/// The built-in answers by status.
pub fn builtin() -> ErrorPages {
    ErrorPages::new()
}

/// Reads the bytes of an `errorfile`: a whole raw response; nothing at all closes silently.
///
/// # Errors
/// Says what is wrong with it, as a phrase to follow the file's name.
pub fn from_errorfile(_raw: &[u8]) -> Result<ErrorPage, String> {
    Ok(ErrorPage::Silent)
}
