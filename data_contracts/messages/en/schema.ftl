# Structure of the XML: what is not as the official schema prescribes.

schema-unexpected = Element { $node } is not expected here.
schema-missing = An element is missing in { $node }.
schema-root = Element { $node } is not a root of this schema.
schema-list = The value of { $node } is not in the list of those allowed.
schema-form = The value of { $node } does not have the form asked for.
schema-too-long = The value of { $node } is too long.
schema-too-short = The value of { $node } is too short.
schema-length = The value of { $node } does not have the length asked for.
schema-digits = The value of { $node } has too many digits.
schema-decimals = The value of { $node } has too many decimals.
schema-bounds = The value of { $node } is out of bounds.
schema-type = The value of { $node } is not of the type asked for.
schema-attribute-missing = Attribute { $name } is missing on { $node }.
schema-attribute = Attribute { $name } is not allowed on { $node }.
schema-text = { $node } holds text where there must be none.
schema-elements = { $node } holds elements where a value is due.
schema-nil = { $node } cannot be declared empty (xsi:nil).
schema-other = { $node } does not follow the schema.
schema-more = { $count } more schema errors are not listed.
