"""One figure per file: one function computes its arrays, and another draws them on given axes.

==========================  ==========================================================
Figure of the paper         File
==========================  ==========================================================
1, scores                   ``score_density``
2, co-occurrence            ``conditional_probability``, ``class_distribution``
3, gradients                ``negative_gradient``
5, re-sampling              ``class_distribution``, ``sampling_variance``
6, increments               ``ap_increments``
7, dials                    ``sweep_curve``
section 4.4                 ``variance_and_gain``
none                        ``ap_by_frequency``, ``class_balance``, ``precision_recall``,
                            ``reliability``, ``training_curves``
==========================  ==========================================================
"""
