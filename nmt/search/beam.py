"""Beam search over many sentences at once, which may join and leave between any two steps."""

# B sentences, R rows of each (1 before the first step, then K), N = B R rows, K beam size, T tokens so far

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.search.constraints import FREE, Progress, constraints_of, ended_where_stuck, joint_bans
from nmt.search.hypothesis import Hypothesis
from nmt.search.scorer import Bans, Scorer, StateT, Top
from nmt.search.terms import Promise, Term, begun, next_tokens, saying, without_forbidden
from nmt.search.trail import Ended, Sentence, Step
from nmt.search.update import Candidates, Update, update
from nmt.vocabulary import BOS, EOS


@dataclass(frozen=True)
class Beams(Generic[StateT]):
    """Sentences that take their steps together: the rows of a sentence stand side by side, best first.

    A row whose score is -inf is dead: it keeps the rows per sentence equal, and leads to nothing. `history_NT` is
    what constraints ask for (no columns if none does); hypotheses are rebuilt from the sentences' trails.
    `promises_N` says which terms each row has still to say, None where its sentence has none.
    """

    sentences: list[Sentence]
    state: StateT
    tokens_N: Tensor
    scores_BR: Tensor
    history_NT: NDArray[np.int64]
    promises_N: list[Promise | None]

    def keep(self, places: Sequence[int]) -> "Beams[StateT]":
        """Only the sentences at these places, in this order."""
        rows_per_sentence = self.scores_BR.shape[1]
        kept_B = np.array(places, dtype=np.int64)
        rows = (kept_B[:, None] * rows_per_sentence + np.arange(rows_per_sentence)).ravel()
        rows_N = torch.from_numpy(rows).to(self.tokens_N.device)
        scores_BR = self.scores_BR[torch.from_numpy(kept_B).to(self.tokens_N.device)]
        sentences = [self.sentences[place] for place in places]
        return Beams(
            sentences,
            self.state.select(rows_N),
            self.tokens_N[rows_N],
            scores_BR,
            self.history_NT[rows],
            [self.promises_N[row] for row in rows],
        )

    def concat(self, other: "Beams[StateT]") -> "Beams[StateT]":
        """These sentences, then those of `other`, which have equally many rows each."""
        longest = max(self.history_NT.shape[1], other.history_NT.shape[1])
        histories = [
            np.pad(beams.history_NT, ((0, 0), (longest - beams.history_NT.shape[1], 0)), constant_values=-1)
            for beams in (self, other)
        ]
        return Beams(
            self.sentences + other.sentences,
            self.state.concat(other.state),
            torch.cat([self.tokens_N, other.tokens_N]),
            torch.cat([self.scores_BR, other.scores_BR]),
            np.concatenate(histories),
            self.promises_N + other.promises_N,
        )


