# Recevabilité d'un flux : enveloppe, taille, archive.

admission-infected = l'antivirus a trouvé une menace dans le flux
    .remedy = Retirer la menace, puis déposer le flux sous un nouvel identifiant.
admission-taken = ce nom a déjà été reçu le { $at } avec un autre contenu, comme flux { $flow }
admission-empty = le flux ne contient aucun octet
    .remedy = Vérifier que le fichier contient bien les factures, puis le déposer sous un nouvel identifiant.
admission-flow-size = le flux dépasse { $most } octets
admission-type = le flux n'est ni XML, ni PDF, ni tar.gz, ni tar, ni zip
admission-files = le flux contient { $count } fichiers, l'interface { $interface } en permet { $most }
    .remedy = Répartir les factures en plusieurs flux d'au plus { $most } fichiers.
admission-connection = l'enveloppe indique le code application { $code }, le raccordement qui dépose est { $own }
    .remedy = Écrire { $own } comme partenaire et comme émetteur dans le nom de l'enveloppe.
admission-no-archive = ces octets ne sont pas une archive
admission-archive-empty = l'archive ne contient aucun fichier
    .remedy = Mettre les factures dans l'archive, puis la déposer sous un nouvel identifiant.
admission-ratio = l'archive se décompresse à plus de { $most } fois sa taille
    .remedy = Vérifier que les fichiers de l'archive sont bien des factures, sans remplissage, puis la refaire et la déposer sous un nouvel identifiant.
admission-gzip-header = l'en-tête gzip n'est pas valide
admission-gzip-header-checksum = la somme de contrôle de l'en-tête gzip est fausse
admission-gzip-checksum = la somme de contrôle gzip est fausse
admission-gzip-length = la longueur gzip est fausse
admission-gzip-second = un second flux gzip suit le premier
admission-gzip-bytes-after = des octets suivent la fin du flux gzip
admission-gzip-cut = le flux gzip est coupé avant sa fin
admission-gzip-header-size = l'en-tête gzip est démesuré
admission-compressed-damaged = les données compressées sont endommagées
admission-name-size = un nom de fichier compte { $size } octets, { $most } sont permis
    .remedy = Donner à ce fichier un nom plus court, puis déposer l'archive sous un nouvel identifiant.
admission-name-hidden = un nom de fichier contient un caractère de contrôle ou invisible
    .remedy = Renommer ce fichier sans caractère invisible, puis déposer l'archive sous un nouvel identifiant.
admission-name-backslash = un nom de fichier contient une barre oblique inverse
    .remedy = Renommer ce fichier sans barre oblique inverse, puis déposer l'archive sous un nouvel identifiant.
admission-name-absolute = un nom de fichier est un chemin absolu
    .remedy = Donner aux fichiers des noms relatifs, qui ne commencent ni par / ni par une lettre de lecteur, puis déposer l'archive sous un nouvel identifiant.
admission-name-leaves = un nom de fichier sort de son dossier par '..'
    .remedy = Renommer ce fichier sans '..', puis déposer l'archive sous un nouvel identifiant.
