"""What the Python scanner remembers: from a state and the characters up to the next `>`, what to do.

A state is an open element: its path, its name, the namespaces in scope, the state of its content model, and whether it
has had a child. It is a dictionary of ready steps; a piece that it does not hold is read by rule and kept.

Nothing is remembered of values or refusals. Attackers can make it read by rule what nobody sent before, but only so
often a byte sent, and in the end make it forget all: both cost time in bounds, and never truth.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from data_contracts import limits
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.scanner.automaton import Content
from pipelines.parsing.scanner.documents import BLANK, MARK
from pipelines.parsing.scanner.schema_index import ElementType, SchemaIndex
from pipelines.parsing.scanner.tags import Namespaces, StartTag, Unread, end_tag, start_tag

TAGS_MAX = 50_000
CHARACTERS_MAX = 8_000_000
"""Tags known, and their characters: above either everything is forgotten before the next batch."""

PIECES_MAX = 200_000
"""Tags with the blanks before them: above this they are forgotten before the next batch, and tags stay known."""

TAG_CHARACTERS_MAX = 2_000
PIECE_CHARACTERS_MAX = 200
"""Longer ones are looked up by their tag each time."""

LESSONS_FIRST = 20_000
"""Tags that may be read by rule at first: enough for many billers at once. It takes a third of a second."""

BYTES_A_LESSON = 8_192
"""Each so many bytes sent give the right to one tag more. Reading it by rule costs as much as the slow road for 300
bytes."""

CLOSE, CLOSE_LEAF, CLOSE_EARLY = -1, -2, -3
"""Steps over end tags: of an element with children; of one without, whose text was blank; where the content model may
not end yet."""

Step = tuple[str, int, tuple[str, ...], "State | None", "State | None", int]
"""End tag of a leaf, or ""; number of the element, or a step over an end tag; values of attributes, and the text of an
element that is empty; state behind the element; state inside it; minus the length of the end tag."""


@dataclass(frozen=True)
class Place:
    """What tells states apart."""

    path: int
    depth: int
    qualified: str
    scope: int
    state: int | None
    childless: bool


class State(dict[str, Step]):
    """The ready steps of one place, by pieces as they came. `known`: the same by tags alone, each read by rule once."""

    def __init__(self, memo: Memo, place: Place) -> None:
        self._memo = memo
        self.place = place
        self.known: dict[str, Step] = {}

    def __missing__(self, piece: str) -> Step:
        return self._memo.learn(self, piece)


class Memo:
    """States, and the elements that their steps add, by number: an even one stands for a leaf, the next odd one for the
    same start tag with children behind it.

    Shape    by number: `paths`; `attribute_counts`, `first_attributes` (place in `attribute_paths` and
             `attribute_offsets`); `checks` (place in `contents`; 0 is `Content.ANY`); `flaws`: not surely valid.
    """

    def __init__(self, paths: PathDictionary, index: SchemaIndex, lessons: int = LESSONS_FIRST) -> None:
        self.dictionary = paths
        self.paths, self.attribute_counts, self.first_attributes = array("i"), array("i"), array("i")
        self.attribute_paths, self.attribute_offsets = array("i"), array("i")
        self.checks, self.flaws = array("i"), array("b")
        self.contents: dict[tuple[Content, int, int], int] = {(Content.ANY, 0, 0): 0}
        self.lessons = lessons
        self._index = index
        self._pieces = self._tags = self._characters = 0
        self._scopes: list[Namespaces] = [{}]
        self._scope_numbers: dict[frozenset[tuple[str, str]], int] = {frozenset(): 0}
        self._states: dict[Place, State] = {}
        self.start = self._state(Place(0, 0, "", 0, None, False))
        self.end = self._state(Place(-1, 0, "", 0, None, False))

    @property
    def full(self) -> bool:
        """Whether so many tags are known that it is time to begin anew."""
        return self._tags >= TAGS_MAX or self._characters >= CHARACTERS_MAX

    def forget_pieces(self) -> None:
        """Forgets how tags were indented, when that has grown too much. Tags stay known."""
        if self._pieces >= PIECES_MAX:
            self._pieces = 0
            for state in self._states.values():
                state.clear()

    def learn(self, state: State, piece: str) -> Step:
        """The step of a piece not met before in this state, which it keeps. Unread when there is none."""
        bare = piece.lstrip(BLANK + MARK)
        step = state.known.get(bare)
        if step is None:
            step = self._read(state, bare)
        if step[1] == CLOSE_LEAF:
            # The blanks before a tag change nothing, unless they are the text of the element that it ends.
            step = ("", CLOSE_LEAF, (piece.removesuffix(bare).replace(MARK, ""),), None, None, 0)
        if len(piece) <= PIECE_CHARACTERS_MAX and self._pieces < PIECES_MAX:
            self._pieces += 1
            state[piece] = step
        return step

    def _read(self, state: State, bare: str) -> Step:
        """The step of a tag, read by rule."""
        if self.lessons <= 0 or self.full or state is self.end or len(bare) > TAG_CHARACTERS_MAX:
            raise Unread
        self.lessons -= 1
        tag = start_tag(bare, self._scopes[state.place.scope])
        step = self._end_step(state, bare) if tag is None else self._start_step(state, tag)
        self._tags += 1
        self._characters += len(bare)
        state.known[bare] = step
        return step

    def _end_step(self, state: State, bare: str) -> Step:
        if end_tag(bare) != state.place.qualified:
            raise Unread
        if state.place.childless:
            return "", CLOSE_LEAF, (), None, None, 0
        ends = self._index.may_end(state.place.state)
        return "", CLOSE if ends else CLOSE_EARLY, (), None, None, 0

    def _start_step(self, state: State, tag: StartTag) -> Step:
        place = state.place
        if place.depth >= limits.XML_DEPTH_MAX:
            raise Unread
        if state is self.start:
            kind, behind = self._index.root(tag.name), self.end
        else:
            after, kind = self._index.step(place.state, tag.name)
            behind = self._state(Place(place.path, place.depth, place.qualified, place.scope, after, False))
        number = self._number(self.dictionary.child(place.path, tag.name), tag, kind)
        values = tuple(value for _, value, _ in tag.attributes)
        if tag.empty:
            return "", number, (*values, ""), behind, None, 0
        first = None if kind is None else kind.first
        path = self.paths[number]
        scope = self._scope(tag.namespaces)
        inside = self._state(Place(path, place.depth + 1, tag.qualified, scope, first, True))
        if first is not None:
            return "", number + 1, values, behind, inside, 0
        # An element of unknown type is taken for a leaf until its text proves to be a start tag.
        end = f"</{tag.qualified}"
        return end, number, values, behind, inside, -len(end)

    def _number(self, path: int, tag: StartTag, kind: ElementType | None) -> int:
        """The number of a new start tag as a leaf; the next one is its twin with children."""
        number, attributes = len(self.paths), tag.attributes
        flawed = kind is None or not kind.allows(attributes)
        check = 0
        if kind is not None:
            check = self.contents.setdefault((kind.content, kind.shortest, kind.longest), len(self.contents))
        childless = flawed or kind is None or not self._may_be_leaf(kind)
        first = len(self.attribute_paths)
        self.attribute_paths.extend(self.dictionary.child(path, f"@{name}") for name, _, _ in attributes)
        self.attribute_offsets.extend(offset for _, _, offset in attributes)
        self.paths.extend((path, path))
        self.attribute_counts.extend((len(attributes), len(attributes)))
        self.first_attributes.extend((first, first))
        self.checks.extend((check, 0))
        self.flaws.extend((childless, flawed or kind is None or kind.first is None))
        return number

    def _may_be_leaf(self, kind: ElementType) -> bool:
        return kind.content is not Content.NEVER and (kind.first is None or self._index.may_end(kind.first))

    def _state(self, place: Place) -> State:
        state = self._states.get(place)
        if state is None:
            state = self._states[place] = State(self, place)
        return state

    def _scope(self, namespaces: Namespaces) -> int:
        key = frozenset(namespaces.items())
        number = self._scope_numbers.get(key)
        if number is None:
            number = self._scope_numbers[key] = len(self._scopes)
            self._scopes.append(namespaces)
        return number


def trailing_blank(text: str, end: str) -> str | None:
    """The text of a leaf whose end tag has blanks in it; None when the piece does not end with this end tag."""
    bare = text.rstrip(BLANK)
    return bare[: -len(end)] if bare.endswith(end) else None
