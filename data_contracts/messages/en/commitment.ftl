# Commitments: what is wrong with those deposited, and with those that invoices quote.

commitment-size = The document has { $bytes } bytes, { $most } are allowed.
    .remedy = Spread the commitments over several flows.
commitment-many = The document holds { $count } commitments, { $most } are allowed.
    .remedy = Spread them over several flows.
commitment-many-lines = The document holds { $count } lines of commitments, { $most } are allowed.
    .remedy = Spread the commitments over several flows.
commitment-encoding = The document is not UTF-8 at byte { $place }.
    .remedy = Save the document in UTF-8.
commitment-json = The document is not JSON as expected: { $what ->
    [nesting] too many levels are nested
    [twice] a key occurs twice in an object
    [constant] NaN and Infinity are no numbers
   *[syntax] its syntax is wrong at { $place } (line:column)
    }.
    .remedy = Correct the JSON and deposit again.
commitment-format = The document is not an object with "format": "{ $format }" and a list "commitments".
    .remedy = Write these two keys, and these alone, at the top of the document.
commitment-shape = What stands at { $place } has not the shape described, or a field that is not known.
    .remedy = Correct that place by the description of the format and deposit again.
commitment-columns = The header line is not the one expected: { $columns }.
    .remedy = Write this header line, in this order.
commitment-cells = Line { $place } has { $count } cells, { $most } are expected.
    .remedy = Write every cell of the line, empty where need be, separated by commas.
commitment-csv = The document is not CSV as expected, at line { $place }.
    .remedy = Correct the CSV: UTF-8, commas, quotes doubled within a quoted cell.
commitment-RLS-EJ-01 = Field { $field } is missing or malformed: "{ $found }"; fill it in as the format asks.
commitment-RLS-EJ-02 = Field { $field } is not a SIRET with a right key: "{ $found }"; check this SIRET.
commitment-RLS-EJ-03 = Structure { $structure } is not one whose commitments connection { $partner } may deposit; deposit them through the structure's own connection.
commitment-RLS-EJ-04 = Structure { $structure } has no service "{ $service }"; use one of its service codes.
commitment-RLS-EJ-05 = The commitment ends before it begins; correct valid_from or valid_to.
commitment-RLS-EJ-06 = Number "{ $number }" comes more than once in this document; keep one.
commitment-RLS-EJ-07 = Line { $line } of the commitment is malformed: a number, a label and an amount are expected; correct it.
commitment-RLS-EJ-08 = Two lines of the commitment have the same number; give each its own.
commitment-RLS-EJ-11 = Commitment { $number } is not known to the recipient; check the number with the buyer.
commitment-RLS-EJ-12 = Commitment { $number } is closed or cancelled; ask the buyer for one in force.
commitment-RLS-EJ-13 = Commitment { $number } was given to another supplier than { $seller }; check the number with the buyer.
commitment-RLS-EJ-14 = Commitment { $number } is not in force on { $on }, the date of the invoice; ask the buyer for one that is.
commitment-RLS-EJ-15 = Of commitment { $number } there is { $left } left, and the invoice takes { $asked }; ask the buyer to raise it.
commitment-warned = Commitments to check ({ $count }): { $told }
commitment-more = And { $count } more.
commitment-received = { $count ->
    [one] 1 commitment
   *[other] { $count } commitments
} received: { $taken } taken, { $refused } refused.
commitment-unreadable = The document could not be read: { $what } What to do: { $remedy }
commitment-empty = The document holds no commitment. What to do: check the file before depositing it.
