"""Both READMEs say what is so: generated blocks, commands, files, settings and targets; and their commands run."""

import re
import shlex
import shutil
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy.cli.main import moved, tree
from deploy.cli.tree import commands
from deploy.environment import read_settings
from deploy.readme import FILES, Lang, demo_output, with_blocks
from deploy.settings import Settings
from deploy.wiring import Wiring
from tests.support.cities import CITIES
from tests.support.cli import ROOT, Cli, favourable, write_sheet
from tests.support.consoles import asking
from tests.support.fourth_city import WORD, city_text, line, write_catalogue
from tests.support.samples import sample
from tests.support.shell import blocks, czt_commands

PAGES = {lang: (ROOT / name).read_text("utf-8") for lang, name in FILES.items()}
BOTH = pytest.mark.parametrize("lang", PAGES)
COMMANDS = [(lang, words) for lang, page in PAGES.items() for block in blocks(page) for words in czt_commands(block)]
IN_CONTAINERS, WHENEVER, JOINING, ALONE = 1, 2, 4, 6
"""Which block is which: with containers, the first steps and what comes later; a fourth city; without servers."""


@BOTH
def test_generated_blocks_are_current(lang: Lang) -> None:
    """The demo's output, the settings and the table of troubles are what the code gives; else: `make schemas`."""
    assert with_blocks(PAGES[lang], lang, demo_output(lang)) == PAGES[lang]


@pytest.mark.parametrize(("lang", "words"), COMMANDS, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_every_command_parses(lang: Lang, words: list[str]) -> None:
    """Each `czt` call of the page's shell blocks is one that the command line understands, options included."""
    command = tree()
    context = command.make_context("czt", moved(words), resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)


@BOTH
def test_every_command_that_is_named_exists(lang: Lang) -> None:
    """`czt …` in running text and tables names a command, a group or an option of one."""
    known = commands()
    groups = {command.rpartition(" ")[0] for command in known}
    for words in re.findall(r"`czt ([^`…]+)`", PAGES[lang]):
        path = re.split(r"\s(?=-|[A-Z])", words)[0].strip()
        assert any(f"{path} ".startswith(f"{command} ") for command in known) or path in groups, words


@BOTH
def test_files_settings_and_targets_exist(lang: Lang) -> None:
    """Every link within the repository, every CZT_ variable and every `make` target that the page names."""
    page = PAGES[lang]
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", page) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
    settings = {f"CZT_{name.upper()}" for name in Settings.model_fields}
    settings |= {f"CZT_REGISTER_URL_{city.word.upper()}" for city in CITIES}
    assert set(re.findall(r"\bCZT_[A-Z_]+[A-Z]\b", page)) - settings == set()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)\b", page, re.MULTILINE)) <= targets
    services = set(re.findall(r"^  ([a-z-]+):$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))
    assert set(re.findall(r"docker compose run --rm (\S+)", page)) <= services


@BOTH
def test_both_pages_have_the_same_blocks(lang: Lang) -> None:
    """What a reader of Chinese can copy is what a reader of English can."""
    assert blocks(PAGES[lang]) == blocks(PAGES["en"])


def _run(cli: Cli, block: int) -> None:
    """Run the `czt` calls of a block in order; relays and hub do their part after each."""
    for words in czt_commands(blocks(PAGES["en"])[block]):
        words = [word.replace("/var/lib/czt", str(cli.home)) for word in words]
        ran = cli(*words)
        assert ran.code == (1 if "import" in words else 0), (words, ran)
        if block == WHENEVER and words[0] in ("city", "joint"):
            cli.ok("city", "relay", "--city", "changsha", "--once")
            cli.ok("hub", "run", "--until-idle")


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the samples where the page has them."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_without_servers_run(cli: Cli, in_a_folder: Path) -> None:
    """The block for a laptop, on its home what the page does whenever there is something new, and what it asks the console."""
    _run(cli, ALONE)
    (in_a_folder / "changsha.xlsx").write_bytes(Path(sample("changsha")).read_bytes())
    write_sheet(in_a_folder / "assessment.xlsx", [favourable("长沙", "CSLX-00112")])
    _run(cli, WHENEVER)
    [product] = cli.ok("hub", "products", "--status", "recognized")["products"]
    assert product["listings"][0]["certificate_no"] == "CSLX-00112"
    _check_addresses(PAGES["en"])


def _addresses(page: str) -> list[str]:
    """What the page's `curl`s ask the console, path and query."""
    found = []
    for words in (shlex.split(one) for block in blocks(page) for one in block.splitlines() if one.startswith("curl ")):
        [url] = [word for word in words if word.startswith("http://127.0.0.1:8080")]
        given = dict(word.split("=", 1) for option, word in pairwise(words) if option == "--data-urlencode")
        found.append(url.removeprefix("http://127.0.0.1:8080") + (f"?{urlencode(given)}" if given else ""))
    return found


def _check_addresses(page: str) -> None:
    """The console answers whatever the page asks it, with something in it."""
    addresses = _addresses(page)
    assert len(addresses) >= 5
    with Wiring(read_settings()) as wiring, asking(wiring.store) as asked:
        asked.around.signed = wiring.archive.latest()
        for address in addresses:
            answer = asked.client.get(address)
            assert answer.status_code == 200, (address, answer.text)
            empty = [nothing for nothing in ('{"products":[]', '{"changes":[]', '"match":"none"') if nothing in answer.text]
            assert empty == [], address


def test_the_first_steps_run(cli: Cli) -> None:
    """What the page does once with containers, after `init` and `joint-keys` did theirs."""
    cli.ok("init")
    cli.ok("joint", "init-keys")
    _run(cli, IN_CONTAINERS)
    assert cli.ok("hub", "run", "--until-idle")["outcomes"]["applied"] >= 9


def test_a_fourth_city_joins_as_the_page_says(cli: Cli, in_a_folder: Path) -> None:
    """Before the joint office decides, its trust is the one thing open; afterwards nothing is."""
    (cli.home / "cities").mkdir(parents=True)
    cli.ok("init")
    (cli.home / "cities" / f"{WORD}.toml").write_text(city_text(), "utf-8")
    write_catalogue(in_a_folder / "loudi.xlsx", [line(1, "LD2021-001")])
    codes = []
    for words in czt_commands(blocks(PAGES["en"])[JOINING]):
        codes.append(cli(*words).code)
        for handed_in in ("loudi.pub", "check-loudi.note"):
            if (cli.home / "keys" / handed_in).exists():
                shutil.copy(cli.home / "keys" / handed_in, in_a_folder)
    assert codes == [0, 1, 0, 0, 0]
