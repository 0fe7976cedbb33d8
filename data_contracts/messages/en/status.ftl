# Statuses: what is wrong with a life-cycle message, what each status means, and what follows.

status-RLS-STATUS-01 = The element "{ $name }" is not expected in this place.
status-RLS-STATUS-02 = In "{ $parent }", "{ $name }" is compulsory and missing.
status-RLS-STATUS-03 = The value of "{ $name }" has not the form that the schema asks for.
status-RLS-STATUS-04 = The attribute "{ $name }" of "{ $parent }" is not foreseen, or its value has not the form asked for.
status-RLS-STATUS-05 = The date and time of the status cannot be read: "{ $text }" is no instant of the calendar. Without it the status has no place in the history; send the status again with a valid date.
status-RLS-STATUS-06 = The invoice's date cannot be read: "{ $text }" is no day of the calendar. The invoice is looked for by its number and supplier.
status-RLS-STATUS-07 = The status does not say the number of the invoice concerned; send the status again with that number.
status-RLS-STATUS-08 = Status code { $code } is not known in format { $format }; it is kept and passed on as it is, and does not change how the invoice stands.
status-RLS-STATUS-09 = Status { $code } demands a motive, and none is given; send the status again with a motive code.
status-RLS-STATUS-10 = Motive { $motive } is in no known list; it is kept and passed on as it is.
status-RLS-STATUS-11 = Motive { $motive } is not one that status { $code } admits.
status-RLS-STATUS-12 = Status { $code } has no comment; the tax administration (PPF) demands one for a refusal, and this status cannot be passed on to it without.
status-RLS-STATUS-13 = A mandate number comes with status { $code }; it is expected with 08 (payment ordered) alone. It is kept.
status-RLS-STATUS-14 = The message announces { $told } statuses and holds { $counted }.
status-RLS-STATUS-15 = The comment has { $counted } characters, more than the { $most } that are passed on; the rest is kept and not passed on.
status-RLS-STATUS-16 = The message departs from its structure in more than { $most } places; it is not taken in.
status-RLS-STATUS-17 = No invoice { $number } of supplier { $supplier } that concerns you is known; check the number, the supplier and the date of the invoice.
status-RLS-STATUS-18 = Status { $code } is not one that you may set on this invoice.
status-RLS-STATUS-19 = The debtor named, { $siret }, is not that of the invoice; the status is taken for this invoice.
