# Notifications: mails that tell people what became of their invoices.

notification-subject = Relais: news of { $count ->
    [one] 1 invoice
   *[other] { $count } invoices
}{ $urgent ->
    [0] { "" }
   *[other] , { $urgent } to act on
}
notification-title-daily = Your invoices: statuses of the last day
notification-title-at_once = Your invoices: new statuses
notification-intro = { $count ->
    [one] 1 invoice has a new status as of { $on }.
   *[other] { $count } invoices have a new status as of { $on }.
}
notification-group-urgent = To act on ({ $count })
notification-group-moving = In progress ({ $count })
notification-group-ended = At their end ({ $count })
notification-group-other = Other news ({ $count })
notification-more = And { $count } more: { $told }.
notification-counted = { $name }: { $count }
notification-standing = Invoices in progress now: { $count }
notification-standing-of = { $scope }: { $count } in progress ({ $told })
notification-scope-structure = Public body { $structure }
notification-scope-service = Public body { $structure }, service { $service }
notification-scope-partner = Connection { $partner }
notification-invoice = Invoice { $number } of { $supplier }
notification-unnumbered = File { $name } of { $supplier }
notification-nobody = an unnamed supplier
notification-to = For { $structure }
notification-to-service = For { $structure }, service { $service }
notification-status = { $label } ({ $code }), on { $at }
notification-earlier = Before: { $told }
notification-unknown-status = status { $code }
notification-motive = Motive { $code }: { $sentence }
notification-remedy = What to do: { $remedy }
notification-fault = Rule { $rule }: { $sentence }
notification-faults-left = { $count ->
    [one] And 1 more finding: the acknowledgment of the flow has them all.
   *[other] And { $count } more findings: the acknowledgment of the flow has them all.
}
notification-comment = Comment: { $comment }
notification-cut = { $comment } [cut: { $left } more characters; the whole comment stands in the invoice's history]
notification-mandate = Mandate { $number }
notification-platform = Your platform shows it as: { $label } ({ $code })
notification-next = Next: { $next }
notification-successor = Invoice that replaces it: { $number }
notification-mandated = Amount ordered: { $amount }
notification-paid = Amount: { $amount }
notification-footer = You get this message because { $address } is listed as { $role }. Times are those of Paris.
notification-opt-out = To get fewer messages, or none, ask the principal manager of your structure to change your preferences.
notification-no-opt-out = A principal manager is always told; another person can be named in your place.
notification-role-principal_manager = principal manager
notification-role-manager = manager
notification-role-user = user
notification-phase-deposited = Deposited
notification-phase-made-available = Made available
notification-phase-to-recycle = To recycle
notification-phase-suspended = Suspended
notification-phase-completed = Completed
notification-phase-in-progress = In progress
notification-phase-disputed = Disputed
notification-phase-payment-sent = Payment sent
notification-phase-cashed = Cashed
notification-phase-refused = Refused
notification-phase-rejected = Rejected
notification-phase-recycled = Recycled
notification-phase-cancelled = Cancelled
notification-phase-unknown = Other status
notification-reminder-subject = Relais: { $count ->
    [one] 1 flow of invoices waits
   *[other] { $count } flows of invoices wait
} for your acknowledgment
notification-reminder-title = Flows of invoices without acknowledgment
notification-reminder-intro = These flows were delivered to your connection { $partner }, and no acknowledgment (FSO1300A) came back. Acknowledge each, or say that it was not received: it is then sent again.
notification-reminder-line = { $name }, delivered on { $at }, reminder { $rank }
notification-reminder-more = And { $count } more, delivered later.
