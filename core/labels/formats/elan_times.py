"""Start and end of the annotations of an ELAN document, as shown by ELAN.

An annotation has its own times, or none and then lies evenly between its neighbours; one that refers to another has
that one's time, and where several on a tier refer to the same one (a symbolic subdivision) each has an equal part.
The rules are those of ELAN's own `TimeOrderImpl`, `TierImpl` and `SymbolicSubdivision`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from xml.etree.ElementTree import Element

ALIGNABLE, REFERRING = "ALIGNABLE_ANNOTATION", "REF_ANNOTATION"
_DEEPEST = 50
"""So many tiers may hang one below another; more are a circle."""


@dataclass(frozen=True)
class Interval:
    """Milliseconds of the document; integers except for symbolic subdivisions."""

    start: float
    end: float
    guess: str = ""
    """`between` neighbours or a `part` of a parent; empty where both times stand in the file."""


class Times:
    """The times of all annotations of a document."""

    def __init__(self, root: Element) -> None:
        slots = list(root.iter("TIME_SLOT"))
        self._values = {slot.get("TIME_SLOT_ID", ""): _number(slot) for slot in slots}
        self.bad_slots = [slot for slot in slots if slot.get("TIME_VALUE") and _number(slot) is None]
        """Whose value is no number, as if they had none."""
        self._guesses = _between(self._values)
        self._tiers = {tier.get("TIER_ID", ""): tier for tier in root.iter("TIER")}
        constraints = {
            one.get("LINGUISTIC_TYPE_ID"): one.get("CONSTRAINTS", "") for one in root.iter("LINGUISTIC_TYPE")
        }
        self._constraints = {
            name: constraints.get(tier.get("LINGUISTIC_TYPE_REF"), "") for name, tier in self._tiers.items()
        }
        self._tier_of = {
            one: tier.get("TIER_ID", "")
            for tier in root.iter("TIER")
            for one in tier.iter()
            if one.tag in (ALIGNABLE, REFERRING)
        }
        self._annotations = {one.get("ANNOTATION_ID", ""): one for one in self._tier_of}
        self._placed: dict[tuple[str, str], int | None] = {}
        self._touching: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
        self._children: dict[tuple[str, str], list[str]] = defaultdict(list)
        """By tier and by the annotation that they refer to."""
        for number, one in self._annotations.items():
            if one.tag == REFERRING:
                self._children[self._tier_of[one], one.get("ANNOTATION_REF", "")].append(number)

    def of(self, annotation: Element) -> Interval | str:
        """Return its interval, or why it has none, as the end of a sentence about it."""
        return self._of(annotation.get("ANNOTATION_ID", ""), annotation, ())

    def _of(self, number: str, annotation: Element, seen: tuple[str, ...]) -> Interval | str:
        tier = self._tier_of.get(annotation, "")
        if annotation.tag == ALIGNABLE:
            start, end = (self._time(annotation.get(f"TIME_SLOT_REF{side}", ""), tier) for side in (1, 2))
            if start is None or end is None:
                return "has no times of its own"
            is_read = all(self._values.get(annotation.get(f"TIME_SLOT_REF{side}", "")) is not None for side in (1, 2))
            return Interval(start, end, "" if is_read else "between")
        parent = annotation.get("ANNOTATION_REF", "")
        if parent not in self._annotations or parent in seen or len(seen) > _DEEPEST:
            return f"refers to the annotation {parent!r}, which is not in the file"
        interval = self._of(parent, self._annotations[parent], (*seen, number))
        if isinstance(interval, str):
            return f"refers to the annotation {parent!r}, which {interval}"
        siblings = _in_order([(one, self._annotations[one]) for one in self._children[tier, parent]])
        if len(siblings) < 2 or number not in siblings or self._constraints[tier] == "Symbolic_Association":
            return interval
        place, length = siblings.index(number), (interval.end - interval.start) / len(siblings)
        return Interval(interval.start + place * length, interval.start + (place + 1) * length, "part")

    def _time(self, slot: str, tier: str) -> int | None:
        """Return the time of a slot; without a value, evenly between its
        neighbours: on a child tier those that touch, else of all."""
        value = self._values.get(slot)
        if slot not in self._values or value is not None:
            return value
        if (slot, tier) not in self._placed:
            self._placed[slot, tier] = self._guesses[slot]  # where tiers are each other's parents
            self._placed[slot, tier] = self._between_ends(slot, tier)
        return self._placed[slot, tier]

    def _between_ends(self, slot: str, tier: str) -> int | None:
        parent = self._tiers[tier].get("PARENT_REF", "")
        if parent not in self._tiers:
            return self._guesses[slot]
        chain, place = self._chain(slot, tier)
        first, last = self._time(chain[0], parent), self._time(chain[-1], parent)
        if first is None or last is None or len(chain) < 2:
            return self._guesses[slot]
        return last if place == len(chain) - 1 else first + place * ((last - first) // (len(chain) - 1))

    def _chain(self, slot: str, tier: str) -> tuple[list[str], int]:
        """Return the slots from the last with a value before it to the first behind it, and its place among them."""
        before, after = self._links(tier)
        chain, place = [slot], 0
        for links, step in ((before, 0), (after, 1)):
            now = slot
            while (now := links.get(now, "")) and now not in chain:
                chain.insert(len(chain) if step else 0, now)
                place += 1 - step
                if self._values.get(now) is not None:
                    break
        return chain, place

    def _links(self, tier: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return by slot the other ends of the annotation that ends there, and of the one that begins there."""
        if tier not in self._touching:
            pairs = [
                (one.get("TIME_SLOT_REF1", ""), one.get("TIME_SLOT_REF2", ""))
                for one in self._tiers[tier].iter(ALIGNABLE)
            ]
            self._touching[tier] = {last: first for first, last in pairs}, dict(pairs)
        return self._touching[tier]


def _number(slot: Element) -> int | None:
    text = slot.get("TIME_VALUE", "")
    return int(text) if text.isdecimal() else None


def _between(values: dict[str, int | None]) -> dict[str, int | None]:
    """Return every slot's time; without a value, evenly between the neighbours in the file that have one; None where
    one of them is missing."""
    found = dict(values)
    waiting: list[str] = []
    last: int | None = None
    for slot, value in values.items():
        if value is None:
            waiting.append(slot)
            continue
        if last is not None:
            step = (value - last) // (len(waiting) + 1)
            found.update({one: last + place * step for place, one in enumerate(waiting, 1)})
        last, waiting = value, []
    return found


def _in_order(siblings: list[tuple[str, Element]]) -> list[str]:
    """Return each behind the one that it names as its previous; those in the file's order where that leads to no
    order."""
    following = {one.get("PREVIOUS_ANNOTATION", ""): number for number, one in siblings}
    ordered = [number for number, one in siblings if not one.get("PREVIOUS_ANNOTATION")][:1]
    while ordered and (then := following.get(ordered[-1])) and then not in ordered:
        ordered.append(then)
    return ordered if len(ordered) == len(siblings) else [number for number, _ in siblings]
