import json
import sys

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dbl.commands.export import main
from dbl.errors import InputError
from dbl.inference.calibration_layers import PiecewiseLayer
from dbl.inference.decided import decide, model_of
from dbl.inference.export import METADATA, export, from_pixels
from dbl.inference.exported import exported
from dbl.inference.predictor import load_model
from dbl.training.checkpoint import save_checkpoint


@pytest.fixture
def model_path(trained):
    """A model with thresholds and a calibration."""
    run = trained(val_fraction=0.3)
    save_checkpoint(run / 'model.pth', model_of(decide(run, least=1, method='platt')))
    return run / 'model.pth'


def pictures(folder) -> tuple[list[str], np.ndarray]:
    """Five test pictures, and what the page on exporting says to make of them."""
    paths = sorted(map(str, folder.glob('test*.png')))[:5]
    resized = [cv2.resize(cv2.imread(path), (32, 32)) for path in paths]
    return paths, np.stack([cv2.cvtColor(own, cv2.COLOR_BGR2RGB) for own in resized])


def test_onnx_gives_the_scores_for_any_number_of_pictures(
    model_path, photo_folder, monkeypatch, capsys
):
    onnxruntime = pytest.importorskip('onnxruntime')
    pytest.importorskip('onnxscript')
    monkeypatch.setattr(sys, 'argv', ['export', str(model_path)])
    main()
    written, compared = capsys.readouterr().out.splitlines()[-2:]
    assert '(N, 32, 32, 3), RGB, uint8' in written
    assert float(compared.rpartition(': ')[2]) < 1e-4
    session = onnxruntime.InferenceSession(model_path.with_suffix('.onnx'))
    model, (paths, arrays) = load_model(model_path), pictures(photo_folder)
    with torch.no_grad():
        same = from_pixels(model)[0](torch.from_numpy(arrays)).numpy()
    for count in (1, 2, 5):
        (scores,) = session.run(None, {'pictures': arrays[:count]})
        np.testing.assert_allclose(scores, same[:count], atol=1e-4)
        np.testing.assert_allclose(scores, model.predict(paths[:count]).scores, atol=1e-4)
    about = session.get_modelmeta().custom_metadata_map
    assert json.loads(about['classes']) == ['cat', 'dog', 'owl']
    assert json.loads(about['thresholds']) == model.decisions.thresholds
    assert about['size'] == '32'


def test_pt2_gives_the_same(model_path, photo_folder):
    model, (paths, arrays) = load_model(model_path), pictures(photo_folder)
    path = model_path.with_suffix('.pt2')
    assert export(model, path) == 32
    about = {METADATA: ''}
    program = torch.export.load(str(path), extra_files=about).module()
    for count in (1, 5):
        scores = program(torch.from_numpy(arrays[:count])).detach().numpy()
        np.testing.assert_allclose(scores, model.predict(paths[:count]).scores, atol=1e-4)
    assert json.loads(json.loads(about[METADATA])['classes']) == model.classes


def test_the_suffix_has_to_be_that_of_the_form(model_path, monkeypatch, capsys):
    for name, message in (
        ('a.PT2', 'must end in .onnx, or give --to pt2'),
        ('a.pb', "a.pb' must end in .onnx\n"),
    ):
        out = str(model_path.with_name(name))
        monkeypatch.setattr(sys, 'argv', ['export', str(model_path), '--out', out])
        with pytest.raises(SystemExit):
            main()
        assert message in capsys.readouterr().err


def test_ml_gcn_and_a_frozen_resnet_are_exported(trained, photo_folder):
    backbone = {'type': 'ResNet', 'depth': 18, 'weights': None, 'frozen_stages': 1}
    options = {'model.backbone': backbone, 'model.head.word_vectors': 'one_hot'}
    path = trained('ml_gcn', **options) / 'epoch_1.pth'
    model, (paths, arrays) = load_model(path), pictures(photo_folder)
    export(model, path.with_suffix('.pt2'))
    program = torch.export.load(str(path.with_suffix('.pt2'))).module()
    scores = program(torch.from_numpy(arrays)).detach().numpy()
    np.testing.assert_allclose(scores, model.predict(paths).scores, atol=1e-4)


def test_what_cannot_be_exported_is_named(trained):
    run = trained(val_fraction=0.3)
    with pytest.raises(InputError, match=r'must end in \.onnx or \.pt2'):
        export(load_model(run / 'epoch_1.pth'), run / 'a.pb')
    model = load_model(run / 'epoch_1.pth')
    del model.transforms[0]
    with pytest.raises(InputError, match='prepares pictures by Normalize; only Resize'):
        export(model, run / 'a.pt2')


@pytest.mark.parametrize('suffix', ['.pt2', '.onnx'])
def test_an_isotonic_calibration_is_exported(trained, photo_folder, suffix):
    run = trained(val_fraction=0.3)
    save_checkpoint(run / 'model.pth', model_of(decide(run, least=1, method='isotonic')))
    model, (paths, arrays) = load_model(run / 'model.pth'), pictures(photo_folder)
    out = run / f'model{suffix}'
    if suffix == '.onnx':
        pytest.importorskip('onnxscript')
        pytest.importorskip('onnxruntime')
    export(model, out)
    if suffix == '.onnx':
        scores = exported(out)(arrays)
    else:
        scores = torch.export.load(str(out)).module()(torch.from_numpy(arrays)).detach().numpy()
    expected = model.predict(paths).scores
    np.testing.assert_allclose(scores, expected, atol=1e-4)
    assert np.ptp(expected, axis=0).max() > 1e-3


@given(
    points=st.lists(
        st.lists(st.tuples(st.floats(-9, 9, width=16), st.floats(0, 1)), min_size=1, max_size=6),
        min_size=1,
        max_size=3,
    ),
    logits=st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=5),
)
def test_a_piecewise_layer_is_numpys_interpolation(points, logits):
    at = [sorted({x for x, _ in own}) for own in points]
    heights = [sorted(y for _, y in own)[: len(xs)] for own, xs in zip(points, at, strict=True)]
    given = np.repeat(np.array(logits, dtype=np.float32)[:, None], len(points), axis=1)
    found = PiecewiseLayer(at, heights)(torch.from_numpy(given)).numpy()
    each = zip(given.T, at, heights, strict=True)
    expected = np.stack([np.interp(own, xs, ys) for own, xs, ys in each], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)
