import csv
import json
import os
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.special import expit, logit

from dbl.commands.predict import main
from dbl.errors import InputError
from dbl.inference.decided import decide, model_of
from dbl.inference.decisions import given_decisions
from dbl.inference.input import pixels_of
from dbl.inference.mean import mean_logits
from dbl.inference.output import write_predictions
from dbl.inference.pictures import pictures_in
from dbl.inference.predictions import Predictions
from dbl.inference.predictor import load_model
from dbl.label_files.answers import Answers
from dbl.training.checkpoint import save_checkpoint
from dbl.training.loaders import use_one_core

FOUND = Predictions(['a.jpg', 'b.jpg'], ['cat', 'dog'], np.array([[0.0, 2.0], [-1.0, -2.0]]))


def test_paths_pillow_images_and_arrays_give_the_same(trained, photo_folder):
    model = load_model(trained() / 'epoch_1.pth')
    path = photo_folder / 'test0.png'
    with Image.open(path) as image:
        forms = [path, str(path), image, np.asarray(image)]
        found = model.predict(forms)
    assert np.ptp(found.logits, axis=0).max() < 1e-6
    assert found.images == [str(path), str(path), 'picture 2', 'picture 3']


@pytest.mark.parametrize('orientation', [3, 6, 8])
def test_pictures_are_turned_upright(trained, tmp_path, orientation):
    model = load_model(trained() / 'epoch_1.pth')
    ramp = np.linspace(0, 255, 40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(ramp).save(tmp_path / 'a.jpg', exif=exif, quality=95)
    Image.fromarray(ramp).save(tmp_path / 'b.jpg', quality=95)
    turned = {3: 2, 6: 3, 8: 1}[orientation]
    with Image.open(tmp_path / 'a.jpg') as image, Image.open(tmp_path / 'b.jpg') as plain:
        upright = np.rot90(np.asarray(plain), turned)
        found = model.predict([tmp_path / 'a.jpg', image, upright])
    assert np.ptp(found.logits, axis=0).max() < 0.02  # two decoders of JPEG


def test_odd_modes_are_read(trained, tmp_path):
    model = load_model(trained() / 'epoch_1.pth')
    for mode in ('L', 'LA', 'RGBA', 'P', '1', 'I;16'):
        Image.new(mode, (50, 40)).save(tmp_path / f'{mode.replace(";", "")}.png')
    found = model.predict(sorted(tmp_path.glob('*.png')))
    assert not found.unreadable


def test_grey_levels_of_16_bits_are_those_of_the_file(tmp_path):
    """Pillow clips what is brighter than 255 of 65,535, which turned most pictures white."""
    levels = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    for name in ('a.png', 'a.tif', 'a.pgm'):
        Image.fromarray(levels).save(tmp_path / name)
        with Image.open(tmp_path / name) as image:
            assert image.mode.startswith('I')
            assert np.array_equal(pixels_of(image), pixels_of(tmp_path / name))


@pytest.mark.parametrize('mode', ['I', 'F'])
def test_a_picture_without_a_range_is_refused(mode):
    with pytest.raises(InputError, match=f'mode {mode} has no known range; scale it to 0 to 255'):
        pixels_of(Image.new(mode, (4, 4)))


def test_pictures_of_several_sizes_that_nothing_resizes_are_refused(trained):
    model = load_model(trained() / 'epoch_1.pth')
    model.transforms = model.transforms[-1:]
    shots = [np.zeros((40, width, 3), np.uint8) for width in (50, 64)]
    with pytest.raises(InputError, match=r'shapes \(3, 40, 50\) and \(3, 40, 64\) .* as Resize'):
        model.predict(shots)
    assert model.predict(shots, batch_size=1).logits.shape == (2, 3)


def test_unreadable_pictures_are_named_and_passed_over(trained, photo_folder, tmp_path):
    model = load_model(trained() / 'epoch_1.pth')
    (tmp_path / 'bad.jpg').write_bytes(b'no picture')
    good = photo_folder / 'test0.png'
    for workers in (0, 1):
        found = model.predict([tmp_path / 'bad.jpg', good, tmp_path / 'no.jpg'], 2, workers)
        assert found.images == [str(good)]
        assert found.logits.shape == (1, 3)
        assert 'cannot be decoded' in found.unreadable[str(tmp_path / 'bad.jpg')]
        assert 'does not exist' in found.unreadable[str(tmp_path / 'no.jpg')]


def test_what_is_no_picture_is_refused(trained):
    model = load_model(trained() / 'epoch_1.pth')
    with pytest.raises(InputError, match='no pictures to predict'):
        model.predict([])
    closed = Image.new('RGB', (4, 4))
    closed.close()
    odd = [
        np.zeros((4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(3),
        None,
        [1],
        closed,
    ]
    for picture in odd:
        (reason,) = model.predict([picture]).unreadable.values()
        assert 'a picture of shape (H, W, 3)' in reason or 'cannot be decoded' in reason
    assert model.predict(odd[0]).unreadable, 'grey pictures are no rows of features'


def test_an_array_may_hold_many_pictures(trained):
    model = load_model(trained() / 'epoch_1.pth')
    pictures = np.random.default_rng(0).integers(0, 256, (3, 40, 50, 3), dtype=np.uint8)
    found, expected = model.predict(pictures), model.predict(iter(pictures))
    np.testing.assert_array_equal(found.logits, expected.logits)
    assert found.logits.shape == (3, 3)


@pytest.mark.filterwarnings('ignore:This DataLoader will create')
def test_no_more_processes_are_started_than_there_are_batches(trained):
    model = load_model(trained() / 'epoch_1.pth')
    loaders = [model._loader([''] * 5, batch, 10**5) for batch in (1, 2, 5, 10**30)]
    assert {loader.worker_init_fn for loader in loaders} == {use_one_core}
    workers = [loader.num_workers for loader in loaders]
    assert workers == [4, 2, 0, 0]


def test_a_training_around_it_changes_nothing(trained, photo_folder):
    model, path = load_model(trained() / 'epoch_1.pth'), photo_folder / 'test0.png'
    expected = model.predict(path).logits
    model.network.train()
    with torch.autocast('cpu', torch.bfloat16):
        np.testing.assert_array_equal(model.predict(path).logits, expected)


def test_a_model_of_features_takes_rows_of_them_alone(of_features, photo_folder):
    model = load_model(of_features)
    assert model.predict(np.zeros((2, 5))).logits.shape == (2, 3)
    for wrong in (np.zeros(4), np.zeros((1, 4)), np.full(5, np.nan), photo_folder / 'test0.png'):
        (reason,) = model.predict([*wrong] if np.ndim(wrong) == 2 else wrong).unreadable.values()
        assert 'numbers of shape (5,)' in reason or 'finite' in reason
    with pytest.raises(InputError, match='features have no mirror image'):
        load_model(of_features, flip=True)


def test_the_mean_of_probabilities_keeps_their_order_near_one():
    logits = torch.tensor([[-3.0, 0.5, 60.0, 61.0], [1.0, 0.5, 60.0, 61.0]], dtype=torch.float64)
    found = mean_logits(logits)
    expected = logit(expit(logits[:, :2].numpy()).mean(axis=0))
    np.testing.assert_allclose(found[:2], expected)
    assert found[3] > found[2] > 50


def test_several_models_and_mirror_images_are_averaged(trained, photo_folder):
    paths = [trained(name=f'run{seed}', seed=seed) / 'epoch_1.pth' for seed in (0, 1)]
    picture = cv2.imread(str(photo_folder / 'test0.png'))[:, :, ::-1]
    views = [picture, picture[:, ::-1]]
    single = [load_model(path).predict(views).scores for path in paths]
    mean = load_model(*paths).predict(picture).scores[0]
    np.testing.assert_allclose(mean, np.mean([s[0] for s in single], axis=0), atol=1e-6)
    flipped = load_model(*paths, flip=True).predict(picture).scores[0]
    np.testing.assert_allclose(flipped, np.mean(single, axis=(0, 1)), atol=1e-5)


def test_models_that_do_not_agree_are_not_averaged(trained):
    one, other = trained(name='one') / 'epoch_1.pth', trained(name='other', image_size=40)
    with pytest.raises(InputError, match='other image_size than'):
        load_model(one, other / 'epoch_1.pth')


def test_pictures_are_found_in_folders_and_tables(tmp_path):
    for name in ('b/c.jpg', 'b/a.PNG', 'b/notes.md', 'd.jpg'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / 'list.txt').write_text('b/c.jpg\n\nd.jpg\n')
    (tmp_path / 'table.csv').write_text('id,file\n1,d.jpg\n2,b/c.jpg\n')
    relative = [
        [str(path.relative_to(tmp_path)) for path in pictures_in([tmp_path / place])]
        for place in ('b', 'list.txt', 'table.csv', '.', 'd.jpg')
    ]
    both = ['b/c.jpg', 'd.jpg']
    assert relative == [['b/a.PNG', 'b/c.jpg'], both, both[::-1], ['b/a.PNG', *both], ['d.jpg']]
    assert len(pictures_in([tmp_path, tmp_path / 'b'])) == 3, 'each once'
    for place, message in (('no', 'does not exist'), ('e', 'holds no picture')):
        (tmp_path / 'e').mkdir(exist_ok=True)
        with pytest.raises(InputError, match=message):
            pictures_in([tmp_path / place])


def test_folders_are_searched_through_links(tmp_path):
    (tmp_path / 'there').mkdir()
    (tmp_path / 'there/a.jpg').touch()
    (tmp_path / 'here').mkdir()
    (tmp_path / 'here/link').symlink_to(tmp_path / 'there')
    (tmp_path / 'here/loop').symlink_to(tmp_path / 'here')
    (tmp_path / 'here/lost.jpg').symlink_to('nowhere')
    found = pictures_in([tmp_path / 'here'])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        'here/link/a.jpg',
        'here/lost.jpg',
    ]
    with pytest.raises(InputError, match='is no file'):
        pictures_in(['/dev/null'])


def test_tables_are_read_as_it_is_said(tmp_path):
    (tmp_path / 'a.csv').write_text('a.jpg,1\n,0\nb.jpg,1\n')
    answers = Answers(header=['image', 'cat'])
    assert pictures_in([tmp_path / 'a.csv'], answers) == [tmp_path / 'a.jpg', tmp_path / 'b.jpg']
    (tmp_path / 'list.txt').write_text('ä.jpg\n', encoding='utf-16')
    assert pictures_in([tmp_path / 'list.txt']) == [tmp_path / 'ä.jpg']
    (tmp_path / 'a.jpg').touch()
    with pytest.raises(InputError, match='options on tables have no effect'):
        pictures_in([tmp_path / 'a.jpg'], answers)


def test_names_that_are_no_text_are_written_out(tmp_path):
    found = replace(FOUND, images=[os.fsdecode(b'\xff.jpg'), 'b.jpg'])
    write_predictions(tmp_path / 'a.csv', found)
    assert '\\udcff.jpg,' in (tmp_path / 'a.csv').read_text(encoding='utf-8')
    write_predictions(tmp_path / 'a.jsonl', found)
    first = (tmp_path / 'a.jsonl').read_text(encoding='utf-8').splitlines()[0]
    assert json.loads(first)['image'] == '\\udcff.jpg'


def test_a_table_of_the_best_says_which_are_present(tmp_path):
    decisions = given_decisions('0.5', FOUND.classes)
    write_predictions(tmp_path / 'a.csv', replace(FOUND, decisions=decisions), top=1)
    lines = (tmp_path / 'a.csv').read_text().splitlines()
    assert lines == ['image,class,score,present', 'a.jpg,dog,0.880797,1', 'b.jpg,cat,0.268941,0']


def test_predictions_are_written_in_three_forms(tmp_path):
    write_predictions(tmp_path / 'a.csv', FOUND)
    with (tmp_path / 'a.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {'image': 'a.jpg', 'cat': '0.5', 'dog': '0.880797'}
    write_predictions(tmp_path / 'a.jsonl', FOUND, top=1)
    lines = [json.loads(line) for line in (tmp_path / 'a.jsonl').read_text().splitlines()]
    assert lines[1] == {'image': 'b.jpg', 'scores': {'cat': 0.268941}}
    write_predictions(tmp_path / 'best.csv', FOUND, top=1)
    assert (tmp_path / 'best.csv').read_text().splitlines()[1] == 'a.jpg,dog,0.880797'
    polars = pytest.importorskip('polars')
    write_predictions(tmp_path / 'a.parquet', FOUND)
    assert polars.read_parquet(tmp_path / 'a.parquet')['dog'].to_list() == [0.880797, 0.119203]


def test_without_polars_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'polars', None)
    found = Predictions(['a.png'], ['cat'], np.zeros((1, 1)))
    expected = r"a\.parquet': .* needs polars: `pip install polars` \(the extra `parquet`\)"
    with pytest.raises(InputError, match=expected):
        write_predictions(tmp_path / 'a.parquet', found)
    assert not [*tmp_path.iterdir()]


def test_names_that_a_table_cannot_hold_are_refused(tmp_path):
    odd = Predictions(['a.jpg'], ['image'], np.zeros((1, 1)))
    with pytest.raises(InputError, match=r'write a \.jsonl'):
        write_predictions(tmp_path / 'a.csv', odd)
    write_predictions(tmp_path / 'a.jsonl', odd)
    with pytest.raises(InputError, match=r'must end in \.csv, \.jsonl'):
        write_predictions(tmp_path / 'a.xlsx', odd)


def test_the_command_shows_the_best_and_writes_all(trained, photo_folder, monkeypatch, capsys):
    model = str(trained() / 'epoch_1.pth')
    picture, out = str(photo_folder / 'test0.png'), photo_folder / 'out/p.csv'
    command = ['predict', model, picture, '--num-workers', '0']
    capsys.readouterr()
    monkeypatch.setattr(sys, 'argv', [*command, '--top', '2', '--thresholds', '0'])
    main()
    first, note = capsys.readouterr().out.splitlines()
    assert first.startswith(f'{picture}: ')
    assert first.count('*') == 2
    assert 'present' in note
    monkeypatch.setattr(sys, 'argv', [*command, '--out', str(out)])
    main()
    assert capsys.readouterr().out == f'pictures: 1, classes: 3; written to {out}\n'
    assert out.read_text().startswith('image,cat,dog,owl\n')


def test_what_is_read_is_not_replaced(trained, photo_folder, monkeypatch, capsys):
    model, table = str(trained() / 'epoch_1.pth'), photo_folder / 'test.csv'
    before = table.read_text()
    monkeypatch.setattr(sys, 'argv', ['predict', model, str(table), '--out', str(table)])
    with pytest.raises(SystemExit):
        main()
    assert "test.csv' is read, and would be lost" in capsys.readouterr().err
    assert table.read_text() == before


def test_a_mean_says_that_it_has_no_thresholds(trained, photo_folder, monkeypatch, capsys):
    run = trained(val_fraction=0.3)
    save_checkpoint(run / 'model.pth', model_of(decide(run, least=1)))
    command = ['predict', str(run / 'model.pth'), str(photo_folder / 'test0.png'), '--flip']
    monkeypatch.setattr(sys, 'argv', [*command, '--num-workers', '0'])
    main()
    found = capsys.readouterr()
    assert 'do not hold of a mean' in found.err
    assert '*' not in found.out.splitlines()[-1]


def test_pictures_are_no_features(of_features, photo_folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['predict', str(of_features), str(photo_folder)])
    with pytest.raises(SystemExit):
        main()
    assert 'takes features of width 5, no pictures' in capsys.readouterr().err


def test_pictures_of_a_table_are_found_by_their_names(tmp_path):
    (tmp_path / 'images').mkdir()
    for name in ('a.jpg', 'b.jpg'):
        (tmp_path / 'images' / name).touch()
    table = tmp_path / 'labels.csv'
    table.write_text('filename,tags\na.jpg,cat|dog\nb.jpg,cat\n')
    assert pictures_in([table]) == [tmp_path / 'images/a.jpg', tmp_path / 'images/b.jpg']
    (tmp_path / 'a.jpg').touch()
    assert pictures_in([table]) == [tmp_path / 'a.jpg', tmp_path / 'b.jpg'], 'as it says'
    table.write_text('filename,tags\nno.jpg,cat|dog\n')
    assert pictures_in([table]) == [tmp_path / 'no.jpg']
