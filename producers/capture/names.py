"""Names in SQL text."""


def quoted(name: str) -> str:
    """A name in quotation marks; the city's file lets no name through that holds one."""
    return f'"{name}"'


def quoted_table(name: str) -> str:
    """The same of `schema.table`."""
    return ".".join(quoted(part) for part in name.split("."))
