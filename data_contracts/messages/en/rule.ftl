# Management rules: what is found, what is expected.
# $found is the invoice's value, $expected what the rule expects.

rule-absent = absent

## Numbers and references

rule-RLS-CPRO-01 = Towards the public sector the invoice number (BT-1) "{ $found }" is too long, even where the standard allows more (expected: { $expected } characters).
rule-RLS-CPRO-02 = The invoice has no number (BT-1).
rule-G1-05 = The invoice number (BT-1) "{ $found }" holds a sign that is not allowed (expected: { $expected }; a single space is allowed inside).
rule-RLS-CPRO-15 = The number of the original invoice (BT-25) "{ $found }" is too long (expected: { $expected } characters): the recipient will see it in the original file alone.
rule-RLS-CPRO-16 = The order number (BT-13) "{ $found }" is too long (expected: { $expected } characters): the recipient will see it in the original file alone.
rule-RLS-CPRO-17 = The contract number (BT-12) "{ $found }" is too long (expected: { $expected } characters): the recipient will see it in the original file alone.

## Dates

rule-RLS-CPRO-03 = The invoice has no issue date that can be read (BT-2).
rule-G1-07 = The issue date (BT-2) "{ $found }" is after the day of the check (expected: { $expected }).
rule-G1-36 = A date of the invoice (issue BT-2, due BT-9 or delivery BT-72) is "{ $found }", outside the years allowed (expected: { $expected }).
rule-RLS-CPRO-18 = The due date (BT-9) "{ $found }" is before the issue date (expected: { $expected }).

## Frame of invoicing and type

rule-RLS-CPRO-04 = The invoice type (BT-3) is "{ $found }"; Chorus Pro takes { $expected } (invoice, credit note).
rule-G1-01 = The invoice type (BT-3) is "{ $found }"; the reform takes { $expected }.
rule-RLS-CPRO-05 = The frame of invoicing (BT-23) is "{ $found }"; Chorus Pro takes { $expected }.
rule-G1-02 = The frame of invoicing (BT-23) is "{ $found }"; the reform takes { $expected }.
rule-G1-60 = Frame and type "{ $found }" contradict each other: a final invoice after an advance (B4, S4, M4) is neither an advance (386, 500) nor the credit note of one (503). Types that go with it: { $expected }.
rule-RLS-CPRO-19 = The frame of invoicing (BT-23) "{ $found }" is not that of a works invoice, and this interface is for those alone (expected: { $expected }). Deposit this invoice by another interface.
rule-RLS-CPRO-20 = The frame of invoicing (BT-23) is "{ $found }"; a court-cost memorandum has the frame { $expected }.
rule-RLS-CPRO-21 = The invoice is said to be paid already (frame A2) and still asks for "{ $found }" (BT-115); expected: { $expected }.

## Credit notes

rule-RLS-CPRO-11 = The credit note (type "{ $found }") does not name its original invoice (BT-25).

## Supplier

rule-RLS-CPRO-06 = The supplier is not identified: by a SIRET, a VAT number of the European Union, a RIDET, a TAHITI number or an identifier from outside the Union.
rule-RLS-CPRO-07 = The supplier's identifier "{ $found }" is not a number of INSEE (expected: { $expected }, of 14 or 9 digits).
rule-RLS-CPRO-08 = The check digit ({ $expected }) of the supplier's SIRET or SIREN "{ $found }" is wrong: one of its digits is likely mistaken.
rule-G1-80 = The supplier's SIRET "{ $found }" does not begin with its SIREN { $expected }.
rule-G2-19 = The supplier's identifier "{ $found }" does not have the length of its type (characters expected: { $expected }).
rule-RLS-CPRO-22 = The supplier's VAT number "{ $found }" is not written as those of its country (expected: { $expected }).
rule-RLS-CPRO-23 = The supplier's French VAT number "{ $found }" has a wrong key; that of this SIREN is { $expected }.
rule-RLS-CPRO-24 = The identifier of a supplier outside the European Union, "{ $found }", begins with the code of its country (expected: { $expected }), then the first 16 characters of its name.
rule-G2-01 = The code of the supplier's country (BT-40) "{ $found }" is not in the list { $expected }.

## Recipient

rule-RLS-CPRO-09 = The recipient (BT-46 or BT-47) is "{ $found }"; it is designated by a { $expected } of 14 digits.
rule-RLS-CPRO-10 = The check digit ({ $expected }) of the recipient's SIRET "{ $found }" is wrong: one of its digits is likely mistaken.

## Payment

rule-G1-10 = The currency (BT-5) "{ $found }" is not a code of { $expected }.
rule-RLS-CPRO-25 = The invoice has no currency (BT-5); expected: a code of { $expected }, such as EUR.
rule-RLS-CPRO-26 = The invoice has no payment means (BT-81); expected: { $expected }.
rule-RLS-CPRO-27 = The payment means (BT-81) "{ $found }" is not one of Chorus Pro's, { $expected }: the recipient will see the nearest.
rule-RLS-CPRO-28 = A credit note has no payment means (BT-81); found: "{ $found }".
rule-RLS-CPRO-29 = The IBAN (BT-84) "{ $found }" does not have the length of its country (expected: { $expected } characters).
rule-RLS-CPRO-30 = The check digits ({ $expected }) of the IBAN (BT-84) "{ $found }" are wrong: one of its characters is likely mistaken.

## VAT

rule-G1-24 = A VAT rate, "{ $found }", is not in the list of those allowed: { $expected }.
rule-G2-31 = A VAT category (BT-118), "{ $found }", is not allowed; expected: { $expected }.
rule-RLS-CPRO-31 = The VAT of a rate (BT-117) is "{ $found }"; its base times its rate is { $expected }, to the cent.

## Amounts

rule-RLS-CPRO-12 = The invoice has no total amount without VAT (BT-109) that reads as a number.
rule-RLS-CPRO-13 = The invoice has no total amount with VAT (BT-112) that reads as a number.
rule-RLS-CPRO-14 = The invoice has no amount due for payment (BT-115) that reads as a number.
rule-G1-53 = The total without VAT (BT-109) is "{ $found }"; the VAT bases (BT-116) sum to { $expected }, to the cent.
rule-RLS-CPRO-32 = The total with VAT (BT-112) is "{ $found }"; the total without VAT and the VAT make { $expected }, to the cent.
rule-RLS-CPRO-33 = A total amount has too many decimals: "{ $found }" (expected: { $expected }).
rule-more = Rule { $rule } is broken { $count } more times, not listed.
