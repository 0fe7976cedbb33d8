"""A page: what a mail says, before it is written as text or HTML. Every text in it is one line, and safe to show."""

from __future__ import annotations

from dataclasses import dataclass, field

from data_contracts.messages import Language


@dataclass(frozen=True)
class Item:
    """One thing told: a head, and what is to be known of it, line by line."""

    head: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    heading: str
    items: tuple[Item, ...]
    more: str = ""


@dataclass(frozen=True)
class Page:
    language: Language
    subject: str
    title: str
    intro: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    footer: tuple[str, ...] = field(default=())
