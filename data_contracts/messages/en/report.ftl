# The report of a check: the page, then the table for a terminal.

report-title = Check of your invoices
report-on = Checked by the official rules in force on { $day }.
report-date = %Y-%m-%d
report-thousands = ,
report-figure-all = { $count ->
    [one] document checked
   *[other] documents checked
    }
report-figure-valid = { $count ->
    [one] valid
   *[other] valid
    }
report-figure-invalid = { $count ->
    [one] invalid
   *[other] invalid
    }
report-figure-undetermined = { $count ->
    [one] undetermined
   *[other] undetermined
    }
report-how-to-read = A point “to correct” makes the invoice be refused. A warning does not, but deserves a look. Line numbers are those of the invoice's XML file.
report-frequent = What comes up most
report-documents = Documents
report-example = Remark (example)
report-id = Rule
report-schema = The structure of the XML file is not the one that the official schema prescribes.
report-wrong = Documents with remarks ({ $count })
report-clean = Documents without remark ({ $count })
report-unlisted = and { $count } more
report-brief = Beyond { $count } documents, only the number of remarks is given. The jsonl format tells them all.
report-counts = { $fatal } to correct, { $warning ->
        [one] { $warning } warning
       *[other] { $warning } warnings
    }
report-verdict-valid = Valid, with warnings.
report-verdict-invalid = Invalid: to correct before sending.
report-verdict-undetermined = Undetermined: the check could not be carried to its end. Run it again; if it comes back, give the cause to support.
report-cause = Cause: { $cause }
report-flag-fatal = To correct
report-flag-warning = Warning
report-refused = { $said } File concerned: { $file }.
report-where = Where to look
report-line = line
report-lines = lines
report-places = ({ $count } times)
report-term = Data
report-found = Found
report-expected = Expected
report-rule = Rule { $rule }, { $rule_set }
report-invoice = invoice { $number }
report-files = Rule files applied

report-table-valid = valid
report-table-invalid = invalid
report-table-undetermined = undetermined
report-table-fatal = fatal
report-table-warning = warning
report-column-rule = Rule
report-column-flag = Flag
report-column-count = Count
report-column-line = Line
report-column-message = What is wrong
report-column-found = Found
report-column-expected = Expected
report-summary = { $total ->
        [one] { $total } document
       *[other] { $total } documents
    }: { $valid } valid, { $invalid } invalid, { $undetermined } undetermined
