"""The structure of CDAR. Source: CDAR D22B, uncoupled schema (its facts; the table is ours)."""

from __future__ import annotations

from pipelines.acknowledgment.cdar_frame import QDT, RAM, RSM, UDT
from pipelines.tracking import lexical
from pipelines.tracking.structure import Check, Leaf, Sequence, sequence

ROOT_TYPE = "Message"


def _attributes(names: str) -> dict[str, Check]:
    return dict.fromkeys(names.split(), lexical.anything)


_FORMAT = _attributes("format")
_LISTED = _attributes("listID listAgencyID")

_MESSAGE: dict[str, Leaf | Sequence] = {
    "Message": sequence(
        "ExchangedDocumentContext:Context? ExchangedDocument:Exchanged AcknowledgementDocument:Acknowledgement+", RSM
    ),
}
_AGGREGATES = {
    "Context": (
        "TestIndicator:indicator? BusinessProcessSpecifiedDocumentContextParameter:Parameter?"
        " GuidelineSpecifiedDocumentContextParameter:Parameter"
    ),
    "Parameter": "ID:id",
    "Exchanged": (
        "ID:id? Name:text? TypeCode:listed? StatusCode:listed? IssueDateTime:instant? LanguageID:id?"
        " ElectronicPresentationIndicator:indicator? VersionID:id? GlobalID:id? IncludedNote:Note*"
        " EffectiveSpecifiedPeriod:Period? SenderTradeParty:Party? IssuerTradeParty:Party? RecipientTradeParty:Party+"
    ),
    "Acknowledgement": (
        "MultipleReferencesIndicator:indicator? ID:id? TypeCode:listed? Name:text? IssueDateTime:instant?"
        " StatusCode:listed? AcknowledgementStatusCode:listed? ItemIdentificationID:id? ReasonInformation:text*"
        " ChannelCode:code? ProcessConditionCode:code? ProcessCondition:text* Status:text*"
        " ReferenceReferencedDocument:Reference+"
    ),
    "Reference": (
        "IssuerAssignedID:id? StatusCode:listed? CopyIndicator:indicator? LineID:id? TypeCode:listed? GlobalID:id?"
        " RevisionID:id? Name:text? ReceiptDateTime:instant? AttachmentBinaryObject:binary* ReferenceTypeCode:listed?"
        " LanguageID:language? Description:text* FormattedIssueDateTime:formatted? IncludedAmount:amount* VersionID:id?"
        " TotalIssueCountNumeric:number? Status:text* ProcessConditionCode:code? ProcessCondition:text* Type:text?"
        " IssuerTradeParty:Party? RecipientTradeParty:Party* SenderTradeParty:Party?"
        " SpecifiedDocumentStatus:DocumentStatus* ValiditySpecifiedPeriod:Period?"
    ),
    "DocumentStatus": (
        "ReferenceDateTime:instant? ConditionCode:listed? ReasonCode:code? Reason:text* Condition:text*"
        " ProcessConditionCode:code? ProcessCondition:text* ReasonInformationCode:code? ReasonInformation:text*"
        " ReasonClassificationCode:code? ReasonClassification:text* RequestedActionCode:code? RequestedAction:text*"
        " InvalidInformation:text? ValidInformation:text? SequenceNumeric:number? IncludedNote:Note*"
        " SpecifiedDocumentCharacteristic:Characteristic*"
    ),
    "Characteristic": (
        "ID:id? TypeCode:code? ValueChangedIndicator:indicator? ValueAdjustmentDirectionCode:code? Name:text*"
        " Description:text* Location:text? Value:text* ValueAmount:amount? ValueMeasure:measure? ValueDateTime:instant?"
        " ValueCode:code? ValueQuantity:quantity? ValueNumeric:number? ValuePercent:number?"
    ),
    "Note": "ContentCode:code? Content:text* SubjectCode:code?",
    "Period": "StartDateTime:instant? EndDateTime:instant?",
    "Party": (
        "ID:id* GlobalID:id* Name:text? RoleCode:listed? DefinedTradeContact:Contact* PostalTradeAddress:Address?"
        " URIUniversalCommunication:Communication?"
    ),
    "Contact": (
        "ID:id? PersonName:text? DepartmentName:text? TypeCode:listed? TelephoneUniversalCommunication:Communication*"
        " FaxUniversalCommunication:Communication* EmailURIUniversalCommunication:Communication?"
    ),
    "Address": (
        "PostcodeCode:code? LineOne:text? LineTwo:text? LineThree:text? LineFour:text? LineFive:text? StreetName:text?"
        " CityName:text? CountryID:country? CountryName:text? CountrySubDivisionID:id? CountrySubDivisionName:text?"
    ),
    "Communication": "URIID:id? CompleteNumber:text?",
}
_VALUES: dict[str, Leaf | Sequence] = {
    "instant": sequence("DateTimeString:string|DateTime:date_time", UDT),
    "indicator": sequence("IndicatorString:string|Indicator:boolean", UDT),
    "formatted": sequence("DateTimeString:string", QDT),
    "string": Leaf(lexical.anything, "", _FORMAT),
    "date_time": Leaf(lexical.date_time, "dateTime", {}),
    "boolean": Leaf(lexical.boolean, "true | false", {}),
    "id": Leaf(
        lexical.anything, "",
        _attributes("schemeID schemeName schemeAgencyID schemeAgencyName schemeVersionID schemeDataURI schemeURI"),
    ),
    "code": Leaf(
        lexical.anything, "",
        _attributes(
            "listID listAgencyID listAgencyName listName listVersionID name languageID listURI listSchemeURI"
        ),
    ),
    "listed": Leaf(lexical.anything, "", _LISTED),
    "country": Leaf(lexical.anything, "", _attributes("listID schemeAgencyID")),
    "language": Leaf(lexical.anything, "", _attributes("schemeID schemeAgencyID")),
    "text": Leaf(lexical.anything, "", _attributes("languageID languageLocaleID")),
    "number": Leaf(lexical.decimal, "decimal", _FORMAT),
    "amount": Leaf(lexical.decimal, "decimal", _attributes("currencyID currencyCodeListVersionID")),
    "measure": Leaf(lexical.decimal, "decimal", _attributes("unitCode unitCodeListVersionID")),
    "quantity": Leaf(
        lexical.decimal, "decimal",
        _attributes("unitCode unitCodeListID unitCodeListAgencyID unitCodeListAgencyName"),
    ),
    "binary": Leaf(
        lexical.base64, "base64", _attributes("format mimeCode encodingCode characterSetCode uri filename")
    ),
}  # fmt: skip
TYPES: dict[str, Leaf | Sequence] = {
    **_MESSAGE,
    **{name: sequence(text, RAM) for name, text in _AGGREGATES.items()},
    **_VALUES,
}
