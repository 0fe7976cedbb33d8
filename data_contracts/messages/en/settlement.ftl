# What became of an invoice: what its statuses say.

settlement-more = { $sentence } ({ $more ->
        [one] and 1 more finding
       *[other] and { $more } more findings
    })
settlement-aside = Set aside for a person, as the check could not be concluded ({ $cause }). Nothing to do: its status will follow.
settlement-undiffusable = { $term } ({ $code }) is missing or malformed, and the diffusion to the recipient demands it. Correct it and deposit the invoice again.
settlement-late = Complement: the invoice of file { $member }, set aside for a person, is { $outcome ->
        [accepted] accepted
       *[rejected] rejected
    }.
settlement-examined = Invoice rejected after examination: { $reason }
settlement-first = the invoice of file { $member } of flow { $flow } received on { $day }
settlement-first-here = file { $member } of the same flow
settlement-first-elsewhere = the invoice received on { $day } through another connection
