"""Our OpenSSH server, started and stopped: `python -m infra.openssh.service up|down --home FOLDER`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from connectors.channels import FILE_NAME
from data_contracts.errors import ConfigurationError
from infra.account_file import write_accounts
from infra.openssh.server import (
    HOST,
    SftpServer,
    partner_folder,
    placed,
    prepared,
    start_server,
    stop_server,
)


def channels_text(server: SftpServer, partner_codes: list[str]) -> str:
    """What channels.toml says of partners whose accounts are on this server, each with its own folders."""
    lines: list[str] = []
    for code in partner_codes:
        place = server.seen_as(server.files / code)
        values = {
            "host": HOST,
            "port": server.port,
            "user": server.user,
            "key_file": str(server.client_key),
            "host_keys": [server.host_key],
            "pickup_folder": f"{place}/in",
            "delivery_folder": f"{place}/out",
        }
        lines.append(f"[partners.{code}.sftp]")
        # JSON texts, numbers and lists of texts are TOML values.
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Exit code 0, or 2 when the server cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m infra.openssh.service", description=__doc__)
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--home", type=Path, default=Path("var/openssh"), help="its keys, log and files")
    parser.add_argument("--partners", default="", metavar="CODE[,CODE]", help="partners who get a folder each")
    parser.add_argument("--channels", type=Path, metavar="HOME", help=f"write their accounts to {FILE_NAME} there")
    given = parser.parse_args()
    try:
        if given.action == "down":
            stop_server(placed(given.home))
            return 0
        server = prepared(given.home)
        start_server(server)
        codes = [code for code in given.partners.split(",") if code]
        for code in codes:
            partner_folder(server, code)
        if given.channels is not None:
            write_accounts(given.channels / FILE_NAME, channels_text(server, codes))
        print(f"sftp://{server.user}@{HOST}:{server.port}, files in {server.files}, key {server.client_key}")
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
