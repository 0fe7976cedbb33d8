"""A real OpenSSH server for the tests of one process, and partners' accounts on it."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.sftp import SftpMailbox, sftp_mailbox
from connectors.sftp_account import SftpAccount
from data_contracts.errors import ConfigurationError
from infra.openssh.server import HOST, SftpServer, kill_server, partner_folder, prepared, start_server

PARTNERS = ("AAA111", "BBB222", "PORTAL")


def running_server() -> SftpServer:
    """The server of this process; the test is skipped where none can be had."""
    made, said = _server()
    if made is None:
        pytest.skip(f"no OpenSSH server: {said}")
    return made


@cache
def _server() -> tuple[SftpServer | None, str]:
    # Root's sshd locks clients in only below folders that belong to root alone, and /tmp is everybody's.
    home = Path(tempfile.mkdtemp(prefix="relais-test-", dir="/srv" if os.geteuid() == 0 else None))
    home.chmod(0o755)
    try:
        made = prepared(home)
        start_server(made)
    except ConfigurationError as error:
        shutil.rmtree(home)
        return None, str(error)
    atexit.register(_removed, made)
    return made, ""


def _removed(made: SftpServer) -> None:
    kill_server(made)
    shutil.rmtree(made.place, ignore_errors=True)


def partner_folders(folder: Path) -> Path:
    """Partners' folders on the server, reached by the test as `folder / "drops"`."""
    root = Path(tempfile.mkdtemp(dir=running_server().files))
    root.chmod(0o755)
    for code in PARTNERS:
        made = partner_folder(running_server(), f"{root.name}/{code}")
        assert made.is_dir()
    (folder / "drops").symlink_to(root)
    return root


def account(root: Path, partner_code: str = "AAA111", **changes: Any) -> SftpAccount:
    """A partner's account below a root of `partner_folders`."""
    server = running_server()
    place = server.seen_as(root / partner_code)
    values: dict[str, Any] = {
        "partner_code": partner_code,
        "host": HOST,
        "port": server.port,
        "user": server.user,
        "key_file": server.client_key,
        "host_keys": (server.host_key,),
        "pickup_folder": f"{place}/in",
        "delivery_folder": f"{place}/out",
        "timeout_seconds": 10,
    }
    return SftpAccount(**values | changes)


def accounts_mailbox(folder: Path, **changes: Any) -> SftpMailbox:
    """A mailbox of all partners on fresh folders."""
    root = partner_folders(folder)
    return sftp_mailbox(account(root, code, **changes) for code in PARTNERS)
