# Whether a flow is admissible: envelope, size, archive.

admission-infected = the antivirus found a threat in the flow
    .remedy = Remove the threat, then deposit the flow under a new id.
admission-taken = this name was already received on { $at } with other content, as flow { $flow }
admission-empty = the flow has no byte
    .remedy = Check that the file holds the invoices, then deposit it under a new id.
admission-flow-size = the flow has more than { $most } bytes
admission-type = the flow is neither XML, PDF, tar.gz, tar nor zip
admission-files = the flow holds { $count } files, interface { $interface } allows { $most }
    .remedy = Spread the invoices over several flows of at most { $most } files.
admission-connection = the envelope says application code { $code }, the connection that dropped it is { $own }
    .remedy = Write { $own } as partner and as emitter in the envelope name.
admission-no-archive = these bytes are no archive
admission-archive-empty = the archive holds no file
    .remedy = Put the invoices into the archive, then deposit it under a new id.
admission-ratio = the archive unpacks to more than { $most } times its size
    .remedy = Check that the files of the archive are invoices, without padding, then rebuild it and deposit it under a new id.
admission-gzip-header = the gzip header is not valid
admission-gzip-header-checksum = the gzip header's checksum is wrong
admission-gzip-checksum = the gzip checksum is wrong
admission-gzip-length = the gzip length is wrong
admission-gzip-second = a second gzip stream follows the first
admission-gzip-bytes-after = bytes follow the end of the gzip stream
admission-gzip-cut = the gzip stream is cut before its end
admission-gzip-header-size = the gzip header is oversized
admission-compressed-damaged = the compressed data is damaged
admission-name-size = a file name has { $size } bytes, { $most } are allowed
    .remedy = Give this file a shorter name, then deposit the archive under a new id.
admission-name-hidden = a file name holds a control or invisible character
    .remedy = Rename this file without invisible characters, then deposit the archive under a new id.
admission-name-backslash = a file name holds a backslash
    .remedy = Rename this file without backslash, then deposit the archive under a new id.
admission-name-absolute = a file name is an absolute path
    .remedy = Give the files relative names, which begin neither with / nor with a drive letter, then deposit the archive under a new id.
admission-name-leaves = a file name leaves its folder by '..'
    .remedy = Rename this file without '..', then deposit the archive under a new id.
admission-name-part = a file name has an empty part
    .remedy = Rename this file without an empty part (no //, no / at its end), then deposit the archive under a new id.
admission-entries = the archive has more than { $most } entries
admission-unpacked = the archive unpacks to more than { $most } bytes
admission-name-twin = two files of the archive have the same name, but for case or accents' encoding
    .remedy = Give each file a different name, then deposit the archive under a new id.
admission-file-size = a file has { $size } bytes, { $most } are allowed
admission-file-empty = a file of the archive is empty
    .remedy = Remove or complete this file, then deposit the archive under a new id.
admission-cut = the archive is cut before its end
admission-tar-no-file = an extended header describes no file
admission-tar-missing = the gzip holds no tar
    .remedy = Put the invoices into a tar packed by gzip (tar.gz), and deposit it under a new id.
admission-tar-end = the tar does not end with two zero blocks
admission-tar-headers-size = the extended headers of one file take more than { $most } bytes
admission-tar-two-names = two extended headers name one file
admission-folder = a folder of the archive has content
admission-tar-bytes-after = bytes follow the end of the tar
admission-tar-global = a global pax header names or sizes every file
admission-tar-checksum = a tar header's checksum is wrong
admission-pax-size = a size in a pax header is no number
admission-pax-malformed = a pax header is malformed
admission-pax-twice = a pax header says a field twice
admission-name-utf8 = a file name is not UTF-8
    .remedy = Rebuild the archive with names in UTF-8, and deposit it under a new id.
admission-zip-contradiction = the zip's directory and the entry itself disagree
admission-zip-size = a file does not unpack to the size announced
admission-zip-file-damaged = the compressed data of a file is damaged
admission-zip-bytes-before = bytes precede the zip
admission-zip-checksum = the checksum of a file is wrong
admission-zip-overlap = two entries of the zip overlap
admission-zip-hidden = bytes of the zip belong to no file
admission-zip64-end = the zip64 end contradicts the zip
admission-zip-directory = the zip's directory is malformed
admission-zip-part = the zip is one part of several
    .remedy = Rebuild the zip as one file, not split, and deposit it under a new id.
admission-zip-entries = the zip announces { $count } entries, { $most } are allowed
admission-zip-directory-place = the zip's directory is not where its end says: bytes precede the archive or were lost
admission-zip-directory-more = the zip's directory holds more than the entries announced
admission-zip64-field = a zip64 field is missing or short
admission-zip-encrypted = a file of the zip is encrypted
    .remedy = Rebuild the zip without password or encryption, and deposit it under a new id.
admission-zip-method = a file of the zip is packed by a method other than store and deflate
    .remedy = Rebuild the zip by method deflate (or a tar.gz), and deposit it under a new id.
admission-zip-file-elsewhere = a file of the zip lies in another part
    .remedy = Rebuild the zip as one file, not split, and deposit it under a new id.
admission-zip-cut = the zip is cut before its end
admission-zip-end = the zip is cut in its end, or bytes follow it
admission-zip-two-ends = the zip has two ends
admission-zip-name-utf8 = a file name is not the UTF-8 it claims
    .remedy = Rebuild the archive with names in UTF-8, and deposit it under a new id.
admission-envelope = the envelope name does not follow the 41-character rule, like FSO1100A_XXX999_XXX9991100000000000000001
    .remedy = Write interface code, underscore, application code, underscore, flow id, without extension.
admission-flow-id = the flow id says interface { $digits }, the envelope says { $envelope }
    .remedy = Write { $expected } after the emitter's application code, or deposit under interface { $digits }.
admission-interface = the interface code is not one that can be deposited
    .remedy = Use one of these codes: { $known }.
admission-unknown = no active connection has this application code
    .remedy = Use the application code of your connection; if it is not open yet or no longer active, have it activated.
admission-subscription = connection { $code } does not subscribe to { $interface }
    .remedy = Subscribe to the interface, or use one of the connection's own: { $known }.
admission-archive-size = the archive has more than { $most } bytes
admission-tar-size = a tar header's size is no number
admission-tar-size-negative = a tar header's size is negative
admission-tar-kind = the archive holds { $kind ->
    [kind-1] a hard link
    [kind-2] a symbolic link
    [kind-3] a character device
    [kind-4] a block device
    [kind-6] a named pipe
    [kind-7] a contiguous file
    [kind-D] an incremental folder dump
    [kind-M] the continuation of another volume
    [kind-S] a sparse file
    [kind-V] a volume label
   *[other] an entry of kind { $code }
    }; only plain files are accepted
    .remedy = Put the file itself in place of this entry, and deposit the archive under a new id.
admission-zip-kind = an entry of the zip is { $kind ->
    [link] a symbolic link
   *[other] no file
    }; only plain files are accepted
    .remedy = Put the file itself in place of this entry, and deposit the archive under a new id.
