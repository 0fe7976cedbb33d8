# Routing: why an invoice has no recipient, and what to correct.

routing-RLS-ROUTE-01 = The recipient's SIRET is missing or has not 14 digits, and it names the public body to invoice; ask the buyer for it.
routing-RLS-ROUTE-02 = No public body of the directory has this SIRET; check the recipient's SIRET.
routing-RLS-ROUTE-03 = Public body { $structure } is no longer active; ask the buyer for its SIRET in force.
routing-RLS-ROUTE-04 = The service code is missing, and { $structure } demands it; ask the buyer for it.
routing-RLS-ROUTE-05 = { $structure } has no service { $code }; use one of its service codes.
routing-RLS-ROUTE-06 = Service { $code } of { $structure } is not open on { $on }; use an active service.
routing-RLS-ROUTE-07 = The engagement number is missing, and { $who } demands it; ask the buyer for it.
routing-RLS-ROUTE-08 = { $structure } demands a service code or an engagement number; the invoice has neither; ask the buyer for them.
routing-RLS-ROUTE-09 = Service { $code } of { $structure } is for invoices between public bodies alone, and the sender is no public body of the directory; ask the buyer for the service code to use.
routing-RLS-ROUTE-10 = Invoicing address { $address } is not in the directory; check it whole with the recipient, suffix or routing code included.
routing-RLS-ROUTE-11 = Invoicing address { $address } receives no invoice on { $on }; ask the recipient for its address in force.
routing-RLS-ROUTE-12 = Invoicing address { $address } belongs to platform { $platform }, not to Chorus Pro; send the invoice to that platform, or ask the recipient for its address.
routing-RLS-ROUTE-13 = Invoicing address { $address } is not yet attached to any receiving platform; ask the recipient how to send it invoices.
