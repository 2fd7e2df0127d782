import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.least_squares import LeastSquares
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.minibatches import Minibatches
from engine.training.trainer import Trainer

# Few enough to be sorted, and not; a buffer of 2^17 numbers holds 65,536 of these rows of two.
NUM_EXAMPLES = st.integers(1, 300) | st.sampled_from([4097, 65_535, 65_536, 65_537, 70_000])
SIZES = st.integers(1, 400) | st.sampled_from([1, 255, 256, 257, 4000, 100_000])


@dataclass
class Numbered:
    """Examples that hold their own number, twice, so that rows tell who they are; none of them emphasised."""

    examples: np.ndarray
    fetches = False

    def emphasis(self, sizes):
        return None

    def bind(self, rows):
        return rows


class Fetching(Numbered):
    """The same, by its numbers."""

    fetches = True


class Emphasised(Numbered):
    """The same, multiplied by the size of their batch."""

    def emphasis(self, sizes):
        return sizes


def numbered(examples, *, batch_size, seed=0, sampling="reshuffled", kind=Numbered, dtype=np.float64):
    rows = np.repeat(np.arange(examples, dtype=dtype)[:, None], 2, axis=1)
    return Minibatches(kind(rows), batch_size=batch_size, sampling=sampling, seed=seed)


def taken(minibatches, count):
    """The numbers in the next minibatches, one array each."""
    batches, sizes = minibatches.take(count)
    batches = [rows if rows.ndim == 2 else np.stack([rows, rows], axis=1) for rows in batches]
    assert 1 <= len(batches) <= count
    assert sizes.tolist() == [len(rows) for rows in batches]
    assert all((rows[:, 0] == rows[:, 1]).all() for rows in batches)
    return [rows[:, 0].astype(int) for rows in batches]


def epoch_of(minibatches, examples):
    """The minibatches of one epoch from its beginning."""
    batches = []
    while sum(map(len, batches)) < examples:
        batches += taken(minibatches, 1)
    return batches


@st.composite
def changing_batch_sizes(draw):
    """N, and (batch size, how many batches, how many to ask for at once) in turn."""
    examples = draw(NUM_EXAMPLES)
    sizes = SIZES if examples > 300 else st.integers(1, examples + 3) | st.sampled_from([1, examples, 10 * examples])
    plan = st.lists(st.tuples(sizes, st.integers(0, 12), st.integers(1, 5)), min_size=1, max_size=8)
    return examples, draw(plan), draw(st.booleans())


