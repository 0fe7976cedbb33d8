# The history of invoices: statuses received, invoices that follow one another.

history-RLS-HIST-01 = { $count } invoices bear number { $number } of supplier { $seller }, issued in { $years }; this status was not recorded. What to do: send the status again with the date of the invoice.
history-RLS-HIST-02 = No flow { $flow } was sent to you; this status was not recorded. What to do: quote the 25-character id of the flow received.
history-RLS-HIST-03 = Document { $document } holds no status. What to do: check the file before dropping it.
history-unreadable = Document { $document } could not be read: { $what }.
history-comment = Statuses received: { $told }; recorded: { $taken }, of which known already: { $known }; refused: { $refused }. Unreadable documents: { $unread }.
