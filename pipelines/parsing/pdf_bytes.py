"""The bytes of a PDF, which a reader may ask for so often and no more.

A file decides what its reader does: loops, recovery, texts of millions of characters. Whatever it is, each step of it
asks for bytes, so counting them bounds the time; and the same file always ends at the same step.
"""

from __future__ import annotations

import io

from pypdf.errors import LimitReachedError

from data_contracts import limits


class MeteredBytes:
    """A stream of bytes in memory, as far as pypdf needs one: there is no other way to them.

    Errors   pypdf's LimitReachedError once PDF_READS_MAX reads and seeks, or `bytes_max` bytes, were asked for.
             The reader may swallow it: `spent` says that it was raised.
    """

    def __init__(self, data: bytes, bytes_max: int = limits.PDF_READ_BYTES_MAX) -> None:
        self.spent = False
        self._stream = io.BytesIO(data)
        self._reads_left = limits.PDF_READS_MAX
        self._bytes_left = bytes_max

    def read(self, size: int = -1, /) -> bytes:
        given = self._stream.read(size)
        self._counted(len(given))
        return given

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._counted(0)
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def _counted(self, size_bytes: int) -> None:
        self._reads_left -= 1
        self._bytes_left -= size_bytes
        if self._reads_left < 0 or self._bytes_left < 0:
            self.spent = True
            raise LimitReachedError("the PDF takes too many reads")
