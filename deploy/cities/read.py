"""Which cities take part: one file each, those that come with the program and those in the installation's own folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from producers.city_file import CityFile
from producers.city_toml import city_files
from schemas.city import JOINT_OFFICE, City
from schemas.errors import Both, SettingsInvalid


@dataclass(frozen=True, slots=True)
class Cities:
    """The cities of an installation, by code. A value: whoever needs it is given it."""

    files: tuple[CityFile, ...]

    def __iter__(self) -> Iterator[City]:
        return (one.city for one in self.files)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source of sealed events, in the order in which reports list them."""
        return (*(city.source for city in self), JOINT_OFFICE)

    def file_of(self, city: City) -> CityFile:
        """The city's file."""
        return next(one for one in self.files if one.city == city)

    def named(self, word: str) -> City | None:
        """The city with this word."""
        return next((city for city in self if city.word == word), None)

    def meant(self, words: str) -> City | None:
        """The city that a person means by its word, its code, or its Chinese name with or without 市."""
        return next((city for city in self if words in (city.word, city.code, city.zh, city.zh.removesuffix("市"))), None)

    def of(self, word: str) -> City:
        """The city with this word; one that no file tells of goes by its word alone."""
        return self.named(word) or City(word, "", word)

    def zh(self, word: str) -> str:
        """Its Chinese name."""
        return self.of(word).zh


def read_cities(folder: Path | None = None) -> Cities:
    """The cities of the program's own files and of `folder`/*.toml; there, a file of the same name stands for the program's.

    Raises `SettingsInvalid` naming each file that is wrong and its key.
    """
    return Cities(city_files(sorted(city_texts(folder).items())))


def city_texts(folder: Path | None = None) -> dict[str, str]:
    """The text of each city's file, by file name. Raises `SettingsInvalid`."""
    own = resources.files("deploy.cities").iterdir()
    texts = {one.name: one.read_text("utf-8") for one in own if one.name.endswith(".toml")}
    return texts if folder is None else texts | {one.name: _text(one) for one in sorted(folder.glob("*.toml"))}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(
            Both(f"读不了城市文件 {file}：{error}", f"The city file {file} can't be read: {error}"),
            Both("请检查权限，并存为 UTF-8。", "Check its permissions, and save it as UTF-8."),
        ) from None
