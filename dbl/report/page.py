from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from dbl.claims.answers import NoClaim, answered
from dbl.claims.table import claim_lines, how_to_read
from dbl.errors import InputError
from dbl.files import whole_file
from dbl.report.charts import Chart, ap_charts, curve_charts, paper_charts
from dbl.report.decisions import decisions
from dbl.report.pictures import ByKind, thumbnails
from dbl.results.paper import NAMES, in_order
from dbl.results.runs import Run
from dbl.results.same_configuration import material_values
from dbl.results.table import as_lines, table_rows
from dbl.results.tuned import check_tuned
from dbl.terminal import visible

LOOKS = (
    'Below the missed pictures and the false alarms: where the network looks for the class '
    '(Grad-CAM), red most. All blue: nothing there speaks for the class.'
)


def write_report(
    runs: Sequence[Run],
    path: Path,
    pictured: str | None = None,
    explained: bool = False,
    tuned: Sequence[str] = (),
) -> None:
    """Writes one page on finished runs that needs no other file and no network.

    Args:
        runs: At least one.
        path: Path of the .html file.
        pictured: Row whose test pictures are shown. None means DB-Focal, or else the last row.
        explained: Show where the network looks in the worst of these pictures.
        tuned: Keys of the config that may differ from row to row.

    Raises:
        InputError: The runs are not comparable, none belongs to that row, or grad-cam is missing
            though it is asked for.
    """
    if explained:
        from dbl.inference.explain import grad_cam  # which imports torch

        grad_cam()
    check_tuned(runs, tuned)
    by_row = rows_in_order(runs)
    shown = pictured_run(by_row, pictured)
    page = _template().render(
        names={row: NAMES.get(row, row) for row in by_row},
        lines=as_lines(table_rows(runs, list(by_row), runs[0].data_set)),
        claims=claims(runs),
        classes=class_lines(by_row),
        sections=sections(by_row),
        differences=differences(by_row),
        configs={row: as_text(own[0].resolved) for row, own in by_row.items()},
        runs=[run for own in by_row.values() for run in own],
        decisions=decisions(shown),
        pictures=pictures(shown, explained),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(page, encoding='utf-8')


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader('dbl.report', ''), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=lambda value: visible(str(value)),
    )  # fmt: skip
    return environment.get_template('page.html')


def as_text(config: dict) -> str:
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def rows_in_order(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Sorts runs by row, in the order of Table 1, with other rows last."""
    order = in_order(run.row for run in runs)
    return {row: [run for run in runs if run.row == row] for row in order}


def claims(runs: Sequence[Run]) -> dict[str, Any]:
    """The paper's claims that these runs can answer, or why they cannot."""
    try:
        found = answered(runs)
    except NoClaim:
        return {'lines': [], 'note': ''}
    except InputError as error:
        return {'lines': [], 'note': f'They cannot be answered: {error}.'}
    return {'lines': claim_lines(found), 'note': how_to_read(found)}


def class_lines(by_row: dict[str, list[Run]]) -> list[dict[str, Any]]:
    """A line for each class, the most frequent first.

    It has the class's name, group, training images, and mean AP in percent by row.
    """
    first = next(iter(by_row.values()))[0]
    means = [100 * np.mean([run.ap for run in own], axis=0) for own in by_row.values()]
    group_of = {c: group for group, members in first.groups.items() for c in members}
    return [
        {
            'name': first.classes[c],
            'group': group_of[c],
            'images': first.class_freq[c],
            'ap': [None if np.isnan(mean[c]) else float(mean[c]) for mean in means],
        }
        for c in np.argsort(-np.array(first.class_freq), kind='stable')
    ]


def sections(by_row: dict[str, list[Run]]) -> dict[str, list[Chart]]:
    """The page's charts by heading, without headings that have no chart."""
    found = {
        'Average precision by frequency': ap_charts(by_row),
        'Training curves': curve_charts(by_row),
        'Figures of the paper': paper_charts(by_row),
    }
    return {heading: charts for heading, charts in found.items() if charts}


def differences(by_row: dict[str, list[Run]]) -> dict[str, dict[str, Any]]:
    """For each row, the values of its config that not all rows share."""
    values = {row: material_values(own[0].given) for row, own in by_row.items()}
    keys = sorted(set().union(*values.values()))
    varied = [key for key in keys if len({repr(own.get(key)) for own in values.values()}) > 1]
    return {
        row: {key: str(own[key])[:200] for key in varied if key in own}
        for row, own in values.items()
    }


def pictured_run(by_row: dict[str, list[Run]], row: str | None) -> Run:
    """The first seed of a row, which None takes to be DB-Focal, or else the last row."""
    if row is not None and row not in by_row:
        raise InputError(f"no finished run belongs to row '{row}'; there are {', '.join(by_row)}")
    return by_row[row or ('db_focal' if 'db_focal' in by_row else [*by_row][-1])][0]


def pictures(run: Run, explained: bool = False) -> dict[str, Any]:
    """Best and worst test pictures of a run, or why there are none.

    Where it is asked for, they show where the network looks, or it is said why they do not.
    """
    found: dict[str, Any] = {'run': run, 'missing': '', 'looks': '', 'classes': {}}
    try:
        shown = thumbnails(run)
        if explained:
            shown, found['looks'] = _explained(run, shown)
    except InputError as error:
        return found | {'missing': str(error)}
    return found | {'classes': dict(zip(run.classes, shown, strict=True))}


def _explained(run: Run, shown: list[ByKind]) -> tuple[list[ByKind], str]:
    """Pictures with where the network looks, as far as that can be told, and a note on it."""
    from dbl.report.looks import with_looks  # which imports torch

    try:
        return with_looks(run, shown), LOOKS
    except InputError as error:
        return shown, f'Where it looked is not shown, since {error}.'
