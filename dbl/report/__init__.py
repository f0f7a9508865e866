"""One page on finished runs, which needs nothing beside it."""

from dbl.report.page import write_report

__all__ = ['write_report']
