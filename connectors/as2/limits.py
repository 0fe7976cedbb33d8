"""Limits of AS2, each with its unit and its reason."""

from __future__ import annotations

from data_contracts.limits import KILOBYTE, MEGABYTE

BODY_BYTES_MAX = 50 * MEGABYTE
"""Bytes of one HTTP body. Larger flows come by SFTP or object storage; managed AS2 services stop at as much."""

PAYLOAD_BYTES_MAX = 100 * MEGABYTE
"""Bytes of what one message holds, inflated."""

RECEIPT_BYTES_MAX = 256 * KILOBYTE
"""Bytes of one receipt (MDN), signature included."""

HEADER_BYTES_MAX = 16 * KILOBYTE
"""Bytes of the headers of one MIME entity, and of those of one HTTP request."""

HEADERS_MAX = 100
"""Header fields of one MIME entity."""

IDENTIFIER_CHARACTERS_MAX = 128
"""Characters of an AS2 name. RFC 4130, 6.2."""

MESSAGE_ID_CHARACTERS_MAX = 255
"""Characters of a Message-ID with its angles, as RFC 4130, 5.3.3 advises; longer ones are refused."""

FILE_NAME_BYTES_MAX = 255
"""UTF-8 bytes of a file name."""

ASN1_DEPTH_MAX = 24
"""Nesting of ASN.1 elements. A signature with certificates needs about ten."""

ASN1_ELEMENTS_MAX = 100_000
"""ASN.1 elements of one structure: 50 MB in chunks of 1,000 bytes, as some codecs write, are 50,000."""

BULK_BYTES_MIN = 32 * KILOBYTE
"""Length from which the content of a structure is kept apart from it, so that it is not copied with every level."""

RETENTION_DAYS = 3_653
"""Days that Message-IDs and receipts are kept: the ten years of Code de commerce, L123-22."""

SMALL_BODY_BYTES = 100 * KILOBYTE
"""Bodies up to this size are worked on side by side; larger ones, which may inflate to more, one at a time."""

SEND_ATTEMPTS_MAX = 40
"""Attempts to send one message: with the pauses below, about six hours."""

SEND_BACKOFF_SECONDS = 10
"""Seconds before the second attempt; doubled with each further one."""

SEND_BACKOFF_SECONDS_MAX = 600
"""The longest pause between two attempts."""

SEND_TIMEOUT_SECONDS = 60
"""Seconds that a partner gets for each step of an answer."""

SEND_LEASE_SECONDS = 600
"""Seconds after which a message that a sender had in hand is taken by another. Longer than any single attempt."""

RECEIPT_WAIT_SECONDS = 1_800
"""Seconds that we wait for an asynchronous receipt before the message is sent again under its Message-ID."""
