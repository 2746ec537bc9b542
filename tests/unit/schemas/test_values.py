"""What values work out once."""

from schemas.values import once, value


@value
class Word:
    """A word, and how often its length was asked for."""

    text: str

    @once
    def length(self) -> list[int]:
        """A list, so that two are told apart."""
        return [len(self.text)]


def test_worked_out_once() -> None:
    """It is kept with its instance, is no part of what makes two equal, and reads as documented on the class."""
    first, second = Word("a"), Word("a")
    assert first.length == [1]
    assert first.length is first.length
    assert first.length is not second.length
    assert first == second == Word("a")
    assert Word.length.__doc__ == "A list, so that two are told apart."
