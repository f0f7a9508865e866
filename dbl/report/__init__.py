"""One self-contained page on finished runs."""

from dbl.report.page import write_report

__all__ = ['write_report']
