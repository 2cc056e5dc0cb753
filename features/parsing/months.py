"""The months' names, long and short, in eighteen languages, as Unicode's CLDR has them.

A table of ours rather than a package: this code travels inside every registered model (docs/decisions/015).
"""

import unicodedata

_LANGUAGES = {
    "en": "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sep sept,"
    "october oct,november nov,december dec",
    "de": "januar jänner jan,februar feb,märz mär mrz,april apr,mai,juni jun,juli jul,august aug,september sep sept,"
    "oktober okt,november nov,dezember dez",
    "fr": "janvier janv,février févr,mars,avril avr,mai,juin,juillet juil,août,septembre sept,octobre oct,novembre nov,"
    "décembre déc",
    "es": "enero ene,febrero feb,marzo mar,abril abr,mayo may,junio jun,julio jul,agosto ago,septiembre sept,"
    "octubre oct,noviembre nov,diciembre dic",
    "pt": "janeiro jan,fevereiro fev,março mar,abril abr,maio mai,junho jun,julho jul,agosto ago,setembro set,"
    "outubro out,novembro nov,dezembro dez",
    "it": "gennaio gen,febbraio feb,marzo mar,aprile apr,maggio mag,giugno giu,luglio lug,agosto ago,settembre set,"
    "ottobre ott,novembre nov,dicembre dic",
    "nl": "januari jan,februari feb,maart mrt,april apr,mei,juni jun,juli jul,augustus aug,september sep,oktober okt,"
    "november nov,december dec",
    "pl": "stycznia styczeń sty,lutego luty lut,marca marzec mar,kwietnia kwiecień kwi,maja maj,czerwca czerwiec cze,"
    "lipca lipiec lip,sierpnia sierpień sie,września wrzesień wrz,października październik paź,listopada listopad lis,"
    "grudnia grudzień gru",
    "ru": "января январь янв,февраля февраль февр фев,марта март мар,апреля апрель апр,мая май,июня июнь июн,"
    "июля июль июл,августа август авг,сентября сентябрь сент сен,октября октябрь окт,ноября ноябрь нояб ноя,"
    "декабря декабрь дек",
    "uk": "січня січень січ,лютого лютий лют,березня березень бер,квітня квітень квіт,травня травень трав,"
    "червня червень черв,липня липень лип,серпня серпень серп,вересня вересень вер,жовтня жовтень жовт,"
    "листопада листопад лист,грудня грудень груд",
    "cs": "ledna leden led,února únor úno,března březen bře,dubna duben dub,května květen kvě,června červen čvn,"
    "července červenec čvc,srpna srpen srp,září zář,října říjen říj,listopadu listopad lis,prosince prosinec pro",
    "sv": "januari jan,februari feb,mars,april apr,maj,juni,juli,augusti aug,september sep,oktober okt,november nov,"
    "december dec",
    "da": "januar jan,februar feb,marts mar,april apr,maj,juni jun,juli jul,august aug,september sep,oktober okt,"
    "november nov,december dec",
    "nb": "januar jan,februar feb,mars mar,april apr,mai,juni jun,juli jul,august aug,september sep,oktober okt,"
    "november nov,desember des",
    "fi": "tammikuuta tammikuu tammi,helmikuuta helmikuu helmi,maaliskuuta maaliskuu maalis,huhtikuuta huhtikuu huhti,"
    "toukokuuta toukokuu touko,kesäkuuta kesäkuu kesä,heinäkuuta heinäkuu heinä,elokuuta elokuu elo,"
    "syyskuuta syyskuu syys,lokakuuta lokakuu loka,marraskuuta marraskuu marras,joulukuuta joulukuu joulu",
    "tr": "ocak oca,şubat şub,mart mar,nisan nis,mayıs may,haziran haz,temmuz tem,ağustos ağu,eylül eyl,ekim eki,"
    "kasım kas,aralık ara",
    "hu": "január jan,február febr,március márc,április ápr,május máj,június jún,július júl,augusztus aug,"
    "szeptember szept,október okt,november nov,december dec",
    "ro": "ianuarie ian,februarie feb,martie mar,aprilie apr,mai,iunie iun,iulie iul,august aug,septembrie sept,"
    "octombrie oct,noiembrie nov,decembrie dec",
}


def month_of(word: str) -> int | None:
    """The month that a word names, whatever its case, accents and full stop; None where it names none."""
    return _MONTHS.get(_normalise_word(word))


def _normalise_word(word: str) -> str:
    parted = unicodedata.normalize("NFKD", word.casefold().rstrip("."))
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


_MONTHS = {
    _normalise_word(name): number
    for listed in _LANGUAGES.values()
    for number, names in enumerate(listed.split(","), 1)
    for name in names.split()
}
