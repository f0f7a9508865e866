import pytest

from dbl.errors import InputError
from dbl.training import distributed
from dbl.training.distributed import any_process, by_main, gather, join_processes, main_first

STARTS = {
    'pytorch': {
        'RANK': '0',
        'WORLD_SIZE': '1',
        'MASTER_ADDR': '127.0.0.1',
        'MASTER_PORT': '29500',
    },
    'slurm': {
        'SLURM_PROCID': '0',
        'SLURM_NTASKS': '1',
        'SLURM_LOCALID': '0',
        'SLURM_JOB_NODELIST': 'node1',
        'SLURM_JOB_ID': '7',
    },
}
EACH = [(launcher, name) for launcher, variables in STARTS.items() for name in variables]
NAMES = ('MASTER_ADDR', 'SLURM_JOB_NODELIST')


def test_several_processes_need_a_launcher(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '2')
    with pytest.raises(InputError, match='add --launcher pytorch'):
        join_processes('none')


@pytest.fixture
def launched(monkeypatch):
    """Sets what a launcher sets, with changes. None takes a variable away."""

    def launched(launcher, **changes):
        for name, value in {**STARTS[launcher], **changes}.items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)

    return launched


@pytest.mark.parametrize(('launcher', 'name'), EACH)
def test_a_launcher_needs_its_variables(launched, launcher, name):
    launched(launcher, **{name: None})
    command = {'pytorch': 'torchrun', 'slurm': 'srun'}[launcher]
    with pytest.raises(InputError, match=f"'{name}' is not set; start with `{command}"):
        join_processes(launcher)


@pytest.mark.parametrize(('launcher', 'name'), [own for own in EACH if own[1] not in NAMES])
def test_what_must_be_a_number_is_named(launched, launcher, name):
    launched(launcher, **{name: 'x\n'})
    with pytest.raises(InputError, match=rf"{name} must be a number, but got 'x\\n'"):
        join_processes(launcher)


def test_without_a_launcher_there_is_one_process(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', 'x')
    with pytest.raises(InputError, match="WORLD_SIZE must be a number, but got 'x'"):
        join_processes('none')
    monkeypatch.setenv('WORLD_SIZE', '1')
    join_processes('none')
    assert not distributed.joined()


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


@pytest.mark.parametrize('rank', [0, 1])
def test_the_main_process_goes_first_and_others_do_not_wait_where_it_fails(monkeypatch, rank):
    order = []
    monkeypatch.setattr(distributed, 'rank_and_world_size', lambda: (rank, 2))
    monkeypatch.setattr(distributed, 'barrier', lambda: order.append('met'))
    with main_first():
        order.append('read')
    with pytest.raises(InputError), main_first():
        raise InputError('no such file')
    assert order == (['read', 'met', 'met'] if rank == 0 else ['met', 'read', 'met'])
