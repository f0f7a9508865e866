"""Where a network looks, on the page."""

import base64
import sys

import cv2
import numpy as np
import pytest
import torch

from dbl.commands.report import main
from dbl.config import load_config
from dbl.datasets.text_files import as_picture
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.inference.explain import explain, overlay
from dbl.inference.predictor import load_model
from dbl.report import write_report
from dbl.report.page import pictures
from dbl.report.pictures import as_address
from dbl.results.runs import Run, read_run
from dbl.training.loop import train


@pytest.fixture
def run(make, tmp_path) -> Run:
    """A finished run of an epoch, with its checkpoint."""
    train(make(), tmp_path / 'custom' / 'erm')
    return read_run(tmp_path / 'custom' / 'erm')


def image_at(address: str) -> np.ndarray:
    code = np.frombuffer(base64.b64decode(address.partition(',')[2]), np.uint8)
    return cv2.imdecode(code, cv2.IMREAD_COLOR)


def test_pictures_that_it_got_wrong_show_where_the_network_looks(run, photo_folder):
    pytest.importorskip('pytorch_grad_cam')
    found, model = pictures(run, explained=True), load_model(run.folder / 'epoch_1.pth')
    assert 'red' in found['looks']
    wrong = 0
    for index, kinds in enumerate(found['classes'].values()):
        assert {thumb.look for thumb in kinds['found']} == {''}
        for thumb in kinds['missed'] + kinds['false_alarms']:
            path = photo_folder / thumb.path
            (heat,) = explain(model, path, [index])
            expected = overlay(cv2.imread(str(path)), heat)
            shown = image_at(thumb.look)
            assert shown.shape == expected.shape == (40, 50, 3)
            # A JPEG of noise keeps its coarse forms.
            differ = cv2.blur(shown, (8, 8)).astype(int) - cv2.blur(expected, (8, 8))
            assert np.abs(differ).mean() < 4
            wrong += 1
    assert wrong > 8


def test_looks_are_left_out_unless_they_are_asked_for(run, tmp_path):
    found = pictures(run)
    assert found['looks'] == ''
    for kinds in found['classes'].values():
        assert {thumb.look for thumbs in kinds.values() for thumb in thumbs} == {''}
    write_report([run], tmp_path / 'a.html')
    assert 'where it looks' not in (tmp_path / 'a.html').read_text()


def test_without_its_checkpoint_the_pictures_are_shown_alone(run, tmp_path):
    pytest.importorskip('pytorch_grad_cam')
    path, page = run.folder / 'epoch_1.pth', tmp_path / 'a.html'
    write_report([run], page, explained=True)
    assert 'alt="where it looks for cat in test' in page.read_text()
    content = torch.load(path, weights_only=True)
    content['meta']['classes'] = ['dog', 'cat', 'owl']
    torch.save(content, path)
    write_report([run], page, explained=True)
    assert f'is not shown, since &#39;{path}&#39; is of other classes' in page.read_text()
    path.unlink()
    write_report([run], page, explained=True)
    assert f'since &#39;{run.folder}&#39; holds no checkpoint any more' in page.read_text()
    assert 'alt="test0.png"' in page.read_text()
    assert 'alt="where' not in page.read_text()


def test_features_are_no_pictures(root, tmp_path):
    pytest.importorskip('pytorch_grad_cam')
    for split, count in (('train', 20), ('test', 6)):
        targets = np.eye(3)[np.arange(count) % 3]
        rows = dict(features=np.eye(count, 5), targets=targets, classes=['a', 'b', 'c'])
        np.savez(tmp_path / f'{split}.npz', **rows)
    options = {'data_root': str(tmp_path), 'train_dataloader.batch_size': 4, 'epochs': 1}
    train(build_experiment(load_config(root / 'configs/features/erm.py', options)), tmp_path / 'f')
    write_report([read_run(tmp_path / 'f')], tmp_path / 'a.html', explained=True)
    expected = 'Not shown, since the data are features or texts, of which there are no pictures'
    assert expected in (tmp_path / 'a.html').read_text()


def test_without_the_package_it_is_refused(run, tmp_path, monkeypatch, capsys):
    command = ['report', str(run.folder), '--explain', '-o', str(tmp_path / 'a.html')]
    monkeypatch.setattr(sys, 'argv', command)
    monkeypatch.setitem(sys.modules, 'pytorch_grad_cam', None)
    with pytest.raises(SystemExit):
        main()
    assert 'needs grad-cam: `pip install grad-cam` (the extra `explain`)' in capsys.readouterr().err
    assert not (tmp_path / 'a.html').exists()


def test_the_command_explains(run, tmp_path, monkeypatch, capsys):
    pytest.importorskip('pytorch_grad_cam')
    page = tmp_path / 'a.html'
    monkeypatch.setattr(sys, 'argv', ['report', str(run.folder), '--explain', '-o', str(page)])
    main()
    assert 'runs: 1; ' in capsys.readouterr().out
    assert 'alt="where it looks for cat in test' in page.read_text()


def test_texts_are_no_pictures():
    with pytest.raises(InputError, match='features or texts, of which there are no pictures'):
        as_address(as_picture('Tin rose, and gold fell.'))
