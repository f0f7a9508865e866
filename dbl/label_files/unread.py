"""Files that people keep labels in and that are not read, by their suffix, and what helps."""

_PICKLE = (
    'is a pickle, which can run code when it is read; save it as train.csv or train.json where you '
    'trust it'
)
_SHEET = 'is a spreadsheet; save it as train.csv'
_PACKED = 'is packed; unpack it'
_ARRAYS = 'holds arrays; save its labels as train.csv'
UNREAD = {
    **dict.fromkeys(['.pkl', '.pickle'], _PICKLE),
    **dict.fromkeys(['.xlsx', '.xls', '.ods'], _SHEET),
    **dict.fromkeys(['.gz', '.zip', '.bz2', '.xz', '.7z', '.rar', '.tar'], _PACKED),
    **dict.fromkeys(['.npy', '.npz', '.mat', '.h5', '.hdf5', '.feather', '.arrow'], _ARRAYS),
}
