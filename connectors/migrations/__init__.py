"""The ledger's schema, revision by revision (Alembic). `connectors.ledger_schema` runs them.

A revision is history: it spells out its tables and never imports those of today. A test compares where all revisions
lead with `connectors.ledger_tables`, on SQLite and on PostgreSQL.
"""
