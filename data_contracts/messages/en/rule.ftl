# Management rules: what is found, what is expected.
# $found is the invoice's value, $expected what the rule expects.

rule-absent = absent

## Numbers and references

rule-RLS-CPRO-01 = Towards the public sector the invoice number (BT-1) "{ $found }" is too long, even where the standard allows more (expected: { $expected } characters). Issue the invoice under a shorter number.
rule-RLS-CPRO-02 = The invoice has no number (BT-1). Give it a number, unique within the year.
rule-G1-05 = The invoice number (BT-1) "{ $found }" holds a sign that is not allowed (expected: { $expected }; a single space is allowed inside). Take this sign out of the number.
rule-RLS-CPRO-15 = The number of the original invoice (BT-25) "{ $found }" is too long (expected: { $expected } characters): the recipient will see it in the original file alone. Check this number.
rule-RLS-CPRO-16 = The order number (BT-13) "{ $found }" is too long (expected: { $expected } characters): the recipient will see it in the original file alone. Check this number with the buyer.
rule-RLS-CPRO-17 = The contract number (BT-12) "{ $found }" is too long (expected: { $expected } characters): the recipient will see it in the original file alone. Check this number with the buyer.

## Dates

rule-RLS-CPRO-03 = The invoice has no issue date that can be read (BT-2). Write it YYYY-MM-DD, or YYYYMMDD in CII.
rule-G1-07 = The issue date (BT-2) "{ $found }" is after the day of the check (expected: { $expected }). Correct the date, or wait for that day to deposit the invoice.
rule-G1-36 = A date of the invoice (issue BT-2, due BT-9 or delivery BT-72) is "{ $found }", outside the years allowed (expected: { $expected }). Correct this date.
rule-RLS-CPRO-18 = The due date (BT-9) "{ $found }" is before the issue date (expected: { $expected }). Correct one of the two dates.

## Frame of invoicing and type

rule-RLS-CPRO-04 = The invoice type (BT-3) is "{ $found }"; Chorus Pro takes { $expected } (invoice, credit note). Use one of these types.
rule-G1-01 = The invoice type (BT-3) is "{ $found }"; the reform takes { $expected }. Use one of these types.
rule-RLS-CPRO-05 = The frame of invoicing (BT-23) is "{ $found }"; Chorus Pro takes { $expected }. Use one of these frames.
rule-G1-02 = The frame of invoicing (BT-23) is "{ $found }"; the reform takes { $expected }. Use one of these frames.
rule-G1-60 = Frame and type "{ $found }" contradict each other: a final invoice after an advance (B4, S4, M4) is neither an advance (386, 500) nor the credit note of one (503). Types that go with it: { $expected }. Correct the type or the frame.
rule-RLS-CPRO-19 = The frame of invoicing (BT-23) "{ $found }" is not that of a works invoice, and this interface is for those alone (expected: { $expected }). Deposit this invoice by another interface.
rule-RLS-CPRO-20 = The frame of invoicing (BT-23) is "{ $found }"; a court-cost memorandum has the frame { $expected }. Correct the frame, or deposit this document by another interface.
rule-RLS-CPRO-21 = The invoice is said to be paid already (frame A2) and still asks for "{ $found }" (BT-115); expected: { $expected }. Set the amount due to zero, or change the frame.

## Credit notes

rule-RLS-CPRO-11 = The credit note (type "{ $found }") does not name its original invoice (BT-25). Add the number of the invoice that the credit note corrects.

## Supplier

