"""How checkpoints are asked, whichever verb asks them: one group of options, and the request they make."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.cli import options

if TYPE_CHECKING:
    from harness.domain.policy import Policy
    from harness.experiments.request import GateRequest

_AS_TRAINED = "as-trained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """The options under which checkpoints are served and asked."""

    items: options.Items = None
    temperature: options.Temperature = None
    embedder: options.Embedder = options.EMBEDDER
    results: options.Results = options.RESULTS
    max_model_len: options.MaxModelLen = 8192
    contamination: options.Contamination = None
    merge_into: options.MergeInto = _AS_TRAINED
    allow_mismatch: options.AllowMismatch = False

    def request(
        self, checkpoint: str, baseline: str, *, arms: str, tasks: str, policy: "Policy"
    ) -> "GateRequest":
        """Return the request to weigh `checkpoint` in every suite, `policy` overridden by what was given.

        Raises `UsageError` or `UnknownArm` for what no option may say.
        """
        from harness.config.overrides import overridden
        from harness.experiments.request import GateRequest, arms_named, merge_base_named, places, words

        return GateRequest(
            checkpoint=checkpoint,
            baseline=baseline,
            arms=arms_named(arms),
            tasks=words(tasks),
            suites=(),
            policy=overridden(
                policy,
                items=self.items,
                temperature=self.temperature,
                contamination=self.contamination,
                allow_mismatch=self.allow_mismatch,
            ),
            places=places(self.results, embedder=self.embedder),
            max_model_len=self.max_model_len,
            merge_into=merge_base_named(self.merge_into),
        )

    @property
    def repeated(self) -> Mapping[str, object]:
        """What a verb that follows on the same checkpoints has to be told again, without what is usual."""
        return {
            "--temperature": self.temperature,
            "--embedder": None if self.embedder == options.EMBEDDER else self.embedder,
            "--contamination": self.contamination,
            "--merge-into": None if self.merge_into == _AS_TRAINED else self.merge_into,
            "--allow-mismatch": self.allow_mismatch,
            "--results": None if self.results == options.RESULTS else self.results,
        }
