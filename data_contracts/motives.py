"""Motive codes: why a flow is not admissible, why an invoice is rejected. Each says what happened and what to do.

Sources: G7.18 (flow and file admissibility), G7.19 and BR-FR-CDV-CL-09 (invoice rejection, status 213).
Sentences are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    FLOW = "flow"
    DOCUMENT = "document"
    INVOICE = "invoice"


@dataclass(frozen=True)
class Motive:
    code: str
    scope: Scope
    sentence_fr: str
    sentence_en: str
    remedy_fr: str
    remedy_en: str


_ROWS = (
    Motive("IRR_TAILLE", Scope.FLOW, "Le flux dépasse la taille permise.", "The flow is larger than allowed.", "Répartir les factures en plusieurs flux.", "Spread the invoices over several flows."),
    Motive("IRR_UNICITE", Scope.FLOW, "Un flux portant cet identifiant a déjà été reçu avec un autre contenu.", "A flow with this id was already received with other content.", "Renvoyer ce contenu sous un nouvel identifiant de flux.", "Send this content again under a new flow id."),
    Motive("IRR_VIDE", Scope.FLOW, "Le flux est vide.", "The flow is empty.", "Vérifier le fichier avant de le déposer.", "Check the file before dropping it."),
    Motive("IRR_FORM", Scope.FLOW, "Le nom de l'enveloppe n'est pas conforme.", "The envelope name does not follow the rule.", "Renommer le fichier selon la règle de nommage à 41 caractères.", "Rename the file by the 41-character rule."),
    Motive("IRR_TYPE", Scope.FLOW, "Le type du fichier n'est pas admis.", "The file type is not accepted.", "Déposer un XML seul, un PDF Factur-X seul, un tar.gz ou un zip, sans extension.", "Drop one XML, one Factur-X PDF, a tar.gz or a zip, without extension."),
    Motive("IRR_ANTIVIRUS", Scope.FLOW, "Le contrôle antivirus a refusé le flux.", "The antivirus check refused the flow.", "Nettoyer le fichier et le déposer sous un nouvel identifiant.", "Clean the file and drop it under a new id."),
    Motive("IRR_CODE_INTER", Scope.FLOW, "Le code interface est inconnu ou n'est pas ouvert au dépôt.", "The interface code is unknown or not open to deposits.", "Utiliser un code interface du catalogue, auquel le raccordement est abonné.", "Use an interface code of the catalogue that the connection subscribes to."),
    Motive("IRR_EXTRAC", Scope.FLOW, "L'archive n'a pas pu être lue entièrement.", "The archive could not be read to its end.", "Refaire l'archive et la déposer sous un nouvel identifiant.", "Rebuild the archive and drop it under a new id."),
    Motive("IRR_CODE_APP", Scope.FLOW, "Le code application est inconnu, ou n'est pas celui du raccordement qui dépose.", "The application code is unknown, or is not that of the depositing connection.", "Utiliser le code application du raccordement.", "Use the connection's own application code."),
    Motive("IRR_VIDE_F", Scope.DOCUMENT, "Un fichier du flux est vide.", "A file of the flow is empty.", "Retirer ou compléter ce fichier.", "Remove or complete this file."),
    Motive("IRR_TYPE_F", Scope.DOCUMENT, "Un fichier n'est pas de la syntaxe que l'interface attend.", "A file is not of the syntax that the interface expects.", "Déposer ce fichier sous l'interface de sa syntaxe.", "Drop this file under the interface of its syntax."),
    Motive("IRR_SYNTAX", Scope.DOCUMENT, "Un fichier n'est pas un document lisible dans sa syntaxe.", "A file is not a readable document of its syntax.", "Corriger le fichier à l'endroit indiqué.", "Correct the file at the place given."),
    Motive("IRR_TAILLE_F", Scope.DOCUMENT, "Un fichier dépasse la taille permise.", "A file is larger than allowed.", "Réduire le fichier, ou ses pièces jointes.", "Shrink the file or its attachments."),
    Motive("IRR_NOM_F", Scope.DOCUMENT, "Le nom d'un fichier de l'archive n'est pas admis.", "The name of a file in the archive is not accepted.", "Renommer ce fichier : pas de chemin, pas de caractère de contrôle, pas de doublon.", "Rename this file: no path, no control character, no twin."),
    Motive("IRR_TAILLE_PJ", Scope.DOCUMENT, "Une pièce jointe dépasse la taille permise.", "An attachment is larger than allowed.", "Réduire la pièce jointe.", "Shrink the attachment."),
    Motive("IRR_NOM_PJ", Scope.DOCUMENT, "Le nom d'une pièce jointe n'est pas admis.", "The name of an attachment is not accepted.", "Renommer la pièce jointe.", "Rename the attachment."),
    Motive("IRR_VID_PJ", Scope.DOCUMENT, "Une pièce jointe est vide.", "An attachment is empty.", "Retirer ou remplacer la pièce jointe.", "Remove or replace the attachment."),
    Motive("IRR_EXT_DOC", Scope.DOCUMENT, "L'extension d'une pièce jointe n'est pas admise.", "The extension of an attachment is not accepted.", "Utiliser une extension de la liste G4.03.", "Use an extension of list G4.03."),
    Motive("REJ_SEMAN", Scope.INVOICE, "La facture ne respecte pas les règles de contenu.", "The invoice breaks content rules.", "Corriger chaque règle citée et renvoyer la facture.", "Correct each rule named and send the invoice again."),
    Motive("REJ_UNI", Scope.INVOICE, "La facture répète une facture déjà reçue.", "The invoice repeats one already received.", "Vérifier si la première facture suffit ; sinon, utiliser un nouveau numéro.", "Check whether the first invoice is enough; otherwise use a new number."),
    Motive("REJ_COH", Scope.INVOICE, "Les données de la facture se contredisent.", "The invoice's data contradict each other.", "Corriger les données citées.", "Correct the data named."),
    Motive("REJ_ADR", Scope.INVOICE, "L'adresse de facturation du destinataire est inutilisable.", "The recipient's invoicing address cannot be used.", "Corriger l'adresse électronique (BT-49).", "Correct the electronic address (BT-49)."),
    Motive("REJ_CONT_B2G", Scope.INVOICE, "La facture ne respecte pas les contrôles propres au secteur public.", "The invoice breaks the checks of the public sector.", "Compléter le code service ou l'engagement que le destinataire exige.", "Add the service code or engagement that the recipient demands."),
    Motive("REJ_REF_PJ", Scope.INVOICE, "La référence d'une pièce jointe est incohérente.", "An attachment's reference is inconsistent.", "Corriger la référence.", "Correct the reference."),
    Motive("REJ_ASS_PJ", Scope.INVOICE, "Une pièce jointe n'a pas pu être associée.", "An attachment could not be associated.", "Joindre la pièce citée.", "Attach the document named."),
    Motive("DOUBLON", Scope.INVOICE, "Même numéro, même vendeur et même année qu'une facture déjà reçue.", "Same number, same seller and same year as an invoice already received.", "Ne rien faire si la première facture est bonne ; sinon, l'annuler et utiliser un nouveau numéro.", "Do nothing if the first invoice is right; otherwise cancel it and use a new number."),
    Motive("DEST_INC", Scope.INVOICE, "Le destinataire n'existe pas dans l'annuaire.", "The recipient is not in the directory.", "Vérifier le SIRET du destinataire (BT-46, BT-47).", "Check the recipient's SIRET (BT-46, BT-47)."),
    Motive("ADR_ERR", Scope.INVOICE, "L'adresse de facturation électronique est absente ou erronée.", "The electronic invoicing address is missing or wrong.", "Corriger l'adresse électronique (BT-49, BT-34).", "Correct the electronic address (BT-49, BT-34)."),
    Motive("CALCUL_ERR", Scope.INVOICE, "Un calcul de la facture est faux.", "A calculation of the invoice is wrong.", "Refaire le calcul cité.", "Redo the calculation named."),
    Motive("MONTANTTOTAL_ERR", Scope.INVOICE, "Un total de la facture est faux.", "A total of the invoice is wrong.", "Corriger le total cité.", "Correct the total named."),
)  # fmt: skip

MOTIVES: dict[str, Motive] = {row.code: row for row in _ROWS}
