"""A CSV in, a scored CSV out: the scores of the API, bad rows by number, nothing kept."""

import csv
import io
import re
import tempfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.pages.score_file.scoring import COLUMNS
from serving.pages.uploads import read_parts
from tests.serving.crm import Clock
from tests.serving.pages.floor import Floor, Person, opened, text_of
from training.model import ScoringModel

HEADER = "id,created,utm_source,age,job title,favourite colour"
ROWS = (
    "L-1,2026-03-02T09:30:00Z,search,41,director,red",
    '=cmd|"calc"!A1,2026-03-02T09:30:00Z,search,41,"Director, sales",blue',
    "L-3,2026-03-02T09:30:00Z,search,old,clerk,red",
    "L-4,yesterday,search,many,clerk,red",
    "L-5,2026-03-02T09:30:00Z,search",
    ",2026-03-02T09:30:00Z,fair,,,",
)


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are kept for a moment."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def send(person: Person, content: bytes, name: str = "leads.csv") -> Response:
    token = re.search(r'name="csrf" value="([^"]+)"', person.get("/try/file").text)[1]
    return person.client.post("/try/file", data={"csrf": token}, files={"leads": (name, content, "text/csv")})


def rows_of(answer: Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_rows_score_as_over_the_api_and_bad_ones_say_why_by_number(floor: Floor, temporary: Path) -> None:
    answer = send(floor.person(), "\n".join((HEADER, *ROWS)).encode())
    rows = rows_of(answer)
    assert answer.headers["content-disposition"] == 'attachment; filename="scored-leads.csv"'
    assert tuple(rows[0]) == COLUMNS
    body = {"lead_id": "L-1", "fields": dict(zip(HEADER.split(",")[1:], ROWS[0].split(",")[1:], strict=True))}
    headers = {"authorization": f"Bearer {floor.key('CRM', 'score')}"}
    score = TestClient(floor.app).post("/v1/score", json=body, headers=headers).json()
    assert (float(rows[0]["probability"]), rows[0]["grade"]) == (score["probability"], score["grade"])
    assert rows[0]["reason_1"] == score["reasons"][0]["sentence"]
    assert [row["row"] for row in rows] == ["2", "3", "4", "5", "6", "7"]
    assert [row["problem"] for row in rows] == [
        "",
        "",
        "row 4: age: expected a number",
        "row 5: age: expected a number; created: expected an ISO 8601 time such as 2026-11-02T09:30:00Z",
        "row 6: 3 values where the header has 6",
        "",
    ]
    assert (rows[2]["lead_id"], rows[2]["probability"]) == ("L-3", "")
    assert (rows[5]["lead_id"], rows[5]["confidence"]) == ("", "unseen values")
    assert list(temporary.iterdir()) == []
    assert (
        floor.store.read_now(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM leads").scalar()) == 0
    )


def test_no_cell_of_the_answer_is_run_by_a_spreadsheet(floor: Floor) -> None:
    sent = f"{HEADER}\n{ROWS[1]}\n-L,2026-03-02T09:30:00Z,search,41,=1+1,x\n".encode()
    rows = rows_of(send(floor.person(), sent))
    assert [row["lead_id"] for row in rows] == ['\'=cmd|"calc"!A1', "'-L"]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "@", "-")]


def test_a_file_of_another_world_is_read_as_tables_are(floor: Floor) -> None:
    sent = "id;utm_source;age;job title\r\nÄ-1;search;41;Geschäftsführer\r\n".encode("cp1252")
    (row,) = rows_of(send(floor.person(), sent))
    assert (row["lead_id"], row["problem"]) == ("Ä-1", "")


def test_a_quote_that_is_never_closed_is_a_row_of_its_own(floor: Floor) -> None:
    rows = rows_of(send(floor.person(), b'id,age\nL-1,41\nL-2,"42\nL-3,43\n'))
    assert [row["row"] for row in rows if not row["problem"]] == ["2"]
    assert rows[-1]["problem"] == "row 3: a quoted value that is never closed begins here"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file that has something in it."),
        (b"  \n", "the file is empty"),
        (b"name,colour\nAnn,red\n", "none of its columns is known to the model, which takes age"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused_in_words(
    floor: Floor, temporary: Path, content: bytes, said: str
) -> None:
    answer = send(floor.person(), content)
    assert (answer.status_code, said in text_of(answer.text)) == (422, True), text_of(answer.text)
    assert list(temporary.iterdir()) == []


def test_a_file_that_is_too_large_or_of_another_sign_in_is_refused(
    model: ScoringModel, tmp_path: Path, clock: Clock
) -> None:
    with opened(f"sqlite:///{tmp_path}/leads.db", model, clock, max_body_bytes=1_000) as floor:
        ann = floor.person()
        answer = send(ann, b"id,age\n" + b"L-1,41\n" * 10_000)
        assert (answer.status_code, "at most 1,000 bytes; `leads score` takes any size" in answer.text) == (413, True)
        forged = ann.client.post("/try/file", files={"leads": ("leads.csv", b"id,age\nL-1,41\n")})
        assert forged.status_code == 403
        assert ann.client.post("/try/file", data={"csrf": "x"}).status_code == 422
        assert floor.stranger().client.post("/try/file", files={"leads": ("a", b"id")}).status_code == 303


@pytest.mark.parametrize("content", [b"a\r\nb\rc\n\nd", bytes(range(256)), b"no end of line", b"\n"])
def test_a_file_arrives_byte_for_byte(content: bytes) -> None:
    head = 'Content-Disposition: form-data; name="leads"; filename="a.csv"\r\nContent-Type: application/vnd.ms-excel'
    text = 'Content-Disposition: form-data; name="csrf"\r\n\r\nx'
    body = f"--q\r\n{text}\r\n--q\r\n{head}\r\n\r\n".encode() + content + b"\r\n--q--\r\n"
    upload = read_parts("multipart/form-data; boundary=q", body)
    assert (upload.files, upload.texts) == ({"leads": content}, {"csrf": "x"})
