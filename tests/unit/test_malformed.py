"""Why an XML document is not well-formed, in words of both languages beside libxml2's own."""

from __future__ import annotations

import pytest

from data_contracts.messages import Language, told
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.malformed import kind
from pipelines.parsing.xml_gate import gated
from tests.unit.refusals import explained


@pytest.mark.parametrize(
    ("data", "fr", "en"),
    [
        (b"<a><b></a>", "une balise fermante n'est pas celle", "a closing tag is not that"),
        (b"<a>", "une balise ouverte n'est pas fermée", "opened and not closed"),
        (b"<a><b", "une balise est coupée", "a tag is cut"),
        (b"<a></a", "une balise est coupée", "a tag is cut"),
        (b"<a>x & y</a>", "au lieu de &lt; ou &amp;", "instead of &lt; or &amp;"),
        (b"<a b='<'/>", "au lieu de &lt; ou &amp;", "instead of &lt; or &amp;"),
        (b"<a>x &y</a>", "au lieu de &amp;", "instead of &amp;"),
        (b"<a>&eacute;</a>", "une entité n'est pas déclarée", "an entity is not declared"),
        (b"<a>\x01</a>", "un caractère n'est pas admis", "a character is not allowed"),
        (b"<a>\xe9</a>", "un caractère n'est pas admis", "a character is not allowed"),
        (b"<a>&#0;</a>", "un caractère n'est pas admis", "a character is not allowed"),
        (b"<a/>x", "quelque chose suit la fin", "something follows the end"),
        (b"x", "ne commence pas par une balise", "does not begin with a tag"),
        (b"<a b=1/>", "la valeur d'un attribut manque", "the value of an attribute is missing"),
        (b"<a b></a>", "la valeur d'un attribut manque", "the value of an attribute is missing"),
        (b"<a b='1' b='2'/>", "un attribut est donné deux fois", "an attribute is given twice"),
        (b"<x:a/>", "un préfixe d'espace de noms", "a namespace prefix"),
    ],
)
def test_why_xml_is_not_well_formed_is_told_in_both_languages(data: bytes, fr: str, en: str) -> None:
    with pytest.raises(DocumentUnreadable) as caught:
        gated(data)
    explained(caught.value)
    assert fr in caught.value.said.fr and "message de l'analyseur : " in caught.value.said.fr
    assert en in caught.value.said.en and "the parser says: " in caught.value.said.en


def test_what_libxml2_words_otherwise_is_told_in_its_words() -> None:
    reason = "something new"
    said = told("parsing-malformed", Language.FR, reason=reason, kind=kind(reason))
    assert said == "le XML n'est pas bien formé (message de l'analyseur : something new)"
