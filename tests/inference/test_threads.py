"""How many threads torch's arithmetic takes while somebody listens."""

import threading

import pytest
import torch

from urbansound.inference.threads import one_thread_each


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_listening_takes_one_thread_and_leaves_all_as_it_was():
    with one_thread_each():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_an_error_leaves_all_as_it_was():
    with pytest.raises(RuntimeError), one_thread_each():
        raise RuntimeError
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_of_several_listeners_the_last_one_leaves_all_as_it_was():
    first_is_in, second_is_in, first_is_out = (threading.Event() for _ in range(3))
    seen = []

    def first():
        with one_thread_each():
            first_is_in.set()
            second_is_in.wait(10)
        first_is_out.set()

    def second():
        first_is_in.wait(10)
        with one_thread_each():
            second_is_in.set()
            first_is_out.wait(10)
            seen.append(torch.get_num_threads())

    threads = [threading.Thread(target=run) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    later = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    later.start()
    later.join(20)
    assert seen == [1, 3]
