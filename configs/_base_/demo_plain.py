_base_ = ['demo.py', 'plain_any_length.py']

# The small network starts from scratch; ERM learns faster at this rate than at 0.02.
optim_wrapper = dict(optimizer=dict(lr=0.05))
