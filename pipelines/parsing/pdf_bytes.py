"""The bytes of a PDF, which a reader may ask for so often and no more.

A file decides what its reader does: loops, recovery, texts of millions of characters. Whatever it is, each step of it
asks for bytes, so counting them bounds the time; and the same file always ends at the same step.
"""

from __future__ import annotations

import io

from pypdf.errors import LimitReachedError

from data_contracts import limits


class MeteredBytes(io.BytesIO):
    """A stream in memory.

    Errors   pypdf's LimitReachedError once PDF_READS_MAX reads and seeks, or PDF_READ_BYTES_MAX bytes, were asked for.
             The reader may swallow it: `spent` says that it was raised.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.spent = False
        self._reads_left = limits.PDF_READS_MAX
        self._bytes_left = limits.PDF_READ_BYTES_MAX

    def read(self, size: int | None = -1, /) -> bytes:
        return self._counted(super().read(size))

    def getvalue(self) -> bytes:
        return self._counted(super().getvalue())

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._counted(b"")
        return super().seek(offset, whence)

    def _counted(self, given: bytes) -> bytes:
        self._reads_left -= 1
        self._bytes_left -= len(given)
        if self._reads_left < 0 or self._bytes_left < 0:
            self.spent = True
            raise LimitReachedError("the PDF takes too many reads")
        return given
