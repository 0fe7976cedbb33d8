"""The verdict: what each layer said, and nothing more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data_contracts.tables import VERDICTS
from pipelines.validation.judge import Hit, Judgment
from pipelines.validation.verdict import Layer, stopped, unreadable, verdict

HITS = st.lists(st.builds(Hit, st.just("BR-1"), st.sampled_from(["fatal", "warning"]), st.just(""), st.just("")))
JUDGMENTS = st.none() | st.builds(Judgment, HITS.map(tuple)) | st.builds(lambda m: Judgment((), m), st.text())
LAYERS = st.lists(st.builds(Layer, st.just("set:1"), st.just("set:1@00"), JUDGMENTS), max_size=4)


@given(xsd_valid=st.none() | st.booleans(), layers=LAYERS)
def test_a_verdict_is_never_better_than_its_layers(xsd_valid: bool | None, layers: list[Layer]) -> None:
    row = verdict("flow", 0, xsd_valid=xsd_valid, layers=layers)
    silent = xsd_valid is None or any(layer.judgment is None or layer.judgment.crashed is not None for layer in layers)
    fatal = any(hit.flag == "fatal" for layer in layers if layer.judgment for hit in layer.judgment.hits)
    if silent:
        assert row["verdict"] == "undetermined"
    elif xsd_valid is False or fatal:
        assert row["verdict"] == "invalid"
    else:
        assert row["verdict"] == "valid"
    assert (row["cause"] is not None) == (row["verdict"] == "undetermined")
    answered = [layer for layer in layers if layer.judgment is not None and layer.judgment.crashed is None]
    assert len(row["rule_sets"]) == len(answered)


def test_the_cause_names_the_layer_and_what_it_said() -> None:
    crashed = Layer("fr.fnfe.br-fr-flux2.ubl:1.4.0", "x@1", Judgment((), 'The string "1" cannot be cast'))
    row = verdict("flow", 4, xsd_valid=True, layers=[Layer("eu.cen:1", "eu.cen:1@2", Judgment(())), crashed])
    assert row["cause"] == 'fr.fnfe.br-fr-flux2.ubl:1.4.0: The string "1" cannot be cast'
    assert row["rule_sets"] == ["eu.cen:1@2"]
    assert verdict("f", 0, xsd_valid=None, layers=[], schema_name="CII D22B")["cause"] == "xsd:CII D22B: did not run"
    assert verdict("f", 0, xsd_valid=True, layers=[Layer("a:1", "a:1@0", None)])["cause"] == "a:1: did not run"


def test_a_document_that_is_no_xml_is_invalid_and_one_never_opened_is_undetermined() -> None:
    assert unreadable("f", 1, "IRR_SYNTAX")["xsd_valid"] is False
    assert unreadable("f", 1, "IRR_TYPE_F")["xsd_valid"] is None
    assert unreadable("f", 1, "IRR_TYPE_F")["verdict"] == "invalid"
    row = stopped("f", 1, 3)
    assert (row["verdict"], row["cause"], row["rule_sets"]) == ("undetermined", "batch stopped its worker 3 times", [])
    assert list(row) == VERDICTS.names
