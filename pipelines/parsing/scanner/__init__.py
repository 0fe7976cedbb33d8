"""The fast road of reading: bytes to path tables, well-formedness and schema proved on the way."""
