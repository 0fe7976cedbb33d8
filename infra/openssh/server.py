"""An OpenSSH server of our own on loopback: SFTP alone, by key alone, its clients locked into one folder.

As root, clients log in as a user made for this and see the folder as `/`. Without root, sshd can serve only the user
who runs it and cannot lock anyone in: the session then starts in the folder, and paths are those of the machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import shutil
import socket
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from data_contracts.errors import ConfigurationError
from infra.airflow.processes import Component, is_alive, start, stop
from infra.openssh.installing import sshd_program

USER = "relais-sftp"
HOST = "127.0.0.1"
SHARED = Path("/srv/relais-sftp")
"""Where a server lives whose home sshd would not trust: each folder above must belong to root and to no other."""

_START_SECONDS = 10.0
_CONFIGURATION = """\
Port {port}
ListenAddress {host}
HostKey {place}/host_key
PidFile none
LogLevel VERBOSE
UseDNS no
UsePAM no
AuthenticationMethods publickey
AuthorizedKeysFile {place}/authorized_keys
TrustedUserCAKeys {place}/authorities
AllowUsers {user}
MaxStartups 100
MaxSessions 100
AllowTcpForwarding no
AllowAgentForwarding no
AllowStreamLocalForwarding no
X11Forwarding no
PermitTunnel no
PermitTTY no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SftpServer:
    """A server by the place of its files: keys, configuration, log, and what clients see in `files`."""

    place: Path

    @property
    def files(self) -> Path:
        return self.place / "files"

    @property
    def client_key(self) -> Path:
        """The private key of the one client that is let in."""
        return self.place / "client_key"

    @property
    def host_key(self) -> str:
        """The server's public key, as a partner would send it for pinning."""
        return " ".join((self.place / "host_key.pub").read_text().split()[:2])

    @property
    def port(self) -> int:
        return int((self.place / "port").read_text())

    @property
    def user(self) -> str:
        return USER if _is_root() else pwd.getpwuid(os.geteuid()).pw_name

    def seen_as(self, path: Path) -> str:
        """How clients name a path below `files`."""
        return f"/{path.relative_to(self.files)}" if _is_root() else str(path)

    @property
    def component(self) -> Component:
        return Component("sshd", self.place)


def prepared(home: Path, *, port: int | None = None) -> SftpServer:
    """A server ready to start: user, keys, configuration and folder exist. Called again, it keeps keys and port.

    Errors   ConfigurationError when sshd is absent and cannot be installed.
    """
    sshd_program()
    server = placed(home)
    if is_alive(server.component):
        return server
    server.place.mkdir(parents=True, exist_ok=True)
    server.place.chmod(0o755)
    server.files.mkdir(mode=0o755, exist_ok=True)
    if _is_root():
        _make_user()
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for name in ("host_key", "client_key"):
        if not (server.place / name).exists():
            make_key(server.place / name)
    (server.place / "authorized_keys").write_bytes((server.place / "client_key.pub").read_bytes())
    (server.place / "authorities").touch()
    number = port or _usual_port(server)
    (server.place / "port").write_text(str(number))
    (server.place / "sshd_config").write_text(_configuration(server, number))
    return server


def placed(home: Path) -> SftpServer:
    """The server of a home, whether it exists or not."""
    return SftpServer(_trusted_place(home.absolute()))


def start_server(server: SftpServer) -> None:
    """Nothing; the server answers. A no-op if it does already.

    Errors   ConfigurationError with the end of its log when it does not come up.
    """
    if is_alive(server.component):
        return
    command = [str(sshd_program()), "-D", "-e", "-f", str(server.place / "sshd_config")]
    start(server.component, command, {"PATH": os.environ.get("PATH", "")})
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and is_alive(server.component):
        if _answers(server.port):
            return
        time.sleep(0.02)
    log = server.component.log_file
    raise ConfigurationError(
        "OpenSSH's server does not come up",
        where=str(log),
        value=log.read_text(errors="replace").strip()[-300:],
        remedy="correct what the log names",
    )


def cut_connections(server: SftpServer) -> int:
    """How many processes that serve connections were killed, as a crash would; the server goes on listening."""
    serving = connections(server)
    for process in serving:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(serving, timeout=2)
    return len(serving)


def kill_server(server: SftpServer) -> None:
    """Nothing; the server and all its connections are dead, without a word to its clients."""
    serving = connections(server)
    stop([server.component], patience_seconds=0)
    for process in serving:
        if process.is_running():
            process.kill()
    psutil.wait_procs(serving, timeout=2)


def stop_server(server: SftpServer) -> None:
    """Nothing; the server and its connections have ended."""
    cut_connections(server)
    stop([server.component], patience_seconds=2)


def partner_folder(server: SftpServer, partner_code: str) -> Path:
    """A partner's folder with `in` and `out`, which clients may write to."""
    folder = server.files / partner_code
    for path in (folder, folder / "in", folder / "out"):
        path.mkdir(parents=True, exist_ok=True)
        if _is_root():
            shutil.chown(path, USER)
    return folder


def make_key(path: Path) -> None:
    """Nothing; a private key without passphrase lies there, and its public key beside it."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _configuration(server: SftpServer, port: int) -> str:
    text = _CONFIGURATION.format(port=port, host=HOST, place=server.place, user=server.user)
    if _is_root():
        return text + f"ForceCommand internal-sftp\nChrootDirectory {server.files}\n"
    return text + f"ForceCommand internal-sftp -d {server.files}\n"


def connections(server: SftpServer) -> list[psutil.Process]:
    """The processes that serve connections. Each leads a session of its own, so they are found as children."""
    if not is_alive(server.component):
        return []
    listener = psutil.Process(json.loads(server.component.pid_file.read_text())["pid"])
    return list(listener.children(recursive=True))


def _trusted_place(home: Path) -> Path:
    if not _is_root() or _trusted(home):
        return home
    return SHARED / hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def _trusted(path: Path) -> bool:
    """Whether sshd would lock clients into a folder below: it wants every folder above to be root's alone."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    for folder in (existing, *existing.parents):
        status = folder.stat()
        readable = status.st_mode & stat.S_IXOTH
        if status.st_uid != 0 or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or not readable:
            return False
    return True


def _make_user() -> None:
    with Path("/etc/passwd").open("rb") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        if any(line.startswith(f"{USER}:".encode()) for line in users):
            return
        # A new account is locked, and sshd without PAM lets no locked account in: `*` is no password, yet not locked.
        command = ["useradd", "--system", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin"]
        subprocess.run([*command, "--password", "*", USER], check=True, capture_output=True)


def _usual_port(server: SftpServer) -> int:
    """The port of last time, which clients know, or another if it is taken meanwhile."""
    usual = server.port if (server.place / "port").exists() else 0
    for port in (usual, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ConfigurationError("no port is free", where=HOST, remedy="end what holds them")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def _is_root() -> bool:
    return os.geteuid() == 0
