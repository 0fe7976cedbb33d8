# L'histoire d'une facture, telle que `relais trace` la raconte.

trace-head = Facture { $number } du fournisseur { $supplier }, dépôt { $place } sur { $count }
trace-deposit = Dépôt
trace-document = Document
trace-outcome = Décision
trace-outcome-accepted = acceptée
trace-outcome-rejected = rejetée
trace-outcome-quarantined = mise de côté pour examen
trace-recipient = Destinataire
trace-rules = Règles
trace-finding = Constat
trace-warning = Avertissement
trace-line = ligne { $line }
trace-findings-left = { $count ->
    [one] et 1 autre : --json le donne
   *[other] et { $count } autres : --json les donne tous
    }
trace-situation = Situation
trace-predecessor = Précédente
trace-successor = Suivante
trace-link = { $kind ->
    [recycles] recyclage sous le numéro { $number }
    [completes] complément sous le numéro { $number }
   *[replaces] remplacement, numéro { $number }
    } ({ $flow })
trace-phase = { $phase ->
    [deposited] déposée
    [made-available] mise à disposition du destinataire
    [to-recycle] à recycler
    [suspended] suspendue
    [completed] complétée
    [in-progress] en cours de traitement
    [disputed] en litige
    [payment-sent] paiement transmis
    [cashed] encaissée
    [refused] refusée
    [rejected] rejetée
    [recycled] recyclée
    [cancelled] annulée
   *[unknown] inconnue
    }
trace-actor = { $actor ->
    [supplier] fournisseur
    [recipient] destinataire
   *[platform] plateforme
    }
trace-column-at = Date (UTC)
trace-column-actor = Auteur
trace-column-status = Statut, et ce qu'il veut dire
trace-column-why = Motif et commentaire
trace-column-payment = Mandat et montants
trace-column-flows = Flux reçus (<) et émis (>)
trace-mandate = Mandat { $number }
trace-payment = { $kind ->
    [MAPTTC] Mandaté ou approuvé, TTC
    [MAP] Approuvé, HT
    [MPA] Payé
    [MEN] Encaissé
    [RAP] Reste à payer
    [MNA] Non approuvé, HT
    [MNATTC] Non approuvé, TTC
   *[other] { $kind }
    }
