# SPDX-License-Identifier: Apache-2.0
"""States, territories and what is known of each: national offences and authorities."""

from __future__ import annotations

from typing import Any

from babel import Locale
from babel.core import get_global

from law_import.research import Research
from law_import.toml_text import document

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")

MEMBERS = (
    "AF AL DZ AD AO AG AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI CV KH "
    "CM CA CF TD CL CN CO KM CG CD CR CI HR CU CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FJ FI "
    "FR GA GM GE DE GH GR GD GT GN GW GY HT HN HU IS IN ID IR IQ IE IL IT JM JP JO KZ KE KI KP "
    "KR KW KG LA LV LB LS LR LY LI LT LU MG MW MY MV ML MT MH MR MU MX FM MD MC MN ME MA MZ MM "
    "NA NR NP NL NZ NI NE NG MK NO OM PK PW PA PG PY PE PH PL PT QA RO RU RW KN LC VC WS SM ST "
    "SA SN RS SC SL SG SK SI SB SO ZA SS ES LK SD SR SE CH SY TJ TZ TH TL TG TO TT TN TR TM TV "
    "UG UA AE GB US UY UZ VU VE VN YE ZM ZW"
).split()
OTHERS = {
    "VA": ("observer", None),
    "PS": ("observer", None),
    "CK": ("other", None),
    "NU": ("other", None),
    "EU": ("organisation", None),
    "EPO": ("organisation", None),
    "HK": ("territory", "CN"),
    "BM": ("territory", "GB"),
    "CW": ("territory", "NL"),
    "FO": ("territory", "DK"),
    "GL": ("territory", "DK"),
    "GG": ("territory", "GB"),
    "IM": ("territory", "GB"),
    "JE": ("territory", "GB"),
}
NAMES = {
    "EPO": {
        "en": "European Patent Organisation",
        "fr": "Organisation européenne des brevets",
        "es": "Organización Europea de Patentes",
        "ru": "Европейская патентная организация",
        "ar": "المنظمة الأوروبية لبراءات الاختراع",
        "zh": "欧洲专利组织",
    },
    "PS": {
        "en": "State of Palestine",
        "fr": "État de Palestine",
        "es": "Estado de Palestina",
        "ru": "Государство Палестина",
        "ar": "دولة فلسطين",
        "zh": "巴勒斯坦国",
    },
    "HK": {
        "en": "Hong Kong (China)",
        "fr": "Hong Kong (Chine)",
        "es": "Hong Kong (China)",
        "ru": "Гонконг (Китай)",
        "ar": "هونغ كونغ (الصين)",
        "zh": "中国香港",
    },
}
NAMES |= {
    "CD": {
        "en": "Democratic Republic of the Congo",
        "fr": "République démocratique du Congo",
        "es": "República Democrática del Congo",
        "ru": "Демократическая Республика Конго",
        "ar": "جمهورية الكونغو الديمقراطية",
        "zh": "刚果民主共和国",
    },
    "CG": {
        "en": "Congo",
        "fr": "Congo",
        "es": "Congo",
        "ru": "Конго",
        "ar": "الكونغو",
        "zh": "刚果",
    },
    "MM": {
        "en": "Myanmar",
        "fr": "Myanmar",
        "es": "Myanmar",
        "ru": "Мьянма",
        "ar": "ميانمار",
        "zh": "缅甸",
    },
}
#: States whose English name stands with an article in a sentence.
WITH_ARTICLE = set("AE BS CD CF DO FO GB GM IM KM MH MV NL PH PS SB SC TZ US VA EU EPO".split()) - {
    "TZ",
    "SC",
}
KNOWN = set(MEMBERS) | set(OTHERS)
#: What people call a state in English beside its name and its three letters.
ALSO = {
    "BN": ("Brunei Darussalam",),
    "BO": ("Plurinational State of Bolivia",),
    "CD": ("Congo", "Congo-Kinshasa", "DR Congo", "DRC"),
    "CG": ("Congo-Brazzaville", "Republic of the Congo"),
    "CI": ("Ivory Coast",),
    "CV": ("Cabo Verde",),
    "CZ": ("Czech Republic",),
    "FM": ("Federated States of Micronesia",),
    "GB": ("UK", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "GM": ("The Gambia",),
    "GR": ("EL", "Hellas"),
    "HK": ("Hong Kong",),
    "IR": ("Islamic Republic of Iran",),
    "KP": ("Democratic People's Republic of Korea", "DPRK", "Korea"),
    "KR": ("Republic of Korea", "Korea"),
    "LA": ("Lao People's Democratic Republic",),
    "MD": ("Republic of Moldova",),
    "MK": ("Macedonia",),
    "MM": ("Burma",),
    "NL": ("Holland", "The Netherlands"),
    "PS": ("Palestine",),
    "RU": ("Russian Federation",),
    "ST": ("Sao Tome and Principe",),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TZ": ("United Republic of Tanzania",),
    "US": ("United States of America", "America"),
    "VA": ("Holy See", "Vatican"),
    "VE": ("Bolivarian Republic of Venezuela",),
    "VN": ("Viet Nam",),
    "CN": ("People's Republic of China",),
}
#: Three letters that stood for a state of another time.
GONE = frozenset({"BUR", "DDR", "FXX", "QUU", "TMP", "YMD", "ZAR"})


def also(code: str) -> list[str]:
    """Return the three letters of ISO 3166-1 (from Unicode CLDR) and the other names."""
    letters = sorted(
        name
        for name, codes in get_global("territory_aliases").items()
        if len(name) == 3 and name.isalpha() and codes == [code] and name not in GONE
    )
    return [*letters, *ALSO.get(code, ())]


def name_of(code: str) -> dict[str, str]:
    """Return the name of `code` in the six languages (Unicode CLDR, or ours above)."""
    if code in NAMES:
        return NAMES[code]
    return {
        language: Locale.parse(language).territories[code].replace(" & ", " and ")
        for language in LANGUAGES
    }


def files(research: Research) -> dict[str, str]:
    """Return the list of states and one file for each state of which something is known."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for code in sorted(KNOWN):
        kind, parent = OTHERS.get(code, ("member", None))
        names = name_of(code)
        rows.append(
            (
                "[[state]]",
                {
                    "id": code,
                    "kind": kind,
                    "of": parent,
                    "label": names["en"],
                    "with_article": True if code in WITH_ARTICLE else None,
                    "names": names,
                    "also": also(code) or None,
                },
            )
        )
    written = {
        "vocabulary/states.toml": document(
            "States, territories and organisations, by ISO 3166-1 code (EU, EPO: not in ISO).\n"
            "`kind`: member (of the United Nations), observer, other, organisation, territory.\n"
            "`also`: what else people write; never a code here, only a hint to it.",
            rows,
        )
    }
    codes = {n["state"] for n in research.offences["national"]}
    codes |= {a["state"] for a in research.authorities["records"]}
    for code in sorted(codes):
        written[f"jurisdictions/{code}.toml"] = _jurisdiction(code, research)
    return written


def _jurisdiction(code: str, research: Research) -> str:
    rows: list[tuple[str, dict[str, Any]]] = [("", {"state": code})]
    for item in research.offences["national"]:
        if item["state"] == code:
            life = [k for k in ("max_months", "aggravated_max_months") if item.get(k) == -1]
            rows.append(
                (
                    "[[offence]]",
                    {
                        "law": item["law"],
                        "provision": item.get("provision"),
                        "offences": item["offences"],
                        "max_months": None
                        if item.get("max_months") in (None, -1)
                        else item["max_months"],
                        "max_life": True if "max_months" in life else None,
                        "aggravated_max_months": None
                        if item.get("aggravated_max_months") in (None, -1)
                        else item["aggravated_max_months"],
                        "aggravated_life": True if "aggravated_max_months" in life else None,
                        "note": item.get("note"),
                        "confidence": item["confidence"],
                        "source": item["source"],
                    },
                )
            )
    for item in research.authorities["records"]:
        if item["state"] == code:
            general = item["instruments"] == ["general"]
            rows.append(
                (
                    "[[authority]]",
                    {
                        "role": item["role"],
                        "institution": item["institution"],
                        "instruments": None if general else item["instruments"],
                        "as_of": item.get("as_of"),
                        "note": item.get("note"),
                        "confidence": item["confidence"],
                        "source": item["source"],
                    },
                )
            )
    return document(f"{name_of(code)['en']}: national offences and authorities.", rows)
