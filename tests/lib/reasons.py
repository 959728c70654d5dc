# SPDX-License-Identifier: Apache-2.0
"""The table of reasons for tests: common/pki/reason.def, read where it is.

    reasons.TABLE["revoked"].alert == 44
"""

import dataclasses
import pathlib
import re

_PATH = pathlib.Path(__file__).resolve().parents[2] / "common" / "pki" / "reason.def"
_STRING = r'"((?:[^"\\]|\\.)*)"'


@dataclasses.dataclass(frozen=True)
class Reason:
    slug: str
    alert: int
    retry: str
    severity: str
    sentence: str
    advice: str


TABLE = {
    slug: Reason(slug, int(alert), retry, severity.capitalize(), sentence, advice)
    for slug, alert, retry, severity, sentence, advice in re.findall(
        rf'^REASON\(\w+, "([a-z0-9-]+)", (\d+), (\w+), (\w+),\s+{_STRING},\s+{_STRING}\)',
        _PATH.read_text(), re.MULTILINE)
}
