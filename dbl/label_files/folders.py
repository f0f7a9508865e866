"""Pictures of one name in several folders, which a column of their own names."""

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.columns import Roles
from dbl.label_files.table import Table
from dbl.label_files.words import plain

FOLDERS = ('folder', 'dir', 'directory', 'subfolder', 'subdir')


def check_folders(table: Table, roles: Roles, answers: Answers) -> None:
    """Refuses to join rows of one name that are in several folders.

    Raises:
        InputError: They are, by a column that is neither read nor dropped.
    """
    used = {column.index for column in (roles.image, *roles.labels, *roles.confidences)}
    names = enumerate(table.header)
    column = next((i for i, name in names if plain(name) in FOLDERS and i not in used), None)
    if column is None or table.header[column] in answers.drop_columns:
        return
    found = dict[str, str]()
    for number, row in table.rows():
        folder, image = (
            shortened(str(row[i]).strip() if i < len(row) else '', 40)
            for i in (column, roles.image.index)
        )
        if folder and found.setdefault(image, folder) != folder:
            raise InputError(
                f"'{table.path}', {table.place(number)}: '{image}' is in the folder '{folder}' by "
                f"the column '{table.header[column]}', and in '{found[image]}' before; write "
                f"paths, such as '{folder}/{image}', as names of pictures, or take them for one "
                f"picture with --drop-columns '{table.header[column]}'"
            )
