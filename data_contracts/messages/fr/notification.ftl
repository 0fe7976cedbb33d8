# Notifications : les messages qui disent à chacun ce que deviennent ses factures.

notification-subject = Relais : des nouvelles de { $count ->
    [one] { $count } facture
   *[other] { $count } factures
}{ $urgent ->
    [0] { "" }
   *[other] , dont { $urgent } à traiter
}
notification-title-daily = Vos factures : statuts de la dernière journée
notification-title-at_once = Vos factures : nouveaux statuts
notification-intro = { $count ->
    [one] { $count } facture a un nouveau statut au { $on }.
   *[other] { $count } factures ont un nouveau statut au { $on }.
}
notification-group-urgent = À traiter ({ $count })
notification-group-moving = En cours ({ $count })
notification-group-ended = Terminées ({ $count })
notification-group-other = Autres nouvelles ({ $count })
notification-more = Et { $count } de plus : { $told }.
notification-counted = { $name } : { $count }
notification-standing = Factures en cours à présent : { $count }
notification-standing-of = { $scope } : { $count } en cours ({ $told })
notification-scope-structure = Structure { $structure }
notification-scope-service = Structure { $structure }, service { $service }
notification-scope-partner = Raccordement { $partner }
notification-invoice = Facture { $number } de { $supplier }
notification-unnumbered = Fichier { $name } de { $supplier }
notification-nobody = un fournisseur non nommé
notification-to = Pour { $structure }
notification-to-service = Pour { $structure }, service { $service }
notification-status = { $label } ({ $code }), le { $at }
notification-earlier = Auparavant : { $told }
notification-unknown-status = statut { $code }
notification-motive = Motif { $code } : { $sentence }
notification-remedy = À faire : { $remedy }
notification-fault = Règle { $rule } : { $sentence }
notification-faults-left = { $count ->
    [one] Et 1 autre anomalie : l'acquittement du flux les donne toutes.
   *[other] Et { $count } autres anomalies : l'acquittement du flux les donne toutes.
}
notification-comment = Commentaire : { $comment }
notification-cut = { $comment } [coupé : encore { $left } caractères ; le commentaire entier figure dans l'historique de la facture]
notification-mandate = Mandat { $number }
notification-platform = Votre plateforme l'affiche : { $label } ({ $code })
notification-next = Suite : { $next }
notification-successor = Facture qui la remplace : { $number }
notification-mandated = Montant mandaté : { $amount }
notification-paid = Montant : { $amount }
notification-footer = Vous recevez ce message parce que { $address } est inscrite comme { $role }. Les heures sont celles de Paris.
notification-opt-out = Pour recevoir moins de messages, ou aucun, demandez au gestionnaire principal de votre structure de changer vos préférences.
notification-no-opt-out = Un gestionnaire principal est toujours informé ; une autre personne peut être désignée à votre place.
notification-role-principal_manager = gestionnaire principal
notification-role-manager = gestionnaire
notification-role-user = utilisateur
notification-phase-deposited = Déposée
notification-phase-made-available = Mise à disposition
notification-phase-to-recycle = À recycler
notification-phase-suspended = Suspendue
notification-phase-completed = Complétée
notification-phase-in-progress = En cours de traitement
notification-phase-disputed = En litige
notification-phase-payment-sent = Mise en paiement
notification-phase-cashed = Encaissée
notification-phase-refused = Refusée
notification-phase-rejected = Rejetée
notification-phase-recycled = Recyclée
notification-phase-cancelled = Annulée
notification-phase-unknown = Autre statut
notification-reminder-subject = Relais : { $count ->
    [one] { $count } flux de factures attend
   *[other] { $count } flux de factures attendent
} votre acquittement
notification-reminder-title = Flux de factures sans acquittement
notification-reminder-intro = Ces flux ont été remis à votre raccordement { $partner } et aucun acquittement (FSO1300A) n'est revenu. Acquittez chacun, ou dites qu'il n'a pas été reçu : il vous sera alors renvoyé.
notification-reminder-line = { $name }, remis le { $at }, rappel { $rank }
notification-reminder-more = Et { $count } de plus, remis ensuite.
