"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from .views import accounts, certify, desk, drafts, facts, finder, help, law, owner, policies, register, rosters, search, sharing

urlpatterns = [
    path("", finder.start, name="home"),
    path("finder/question/", finder.next_question, name="question"),
    path("finder/question/<slug:name>/", finder.question, name="question_about"),
    path("finder/answers/", finder.answers, name="answers"),
    path("finder/forget/", finder.forget, name="forget"),
    path("finder/results/", finder.results, name="results"),
    path("finder/share/", sharing.share, name="share"),
    path("finder/shared/", sharing.shared, name="shared"),
    path("finder/why/<slug:policy_id>/", finder.why, name="why"),
    path("policies/", policies.library_page, name="policies"),
    path("policies/<slug:policy_id>/", policies.policy_page, name="policy"),
    path("law/", law.law_page, name="law"),
    path("law/<int:number>/", law.article_page, name="article"),
    path("desk/", desk.desk, name="desk"),
    path("desk/drafts/", drafts.drafts_page, name="drafts"),
    path("desk/drafts/new/", drafts.begin, name="draft_begin"),
    path("desk/drafts/<int:pk>/", drafts.draft_page, name="draft"),
    path("desk/drafts/<int:pk>/live/", drafts.draft_live, name="draft_live"),
    path("desk/drafts/<int:pk>/compare/", drafts.compare, name="draft_compare"),
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("logout/", accounts.SignOut.as_view(), name="logout"),
    path("hats/", accounts.hats, name="hats"),
    path("home/", owner.home, name="owner_home"),
    path("home/answers/", owner.save_answers, name="save_answers"),
    path("inbox/", owner.inbox, name="inbox"),
    path("inbox/read/", owner.read_all, name="read_all"),
    path("inbox/<int:notice_id>/", owner.read_notice, name="read_notice"),
    path("facts/", facts.facts, name="facts"),
    path("facts/withdraw/<int:declaration_id>/", facts.withdraw_declaration, name="withdraw"),
    path("facts/evidence/<int:declaration_id>/", facts.evidence, name="evidence"),
    path("facts/<slug:name>/", facts.fact, name="fact"),
    path("desk/certify/", certify.certify, name="certify"),
    path("desk/certify/<int:declaration_id>/", certify.declaration, name="declaration"),
    path("desk/certify/<int:declaration_id>/correct/", certify.correct, name="correct"),
    path("desk/rosters/", rosters.rosters, name="rosters"),
    path("desk/rosters/columns/", rosters.columns, name="roster_columns"),
    path("desk/rosters/template.xlsx", rosters.template_file, {"kind": "xlsx"}, name="roster_template"),
    path("desk/rosters/template.csv", rosters.template_file, {"kind": "csv"}, name="roster_template_csv"),
    path("desk/rosters/<int:pk>/", rosters.trial, name="roster_trial"),
    path("desk/rosters/<int:pk>/problems.csv", rosters.problems_file, name="roster_problems"),
    path("register/", register.register, name="register"),
    path("register/firm/", register.firm, name="register_firm"),
    path("register/requests/", register.requests, name="requests"),
    path("register/requests/<int:request_id>/", register.decide, name="request"),
    path("search/", search.search_page, name="search"),
    path("help/", help.help_list, name="help"),
    path("help/<slug:slug>/", help.help_page, name="help_page"),
    path("language/", set_language, name="set_language"),
]
