# Reading of a document: why it cannot be read.

parsing-pdf-many = the PDF embeds { $count } invoices, and only one may be there
    .remedy = Embed one invoice alone, as factur-x.xml.
parsing-pdf-inflated = the content of the PDF passes a limit once inflated ({ $most } bytes for the XML)
    .remedy = Remove from the embedded XML what is not the invoice, or spread its lines over several invoices.
parsing-pdf-xml-damaged = the compressed XML in the PDF is damaged
    .remedy = Write the PDF again with a Factur-X tool.
parsing-pdf-laborious = the structure of the PDF takes more than { $reads } reads or { $bytes } bytes to follow
    .remedy = Write the PDF again with a Factur-X tool.
parsing-pdf-encrypted = the PDF is encrypted
    .remedy = Send it without encryption or password.
parsing-empty = the document is empty
parsing-pdf-size = the PDF has more than { $most } bytes
    .remedy = Make the PDF lighter (smaller images, attachments apart).
parsing-no-pdf = the document is not a PDF
    .remedy = Send a Factur-X invoice: a PDF that embeds the XML.
parsing-pdf-packed = the XML in the PDF is packed otherwise than by FlateDecode alone
    .remedy = Embed the XML as it is, or packed by FlateDecode alone.
parsing-pdf-xml-empty = the XML in the PDF is empty
    .remedy = Embed the XML of the invoice as factur-x.xml.
parsing-pdf-no-invoice = the PDF embeds no invoice
    .remedy = Embed the XML of the invoice as factur-x.xml.
parsing-pdf-damaged = the PDF is damaged or of a kind that cannot be read ({ $kind })
    .remedy = Write the PDF again with a Factur-X tool.
parsing-rows = the invoice has { $rows } lines and VAT groups, more than { $most }
    .remedy = Spread the lines over several invoices.
parsing-encoding = the encoding is not UTF-8, US-ASCII or ISO-8859-1
    .remedy = Encode the document in UTF-8 and declare it so.
parsing-doctype = the document has a DOCTYPE, which no invoice syntax uses
    .remedy = Remove the DOCTYPE and the entities it declares.
parsing-size = the document has { $size } bytes, more than { $most }
parsing-statuses-size = the message has { $size } bytes, more than { $most }
    .remedy = Send the statuses in several messages.
parsing-xml-version = the XML version is not 1.0
    .remedy = Write version="1.0" in the XML declaration.
parsing-retyped = an element changes its own type (xsi:type), which no invoice syntax uses
    .remedy = Remove the attribute xsi:type.
parsing-malformed = the XML is not well-formed ({ $kind ->
    [mismatch] a closing tag is not that of the tag opened; the parser says: { $reason }
    [unclosed] a tag is opened and not closed; the parser says: { $reason }
    [cut] a tag is cut or badly written; the parser says: { $reason }
    [bare] a < or a & stands as it is in a text, instead of &lt; or &amp;; the parser says: { $reason }
    [ampersand] a & stands as it is in a text, instead of &amp;; the parser says: { $reason }
    [entity] an entity is not declared, instead of the character itself; the parser says: { $reason }
    [character] a character is not allowed in XML, or is not of the encoding declared; the parser says: { $reason }
    [after] something follows the end of the document; the parser says: { $reason }
    [before] the document does not begin with a tag; the parser says: { $reason }
    [value] the value of an attribute is missing, or not within quotes; the parser says: { $reason }
    [twice] an attribute is given twice; the parser says: { $reason }
    [prefix] a namespace prefix is not declared; the parser says: { $reason }
   *[other] the parser says: { $reason }
    })
parsing-root = the document is no { $label }
parsing-many-elements = more than { $most } elements
    .remedy = Spread the content of the document over several documents.
parsing-many-attributes = more than { $most } attributes
    .remedy = Spread the content of the document over several documents.
parsing-many-attributes-here = more than { $most } attributes on one element
    .remedy = Keep only the attributes that the invoice syntax has.
parsing-long-text = more than { $most } bytes follow a tag without another, and are no attachment
    .remedy = Shorten the text, the attribute or the comment, or send it as an attachment.
parsing-many-nodes = more than { $most } elements and attributes
    .remedy = Spread the content of the document over several documents.
parsing-large-other = the document has more than { $most } elements and attributes and is neither a UBL nor a CII invoice
    .remedy = Spread the content of the document over several documents.
parsing-large-invalid = the document has more than { $most } elements and attributes and is not valid by its XML schema: { $what }
    .remedy = Correct this error and check the rest on a shorter invoice: of so large a document only the first error is told.
parsing-large-unread = the document has more than { $most } elements and attributes and is not written plainly
    .remedy = Write the document in UTF-8, without CDATA sections and with ASCII names alone, or spread its lines over several invoices.
parsing-many-declarations = more than { $most } namespace declarations
    .remedy = Declare the namespaces once, on the root element.
parsing-many-declarations-here = more than { $most } namespace declarations on one element
    .remedy = Declare only the namespaces in use.
parsing-many-levels = more than { $most } levels of elements
    .remedy = Check the software that made the document: no invoice syntax nests so many elements.
parsing-many-paths = more than { $most } different paths of elements and attributes
    .remedy = Check the software that made the document: no invoice syntax uses so many different elements.
parsing-pdf-cut = the PDF is cut, or bytes follow its end
    .remedy = Check that the file is whole; otherwise write the PDF again with a Factur-X tool.
parsing-embedded = { $what }, in the XML embedded in the PDF
parsing-type = the document is { $found ->
    [pdf] a PDF
    [no-pdf] not a PDF
    [unknown] no invoice that Relais knows
   *[other] a { $found } invoice
    }{ $expected ->
    [none] { "" }
   *[other] ; the interface expects { $expected }
    }
    .remedy = { $expected ->
        [none] Give a UBL Invoice or CreditNote, a CII CrossIndustryInvoice, a CPPFactureMixte, or a Factur-X PDF.
       *[other] Deposit this document under the interface of its syntax.
    }
parsing-refused = { $motive } Detail: { $what }. { $remedy }
parsing-amount = The amount or quantity { $term } cannot be held exactly. Reduce its digits.
parsing-amounts-more = Other amounts or quantities that cannot be held exactly: { $count }.
