"""Four losses on a toy: rare classes that come along with frequent ones. A few seconds.

python docs/examples/losses_on_a_toy.py
"""

import torch
from torch.utils.data import DataLoader, TensorDataset

import dbl
from dbl.evaluation import average_precision, group_means
from dbl.losses import BCELoss, DistributionBalancedLoss
from dbl.samplers import ClassAwareSampler

SHARES = torch.tensor([0.5, 0.3, 0.1, 0.06, 0.03, 0.02, 0.01, 0.008])


def draw(num_images: int) -> TensorDataset:
    """Labels, and features that show them under noise. Who has a rare label has the first, too."""
    labels = (torch.rand(num_images, len(SHARES)) < SHARES).float()
    labels[labels[:, 4:].any(dim=1), 0] = 1
    return TensorDataset(labels @ directions + 1.5 * torch.randn(num_images, 16), labels)


def train_and_test(loss: torch.nn.Module, resample: bool) -> dict[str, float]:
    """Trains one linear layer, and gives its mAP in total and by group."""
    torch.manual_seed(1)
    sampler = ClassAwareSampler(labels, draws_per_class=600) if resample else None
    loader = DataLoader(train, batch_size=32, sampler=sampler, shuffle=not resample)
    model = torch.nn.Linear(16, len(SHARES))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    for _ in range(10):
        for images, targets in loader:
            optimizer.zero_grad()
            loss(model(images), targets).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(test.tensors[0])
    return group_means(average_precision(scores, test.tensors[1]), found.groups)


torch.manual_seed(0)
directions = torch.randn(len(SHARES), 16)
train, test = draw(2000), draw(5000)
labels = train.tensors[1]
found = dbl.statistics(labels, head=500, tail=100)
print('training images per class:', found.class_freq)

given = found.class_freq, found.num_images
for name, loss, resample in (
    ('ERM', BCELoss(), False),
    ('RS', BCELoss(), True),
    ('R-BCE', DistributionBalancedLoss(*given, lam=1, kappa=0, gamma=0, scale=1), True),
    ('DB-Focal', DistributionBalancedLoss(*given), True),
):
    means = train_and_test(loss, resample)
    print(f'{name:9}', *(f'{group} {100 * value:.1f}' for group, value in means.items()))
