"""Limits, each with its unit and its reason. Nothing in Relais is unbounded.

Sources: DSE-CP (Chorus Pro external specifications v1.0) paragraph 5.4.1; sizes measured on 18,218 public invoices
(deflate ratio at most 18.7, depth at most 15, 956 elements, 3.3 MB).
"""

from __future__ import annotations

KILOBYTE = 1_000
MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000

FLOW_BYTES_MAX = 1 * GIGABYTE
"""Bytes of one flow as dropped. DSE-CP 5.4.1: 1 GB."""

MEMBER_BYTES_MAX = 100 * MEGABYTE
"""Bytes of one invoice file, unzipped. DSE-CP 5.4.1: 100 MB."""

UNPACKED_BYTES_MAX = 2 * GIGABYTE
"""Bytes of all members of one flow, unzipped. Twice the flow limit: XML deflates more, but not legally beyond this."""

MEMBERS_MAX = 50_000
"""Members of one archive. A hundred times the 500 invoices that an E1 flow may hold."""

MEMBER_NAME_BYTES_MAX = 255
"""UTF-8 bytes of a member's name."""

MEMBER_RATIO_MAX = 200
"""Unzipped to zipped bytes of one archive, applied once RATIO_FREE_BYTES are out. Ten times the
largest ratio measured."""

RATIO_FREE_BYTES = 1 * MEGABYTE
"""Bytes that an archive may unpack to before its ratio is looked at: tiny files compress without measure."""

TAR_HEADER_BYTES_MAX = 64 * KILOBYTE
"""Bytes of extended (pax, GNU long name) headers of one member."""

XML_DEPTH_MAX = 64
"""Nesting of elements. Four times the deepest public invoice."""

XML_ELEMENTS_MAX = 2_000_000
"""Elements of one document: a 100,000-line invoice has about 1.5 million."""

TREE_NODES_MAX = 250_000
"""Elements and attributes of a document that may become a tree in memory: an invoice of 10,000 lines has 240,127. Each
takes 140 to 280 bytes there, so that a worker stays under 300 MB. What has more is a large document: it must be valid
by its schema, and is read from its bytes alone."""

XML_TEXT_BYTES_MAX = 1 * MEGABYTE
"""Bytes from one tag to the next where no attachment is: texts of public invoices have some thousands. Rules copy and
match a text many times, and longer ones would hold a worker for minutes."""

XML_ATTRIBUTES_MAX = 64
"""Attributes of one element."""

XML_PATHS_MAX = 5_000
"""Different paths of elements and attributes in one document, a path being the names from the root down. Invoices have
up to 258; no public one has as many elements. Each path of a batch becomes a table."""

XML_DECLARATIONS_MAX = 300_000
"""Times that one document spells `xmlns`. Invoices declare 2 to 7 namespaces; some tools declare one on each element,
which leaves room for an invoice of 20,000 lines."""

INVOICE_ROWS_MAX = 200_000
"""Lines and VAT groups of one invoice: each becomes a row in memory. Twice a 100,000-line invoice."""

PDF_BYTES_MAX = MEMBER_BYTES_MAX
"""Bytes of one Factur-X PDF."""

PDF_ATTACHMENT_BYTES_MAX = 20 * MEGABYTE
"""Bytes of the XML embedded in a PDF, inflated."""

PDF_STRUCTURE_BYTES_MAX = 1 * MEGABYTE
"""Bytes of one stream of a PDF's own structure (cross-references, packed objects), inflated: 200,000 objects."""

PDF_READS_MAX = 200_000
"""Times that reading a PDF may go to its bytes. A hundred times what the most laborious of 64 Factur-X files takes."""

PDF_READ_BYTES_MAX = 30 * MEGABYTE
"""Bytes that reading a PDF may ask for in all: its XML, and 10 MB of structure. Pages and pictures are never read."""

ATTACHMENT_NAME_CHARACTERS_MAX = 50
"""Characters of an attachment's name with its extension; longer names are cut to it. DSE-CP p. 50."""

