"""NTR-FL: negative-tolerant focal loss."""

model = dict(
    head=dict(
        loss=dict(
            type='DistributionBalancedLoss',
            nu_over_lam=False,
            scale=0.5,
            rebalance=False,
            divided=False,
        )
    )
)
