# Règles de gestion : ce qui est trouvé, ce qui est attendu.
# $found est la valeur de la facture, $expected ce que la règle attend.

rule-absent = absent

## Numéros et références

rule-RLS-CPRO-01 = Vers le secteur public, le numéro de facture (BT-1) « { $found } » est trop long, même là où la norme en admet davantage (attendu : { $expected } caractères). Émettre la facture sous un numéro plus court.
rule-RLS-CPRO-02 = La facture ne porte pas de numéro (BT-1). Lui donner un numéro, unique dans l'année.
rule-G1-05 = Le numéro de facture (BT-1) « { $found } » comporte un signe interdit (attendu : { $expected } ; un espace seul est permis à l'intérieur). Retirer ce signe du numéro.
rule-RLS-CPRO-15 = Le numéro de la facture d'origine (BT-25) « { $found } » est trop long (attendu : { $expected } caractères) : le destinataire ne le verra que dans le fichier d'origine. Vérifier ce numéro.
rule-RLS-CPRO-16 = Le numéro d'engagement (BT-13) « { $found } » est trop long (attendu : { $expected } caractères) : le destinataire ne le verra que dans le fichier d'origine. Vérifier ce numéro auprès de l'acheteur.
rule-RLS-CPRO-17 = Le numéro de marché (BT-12) « { $found } » est trop long (attendu : { $expected } caractères) : le destinataire ne le verra que dans le fichier d'origine. Vérifier ce numéro auprès de l'acheteur.

## Dates

rule-RLS-CPRO-03 = La facture ne porte pas de date d'émission lisible (BT-2). L'écrire AAAA-MM-JJ, ou AAAAMMJJ en CII.
rule-G1-07 = La date d'émission (BT-2) « { $found } » est postérieure au jour du contrôle (attendu : { $expected }). Corriger la date, ou attendre ce jour pour déposer la facture.
rule-G1-36 = Une date de la facture (émission BT-2, échéance BT-9 ou livraison BT-72) est « { $found } », hors des années admises (attendu : { $expected }). Corriger cette date.
rule-RLS-CPRO-18 = L'échéance (BT-9) « { $found } » précède la date d'émission (attendu : { $expected }). Corriger l'une des deux dates.

## Cadre de facturation et type

rule-RLS-CPRO-04 = Le type de facture (BT-3) est « { $found } » ; Chorus Pro admet { $expected } (facture, avoir). Employer l'un de ces types.
rule-G1-01 = Le type de facture (BT-3) est « { $found } » ; la réforme admet { $expected }. Employer l'un de ces types.
rule-RLS-CPRO-05 = Le cadre de facturation (BT-23) est « { $found } » ; Chorus Pro admet { $expected }. Employer l'un de ces cadres.
rule-G1-02 = Le cadre de facturation (BT-23) est « { $found } » ; la réforme admet { $expected }. Employer l'un de ces cadres.
rule-G1-60 = Le cadre et le type « { $found } » se contredisent : une facture définitive après acompte (B4, S4, M4) n'est ni une facture d'acompte (386, 500) ni l'avoir d'une facture d'acompte (503). Types admis : { $expected }. Corriger le type ou le cadre.
rule-RLS-CPRO-19 = Le cadre de facturation (BT-23) « { $found } » n'est pas celui d'une facture de travaux, et cette interface n'en admet pas d'autre (attendu : { $expected }). Déposer cette facture par une autre interface.
rule-RLS-CPRO-20 = Le cadre de facturation (BT-23) est « { $found } » ; un mémoire de frais de justice porte le cadre { $expected }. Corriger le cadre, ou déposer ce document par une autre interface.
rule-RLS-CPRO-21 = La facture est dite déjà payée (cadre A2) et demande encore « { $found } » (BT-115) ; attendu : { $expected }. Mettre le net à payer à zéro, ou changer de cadre.

## Avoirs

rule-RLS-CPRO-11 = L'avoir (type « { $found } ») ne cite pas la facture d'origine (BT-25). Ajouter le numéro de la facture que l'avoir corrige.

## Fournisseur

rule-RLS-CPRO-06 = Le fournisseur n'est pas identifié : il faut un SIRET, un numéro de TVA intracommunautaire, un RIDET, un numéro TAHITI ou un identifiant hors UE. Ajouter l'un d'eux.
rule-RLS-CPRO-07 = L'identifiant du fournisseur « { $found } » n'est pas un numéro de l'INSEE (attendu : { $expected }, de 14 ou 9 chiffres). Corriger cet identifiant.
rule-RLS-CPRO-08 = La clé de contrôle ({ $expected }) du SIRET ou du SIREN du fournisseur « { $found } » est fausse : un chiffre est sans doute erroné. Vérifier le numéro sur l'avis de situation de l'INSEE.
rule-G1-80 = Le SIRET du fournisseur « { $found } » ne commence pas par son SIREN { $expected }. Corriger l'un ou l'autre.
rule-G2-19 = L'identifiant du fournisseur « { $found } » n'a pas la longueur de son type (caractères attendus : { $expected }). Vérifier l'identifiant et son type.
rule-RLS-CPRO-22 = Le numéro de TVA intracommunautaire du fournisseur « { $found } » n'a pas la forme de son pays (attendu : { $expected }). Corriger ce numéro.
rule-RLS-CPRO-23 = Le numéro de TVA français du fournisseur « { $found } » a une clé fausse ; celui de ce SIREN est { $expected }. Corriger le numéro de TVA ou le SIREN.
rule-RLS-CPRO-24 = L'identifiant d'un fournisseur hors UE, « { $found } », commence par le code de son pays (attendu : { $expected }), suivi des 16 premiers caractères de sa raison sociale. Corriger cet identifiant.
rule-G2-01 = Le code du pays du fournisseur (BT-40) « { $found } » n'est pas dans la liste { $expected }. Employer un code de cette liste.

## Destinataire

rule-RLS-CPRO-09 = Le destinataire (BT-46 ou BT-47) est « { $found } » ; il est désigné par un { $expected } de 14 chiffres. Demander son SIRET au destinataire.
rule-RLS-CPRO-10 = La clé de contrôle ({ $expected }) du SIRET du destinataire « { $found } » est fausse : un chiffre est sans doute erroné. Vérifier le SIRET auprès du destinataire.

## Paiement

rule-G1-10 = La devise (BT-5) « { $found } » n'est pas un code { $expected }. Employer un code de cette liste.
rule-RLS-CPRO-25 = La facture ne porte pas de devise (BT-5) ; attendu : un code { $expected }, tel que EUR. L'ajouter.
rule-RLS-CPRO-26 = La facture ne porte pas de mode de paiement (BT-81) ; attendu : { $expected }. L'ajouter.
rule-RLS-CPRO-27 = Le mode de paiement (BT-81) « { $found } » n'est pas de ceux de Chorus Pro, { $expected } : le destinataire verra le plus proche. Rien à faire si celui-ci convient.
rule-RLS-CPRO-28 = Un avoir ne porte pas de mode de paiement (BT-81) ; trouvé : « { $found } ». Le retirer.
rule-RLS-CPRO-29 = L'IBAN (BT-84) « { $found } » n'a pas la longueur de son pays (attendu : { $expected } caractères). Vérifier l'IBAN.
rule-RLS-CPRO-30 = La clé de contrôle ({ $expected }) de l'IBAN (BT-84) « { $found } » est fausse : un caractère est sans doute erroné. Vérifier l'IBAN.

## TVA

rule-G1-24 = Un taux de TVA, « { $found } », n'est pas dans la liste des taux admis : { $expected }. Corriger le taux.
rule-G2-31 = Une catégorie de TVA (BT-118), « { $found } », n'est pas admise ; attendu : { $expected }. Corriger la catégorie.
rule-RLS-CPRO-31 = Le montant de TVA d'un taux (BT-117) est « { $found } » ; sa base multipliée par son taux donne { $expected }, à un centime près. Corriger la base, le taux ou la TVA.

## Montants

rule-RLS-CPRO-12 = La facture ne porte pas de montant total hors taxes (BT-109) qui se lise comme un nombre. L'ajouter, avec un point pour les décimales.
rule-RLS-CPRO-13 = La facture ne porte pas de montant total toutes taxes comprises (BT-112) qui se lise comme un nombre. L'ajouter, avec un point pour les décimales.
rule-RLS-CPRO-14 = La facture ne porte pas de montant net à payer (BT-115) qui se lise comme un nombre. L'ajouter, avec un point pour les décimales.
rule-G1-53 = Le total hors taxes (BT-109) est « { $found } » ; la somme des bases de TVA (BT-116) est { $expected }, à un centime près. Corriger le total ou les bases.
rule-RLS-CPRO-32 = Le total toutes taxes comprises (BT-112) est « { $found } » ; le total hors taxes et la TVA font { $expected }, à un centime près. Corriger l'un de ces montants.
rule-RLS-CPRO-33 = Un montant total compte trop de décimales : « { $found } » (attendu : { $expected }). L'arrondir.
rule-more = La règle { $rule } est enfreinte { $count } fois de plus, sans détail.
