//! `reload`: loads the configuration again, in the process that runs.
//!
//! Ours: HAProxy has this command on its master's socket only. The answer has the same shape, and comes
//! when the new configuration is in force, or is refused and nothing has changed.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::proxy::ReloadResult;
use crate::settings::AccessLevel;
use tokio::sync::oneshot;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "reload",
    "",
    "loads the configuration again",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let (told, result) = oneshot::channel();
    // Nobody listens any more if the client has gone.
    call.control
        .orders()
        .reload(|result| drop(told.send(result)));
    Answer::Later(Box::pin(async move {
        Answer::text(match result.await {
            Ok(result) => report(&result),
            Err(_) => report(&Err("the process is stopping".to_owned())),
        })
    }))
}

/// What the client is told.
fn report(result: &ReloadResult) -> String {
    match result {
        Ok(reloaded) => format!("Success=1\n--\n{reloaded}\n"),
        Err(why) => format!("Success=0\n--\n{}\n", why.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::Reloaded;

    #[test]
    fn answers() {
        let check = |result: ReloadResult, expected: &str| assert_eq!(report(&result), expected);
        let reloaded = Reloaded {
            generation: 2,
            opened: 0,
            kept: 3,
            closed: 1,
            took_ms: 4,
        };
        check(
            Ok(reloaded),
            "Success=1\n--\nconfiguration 2 is in force (sockets: 3 kept, 0 opened, 1 closed; 4 ms)\n",
        );
        check(Err("no\n\n".to_owned()), "Success=0\n--\nno\n");
    }
}
