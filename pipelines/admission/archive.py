"""The members of an archive, whatever its format: streamed, bounded, and refused by name when in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pipelines.admission.content import HEAD_BYTES, Content, content_of
from pipelines.admission.gzip_stream import GzipReader, exactly
from pipelines.admission.member import Allowance, Member
from pipelines.admission.refusals import empty_flow, mistyped
from pipelines.admission.tar_archive import tar_members
from pipelines.admission.zip_archive import zip_members


def members(stream: BinaryIO, size_bytes: int) -> Iterator[Member]:
    """The files of a tar, tar.gz or zip, in the archive's order; a member that is itself an archive is not opened.

    `stream` is seekable and holds `size_bytes` bytes; nothing is ever written to disk. The bytes of a member, and the
    archive as a whole, are proved only when the iterator has ended without refusal: keep nothing before.

    Errors   FlowRefused with IRR_EXTRAC, IRR_NOM_F, IRR_VIDE, IRR_VIDE_F, IRR_TAILLE, IRR_TAILLE_F, or IRR_TYPE when
             the bytes are no archive.
    Cost     one pass; memory of a few chunks and of the members' names.
    """
    allowance = Allowance()
    count = 0
    for member in _members(stream, size_bytes, allowance):
        count += 1
        yield member
    if count == 0:
        raise empty_flow("admission-archive-empty")


def _members(stream: BinaryIO, size_bytes: int, allowance: Allowance) -> Iterator[Member]:
    stream.seek(0)
    head = exactly(stream, min(HEAD_BYTES, size_bytes))
    stream.seek(0)
    content = content_of(head)
    if content is Content.GZIP:
        return tar_members(GzipReader(stream), allowance)
    if content is Content.TAR:
        return tar_members(stream, allowance)
    if content is Content.ZIP:
        return zip_members(stream, size_bytes, allowance)
    raise mistyped("admission-no-archive", head[:8].hex())
