# Statuses returned: what they say of an invoice whose identity cannot be quoted.

lifecycle-number = number (BT-1)
lifecycle-day = issue date (BT-2)
lifecycle-siren = seller's SIREN (BT-30)
lifecycle-type = type (BT-3)
lifecycle-value = { $name } "{ $value }"
lifecycle-missing = { $name } missing
lifecycle-unusable = File { $file }: identifying data cannot be used and have a default value here. Values received: { $values }.