admission-name-part = un nom de fichier comporte une partie vide
    .remedy = Renommer ce fichier sans partie vide (ni //, ni / en fin de nom), puis déposer l'archive sous un nouvel identifiant.
admission-entries = l'archive compte plus de { $most } entrées
admission-unpacked = l'archive se décompresse au-delà de { $most } octets
admission-name-twin = deux fichiers de l'archive portent le même nom, à la casse ou au codage des accents près
    .remedy = Donner un nom différent à chaque fichier, puis déposer l'archive sous un nouvel identifiant.
admission-file-size = un fichier compte { $size } octets, { $most } sont permis
admission-file-empty = un fichier de l'archive est vide
    .remedy = Retirer ou compléter ce fichier, puis déposer l'archive sous un nouvel identifiant.
admission-cut = l'archive est coupée avant sa fin
admission-tar-no-file = un en-tête étendu ne décrit aucun fichier
admission-tar-missing = le gzip ne contient pas de tar
    .remedy = Mettre les factures dans un tar compressé par gzip (tar.gz), et le déposer sous un nouvel identifiant.
admission-tar-end = l'archive tar ne se termine pas par deux blocs de zéros
admission-tar-headers-size = les en-têtes étendus d'un fichier dépassent { $most } octets
admission-tar-two-names = deux en-têtes étendus nomment un même fichier
admission-folder = un dossier de l'archive a un contenu
admission-tar-bytes-after = des octets suivent la fin de l'archive tar
admission-tar-global = un en-tête pax global nomme ou mesure tous les fichiers
admission-tar-checksum = la somme de contrôle d'un en-tête tar est fausse
admission-pax-size = une taille d'un en-tête pax n'est pas un nombre
admission-pax-malformed = un en-tête pax est mal formé
admission-pax-twice = un en-tête pax donne deux fois un champ
admission-name-utf8 = un nom de fichier n'est pas en UTF-8
    .remedy = Refaire l'archive avec des noms en UTF-8, et la déposer sous un nouvel identifiant.
admission-zip-contradiction = le répertoire du zip et l'entrée elle-même se contredisent
admission-zip-size = un fichier ne se décompresse pas à la taille annoncée
admission-zip-file-damaged = les données compressées d'un fichier sont endommagées
admission-zip-bytes-before = des octets précèdent le zip
admission-zip-checksum = la somme de contrôle d'un fichier est fausse
admission-zip-overlap = deux entrées du zip se chevauchent
admission-zip-hidden = des octets du zip n'appartiennent à aucun fichier
admission-zip64-end = la fin zip64 contredit le zip
admission-zip-directory = le répertoire du zip est mal formé
admission-zip-part = le zip est une partie d'un ensemble
    .remedy = Refaire le zip en un seul fichier, non découpé, et le déposer sous un nouvel identifiant.
admission-zip-entries = le zip annonce { $count } entrées, { $most } sont permises
admission-zip-directory-place = le répertoire du zip n'est pas à l'endroit annoncé : des octets précèdent l'archive ou manquent
admission-zip-directory-more = le répertoire du zip contient plus que les entrées annoncées
admission-zip64-field = un champ zip64 manque ou est trop court
admission-zip-encrypted = un fichier du zip est chiffré
    .remedy = Refaire le zip sans mot de passe ni chiffrement, et le déposer sous un nouvel identifiant.
admission-zip-method = un fichier du zip est compressé par une méthode autre que store et deflate
    .remedy = Refaire le zip par la méthode deflate (ou un tar.gz), et le déposer sous un nouvel identifiant.
admission-zip-file-elsewhere = un fichier du zip est dans une autre partie
    .remedy = Refaire le zip en un seul fichier, non découpé, et le déposer sous un nouvel identifiant.
admission-zip-cut = le zip est coupé avant sa fin
admission-zip-end = le zip est coupé à sa fin, ou des octets le suivent
admission-zip-two-ends = le zip a deux fins
admission-zip-name-utf8 = un nom n'est pas en UTF-8 comme annoncé
    .remedy = Refaire l'archive avec des noms en UTF-8, et la déposer sous un nouvel identifiant.
admission-envelope = le nom de l'enveloppe ne suit pas la règle à 41 caractères, comme FSO1100A_XXX999_XXX9991100000000000000001
    .remedy = Écrire code interface, tiret bas, code application, tiret bas, identifiant de flux, sans extension.
admission-flow-id = l'identifiant de flux indique l'interface { $digits }, l'enveloppe indique { $envelope }
    .remedy = Écrire { $expected } après le code application de l'émetteur, ou déposer sous l'interface { $digits }.
admission-interface = le code interface n'est pas un code de dépôt connu
    .remedy = Utiliser l'un de ces codes : { $known }.
admission-unknown = aucun raccordement actif ne porte ce code application
    .remedy = Utiliser le code application de votre raccordement ; s'il n'est pas encore ouvert ou plus actif, le faire activer.
admission-subscription = le raccordement { $code } n'est pas abonné à { $interface }
    .remedy = S'abonner à l'interface, ou utiliser l'une de celles du raccordement : { $known }.
admission-archive-size = l'archive dépasse { $most } octets
admission-tar-size = la taille d'un en-tête tar n'est pas un nombre
admission-tar-size-negative = la taille d'un en-tête tar est négative
admission-tar-kind = l'archive contient { $kind ->
    [kind-1] un lien physique
    [kind-2] un lien symbolique
    [kind-3] un périphérique en mode caractère
    [kind-4] un périphérique en mode bloc
    [kind-6] un tube nommé
    [kind-7] un fichier contigu
    [kind-D] une sauvegarde incrémentale de dossier
    [kind-M] la suite d'un autre volume
    [kind-S] un fichier à trous
    [kind-V] une étiquette de volume
   *[other] une entrée de type { $code }
    } ; seuls les fichiers ordinaires sont admis
    .remedy = Remplacer cette entrée par le fichier lui-même, et déposer l'archive sous un nouvel identifiant.
admission-zip-kind = une entrée du zip est { $kind ->
    [link] un lien symbolique
   *[other] pas un fichier
    } ; seuls les fichiers ordinaires sont admis
    .remedy = Remplacer cette entrée par le fichier lui-même, et déposer l'archive sous un nouvel identifiant.
