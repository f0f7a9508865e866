"""Whether the names of classes that are numbers begin at the number that their owner thinks."""

from collections.abc import Mapping

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.reading import Reading


def check_first_name(readings: Mapping[str, Reading], answers: Answers) -> None:
    """Raises InputError where no table has the class 0, so that the numbers may begin at 1.

    Args:
        readings: The tables of all splits.
        answers: How they were read.
    """
    shown = {name for reading in readings.values() for name in reading.annotations.classes}
    if answers.names and shown & {*answers.names} and answers.names[0] not in shown:
        first = shortened(answers.names[0], 40)
        raise InputError(
            f"--names: no picture shows '{first}', the class 0, so that the numbers may begin at "
            f"1; --class-names FILE says so, with lines such as '1,{first}'"
        )
