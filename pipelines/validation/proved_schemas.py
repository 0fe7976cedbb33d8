"""The schemas that a scanner proves, as one automaton."""

from __future__ import annotations

from pathlib import Path

from data_contracts.rule_sets import CII_XSD, UBL_CREDIT_NOTE_XSD, UBL_INVOICE_XSD, Schema
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.scanner.automaton import SchemaAutomaton
from pipelines.parsing.scanner.schema_models import cached_automaton
from pipelines.validation.rule_files import file_of

PROVED_SCHEMAS: dict[str, Schema] = {
    f"{{{NAMESPACES['ubl']}}}Invoice": UBL_INVOICE_XSD,
    f"{{{NAMESPACES['ubln']}}}CreditNote": UBL_CREDIT_NOTE_XSD,
    f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice": CII_XSD,
}
"""By the expanded name of the root."""


def automaton(cache_dir: Path) -> SchemaAutomaton:
    """Their automaton. Errors   ConfigurationError when a schema is missing.

    Cost     see `cached_automaton`.
    """
    return cached_automaton({schema.name: file_of(schema) for schema in PROVED_SCHEMAS.values()}, cache_dir)
