"""R-FL: focal loss, with re-balanced weights."""

model = dict(
    head=dict(
        loss=dict(
            type='DistributionBalancedLoss',
            nu_over_lam=False,
            scale=0.5,
            mu=0.9,
            lam=1.0,
            kappa=0.0,
        )
    )
)
