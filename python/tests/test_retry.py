from __future__ import annotations

import ssl
import time
import unittest
from email.utils import formatdate
from unittest import mock

from signalpath import (
    BadRequest,
    ConnectionFailed,
    InvalidResponse,
    NotFound,
    RateLimited,
    TimedOut,
    Unavailable,
)
from signalpath._retry import may_retry
from tests.scripted import ManualTime, Reply, Scripted, accepted, client_of, refused


def failing_first(times: int, reply: Reply):
    left = [times]

    def script(seen):
        left[0] -= 1
        return reply if left[0] >= 0 else accepted(seen)

    return script


class Retries(unittest.TestCase):
    def test_every_attempt_carries_the_same_message_id_time_and_request_id(self):
        with Scripted(failing_first(3, refused(503, "BUS_UNAVAILABLE"))) as server:
            with client_of(server.url) as client:
                result = client.track("Tip Liked", {"item_id": "t1"}, user_id="nora")
        self.assertEqual(len(server.seen), 4)
        bodies = [seen.raw for seen in server.seen]
        self.assertEqual(len(set(bodies)), 1)
        event = server.seen[0].json["batch"][0]
        self.assertEqual(result["message_id"], event["messageId"])
        self.assertRegex(event["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(len({seen.headers["x-request-id"] for seen in server.seen}), 1)

    def test_two_events_have_two_ids(self):
        with Scripted(accepted) as server, client_of(server.url) as client:
            one = client.track("Tip Liked", {"item_id": "t1"}, user_id="nora")
            two = client.track("Tip Liked", {"item_id": "t1"}, user_id="nora")
        self.assertNotEqual(one["message_id"], two["message_id"])

    def test_pauses_double_and_are_random(self):
        clock = ManualTime()
        draws = iter([0.0, 1.0, 0.5, 1.0])
        script = [refused(503, "OVERLOADED")] * 5
        with Scripted(script) as server:
            with client_of(server.url, clock, random=lambda: next(draws)) as client:
                with self.assertRaises(Unavailable) as caught:
                    client.usermodel("nora")
        self.assertEqual([round(one, 6) for one in clock.sleeps], [0.0, 0.4, 0.4, 1.6])
        self.assertEqual(caught.exception.code, "OVERLOADED")
        self.assertEqual(caught.exception.request_id, "request-1")
        self.assertEqual(len(server.seen), 5)

    def test_retry_after_in_seconds_is_never_undercut(self):
        clock = ManualTime()
        script = [refused(429, "RATE_LIMITED", Retry_After="7"), Reply(200, {"n": 1})]
        with Scripted(script) as server, client_of(server.url, clock) as client:
            self.assertEqual(client.usermodel("nora"), {"n": 1})
        self.assertEqual(clock.sleeps, [7.1])

    def test_retry_after_as_a_date(self):
        clock = ManualTime()
        date = formatdate(1_700_000_030, usegmt=True)
        script = [refused(503, "DRAINING", Retry_After=date), Reply(200, {})]
        with Scripted(script) as server:
            with client_of(server.url, clock, wall_clock=lambda: 1_700_000_000.0) as client:
                client.usermodel("nora")
        self.assertEqual(clock.sleeps, [30.1])

    def test_a_retry_after_beyond_the_deadline_is_not_waited_for(self):
        clock = ManualTime()
        script = [refused(429, "RATE_LIMITED", Retry_After="3600")]
        with Scripted(script) as server, client_of(server.url, clock) as client:
            with self.assertRaises(RateLimited) as caught:
                client.recommend("nora")
        self.assertEqual(caught.exception.retry_after, 3600.0)
        self.assertEqual(clock.sleeps, [])

    def test_a_nonsense_retry_after_counts_as_none(self):
        clock = ManualTime()
        script = [refused(503, "X", Retry_After="soon"), Reply(200, {})]
        with Scripted(script) as server, client_of(server.url, clock) as client:
            client.usermodel("nora")
        self.assertEqual(clock.sleeps, [0.1])

    def test_what_will_not_change_is_not_sent_again(self):
        for status, kind in ((404, NotFound), (422, BadRequest), (500, Unavailable)):
            with self.subTest(status), Scripted([refused(status, "X")]) as server:
                with client_of(server.url) as client, self.assertRaises(kind):
                    client.usermodel("nora")
                self.assertEqual(len(server.seen), 1)

    def test_a_rebuild_that_may_be_running_is_not_started_twice(self):
        with Scripted([Reply(200, b"{", cut=True)]) as server, client_of(server.url) as client:
            with self.assertRaises(ConnectionFailed):
                client.rebuild(["nora"])
        self.assertEqual(len(server.seen), 1)

    def test_a_rebuild_that_was_refused_is_sent_again(self):
        script = [refused(503, "DRAINING"), Reply(200, {"rebuilt": 1, "unknown": []})]
        with Scripted(script) as server, client_of(server.url) as client:
            self.assertEqual(client.rebuild(["nora"])["rebuilt"], 1)

    def test_no_retries_when_none_are_wanted(self):
        with Scripted([refused(503, "X")]) as server, client_of(server.url, retries=0) as client:
            with self.assertRaises(Unavailable):
                client.usermodel("nora")


class Connections(unittest.TestCase):
    def test_refused_connections_are_tried_again_and_then_told(self):
        clock = ManualTime()
        with Scripted([]) as server:
            url = server.url
        with client_of(url, clock) as client, self.assertRaises(ConnectionFailed) as caught:
            client.rebuild(["nora"])
        self.assertFalse(caught.exception.sent)
        self.assertEqual(len(clock.sleeps), 4)

    def test_an_answer_cut_off_is_asked_for_again(self):
        script = [Reply(200, b'{"a": 1', cut=True), Reply(200, {"a": 1})]
        with Scripted(script) as server, client_of(server.url) as client:
            self.assertEqual(client.usermodel("nora"), {"a": 1})

    def test_a_silent_server_times_out(self):
        with Scripted([Reply(hang=True), Reply(200, {"a": 1})]) as server:
            with client_of(server.url, clock=time.monotonic, timeout=0.2) as client:
                self.assertEqual(client.usermodel("nora"), {"a": 1})
        self.assertEqual(len(server.seen), 2)

    def test_a_dripping_answer_times_out_as_a_whole(self):
        with Scripted([Reply(200, b"{}", drip=True)]) as server:
            with client_of(server.url, clock=time.monotonic, timeout=0.3, retries=0) as client:
                with self.assertRaises(TimedOut) as caught:
                    client.usermodel("nora")
        self.assertTrue(caught.exception.sent)

    def test_the_deadline_ends_all_attempts(self):
        with Scripted(lambda _: Reply(hang=True)) as server:
            options = {"clock": time.monotonic, "sleep": time.sleep, "timeout": 0.2}
            with client_of(server.url, deadline=0.5, retries=50, **options) as client:
                with self.assertRaises(TimedOut):
                    client.usermodel("nora")
        self.assertLess(len(server.seen), 6)

    def test_one_connection_carries_many_calls(self):
        with Scripted(lambda _: Reply(200, {})) as server, client_of(server.url) as client:
            for _ in range(3):
                client.usermodel("nora")
        self.assertEqual(len({seen.peer for seen in server.seen}), 1)

    def test_a_kept_connection_that_was_closed_costs_no_attempt(self):
        clock = ManualTime()

        def script(seen):
            return Reply(200, {}, drop=True)

        with Scripted(script) as server, client_of(server.url, clock, retries=0) as client:
            for _ in range(3):
                client.usermodel("nora")
        self.assertEqual(clock.sleeps, [])
        self.assertEqual(len(server.seen), 3)

    def test_an_old_idle_connection_is_left_alone(self):
        clock = ManualTime()
        with Scripted(lambda _: Reply(200, {})) as server, client_of(server.url, clock) as client:
            client.usermodel("nora")
            clock.now += 31
            client.usermodel("nora")
        self.assertEqual(len({seen.peer for seen in server.seen}), 2)


    def test_after_a_fork_no_connection_is_shared(self):
        with Scripted(lambda _: Reply(200, {})) as server, client_of(server.url) as client:
            client.usermodel("nora")
            with mock.patch("os.getpid", return_value=-1):
                client.usermodel("nora")
                client.usermodel("nora")
        peers = [seen.peer for seen in server.seen]
        self.assertNotEqual(peers[0], peers[1])
        self.assertEqual(peers[1], peers[2])

    def test_a_certificate_that_is_not_trusted_is_not_tried_again(self):
        error = ConnectionFailed("no", sent=False)
        self.assertTrue(may_retry(error, repeatable=True))
        error.__cause__ = ssl.SSLCertVerificationError("self-signed")
        self.assertFalse(may_retry(error, repeatable=True))


class Answers(unittest.TestCase):
    def test_a_success_that_is_no_json(self):
        for body in (b"<html>", b"", b"\xff"):
            with self.subTest(body), Scripted([Reply(200, body)]) as server:
                with client_of(server.url) as client, self.assertRaises(InvalidResponse):
                    client.usermodel("nora")

    def test_an_error_that_is_no_json_keeps_its_status(self):
        with Scripted([Reply(404, b"<h1>no</h1>")]) as server, client_of(server.url) as client:
            with self.assertRaises(NotFound) as caught:
                client.usermodel("nora")
        self.assertEqual((caught.exception.code, caught.exception.detail), ("", "no detail"))

    def test_fields_of_a_422(self):
        body = {"detail": "no", "code": "VALIDATION_FAILED", "request_id": "r", "errors": [{"path": "limit"}]}
        with Scripted([Reply(422, body)]) as server, client_of(server.url) as client:
            with self.assertRaises(BadRequest) as caught:
                client.recommend("nora", limit=1000)
        self.assertEqual(caught.exception.errors, [{"path": "limit"}])

    def test_redirects_are_not_followed(self):
        with Scripted([]) as other:
            reply = Reply(302, b"", {"Location": other.url})
            with Scripted([reply]) as server, client_of(server.url) as client:
                with self.assertRaises(InvalidResponse) as caught:
                    client.usermodel("nora")
            self.assertEqual((caught.exception.status, other.seen), (302, []))


if __name__ == "__main__":
    unittest.main()