rule-RLS-CPRO-06 = The supplier is not identified: by a SIRET, a VAT number of the European Union, a RIDET, a TAHITI number or an identifier from outside the Union. Add one of them.
rule-RLS-CPRO-07 = The supplier's identifier "{ $found }" is not a number of INSEE (expected: { $expected }, of 14 or 9 digits). Correct this identifier.
rule-RLS-CPRO-08 = The check digit ({ $expected }) of the supplier's SIRET or SIREN "{ $found }" is wrong: one of its digits is likely mistaken. Check the number against the INSEE's certificate of registration.
rule-G1-80 = The supplier's SIRET "{ $found }" does not begin with its SIREN { $expected }. Correct the one or the other.
rule-G2-19 = The supplier's identifier "{ $found }" does not have the length of its type (characters expected: { $expected }). Check the identifier and its type.
rule-RLS-CPRO-22 = The supplier's VAT number "{ $found }" is not written as those of its country (expected: { $expected }). Correct this number.
rule-RLS-CPRO-23 = The supplier's French VAT number "{ $found }" has a wrong key; that of this SIREN is { $expected }. Correct the VAT number or the SIREN.
rule-RLS-CPRO-24 = The identifier of a supplier outside the European Union, "{ $found }", begins with the code of its country (expected: { $expected }), then the first 16 characters of its name. Correct this identifier.
rule-G2-01 = The code of the supplier's country (BT-40) "{ $found }" is not in the list { $expected }. Use a code of this list.

## Recipient

rule-RLS-CPRO-09 = The recipient (BT-46 or BT-47) is "{ $found }"; it is designated by a { $expected } of 14 digits. Ask the recipient for its SIRET.
rule-RLS-CPRO-10 = The check digit ({ $expected }) of the recipient's SIRET "{ $found }" is wrong: one of its digits is likely mistaken. Check the SIRET with the recipient.

## Payment

rule-G1-10 = The currency (BT-5) "{ $found }" is not a code of { $expected }. Use a code of this list.
rule-RLS-CPRO-25 = The invoice has no currency (BT-5); expected: a code of { $expected }, such as EUR. Add it.
rule-RLS-CPRO-26 = The invoice has no payment means (BT-81); expected: { $expected }. Add it.
rule-RLS-CPRO-27 = The payment means (BT-81) "{ $found }" is not one of Chorus Pro's, { $expected }: the recipient will see the nearest. Nothing to do if that one suits.
rule-RLS-CPRO-28 = A credit note has no payment means (BT-81); found: "{ $found }". Remove it.
rule-RLS-CPRO-29 = The IBAN (BT-84) "{ $found }" does not have the length of its country (expected: { $expected } characters). Check the IBAN.
rule-RLS-CPRO-30 = The check digits ({ $expected }) of the IBAN (BT-84) "{ $found }" are wrong: one of its characters is likely mistaken. Check the IBAN.

## VAT

rule-G1-24 = A VAT rate, "{ $found }", is not in the list of those allowed: { $expected }. Correct the rate.
rule-G2-31 = A VAT category (BT-118), "{ $found }", is not allowed; expected: { $expected }. Correct the category.
rule-RLS-CPRO-31 = The VAT of a rate (BT-117) is "{ $found }"; its base times its rate is { $expected }, to the cent. Correct the base, the rate or the VAT.

## Amounts

rule-RLS-CPRO-12 = The invoice has no total amount without VAT (BT-109) that reads as a number. Add it, with a point before the decimals.
rule-RLS-CPRO-13 = The invoice has no total amount with VAT (BT-112) that reads as a number. Add it, with a point before the decimals.
rule-RLS-CPRO-14 = The invoice has no amount due for payment (BT-115) that reads as a number. Add it, with a point before the decimals.
rule-G1-53 = The total without VAT (BT-109) is "{ $found }"; the VAT bases (BT-116) sum to { $expected }, to the cent. Correct the total or the bases.
rule-RLS-CPRO-32 = The total with VAT (BT-112) is "{ $found }"; the total without VAT and the VAT make { $expected }, to the cent. Correct one of these amounts.
rule-RLS-CPRO-33 = A total amount has too many decimals: "{ $found }" (expected: { $expected }). Round it.
rule-more = Rule { $rule } is broken { $count } more times, not listed.
