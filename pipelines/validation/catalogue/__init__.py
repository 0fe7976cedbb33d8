"""The sentences of the rules, as data that a translator can read and correct, and their loader.

en16931.toml   French of the semantic rules of EN 16931 and of the fatal UBL-SR rules, by rule identifier
vat.toml       French and English of the rules that exist once for each VAT category, by number
extension.toml French and English of the rules of the EXTENDED profiles (BR-FREXT, BR-FXEXT)
br_fr.toml     English of the French rules (BR-FR), by rule, by variant, by family
syntax.toml    French of the syntax rules, by the shape of their English sentence; names of elements
values.toml    names of the values that some official sentences carry
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of one file of this folder, named without its suffix; read once a process, not to be changed.

    Cost     a few milliseconds at the first call, nothing later.
    """
    # Imported here: most processes never report a finding, and these two cost more than all the rest of the import.
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
