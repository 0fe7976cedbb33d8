# Lecture d'un document : pourquoi il ne peut pas être lu.

parsing-pdf-many = le PDF contient { $count } factures, alors qu'une seule peut s'y trouver
parsing-pdf-inflated = le contenu du PDF dépasse une limite une fois décompressé ({ $most } octets pour le XML)
parsing-pdf-xml-damaged = le XML compressé contenu dans le PDF est endommagé
parsing-pdf-laborious = la structure du PDF demande plus de { $reads } lectures ou { $bytes } octets pour être suivie
parsing-pdf-encrypted = le PDF est chiffré
parsing-empty = le document est vide
parsing-pdf-size = le PDF compte plus de { $most } octets
parsing-no-pdf = le document n'est pas un PDF
parsing-pdf-packed = le XML contenu dans le PDF est compressé autrement que par FlateDecode seul
parsing-pdf-xml-empty = le XML contenu dans le PDF est vide
parsing-pdf-no-invoice = le PDF ne contient pas de facture
parsing-pdf-damaged = le PDF est abîmé ou d'une sorte qui ne peut être lue ({ $kind })
parsing-rows = la facture compte { $rows } lignes et groupes de TVA, plus que les { $most } permis
parsing-encoding = l'encodage n'est ni UTF-8, ni US-ASCII, ni ISO-8859-1
parsing-doctype = le document porte un DOCTYPE, qu'aucune syntaxe de facture n'emploie
parsing-size = le document compte { $size } octets, plus que les { $most } permis
parsing-xml-version = la version XML n'est pas 1.0
parsing-retyped = un élément change son propre type (xsi:type), ce qu'aucune syntaxe de facture n'emploie
parsing-malformed = le XML n'est pas bien formé ({ $reason })
parsing-root = le document n'est pas un { $label }
parsing-many-elements = plus de { $most } éléments
parsing-many-attributes = plus de { $most } attributs
parsing-many-attributes-here = plus de { $most } attributs sur un élément
parsing-many-declarations = plus de { $most } déclarations d'espaces de noms
parsing-many-declarations-here = plus de { $most } déclarations d'espaces de noms sur un élément
parsing-many-levels = plus de { $most } niveaux d'éléments
parsing-many-paths = plus de { $most } chemins différents d'éléments et d'attributs
parsing-pdf-cut = le PDF est coupé, ou des octets suivent sa fin
parsing-embedded = { $what }, dans le XML embarqué dans le PDF
parsing-type = le document est { $found ->
    [pdf] un PDF
    [no-pdf] autre chose qu'un PDF
    [unknown] autre chose qu'une facture connue
   *[other] une facture { $found }
    }{ $expected ->
    [none] { "" }
   *[other] { " " }; l'interface attend { $expected }
    }
parsing-refused = { $motive } Détail : { $what }. { $remedy }
parsing-amount = Le montant ou la quantité { $term } ne peut être tenu exactement.
parsing-amounts-more = { $count } autres montants ou quantités ne peuvent être tenus exactement.
