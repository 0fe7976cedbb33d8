# Structure du XML : ce qui n'est pas comme le schéma officiel le prescrit.

schema-unexpected = L'élément { $node } n'est pas attendu à cet endroit.
schema-missing = Il manque un élément dans { $node }.
schema-root = L'élément { $node } n'est pas une racine de ce schéma.
schema-list = La valeur de { $node } n'est pas dans la liste permise.
schema-form = La valeur de { $node } n'a pas la forme demandée.
schema-too-long = La valeur de { $node } est trop longue.
schema-too-short = La valeur de { $node } est trop courte.
schema-length = La valeur de { $node } n'a pas la longueur demandée.
schema-digits = La valeur de { $node } a trop de chiffres.
schema-decimals = La valeur de { $node } a trop de décimales.
schema-bounds = La valeur de { $node } sort des bornes.
schema-type = La valeur de { $node } n'est pas du type demandé.
schema-attribute-missing = L'attribut { $name } manque à { $node }.
schema-attribute = L'attribut { $name } n'est pas permis sur { $node }.
schema-text = { $node } contient du texte là où il n'en faut pas.
schema-elements = { $node } contient des éléments là où il faut une valeur.
schema-nil = { $node } ne peut pas être déclaré vide (xsi:nil).
schema-other = { $node } ne respecte pas le schéma.
schema-more = { $count } autres erreurs de schéma ne sont pas détaillées.
