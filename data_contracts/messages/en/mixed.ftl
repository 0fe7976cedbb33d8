# CPPFactureMixte: the structure of the document.

mixed-missing = { $parent } does not hold { $name }, which is mandatory. Add it.
mixed-many = { $parent } holds { $name } { $count } times, where it comes once. Keep one only.
mixed-unknown = { $name } is not known in { $parent } and is not read. Remove it; if its value is needed, put it where it belongs.
mixed-order = { $name } comes after an element that should follow it in { $parent }. Put the elements in order.
mixed-form = { $name } is badly written: "{ $found }". Expected form: { $expected }.
mixed-attribute = { $name } lacks attribute { $attribute }, which is mandatory. Add it.
mixed-count = CPPFactures announces { $found } invoices (Compteur) and holds { $expected }. Correct the counter.
mixed-several = The document holds { $found } invoices that could not be taken apart: the counter is wrong, or something else stands between them. Correct it, or drop each invoice in a file of its own, several files in a tar.gz.
mixed-others = Other defects of structure, not listed: { $count }.
