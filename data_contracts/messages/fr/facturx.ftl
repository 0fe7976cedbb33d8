# Factur-X : ce que le PDF dit de la facture qu'il contient.

facturx-xmp-missing = Le PDF ne porte pas de métadonnées XMP lisibles, que Factur-X exige. Refaire le PDF avec un outil Factur-X.
facturx-block-missing = Les métadonnées XMP du PDF ne disent rien de la facture (espace de noms urn:factur-x). Refaire le PDF avec un outil Factur-X.
facturx-conformance = Les métadonnées XMP annoncent le profil « { $found } », mais le XML est du profil { $expected }. Écrire le profil du XML dans fx:ConformanceLevel.
facturx-file-name = Les métadonnées XMP annoncent le fichier « { $found } », mais la facture s'appelle « { $expected } ». Écrire ce nom dans fx:DocumentFileName.
facturx-document-type = Les métadonnées XMP annoncent un document de type « { $found } » au lieu de { $expected }. Écrire INVOICE dans fx:DocumentType.
facturx-version = Les métadonnées XMP annoncent la version « { $found } » de Factur-X, qui n'est pas connue. Écrire 1.0 dans fx:Version.
facturx-pdfa = Le PDF ne se dit pas PDF/A-3 (pdfaid:part vaut « { $found } »). Le produire en PDF/A-3.
facturx-relationship-missing = Le PDF ne dit pas ce que le XML est pour lui (AFRelationship). Écrire { $expected }.
facturx-relationship = Le PDF donne au XML la relation « { $found } » (AFRelationship) ; le profil demande { $expected }. La corriger.
facturx-unassociated = Le XML n'est pas dans les fichiers associés du document (/AF). Refaire le PDF avec un outil Factur-X.
facturx-name = La facture s'appelle « { $found } » dans le PDF ; Factur-X demande { $expected }. La renommer.
