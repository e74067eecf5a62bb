"""The policy library: the list with its search, and the page of one policy, sentence by sentence. For everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from duixian.web.cases import library
from duixian.web.seats import PUBLIC, Route


def policies(request: HttpRequest) -> HttpResponse:
    """Every policy this seat may read, by how it stands; and what a search finds in them."""
    q, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    shelf = library.shelf(request.seat)
    counts = [(one, sum(row.standing.key == one.key for row in shelf)) for one in library.STANDINGS]
    rows = [row for row in shelf if not state or row.standing.key == state]
    found = [(row, hits) for row in rows if (hits := library.search(row.text, q))] if q else []
    named = [row for row in rows if not q or q.lower() in f"{row.version.title}{row.version.issuer}".lower()]
    return render(request, "public/library.html", {
        "rows": named, "counts": [(one, n) for one, n in counts if n], "all": len(shelf), "q": q, "chosen": state, "found": found, "hits": sum(len(hits) for _, hits in found),
    })  # fmt: skip


def policy(request: HttpRequest, policy: str) -> HttpResponse:
    """One policy word for word, with what each sentence means; as the newest cycle reads it, or the one asked for."""
    version = library.version_of(request.seat, policy, request.GET.get("version", ""))
    cycles = library.cycles_of(version)
    wanted = request.GET.get("cycle", "")
    cycle = None if wanted == "none" else next((one for one in cycles if str(one.pk) == wanted), cycles[0] if cycles else None)
    text = library.text_of(version, cycle)
    q = request.GET.get("q", "").strip()[:60]
    return render(request, "public/policy.html", {
        "version": version, "text": text, "standing": library.standing(version, text), "cycle": cycle, "cycles": cycles, "decided": library.decided(cycle),
        "open": next((one for one in cycles if one.state == "open"), None), "others": [one for one in library.versions(request.seat) if one.policy == policy and one.pk != version.pk],
        "tried": library.tried(cycle), "q": q, "hits": library.search(text, q) if q else [], "sentences": sum(len(article.sentences) for article in text.articles),
        "characters": sum(len(sentence.text) for article in text.articles for sentence in article.sentences) + sum(len(chapter.title) for chapter in text.chapters),
    })  # fmt: skip


ROUTES = [
    Route("library/", policies, PUBLIC, name="library"),
    Route("policy/<str:policy>/", policy, PUBLIC),
]
