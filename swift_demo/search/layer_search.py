"""Which sub-layers to skip, looked for while text is generated (paper, section 4.1)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from swift_demo.config import SwiftConfig
from swift_demo.events import Phase, PhaseReason
from swift_demo.events import Proposer as ProposerName
from swift_demo.search.acceptance import AcceptanceWatch
from swift_demo.search.contributions import Contributions
from swift_demo.search.costs import PassCosts, predicted_speedup
from swift_demo.search.looks import Look, Looks
from swift_demo.search.proposers.base import Observation, Proposer
from swift_demo.search.proposers.bayesian import BayesianProposer, most_promising
from swift_demo.search.proposers.contribution import ContributionProposer
from swift_demo.search.proposers.fixed import FixedProposer
from swift_demo.search.proposers.random import RandomProposer
from swift_demo.search.proposers.swap import SwapProposer
from swift_demo.skip_set import SkipSet, num_skippable

_LOOK_BEYOND = 1.25  # how much larger than the incumbent the sets are that a look finds


@dataclass(frozen=True, slots=True)
class Proposal:
    proposer: ProposerName
    skip_set: SkipSet


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The result of a trial; the fields of SkipSetTried with the same names."""

    trial: int
    is_kept: bool
    incumbent_matchness: float


class LayerSearch:
    """The incumbent set and the search for a better one; it outlives single prompts.

    Scores are comparable only within a context. Once half a window of new tokens has come or another prompt has
    begun, the incumbent's score is renewed before anything is compared with it. An incumbent may owe its place
    to one lucky score, so it is then replaced by the set with the best expected score given all scores.

    Args:
        num_layers: L of the target.
        config: Skip ratio and search settings.
        start_set: Where to start; the uniform set of the ratio if not given. The search moves what it skips of
            the inner layers; the first and the last layer stay as they are in it.
        candidates: Sets to try first, and whenever the search begins again; from other streams, say. What they
            skip of the first and the last layer does not count.
        costs: Of passes over the target; needed if the objective is speed. May be changed at any time.
    """

    def __init__(
        self,
        num_layers: int,
        config: SwiftConfig,
        start_set: SkipSet | None = None,
        candidates: Sequence[SkipSet] = (),
        costs: PassCosts | None = None,
    ):
        self._num_layers = num_layers
        self._config = config.search
        self._max_draft_tokens = config.max_draft_tokens
        uniform = SkipSet.uniform(num_layers, config.skip_ratio)
        self.incumbent = uniform if start_set is None else start_set
        self.incumbent.check(num_layers)
        self.contributions = Contributions(num_layers)
        self._is_start_given = start_set is not None
        self._start_size = len(uniform)
        self._outer = self.incumbent.outer(num_layers)
        self.phase: Phase = "optimising" if self._can_search else "accelerating"
        self.reason: PhaseReason = "start" if self._can_search else "search is off"
        self.num_trials = 0
        self.observations: list[Observation] = []
        rng = np.random.default_rng(config.search.seed)
        self._candidates = [self._bits_of(candidate) for candidate in candidates]
        self._fixed = FixedProposer(self._candidates)
        self._random: Proposer = RandomProposer(rng)
        self._bayesian: Proposer = BayesianProposer(rng, has_free_size=self.is_for_speed)
        self._swap: Proposer = SwapProposer(rng, has_free_size=self.is_for_speed)
        self._contribution = ContributionProposer(num_layers, self.contributions, self._predicted)
        self.costs = costs
        self._incumbent_score: float | None = None
        self.incumbent_matchness = 0.0
        self._scored_at = 0
        self._is_renewed = False
        self._is_window_full = False
        self._phase_trials = 0
        self._trials_without_gain = 0
        self._looks = Looks(config.search.hidden_states_interval)
        self._watch = AcceptanceWatch(config.search.restart_margin)

    @property
    def num_layers(self) -> int:
        """L of the target."""
        return self._num_layers

    @property
    def costs(self) -> PassCosts | None:
        """What passes cost; sets are compared by it if the objective is speed."""
        return self._contribution.costs

    @costs.setter
    def costs(self, costs: PassCosts | None) -> None:
        self._contribution.costs = costs

    @property
    def _can_search(self) -> bool:
        """Whether there is more than one set to choose from."""
        return self._config.is_enabled and (self.is_for_speed or self._has_others_of_its_size)

    @property
    def _has_others_of_its_size(self) -> bool:
        return 0 < len(self.incumbent.inner(self._num_layers)) < num_skippable(self._num_layers)

    def _bits_of(self, skip_set: SkipSet) -> np.ndarray:
        """The part of a set that the search moves, one bit per sub-layer."""
        skip_set.check(self._num_layers)
        return skip_set.inner(self._num_layers).to_bits(self._num_layers)

    def _set_of(self, bits: np.ndarray) -> SkipSet:
        """The set with these bits; the first and the last layer stay as they were given."""
        return SkipSet.from_bits(bits, self._num_layers) | self._outer

    def begin_text(self) -> None:
        """Another prompt begins: scores so far come from another context."""
        self._incumbent_score = None

    def renew(self, speed: float, num_generated: int) -> None:
        """Rounds have shown how fast the incumbent is on the latest text, so that no trial need.

        Only if speed is the objective.
        """
        self.observations.append(Observation(self._bits_of(self.incumbent), speed, self.incumbent_matchness))
        before = self.incumbent
        self._settle()
        if self.incumbent == before:
            self._incumbent_score, self._scored_at = speed, num_generated
        else:
            self._incumbent_score = None

    def is_scored(self, num_generated: int) -> bool:
        """Whether the incumbent has a score from this context."""
        is_fresh = num_generated - self._scored_at < self._config.context_window // 2
        return self._incumbent_score is not None and is_fresh

    @property
    def is_for_speed(self) -> bool:
        """Whether sets are compared by speed."""
        return self._config.objective == "speed"

    def wants_trial(self, round: int, num_generated: int) -> bool:
        """Whether a set is to be tried before this round, if there is time for it."""
        return (
            self.phase != "accelerating"
            and num_generated >= self._config.min_context
            and round % self._config.trial_interval == 0
        )

    @property
    def wants_contributions(self) -> bool:
        """Whether to see what sub-layers contribute while the next prompt is read."""
        is_asked = self.is_for_speed and self._config.contribution_interval > 0
        return is_asked and self.phase != "accelerating" and not self.contributions.are_sure

    @property
    def time_share(self) -> float:
        """What the search may take of the lane's time now."""
        share, fading = self._config.max_time_share, self._config.fading_trials
        return share / (1 + self._phase_trials / fading) if fading else share

    def num_scored(self, num_generated: int, stands_aside: bool = False) -> int:
        """How many recent tokens a trial is scored on: few where nothing has been won that could pay for it."""
        most = self._config.min_context if stands_aside else self._config.context_window
        return min(num_generated, most)

    def propose(self, num_generated: int, look: Look | None = None, stands_aside: bool = False) -> Proposal:
        """The set to try next; the incumbent itself when its score is missing or from another context.

        Args:
            look: Returns the sets up to a given size that the target's hidden states favour; they are not
                looked at if not given.
            stands_aside: Trials are so rare that every score is from another context; then the incumbent and
                other sets take turns.
        """
        is_fresh = self.is_scored(num_generated) or (stands_aside and self._is_renewed)
        is_first = not self.num_trials and not self._is_start_given and self.is_for_speed
        if is_first and (proposal := self._looked_up(look)):
            return proposal
        if self._incumbent_score is None or not is_fresh:
            if is_first and (proposal := self._contributed()):
                return proposal
            self._settle()
            return Proposal("incumbent" if self.num_trials else "start", self.incumbent)
        number = self._phase_trials
        if self._fixed.has_more(self._bits_of(self.incumbent)):
            return self._proposal(self._fixed)
        interval = self._config.contribution_interval
        if interval and number % interval == 0 and (proposal := self._contributed()):
            return proposal
        if proposal := self._looked_up(look):
            return proposal
        return self._proposal(self._next_proposer())

    @property
    def look_size(self) -> int:
        """The largest set that the next look at hidden states is asked for."""
        size = len(self.incumbent) - len(self._outer)
        if not self.is_for_speed:
            return size
        most = max(int(_LOOK_BEYOND * size), self._start_size, 1)
        return min(most, num_skippable(self._num_layers) - 1)

    def _looked_up(self, look: Look | None) -> Proposal | None:
        """The set that hidden states favour, if it is time to look at them and it was not tried before."""
        if look is None or not self._looks.is_due(self._phase_trials):
            return None
        if self.is_for_speed:
            tried = {SkipSet.from_bits(o.bits, self._num_layers) for o in self.observations}
            favoured = self._looks.fastest(look, self.look_size, self._predicted, tried)
        else:
            favoured = self._looks.largest(look, self.look_size)
        if favoured is None or favoured | self._outer == self.incumbent:
            return None
        return Proposal("hidden states", favoured | self._outer)

    def _proposal(self, proposer: Proposer) -> Proposal:
        bits = proposer.propose(self.observations, self._bits_of(self.incumbent))
        return Proposal(proposer.name, self._set_of(bits))

    def _contributed(self) -> Proposal | None:
        """The set that what sub-layers contribute favours, if it promises to be faster than the incumbent."""
        if not self.is_for_speed or not self._config.contribution_interval:
            return None
        bits = self._contribution.propose_faster(self.observations, self._incumbent_score or 0.0)
        return None if bits is None else Proposal(self._contribution.name, self._set_of(bits))

    def _settle(self) -> None:
        """Make the tried set with the best expected score the incumbent.

        One that was scored only once is first scored again: a single score says little against it.
        """
        if len(self._scores_of(self.incumbent)) > 1:
            self.incumbent = self._set_of(most_promising(self.observations))
            self.incumbent_matchness = statistics.fmean(self._matchness_of(self.incumbent))

    def _next_proposer(self) -> Proposer:
        """Mostly the local one: it costs nothing, and sets near a good one are often good."""
        if self.is_for_speed and not self._has_others_of_its_size:
            return self._swap  # which adds or leaves out a sub-layer
        number = self._phase_trials + 1
        if number % self._config.bayesian_interval == 0:
            return self._bayesian
        if number % self._config.random_interval == 0:
            return self._random
        return self._swap

    def record(
        self, proposal: Proposal, matchness: float, num_generated: int, speed: float | None = None
    ) -> TrialResult:
        """Record a trial of the set that was actually scored, not of the one proposed.

        Args:
            speed: Tokens per time that follow from the trial; what sets are compared by if that is the
                objective.
        """
        score = matchness
        if self.is_for_speed:
            score = self._predicted(matchness, proposal.skip_set) if speed is None else speed
        self.num_trials += 1
        self._is_window_full = num_generated >= self._config.context_window
        self.observations.append(Observation(self._bits_of(proposal.skip_set), score, matchness))
        is_candidate = self._incumbent_score is not None and proposal.proposer not in ("start", "incumbent")
        is_better = self._incumbent_score is None or score > self._incumbent_score
        self._is_renewed = not is_candidate
        if is_candidate:
            self._phase_trials += 1
            self._trials_without_gain = 0 if is_better else self._trials_without_gain + 1
        if is_better or not is_candidate:
            self.incumbent, self._incumbent_score = proposal.skip_set, score
            self.incumbent_matchness = matchness
            self._scored_at = num_generated
        return TrialResult(self.num_trials, is_better or not is_candidate, self.incumbent_matchness)

    def _predicted(self, matchness: float, skip_set: SkipSet) -> float:
        """The speed that follows from matchness alone."""
        assert self.costs is not None
        return predicted_speedup(matchness, skip_set, self.costs, self._max_draft_tokens)

    def end_of_search(self) -> PhaseReason | None:
        """Why the search is over, if it is; the phase changes with the answer."""
        is_scored = self._incumbent_score is not None and self._is_window_full and not self.is_for_speed
        if is_scored and self._has_reached_matchness():
            reason: PhaseReason = "matchness reached"
        elif self._trials_without_gain >= self._config.tolerance:
            reason = "no improvement"
        elif self._phase_trials >= self._config.max_trials:
            reason = "trials used up"
        else:
            return None
        self._settle()
        self._enter("accelerating", reason)
        return reason

    def _has_reached_matchness(self) -> bool:
        scores = self._scores_of(self.incumbent)
        return len(scores) >= self._config.min_scores and statistics.fmean(scores) >= self._config.max_score

    def _scores_of(self, skip_set: SkipSet) -> list[float]:
        bits = self._bits_of(skip_set)
        return [o.score for o in self.observations if np.array_equal(bits, o.bits)]

    def _matchness_of(self, skip_set: SkipSet) -> list[float]:
        bits = self._bits_of(skip_set)
        return [o.matchness for o in self.observations if np.array_equal(bits, o.bits)]

    def watch(self, num_accepted: int, num_drafted: int) -> PhaseReason | None:
        """Follow the acceptance rate; "acceptance fell" if the search begins again because of it."""
        if self.phase != "accelerating" or not self._can_search:
            return None
        if not self._watch.has_fallen(num_accepted, num_drafted):
            return None
        self.observations.clear()  # they come from another stream
        self._enter("optimising again", "acceptance fell")
        return self.reason

    def _enter(self, phase: Phase, reason: PhaseReason) -> None:
        self.phase, self.reason = phase, reason
        self._fixed = FixedProposer(self._candidates)  # another stream may favour what the last did not
        self._phase_trials = self._trials_without_gain = 0
        self._looks.begin_phase()
        self._incumbent_score = None
        self.contributions.begin_stream()
        self._watch = AcceptanceWatch(self._config.restart_margin)
