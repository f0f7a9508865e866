import json
import re
import sys
from math import nan

import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn.metrics import f1_score

from dbl.commands.decide import main
from dbl.errors import InputError
from dbl.inference.decided import decide, model_of
from dbl.inference.decisions import given_decisions, learn_decisions
from dbl.inference.predictor import load_model
from dbl.training.checkpoint import save_checkpoint
from dbl.training.loop import train
from dbl.training.run_folder import RunFolder

VAL = {'val_fraction': 0.3}


def test_a_run_learns_thresholds_and_keeps_them_in_a_file(
    trained, photo_folder, monkeypatch, capsys
):
    run = trained(**VAL)
    monkeypatch.setattr(sys, 'argv', ['decide', str(run), '--least', '2', '--calibrate', 'platt'])
    main()
    out = capsys.readouterr().out
    assert 'F1 at 0.5' in out
    assert f'written to {run / "model.pth"}' in out
    model = load_model(run / 'model.pth')
    assert (run / 'model.pth').stat().st_size < (run / 'epoch_1.pth').stat().st_size
    found = model.predict(sorted(photo_folder.glob('test*.png')))
    thresholds = np.array(model.decisions.thresholds, dtype=float)
    expected = [
        [name for name, score, enough in zip(model.classes, row, thresholds, strict=True)
         if score >= enough]
        for row in found.scores
    ]  # fmt: skip
    assert found.labels == expected
    assert load_model(run / 'epoch_1.pth').predict(photo_folder / 'test0.png').labels is None


def test_the_tables_are_of_the_test_set(trained):
    decided = decide(trained(**VAL), least=1)
    test = decided.run.scores()
    present = decided.decisions.decide(expit(test['logits'].astype(float)))
    for c in range(3):
        expected = f1_score(test['targets'][:, c], present[:, c], zero_division=0)
        assert decided.tested.by_class.f1[c] == pytest.approx(expected)


def test_the_weights_are_those_whose_scores_were_learnt_from(trained, photo_folder):
    run = trained(**VAL, select='best', ema=0.5)
    for ema, last, name in [
        (False, False, 'selected_'), (False, True, ''), (True, True, 'ema_'),
        (True, False, 'ema_selected_'),
    ]:  # fmt: skip
        decided = decide(run, least=1, averaged=ema, last=last)
        assert decided.variant == name
        save_checkpoint(run / 'model.pth', model_of(decided))
        found = load_model(run / 'model.pth').predict(photo_folder / 'test0.png')
        with np.load(run / f'{name}scores.npz') as written:
            np.testing.assert_allclose(found.logits[0], written['logits'][0], atol=1e-5)


def test_a_run_without_validation_says_how_to_get_one(trained, tmp_path):
    with pytest.raises(InputError, match=r'no val_scores.npz.*val_fraction=0.1'):
        decide(trained())
    with pytest.raises(InputError, match='holds no finished run'):
        decide(tmp_path)


def test_a_class_that_never_reaches_the_precision_is_never_predicted():
    logits = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0]])
    targets = np.array([[1, 1], [1, 0], [0, 0]])
    learnt = learn_decisions(logits, targets, precision=0.9, least=1)
    assert learnt.thresholds[1] is None
    assert not learnt.decide(learnt.scores(logits))[:, 1].any()
    json.dumps(learnt.thresholds, allow_nan=False)


@pytest.mark.parametrize('method', ['none', 'temperature', 'platt', 'isotonic'])
def test_every_calibration_is_read_again(trained, photo_folder, method):
    run = trained(**VAL)
    decided = decide(run, least=1, method=method)
    save_checkpoint(run / 'model.pth', model_of(decided))
    model, test = load_model(run / 'model.pth'), decided.run.scores()
    assert model.decisions == decided.decisions
    found = model.predict([photo_folder / name for name in test['images']])
    expected = decided.decisions.scores(test['logits'])
    np.testing.assert_allclose(found.scores, expected, atol=1e-5)


