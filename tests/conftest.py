"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A deadline would test the machine: what runs beside a test decides how long one example takes.
settings.register_profile("relais", deadline=None)
settings.load_profile("relais")
