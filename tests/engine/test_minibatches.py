import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.minibatches import Minibatches

# Around the 8,192 rows that are copied at a time, and beyond twice as many.
NUM_EXAMPLES = st.integers(1, 300) | st.sampled_from([4096, 4097, 8191, 8192, 8193, 16_384, 16_385, 20_000])


def numbered(examples, *, batch_size, seed=0):
    """Minibatches of examples that hold their own number, twice, so that rows tell who they are."""
    rows = np.repeat(np.arange(examples, dtype=np.float64)[:, None], 2, axis=1)
    return Minibatches(rows, lambda slice_: slice_, batch_size=batch_size, seed=seed)


def numbers(batch):
    rows, size = batch
    assert rows.shape == (size, 2)
    assert (rows[:, 0] == rows[:, 1]).all()
    return rows[:, 0].astype(int).copy()


def one_epoch(minibatches, examples):
    """The sizes of an epoch's batches, and its examples in order."""
    order = []
    while sum(map(len, order)) < examples:
        order.extend(numbers(batch) for batch in minibatches.take(1))
    return [len(part) for part in order], np.concatenate(order)


@st.composite
def changing_batch_sizes(draw):
    """N, and (batch size, how many batches, how many to ask for at once) in turn."""
    examples = draw(NUM_EXAMPLES)
    sizes = st.integers(1, examples + 3) | st.sampled_from([1, examples, 10 * examples])
    plan = st.lists(st.tuples(sizes, st.integers(0, 12), st.integers(1, 5)), min_size=1, max_size=8)
    return examples, draw(plan), draw(st.booleans())


@given(changing_batch_sizes())
def test_every_example_is_used_once_an_epoch_whatever_the_batch_size_does(case):
    examples, plan, looks_ahead = case
    plan = [*plan, (max(1, examples // 7), 20, 3)]
    minibatches = numbered(examples, batch_size=plan[0][0])
    used = []
    for batch_size, batches, at_once in plan:
        minibatches.batch_size = batch_size
        for _ in range(batches):
            if looks_ahead:
                minibatches.upcoming()
            for batch in minibatches.take(at_once):
                left_of_epoch = examples - len(used) % examples
                assert batch[1] == min(batch_size, left_of_epoch)
                used.extend(numbers(batch))
    assert len(used) >= 2 * examples
    epochs = np.array(used[: len(used) // examples * examples]).reshape(-1, examples)
    assert (np.sort(epochs, axis=1) == np.arange(examples)).all()


@given(changing_batch_sizes(), st.integers(0, 2**32))
def test_the_order_depends_on_the_seed_alone(case, seed):
    examples, plan, _ = case
    plain = numbered(examples, batch_size=max(1, examples // 7), seed=seed)
    expected = np.concatenate([one_epoch(plain, examples)[1] for _ in range(2)])
    changing = numbered(examples, batch_size=plan[0][0], seed=seed)
    used = []
    for batch_size, batches, at_once in plan:
        changing.batch_size = batch_size
        for _ in range(batches):
            used.extend(n for batch in changing.take(at_once) for n in numbers(batch))
    shared = min(len(used), len(expected))
    assert used[:shared] == expected[:shared].tolist()


@given(changing_batch_sizes())
def test_looking_ahead_tells_the_next_batch(case):
    examples, plan, _ = case
    minibatches = numbered(examples, batch_size=plan[0][0])
    for batch_size, batches, _ in plan:
        minibatches.batch_size = batch_size
        for _ in range(batches):
            upcoming = minibatches.upcoming()
            (batch,) = minibatches.take(1)
            assert upcoming.tolist() == numbers(batch).tolist()


@settings(max_examples=20)
@given(NUM_EXAMPLES, st.integers(1, 60))
def test_looking_ahead_changes_nothing(examples, batches):
    looking, plain = (numbered(examples, batch_size=max(1, examples // 5)) for _ in range(2))
    for _ in range(batches):
        looking.upcoming()
        looking.upcoming()
        assert [numbers(b).tolist() for b in looking.take(1)] == [numbers(b).tolist() for b in plain.take(1)]


def test_the_last_short_batch_is_kept():
    assert one_epoch(numbered(10, batch_size=4), 10)[0] == [4, 4, 2]


@pytest.mark.parametrize("examples", [100, 5000, 9000])
def test_every_epoch_is_shuffled_anew(examples):
    minibatches = numbered(examples, batch_size=50)
    orders = {tuple(one_epoch(minibatches, examples)[1]) for _ in range(5)}
    assert len(orders) == 5
    assert tuple(range(examples)) not in orders


def test_another_seed_gives_another_order():
    first, second = (one_epoch(numbered(100, batch_size=7, seed=seed), 100)[1] for seed in (0, 1))
    assert (first != second).any()


def test_every_order_is_as_likely():
    # 6 orders of 3 examples, 6,000 epochs: 1,000 each with a standard deviation of 29; 5 of those are allowed.
    minibatches = numbered(3, batch_size=3)
    orders = [tuple(one_epoch(minibatches, 3)[1]) for _ in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert max(abs(count - 1000) for count in counts) < 145


def test_a_batch_size_above_the_number_of_examples_is_the_full_batch():
    assert one_epoch(numbered(10, batch_size=1000), 10)[0] == [10]


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_below_one_is_refused(batch_size):
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        numbered(10, batch_size=batch_size)
    minibatches = numbered(10, batch_size=4)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        minibatches.batch_size = batch_size
    assert minibatches.batch_size == 4
