# L'histoire des factures : statuts reçus, factures qui se suivent.

history-RLS-HIST-01 = { $count } factures portent le numéro { $number } du fournisseur { $seller }, émises en { $years } ; ce statut n'a pas été enregistré. À faire : renvoyer le statut avec la date de la facture.
history-RLS-HIST-02 = Aucun flux { $flow } ne vous a été transmis ; ce statut n'a pas été enregistré. À faire : reprendre l'identifiant de 25 caractères du flux reçu.
history-RLS-HIST-03 = Le document { $document } ne contient aucun statut. À faire : vérifier le fichier avant de le déposer.
history-RLS-HIST-04 = Avec le document { $document }, le flux dépasse { $most } statuts ; aucun de ce document n'a été enregistré. À faire : le déposer dans un flux à part, en documents d'au plus { $most } statuts.
history-unreadable = Le document { $document } n'a pas pu être lu : { $what }. À faire : { $remedy }
history-comment = Statuts reçus : { $told } ; enregistrés : { $taken }, dont déjà connus : { $known } ; refusés : { $refused }. Documents illisibles : { $unread }.
history-comment-named = Enregistrés, par statut : { $named }.

history-duplicate = Cette facture répète { $first }{ $status ->
    [unsettled] { "" }
    [available] , au statut « Mise à disposition du destinataire »
   *[other] , au statut « { $status } » depuis le { $day }
    } : même numéro, même émetteur, même année. { $todo ->
    [recycle] La première attend d'être recyclée : la redéposer sous ce numéro en ne changeant que le destinataire, le service ou l'engagement.
    [complete] La première attend d'être complétée : la redéposer telle quelle avec les pièces demandées, ou déposer le statut « Complétée ».
    [renumber] La première est rejetée : émettre une nouvelle facture sous un nouveau numéro, qui cite celui-ci comme facture d'origine (BT-25).
   *[nothing] Si la première est bonne, ne rien faire ; sinon, l'annuler par un avoir et émettre sous un nouveau numéro.
    }
history-changed = Cette facture reprend le numéro de { $first }, qui attend d'être { $kind ->
    [recycles] recyclée : seuls le destinataire, le service et l'engagement peuvent changer
   *[completes] complétée : rien de ce qu'elle dit ne peut changer
    }. Ont aussi changé : { $terms }. À faire : remettre ces valeurs comme elles étaient, ou attendre un rejet et émettre sous un nouveau numéro.
history-follows = { $kind ->
    [recycles] Recyclage accepté sous le même numéro que { $first }.
    [completes] Complément accepté sous le même numéro que { $first }.
   *[replaces] Remplace la facture d'origine { $number }, rejetée ({ $first }).
    }
