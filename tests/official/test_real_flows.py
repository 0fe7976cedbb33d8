"""Real flows, run whole: no crash, each file answered, and every verdict that of the official files themselves.

The oracle here is plain: libxml2 on the file as it is, SaxonC on the file as it is, the SVRL counted with XPath. It
shares with Relais the official files and which of them apply to a document, nothing else.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from saxonche import PySaxonProcessor

from data_contracts import rule_sets
from data_contracts.interfaces import CATALOGUE, Interface, Syntax
from data_contracts.rule_sets import RuleSet, Schema
from pipelines.parsing.facturx_pdf import embedded_xml
from pipelines.validation.rule_files import located

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
PACKED = {"FSO1150A": "ubl", "FSO1156A": "cii", "FSO1157A": "facturx"}
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}
BOM = b"\xef\xbb\xbf"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the official samples are not beside the checkout")


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples under true envelope names: PDFs alone, French documents packed, the E2 archive as it is."""
    folder = tmp_path_factory.mktemp("real") / "flows"
    folder.mkdir()
    for number, pdf in enumerate(sorted((SAMPLES / "chorus" / "fso1117a").glob("*.pdf")), start=1):
        shutil.copyfile(pdf, folder / f"FSO1117A_XXX999_XXX9991117{number:015d}")
    archive = SAMPLES / "chorus" / "fso1116a" / "FSO1116A_P100.tar.gz"
    shutil.copyfile(archive, folder / "FSO1116A_JMRPOR_JMRPOR1116000000000000001")
    for code, source in PACKED.items():
        sink = io.BytesIO()
        with tarfile.open(fileobj=sink, mode="w:gz") as tar:
            for path in sorted((SAMPLES / "fr_ctc" / source).iterdir()):
                tar.add(path, arcname=path.name)
        (folder / f"{code}_PDP001_PDP001{code[3:7]}000000000000001").write_bytes(sink.getvalue())
    return folder


@pytest.fixture(scope="module")
def out(flows: Path) -> Path:
    target = flows.parent / "out"
    arguments = [sys.executable, "-m", "relais", "run", "--flows", str(flows), "--out", str(target)]
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 1, result.stderr
    return target


def lines(out: Path) -> Iterator[dict[str, Any]]:
    for line in (out / "verdicts.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def test_each_file_is_answered(flows: Path, out: Path) -> None:
    told = set()
    for path in (out / "drops").glob("*/out/CSO*"):
        tree = etree.parse(path)
        told.add(tree.findtext(".//IdFlux") or tree.findtext(".//{*}ReferenceReferencedDocument/{*}IssuerAssignedID"))
    assert told == {path.name.rsplit("_", 1)[1] for path in flows.iterdir()}


def test_the_e2_archive_is_an_honest_refusal(out: Path) -> None:
    refused = [line for line in lines(out) if line["outcome"] == "refused"]
    assert [(line["flow"][:8], line["motive"]) for line in refused] == [("FSO1116A", "IRR_CODE_INTER")]
    answer = next((out / "drops" / "JMRPOR" / "out").iterdir()).read_text(encoding="utf-8")
    assert "not handled yet" in answer
    assert "pas encore traitée" in answer


def test_every_chorus_pro_factur_x_sample_is_accepted(out: Path) -> None:
    samples = [line for line in lines(out) if line["flow"].startswith("FSO1117A")]
    assert len(samples) == len(list((SAMPLES / "chorus" / "fso1117a").glob("*.pdf")))
    assert {line["outcome"] for line in samples} == {"accepted"}


@cache
def engine() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def sheet(rule_set: RuleSet) -> Any:
    return (
        engine()
        .new_xslt30_processor()
        .compile_stylesheet(stylesheet_file=str(located(rule_set.package, rule_set.path)))
    )


@cache
def xsd(schema: Schema) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(located(schema.package, schema.path)))


def official(data: bytes, interface: Interface) -> tuple[bool, Counter[tuple[str, str]] | None]:
    """Whether the schema holds, and (rule, flag) counts; None where an official file threw."""
    tree = etree.fromstring(data)
    specification = tree.xpath(
        "string(//*[local-name()='CustomizationID' or local-name()='GuidelineSpecifiedDocumentContextParameter'][1])"
    )
    due = rule_sets.checks(interface.circuit, interface.syntax, etree.QName(tree).localname, specification.strip())
    hits: Counter[tuple[str, str]] = Counter()
    for rule_set in filter(None, (due.profile_rules, due.french_rules)):
        try:
            node = engine().parse_xml(xml_text=data.removeprefix(BOM).decode("utf-8"))
            report = sheet(rule_set).transform_to_string(xdm_node=node)
        except Exception:
            return xsd(due.schema).validate(tree), None
        for hit in etree.fromstring(report.encode()).xpath(
            "//svrl:failed-assert | //svrl:successful-report", namespaces=SVRL
        ):
            hits[hit.get("id", "NO-ID") or "NO-ID", hit.get("flag", "fatal")] += 1
    return xsd(due.schema).validate(tree), hits


@pytest.mark.parametrize("code", sorted(PACKED))
def test_verdicts_are_those_of_the_official_files(code: str, out: Path) -> None:
    interface = CATALOGUE[code]
    compared = 0
    for line in lines(out):
        if not line["flow"].startswith(code):
            continue
        data = (SAMPLES / "fr_ctc" / PACKED[code] / line["document"]).read_bytes()
        if any(finding["rule"].startswith("IRR_") for finding in line["findings"]):
            assert line["verdict"] == "invalid"
            continue
        if interface.syntax is Syntax.FACTURX:
            data = embedded_xml(data)
        schema_holds, hits = official(data, interface)
        told = Counter(
            (finding["rule"], finding["flag"])
            for finding in line["findings"]
            if not finding["rule_set"].startswith(("relais.", "xsd:"))
        )
        assert line["xsd_valid"] == schema_holds, line["document"]
        if hits is None:
            assert line["verdict"] == ("undetermined" if schema_holds else "invalid"), line["document"]
            continue
        assert told == hits, line["document"]
        valid = schema_holds and not any(flag == "fatal" for _, flag in hits)
        assert line["verdict"] == ("valid" if valid else "invalid"), line["document"]
        compared += 1
    assert compared >= 40
