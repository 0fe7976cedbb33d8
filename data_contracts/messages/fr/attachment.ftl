# Pièces jointes : ce qui ne va pas, et que faire.

attachment-unnamed = Une pièce jointe ne porte pas de nom. Lui donner un nom de fichier avec son extension.
attachment-character = Le nom de la pièce jointe « { $name } » contient un caractère interdit ({ $found }). Renommer la pièce sans \ / : * ? " < > | ni caractère invisible.
attachment-extension-missing = Le nom de la pièce jointe « { $name } » n'a pas d'extension. Ajouter l'extension de son format, par exemple .pdf.
attachment-extension = La pièce jointe « { $name } » a l'extension { $found }, qui n'est pas admise. Convertir la pièce dans un format de la liste G4.03, par exemple PDF.
attachment-name-cut = Le nom de la pièce jointe « { $name } » dépasse { $most } caractères. Elle est transmise sous le nom « { $kept } » ; rien à faire.
attachment-content = La pièce jointe « { $name } » a l'extension { $extension }, mais son contenu est autre ({ $found }). Joindre le bon fichier, ou le nommer selon son format.
attachment-declared = La pièce jointe « { $name } » est déclarée { $declared }, mais son contenu est { $found }. Elle est transmise selon son contenu ; corriger le type déclaré.
attachment-base64 = La pièce jointe « { $name } » ne peut être décodée : son texte n'est pas du base64, ou il est coupé. Encoder le fichier entier en base64 et renvoyer la facture.
attachment-packed = La pièce jointe « { $name } » est abîmée dans le PDF, ou compressée autrement que par FlateDecode. Refaire le PDF avec un outil Factur-X.
attachment-zip = Le zip qui contient la pièce jointe « { $name } » ne peut être ouvert. Le refaire : un seul fichier, sans mot de passe, méthode deflate.
attachment-several = Le zip de la pièce jointe « { $name } » contient plusieurs fichiers, dont « { $found } ». Zipper chaque pièce seule.
attachment-empty = La pièce jointe « { $name } » est vide. La retirer ou la remplacer.
attachment-large = La pièce jointe « { $name } » dépasse la taille permise, ou se décompresse sans mesure. La réduire à moins de 100 Mo.
attachment-many = La facture porte { $count } pièces jointes, plus que les { $most } permises. Réunir les pièces dans moins de fichiers.
attachment-together = Les pièces jointes de la facture dépassent ensemble { $most } octets une fois décompressées. En réduire la taille.
attachment-absent = Cette facture d'un flux mixte (PDF et données) ne contient pas de pièce jointe. Joindre la facture lisible en PDF.
attachment-others = Autres défauts de pièces jointes, non détaillés : { $count }.
