"""`czt city template` and `czt city export` on the command line."""

from pathlib import Path

from tests.support.cli import Cli, refused
from tests.support.samples import sample


def test_an_exported_register_imports_as_no_change(cli: Cli, tmp_path: Path) -> None:
    """The sample imported, exported, and imported as the complete register: no event, nothing held, exit 0."""
    cli.ok("init")
    assert cli("city", "import", sample("changsha"), "--city", "changsha", "--json").json()["events"] == 24
    out = str(tmp_path / "out.xlsx")
    told = cli.ok("city", "export", "--city", "changsha", "--out", out)
    assert (told["entries"], told["left_out"], told["inexact"]) == (24, [], [])
    again = cli.ok("city", "import", out, "--city", "changsha", "--complete")
    assert (again["events"], again["held"], again["totals"]["accept"]) == (0, None, 24)
    assert "24" in cli("city", "export", "--city", "changsha", "--out", out, "--lang", "zh").out


def test_an_empty_catalogue_is_written_and_imports_as_nothing(cli: Cli, tmp_path: Path) -> None:
    """Any city gets one; other types of files are not written."""
    cli.ok("init")
    out = str(tmp_path / "empty.xlsx")
    assert cli.ok("city", "template", "--city", "zhuzhou", "--out", out) == {"city": "zhuzhou", "out": out}
    imported = cli.ok("city", "import", out, "--city", "zhuzhou")
    assert (imported["rows"], imported["events"], imported["extra_columns"]) == ([], 0, [])
    for command in ("template", "export"):
        refused(cli, ("city", command, "--city", "zhuzhou", "--out", str(tmp_path / "out.csv")), 2, "usage", "Only .xlsx")
