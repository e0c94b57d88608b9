//! What each word puts into the configuration.

use super::config;
