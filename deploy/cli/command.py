"""How a function becomes a command: shared options, an example in its help, its number as the exit code."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args, get_type_hints

import typer
from typer.models import OptionInfo

from deploy.cli.call import Call, Manner
from schemas.city import City

Body = Callable[..., int | None]
"""A command: takes a `Call` first, then its own arguments; returns the exit code, None for 0. It may take a `City`."""

Json = Annotated[bool, typer.Option("--json", help="JSON 输出 · one JSON object on stdout")]
Language = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help="输出语言 · language of the output")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时给出细节 · show the traceback of an error")]

_SHARED: dict[str, tuple[Any, object]] = {
    "as_json": (Json, False),
    "lang": (Language, None),
    "debug": (Debug, False),
}


def _is_city(hint: Any) -> bool:
    return get_args(hint)[:1] in ((City,), (City | None,))


def _as_word(hint: Any) -> Any:
    """A city is given by its word; the call knows which there are."""
    if not _is_city(hint):
        return hint
    kind, *rest = get_args(hint)
    return Annotated[(str if kind is City else str | None, *rest)]


def _option(name: str, hint: Any) -> str:
    """How the parser calls a parameter: `--city`, or `CITY` for an argument."""
    return f"--{name}" if isinstance(get_args(hint)[1], OptionInfo) else name.upper()


def group(parent: typer.Typer, name: str, words: str) -> typer.Typer:
    """A group of commands below `parent`. The example in its help is that of its first command."""
    made = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=words, epilog="")
    parent.add_typer(made, name=name)
    return made


def command(app: typer.Typer, name: str, example: str) -> Callable[[Body], Body]:
    """Register the decorated function as `name`; its docstring is the help, `example` stands below it."""

    def register(body: Body) -> Body:
        hints = get_type_hints(body, include_extras=True)
        own = list(inspect.signature(body).parameters.values())[1:]
        cities = {one.name: _option(one.name, hints[one.name]) for one in own if _is_city(hints[one.name])}
        # Not the parser but the call says which cities there are, so it also says that none was named.
        needed = {one.name for one in own if cities.get(one.name, "").startswith("--") and one.default is one.empty}
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for option, (hint, default) in _SHARED.items()
        ]

        def invoke(context: typer.Context, **given: Any) -> None:
            for option in _SHARED:
                del given[option]
            manner = context.find_root().obj
            call = Call(manner if isinstance(manner, Manner) else Manner())
            given |= {name: call.city(option, given[name]) for name, option in cities.items() if given[name] or name in needed}
            raise typer.Exit(body(call, **given) or 0)

        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        own = [one.replace(kind=one.KEYWORD_ONLY, default=None if one.name in needed else one.default) for one in own]
        parameters = [context, *[one.replace(annotation=_as_word(hints[one.name])) for one in own], *shared]
        invoke.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        invoke.__annotations__ = {one.name: one.annotation for one in parameters}
        epilog = f"\b\n例 · example:  {example}"  # \b: never wrapped, so that it can be copied
        app.command(name, help=inspect.getdoc(body), epilog=epilog)(invoke)
        app.info.epilog = app.info.epilog or epilog
        return body

    return register
