//! placeholder

mod env;

pub use env::{RunEnvironment, StartError, Stop};

use crate::compile::config::Config;
use std::sync::Arc;

/// Serves until told to stop.
pub fn run(_config: &Arc<Config>, env: RunEnvironment) -> Result<(), StartError> {
    (env.bound)()?;
    (env.ready)();
    let mut stop = env.stop;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers needs nothing");
    let _ = runtime.block_on(stop.wait_for(|stop| *stop != Stop::Not));
    Ok(())
}
