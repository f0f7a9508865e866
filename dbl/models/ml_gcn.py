from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dbl.datasets import Annotations
from dbl.datasets.word_vectors import read_word_vectors
from dbl.errors import InputError
from dbl.longtail import label_graph
from dbl.models.classifier import Head
from dbl.registry import MODELS


class MLGCNHead(Head):
    r"""Makes the classifiers from the classes' word vectors with two graph convolutions.

    Chen et al., "Multi-Label Image Recognition with Graph Convolutional Networks" (CVPR 2019).

    .. math::
        z = x W^T, \quad W = \hat A \, h(\hat A V \Theta_1) \Theta_2,
        \quad h = \mathrm{LeakyReLU}_{0.2}

    Args:
        in_features: Width of the features, D.
        word_vectors: The vectors :math:`V`.
        graph: :math:`\hat A`, as :func:`~dbl.longtail.label_graph` gives it. Both are in the state
            dict, so that a checkpoint is tested on the graph that it was trained on.
        loss: ``loss(logits, targets) -> scalar``.
        hidden_features: Width between the two convolutions.

    Shape:
        - word_vectors: :math:`(C, d)`; graph: :math:`(C, C)`.
        - features: :math:`(N, D)`. Output: :math:`(N, C)`.

    >>> import numpy as np
    >>> from dbl.losses import BCELoss
    >>> graph = label_graph(np.array([[1, 1, 0], [1, 0, 1]]), threshold=0.4, p=0.25)
    >>> head = MLGCNHead(64, torch.eye(3), torch.from_numpy(graph).float(), BCELoss())
    >>> head(torch.zeros(4, 64)).shape
    torch.Size([4, 3])
    """

    from_training_set = 'word_vectors', 'graph'

    def __init__(
        self,
        in_features: int,
        word_vectors: Tensor,
        graph: Tensor,
        loss: nn.Module,
        hidden_features: int = 1024,
    ) -> None:
        super().__init__()
        self.register_buffer('word_vectors', word_vectors)
        self.register_buffer('graph', graph)
        self.conv1 = nn.Linear(word_vectors.shape[1], hidden_features, bias=False)
        self.conv2 = nn.Linear(hidden_features, in_features, bias=False)
        for conv in (self.conv1, self.conv2):
            bound = conv.out_features**-0.5
            nn.init.uniform_(conv.weight, -bound, bound)
        self.loss = loss

    def classifiers(self) -> Tensor:
        """Computes the weights of the classes, (C, D)."""
        hidden = F.leaky_relu(self.graph @ self.conv1(self.word_vectors), 0.2)
        return self.graph @ self.conv2(hidden)

    def forward(self, features: Tensor) -> Tensor:
        return features @ self.classifiers().T


@MODELS.register_module('MLGCNHead')
def build_ml_gcn_head(
    in_features: int,
    num_classes: int,
    loss: nn.Module,
    word_vectors: str,
    annotations: Annotations | None = None,
    trained: Mapping[str, Tensor] | None = None,
    data_root: str = '',
    threshold: float = 0.4,
    p: float = 0.25,
    hidden_features: int = 1024,
) -> MLGCNHead:
    """Builds the head of row ML-GCN, with the graph of the training set's labels.

    Args:
        in_features: Width of the features, D.
        num_classes: Classes, C.
        loss: ``loss(logits, targets) -> scalar``.
        word_vectors: A file under ``data_root`` that ``python -m dbl word_vectors`` wrote, or an
            .npy, (C, d), in the order of the classes. Or ``'one_hot'``, which knows no words.
        annotations: Annotations of the training set, for a head that is to be trained.
        trained: Weights of a trained head, which hold its graph and word vectors.
        data_root: Folder of the word vectors.
        threshold: Share of a class's images that must show another class to link the two.
        p: Weight of a class's neighbours against its own.
        hidden_features: Width between the two graph convolutions.

    Raises:
        InputError: The word vectors are missing or do not fit the classes, or the trained head
            lacks them.
        ValueError: There is neither a training set nor a trained head.
    """
    if trained is not None:
        if missing := {'word_vectors', 'graph'} - trained.keys():
            raise InputError(f"the file lacks the head's weights '{min(missing)}'")
        vectors, graph = trained['word_vectors'], trained['graph']
    elif annotations is None:
        raise ValueError('a head needs the annotations of a training set, or a trained one')
    else:
        vectors = _vectors(word_vectors, Path(data_root), annotations.classes)
        graph = torch.from_numpy(label_graph(annotations.labels, threshold, p)).float()
    return MLGCNHead(in_features, vectors, graph, loss, hidden_features)


def _vectors(word_vectors: str, folder: Path, classes: list[str]) -> Tensor:
    if word_vectors == 'one_hot':
        return torch.eye(len(classes))
    return torch.from_numpy(read_word_vectors(folder / word_vectors, classes))
