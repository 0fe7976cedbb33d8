# Lecture d'un document : pourquoi il ne peut pas être lu.

parsing-pdf-many = le PDF contient { $count } factures, alors qu'une seule peut s'y trouver
    .remedy = N'embarquer qu'une facture, sous le nom factur-x.xml.
parsing-pdf-inflated = le contenu du PDF dépasse une limite une fois décompressé ({ $most } octets pour le XML)
    .remedy = Retirer du XML embarqué ce qui n'est pas la facture, ou répartir ses lignes en plusieurs factures.
parsing-pdf-xml-damaged = le XML compressé contenu dans le PDF est endommagé
    .remedy = Refaire le PDF avec un outil Factur-X.
parsing-pdf-laborious = la structure du PDF demande plus de { $reads } lectures ou { $bytes } octets pour être suivie
    .remedy = Refaire le PDF avec un outil Factur-X.
parsing-pdf-encrypted = le PDF est chiffré
    .remedy = L'envoyer sans chiffrement ni mot de passe.
parsing-empty = le document est vide
parsing-pdf-size = le PDF compte plus de { $most } octets
    .remedy = Alléger le PDF (images moins lourdes, pièces jointes à part).
parsing-no-pdf = le document n'est pas un PDF
    .remedy = Envoyer une facture Factur-X : un PDF qui embarque le XML.
parsing-pdf-packed = le XML contenu dans le PDF est compressé autrement que par FlateDecode seul
    .remedy = Embarquer le XML tel quel, ou compressé par FlateDecode seul.
parsing-pdf-xml-empty = le XML contenu dans le PDF est vide
    .remedy = Embarquer le XML de la facture sous le nom factur-x.xml.
parsing-pdf-no-invoice = le PDF ne contient pas de facture
    .remedy = Embarquer le XML de la facture sous le nom factur-x.xml.
parsing-pdf-damaged = le PDF est abîmé ou d'une sorte qui ne peut être lue ({ $kind })
    .remedy = Refaire le PDF avec un outil Factur-X.
parsing-rows = la facture compte { $rows } lignes et groupes de TVA, plus que les { $most } permis
    .remedy = Répartir les lignes en plusieurs factures.
parsing-encoding = l'encodage n'est ni UTF-8, ni US-ASCII, ni ISO-8859-1
    .remedy = Encoder le document en UTF-8 et le déclarer ainsi.
parsing-doctype = le document porte un DOCTYPE, qu'aucune syntaxe de facture n'emploie
    .remedy = Retirer le DOCTYPE et les entités qu'il déclare.
parsing-size = le document compte { $size } octets, plus que les { $most } permis
parsing-statuses-size = le message compte { $size } octets, plus que les { $most } permis
    .remedy = Envoyer les statuts en plusieurs messages.
parsing-xml-version = la version XML n'est pas 1.0
    .remedy = Écrire version="1.0" dans la déclaration XML.
parsing-retyped = un élément change son propre type (xsi:type), ce qu'aucune syntaxe de facture n'emploie
    .remedy = Retirer l'attribut xsi:type.
parsing-malformed = le XML n'est pas bien formé ({ $kind ->
    [mismatch] une balise fermante n'est pas celle de la balise ouverte ; message de l'analyseur : { $reason }
    [unclosed] une balise ouverte n'est pas fermée ; message de l'analyseur : { $reason }
    [cut] une balise est coupée ou mal écrite ; message de l'analyseur : { $reason }
    [bare] un < ou un & figure tel quel dans un texte, au lieu de &lt; ou &amp; ; message de l'analyseur : { $reason }
    [ampersand] un & figure tel quel dans un texte, au lieu de &amp; ; message de l'analyseur : { $reason }
    [entity] une entité n'est pas déclarée, au lieu du caractère lui-même ; message de l'analyseur : { $reason }
    [character] un caractère n'est pas admis en XML, ou n'est pas dans l'encodage annoncé ; message de l'analyseur : { $reason }
    [after] quelque chose suit la fin du document ; message de l'analyseur : { $reason }
    [before] le document ne commence pas par une balise ; message de l'analyseur : { $reason }
    [value] la valeur d'un attribut manque, ou n'est pas entre guillemets ; message de l'analyseur : { $reason }
    [twice] un attribut est donné deux fois ; message de l'analyseur : { $reason }
    [prefix] un préfixe d'espace de noms n'est pas déclaré ; message de l'analyseur : { $reason }
   *[other] message de l'analyseur : { $reason }
    })
