"""Run by the interpreter of an environment with roc-validator and rocrate, which need another Rich than herscreen does:
`python crate_peer.py CRATE SEVERITY` prints a line an issue. It asks no network: the context of RO-Crate 1.1 is the one
that the package rocrate brings.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
URL = "https://w3id.org/ro/crate/1.1/context"


def validator() -> Path | None:
    """The interpreter that has roc-validator: `$HERSCREEN_ROC`, else that of `make peers`; None where there is none."""
    chosen = Path(os.environ.get("HERSCREEN_ROC", ROOT / ".venv" / "crate" / "bin" / "python"))
    return chosen if chosen.is_file() else None


def main(crate: str, severity: str) -> None:
    """Print what the validator finds."""
    import rdflib.plugins.shared.jsonld.context as jsonld
    import requests
    import rocrate
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    context = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
    read = jsonld.source_to_json

    def offline(_self: Any, url: str, **_options: Any) -> requests.Response:
        answer = requests.Response()
        answer.url, answer.status_code = url, 200 if url.startswith(URL) else 404
        answer._content = context if url.startswith(URL) else b""
        answer.headers["Content-Type"] = "application/ld+json"
        return answer

    def known(source: Any, *more: Any, **options: Any) -> Any:
        return (
            (json.loads(context), "utf-8") if str(source).startswith(URL) else read(source, *more, **options)
        )

    HttpRequester.get = HttpRequester.head = offline
    jsonld.source_to_json = known
    settings = services.ValidationSettings(
        rocrate_uri=crate,
        profile_identifier="ro-crate-1.1",
        requirement_severity=getattr(models.Severity, severity),
    )
    found = services.validate(settings)
    print("validated")
    for issue in found.get_issues():
        print(f"{issue.severity.name} {issue.check.name}: {issue.message}")


if __name__ == "__main__":
    main(*sys.argv[1:])
