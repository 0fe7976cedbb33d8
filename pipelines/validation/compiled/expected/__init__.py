"""What a broken rule expected: its test read as claims on one value, solved for that value."""
