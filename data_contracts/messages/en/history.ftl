# The history of invoices: statuses received, invoices that follow one another.

history-RLS-HIST-01 = { $count } invoices bear number { $number } of supplier { $seller }, issued in { $years }; this status was not recorded. What to do: send the status again with the date of the invoice.
history-RLS-HIST-02 = No flow { $flow } was sent to you; this status was not recorded. What to do: quote the 25-character id of the flow received.
history-RLS-HIST-03 = Document { $document } holds no status. What to do: check the file before dropping it.
history-RLS-HIST-04 = With document { $document } the flow passes { $most } statuses; none of this document was recorded. What to do: drop it in a flow of its own, in documents of at most { $most } statuses.
history-unreadable = Document { $document } could not be read: { $what }. What to do: { $remedy }
history-comment = Statuses received: { $told }; recorded: { $taken }, of which known already: { $known }; refused: { $refused }. Unreadable documents: { $unread }.
history-comment-named = Recorded, by status: { $named }.

history-duplicate = This invoice repeats { $first }{ $status ->
    [unsettled] { "" }
    [available] , whose status is "Made available to the recipient"
   *[other] , whose status is "{ $status }" since { $day }
    }: same number, same issuer, same year. { $todo ->
    [recycle] The first one waits to be recycled: deposit it again under this number, changing only the recipient, the service or the engagement.
    [complete] The first one waits to be completed: deposit it again unchanged with the documents asked for, or deposit the status "Completed".
    [renumber] The first one is rejected: issue a new invoice under a new number that quotes this one as the original invoice (BT-25).
   *[nothing] If the first one is right, do nothing; otherwise cancel it by a credit note and issue under a new number.
    }
history-changed = This invoice takes up the number of { $first }, which waits to be { $kind ->
    [recycles] recycled: only the recipient, the service and the engagement may change
   *[completes] completed: nothing of what it says may change
    }. Changed as well: { $terms }. What to do: put these values back as they were, or wait for a rejection and issue under a new number.
history-follows = { $kind ->
    [recycles] Recycling accepted under the same number as { $first }.
    [completes] Completion accepted under the same number as { $first }.
   *[replaces] Replaces the original invoice { $number }, rejected ({ $first }).
    }
