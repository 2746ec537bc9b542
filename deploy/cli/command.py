"""How a function becomes a command: shared options, an example in its help, its number as the exit code."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_type_hints

import typer

from deploy.cli.call import Call, Manner

Body = Callable[..., int | None]
"""A command: takes a `Call` first, then its own arguments; returns the exit code, None for 0."""

Json = Annotated[bool, typer.Option("--json", help="JSON 输出 · one JSON object on stdout")]
Language = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help="输出语言 · language of the output")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时给出细节 · show the traceback of an error")]

_SHARED: dict[str, tuple[Any, object]] = {
    "as_json": (Json, False),
    "lang": (Language, None),
    "debug": (Debug, False),
}


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
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for option, (hint, default) in _SHARED.items()
        ]

        def invoke(context: typer.Context, **given: Any) -> None:
            for option in _SHARED:
                del given[option]
            manner = context.find_root().obj
            raise typer.Exit(body(Call(manner if isinstance(manner, Manner) else Manner()), **given) or 0)

        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        parameters = [context, *[one.replace(annotation=hints[one.name]) for one in own], *shared]
        invoke.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        invoke.__annotations__ = {one.name: one.annotation for one in parameters}
        epilog = f"\b\n例 · example:  {example}"  # \b: never wrapped, so that it can be copied
        app.command(name, help=inspect.getdoc(body), epilog=epilog)(invoke)
        app.info.epilog = app.info.epilog or epilog
        return body

    return register
