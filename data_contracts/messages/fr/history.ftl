# L'histoire des factures : statuts reçus, factures qui se suivent.

history-RLS-HIST-01 = { $count } factures portent le numéro { $number } du fournisseur { $seller }, émises en { $years } ; ce statut n'a pas été enregistré. À faire : renvoyer le statut avec la date de la facture.
history-RLS-HIST-02 = Aucun flux { $flow } ne vous a été transmis ; ce statut n'a pas été enregistré. À faire : reprendre l'identifiant de 25 caractères du flux reçu.
history-RLS-HIST-03 = Le document { $document } ne contient aucun statut. À faire : vérifier le fichier avant de le déposer.
history-unreadable = Le document { $document } n'a pas pu être lu : { $what }.
history-comment = Statuts reçus : { $told } ; enregistrés : { $taken }, dont déjà connus : { $known } ; refusés : { $refused }. Documents illisibles : { $unread }.
