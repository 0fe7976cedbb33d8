"""What a test claims of a value: that it is a sum, a bound, one of some codes, of a form. Read off the test's tree.

No rule is named here. A test is a combination of comparisons; each comparison of one value with something that can be
told becomes a claim, with the conditions under which the test stands or falls with it: the other members of its
conjunction. Which claim explains a broken rule is decided on the nodes where it is broken, see `expectations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pipelines.validation.compiled.expected import terms_of_sums as sums
from pipelines.validation.compiled.expected.forms import NEGATED, Forms, wrapped
from pipelines.validation.compiled.rule_files.trees import LISTED_CODE, Tree


class Kind(Enum):
    """What is claimed of the subject."""

    AMOUNT = "it equals a number that is worked out"
    TEXT = "it equals the text of another value"
    START = "it starts with the text of another value"
    BOUND = "it is less or more than a number"
    COUNT = "there are so many of it"
    LENGTH = "its text is so long"
    CODES = "it is one of some codes"
    DECIMALS = "it has so many decimals at most"
    PATTERN = "it matches a regular expression"


@dataclass(frozen=True)
class Claim:
    """One claim. All trees are closed: they mean the same wherever the context of the test is the context.

    Shape    `test` is true where the claim holds; `guards` are true where the test of the rule hangs on it; `subject`
             is a path. `expected` is the other side of a comparison; `op` and `limit` those of bounds; `codes` the
             list; `limit` of a pattern is the expression, of a start its length. `unsigned`: the sign of the subject
             does not count.
             `addends`: how many nodes each sum in `expected` adds up.
    `alone`: worth telling only where the test makes no other claim. `choice`: other claims would do as well.
    Nulls    `subject` is None where the claim is that some node has the value.
    """

    kind: Kind
    test: Tree
    subject: Tree | None
    guards: tuple[Tree, ...] = ()
    expected: Tree | None = None
    addends: tuple[Tree, ...] = ()
    op: str = "eq"
    limit: str = ""
    codes: tuple[str, ...] = ()
    unsigned: bool = False
    alone: bool = False
    choice: bool = False


Binders = tuple[tuple[str, Tree], ...]


def claims(tree: Tree, forms: Forms, *, report: bool) -> tuple[Claim, ...]:
    """The claims of a test; of a report, those of its contrary.

    Nulls    empty where the test says nothing of a single value: that something is there, or not.
    """
    reader = _Reader(forms)
    found = tuple(reader.of(tree, not report, ()))
    if len(found) == 1 and not found[0].guards:
        return found
    return tuple(claim for claim in found if not claim.alone)


def _alternatives(ways: Sequence[Sequence[Claim]], *, conditions: bool) -> Iterator[Claim]:
    """The claims of a disjunction worth telling, those of each member given.

    `conditions`: the members without claims say when the rule applies. If they ask for something, a code or bound is
    but one way to satisfy the rule, perhaps a way out of it, and is no expectation. Nor is one that stands after
    claims about another value. Of amounts without condition only the fullest is, as the others leave out terms.
    """
    found = [claim for claims_of_member in ways for claim in claims_of_member]
    choice = sum(bool(claims_of_member) for claims_of_member in ways) > 1
    subjects = {claim.subject for claim in found}
    fullest = max((_size(claim.expected) for claim in found), default=0)
    listed: dict[tuple[Tree | None, tuple[Tree, ...]], Claim] = {}
    for claim in found:
        if claim.kind is Kind.CODES:
            if conditions and (len(subjects) == 1 or (len(claim.codes) > 1 and claim.subject == found[0].subject)):
                key = (claim.subject, claim.guards)
                before = listed.get(key)
                listed[key] = claim if before is None else replace(before, codes=(*before.codes, *claim.codes))
            continue
        plain = choice and not claim.guards
        if claim.kind in (Kind.BOUND, Kind.COUNT, Kind.LENGTH) and (plain or not conditions):
            continue
        if claim.kind is Kind.AMOUNT and plain and _size(claim.expected) < fullest:
            continue
        yield replace(claim, choice=choice or claim.choice)
    for claim in listed.values():
        yield replace(claim, choice=claim.choice or len(listed) > 1)


def _size(tree: Tree | None) -> int:
    return 0 if tree is None else 1 + sum(_size(part) for part in tree if isinstance(part, tuple))


@dataclass
class _Reader:
    forms: Forms

    def of(self, tree: Tree, want: bool, binders: Binders) -> Iterator[Claim]:
        """The claims of a tree that should be true (`want`) or false. `binders` are those around it."""
        tree = self.forms.opened(tree)
        kind = tree[0]
        if kind in ("and", "or"):
            yield from self._combined(tree, want, binders)
        elif kind == "if":
            yield from self._branches(tree, want, binders)
        elif kind in ("every", "for") and want:
            inner = _Reader(self.forms.binding(tree[1], tree[2]))
            yield from inner.of(tree[3], want, (*binders, (tree[1], tree[2])))
        elif kind in ("general", "value"):
            op = tree[1] if want else NEGATED[tree[1]]
            for claim in self._compared(op, tree[2], tree[3]):
                yield self._closed(claim, tree, want, binders)
        elif kind == "call":
            yield from self._called(tree, want, binders)

    def _closed(self, claim: Claim, test: Tree, want: bool, binders: Binders) -> Claim:
        return replace(
            claim,
            test=wrapped("every", binders, test if want else ("call", "not", test)),
            subject=claim.subject and wrapped("for", binders, claim.subject),
            expected=claim.expected and wrapped("for", binders, claim.expected),
            addends=tuple(wrapped("for", binders, ("call", "count", nodes)) for nodes in sums.summed(claim.expected)),
        )

    def _combined(self, tree: Tree, want: bool, binders: Binders) -> Iterator[Claim]:
        parts = self.forms.members(tree)
        if (tree[0] == "and") == want:
            for at, part in enumerate(parts):
                others = tuple(
                    wrapped("every", binders, one if want else ("call", "not", one))
                    for number, one in enumerate(parts)
                    if number != at
                )
                for claim in self.of(part, want, binders):
                    yield replace(claim, guards=(*claim.guards, *others))
            return
        ways = [list(self.of(part, want, binders)) for part in parts]
        mute = [part for part, found in zip(parts, ways, strict=True) if not found]
        conditions = all(self.forms.is_condition(part, want) for part in mute)
        yield from _alternatives(ways, conditions=conditions)

    def _branches(self, tree: Tree, want: bool, binders: Binders) -> Iterator[Claim]:
        for part, guard in ((tree[2], tree[1]), (tree[3], ("call", "not", tree[1]))):
            for claim in self.of(part, want, binders):
                yield replace(claim, guards=(*claim.guards, wrapped("every", binders, guard)))

    def _called(self, tree: Tree, want: bool, binders: Binders) -> Iterator[Claim]:
        name = tree[1]
        if name == "not":
            yield from self.of(tree[2], not want, binders)
        elif name == "boolean":
            yield from self.of(tree[2], want, binders)
        elif (inlined := self.forms.inlined(tree)) is not None:
            yield from self.of(inlined, want, binders)
        elif want:
            for claim in self._asserted(tree):
                yield self._closed(claim, tree, want, binders)

    def _asserted(self, tree: Tree) -> Iterator[Claim]:
        """Claims made by a function that gives a boolean."""
        name, arguments = tree[1], tree[2:]
        if name == LISTED_CODE:
            codes, subject = self.forms.listed_codes(tree), self.forms.path(arguments[2])
            if codes and subject:
                yield Claim(Kind.CODES, tree, subject, codes=codes)
        elif name == "contains":
            yield from self._contained(tree, arguments[0], arguments[1])
        elif name == "matches" and len(arguments) == 2:
            subject, pattern = self.forms.path(self.forms.whole(arguments[0])), self.forms.text(arguments[1])
            if subject and pattern:
                yield Claim(Kind.PATTERN, tree, subject, limit=pattern)
        elif name == "starts-with":
            subject = self.forms.path(arguments[0])
            if subject:
                yield Claim(Kind.START, tree, subject, expected=arguments[1])
        elif name == "exists":
            yield from self._having(tree, self.forms.opened(arguments[0]))

    def _contained(self, tree: Tree, inside: Tree, needle: Tree) -> Iterator[Claim]:
        """`contains(' A B C ', concat(' ', normalize-space(.), ' '))` is a code list; a text in a value a mark."""
        listed, mark = self.forms.text(inside), self.forms.text(needle)
        if listed is not None:
            subject = self.forms.path(self.forms.between_spaces(needle))
            if subject and listed.split():
                yield Claim(Kind.CODES, tree, subject, codes=tuple(listed.split()))
        elif mark and mark.strip():
            yield Claim(Kind.CODES, tree, None, codes=(mark,), alone=True)

    def _having(self, tree: Tree, nodes: Tree) -> Iterator[Claim]:
        """`exists(x[y = 'PMT'])`: some node should have this value. Told only where the rule says nothing else."""
        if nodes[0] != "filter":
            return
        predicate = self.forms.opened(nodes[2])
        if predicate[0] in ("general", "value") and predicate[1] == "eq":
            codes = self.forms.texts(predicate[3])
            if codes:
                yield Claim(Kind.CODES, tree, None, codes=codes, alone=True)

    def _compared(self, op: str, left: Tree, right: Tree) -> Iterator[Claim]:
        left, right = self.forms.opened(left), self.forms.opened(right)
        nothing: Tree = ()
        for one, other, turned in ((left, right, op), (right, left, sums.TURNED[op])):
            codes = self.forms.texts(other)
            if codes:
                subject = self.forms.path(one)
                if op == "eq" and subject:
                    yield Claim(Kind.CODES, nothing, subject, codes=codes)
                return
            number = sums.constant(other)
            if number is not None and one[0] == "call" and one[1] in ("count", "string-length"):
                yield from self._measured(one, turned, number)
                return
        if sums.is_number(left, self.forms) or sums.is_number(right, self.forms):
            yield from self._numbers(op, left, right)
        elif op == "eq":
            yield from self._texts(left, right)

    def _measured(self, tree: Tree, op: str, number: str) -> Iterator[Claim]:
        if tree[1] == "count" and number != "0":
            yield Claim(Kind.COUNT, (), tree, op=op, limit=number)
        if tree[1] == "count":
            return
        inner = self.forms.opened(tree[2])
        if inner[:2] == ("call", "substring-after") and self.forms.text(inner[3]) == ".":
            subject = self.forms.path(inner[2])
            if subject and op == "le":
                yield Claim(Kind.DECIMALS, (), subject, limit=number)
            return
        subject = self.forms.path(inner)
        if subject and op in ("le", "lt"):
            yield Claim(Kind.LENGTH, (), subject, op=op, limit=number)

    def _numbers(self, op: str, left: Tree, right: Tree) -> Iterator[Claim]:
        solved = sums.solved(op, left, right, self.forms)
        if solved is None:
            return
        if solved.bound is not None:
            yield Claim(Kind.BOUND, (), solved.subject, op=solved.op, limit=solved.bound)
        elif op != "ne":
            yield Claim(
                Kind.AMOUNT, (), solved.subject, expected=solved.expected, op=solved.op, unsigned=solved.unsigned
            )

    def _texts(self, left: Tree, right: Tree) -> Iterator[Claim]:
        """One text equals another; `substring(x, 1, 9) = y` says that x starts with y."""
        for one, other in ((left, right), (right, left)):
            head = one[:2] == ("call", "substring") and sums.constant(one[3]) == "1"
            subject, value = self.forms.path(one[2] if head else one), self.forms.path(other)
            if subject and value:
                length = (sums.constant(one[4]) or "") if head and len(one) > 4 else ""
                yield Claim(Kind.START if head else Kind.TEXT, (), subject, expected=value, limit=length)
                return
