"""Addresses of the confidential pages. None of them holds anything of anybody."""

from django.urls import path

from coalition.intake.returning import views as returning
from coalition.intake.telling import views as telling

urlpatterns = [
    path("tell/", telling.begin, name="tell"),
    path("tell/all/", telling.all_at_once, name="tell_all"),
    path("tell/check/", telling.check, name="tell_check"),
    path("tell/send/", telling.send, name="tell_send"),
    path("tell/later/", telling.later, name="tell_later"),
    path("tell/discard/", telling.discard, name="tell_discard"),
    path("tell/end/", telling.end, name="tell_end"),
    path("tell/<slug:slug>/", telling.step, name="tell_step"),
    path("return/", returning.enter, name="return"),
    path("return/home/", returning.home, name="return_home"),
    path("return/message/", returning.message, name="return_message"),
    path("return/withdraw/", returning.withdraw, name="return_withdraw"),
    path("return/words/", returning.own_words, name="return_words"),
    path("return/close/", returning.close, name="return_close"),
    path("leave/", returning.leave, name="leave"),
]
