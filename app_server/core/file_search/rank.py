"""The best matches of a query in the trees that were walked.

A query of one plain word without a slash looks at names first: a file of just that name, then a directory of that name,
then files whose names match, then paths. Among equals the shorter path is taken; what is taken is shown by score, then by path.
Most candidates are judged without aligning them: none of the rest can be better than what is there.
Source: spec/exec-fs.md sections 5.1 and 5.3.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Sequence

from app_server.core.file_search.align import AT_SLASH, AT_WORD, Found, bonus_at, letters_in_order, run_score
from app_server.core.file_search.query import Kind, Word, fold, parse
from app_server.core.file_search.quick import Quick, best_run, quick
from app_server.core.file_search.walk import Tree
from app_server.core.frozen import frozen

MOST = 50
TIER = 1 << 16
FILE_NAME, DIRECTORY_NAME, IN_NAME = 3, 2, 1
CHECK_EVERY = 256
"""How many candidates are judged between two looks whether anybody still wants to know."""

MOST_SCORE = 1 << 30
"""More than any word counts."""

NOT_OF_NAMES = re.compile(r"[/\s]")
"""A word with one of these is looked for in the paths alone."""

Place = tuple[int, int]
"""An entry: the number of its tree, and its number there."""
Scored = tuple[int, Place]
IsCancelled = Callable[[], bool]


@frozen
class Hit:
    """A match: an entry of a tree, how good it is, and the places of the letters in its path."""

    tree: Tree
    path: str
    is_directory: bool
    score: int
    indices: list[int]


class Cancelled(Exception):
    """Nobody wants to know any more."""


def best_matches(trees: Sequence[Tree], query: str, is_cancelled: IsCancelled) -> list[Hit]:
    """The best matches, best first; an empty query has none, and one without letters matches everything. Raises: Cancelled."""
    if not query:
        return []
    words = parse(query)
    if len(words) == 1 and words[0].kind is Kind.FUZZY and not words[0].is_negative and not NOT_OF_NAMES.search(words[0].letters):
        return Search(trees, words, is_cancelled).by_name(words[0])
    return Search(trees, words, is_cancelled).by_path()


class Search:
    """One query over the entries that were there when it began."""

    def __init__(self, trees: Sequence[Tree], words: Sequence[Word], is_cancelled: IsCancelled) -> None:
        self._trees = [(tree, len(tree.paths)) for tree in trees]
        self._words = words
        self._is_cancelled = is_cancelled

    def by_path(self) -> list[Hit]:
        """Every word somewhere in the path."""
        may_match = [_may_match(word) for word in self._words if not word.is_negative]
        known = [quick(word.letters) if word.kind is Kind.FUZZY else None for word in self._words]
        scored: list[Scored] = []
        for number, (tree, count) in enumerate(self._trees):
            self._check()
            folded = _folded(tree.paths[:count], any(word.keeps_accents for word in self._words))
            chosen: Sequence[int] = range(count)
            for may in may_match:
                chosen = [place for place in chosen if may(folded[place])]
            scored += [(score, (number, place)) for score, place in self._judge_paths(known, tree, folded, chosen)]
        return self._hits(scored, self._indices_in_path)

    def _judge_paths(
        self, known: Sequence[Quick | None], tree: Tree, folded: list[str], chosen: Iterable[int]
    ) -> list[tuple[int, int]]:
        """The scores of the paths that may be among the best: those of which all is known at once, and of the others those
        that could be better."""
        judged: list[tuple[int, int]] = []
        open_places: list[tuple[int, int]] = []
        quicks = [each for each in known if each is not None]
        if len(quicks) < len(self._words):
            open_places = [(0, place) for place in chosen]
        else:
            for place in self._watched(chosen):
                bounds = [each.bound(folded[place]) if folded[place].isascii() else (MOST_SCORE, False) for each in quicks]
                total = sum(bound for bound, _ in bounds)
                (judged if all(is_exact for _, is_exact in bounds) else open_places).append((total, place))
        least = heapq.nlargest(MOST, [score for score, _ in judged])[-1] if len(judged) >= MOST else 0
        for place in self._watched([place for bound, place in open_places if bound >= least]):
            score = _score(self._words, folded[place], tree.paths[place])
            if score is not None:
                judged.append((score, place))
        return judged

    def by_name(self, word: Word) -> list[Hit]:
        """A word in the names, or else across the paths."""
        scored: list[Scored] = []
        in_name: list[set[int]] = []
        for number, (tree, count) in enumerate(self._trees):
            self._check()
            folded = _folded(tree.names[:count], word.keeps_accents)
            may = _may_match(word)
            is_directory = tree.is_directory
            matching = [
                place for place, text in enumerate(folded) if may(text) and (not is_directory[place] or text == word.letters)
            ]
            in_name.append(set(matching))
            judged = self._judge_names(word.letters, tree, folded, matching)
            whole = [place for place in matching if folded[place] == word.letters]
            raised = dict.fromkeys(whole, FILE_NAME) | {place: DIRECTORY_NAME for place in whole if is_directory[place]}
            scored += [(score + raised.get(place, IN_NAME) * TIER, (number, place)) for score, place in judged]
        if len(scored) < MOST:
            scored += self._across(word, in_name)
        return self._hits(scored, self._indices_by_name)

    def _judge_names(self, letters: str, tree: Tree, folded: list[str], matching: list[int]) -> list[tuple[int, int]]:
        """The scores of the names that may be among the best. No name is aligned that can't be better than those that
        are known without: names that begin with the word, then those in which a part does."""
        length = len(letters)
        if not (letters.isascii() and letters[0].isalnum()):
            return self._aligned(letters, tree, folded, matching)
        most = best_run(length, AT_SLASH)
        at_start = [place for place in matching if folded[place].startswith(letters)]
        if len(at_start) >= MOST:
            whole = [place for place in at_start if folded[place] == letters]  # which count more than the others
            return [(most, place) for place in {*whole, *_shortest(tree.paths, at_start, MOST)}]
        known = [(most, place) for place in at_start]
        rest = sorted(set(matching) - set(at_start))
        # Letters at the start and others at parts of the name can be better than the word at a part: with three or more.
        mixed = [place for place in rest if length > 3 and folded[place].startswith(letters[:3])]
        rest = sorted(set(rest) - set(mixed))
        known += self._aligned(letters, tree, folded, mixed)
        at_part = re.compile(rf"[\W_]{re.escape(letters)}").search
        in_part = [place for place in rest if at_part(folded[place])]
        known += [(best_run(length, AT_WORD), place) for place in in_part]
        if len(at_start) + len(in_part) >= MOST:
            return known
        return known + self._aligned(letters, tree, folded, sorted(set(rest) - set(in_part)))

    def _aligned(self, letters: str, tree: Tree, folded: list[str], places: Iterable[int]) -> list[tuple[int, int]]:
        names = tree.names
        judged = []
        for place in self._watched(places):
            found = letters_in_order(letters, folded[place], names[place])
            if found is not None:
                judged.append((found[0], place))
        return judged

    def _across(self, word: Word, in_name: list[set[int]]) -> list[Scored]:
        """The entries whose path has the letters and whose name has not."""
        may = _may_match(word)
        scored: list[Scored] = []
        for number, (tree, count) in enumerate(self._trees):
            self._check()
            folded = _folded(tree.paths[:count], word.keeps_accents)
            chosen = [place for place, text in enumerate(folded) if may(text) and place not in in_name[number]]
            for place in self._watched(chosen):
                found = letters_in_order(word.letters, folded[place], tree.paths[place])
                if found is not None:
                    scored.append((found[0], (number, place)))
        return scored

    def _hits(self, scored: list[Scored], indices: Callable[[Tree, int], list[int]]) -> list[Hit]:
        """The best of what was scored."""

        def worth(each: Scored) -> tuple[int, int, str, int]:
            score, (number, place) = each
            path = self._trees[number][0].paths[place]
            return -score, len(path), path, number

        hits = []
        for score, (number, place) in heapq.nsmallest(MOST, self._near_the_best(scored), worth):
            tree = self._trees[number][0]
            hits.append(Hit(tree, tree.paths[place], tree.is_directory[place], score, indices(tree, place)))
        return sorted(hits, key=lambda hit: (-hit.score, hit.path.encode()))

    def _near_the_best(self, scored: list[Scored]) -> list[Scored]:
        """What may be among the best: those with the best scores, and of the worst score among these the shortest paths."""
        if len(scored) <= MOST:
            return scored
        worst = heapq.nlargest(MOST, [score for score, _ in scored])[-1]
        better = [each for each in scored if each[0] > worst]
        equal = [each for each in scored if each[0] == worst]
        paths = [self._trees[number][0].paths[place] for _, (number, place) in equal]
        return better + [equal[index] for index in _shortest(paths, range(len(equal)), MOST - len(better))]

    def _indices_in_path(self, tree: Tree, place: int) -> list[int]:
        path = tree.paths[place]
        found = [_match(word, fold(path, word.keeps_accents), path) for word in self._words if not word.is_negative]
        return sorted({index for each in found if each is not None for index in each[1]})

    def _indices_by_name(self, tree: Tree, place: int) -> list[int]:
        path, name = tree.paths[place], tree.names[place]
        found = _match(self._words[0], fold(name, self._words[0].keeps_accents), name)
        if found is None:
            return self._indices_in_path(tree, place)
        start = len(path) - len(name)
        return [start + index for index in found[1]]

    def _watched(self, places: Iterable[int]) -> Iterable[int]:
        for number, place in enumerate(places):
            if number % CHECK_EVERY == 0:
                self._check()
            yield place

    def _check(self) -> None:
        if self._is_cancelled():
            raise Cancelled


def _shortest(paths: Sequence[str], places: Sequence[int], count: int) -> list[int]:
    """Of these places those with the shortest paths: so many, and all that are as short."""
    lengths = [len(paths[place]) for place in places]
    longest = heapq.nsmallest(count, lengths)[-1]
    return [place for place, length in zip(places, lengths, strict=True) if length <= longest]


def _folded(texts: list[str], keeps_accents: bool) -> list[str]:
    """The texts as they are compared."""
    whole = "\n".join(texts)
    if whole.isascii() and whole.count("\n") == len(texts) - 1:
        return whole.lower().split("\n")  # far quicker than one by one
    return [text.lower() if text.isascii() else fold(text, keeps_accents) for text in texts]


def _may_match(word: Word) -> Callable[[str], object]:
    """A quick test that every match passes: the letters in order, or together."""
    if word.kind is Kind.FUZZY:
        others = "".join(f"[^{re.escape(each)}]*{re.escape(each)}" for each in word.letters[1:])
        return re.compile(re.escape(word.letters[0]) + others).search
    letters = re.escape(word.letters)
    start = "^" if word.kind in (Kind.PREFIX, Kind.EXACT) else ""
    end = r"\Z" if word.kind in (Kind.POSTFIX, Kind.EXACT) else ""
    return re.compile(start + letters + end).search


def _score(words: Sequence[Word], folded: str, text: str) -> int | None:
    """The sum over all words; None when one of them does not hold."""
    score = 0
    for word in words:
        own = folded if word.keeps_accents or text.isascii() else fold(text, keeps_accents=False)
        found = _match(word, own, text)
        if word.is_negative:
            if found is not None:
                return None
        elif found is None:
            return None
        else:
            score += found[0]
    return score


def _match(word: Word, folded: str, text: str) -> Found | None:
    """How one word matches a text."""
    letters = word.letters
    if word.kind is Kind.FUZZY:
        return letters_in_order(letters, folded, text)
    if word.kind is Kind.SUBSTRING:
        return _together(letters, folded, text)
    starts, ends = word.kind in (Kind.PREFIX, Kind.EXACT), word.kind in (Kind.POSTFIX, Kind.EXACT)
    if (starts and not folded.startswith(letters)) or (ends and not folded.endswith(letters)):
        return None
    if starts and ends and len(folded) != len(letters):
        return None
    start = 0 if starts else len(folded) - len(letters)
    return run_score(text, start, len(letters)), list(range(start, start + len(letters)))


def _together(letters: str, folded: str, text: str) -> Found | None:
    """The first of the places where the word begins best."""
    best: Found | None = None
    best_bonus, place = -1, folded.find(letters)
    while place >= 0:
        if (here := bonus_at(text, place)) > best_bonus:
            best_bonus = here
            best = run_score(text, place, len(letters)), list(range(place, place + len(letters)))
        place = folded.find(letters, place + 1)
    return best
