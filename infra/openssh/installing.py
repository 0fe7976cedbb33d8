"""The OpenSSH server program of this machine, installed from Debian's packages when it is absent."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_contracts.errors import ConfigurationError

_PLACES = "/usr/sbin:/usr/local/sbin:/sbin"
_PACKAGE = "openssh-server"
_POLICY = Path("/usr/sbin/policy-rc.d")


def sshd_program() -> Path:
    """The path of sshd; as root, the package is installed if it has to be.

    Errors   ConfigurationError when it is absent and cannot be installed.
    """
    found = _found()
    if found is None:
        _install()
        found = _found()
    if found is None:
        raise ConfigurationError(
            "OpenSSH's server is absent", where="sshd", remedy=f"install the package {_PACKAGE} of your system"
        )
    return found


def _found() -> Path | None:
    # sshd refuses to start unless it is called by its whole path.
    path = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:{_PLACES}")
    return None if path is None else Path(path).resolve()


def _install() -> None:
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        raise ConfigurationError(
            "OpenSSH's server is absent and only root can install it",
            where="sshd",
            remedy=f"as root: apt-get install --no-install-recommends {_PACKAGE}",
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "--yes", "--no-install-recommends", _PACKAGE]
    with _not_started():
        done = subprocess.run(install, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            # A fresh machine has no package lists yet.
            subprocess.run([apt, "update"], env=environment, capture_output=True, text=True)
            done = subprocess.run(install, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise ConfigurationError(
            "OpenSSH's server could not be installed",
            where=" ".join(install),
            value=done.stderr.strip()[-300:],
            remedy="read what the package manager says, then try again",
        )


@contextmanager
def _not_started() -> Iterator[None]:
    """Debian starts what it installs, and at every boot: that would open the machine's own port 22."""
    forbidden = not _POLICY.exists()
    if forbidden:
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        yield
    finally:
        if forbidden:
            _POLICY.unlink()
        if systemctl := shutil.which("systemctl"):
            subprocess.run([systemctl, "disable", "ssh.service", "ssh.socket"], capture_output=True)
