"""Addresses of the confidential pages. None of them holds more of anybody than a random id."""

from django.urls import path

from coalition.intake.evidence import views as evidence
from coalition.intake.publishing import answering
from coalition.intake.publishing import views as publishing
from coalition.intake.reading import views as reading
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
    path("return/text/", answering.answer, name="return_text"),
    path("return/withdraw/", returning.withdraw, name="return_withdraw"),
    path("return/words/", returning.own_words, name="return_words"),
    path("return/files/", evidence.return_files, name="return_files"),
    path("return/files/<uuid:pk>/", evidence.own_file, name="return_file"),
    path("return/files/<uuid:pk>/piece/", evidence.piece, name="return_piece"),
    path("return/close/", returning.close, name="return_close"),
    path("moderation/files/<uuid:pk>/", evidence.moderators_copy, name="moderation_file"),
    path("leave/", returning.leave, name="leave"),
    path("moderation/", reading.queue, name="moderation"),
    path("moderation/queue.csv", reading.queue_csv, name="moderation_csv"),
    path("moderation/log/", reading.log, name="moderation_log"),
    path("moderation/log/<uuid:pk>/exempt/", reading.exempt, name="moderation_exempt"),
    path("moderation/<uuid:pk>/", reading.submission_page, name="moderation_submission"),
    path("moderation/<uuid:pk>/take/", reading.take, name="moderation_take"),
    path("moderation/<uuid:pk>/step/", reading.step, name="moderation_step"),
    path("moderation/<uuid:pk>/write/", reading.write, name="moderation_write"),
    path("moderation/<uuid:pk>/hand/", reading.hand, name="moderation_hand"),
    path("moderation/<uuid:pk>/who/", reading.who, name="moderation_who"),
    path("moderation/<uuid:pk>/text/", publishing.text, name="moderation_text"),
]
