"""A recipe: which model, from where, how it is fed and read, what it is measured by and held to."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Self
from urllib.parse import quote, urljoin

from pydantic import Field, StringConstraints, model_validator

from convert.preprocessing import Postprocessing, Preprocessing, Size
from convert.vocabulary import (
    DEFAULT_SCHEMES,
    DatasetKind,
    Layout,
    MetricName,
    RangeWay,
    Record,
    Scheme,
    SourceFormat,
    Target,
    Task,
    schemes_of,
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Sha384 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{96}$")]
NodeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.][A-Za-z0-9_./-]*$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]


class License(Record):
    """The license of the weights, and what says so.

    `restricted` licenses are refused until they are accepted by `id`; `dated` (YYYY-MM-DD) is
    the day of the evidence, `instead` names what to use where the license does not suit.
    """

    id: str = Field(min_length=1)
    evidence: str = Field(min_length=1)
    dated: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    restricted: bool = False
    instead: str | None = None


class Companion(Record):
    """One more file of a model that is several: a shard, or a file of weights.

    `name` is its path from the folder of the model's first file, on disk and in URLs.
    """

    name: str = Field(min_length=1)
    sha256: Sha256
    bytes: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if PurePosixPath(self.name).is_absolute() or ".." in PurePosixPath(self.name).parts:
            raise ValueError(f"{self.name!r} leads outside")
        return self


class Source(Record):
    """Where the model file comes from; its digest is checked before anything is opened.

    `urls` are tried in order. Instead of them, `bundled` is a file that ships with convert,
    relative to `models/raw/<recipe>/`, and `path` is a file of one's own, absolute or relative to
    the recipe's file. `member` is the wanted file inside an archive.
    The digest and `bytes` are those of the downloaded (or bundled, or own) file. `files` are the
    others of a model that is several; they come from where the first one comes from.
    """

    format: SourceFormat
    urls: tuple[Url, ...] = ()
    bundled: str | None = None
    path: str | None = Field(default=None, min_length=1)
    sha256: Sha256 | None = None
    sha384: Sha384 | None = None
    bytes: int | None = Field(default=None, gt=0)
    member: str | None = None
    member_sha256: Sha256 | None = None
    files: tuple[Companion, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.sha256 and not self.sha384:
            raise ValueError("a digest is missing: give sha256 or sha384")
        if [bool(self.urls), bool(self.bundled), bool(self.path)].count(True) != 1:
            raise ValueError("give one of urls, bundled and path")
        if self.member and not self.urls:
            raise ValueError("member is of an archive that urls lead to, not of one file")
        if self.member_sha256 and not self.member:
            raise ValueError("member_sha256 is given, but no member")
        if self.member and self.files:
            raise ValueError("files lie beside a file, not beside an archive's member")
        for path in filter(None, (self.bundled, self.member)):
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise ValueError(f"{path!r} leads outside")
        return self

    def beside(self, companion: Companion) -> "Source":
        """The source of another of its files: in the same place, by its own name and digest."""
        name = companion.name
        return Source(
            format=self.format,
            urls=tuple(urljoin(url, quote(name)) for url in self.urls),
            bundled=self.bundled and str(PurePosixPath(self.bundled).parent / name),
            path=self.path and str(Path(self.path).parent / name),
            sha256=companion.sha256,
            bytes=companion.bytes,
        )


class Cut(Record):
    """Where the graph is cut: node names, each found from the graph where it is not given.

    `original_input` and `original_output` are the uncut graph's, which the reference is run by.
    `input_name` and `output_name` are what the exported files call theirs.
    """

    original_input: str | None = None
    original_output: str | None = None
    input: str | None = None
    output: str | None = None
    input_name: NodeName = "image"
    output_name: NodeName = "logits"
    outputs: dict[NodeName, str] = Field(default_factory=dict)
    """Name in the exported files -> node, where there are several; instead of output and
    output_name. The reference then ends at these nodes too."""
    resized_outside: bool = False
    """The uncut graph only pads, so its users resize a picture to fit before they feed it."""

    @property
    def ends(self) -> dict[str, str | None]:
        """Name in the exported files -> node, None where it is not given."""
        return dict(self.outputs) or {self.output_name: self.output}

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that must be found in the graph."""
        keys = ["original_input", "input"]
        keys += [] if self.outputs else ["original_output", "output"]
        return tuple(key for key in keys if getattr(self, key) is None)

    @model_validator(mode="after")
    def _two_names(self) -> Self:
        if self.input_name in self.ends:
            raise ValueError(f"input_name and an output are both called {self.input_name!r}")
        if self.outputs and (self.output or self.original_output):
            raise ValueError("outputs stand instead of output and original_output")
        return self


