# Statuts : ce qui ne va pas dans un message de cycle de vie, ce que chaque statut veut dire, et ce qui suit.

status-RLS-STATUS-01 = L'élément « { $name } » n'est pas attendu à cet endroit.
status-RLS-STATUS-02 = Dans « { $parent } », « { $name } » est obligatoire et absent.
status-RLS-STATUS-03 = La valeur de « { $name } » n'a pas la forme que le schéma demande.
status-RLS-STATUS-04 = L'attribut « { $name } » de « { $parent } » n'est pas prévu, ou sa valeur n'a pas la forme demandée.
status-RLS-STATUS-05 = La date et l'heure du statut ne se lisent pas : « { $text } » n'est pas un instant du calendrier. Sans elle, le statut ne prend pas place dans l'historique ; renvoyer le statut avec une date valide.
status-RLS-STATUS-06 = La date de la facture ne se lit pas : « { $text } » n'est pas un jour du calendrier. La facture est cherchée par son numéro et son fournisseur.
status-RLS-STATUS-07 = Le statut ne dit pas le numéro de la facture concernée ; renvoyer le statut avec ce numéro.
status-RLS-STATUS-08 = Le code de statut { $code } n'est pas connu du format { $format } ; il est conservé et transmis tel quel, sans changer la situation de la facture.
status-RLS-STATUS-09 = Le statut { $code } exige un motif, et aucun n'est donné ; renvoyer le statut avec un code motif.
status-RLS-STATUS-10 = Le motif { $motive } n'est dans aucune liste connue ; il est conservé et transmis tel quel.
status-RLS-STATUS-11 = Le motif { $motive } n'est pas de ceux que le statut { $code } admet.
status-RLS-STATUS-12 = Le statut { $code } n'a pas de commentaire ; l'administration (PPF) en exige un pour un refus, et ce statut ne pourra pas lui être transmis sans lui.
status-RLS-STATUS-13 = Un numéro de mandat accompagne le statut { $code } ; il n'est attendu qu'avec 08 (mandatée). Il est conservé.
status-RLS-STATUS-14 = Le message annonce { $told } statuts et en contient { $counted }.
status-RLS-STATUS-15 = Le commentaire compte { $counted } caractères, plus que les { $most } qui sont transmis ; la suite est conservée sans être transmise.
status-RLS-STATUS-16 = Le message s'écarte de sa structure en plus de { $most } endroits ; il n'est pas intégré.
status-RLS-STATUS-17 = Aucune facture { $number } du fournisseur { $supplier } qui vous concerne n'est connue ; vérifier le numéro, le fournisseur et la date de la facture.
status-RLS-STATUS-18 = Le statut { $code } n'est pas de ceux que vous pouvez poser sur cette facture.
status-RLS-STATUS-19 = Le débiteur nommé, { $siret }, n'est pas celui de la facture ; le statut est pris pour cette facture.
