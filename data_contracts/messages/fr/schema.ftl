# Structure du XML : ce qui n'est pas comme le schéma officiel le prescrit.

schema-unexpected = L'élément { $node } n'est pas attendu à cet endroit. Le retirer, ou le remettre à sa place dans l'ordre du schéma.
schema-missing = Il manque un élément dans { $node }. Ajouter l'élément attendu.
schema-root = L'élément { $node } n'est pas une racine de ce schéma. Déposer ce document sous l'interface de sa syntaxe, ou corriger sa racine.
schema-list = La valeur de { $node } n'est pas dans la liste permise. Employer une valeur de cette liste.
schema-form = La valeur de { $node } n'a pas la forme demandée. L'écrire dans cette forme.
schema-too-long = La valeur de { $node } est trop longue. La raccourcir.
schema-too-short = La valeur de { $node } est trop courte. La compléter.
schema-length = La valeur de { $node } n'a pas la longueur demandée. Lui donner cette longueur.
schema-digits = La valeur de { $node } a trop de chiffres. En réduire le nombre.
schema-decimals = La valeur de { $node } a trop de décimales. L'arrondir.
schema-bounds = La valeur de { $node } sort des bornes. La corriger.
schema-type = La valeur de { $node } n'est pas du type demandé. L'écrire dans ce type : une date AAAA-MM-JJ, un nombre avec un point pour les décimales.
schema-attribute-missing = L'attribut { $name } manque à { $node }. L'ajouter.
schema-attribute = L'attribut { $name } n'est pas permis sur { $node }. Le retirer.
schema-text = { $node } contient du texte là où il n'en faut pas. Retirer ce texte.
schema-elements = { $node } contient des éléments là où il faut une valeur. N'y mettre que cette valeur.
schema-nil = { $node } ne peut pas être déclaré vide (xsi:nil). Lui donner une valeur, ou le retirer.
schema-other = { $node } ne respecte pas le schéma. Le corriger d'après le schéma.
schema-more = Autres erreurs de schéma, non détaillées : { $count }.
schema-flood = Il y a plus de { $count } erreurs de schéma ; les premières sont détaillées. Les corriger, puis contrôler à nouveau.
