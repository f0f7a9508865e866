import numpy as np

import dbl.inference.tested as measured  # pytest would take its function for a test
from dbl.inference.decisions import Decisions


def test_a_class_without_training_images_is_left_out_of_the_means():
    decisions = Decisions('given', 0, [0.4, 0.4], ['all', 'all'])
    found = measured.tested(
        decisions, np.array([[1.0, -9.0], [-9.0, -9.0]]), np.array([[1, 1], [0, 0]])
    )
    total = measured.group_lines(found, {'tail': [0, 1]}, [7, 0])[1]
    assert total == ['total', '100.00', '100.00', '100.00', '100.00']
    assert measured.group_lines(found, {'tail': [0, 1]}, [7, 3])[1][3] == '50.00'
