# CPPFactureMixte : la structure du document.

mixed-missing = { $parent } ne contient pas { $name }, qui est obligatoire. L'ajouter.
mixed-many = { $parent } contient { $count } fois { $name }, qui n'y vient qu'une fois. N'en garder qu'un.
mixed-unknown = { $name } n'est pas connu dans { $parent } et n'est pas lu. Le retirer ; si sa donnée est utile, la mettre à la place prévue.
mixed-order = { $name } vient après un élément qui devrait le suivre dans { $parent }. Remettre les éléments dans l'ordre.
mixed-form = { $name } est mal écrit : « { $found } ». Forme attendue : { $expected }.
mixed-attribute = { $name } ne porte pas l'attribut { $attribute }, qui est obligatoire. L'ajouter.
mixed-count = CPPFactures annonce { $found } factures (Compteur) et en contient { $expected }. Corriger le compteur.
mixed-several = Le document contient { $found } factures qui n'ont pu être séparées : le compteur est faux, ou autre chose se trouve entre elles. Le corriger, ou déposer chaque facture dans son fichier, plusieurs fichiers dans un tar.gz.
mixed-others = Autres défauts de structure, non détaillés : { $count }.
