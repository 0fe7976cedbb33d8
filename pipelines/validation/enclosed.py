"""What comes with an invoice: the files attached to it, and the PDF that it is embedded in, judged together."""

from __future__ import annotations

from collections.abc import Sequence

from data_contracts.answers import FindingRow
from pipelines.parsing.opening import Kind, Opened
from pipelines.parsing.path_tables import Batch
from pipelines.parsing.sent_attachments import Sent
from pipelines.validation.attachment_findings import attachment_findings


def enclosed_findings(
    one: Opened, kind: Kind, sent: Sequence[Sent], batch: Batch, *, named: bool, mixed: bool
) -> list[FindingRow]:
    """The findings of one document: those of its PDF, if it is one, then those of its attachments.

    Shape    `sent` are the attachments in its XML; the files that a PDF embeds beside the invoice come before them.
    Errors   DocumentUnreadable when the files that a PDF embeds cannot be reached.
    """
    if one.pdf is None:
        return attachment_findings(one.document, sent, batch, named=named, mixed=mixed)
    # The reader of PDF is loaded already, as the document is one.
    from pipelines.parsing.facturx_pdf import other_files
    from pipelines.validation.facturx_findings import facturx_findings

    files = other_files(one.document.data) if one.pdf.others else []
    return [
        *facturx_findings(one.document, one.pdf, kind.specification),
        *attachment_findings(one.document, [*files, *sent], batch, named=named, mixed=mixed),
    ]
