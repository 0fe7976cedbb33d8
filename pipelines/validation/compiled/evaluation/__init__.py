"""XPath over a whole batch: every expression is a function from a space of iterations to a column of values."""
