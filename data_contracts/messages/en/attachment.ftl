# Attachments: what is wrong, and what to do.

attachment-unnamed = An attachment bears no name. Give it a file name with its extension.
attachment-character = The name of attachment "{ $name }" holds a forbidden character ({ $found }). Rename the file without \ / : * ? " < > | and without invisible characters.
attachment-extension-missing = The name of attachment "{ $name }" has no extension. Add the extension of its format, such as .pdf.
attachment-extension = Attachment "{ $name }" has extension { $found }, which is not accepted. Convert it to a format of list G4.03, such as PDF.
attachment-name-cut = The name of attachment "{ $name }" has more than { $most } characters. It goes on as "{ $kept }"; nothing to do.
attachment-content = Attachment "{ $name }" has extension { $extension }, but its content is something else ({ $found }). Attach the right file, or name it by its format.
attachment-declared = Attachment "{ $name }" is declared as { $declared }, but its content is { $found }. It goes on by its content; correct the declared type.
attachment-base64 = Attachment "{ $name }" cannot be decoded: its text is no base64, or it is cut. Encode the whole file in base64 and send the invoice again.
attachment-packed = Attachment "{ $name }" is damaged in the PDF, or packed otherwise than by FlateDecode. Write the PDF again with a Factur-X tool.
attachment-zip = The zip that holds attachment "{ $name }" cannot be opened. Make it anew: one file, no password, method deflate.
attachment-several = The zip of attachment "{ $name }" holds several files, among them "{ $found }". Zip each file alone.
attachment-empty = Attachment "{ $name }" is empty. Remove or replace it.
attachment-large = Attachment "{ $name }" is larger than allowed, or unpacks without measure. Reduce it to less than 100 MB.
attachment-many = The invoice has { $count } attachments, more than the { $most } allowed. Join them into fewer files.
attachment-together = The attachments of the invoice have together more than { $most } bytes once unpacked. Reduce their size.
attachment-absent = This invoice of a mixed flow (PDF and data) holds no attachment. Attach the readable invoice as a PDF.
attachment-others = Other defects of attachments, not listed: { $count }.