class BeamSearch(Generic[StateT]):
    """A search that can be resumed: `add` sentences, `advance` a step, take what has `finished`.

    Among a sentence's best candidates those that end and rank within the first K = `options.beam_size` are complete,
    and the first K others live on. A sentence is finished when K hypotheses have ended, when its length limit is
    reached (there EOS is forced) or when no row lives; then it leaves the running batch. Where that would leave a
    sentence with nothing, because it may not end yet and all else is forbidden, it ends too early instead. Ranked by
    log-probability / length^alpha; equal ones by the lower token ids. A beam of 1 is greedy search.

    A sentence has one row in its first step and K neighbouring rows afterwards, those of all sentences in a line.
    """

    def __init__(self, scorer: Scorer[StateT], options: SearchOptions) -> None:
        self.scorer, self.options = scorer, options
        self._constraints = constraints_of(options)
        self._joined: Beams[StateT] | None = None  # have not taken a step
        self._running: Beams[StateT] | None = None
        self._finished: dict[int, list[Hypothesis]] = {}
        self._next_ticket = 0

    @property
    def running(self) -> int:
        """How many sentences are neither finished nor dropped."""
        return sum(len(beams.sentences) for beams in (self._joined, self._running) if beams is not None)

    @torch.inference_mode()
    def add(
        self,
        batch: Batch,
        prefixes: Sequence[Sequence[int]] | None = None,
        terms: Sequence[Sequence[Term]] | None = None,
    ) -> list[int]:
        """Let sentences join; returns a ticket for each, by which `finished` and `drop` know it.

        A target starts with its prefix, token for token (without EOS), and the prefix's log-probabilities count.
        A target says each of its terms once, token for token, where attention rests on what the term stands for, at
        the latest before it ends; one that is not exclusive may also stand in the prefix. All hypotheses pay alike for
        that, so a term's tokens count as certain (log 1 = 0).
        Where the length limit has no room for the terms it gives way.

        Raises InputError where a prefix holds EOS or leaves no room for it within the length limit.
        """
        device, count = batch.tokens_BS.device, len(batch)
        prefixes = [()] * count if prefixes is None else prefixes
        terms = [()] * count if terms is None else terms
        assert len(prefixes) == len(terms) == count, f"{len(prefixes)} prefixes, {len(terms)} terms, {count} sentences"
        pairs = zip(terms, prefixes, strict=True)
        promises: list[Promise | None] = [Promise.of(given, prefix) if given else None for given, prefix in pairs]
        sentences = [
            Sentence(self._next_ticket + index, length, self.options.length_limit(length), tuple(prefixes[index]))
            for index, length in enumerate(batch.lengths_B.tolist())
        ]
        for sentence, promise in zip(sentences, promises, strict=True):
            _check_prefix(sentence)
            if promise is not None:
                sentence.limit = max(sentence.limit, len(sentence.prefix) + promise.owed + 1)
        joining = Beams(
            sentences,
            self.scorer.start(batch),
            torch.full((count,), BOS, device=device),
            torch.zeros(count, 1, device=device),
            np.zeros((count, 0), dtype=np.int64),
            promises,
        )
        self._joined = joining if self._joined is None else self._joined.concat(joining)
        self._next_ticket += count
        return [sentence.ticket for sentence in sentences]

    @torch.inference_mode()
    def advance(self) -> None:
        """Take one step with every running sentence; without any, nothing happens."""
        parts = [self._step(beams) for beams in (self._running, self._joined) if beams is not None]
        self._running = self._joined = None
        for part in parts:
            if part is not None:
                self._running = part if self._running is None else self._running.concat(part)

    def finished(self) -> dict[int, list[Hypothesis]]:
        """Ticket -> the `options.n_best` best hypotheses, best first, no two alike; each is handed out once.

        Fewer where the search found fewer, none at all where every continuation is impossible (probability 0).
        """
        taken, self._finished = self._finished, {}
        return taken

    def best_so_far(self, tickets: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """Ticket -> what the best living row has said, for those of these sentences that run."""
        wanted = set(tickets)
        beams = () if self._running is None else self._running.sentences
        return {sentence.ticket: sentence.best_living() for sentence in beams if sentence.ticket in wanted}

    @torch.inference_mode()
    def drop(self, tickets: Iterable[int]) -> None:
        """Forget these sentences, running or finished; tickets that are not known any more are passed over."""
        unwanted = set(tickets)
        for ticket in unwanted:
            self._finished.pop(ticket, None)
        self._joined = _without(self._joined, unwanted)
        self._running = _without(self._running, unwanted)

    def _step(self, beams: Beams[StateT]) -> Beams[StateT] | None:
        """Score, update, end what is complete, and move the living rows to their places."""
        top, promises_N = self._top(beams)
        shape_BRC = (*beams.scores_BR.shape, top.tokens_NK.shape[1])
        tokens_BRC = top.tokens_NK.reshape(shape_BRC)
        log_probabilities_BRC = top.log_probabilities_NK.reshape(shape_BRC)
        found = update(beams.scores_BR, tokens_BRC, log_probabilities_BRC, self.options.beam_size)
        step = Step.of(found.living, top.attention_NS, saying(promises_N) if any(promises_N) else None)
        places = self._record(beams.sentences, found, step)
        return self._moved(beams, top.state, places, found.living, step, promises_N) if places else None

    def _top(self, beams: Beams[StateT]) -> tuple[Top[StateT], list[Promise | None]]:
        """The scorer's candidates, and the promises with the terms begun that are said in this step."""
        progress = _progress(beams)
        bans = joint_bans(self._constraints, progress, beams.tokens_N.device)
        wanted = self.options.beam_size + 1 if self.options.beam_size > 1 else 1
        if any(beams.promises_N):
            return self._promised(beams, progress, bans, wanted)
        top = self.scorer.top(beams.state, beams.tokens_N, wanted, bans)
        if bans is None or self.options.min_length <= 1:
            return top, beams.promises_N
        ending = ended_where_stuck(bans, _stuck(beams.scores_BR, top))
        return top if ending is None else self.scorer.top(beams.state, beams.tokens_N, wanted, ending), beams.promises_N

    def _promised(
        self, beams: Beams[StateT], progress: Progress, bans: Bans | None, wanted: int
    ) -> tuple[Top[StateT], list[Promise | None]]:
        """A look at what each row would do by itself; then, where terms are due, the step with them."""
        wanted += max(len(promise.forbidden()) for promise in beams.promises_N if promise is not None)
        top = self.scorer.top(beams.state, beams.tokens_N, wanted, bans)
        looked_at = None if top.attention_NS is None else top.attention_NS.float().numpy(force=True)
        rooms_N = np.repeat(progress.limits_B - progress.lengths_B, progress.rows_per_sentence)
        forced_N = None if bans is None else bans.forced_N
        led_N = np.zeros(len(rooms_N), dtype=bool) if forced_N is None else forced_N.numpy(force=True) != FREE
        promises_N = begun(beams.promises_N, looked_at, top.tokens_NK[:, 0].numpy(force=True), rooms_N, led_N)
        if promises_N != beams.promises_N:
            progress = replace(progress, terms_N=next_tokens(promises_N, FREE))
            bans = joint_bans(self._constraints, progress, beams.tokens_N.device)
            top = self.scorer.top(beams.state, beams.tokens_N, wanted, bans)
        return without_forbidden(top, promises_N, led_N), promises_N

    def _record(self, sentences: list[Sentence], found: Update, step: Step) -> list[int]:
        """Note the step in every sentence, finish those that are done, and give the places of the others."""
        for place, sentence in enumerate(sentences):
            sentence.trail.append((step, place))
        scores_BK = found.ended.scores_BK.numpy(force=True)
        places, ranks = np.nonzero(scores_BK > -np.inf)
        if len(places):
            parents_BK = found.ended.parents_BK.numpy(force=True)
            log_probabilities_BK = found.ended.log_probabilities_BK.numpy(force=True)
            for place, rank in zip(places.tolist(), ranks.tolist(), strict=True):
                at, sentence = (place, rank), sentences[place]
                score, log_probability = float(scores_BK[at]), float(log_probabilities_BK[at])
                sentence.ended.append(Ended(len(sentence.trail), int(parents_BK[at]), log_probability, score))
        lives_B = (found.living.scores_BK[:, 0] > -torch.inf).tolist()
        going: list[int] = []
        for place, sentence in enumerate(sentences):
            if lives_B[place] and len(sentence.ended) < self.options.beam_size:
                going.append(place)
            else:
                self._finished[sentence.ticket] = sentence.best(self.options.n_best, self.options.length_penalty)
        return going

    def _moved(
        self, beams: Beams[StateT], state: StateT, places: list[int], living: Candidates, step: Step,
        promises_N: list[Promise | None],
    ) -> Beams[StateT]:  # fmt: skip
        """The beams of the sentences at `places` after the step; `state` is that of the rows before the update."""
        sentences, tokens_BK, scores_BK = beams.sentences, living.tokens_BK, living.scores_BK
        device, kept_B = beams.tokens_N.device, np.array(places, dtype=np.int64)
        if len(places) < len(sentences):
            kept_tensor_B = torch.from_numpy(kept_B).to(device)
            tokens_BK, scores_BK = tokens_BK[kept_tensor_B], scores_BK[kept_tensor_B]
            sentences = [sentences[place] for place in places]
        rows = (step.parents_BK[kept_B] + kept_B[:, None] * beams.scores_BR.shape[1]).ravel()
        if len(rows) != len(beams.tokens_N) or (rows != np.arange(len(rows))).any():
            state = state.select(torch.from_numpy(rows).to(device))
        history_NT = beams.history_NT[rows]
        if self.options.no_repeat_ngram:
            longest = max(len(sentence.trail) for sentence in sentences)
            history_NT = np.concatenate([history_NT, step.tokens_BK[kept_B].reshape(-1, 1)], axis=1)[:, -longest:]
        stepped = [None if promise is None else promise.stepped() for promise in promises_N]
        return Beams(
            sentences, state, tokens_BK.flatten(), scores_BK, history_NT, [stepped[row] for row in rows.tolist()]
        )


def _progress(beams: Beams[StateT]) -> Progress:
    return Progress(
        np.array([len(sentence.trail) for sentence in beams.sentences]),
        np.array([sentence.limit for sentence in beams.sentences]),
        [sentence.prefix for sentence in beams.sentences],
        beams.history_NT,
        next_tokens(beams.promises_N, FREE) if any(beams.promises_N) else None,
    )


def _stuck(scores_BR: Tensor, top: Top[StateT]) -> Tensor:
    """[N]: whether the row is one of a sentence that no row of can go on."""
    best_BR = scores_BR + top.log_probabilities_NK[:, 0].view_as(scores_BR)
    return (best_BR.amax(dim=1) == -torch.inf).repeat_interleave(best_BR.shape[1])


def _check_prefix(sentence: Sentence) -> None:
    if EOS in sentence.prefix:
        raise InputError("a target prefix has the end symbol in it, expected tokens of an unfinished target")
    if len(sentence.prefix) >= sentence.limit:
        raise InputError(
            f"a target prefix has {len(sentence.prefix)} tokens, expected at most {sentence.limit - 1}: "
            f"the target of these {sentence.source_length} source tokens is limited to {sentence.limit}, end included"
        )


def _without(beams: Beams[StateT] | None, tickets: set[int]) -> Beams[StateT] | None:
    if beams is None:
        return None
    kept = [place for place, sentence in enumerate(beams.sentences) if sentence.ticket not in tickets]
    if len(kept) == len(beams.sentences):
        return beams
    return beams.keep(kept) if kept else None
