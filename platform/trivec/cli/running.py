"""`trivec up` and `trivec down`."""

from typing import Annotated

import typer


def up(
    ui: Annotated[bool, typer.Option(help="Start the Streamlit application.")] = True,
    api: Annotated[bool, typer.Option(help="Start the HTTP API.")] = True,
    beat: Annotated[bool, typer.Option(help="Start the schedule.")] = True,
    workers: Annotated[int, typer.Option(min=0, help="Ingestion workers; each uses all cores already.")] = 1,
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is up; stop with `trivec down`.")] = False,
    patience: Annotated[float, typer.Option(min=1, help="Seconds until every part has to answer.")] = 90.0,
) -> None:
    """Start everything on this machine: vector node, queue, workers, schedule, API and UI.

    Waits until each part answers, prints the addresses, restarts what dies, and stops all of it on Ctrl-C. Ports come
    from the settings (TRIVEC_QDRANT_URL, TRIVEC_REDIS_URL, TRIVEC_API_URL, TRIVEC_UI_URL). A Redis that already answers
    at TRIVEC_REDIS_URL is used as it is; a URL on another machine is left to that machine.

      trivec up
      TRIVEC_API_URL=http://127.0.0.1:9000 trivec up --no-ui
      trivec up --detach && trivec doctor; trivec down
    """
    from trivec.cli import context, detached
    from trivec.cli.up import Wanted, run

    wanted = Wanted(ui=ui, api=api, beat=beat, workers=workers, patience=patience)
    if detach:
        detached.up(context.settings(), wanted)
    else:
        run(context.settings(), wanted)


def down() -> None:
    """Stop what `trivec up` (or `trivec demo`) started on this TRIVEC_HOME."""
    from trivec.cli import context, detached

    detached.down(context.settings())


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is wrong and how to mend it: installation, disk, ports, services, workers, models, settings.

    Exits with 1 when something does not work.
    """
    from trivec.cli import context, printing
    from trivec.cli.doctor import examine

    findings = examine(context.settings())
    healthy = all(finding.state != "wrong" for finding in findings)
    if json:
        printing.as_json({"healthy": healthy, "findings": findings})
    else:
        marks = {"ok": "ok", "warning": "!", "wrong": "WRONG"}
        printing.table(
            ("", "what", "found", "to do"),
            [(marks[finding.state], finding.what, finding.found, finding.mend) for finding in findings],
        )
        printing.line("all is well" if healthy else "something is wrong", style="green" if healthy else "red")
    if not healthy:
        raise typer.Exit(1)
