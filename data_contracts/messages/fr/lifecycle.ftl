# Statuts rendus : ce qu'ils disent d'une facture dont l'identité ne peut être reprise.

lifecycle-number = numéro (BT-1)
lifecycle-day = date d'émission (BT-2)
lifecycle-siren = SIREN du vendeur (BT-30)
lifecycle-type = type (BT-3)
lifecycle-value = { $name } « { $value } »
lifecycle-missing = { $name } absent
lifecycle-unusable = Fichier { $file } : des données d'identification sont inutilisables et ont ici une valeur par défaut. Valeurs reçues : { $values }.
