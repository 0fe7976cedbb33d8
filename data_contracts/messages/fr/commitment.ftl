# Engagements : ce qui ne va pas dans ceux qui sont déposés, et dans ceux que citent les factures.

commitment-size = Le document compte { $bytes } octets, { $most } sont permis.
    .remedy = Répartir les engagements en plusieurs flux.
commitment-many = Le document contient { $count } engagements, { $most } sont permis.
    .remedy = Les répartir en plusieurs flux.
commitment-many-lines = Le document contient { $count } lignes d'engagements, { $most } sont permises.
    .remedy = Répartir les engagements en plusieurs flux.
commitment-encoding = Le document n'est pas en UTF-8 à l'octet { $place }.
    .remedy = Enregistrer le document en UTF-8.
commitment-json = Le document n'est pas le JSON attendu : { $what ->
    [nesting] trop de niveaux sont emboîtés
    [twice] une clé figure deux fois dans un objet
    [constant] NaN et Infinity ne sont pas des nombres
   *[syntax] la syntaxe est fautive à { $place } (ligne:colonne)
    }.
    .remedy = Corriger le JSON et déposer à nouveau.
commitment-format = Le document n'est pas un objet avec « format » : « { $format } » et une liste « commitments ».
    .remedy = Écrire ces deux clés, et elles seules, au premier niveau du document.
commitment-shape = Ce qui figure à { $place } n'a pas la forme décrite, ou porte un champ inconnu.
    .remedy = Corriger cet endroit d'après la description du format et déposer à nouveau.
commitment-columns = La ligne d'en-tête n'est pas celle attendue : { $columns }.
    .remedy = Écrire cette ligne d'en-tête, dans cet ordre.
commitment-cells = La ligne { $place } compte { $count } cellules, { $most } sont attendues.
    .remedy = Écrire toutes les cellules de la ligne, vides s'il le faut, séparées par des virgules.
commitment-csv = Le document n'est pas le CSV attendu, à la ligne { $place }.
    .remedy = Corriger le CSV : UTF-8, virgules, guillemets doublés dans une cellule entre guillemets.
commitment-RLS-EJ-01 = Le champ { $field } est absent ou mal formé : « { $found } » ; le renseigner comme le format le demande.
commitment-RLS-EJ-02 = Le champ { $field } n'est pas un SIRET de clé juste : « { $found } » ; vérifier ce SIRET.
commitment-RLS-EJ-03 = La structure { $structure } n'est pas de celles dont le raccordement { $partner } peut déposer les engagements ; les déposer par le raccordement de la structure.
commitment-RLS-EJ-04 = La structure { $structure } n'a pas de service « { $service } » ; utiliser un de ses codes service.
commitment-RLS-EJ-05 = L'engagement se termine avant de commencer ; corriger valid_from ou valid_to.
commitment-RLS-EJ-06 = Le numéro « { $number } » figure plusieurs fois dans ce document ; n'en garder qu'un.
commitment-RLS-EJ-07 = La ligne { $line } de l'engagement est mal formée : un numéro, un libellé et un montant sont attendus ; la corriger.
commitment-RLS-EJ-08 = Deux lignes de l'engagement ont le même numéro ; donner à chacune le sien.
commitment-RLS-EJ-11 = L'engagement { $number } n'est pas connu du destinataire ; vérifier le numéro auprès de l'acheteur.
commitment-RLS-EJ-12 = L'engagement { $number } est clos ou annulé ; demander à l'acheteur celui qui est en vigueur.
commitment-RLS-EJ-13 = L'engagement { $number } a été donné à un autre fournisseur que { $seller } ; vérifier le numéro auprès de l'acheteur.
commitment-RLS-EJ-14 = L'engagement { $number } n'est pas en vigueur le { $on }, date de la facture ; demander à l'acheteur celui qui l'est.
commitment-RLS-EJ-15 = Il reste { $left } sur l'engagement { $number }, et la facture demande { $asked } ; demander à l'acheteur de l'augmenter.
commitment-warned = Engagements à vérifier ({ $count }) : { $told }
commitment-more = Et { $count } de plus.
commitment-received = { $count ->
    [one] 1 engagement reçu
   *[other] { $count } engagements reçus
} : { $taken ->
    [one] { $taken } enregistré
   *[other] { $taken } enregistrés
}, { $refused ->
    [one] { $refused } refusé
   *[other] { $refused } refusés
}.
commitment-unreadable = Le document n'a pas pu être lu : { $what } À faire : { $remedy }
commitment-empty = Le document ne contient aucun engagement. À faire : vérifier le fichier avant de le déposer.
