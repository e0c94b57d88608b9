//! What is said about wrong configurations.

use super::run;
