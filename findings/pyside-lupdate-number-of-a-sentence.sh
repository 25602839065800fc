#!/usr/bin/env bash
# pyside6-lupdate leaves out a text whose number is an expression, and exits with 0.
#
# One would guess: it reads the two literals of QCoreApplication.translate(context, text, "", n), whatever n is; or it warns.
# What happens: where n is a plain variable the text is found; where it is an attribute or a call (row.count, len(rows)) the
# message is missing from the .ts file, so that it is never translated. With QObject.tr the same numbers do no harm.
# Version: PySide6-Essentials 6.11.3.
# Source: seen by running it.
# Remedy: put the number into a variable first, and let a test compare the literals of the code with the .ts file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/words.py" <<'PROGRAM'
from PySide6.QtCore import QCoreApplication, QObject


def said(rows, row):
    number = len(rows)
    return [
        QCoreApplication.translate("Words", "a variable: %n video(s)", "", number),
        QCoreApplication.translate("Words", "an attribute: %n video(s)", "", row.count),
        QCoreApplication.translate("Words", "a call: %n video(s)", "", len(rows)),
    ]


class Words(QObject):
    def said(self, rows, row):
        return [self.tr("tr, attribute: %n video(s)", "", row.count), self.tr("tr, call: %n video(s)", "", len(rows))]
PROGRAM
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet PySide6-Essentials==6.11.3
"$folder/venv/bin/pyside6-lupdate" "$folder/words.py" -ts "$folder/words.ts"
sed -n 's/.*<source>\(.*\)<\/source>.*/found: \1/p' "$folder/words.ts" | sort | tee "$folder/seen"
test "$(wc -l < "$folder/seen")" = 3
! grep -q "an attribute\|a call" "$folder/seen"
# Output seen (Linux x86_64, Python 3.11.7):
# Updating '...words.ts'...
#     Found 3 source text(s) (3 new and 0 already existing)
# found: a variable: %n video(s)
# found: tr, attribute: %n video(s)
# found: tr, call: %n video(s)