ATTACHMENT_BYTES_MAX = 100 * MEGABYTE
"""Bytes of one attachment, taken out of its base64 and zip. DSE-CP 5.4.1: 100 MB on the EDI channel."""

ATTACHMENTS_BYTES_MAX = 2 * ATTACHMENT_BYTES_MAX
"""Bytes of all attachments of one invoice, unpacked: each is unpacked once to be proved, so this bounds the time."""

ATTACHMENTS_MAX = 1_000
"""Attachments of one invoice. Official samples have one; public invoices at most three."""

INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO = 20
"""Characters of an invoice number (BT-1) towards the public sector, on every interface: DSE-CP 3.2.1.4, p. 24.
AFNOR's 35 (BR-FR-01) hold between businesses; the diffusion to public bodies (CPPFacturePivot) has room for 20."""

COMMENT_CHARACTERS_MAX = 2_000
"""Characters of a free comment in an answer."""

STATUS_COMPLEMENT_CHARACTERS_MAX = 40
"""Characters of ComplementStatut in a flow status. CPPStatutPivot V1_19."""

BATCH_DOCUMENTS_MAX = 5_000
"""Documents of one batch: compiled rules cost least from about a thousand documents on, and a task's fixed cost (about
a second) is shared by as many."""

BATCH_BYTES_MAX = 64 * MEGABYTE
"""Bytes of one batch: bounds the memory of a worker."""

JUDGED_BYTES_MAX = 32 * MEGABYTE
"""Bytes of documents judged at once: tables and what is worked out on them take about six times as much memory, and the
official engine behind them 250 MB; a worker stays under 1 GB."""

TREES_BYTES_MAX = 16 * MEGABYTE
"""Bytes of documents held as trees at once: trees take about ten times as much memory."""

BATCHES_PER_RUN_MAX = 8
"""Batches checked by one run of the pipeline. Whoever drops a flow meanwhile waits for the run to end, so a run is kept
to about a minute; what is left open is taken up by the next run, in turns between partners."""

SETTLED_PER_RUN_MAX = 40_000
"""Invoices settled by one run, for the same reason: what its batches hold. The flow that passes it is finished."""

TRACKED_PER_RUN_MAX = 20_000
"""Documents of status flows tracked by one run: about a minute of CDARs. The flow that passes it is finished."""

STATUSES_PER_FLOW_MAX = 100_000
"""Statuses of one status flow that are looked at: each takes some nine kilobytes of memory until the flow is settled,
and the two gigabytes that a flow may unpack to hold four million."""

CDAR_BYTES_MAX = 1_500 * KILOBYTE
"""Bytes of one CDAR. Official ones have 2 to 50 kB, one of 3,000 statuses 1.3 MB. The worst costs under two seconds."""

RELAYED_PER_FLOW_MAX = 5_000
"""Statuses relayed to a supplier in one flow."""

BATCH_ATTEMPTS_MAX = 3
"""Times a batch may take its worker down before it is halved; a document alone is set aside in quarantine then."""

BATCH_LEASE_SECONDS = 60
"""Seconds after which a silent worker loses its batch. Fencing tokens keep a late worker harmless, so this only
decides how soon work goes on after a kill."""

BATCH_RENEWAL_SECONDS = 10
"""Seconds between two renewals of a lease: six chances before it runs out."""

DELIVERED_PER_RUN_MAX = 1_000
"""Answers delivered by one run: acknowledgments go first in each, so that none waits behind the many answers of a large
flow for longer than this takes."""

DELIVERY_ATTEMPT_SECONDS_MAX = 3_600
"""An attempt at a delivery that began so long ago is over: a run of deliveries is ended after half of it."""

DELIVERY_BACKOFF_SECONDS = 10
"""Seconds that a partner is left in peace after a second failed delivery in a row; doubled with each further one."""

DELIVERY_BACKOFF_SECONDS_MAX = 600
"""The longest such pause: a partner that is back gets its answers within ten minutes."""

PIVOT_BYTES_MAX = 100 * MEGABYTE
"""Bytes of originals packed into one diffusion flow to a recipient."""

PIVOT_INVOICES_MAX = 500
"""Invoices of one diffusion flow to a recipient."""
