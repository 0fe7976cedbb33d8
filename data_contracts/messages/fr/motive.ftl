# Motifs : pourquoi un flux ou une facture est refusé, et que faire.
