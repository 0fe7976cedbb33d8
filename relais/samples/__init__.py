"""Invented flows of invented billers, with what must come out of them."""
