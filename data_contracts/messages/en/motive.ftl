# Motives: why a flow or an invoice is refused, and what to do.
