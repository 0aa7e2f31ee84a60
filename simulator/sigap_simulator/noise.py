"""Random processes that change with memory of what they were."""

import math
from random import Random


class GaussMarkov:
    """A first-order Gauss–Markov process: normal with `sigma`, forgetting itself over `correlation_s` seconds.

    The usual model for what remains of a satellite position's error (orbits, atmosphere, multipath): two fixes a
    second apart err alike, two fixes minutes apart do not.
    """

    def __init__(self, random: Random, sigma: float, correlation_s: float) -> None:
        self._random = random
        self.sigma = sigma
        self.correlation_s = correlation_s
        self.value = random.gauss(0.0, sigma)

    def advance(self, elapsed_s: float) -> float:
        """The value `elapsed_s` seconds later."""
        kept = math.exp(-elapsed_s / self.correlation_s)
        self.value = kept * self.value + self._random.gauss(0.0, self.sigma * math.sqrt(1.0 - kept * kept))
        return self.value