class DatasetChoice(Record):
    """Pictures and truth: the layout, the folder looked for, and the names of its two splits."""

    kind: DatasetKind
    folder: str | None = None
    calibration: str = "calibration"
    evaluation: str = "val"
    calibration_images: int = Field(default=50, ge=0)
    """0: none; drawn pictures stand for them."""
    label_offset: int = 0
    """Added to the dataset's class index to get the model's (1 for 1001-class ImageNet models)."""


class Quantization(Record):
    """How eight bits are decided."""

    ranges: RangeWay = "chosen"
    """`chosen`: tensor by tensor the way that moves the answers least."""


class TargetChoice(Record):
    """Which schemes of a target are made, and its input's layout."""

    schemes: tuple[Scheme, ...] = DEFAULT_SCHEMES
    layout: Layout = "NHWC"
    channel_scales: bool = False
    """tfjs in eight bits: each kernel is multiplied by a scale per channel when it is read. Truer,
    for a few bytes and one small product a kernel; without it no operator is added."""


class Bounds(Record):
    """What a variant must not exceed; a bound that is not given does not judge.

    `drop` is in the metric's unit (0.01 = one point), `latency_ratio` is to the same target's
    float32 on one thread, `bytes` is the file's or folder's size. `agreement` is the one that it
    must reach: the share of labels that are the reference's.
    """

    drop: float | None = None
    agreement: float | None = Field(default=None, ge=0, le=1)
    latency_ratio: float | None = Field(default=None, gt=0)
    bytes: int | None = Field(default=None, gt=0)

    @property
    def disagreement(self) -> float | None:
        """`agreement` as what must not be exceeded."""
        return None if self.agreement is None else 1 - self.agreement


class Gates(Record):
    """Bounds for every variant, and closer or wider ones by scheme.

    What `uint8` is held to holds for the schemes below it, where they say nothing else.
    """

    every: Bounds = Bounds()
    float32: Bounds = Bounds()
    float16: Bounds = Bounds()
    uint8: Bounds = Bounds()
    mixed: Bounds = Bounds()
    dynamic: Bounds = Bounds()
    int16x8: Bounds = Bounds()
    uint16: Bounds = Bounds()

    def bounds(self, scheme: Scheme) -> Bounds:
        """The bounds that hold for a scheme: its own, and `every` where it has none."""
        own: Bounds = getattr(self, scheme)
        wider = self.every if scheme in DEFAULT_SCHEMES else self.bounds("uint8")
        return wider.model_copy(update=own.model_dump(exclude_none=True))


class AgainstTruth(Record):
    """What stands in the recipe's place where the dataset that is given has the truth.

    A model that is held against the reference for want of truth is measured so as soon as
    `--dataset` names (or holds) a folder of this kind.
    """

    dataset: DatasetChoice
    metric: MetricName
    gates: Gates = Gates()


class Recipe(Record):
    """One model's whole road, as strict data."""

    name: Name
    title: str = Field(min_length=1)
    task: Task
    source: Source
    license: License
    cut: Cut = Cut()
    preprocessing: Preprocessing
    sizes: tuple[Size, ...] = ()
    """Of a graph of free size: it is made at each of them, beside `preprocessing.size`, as a
    recipe of its own that is called <name>-<height>x<width>."""
    family: Name | None = None
    """The recipe that this is one size of: they share the pulled file."""
    postprocessing: Postprocessing
    labels: tuple[str, ...] = ()
    classes: int = Field(gt=0)
    dataset: DatasetChoice
    metric: MetricName
    targets: dict[Target, TargetChoice] = Field(min_length=1)
    quantization: Quantization = Quantization()
    gates: Gates = Gates()
    against_truth: AgainstTruth | None = None

    @property
    def folder(self) -> str:
        """Where its file lies below `models/raw`."""
        return self.family or self.name

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        if self.labels and len(self.labels) != self.classes:
            raise ValueError(f"labels: {len(self.labels)} names for {self.classes} classes")
        return self

    @model_validator(mode="after")
    def _schemes_there_are(self) -> Self:
        for target, choice in self.targets.items():
            for scheme in choice.schemes:
                if scheme not in schemes_of(target):
                    known = ", ".join(schemes_of(target))
                    raise ValueError(f"targets.{target}.schemes: no {scheme}, only {known}")
        return self

    @model_validator(mode="after")
    def _whole_pictures(self) -> Self:
        if self.task == "segmentation" and self.preprocessing.resize == "crop":
            raise ValueError("preprocessing.resize: crop leaves pixels without a label")
        return self

    @model_validator(mode="after")
    def _boxes_to_average(self) -> Self:
        instead = self.against_truth and self.against_truth.metric
        if "coco_map" in (self.metric, instead) and not (self.postprocessing.boxes and self.labels):
            raise ValueError("coco_map is of postprocessing.boxes, whose classes have labels")
        return self
