import pytest

from dbl.errors import InputError
from dbl.training import distributed
from dbl.training.distributed import any_process, by_main, gather, join_processes


def test_several_processes_need_a_launcher(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '2')
    with pytest.raises(InputError, match='add --launcher pytorch'):
        join_processes('none')


def test_a_launcher_needs_its_variables(monkeypatch):
    monkeypatch.delenv('RANK', raising=False)
    with pytest.raises(InputError, match='RANK is not set; start with `torchrun'):
        join_processes('pytorch')


def test_one_process_is_all_of_them():
    assert distributed.rank_and_world_size() == (0, 1)
    assert distributed.is_main()
    assert gather('mine') == ['mine']
    assert by_main(lambda: 'decided') == 'decided'
    assert [any_process(flag, iteration=7) for flag in (False, True)] == [False, True]


def test_what_the_main_process_refuses_is_said():
    def refuse():
        raise InputError('the folder holds a run')

    with pytest.raises(InputError, match='holds a run'):
        by_main(refuse)
