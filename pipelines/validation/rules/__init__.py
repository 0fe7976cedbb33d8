"""Chorus Pro's own rules, by family. A rule is a row: adding one adds no code elsewhere."""
