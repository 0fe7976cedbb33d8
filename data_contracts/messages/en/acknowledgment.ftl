# Acknowledgment of a flow: what its sender reads first, then a line for each finding.

acknowledgment-counts = { $received ->
        [one] 1 invoice received
       *[other] { $received } invoices received
    }: { $accepted ->
        [one] { $accepted } accepted
       *[other] { $accepted } accepted
    }, { $rejected ->
        [one] { $rejected } rejected
       *[other] { $rejected } rejected
    }
acknowledgment-aside = { $aside ->
        [one] 1 set aside for a person (its status will follow)
       *[other] { $aside } set aside for a person (their status will follow)
    }
acknowledgment-findings = { $findings ->
        [one] 1 finding.
       *[other] { $findings } findings.
    }
acknowledgment-reading = Correct the rejected invoices, except those that repeat a good one, and deposit the corrected ones alone in a new flow; do not send the accepted ones again.
acknowledgment-guide = { $rules ->
        [one] The first line, of nature FLUX, sums up the rule concerned
       *[other] The first { $rules } lines, of nature FLUX, count the findings by rule
    }; the others give all of them, invoice by invoice.
acknowledgment-rule = { $invoices ->
        [one] 1 invoice rejected
       *[other] { $invoices } invoices rejected
    } ({ $findings ->
        [one] 1 finding
       *[other] { $findings } findings
    }). { $sentence } { $subjects }
acknowledgment-such = For example: { $sentence }
acknowledgment-subjects = { $count ->
        [one] Invoice: { $subjects }.
       *[other] Invoices: { $subjects }.
    }
acknowledgment-subjects-more = Invoices: { $subjects } and { $more ->
        [one] 1 more
       *[other] { $more } more
    }.
acknowledgment-place = , finding { $place } of { $count }
acknowledgment-cut = … (cut here: { $characters } more characters)
acknowledgment-cut-findings = … (cut here: { $findings ->
        [one] 1 more finding
       *[other] { $findings } more findings
    })

acknowledgment-term = term { $value }
acknowledgment-terms = terms { $value }
acknowledgment-line = line { $value } of the file
acknowledgment-element = element { $value }
acknowledgment-found = value found: "{ $value }"
acknowledgment-expected = value expected: "{ $value }"
acknowledgment-where = place: { $value ->
    [envelope] envelope name
    [flow] flow
   *[other] { $value }
    }
acknowledgment-do = What to do: { $value }
