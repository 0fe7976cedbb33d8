# Routage : pourquoi une facture n'a pas de destinataire, et que corriger.

routing-RLS-ROUTE-01 = Le SIRET du destinataire est absent ou n'a pas 14 chiffres, alors qu'il désigne la structure publique à facturer ; le demander à l'acheteur.
routing-RLS-ROUTE-02 = Aucune structure publique de l'annuaire ne porte ce SIRET ; vérifier le SIRET du destinataire.
routing-RLS-ROUTE-03 = La structure { $structure } n'est plus active ; demander à l'acheteur son SIRET en vigueur.
routing-RLS-ROUTE-04 = Le code service est absent, et { $structure } l'exige ; le demander à l'acheteur.
routing-RLS-ROUTE-05 = { $structure } n'a pas de service { $code } ; utiliser un de ses codes service.
routing-RLS-ROUTE-06 = Le service { $code } ({ $structure }) n'est pas ouvert au { $on } ; utiliser un service actif.
routing-RLS-ROUTE-07 = Le numéro d'engagement est absent, et { $who } l'exige ; le demander à l'acheteur.
routing-RLS-ROUTE-08 = { $structure } exige un code service ou un numéro d'engagement ; la facture n'a ni l'un ni l'autre ; les demander à l'acheteur.
routing-RLS-ROUTE-09 = Le service { $code } ({ $structure }) est réservé aux factures entre entités publiques, et l'émetteur n'est pas une entité publique de l'annuaire ; demander à l'acheteur le code service à utiliser.
routing-RLS-ROUTE-10 = L'adresse de facturation { $address } n'est pas dans l'annuaire ; la vérifier en entier auprès du destinataire, suffixe ou code de routage compris.
routing-RLS-ROUTE-11 = L'adresse de facturation { $address } ne reçoit pas de facture au { $on } ; demander au destinataire son adresse en vigueur.
routing-RLS-ROUTE-12 = L'adresse de facturation { $address } relève de la plateforme { $platform }, non de Chorus Pro ; envoyer la facture à cette plateforme, ou demander au destinataire son adresse.
routing-RLS-ROUTE-13 = L'adresse de facturation { $address } n'est encore rattachée à aucune plateforme de réception ; demander au destinataire comment lui adresser ses factures.
