//! TG09xx: files, start and run time.

use super::{Page, page, told};
use crate::cli::codes as cli;
use crate::proxy;
use crate::vocab::{codes, guid};

pub(super) const PAGES: &[Page] = &[
    told(
        cli::NO_FILE,
        "no configuration file",
        "Nothing says what to do.",
        "`tidegate -c`",
        "`tidegate -c -f tidegate.cfg`",
    ),
    told(
        cli::UNREADABLE_FILE,
        "a configuration file that cannot be read",
        "The file does not exist, or this user may not read it.",
        "`tidegate -f missing.cfg`",
        "`tidegate -f tidegate.cfg`",
    ),
    told(
        cli::EMPTY_DIRECTORY,
        "a directory without configuration files",
        "Of a directory, the files whose names end in `.cfg` are read, in the order of their names.",
        "`tidegate -f /etc/tidegate/conf.d` where it holds no `*.cfg`",
        "The same with `/etc/tidegate/conf.d/10-web.cfg`.",
    ),
    page(
        guid::BAD_GUID,
        "an identifier that is no word, or another object's",
        "`guid` and `guid-prefix` name objects in files of statistics, whatever their names are later.",
        "backend app\n    guid app\n    server s1 127.0.0.1:8080 guid app\n",
        "backend app\n    guid app\n    server s1 127.0.0.1:8080 guid app-s1\n",
    ),
    told(
        cli::PID_FILE,
        "a pid file that cannot be written",
        "The directory does not exist, or this user may not write there.",
        "`tidegate -f tidegate.cfg -p /missing/pid`",
        "`tidegate -f tidegate.cfg -p /run/tidegate.pid`",
    ),
    told(
        cli::PRIVILEGES,
        "privileges that cannot be given up",
        "`user`, `group`, `uid`, `gid` and `chroot` need root. Going on with more rights than asked for would be worse than not starting.",
        "`user www-data` in a configuration that an ordinary user starts",
        "The line removed, or the process started by root.",
    ),
    told(
        cli::THREADS,
        "a thread that cannot be started",
        "The machine or the limits of this process allow no more threads.",
        "A process limit (`ulimit -u`) that is reached.",
        "A higher limit, or a smaller `nbthread`.",
    ),
    told(
        cli::NO_LISTENER,
        "nothing listens",
        "Without any `bind` line or `stats socket` there is nothing to serve.",
        "A configuration of backends only.",
        "The same with a `frontend` that has a `bind` line.",
    ),
    told(
        cli::DETACH,
        "the process cannot detach",
        "`-D` or `daemon` starts a copy in the background, and that failed.",
        "`tidegate -D -f tidegate.cfg` where no process can be started.",
        "The same without `-D`, under a service manager.",
    ),
    told(
        cli::WORKER_PROCESS,
        "a worker process that cannot be started",
        "`-W` and `-Ws` start this program again as a worker, and that failed.",
        "A limit of processes (`ulimit -u`) that is reached.",
        "A higher limit, or no `-W`: the process then serves by itself, and reloads too.",
    ),
    told(
        cli::MASTER_SOCKET,
        "a master socket that cannot be opened",
        "`-S` takes an address as `bind` does, and options of `stats socket` after commas.",
        "`-S /nonexistent/master.sock`.",
        "`-S /run/master.sock,mode,600`.",
    ),
    told(
        cli::NO_TAKE_OVER,
        "an old process that does not give its sockets",
        "`-x` takes the listening sockets of a running process through its stats socket, so that none of them is closed in between.",
        "`-x /run/tidegate.sock` where nobody listens, or whose line has no `expose-fd listeners`.",
        "`stats socket /run/tidegate.sock level admin expose-fd listeners` in the configuration of the old process.",
    ),
    page(
        codes::UNREADABLE_FILE,
        "a file of the configuration that cannot be read",
        "Files that statements name are read when the configuration is loaded.",
        "defaults\n    errorfile 503 /none.http\n",
        "defaults\n    errorfile 503 /503.http\n",
    ),
    page(
        codes::BAD_FILE,
        "a file whose content cannot be used",
        "The file was read, and is not what the statement needs: an `errorfile` holds a whole HTTP response, status line and headers included.",
        "defaults\n    errorfile 503 /long\n",
        "defaults\n    errorfile 503 /503.http\n",
    ),
    told(
        proxy::CANNOT_BIND,
        "an address that cannot be listened on",
        "Another process listens there, the address is not this machine's, or the port needs root.",
        "Two processes with `bind :80`.",
        "The other process stopped, or `-sf` with its pid.",
    ),
    told(
        proxy::WORKER_START,
        "a worker that cannot start",
        "The machine or the limits of this process allow no more threads or descriptors.",
        "A limit of descriptors (`ulimit -n`) that is reached.",
        "A higher limit.",
    ),
];
