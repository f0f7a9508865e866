"""CB-NTR: negative-tolerant focal loss, with class-balanced weights."""

model = dict(head=dict(loss=dict(type='ClassBalancedNTRLoss')))
