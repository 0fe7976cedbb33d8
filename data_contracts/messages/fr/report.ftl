# Le rapport d'un contrôle : la page, puis le tableau du terminal.

report-title = Contrôle de vos factures
report-on = Contrôlé selon les règles officielles en vigueur le { $day }.
report-date = %d/%m/%Y
report-thousands = { "\u202F" }
report-figure-all = { $count ->
    [one] document contrôlé
   *[other] documents contrôlés
    }
report-figure-valid = { $count ->
    [one] conforme
   *[other] conformes
    }
report-figure-invalid = { $count ->
    [one] non conforme
   *[other] non conformes
    }
report-figure-undetermined = { $count ->
    [one] indéterminé
   *[other] indéterminés
    }
report-how-to-read = Un point « à corriger » fait refuser la facture. Un avertissement ne la fait pas refuser, mais mérite d'être regardé. Le numéro de ligne est celui du fichier XML de la facture.
report-frequent = Ce qui revient le plus
report-documents = Documents
report-example = Remarque (exemple)
report-id = Règle
report-schema = La structure du fichier XML n'est pas celle que le schéma officiel prescrit.
report-wrong = Documents avec remarques ({ $count })
report-clean = Documents sans remarque ({ $count })
report-unlisted = et { $count } autres
report-brief = Au-delà de { $count } documents, seul le nombre de remarques est donné. Le format jsonl les détaille.
report-counts = { $fatal } à corriger, { $warning ->
        [one] { $warning } avertissement
       *[other] { $warning } avertissements
    }
report-verdict-valid = Conforme, avec des avertissements.
report-verdict-invalid = Non conforme : à corriger avant l'envoi.
report-verdict-undetermined = Indéterminé : le contrôle n'a pas pu être mené jusqu'au bout. Le relancer ; si cela se répète, transmettre la cause au support.
report-cause = Cause : { $cause }
report-flag-fatal = À corriger
report-flag-warning = Avertissement
report-refused = { $said } Fichier en cause : { $file }.
report-where = Où regarder
report-line = ligne
report-lines = lignes
report-places = ({ $count } fois)
report-term = Donnée
report-found = Trouvé
report-expected = Attendu
report-rule = Règle { $rule }, { $rule_set }
report-invoice = facture { $number }
report-files = Fichiers de règles appliqués

report-table-valid = conforme
report-table-invalid = non conforme
report-table-undetermined = indéterminé
report-table-fatal = bloquant
report-table-warning = avertissement
report-column-rule = Règle
report-column-flag = Gravité
report-column-count = Nombre
report-column-line = Ligne
report-column-message = Ce qui ne va pas
report-column-found = Trouvé
report-column-expected = Attendu
report-summary = { $total ->
        [one] { $total } document
       *[other] { $total } documents
    } : { $valid ->
        [one] { $valid } conforme
       *[other] { $valid } conformes
    }, { $invalid ->
        [one] { $invalid } non conforme
       *[other] { $invalid } non conformes
    }, { $undetermined ->
        [one] { $undetermined } indéterminé
       *[other] { $undetermined } indéterminés
    }
