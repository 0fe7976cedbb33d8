"""Rule files read as data: patterns, contexts, asserts, each XPath a tree."""
