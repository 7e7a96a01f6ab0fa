"""report.json: what a run found, as DESIGN's schema has it."""

from typing import Literal

from pydantic import Field

from convert.machine import Machine
from convert.vocabulary import Record, Scheme, Target


class Calibration(Record):
    """The pictures that the eight bits of a file were decided on."""

    kind: Literal["split", "folder", "synthesised"]
    """Of the recipe's dataset, of a folder of the user's, or drawn for want of pictures."""
    of: str
    """Such as `voc calibration`, or the folder's name."""
    images: int


class Measured(Record):
    """A figure of a variant; its drop is the reference's on the same pictures minus it."""

    value: float
    drop: float | None = None
    drop_ci95: tuple[float, float] | None = None


class BrowserFacts(Record):
    """What a page has to tell of the runtime that was timed in it."""

    browser: str
    """Chromium's version."""
    wasm: tuple[str, ...]
    """The WebAssembly files that were loaded: they say which build of a runtime it was."""
    workers: int
    isolated: bool
    """Whether the page was cross-origin isolated: without, no threads and a coarse clock."""
    clock_us: float
    """The smallest step of the page's clock, in microseconds."""
    load_ms: float
    """From an empty page until the file could be run: downloads from this machine and compiling."""
    first_ms: float
    """The first run, from cold."""
    warm_up_runs: int
    requests: int
    """Files that were loaded for it, without our own page's."""
    bytes_wire: int
    """Their bytes after brotli at quality 9, without headers."""
    heap_mb: float
    """WebAssembly memory, in MB (10^6 bytes); 0 where the runtime has none."""
    notes: dict[str, str] = Field(default_factory=dict)
    """What the runtime tells of itself, such as its backend."""
    correctness_only: bool = False
    """Whether the GPU is drawn by the CPU: the times say nothing of a real one."""
    bounded: bool = False
    """Whether it was so slow that its time was over before all of its runs were done."""


class Latency(Record):
    """Times of one runtime, threads and session; memory is the process's peak."""

    runtime: str
    threads: int
    min_ms: float
    p25_ms: float | None = None
    p50_ms: float
    p90_ms: float
    runs: int
    load: float
    """The machine's load average over the last minute when the runs ended."""
    delegated_ops: int | None = None
    total_ops: int | None = None
    peak_rss_mb: float | None = None
    ratio_to_float32: float | None = None
    """The fastest run against float32's fastest, on the same target, threads and rounds: what else
    a machine does only adds time, so the ratio of minima holds where that of medians does not."""
    browser: BrowserFacts | None = None
    """None of a native runtime."""


class Elsewhere(Record):
    """What a published file, or one that is about to be, was found to do in the browser."""

    runtime: str
    browser: str
    images: int
    """Fewer than the variant's own where the runtime is too slow for all of them."""
    metrics: dict[str, Measured] = Field(default_factory=dict)
    correlation: float | None = None
    """Of its golden answer with that of the runtime that verified the file."""
    passed: bool = False
    error: str | None = None
    """Why it is not right there, or could not be run."""


class Verdict(Record):
    """One gate: the bound, what was found, and whether it holds."""

    gate: str
    bound: float
    value: float | None
    passed: bool


class Harm(Record):
    """What a layer's weights, or a tensor, alone change when they are in eight bits."""

    name: str
    op: str
    disagreement: float
    """The share of labels that change; where the answers are no scores, error / deviation."""
    divergence: float
    """Of scores, Kullback-Leibler's in nats; else the squared error in parts of the variance."""


class Ranking(Record):
    """Layers by their weights and tensors by their activations, the most harmful first."""

    pictures: int
    """Of the calibration split."""
    unit: Literal["labels changed", "error"]
    weights: tuple[Harm, ...]
    activations: tuple[Harm, ...] = ()

    def head(self, count: int) -> "Ranking":
        """The first of each."""
        return self.model_copy(
            update={"weights": self.weights[:count], "activations": self.activations[:count]}
        )


class Assignment(Record):
    """Which nodes of a core stay in float so that a gate holds, all others being in eight bits."""

    kept_float: tuple[str, ...]
    pictures: int
    """Of the calibration split, which the figures below are over: where there are enough, those
    that no layer was solved on."""
    agreement: float
    drop: float | None = None
    """Of the metric's first figure, where it needs no truth."""
    bytes: int
    latency_ratio: float | None = None
    """The fastest run against that of the file without float layers; None: there is none kept."""
    checks: int
    """How many files were written and measured to find it."""
    passed: bool
    """Whether the gate held on these pictures; the run judges it on others."""


class Variant(Record):
    """One target and scheme; where it could not be made, `error` says why."""

    target: Target
    scheme: Scheme
    path: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    bytes_brotli: int | None = None
    metrics: dict[str, Measured] = Field(default_factory=dict)
    per_class: tuple[float | None, ...] = ()
    verified_by: str | None = None
    """The runtime that the figures are of."""
    web: tuple[Elsewhere, ...] = ()
    """What the runtimes of the browser that were asked for make of it."""
    latency: tuple[Latency, ...] = ()
    gates: tuple[Verdict, ...] = ()
    passed: bool = False
    seconds: float = 0.0
    error: str | None = None
    sensitivity: Ranking | None = None
    """Of a file in eight bits that was refused for what it answers: what harms it most."""
    mixed: Assignment | None = None
    """What stays in float in this file; of a refused one in eight bits, what would have to."""


class SourceFacts(Record):
    """The file that the run started from."""

    sha256: str
    bytes: int
    format: str
    license: str


class Reference(Record):
    """The original, uncut graph run by TensorFlow."""

    metrics: dict[str, float]
    per_class: tuple[float | None, ...] = ()
    images: int
    dataset: str
    split: str


class CutProof(Record):
    """How the core graph with its pre- and postprocessing compares with the uncut graph."""

    images: int
    figure: str
    value: float
    bound: float
    passed: bool


class Report(Record):
    """All that one recipe's run found."""

    recipe: str
    recipe_sha256: str
    convert_version: str
    machine: Machine
    tools: dict[str, str]
    source: SourceFacts
    cut: CutProof
    reference: Reference
    variants: tuple[Variant, ...]
    seconds: float
    passed: bool
