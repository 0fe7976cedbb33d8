"""The original invoice as a pivot carries it: zipped alone, in base64, under a name that says whose it is."""

from __future__ import annotations

import base64
import re
import zipfile
from io import BytesIO

from data_contracts.answers import InvoiceRow
from data_contracts.errors import ContractBroken
from data_contracts.limits import ATTACHMENT_NAME_CHARACTERS_MAX

EXTENSIONS = {"application/pdf": ".pdf", "application/xml": ".xml"}
CATEGORIES = {"application/pdf": "Facture PDF", "application/xml": "Facture XML"}
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a ZIP entry can be dated: a date that depends on nothing."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_UNIX = 3
_REGULAR_FILE = 0o100644 << 16


def original_name(invoice: InvoiceRow, media_type: str) -> str:
    """`FAC{seller}{number}.xml`, at most 50 characters, each unsafe one replaced by `_`.

    Errors   ContractBroken for a media type that an original cannot have.
    Source   DSE-CP p. 50 (length); names of official pivots.
    """
    if media_type not in EXTENSIONS:
        raise ContractBroken(
            "an original is XML or PDF", where=f"{invoice['flow_key']}/{invoice['position']}", value=media_type
        )
    extension = EXTENSIONS[media_type]
    stem = _UNSAFE.sub("_", f"FAC{invoice['seller_id'] or ''}{invoice['number'] or ''}")
    return stem[: ATTACHMENT_NAME_CHARACTERS_MAX - len(extension)] + extension


def zipped_base64(name: str, content: bytes) -> str:
    """One file zipped under its name and written in base64. Same file, same text."""
    buffer = BytesIO()
    entry = zipfile.ZipInfo(name, date_time=EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = _UNIX
    entry.external_attr = _REGULAR_FILE
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, content)
    return base64.b64encode(buffer.getbuffer()).decode("ascii")