def steps(logits, scores):
    """An isotonic calibration of three classes."""
    points = dict(logits=[logits] * 3, scores=[scores] * 3)
    return dict(method='isotonic', chosen=['own'] * 3, **points)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda own: own.update(thresholds=[0.5]), 'expected thresholds of 3'),
        (lambda own: own.update(thresholds='all'), 'decisions'),
        (lambda own: own.update(calibration={'method': 'eval'}), 'decisions'),
        (lambda own: own['calibration'].update(slope=[1.0]), 'decisions'),
        (lambda own: own['calibration'].pop('slope'), 'field `slope`'),
        (lambda own: own.update(thresholds=[nan] * 3), r'>= 0.0 - at `\$.thresholds'),
        (lambda own: own.update(thresholds=[2.0] * 3), r'<= 1.0 - at `\$.thresholds'),
        (lambda own: own['calibration'].update(slope=[-1.0] * 3), r'> 0.0 - at `\$.slope'),
        (lambda own: own['calibration'].update(offset=[nan] * 3), r'at `\$.offset'),
        (lambda own: own.update(calibration=torch.zeros(3)), 'its decisions'),
        (lambda own: own.update(calibration=steps([0.0], [0.5, 1.0])), '1 logits, but 2 scores'),
        (lambda own: own.update(calibration=steps([1.0, 0.0], [0.5, 1.0])), 'must rise'),
        (lambda own: own.update(calibration=steps([0.0, 1.0], [0.5, 7.0])), '<= 1.0'),
        (lambda own: own.update(calibration=steps([], [])), 'length >= 1'),
    ],
)
def test_damaged_decisions_are_named(trained, change, message):
    run = trained(**VAL)
    content = model_of(decide(run, least=1, method='platt'))
    change(content['decisions'])
    torch.save(content, run / 'a.pth')
    with pytest.raises(InputError, match=message):
        load_model(run / 'a.pth')


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('', 'is a folder; name a file in it'),
        ('epoch_1.pth', 'is a checkpoint, and would be lost'),
        ('model.txt', r'must end in \.pth'),
    ],
)
def test_what_is_in_the_folder_is_not_replaced(trained, monkeypatch, capsys, name, message):
    run = trained(**VAL)
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    monkeypatch.setattr(sys, 'argv', ['decide', str(run), '--out', str(run / name)])
    with pytest.raises(SystemExit):
        main()
    assert re.search(message, capsys.readouterr().err)
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


def test_a_model_file_is_replaced_by_a_new_one(trained, monkeypatch):
    run = trained(**VAL)
    for method in ('none', 'platt'):
        monkeypatch.setattr(sys, 'argv', ['decide', str(run), '--calibrate', method])
        main()
    assert load_model(run / 'model.pth').decisions.calibration['method'] == 'platt'


def test_a_run_that_trains_on_keeps_no_decisions_of_before(trained, make, monkeypatch):
    run = trained(**VAL)
    for more in ([], ['--out', str(run / 'mine.pth')]):
        monkeypatch.setattr(sys, 'argv', ['decide', str(run), *more])
        main()
    with RunFolder(run, resume=True) as folder:
        train(make(**VAL, epochs=2), folder)
    assert not (run / 'model.pth').exists()
    assert (run / 'mine.pth').exists()


def test_a_checkpoint_of_other_classes_is_refused(trained):
    run = trained(**VAL)
    content = torch.load(run / 'epoch_1.pth', weights_only=True)
    content['meta']['classes'] = ['dog', 'cat', 'owl']
    torch.save(content, run / 'epoch_1.pth')
    with pytest.raises(InputError, match='of other classes than the run'):
        model_of(decide(run, least=1))
    with pytest.raises(InputError, match='is a file; name the folder of its run'):
        decide(run / 'epoch_1.pth')


def test_a_checkpoint_of_another_training_is_refused(trained):
    run = trained(**VAL)
    content = torch.load(run / 'epoch_1.pth', weights_only=True)
    config = json.loads(content['meta']['config'])
    without_seed = {key: value for key, value in config.items() if key != 'seed'}
    for other, said in (
        ({**config, 'seed': 9}, 'seed 0 -> 9'),
        ({**config, 'clip_norm': 1}, 'clip_norm 35 -> 1'),
        (without_seed, 'seed 0 -> unset'),
    ):
        content['meta']['config'] = json.dumps(other)
        torch.save(content, run / 'epoch_1.pth')
        with pytest.raises(
            InputError, match=f'is of another training than the run .*: {said}; put'
        ):
            model_of(decide(run, least=1))
    content['meta']['config'] = json.dumps({**config, 'log_every': 3})
    torch.save(content, run / 'epoch_1.pth')
    assert model_of(decide(run, least=1))['decisions']


def test_thresholds_can_be_given(tmp_path):
    path = tmp_path / 't.JSON'
    path.write_text('{"cat": 0.25, "dog": 1}')
    assert given_decisions(str(path), ['dog', 'cat']).thresholds == [1.0, 0.25]
    path.write_text('{"cat": null, "dog": 1}')
    assert given_decisions(str(path), ['dog', 'cat']).thresholds == [1.0, None]
    for text, message in [
        ('{"cat": 0.25}', "no threshold for 1 classes, as 'dog'"),
        ('{"cat": 0.2, "dog": 2}', "'dog' must be a number from 0 to 1"),
        ('{"cat": 0.2, "dog": 1, "owl": 1}', "class 'owl' is unknown"),
    ]:
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            given_decisions(str(path), ['dog', 'cat'])
    with pytest.raises(InputError, match='a number from 0 to 1'):
        given_decisions('nan', ['dog'])
