"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from .views import accounts, drafts, finder, law, policies

urlpatterns = [
    path("", finder.start, name="home"),
    path("finder/question/", finder.next_question, name="question"),
    path("finder/question/<slug:name>/", finder.question, name="question_about"),
    path("finder/answers/", finder.answers, name="answers"),
    path("finder/forget/", finder.forget, name="forget"),
    path("finder/results/", finder.results, name="results"),
    path("finder/why/<slug:policy_id>/", finder.why, name="why"),
    path("policies/", policies.library_page, name="policies"),
    path("policies/<slug:policy_id>/", policies.policy_page, name="policy"),
    path("law/", law.law_page, name="law"),
    path("desk/drafts/", drafts.drafts_page, name="drafts"),
    path("desk/drafts/new/", drafts.begin, name="draft_begin"),
    path("desk/drafts/<int:pk>/", drafts.draft_page, name="draft"),
    path("desk/drafts/<int:pk>/live/", drafts.draft_live, name="draft_live"),
    path("desk/drafts/<int:pk>/compare/", drafts.compare, name="draft_compare"),
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("logout/", accounts.SignOut.as_view(), name="logout"),
    path("hats/", accounts.hats, name="hats"),
    path("language/", set_language, name="set_language"),
]
