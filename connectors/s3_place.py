"""A bucket on an S3 server, what of it is ours, and how we prove who we are."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from data_contracts.errors import ConfigurationError

REGION = "us-east-1"
"""What servers that know no regions expect."""

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_URL = re.compile(rf"s3://({BUCKET.pattern})(?:/(.*))?")
_KEYS = {"access_key", "secret_key", "session_token"}


@dataclass(frozen=True)
class S3Place:
    """`prefix` is empty or ends with `/`. Without an endpoint, Amazon's of the region. `timeout_seconds`: silence that
    is borne; `attempts`: of each request, with growing pauses between them."""

    bucket: str
    credentials_file: Path
    prefix: str = ""
    endpoint: str = ""
    region: str = REGION
    timeout_seconds: int = 60
    attempts: int = 5

    def shown(self, key: str = "") -> str:
        """Where something lies, for messages."""
        server = f" at {self.endpoint}" if self.endpoint else ""
        return f"s3://{self.bucket}/{self.prefix}{key}{server}"


@dataclass(frozen=True)
class Credentials:
    """What a credentials file holds; never shown."""

    access_key: str
    secret_key: str
    session_token: str | None

    def __repr__(self) -> str:
        return "Credentials(***)"


def bucket_and_prefix(url: str) -> tuple[str, str] | None:
    """Bucket and prefix of `s3://bucket/prefix`, the prefix empty or with its last slash; None for another text."""
    match = _URL.fullmatch(url)
    if match is None:
        return None
    prefix = (match[2] or "").strip("/")
    if any(not part or part.startswith(".") for part in prefix.split("/")) and prefix:
        return None
    return match[1], f"{prefix}/" if prefix else ""


def read_credentials(path: Path) -> Credentials:
    """The credentials of a TOML file with `access_key`, `secret_key` and perhaps `session_token`.

    Errors   ConfigurationError when it cannot be read, lacks one, or others than its owner can read it.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise _unusable(path, "others than its owner can read it", "chmod 600 the file")
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, str(error), "name the file that holds them") from error
    except tomllib.TOMLDecodeError:
        # Not chained: the parser's message may quote a line of the file.
        raise _unusable(path, "not TOML", "write access_key and secret_key, each as a text") from None
    texts = {name: value for name, value in values.items() if name in _KEYS and isinstance(value, str) and value}
    if len(texts) != len(values) or not {"access_key", "secret_key"} <= texts.keys():
        raise _unusable(path, "keys are missing or unknown", "write access_key and secret_key, each as a text")
    return Credentials(texts["access_key"], texts["secret_key"], texts.get("session_token"))


def _unusable(path: Path, value: str, remedy: str) -> ConfigurationError:
    return ConfigurationError("credentials of an S3 server cannot be read", where=str(path), value=value, remedy=remedy)
