"""Pages of a list: where one begins, and how it is told in the answer. Once, for all lists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """The page that a request asks for: `page` counts from 1, `limit` is its size."""

    page: int
    limit: int

    @property
    def offset(self):
        return (self.page - 1) * self.limit


def paged(data, total, page):
    """Represent one page of a list (contract: `data` and `pagination`)."""
    return {"data": data, "pagination": {"page": page.page, "limit": page.limit, "total": total}}
