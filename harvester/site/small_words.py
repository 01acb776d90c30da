"""Small words: a question in plain words is put with them, and they say nothing of its matter.

A search looks for them like for any others. They are passed over where other searches are offered,
and where the question is found that a search is about (`signpost`).
"""

__all__ = ["SMALL_WORDS"]

# As the text index reads words: small letters, without accents. "don't" is "don" and "t" there.
SMALL_WORDS = frozenset(
    """
    a about after again against all also am an and another any anybody anyone are aren around as at
    be because been before being between but by can cannot could couldn d did didn do does doesn
    doing don during each either else ever every everyone for from get gets getting give given gives
    go goes going got had has hasn have haven having he her here him his how i if in into is isn it
    its just know known ll m make makes many may maybe me might more most much must my need never no
    nor not now of off often on once one only or other others our out outside over own please put re
    really same say says see seem seems shall she should shouldn show shows so some somebody someone
    something soon still such sure t take takes tell than that the their them then there these they
    thing things think this those to too until up us use used uses using usually ve very was wasn
    way ways we well were weren what when where whether which while who whom whose why will with
    within without won would wouldn yes yet you your
    """.split()
)
