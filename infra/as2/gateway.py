"""The AS2 gateway of a home, in the background: `python -m infra.as2.gateway up|down --home FOLDER [--port N]`.

Beside the home's files lie `as2.pid` and `as2.log`.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PID, LOG = "as2.pid", "as2.log"
WAIT_SECONDS_MAX = 60.0
READY = "AS2 gateway listens on "

_started: list[subprocess.Popen[bytes]] = []
"""Gateways outlive who starts them: dropping the handle of one that runs is warned of."""


class GatewayFailed(Exception):
    """The gateway did not start; `str()` holds the end of its log."""


def start_gateway(home: Path, port: int = 0) -> str:
    """The address of the gateway, which runs in a session of its own; port 0 takes any free one. Started once.

    Errors   GatewayFailed.
    """
    if is_up(home):
        return _address(home)
    log = home / LOG
    log.write_bytes(b"")
    command = [sys.executable, "-m", "relais", "as2", "serve", "--home", str(home), "--port", str(port)]
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, start_new_session=True
        )
    _started.append(process)
    (home / PID).write_text(str(process.pid))
    limit = time.monotonic() + WAIT_SECONDS_MAX
    while not _address(home):
        if process.poll() is not None or time.monotonic() > limit:
            raise GatewayFailed(log.read_text()[-1000:])
        time.sleep(0.05)
    return _address(home)


def stop_gateway(home: Path, how: signal.Signals = signal.SIGTERM) -> None:
    """Nothing; the gateway has ended. A no-op when it does not run."""
    if is_up(home):
        process = int((home / PID).read_text())
        os.kill(process, how)
        limit = time.monotonic() + WAIT_SECONDS_MAX
        while is_up(home) and time.monotonic() < limit:
            _reap(process)
            time.sleep(0.05)
    (home / PID).unlink(missing_ok=True)


def is_up(home: Path) -> bool:
    """Whether the process is that of this home's gateway."""
    try:
        process = int((home / PID).read_text())
        command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return False
    return str(home).encode() in command


def _address(home: Path) -> str:
    lines = [line for line in (home / LOG).read_text().splitlines() if line.startswith(READY)]
    return f"http://{lines[-1].removeprefix(READY)}/as2" if lines else ""


def _reap(process: int) -> None:
    """Take note of the end of a child of ours; that of another's is none of our business."""
    try:
        os.waitpid(process, os.WNOHANG)
    except ChildProcessError:
        return


def main() -> int:
    """Exit code 0, or 1 when the gateway does not start."""
    parser = argparse.ArgumentParser(prog="python -m infra.as2.gateway", description=__doc__)
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--home", type=Path, required=True, help="home with relais.toml and channels.toml")
    parser.add_argument("--port", type=int, default=0, help="port; any free one if left out")
    given = parser.parse_args()
    home = given.home.absolute()
    try:
        if given.action == "down":
            stop_gateway(home)
        else:
            print(start_gateway(home, given.port))
    except GatewayFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
