"""A server of PostgreSQL for tests: in a folder of its own, on a socket in it and on loopback, as a user without rights.

It says where it is in one line of JSON, is started again whenever it has ended, and ends with its standard input. Options
are settings of the server, `name=value`; `standby` makes it one that only repeats what another has written, and `once` one
that is not started again."""

import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

NOBODY = 65534


def programs():
    """The folder of the newest server that is installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if not found:
        sys.exit("no server of PostgreSQL is installed")
    return os.path.dirname(found[-1])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    folder = tempfile.mkdtemp(prefix="airlock-pg-")
    identity = {}
    if os.geteuid() == 0:
        # The server refuses to run as the superuser.
        os.chown(folder, NOBODY, NOBODY)
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    data, port, binaries = os.path.join(folder, "data"), free_port(), programs()
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    password = os.path.join(folder, "password")
    with open(password, "w") as file:
        file.write("top/secret@word\n")
    os.chmod(password, 0o644)
    try:
        subprocess.run(
            [f"{binaries}/initdb", "-D", data, "-U", "relay", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8",
             "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"],
            check=True, **quiet, **identity)
        settings = [word for word in sys.argv[1:] if "=" in word]
        if "standby" in sys.argv[1:]:
            open(os.path.join(data, "standby.signal"), "w").close()
        command = [f"{binaries}/postgres", "-D", data, "-p", str(port), "-k", folder]
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=300"] + settings:
            command += ["-c", setting]
        over = threading.Event()
        server = subprocess.Popen(command, **quiet, **identity)

        def watch():
            nonlocal server
            while not over.is_set():
                server.wait()
                if "once" in sys.argv[1:]:
                    return
                if not over.wait(0.3):
                    server = subprocess.Popen(command, **quiet, **identity)

        threading.Thread(target=watch, daemon=True).start()
        for _ in range(200):
            ready = subprocess.run(
                [f"{binaries}/pg_isready", "-q", "-h", folder, "-p", str(port), "-U", "relay"], **quiet)
            if ready.returncode == 0:
                break
            over.wait(0.1)
        print(json.dumps({"folder": folder, "port": port}), flush=True)
        sys.stdin.read()
        over.set()
        server.send_signal(signal.SIGQUIT)
        server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
