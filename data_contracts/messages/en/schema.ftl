# Structure of the XML: what is not as the official schema prescribes.

schema-unexpected = Element { $node } is not expected here. Remove it, or put it back in its place in the order of the schema.
schema-missing = An element is missing in { $node }. Add the element expected.
schema-root = Element { $node } is not a root of this schema. Deposit this document under the interface of its syntax, or correct its root.
schema-list = The value of { $node } is not in the list of those allowed. Use a value of this list.
schema-form = The value of { $node } does not have the form asked for. Write it in this form.
schema-too-long = The value of { $node } is too long. Shorten it.
schema-too-short = The value of { $node } is too short. Complete it.
schema-length = The value of { $node } does not have the length asked for. Give it this length.
schema-digits = The value of { $node } has too many digits. Reduce their number.
schema-decimals = The value of { $node } has too many decimals. Round it.
schema-bounds = The value of { $node } is out of bounds. Correct it.
schema-type = The value of { $node } is not of the type asked for. Write it in this type: a date YYYY-MM-DD, a number with a point before the decimals.
schema-attribute-missing = Attribute { $name } is missing on { $node }. Add it.
schema-attribute = Attribute { $name } is not allowed on { $node }. Remove it.
schema-text = { $node } holds text where there must be none. Remove this text.
schema-elements = { $node } holds elements where a value is due. Put this value alone there.
schema-nil = { $node } cannot be declared empty (xsi:nil). Give it a value, or remove it.
schema-other = { $node } does not follow the schema. Correct it by the schema.
schema-more = Other schema errors, not listed: { $count }.
schema-flood = There are more than { $count } schema errors; the first ones are listed. Correct these, then check again.
