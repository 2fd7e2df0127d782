"""The form of [data] in a scenario file. The fields of a class are the keys of its kind."""

from typing import Annotated, Literal, Protocol

from msgspec import Meta

from engine import bounds
from engine.plain_text import counted
from scenarios.files.forms import NotNegative, Positive, Seed, Table

MAX_CLASSES = 10
MAX_NUMBERS = bounds.MOST_NUMBERS
Classes = Annotated[int, Meta(ge=2, le=MAX_CLASSES)]


class Size(Protocol):
    """The size of data: known of a description, or only when the data has been read."""

    @property
    def num_examples(self) -> int:
        """Training and validation together."""

    @property
    def num_features(self) -> int:
        """Columns of the inputs."""

    @property
    def num_classes(self) -> int:
        """The number of classes to tell apart; 0 where a number is to be predicted."""


class _Data(Table, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """Common keys of all kinds of data.

    seed: of everything random in it, apart from the training's own. validation_share: how much of it is
    held out, chosen at random. standardise: shift and scale every column of the inputs so that those of
    the training part have mean 0 and standard deviation 1. stratify: hold out the same share of every
    class, to within one example (absent: wherever there are classes).
    """

    seed: Seed = 0
    validation_share: Annotated[float, Meta(ge=0, le=0.9)] = 0.0
    standardise: bool = False
    stratify: bool | None = None

    def check(self, size: Size) -> None:
        """Raise ValueError, naming the key, where data of such a size cannot be parted as these keys say."""
        held_out = round(size.num_examples * self.validation_share)
        if self.validation_share and not 0 < held_out < size.num_examples:
            raise ValueError(
                f"validation_share: holds out {held_out} of {counted(size.num_examples, 'example')}; "
                "at least one must be held out and one left to train on"
            )
        if self.stratify is not None and not size.num_classes:
            raise ValueError("stratify: must be left out, for this data has no classes")


class _Sized(_Data, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Data whose size the description tells."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check(self)
        if self.num_examples < self.num_classes:
            raise ValueError(f"examples: must be at least {self.num_classes}, one for every class")

    @property
    def num_examples(self) -> int:
        raise NotImplementedError

    @property
    def num_features(self) -> int:
        return 1

    @property
    def num_classes(self) -> int:
        return 0


class _Generated(_Sized, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Examples drawn at random: ε ~ N(0, 1), a new one wherever it is written."""

    examples: Annotated[int, Meta(ge=1, le=10_000_000)] = 256
    noise: NotNegative = 0.1

    @property
    def num_examples(self) -> int:
        return self.examples


class LineData(_Generated, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="line"):
    """y = slope·x + intercept + noise·ε with x ~ N(0, 1)."""

    noise: NotNegative = 1.0
    slope: float = 3.0
    intercept: float = 2.0


class SineData(_Generated, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="sine"):
    """y = amplitude·sin(π·periods·x) + noise·ε with x ~ U(−1, 1): so many whole waves."""

    amplitude: float = 1.0
    periods: Positive = 1.0


class ChebyshevData(_Generated, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="chebyshev"):
    """y = T(x) + noise·ε with x evenly spaced from −1 to 1 and T the Chebyshev polynomial of a degree, which swings
    between −1 and 1. As Cohen et al. (ICLR 2021, arXiv 2103.00065) use it for the edge of stability."""

    examples: Annotated[int, Meta(ge=2, le=10_000_000)] = 20
    noise: NotNegative = 0.0
    degree: Annotated[int, Meta(ge=1, le=50)] = 3


class _Classified(_Generated, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Points in classes of equal size, to within one: the kind's formula + noise·(ε, ε). Along a curve the
    points of a class are evenly spaced; the order of the examples is random. A plane and two classes, unless
    the kind has more."""

    @property
    def num_features(self) -> int:
        return 2

    @property
    def num_classes(self) -> int:
        return 2


class MoonsData(_Classified, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="moons"):
    """Two half circles, each reaching into the other: with t from 0 to π,
    upper (cos t, sin t), lower (1 − cos t, ½ − sin t)."""


class CirclesData(_Classified, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="circles"):
    """A circle around another: r·(cos t, sin t) with t from 0 to 2π, outer r = 1, inner r = inner_radius."""

    inner_radius: Annotated[float, Meta(ge=0, lt=1)] = 0.5


class XorData(_Classified, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="xor"):
    """The corners (±1, ±1) of a square, each as often as the others: same where the two signs are the same,
    different where they are not. No straight line parts them."""

    noise: NotNegative = 0.3


class SpiralsData(_Classified, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="spirals"):
    """Arms around the origin, one for each class k = 0 … classes − 1: r·(cos t, sin t) with r from 0
    (excluded) to 1 and t = 2π·(turns·r + k/classes)."""

    noise: NotNegative = 0.03
    classes: Classes = 2
    turns: NotNegative = 1.5

    @property
    def num_classes(self) -> int:
        return self.classes


class BlobsData(_Classified, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="blobs"):
    """A round cloud for each class k = 0 … classes − 1. With t = 2π·k/classes its centre is the point
    (cos t, sin t, cos 2t, sin 2t, cos 3t, …) of so many `features`; with two, a corner of a regular polygon."""

    noise: NotNegative = 0.3
    classes: Classes = 3
    features: Annotated[int, Meta(ge=2, le=1000)] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.examples * self.features > MAX_NUMBERS:
            raise ValueError(f"examples: times features must be at most {MAX_NUMBERS:,}")

    @property
    def num_features(self) -> int:
        return self.features

    @property
    def num_classes(self) -> int:
        return self.classes


# Examples, features, classes; a test compares them with the files.
_BUNDLED = {"auto-mpg": (392, 8, 0), "digits": (1797, 64, 10), "breast-cancer": (569, 30, 2)}


class BundledData(_Sized, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="bundled"):
    """A real data set that comes with the program; scenarios/data/ says where each is from."""

    name: Literal["auto-mpg", "digits", "breast-cancer"]
    standardise: bool = True

    @property
    def num_examples(self) -> int:
        return _BUNDLED[self.name][0]

    @property
    def num_features(self) -> int:
        return _BUNDLED[self.name][1]

    @property
    def num_classes(self) -> int:
        return _BUNDLED[self.name][2]


class CsvData(_Data, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="csv"):
    """A table of one's own, which is read when the scenario is; its size is known then.

    path: of the CSV file, from the folder of the scenario's file. target: name of the column to predict (absent: the
    last one). features: names of those to predict it from (absent: all others). drop: names of those to leave out.
    classes: whether every value of the target is a class (absent: where it is text, or at most 10 different whole
    numbers with at least 5 lines each on average). centre_target: take off the mean of a target that is far from zero.
    scale_target: shift and scale a target of numbers to mean 0 and standard deviation 1.
    """

    path: Annotated[str, Meta(min_length=1)]
    target: str | None = None
    features: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    drop: tuple[str, ...] = ()
    classes: bool | None = None
    centre_target: bool = False
    scale_target: bool = False
    standardise: bool = True

    @property
    def choices(self) -> tuple[object, ...]:
        """The keys that say what is read of the file."""
        return (self.target, self.features, self.drop, self.classes, self.centre_target, self.scale_target)


GeneratedData = LineData | SineData | ChebyshevData | MoonsData | CirclesData | XorData | BlobsData | SpiralsData
Data = GeneratedData | BundledData | CsvData
