"""DB: re-balanced weights and negative tolerance, with focal."""

model = dict(
    head=dict(
        loss=dict(
            type='DistributionBalancedLoss',
            nu_over_lam=False,
            scale=0.5,
            mu=0.9,
        )
    )
)