parsing-root = le document n'est pas un { $label }
parsing-many-elements = plus de { $most } éléments
    .remedy = Répartir le contenu du document en plusieurs documents.
parsing-many-attributes = plus de { $most } attributs
    .remedy = Répartir le contenu du document en plusieurs documents.
parsing-many-attributes-here = plus de { $most } attributs sur un élément
    .remedy = Ne garder que les attributs que la syntaxe de la facture prévoit.
parsing-long-text = plus de { $most } octets suivent une balise sans qu'une autre vienne, et ne sont pas une pièce jointe
    .remedy = Raccourcir le texte, l'attribut ou le commentaire, ou l'envoyer en pièce jointe.
parsing-many-nodes = plus de { $most } éléments et attributs
    .remedy = Répartir le contenu du document en plusieurs documents.
parsing-large-other = le document compte plus de { $most } éléments et attributs et n'est une facture ni UBL ni CII
    .remedy = Répartir le contenu du document en plusieurs documents.
parsing-large-invalid = le document compte plus de { $most } éléments et attributs et n'est pas valide selon son schéma XML : { $what }
    .remedy = Corriger cette erreur et vérifier le reste sur une facture plus courte : d'un document aussi grand, seule la première erreur est donnée.
parsing-large-unread = le document compte plus de { $most } éléments et attributs et n'est pas écrit simplement
    .remedy = Écrire le document en UTF-8, sans section CDATA et avec des noms en ASCII, ou répartir ses lignes en plusieurs factures.
parsing-many-declarations = plus de { $most } déclarations d'espaces de noms
    .remedy = Déclarer les espaces de noms une fois, sur l'élément racine.
parsing-many-declarations-here = plus de { $most } déclarations d'espaces de noms sur un élément
    .remedy = Ne déclarer que les espaces de noms employés.
parsing-many-levels = plus de { $most } niveaux d'éléments
    .remedy = Vérifier le logiciel qui a produit le document : aucune syntaxe de facture n'emboîte autant d'éléments.
parsing-many-paths = plus de { $most } chemins différents d'éléments et d'attributs
    .remedy = Vérifier le logiciel qui a produit le document : aucune syntaxe de facture n'emploie autant d'éléments différents.
parsing-pdf-cut = le PDF est coupé, ou des octets suivent sa fin
    .remedy = Vérifier que le fichier est entier ; sinon, refaire le PDF avec un outil Factur-X.
parsing-embedded = { $what }, dans le XML embarqué dans le PDF
parsing-type = le document est { $found ->
    [pdf] un PDF
    [no-pdf] autre chose qu'un PDF
    [unknown] autre chose qu'une facture d'une syntaxe connue
   *[other] une facture { $found }
    }{ $expected ->
    [none] { "" }
   *[other] { " " }; l'interface attend { $expected }
    }
    .remedy = { $expected ->
        [none] Fournir une facture UBL (Invoice ou CreditNote), CII (CrossIndustryInvoice), CPPFactureMixte, ou un PDF Factur-X.
       *[other] Déposer ce document sous l'interface de sa syntaxe.
    }
parsing-refused = { $motive } Détail : { $what }. { $remedy }
parsing-amount = Le montant ou la quantité { $term } ne peut être conservé exactement. En réduire le nombre de chiffres.
parsing-amounts-more = Autres montants ou quantités qui ne peuvent être conservés exactement : { $count }.
