"""Addresses of the confidential pages. None of them holds more of anybody than a random id."""

from django.urls import path

from coalition.intake.evidence import views as evidence
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
    path("tell/files/", evidence.tell_files, name="tell_files"),
    path("tell/files/<uuid:pk>/", evidence.piece, name="tell_piece"),
    path("tell/<slug:slug>/", telling.step, name="tell_step"),
    path("return/", returning.enter, name="return"),
    path("return/home/", returning.home, name="return_home"),
    path("return/message/", returning.message, name="return_message"),
    path("return/withdraw/", returning.withdraw, name="return_withdraw"),
    path("return/words/", returning.own_words, name="return_words"),
    path("return/files/", evidence.return_files, name="return_files"),
    path("return/files/<uuid:pk>/", evidence.own_file, name="return_file"),
    path("return/files/<uuid:pk>/piece/", evidence.piece, name="return_piece"),
    path("return/close/", returning.close, name="return_close"),
    path("moderation/files/<uuid:pk>/", evidence.moderators_copy, name="moderation_file"),
    path("leave/", returning.leave, name="leave"),
]
