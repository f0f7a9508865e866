import csv

import numpy as np
import pytest
import torch
from torch import nn

from dbl.config import load_config
from dbl.dataset_tools import coco, voc
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.longtail import label_graph
from dbl.losses import BCELoss
from dbl.models import MLGCNHead
from dbl.registry import MODELS, build


@pytest.fixture
def head():
    torch.manual_seed(0)
    graph = torch.tensor([[0.75, 0.25, 0.0], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])
    return MLGCNHead(5, torch.randn(3, 4), graph, nn.BCEWithLogitsLoss(), hidden_features=6)


def test_by_its_definition(head):
    """Node by node, in plain loops."""
    vectors, graph, features = head.word_vectors, head.graph, torch.randn(2, 5)

    def convolve(nodes, weight):
        return [sum(graph[i, j] * (weight @ nodes[j]) for j in range(3)) for i in range(3)]

    hidden = [torch.where(h > 0, h, 0.2 * h) for h in convolve(vectors, head.conv1.weight)]
    classifiers = convolve(hidden, head.conv2.weight)
    expected = torch.stack([torch.stack([x @ w for w in classifiers]) for x in features])
    torch.testing.assert_close(head(features), expected)


def test_without_links_each_class_stands_alone(head):
    head.graph = torch.eye(3)
    before = head.classifiers()
    head.word_vectors[0] += 1
    after = head.classifiers()
    assert not torch.equal(before[0], after[0])
    assert torch.equal(before[1:], after[1:])


def test_renaming_the_classes_renames_the_logits(head):
    features, order = torch.randn(2, 5), torch.tensor([2, 0, 1])
    logits = head(features)
    head.word_vectors = head.word_vectors[order]
    head.graph = head.graph[order][:, order]
    torch.testing.assert_close(head(features), logits[:, order])


def test_all_its_weights_learn_and_the_checkpoint_carries_the_graph(head):
    head.loss(head(torch.randn(2, 5)), torch.ones(2, 3)).backward()
    assert all(p.grad.abs().sum() > 0 for p in head.parameters())
    assert {'graph', 'word_vectors', 'conv1.weight', 'conv2.weight'} == set(head.state_dict())


def test_compiles_without_graph_breaks(head):
    features = torch.randn(2, 5)
    compiled = torch.compile(head, fullgraph=True, backend='eager')
    torch.testing.assert_close(compiled(features), head(features))


def head_of(root, photo_folder, word_vectors, **options):
    options = {
        'data_root': str(photo_folder),
        'train_dataloader.batch_size': 8,
        'train_dataloader.num_workers': 0,
        'test_dataloader.num_workers': 0,
        'model.head.word_vectors': word_vectors,
        'model.backbone': dict(type='ConvNet', channels=[4, 8]),
        **options,
    }
    config = load_config(root / 'configs/custom/ml_gcn.py', options)
    return build_experiment(config, pretrained=False).model.head


def test_a_config_gives_it_the_training_set_s_graph(root, photo_folder):
    """Of 40 images all show cat, 20 dog, 10 owl; owls are on images without dogs."""
    head = head_of(root, photo_folder, 'one_hot')
    with (photo_folder / 'train.csv').open() as file:
        labels = [list(map(int, row[1:])) for row in list(csv.reader(file))[1:]]
    torch.testing.assert_close(head.graph.cpu().numpy(), label_graph(labels).astype(np.float32))
    assert (head.graph > 0).tolist() == [
        [True, True, False],
        [True, True, False],
        [True, False, True],
    ]
    assert torch.equal(head.word_vectors.cpu(), torch.eye(3))


def test_threshold_and_p_reach_the_graph(root, photo_folder):
    options = {'model.head.threshold': 0.2, 'model.head.p': 0.5}
    head = head_of(root, photo_folder, 'one_hot', **options)
    assert (head.graph[0] > 0).all()
    assert head.graph[2].tolist() == [0.5, 0.0, 0.5]


def test_word_vectors_by_path(root, photo_folder):
    """A path is absolute, or in the folder of the data, as annotations are."""
    path = photo_folder / 'v.npy'
    np.save(path, np.arange(6.0).reshape(3, 2))
    for name in (str(path), 'v.npy'):
        head = head_of(root, photo_folder, name)
        assert head.word_vectors.tolist() == [[0, 1], [2, 3], [4, 5]]


def real_head(root, published, folder, name, vectors):
    """The head of a published set's config, on its labels."""
    annotations = published(name)
    np.save(folder / 'v.npy', vectors)
    options = {'model.head.word_vectors': 'v.npy'}
    part = {**load_config(root / 'configs' / name / 'ml_gcn.py', options).model.head}
    del part['loss']
    given = {'in_features': 8, 'num_classes': len(annotations.classes)}
    given |= {'loss': BCELoss(), 'annotations': annotations}
    return build(MODELS, 'model.head', part, given, {'data_root': str(folder)})


def test_voc_mlt_s_words_and_labels(root, shared, published, tmp_path):
    vectors = np.load(shared / 'glove' / 'voc_glove300.npy')
    head = real_head(root, published, tmp_path, 'voc_mlt', vectors)
    table, chair, person = map(voc.CLASSES.index, ('diningtable', 'chair', 'person'))
    assert head.graph[table, chair] > 0, 'a chair stands at a dining table'
    assert head.graph[person, table] == 0
    assert head(torch.randn(2, 8)).shape == (2, 20)


def test_coco_mlt_s_words_and_labels(root, shared, published, tmp_path):
    """The rows of this file are in alphabetical order, the classes are not."""
    vectors = np.load(shared / 'glove' / 'coco_glove300.npy')
    rows = [sorted(coco.CLASSES).index(name) for name in coco.CLASSES]
    head = real_head(root, published, tmp_path, 'coco_mlt', vectors[rows])
    cat = np.load(shared / 'glove' / 'voc_glove300.npy')[voc.CLASSES.index('cat')]
    assert head.word_vectors[coco.CLASSES.index('cat')].tolist() == cat.tolist()
    fork, table = map(coco.CLASSES.index, ('fork', 'dining table'))
    assert head.graph[fork, table] > 0
    assert head(torch.randn(2, 8)).shape == (2, 80)


def test_missing_word_vectors_are_named(root, photo_folder):
    with pytest.raises(InputError, match=r"word vectors '.*/no.npz' do not exist; make them with"):
        head_of(root, photo_folder, 'no.npz')
