"""Text in an older encoding is read in the one that its letters speak for, and it is said which that was."""

from pathlib import Path

import pytest

from features.tables.charset import decode
from features.tables.csv_stream import open_csv
from features.tables.read import notes_of, read_table

WORDS = {
    "Spanish": ("cp1252", "España Muñoz Peña Campaña otoño Córdoba señal"),
    "one Spanish word": ("cp1252", "Campaña"),
    "no letter but a sign": ("cp1252", "2.733,29€ 7.784,95€"),
    "French": ("cp1252", "Société Hélène Besançon référence façade été déjà Noël"),
    "Portuguese": ("cp1252", "São João Conceição Informações Gonçalves promoção"),
    "Danish": ("cp1252", "Søren Jørgensen Århus Næstved Østergård"),
    "German": ("cp1252", "Müller Köln Bäcker Straße Größe Übergabe"),
    "Polish": ("cp1250", "Łódź Wrocław Kraków święto żółty Gdańsk Wiśniewska"),
    "Czech": ("cp1250", "Příliš žluťoučký kůň Dvořák Plzeň Ústí Růžena"),
    "Hungarian": ("cp1250", "Győr Székesfehérvár Erdős Kőszeg tűz Nagyné"),
    "Turkish": ("cp1254", "İstanbul Şişli Beşiktaş Doğan Yılmaz Çağlar Kadıköy görüşme satış"),
    "Greek": ("cp1253", "Αθήνα Θεσσαλονίκη Παπαδόπουλος πελάτης προσφορά χαμένο"),
    "Hebrew": ("cp1255", "ירושלים חיפה כהן לקוח הצעה נסגר"),
    "Arabic": ("cp1256", "القاهرة دبي محمد أحمد عميل عرض مغلق الرياض"),
    "Russian": ("cp1251", "Москва Иванов продажа выиграна заявка"),
    "Russian of Unix": ("koi8_r", "Москва Иванов продажа выиграна заявка"),
    "Russian of DOS": ("cp866", "Москва Иванов продажа выиграна заявка"),
    "Japanese": ("shift_jis", "東京 大阪 株式会社 田中 失注 受注 問い合わせ"),
    "Chinese": ("gb18030", "北京 上海 有限公司 成交 丢失 客户 广告"),
    "Korean": ("euc_kr", "서울 부산 주식회사 김철수 계약 실패 광고"),
}


@pytest.mark.parametrize(("encoding", "words"), WORDS.values(), ids=WORDS)
def test_a_country_s_letters_tell_its_code_page(encoding: str, words: str) -> None:
    rows = [f'{number},2025-01-{1 + number % 28:02},"{word}",Open' for number, word in enumerate(words.split() * 20)]
    text = "lead_id,created_at,city,status\n" + "\n".join(rows) + "\n"
    assert decode(text.encode(encoding), "leads.csv").text == text


def test_which_encoding_was_guessed_is_said_of_the_table_read_at_once_and_row_by_row(tmp_path: Path) -> None:
    place = tmp_path / "leads.csv"
    place.write_bytes("id,şehir\n1,İstanbul\n2,Beşiktaş\n3,Kadıköy\n".encode("cp1254"))
    note = "Its text is not UTF-8 and was read as Windows-1254; where letters look wrong, save the file as UTF-8."
    assert notes_of(read_table(str(place))) == (note,)
    assert open_csv(place, "leads.csv").notes == (note,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_of_unicode_nothing_is_said(encoding: str) -> None:
    assert decode("id,city\n1,Köln\n".encode(encoding), "leads.csv").notes == ()
