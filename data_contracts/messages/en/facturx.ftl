# Factur-X: what the PDF says of the invoice that it holds.

facturx-xmp-missing = The PDF has no readable XMP metadata, which Factur-X demands. Write the PDF again with a Factur-X tool.
facturx-block-missing = The PDF's XMP metadata say nothing of the invoice (namespace urn:factur-x). Write the PDF again with a Factur-X tool.
facturx-conformance = The XMP metadata announce profile "{ $found }", but the XML is of profile { $expected }. Write the XML's profile into fx:ConformanceLevel.
facturx-file-name = The XMP metadata announce file "{ $found }", but the invoice is named "{ $expected }". Write this name into fx:DocumentFileName.
facturx-document-type = The XMP metadata announce a document of type "{ $found }" instead of { $expected }. Write INVOICE into fx:DocumentType.
facturx-version = The XMP metadata announce version "{ $found }" of Factur-X, which is not known. Write 1.0 into fx:Version.
facturx-pdfa = The PDF does not say that it is PDF/A-3 (pdfaid:part is "{ $found }"). Produce it as PDF/A-3.
facturx-relationship-missing = The PDF does not say what the XML is to it (AFRelationship). Write { $expected }.
facturx-relationship = The PDF gives the XML the relationship "{ $found }" (AFRelationship); the profile demands { $expected }. Correct it.
facturx-unassociated = The XML is not among the document's associated files (/AF). Write the PDF again with a Factur-X tool.
facturx-name = The invoice is named "{ $found }" in the PDF; Factur-X demands { $expected }. Rename it.
