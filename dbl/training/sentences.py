"""What a training says that others listen for, as ``python -m dbl chaos`` does."""

STARTS, GOES_ON = 'starts', 'goes on with'
IS_HELD = 'a training is in'
TAKES_EARLIER = 'the run takes an earlier one'
NONE_IS_WHOLE = 'no whole checkpoint'
STOPPED_BY = 'stopped by'
