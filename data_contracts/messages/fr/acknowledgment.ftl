# Compte rendu d'un flux : ce que le déposant lit en premier, puis une ligne par anomalie.

acknowledgment-counts = { $received ->
        [one] 1 facture reçue
       *[other] { $received } factures reçues
    } : { $accepted ->
        [one] { $accepted } acceptée
       *[other] { $accepted } acceptées
    }, { $rejected ->
        [one] { $rejected } rejetée
       *[other] { $rejected } rejetées
    }
acknowledgment-aside = { $aside ->
        [one] 1 mise de côté pour examen (son statut suivra)
       *[other] { $aside } mises de côté pour examen (leur statut suivra)
    }
acknowledgment-findings = { $findings ->
        [one] 1 anomalie.
       *[other] { $findings } anomalies.
    }
acknowledgment-reading = Corriger les factures rejetées, sauf celles qui répètent une bonne facture, et ne déposer que les factures corrigées, dans un nouveau flux ; ne pas renvoyer les factures acceptées.
acknowledgment-guide = { $rules ->
        [one] La première ligne de nature FLUX résume la règle en cause
       *[other] Les { $rules } premières lignes, de nature FLUX, comptent les anomalies par règle
    } ; les suivantes les donnent toutes, facture par facture.
acknowledgment-rule = { $invoices ->
        [one] 1 facture rejetée
       *[other] { $invoices } factures rejetées
    } ({ $findings ->
        [one] 1 anomalie
       *[other] { $findings } anomalies
    }). { $sentence } { $subjects }
acknowledgment-such = Par exemple : { $sentence }
acknowledgment-subjects = { $count ->
        [one] Facture : { $subjects }.
       *[other] Factures : { $subjects }.
    }
acknowledgment-subjects-more = Factures : { $subjects } et { $more ->
        [one] 1 autre
       *[other] { $more } autres
    }.
acknowledgment-place = , anomalie { $place } sur { $count }
acknowledgment-cut = … (suite coupée : { $characters } caractères)
acknowledgment-cut-findings = … (suite coupée : { $findings ->
        [one] 1 anomalie
       *[other] { $findings } anomalies
    })

acknowledgment-term = terme { $value }
acknowledgment-terms = termes { $value }
acknowledgment-line = ligne { $value } du fichier
acknowledgment-element = élément { $value }
acknowledgment-found = valeur trouvée : « { $value } »
acknowledgment-expected = valeur attendue : « { $value } »
acknowledgment-where = emplacement : { $value ->
    [envelope] nom de l'enveloppe
    [flow] flux
   *[other] { $value }
    }
acknowledgment-do = À faire : { $value }
