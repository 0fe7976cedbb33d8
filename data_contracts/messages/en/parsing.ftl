# Reading of a document: why it cannot be read.

parsing-pdf-many = the PDF embeds { $count } invoices, and only one may be there
parsing-pdf-inflated = the content of the PDF passes a limit once inflated ({ $most } bytes for the XML)
parsing-pdf-xml-damaged = the compressed XML in the PDF is damaged
parsing-pdf-laborious = the structure of the PDF takes more than { $reads } reads or { $bytes } bytes to follow
parsing-pdf-encrypted = the PDF is encrypted
parsing-empty = the document is empty
parsing-pdf-size = the PDF has more than { $most } bytes
parsing-no-pdf = the document is not a PDF
parsing-pdf-packed = the XML in the PDF is packed otherwise than by FlateDecode alone
parsing-pdf-xml-empty = the XML in the PDF is empty
parsing-pdf-no-invoice = the PDF embeds no invoice
parsing-pdf-damaged = the PDF is damaged or of a kind that cannot be read ({ $kind })
parsing-rows = the invoice has { $rows } lines and VAT groups, more than { $most }
parsing-encoding = the encoding is not UTF-8, US-ASCII or ISO-8859-1
parsing-doctype = the document has a DOCTYPE, which no invoice syntax uses
parsing-size = the document has { $size } bytes, more than { $most }
parsing-xml-version = the XML version is not 1.0
parsing-retyped = an element changes its own type (xsi:type), which no invoice syntax uses
parsing-malformed = the XML is not well-formed ({ $reason })
parsing-root = the document is no { $label }
parsing-many-elements = more than { $most } elements
parsing-many-attributes = more than { $most } attributes
parsing-many-attributes-here = more than { $most } attributes on one element
parsing-many-declarations = more than { $most } namespace declarations
parsing-many-declarations-here = more than { $most } namespace declarations on one element
parsing-many-levels = more than { $most } levels of elements
parsing-many-paths = more than { $most } different paths of elements and attributes
parsing-pdf-cut = the PDF is cut, or bytes follow its end
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
parsing-refused = { $motive } Detail: { $what }. { $remedy }
parsing-amount = The amount or quantity { $term } cannot be held exactly.
parsing-amounts-more = { $count } other amounts or quantities cannot be held exactly.
