"""The paper's figures for labels of your own: no config, no pictures, no training.

python docs/examples/figures_of_your_labels.py
"""

import numpy as np
from matplotlib.figure import Figure

from dbl.analysis.class_balance import compute_class_balance, plot_class_balance
from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution
from dbl.analysis.conditional_probability import (
    compute_conditional_probability,
    plot_conditional_probability,
)

# (N, C), a 0 or 1 per image and class. Yours may be a scipy.sparse matrix.
generator = np.random.default_rng(0)
names = [f'class {i}' for i in range(12)]
labels = (generator.random((3000, 12)) < np.geomspace(0.5, 0.005, 12)).astype(int)
labels[labels[:, 6:].any(axis=1), 0] = 1

figure = Figure(figsize=(16, 5), layout='constrained')
left, middle, right = figure.subplots(1, 3)
plot_class_distribution(left, compute_class_distribution(labels), names)
plot_class_balance(middle, compute_class_balance(labels, alpha=0.1, beta=10, mu=0.2), names)
plot_conditional_probability(right, compute_conditional_probability(labels), names)
figure.savefig('figures_of_your_labels.png')
print('written to figures_of_your_labels.png')
