# Issue d'une facture : ce que disent ses statuts.

settlement-more = { $sentence } ({ $more ->
        [one] et 1 autre anomalie
       *[other] et { $more } autres anomalies
    })
settlement-aside = Mise de côté pour examen, car le contrôle n'a pas pu aboutir ({ $cause }). Rien à faire : son statut suivra.
settlement-undiffusable = { $term } ({ $code }) est absent ou hors format, et la diffusion au destinataire l'exige. Le corriger et déposer la facture à nouveau.
settlement-late = Complément : la facture du fichier { $member }, mise de côté pour examen, est { $outcome ->
        [accepted] acceptée
       *[rejected] rejetée
    }.
settlement-examined = Facture rejetée après examen : { $reason }
settlement-first = la facture du fichier { $member } du flux { $flow } reçu le { $day }
settlement-first-here = le fichier { $member } du même flux
settlement-first-elsewhere = la facture reçue le { $day } par un autre raccordement