@pytest.mark.parametrize("kind", [Numbered, Fetching])
@pytest.mark.parametrize("sampling", ["reshuffled", "shuffled_once"])
@given(case=changing_batch_sizes())
def test_every_example_is_used_once_an_epoch_whatever_the_batch_size_does(kind, sampling, case):
    examples, plan, looks_ahead = case
    plan = [*plan, (max(1, examples // 7), 20, 3)]
    minibatches = numbered(examples, batch_size=plan[0][0], sampling=sampling, kind=kind)
    used = [np.empty(0, dtype=int)]
    position = 0
    for batch_size, batches, at_once in plan:
        minibatches.batch_size = batch_size
        for _ in range(batches):
            if looks_ahead:
                minibatches.upcoming()
            for batch in taken(minibatches, at_once):
                assert len(batch) == min(batch_size, examples - position % examples)
                position += len(batch)
                used.append(batch)
    assert position >= 2 * examples
    epochs = np.concatenate(used)[: position // examples * examples].reshape(-1, examples)
    assert (np.sort(epochs, axis=1) == np.arange(examples)).all()


@pytest.mark.parametrize("kind", [Numbered, Fetching])
@pytest.mark.parametrize("sampling", ["reshuffled", "shuffled_once", "with_replacement"])
@given(case=changing_batch_sizes(), seed=st.integers(0, 2**32))
def test_the_order_depends_on_the_seed_alone(kind, sampling, case, seed):
    examples, plan, _ = case
    plain = numbered(examples, batch_size=max(1, examples // 7), seed=seed, sampling=sampling, kind=kind)
    expected = np.concatenate([batch for _ in range(2) for batch in epoch_of(plain, examples)])
    changing = numbered(examples, batch_size=plan[0][0], seed=seed, sampling=sampling, kind=kind)
    used = [np.empty(0, dtype=int)]
    for batch_size, batches, at_once in plan:
        changing.batch_size = batch_size
        for _ in range(batches):
            used += taken(changing, at_once)
    order = np.concatenate(used)
    shared = min(len(order), len(expected))
    assert (order[:shared] == expected[:shared]).all()


@pytest.mark.parametrize("sampling", SAMPLINGS)
@given(case=changing_batch_sizes())
def test_looking_ahead_tells_the_next_batch(sampling, case):
    examples, plan, _ = case
    minibatches = numbered(examples, batch_size=plan[0][0], sampling=sampling)
    for batch_size, batches, _ in plan:
        minibatches.batch_size = batch_size
        for _ in range(batches):
            upcoming = minibatches.upcoming()
            (batch,) = taken(minibatches, 1)
            assert upcoming.tolist() == batch.tolist()


@given(NUM_EXAMPLES, st.integers(1, 60))
def test_looking_ahead_changes_nothing(examples, batches):
    looking, plain = (numbered(examples, batch_size=max(1, examples // 5)) for _ in range(2))
    for _ in range(batches):
        looking.upcoming()
        looking.upcoming()
        assert taken(looking, 1)[0].tolist() == taken(plain, 1)[0].tolist()


@given(
    sampling=st.sampled_from(SAMPLINGS),
    case=changing_batch_sizes(),
    at=st.integers(0, 40),
    other=st.sampled_from(SAMPLINGS),
    dirty=st.booleans(),
)
def test_restored_from_a_checkpoint_the_same_minibatches_follow(sampling, case, at, other, dirty):
    examples, plan, _ = case
    batch_size = plan[0][0]
    going_on = numbered(examples, batch_size=batch_size, sampling=sampling, seed=1)
    for size, batches, at_once in plan[:3]:
        going_on.batch_size = size
        for _ in range(min(at, batches)):
            taken(going_on, at_once)
    if dirty:
        going_on.upcoming()  # fills the buffer ahead
    checkpoint = pickle.loads(pickle.dumps(going_on.checkpoint()))
    restored = numbered(examples, batch_size=3, sampling=other, seed=2)
    taken(restored, 4)
    restored.restore(checkpoint)
    assert (restored.sampling, restored.batch_size) == (going_on.sampling, going_on.batch_size)
    for _ in range(10):
        assert taken(going_on, 1)[0].tolist() == taken(restored, 1)[0].tolist()
    for minibatches in (going_on, restored):
        minibatches.batch_size = max(1, examples // 3)
    for _ in range(10):
        assert taken(going_on, 1)[0].tolist() == taken(restored, 1)[0].tolist()


def test_the_last_short_batch_is_kept():
    assert [len(batch) for batch in epoch_of(numbered(10, batch_size=4), 10)] == [4, 4, 2]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_emphasis_multiplies_every_example_by_what_its_batch_asks_for(dtype):
    batches, sizes = numbered(10, batch_size=4, kind=Emphasised, dtype=dtype).take(7)
    assert sizes.tolist() == [4, 4, 2, 4, 4, 2, 4]
    for first, second, third in (batches[:3], batches[3:6]):
        numbers = np.concatenate([first / 4, second / 4, third / 2])
        assert numbers.dtype == dtype
        assert sorted(numbers[:, 0]) == sorted(numbers[:, 1]) == list(range(10))


# --- how they are sampled ---------------------------------------------------------------------------


@pytest.mark.parametrize("examples", [100, 256, 257, 5000, 70_000])
def test_every_epoch_is_shuffled_anew(examples):
    minibatches = numbered(examples, batch_size=50)
    orders = {tuple(np.concatenate(epoch_of(minibatches, examples))) for _ in range(5)}
    assert len(orders) == 5
    assert tuple(range(examples)) not in orders


@pytest.mark.parametrize("examples", [100, 300, 70_000])
def test_shuffled_once_repeats_its_first_epoch(examples):
    minibatches = numbered(examples, batch_size=50, sampling="shuffled_once")
    orders = {tuple(np.concatenate(epoch_of(minibatches, examples))) for _ in range(5)}
    assert len(orders) == 1
    assert tuple(range(examples)) not in orders


@given(NUM_EXAMPLES, st.integers(1, 400), st.integers(1, 5))
def test_the_full_batch_is_all_examples_in_their_order(examples, batch_size, at_once):
    minibatches = numbered(examples, batch_size=batch_size, sampling="full_batch")
    for batch in taken(minibatches, at_once) + taken(minibatches, at_once):
        assert (batch == np.arange(examples)).all()
    assert minibatches.batch_size == batch_size


def test_with_replacement_every_example_is_as_likely_at_every_place():
    # 60,000 draws of 6: 10,000 each, with a standard deviation of √(60,000 · 1/6 · 5/6) = 91; 5 of those are allowed.
    minibatches = numbered(6, batch_size=6, sampling="with_replacement")
    epochs = np.array([epoch_of(minibatches, 6)[0] for _ in range(10_000)])
    assert abs(np.bincount(epochs.ravel(), minlength=6) - 10_000).max() < 455
    # Two neighbours agree one time in 6: 8,333 of 50,000, with a standard deviation of 83.
    assert abs((epochs[:, 1:] == epochs[:, :-1]).sum() - 8333) < 417


@pytest.mark.parametrize("sampling", SAMPLINGS)
@given(st.integers(1, 300), st.integers(1, 50), st.integers(0, 30))
def test_a_change_of_the_sampling_begins_an_epoch(sampling, examples, batch_size, before):
    minibatches = numbered(examples, batch_size=batch_size)
    for _ in range(before):
        taken(minibatches, 1)
    minibatches.sampling = sampling
    sizes = [len(batch) for batch in epoch_of(minibatches, examples)]
    size = examples if sampling == "full_batch" else min(batch_size, examples)
    assert sizes == [min(size, examples - start) for start in range(0, examples, size)]


def test_another_sampling_is_refused():
    with pytest.raises(ValueError, match=r"sampling must be one of reshuffled, .*, not 'sorted'"):
        numbered(10, batch_size=4, sampling="sorted")


@pytest.mark.parametrize("sampling", ["reshuffled", "shuffled_once", "with_replacement"])
@pytest.mark.parametrize("examples", [100, 300])
def test_another_seed_gives_another_order(sampling, examples):
    first, second = (
        np.concatenate(epoch_of(numbered(examples, batch_size=7, seed=seed, sampling=sampling), examples))
        for seed in (0, 1)
    )
    assert (first != second).any()


@pytest.mark.parametrize("examples", [5, 256, 257])
def test_every_example_is_as_likely_at_every_place_of_an_epoch(examples):
    # In 3,000 epochs the mean place of an example has a standard deviation of N/√(12 · 3,000); 5 are allowed.
    minibatches = numbered(examples, batch_size=examples)
    epochs = np.array([epoch_of(minibatches, examples)[0] for _ in range(3000)])
    mean_places = np.argsort(epochs, axis=1).mean(axis=0)
    assert abs(mean_places - (examples - 1) / 2).max() < 5 * examples / np.sqrt(12 * 3000)


def test_every_order_is_as_likely():
    # 6 orders of 3 examples, 6,000 epochs: 1,000 each with a standard deviation of 29; 5 of those are allowed.
    minibatches = numbered(3, batch_size=3)
    orders = [tuple(epoch_of(minibatches, 3)[0]) for _ in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert max(abs(count - 1000) for count in counts) < 145


def test_a_batch_size_above_the_number_of_examples_is_the_full_batch():
    assert [len(batch) for batch in epoch_of(numbered(10, batch_size=1000), 10)] == [10]


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_below_one_is_refused(batch_size):
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        numbered(10, batch_size=batch_size)
    minibatches = numbered(10, batch_size=4)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        minibatches.batch_size = batch_size
    assert minibatches.batch_size == 4


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_latest_examples_are_those_that_were_upcoming(sampling):
    objective = LeastSquares(np.arange(20.0)[:, None], np.zeros(20))
    one_by_one, in_chunks = (
        Trainer(objective, np.zeros(2), knobs=Knobs(learning_rate=1e-6, batch_size=7, sampling=sampling), seed=3)
        for _ in range(2)
    )
    upcoming, latest = [], []
    for batch_size in (7, 4, 30):
        one_by_one.batch_size = in_chunks.batch_size = batch_size
        for _ in range(10):
            upcoming += one_by_one.upcoming_batch().tolist()
            one_by_one.step()
        while in_chunks.steps < one_by_one.steps:
            in_chunks.advance(one_by_one.steps - in_chunks.steps)
            latest += in_chunks.latest_examples().tolist()
    assert latest == upcoming
