"""The languages and directions that are served, and the words in which a request for others is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from nmt.errors import DirectionError

AUTO = "auto"
NAMES = dict(
    entry.split(maxsplit=1)
    for entry in """
af Afrikaans,am Amharic,ar Arabic,az Azerbaijani,be Belarusian,bg Bulgarian,bn Bengali,bs Bosnian,ca Catalan,
cs Czech,cy Welsh,da Danish,de German,el Greek,en English,eo Esperanto,es Spanish,et Estonian,eu Basque,fa Persian,
fi Finnish,fr French,ga Irish,gl Galician,gu Gujarati,ha Hausa,he Hebrew,hi Hindi,hr Croatian,hu Hungarian,
hy Armenian,id Indonesian,ig Igbo,is Icelandic,it Italian,ja Japanese,ka Georgian,kk Kazakh,km Khmer,kn Kannada,
ko Korean,ku Kurdish,ky Kyrgyz,la Latin,lb Luxembourgish,lo Lao,lt Lithuanian,lv Latvian,mk Macedonian,ml Malayalam,
mn Mongolian,mr Marathi,ms Malay,mt Maltese,my Burmese,nb Norwegian Bokmål,ne Nepali,nl Dutch,nn Norwegian Nynorsk,
no Norwegian,pa Punjabi,pl Polish,ps Pashto,pt Portuguese,ro Romanian,ru Russian,sd Sindhi,si Sinhala,sk Slovak,
sl Slovenian,so Somali,sq Albanian,sr Serbian,sv Swedish,sw Swahili,ta Tamil,te Telugu,tg Tajik,th Thai,tl Tagalog,
tr Turkish,uk Ukrainian,ur Urdu,uz Uzbek,vi Vietnamese,yo Yoruba,zh Chinese,zu Zulu
""".replace("\n", "").split(",")
)


class ServedDirection(Protocol):
    """A pair of ISO 639-1 codes."""

    @property
    def source(self) -> str: ...

    @property
    def target(self) -> str: ...


@dataclass(frozen=True)
class Language:
    """`targets` are the codes that texts in this language can be translated to."""

    code: str
    name: str
    targets: tuple[str, ...]


class Languages:
    """What a set of directions can serve, in the order of the directions."""

    def __init__(self, directions: Iterable[ServedDirection]) -> None:
        self._pairs = tuple((direction.source, direction.target) for direction in directions)
        codes = dict.fromkeys(code for pair in self._pairs for code in pair)
        self.all = tuple(Language(code, name_of(code), self._targets(code)) for code in codes)

    @property
    def first(self) -> tuple[str, str]:
        """The direction to offer first: (source, target)."""
        return self._pairs[0]

    def check_known(self, source: str, target: str) -> None:
        """Raise DirectionError where a code is of no language that is served; `auto` will do as a source."""
        known = {language.code for language in self.all}
        for code in (source, target):
            if code not in known and not (code == AUTO and code is source):
                raise DirectionError(f"{shortened(code)} is not supported")

    def sources(self, target: str) -> tuple[str, ...]:
        """The languages that can be translated to `target`. Raises DirectionError where there are none."""
        sources = tuple(pair[0] for pair in self._pairs if pair[1] == target)
        if not sources:
            raise DirectionError(f"{_titled(target)} is not available as a target language from any language")
        return sources

    def check_direction(self, source: str, target: str) -> None:
        """Raise DirectionError where `source`, which is known and not `auto`, can't be translated to `target`."""
        if (source, target) not in self._pairs:
            raise DirectionError(f"{_titled(target)} is not available as a target language from {_titled(source)}")

    def _targets(self, code: str) -> tuple[str, ...]:
        return tuple(target for source, target in self._pairs if source == code)


def name_of(code: str) -> str:
    """The language's name in English, or the code itself where it has none here."""
    return NAMES.get(code, code)


def shortened(text: str, characters: int = 40) -> str:
    """`text`, cut where it is too long for an error message."""
    return text if len(text) <= characters else text[:characters] + "…"


def _titled(code: str) -> str:
    return f"{name_of(code)} ({code})"
