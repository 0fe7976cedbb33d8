# The history of an invoice, as `relais trace` tells it.

trace-head = Invoice { $number } of supplier { $supplier }, deposit { $place } of { $count }
trace-deposit = Deposit
trace-document = Document
trace-outcome = Decision
trace-outcome-accepted = accepted
trace-outcome-rejected = rejected
trace-outcome-quarantined = set aside for a person
trace-recipient = Recipient
trace-rules = Rules
trace-finding = Finding
trace-warning = Warning
trace-line = line { $line }
trace-findings-left = { $count ->
    [one] and 1 more: --json has it
   *[other] and { $count } more: --json has them all
    }
trace-situation = Situation
trace-predecessor = Before
trace-successor = After
trace-link = { $kind ->
    [recycles] recycled under number { $number }
    [completes] completed under number { $number }
   *[replaces] replaced, number { $number }
    } ({ $flow })
trace-phase = { $phase ->
    [deposited] deposited
    [made-available] made available to the recipient
    [to-recycle] to recycle
    [suspended] suspended
    [completed] completed
    [in-progress] in progress
    [disputed] disputed
    [payment-sent] payment sent
    [cashed] cashed
    [refused] refused
    [rejected] rejected
    [recycled] recycled
    [cancelled] cancelled
   *[unknown] unknown
    }
trace-actor = { $actor ->
    [supplier] supplier
    [recipient] recipient
   *[platform] platform
    }
trace-column-at = Date (UTC)
trace-column-actor = Set by
trace-column-status = Status, and what it means
trace-column-why = Motive and comment
trace-column-payment = Mandate and amounts
trace-column-flows = Flows in (<) and out (>)
trace-mandate = Mandate { $number }
trace-payment = { $kind ->
    [MAPTTC] Ordered or approved, with VAT
    [MAP] Approved, without VAT
    [MPA] Paid
    [MEN] Cashed
    [RAP] Left to pay
    [MNA] Not approved, without VAT
    [MNATTC] Not approved, with VAT
   *[other] { $kind }
    }
