"""PubMed's language codes (ISO 639-2/B) as names for people and as BCP 47 tags for browsers.

The list is NLM's (https://www.nlm.nih.gov/bsd/language_table.html).
"""

__all__ = ["language_name", "language_tag"]

_LANGUAGES = {
    "afr": ("af", "Afrikaans"),
    "alb": ("sq", "Albanian"),
    "amh": ("am", "Amharic"),
    "ara": ("ar", "Arabic"),
    "arm": ("hy", "Armenian"),
    "aze": ("az", "Azerbaijani"),
    "ben": ("bn", "Bengali"),
    "bos": ("bs", "Bosnian"),
    "bul": ("bg", "Bulgarian"),
    "cat": ("ca", "Catalan"),
    "chi": ("zh", "Chinese"),
    "cze": ("cs", "Czech"),
    "dan": ("da", "Danish"),
    "dut": ("nl", "Dutch"),
    "eng": ("en", "English"),
    "epo": ("eo", "Esperanto"),
    "est": ("et", "Estonian"),
    "fin": ("fi", "Finnish"),
    "fre": ("fr", "French"),
    "geo": ("ka", "Georgian"),
    "ger": ("de", "German"),
    "gla": ("gd", "Scottish Gaelic"),
    "gre": ("el", "Greek"),
    "heb": ("he", "Hebrew"),
    "hin": ("hi", "Hindi"),
    "hrv": ("hr", "Croatian"),
    "hun": ("hu", "Hungarian"),
    "ice": ("is", "Icelandic"),
    "ind": ("id", "Indonesian"),
    "ita": ("it", "Italian"),
    "jpn": ("ja", "Japanese"),
    "kin": ("rw", "Kinyarwanda"),
    "kor": ("ko", "Korean"),
    "lat": ("la", "Latin"),
    "lav": ("lv", "Latvian"),
    "lit": ("lt", "Lithuanian"),
    "mac": ("mk", "Macedonian"),
    "mal": ("ml", "Malayalam"),
    "mao": ("mi", "Maori"),
    "may": ("ms", "Malay"),
    "mul": (None, "several languages"),
    "nor": ("no", "Norwegian"),
    "per": ("fa", "Persian"),
    "pol": ("pl", "Polish"),
    "por": ("pt", "Portuguese"),
    "pus": ("ps", "Pashto"),
    "rum": ("ro", "Romanian"),
    "rus": ("ru", "Russian"),
    "san": ("sa", "Sanskrit"),
    "slo": ("sk", "Slovak"),
    "slv": ("sl", "Slovenian"),
    "spa": ("es", "Spanish"),
    "srp": ("sr", "Serbian"),
    "swe": ("sv", "Swedish"),
    "tha": ("th", "Thai"),
    "tur": ("tr", "Turkish"),
    "ukr": ("uk", "Ukrainian"),
    "und": (None, "undetermined language"),
    "urd": ("ur", "Urdu"),
    "vie": ("vi", "Vietnamese"),
    "wel": ("cy", "Welsh"),
}


def language_name(code: str) -> str:
    """The English name, or the code itself when NLM's list lacks it."""
    return _LANGUAGES.get(code, (None, code))[1]


def language_tag(code: str | None) -> str | None:
    """The tag for HTML's `lang`, or None when the language is not known."""
    return _LANGUAGES.get(code or "", (None, ""))[0]
