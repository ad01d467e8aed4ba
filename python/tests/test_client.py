from __future__ import annotations

import json
import tempfile
import threading
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from signalpath import Client, InvalidResponse, Unavailable
from tests.scripted import Reply, Scripted, accepted, client_of, refused


def echo(seen):
    return Reply(200, {"path": seen.path, "method": seen.method})


class Requests(unittest.TestCase):
    def test_each_call_asks_where_the_contract_says(self):
        calls = [
            (lambda c: c.recommend("n&a", 3, filter="topic:a b", exclude=["x", "y"], near=(1.5, 2), radius_m=9, explain=True),
             "GET", "/api/recommend?user_id=n%26a&limit=3&filter=topic%3Aa+b&exclude=x%2Cy&near_lat=1.5&near_lon=2&geo_radius_m=9&explain=true"),
            (lambda c: c.recommend_preview(tag_affinity={"a:b": 1}), "POST", "/api/recommend/preview"),
            (lambda c: c.usermodel("n"), "GET", "/api/usermodel?user_id=n"),
            (lambda c: c.usermodel_explain("n"), "GET", "/api/usermodel/explain?user_id=n"),
            (lambda c: c.usermodel_history("n", limit=2, cursor="z"), "GET", "/api/usermodel/history?user_id=n&limit=2&cursor=z"),
            (lambda c: c.features("n"), "GET", "/api/features?user_id=n"),
            (lambda c: c.features_registry(), "GET", "/api/features/registry"),
            (lambda c: c.put_content([]), "PUT", "/api/content"),
            (lambda c: c.get_content("a/b é"), "GET", "/api/content/a%2Fb%20%C3%A9"),
            (lambda c: c.delete_content("a"), "DELETE", "/api/content/a"),
            (lambda c: c.rebuild(all_users=True), "POST", "/api/rebuild"),
            (lambda c: c.erase("a?b", project=2), "DELETE", "/api/users/a%3Fb?project=2"),
            (lambda c: c.predict(7, "n"), "POST", "/inference/predict/7"),
            (lambda c: c.predict_project(1, "n", fallback=True), "POST", "/inference/predict/project/1"),
            (lambda c: c.related(7, ["a"]), "POST", "/inference/predict/7/related"),
            (lambda c: c.inference_health(), "GET", "/inference/health"),
            (lambda c: c.models(), "GET", "/inference/models"),
            (lambda c: c.assignment("e1", "n&a"), "GET", "/api/v1/experiments/e1/assignment?user_id=n%26a"),
            (lambda c: c.exposures("e1", []), "POST", "/api/v1/experiments/e1/exposures"),
            (lambda c: c.conversions("e1", []), "POST", "/api/v1/experiments/e1/conversions"),
            (lambda c: c.conversion_event({}), "POST", "/api/v1/conversion_event/"),
            (lambda c: c.conversion_events([]), "POST", "/api/v1/conversion_event/batch/"),
            (lambda c: c.experiment_results("e1", metric="ctr"), "GET", "/api/v1/experiments/e1/results?metric=ctr"),
        ]
        with Scripted(echo) as server, client_of(server.url) as client:
            for call, method, path in calls:
                with self.subTest(path):
                    self.assertEqual(call(client), {"path": path, "method": method})

    def test_keys_go_where_they_belong(self):
        with Scripted(lambda seen: accepted(seen) if "ingest" in seen.path else Reply(200, {})) as server:
            with client_of(server.url, admin_key="ak") as client:
                client.identify("nora", {"plan": "pro"})
                client.usermodel("nora")
                client.erase("nora")
                client.models()
            with client_of(server.url, write_key=None) as client:
                client.page("Home", user_id="nora")
        keys = [(s.headers.get("x-write-key"), s.headers.get("x-api-key")) for s in server.seen]
        self.assertEqual(
            keys,
            [("wk", None), (None, "rctm_key"), (None, "ak"), (None, None), (None, "rctm_key")],
        )

    def test_a_write_of_experiments_keeps_its_key_over_attempts(self):
        replies = iter([Reply(503, {"code": "STORE_UNAVAILABLE"}), Reply(200, {}), Reply(200, {})])
        with Scripted(lambda seen: next(replies)) as server, client_of(server.url) as client:
            exposed = {"user_id": "nora", "variation_index": 1}
            client.exposures("e1", [exposed])
            client.conversions("e1", [], idempotency_key="mine")
            with self.assertRaises(ValueError):
                client.exposures("e1", [exposed] * 1_001)
        keys = [seen.headers.get("idempotency-key") for seen in server.seen]
        self.assertEqual(len(keys), 3)
        self.assertTrue(keys[0])
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(keys[2], "mine")

    def test_without_a_key_nothing_is_sent(self):
        with Scripted(echo) as server, Client(server.url) as client:
            with self.assertRaisesRegex(ValueError, "api_key"):
                client.usermodel("nora")
        self.assertEqual(server.seen, [])

    def test_a_key_is_not_shown(self):
        self.assertNotIn("rctm_key", repr(client_of("http://127.0.0.1:9")))

    def test_services_on_addresses_of_their_own(self):
        with Scripted(echo) as one, Scripted(echo) as two:
            with client_of(one.url, urls={"inference": two.url + "/"}) as client:
                client.usermodel("n")
                client.predict(1, "n")
        self.assertEqual((len(one.seen), len(two.seen)), (1, 1))

    def test_prediction_bodies(self):
        with Scripted(lambda _: Reply(200, {"results": []})) as server:
            with client_of(server.url) as client:
                client.predict(7, "n", 5, exclude_items=["a"], fallback=False)
                client.predict(7, "n")
        self.assertEqual(
            [seen.json for seen in server.seen],
            [
                {"user_id": "n", "cutoff": 5, "exclude_items": ["a"], "fallback": False},
                {"user_id": "n", "cutoff": 10},
            ],
        )

    def test_a_batch_prediction_of_many_keeps_their_order(self):
        def script(seen):
            return Reply(200, {"results": [{"user_id": one} for one in seen.json["user_ids"]]})

        users = [f"u{n}" for n in range(230)]
        with Scripted(script) as server, client_of(server.url) as client:
            answer = client.predict_batch(7, users)
        self.assertEqual([one["user_id"] for one in answer["results"]], users)
        self.assertEqual([len(seen.json["user_ids"]) for seen in server.seen], [100, 100, 30])

    def test_ids_that_cannot_travel_are_refused_here(self):
        client = client_of("http://127.0.0.1:9")
        for call in (
            lambda: client.get_content(".."),
            lambda: client.erase(""),
            lambda: client.recommend("n", exclude=["a,b"]),
            lambda: client.rebuild(),
            lambda: client.track("Tip Liked"),
        ):
            with self.assertRaises(ValueError):
                call()
        with self.assertRaises(TypeError):
            client.predict(1, 5)
        for url in ("ftp://a", "127.0.0.1:4000", "http://u:p@a", "http://a?b"):
            with self.assertRaises(ValueError):
                Client(url)

    def test_the_catalogue_page_by_page(self):
        pages = [{"items": [{"item_id": "a"}], "next": "2"}, {"items": [{"item_id": "b"}], "next": None}]
        with Scripted([Reply(200, page) for page in pages]) as server:
            with client_of(server.url) as client:
                found = [item["item_id"] for item in client.iterate_content(tag="t:x")]
        self.assertEqual(found, ["a", "b"])
        self.assertIn("cursor=2", server.seen[1].path)

    def test_credentials_file(self):
        told = {"url": "http://127.0.0.1:9", "write_key": "w", "api_key": "a", "admin_key": "d"}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "credentials.json")
            path.write_text(json.dumps(told))
            self.assertIn("127.0.0.1:9", repr(Client.from_credentials(path, timeout=3)))


class Events(unittest.TestCase):
    def test_shapes(self):
        when = datetime(2026, 6, 12, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
        with Scripted(accepted) as server, client_of(server.url) as client:
            client.track("Tip Liked", {"item_id": "t"}, user_id="u", message_id="m", timestamp=when)
            client.identify("u", {"a": 1}, anonymous_id="d", timestamp="2026-06-12T12:00:00Z")
            client.alias("d", "u")
        first, second, third = (seen.json["batch"][0] for seen in server.seen)
        self.assertEqual(
            first,
            {
                "type": "track",
                "userId": "u",
                "messageId": "m",
                "timestamp": "2026-06-12T12:00:00.000+05:30",
                "event": "Tip Liked",
                "properties": {"item_id": "t"},
            },
        )
        self.assertEqual((second["traits"], second["anonymousId"]), ({"a": 1}, "d"))
        self.assertEqual((third["type"], third["previousId"], third["userId"]), ("alias", "d", "u"))

    def test_a_time_without_a_zone_is_refused(self):
        with self.assertRaises(ValueError):
            client_of("http://127.0.0.1:9").track("A", user_id="u", timestamp=datetime(2026, 1, 1))

    def test_large_bodies_travel_packed_and_in_parts(self):
        events = [{"type": "track", "event": "A", "userId": "u", "n": n} for n in range(4_500)]
        with Scripted(accepted) as server, client_of(server.url) as client:
            answer = client.batch(events)
        self.assertEqual([len(seen.json["batch"]) for seen in server.seen], [2_000, 2_000, 500])
        self.assertTrue(all(seen.headers["content-encoding"] == "gzip" for seen in server.seen[:2]))
        self.assertEqual((answer["received"], len(answer["results"])), (4_500, 4_500))
        sent = [one["n"] for seen in server.seen for one in seen.json["batch"]]
        self.assertEqual(sent, list(range(4_500)))

    def test_a_small_body_travels_plain(self):
        with Scripted(accepted) as server, client_of(server.url) as client:
            client.track("A", user_id="u")
        self.assertNotIn("content-encoding", server.seen[0].headers)

    def test_large_events_do_not_share_a_request(self):
        events = [{"type": "track", "userId": "u", "text": "x" * 3_000_000}] * 2
        with Scripted(accepted) as server, client_of(server.url) as client:
            client.batch(events)
        self.assertEqual([len(seen.json["batch"]) for seen in server.seen], [1, 1])

    def test_what_is_not_confirmed_is_handed_back_with_its_ids(self):
        left = [1]

        def script(seen):
            left[0] -= 1
            return accepted(seen) if left[0] >= 0 else refused(503, "BUS_FULL")

        events = [{"type": "track", "event": "A", "userId": "u"}] * 2_100
        with Scripted(script) as server:
            with client_of(server.url, retries=1) as client:
                with self.assertRaises(Unavailable) as caught:
                    client.batch(events)
                unsent = caught.exception.unsent
                self.assertEqual(len(unsent), 100)
                first = [one["messageId"] for one in server.seen[1].json["batch"]]
                left[0] = 1
                client.batch(unsent)
                again = [one["messageId"] for one in server.seen[-1].json["batch"]]
        self.assertEqual(first, again)

    def test_ids_given_are_kept_and_the_caller_s_events_stay_as_they_are(self):
        event = {"type": "track", "userId": "u", "message_id": "mine"}
        with Scripted(lambda _: Reply(200, {"results": []})) as server:
            with client_of(server.url) as client, self.assertRaises(InvalidResponse):
                client.batch([event])
        self.assertEqual(list(event), ["type", "userId", "message_id"])
        self.assertNotIn("messageId", server.seen[0].json["batch"][0])

    def test_hostile_text_travels(self):
        with Scripted(accepted) as server, client_of(server.url) as client:
            client.track("A", {"t": "\ud800 \u0000 \u2028 é"}, user_id="u")
        self.assertEqual(server.seen[0].json["batch"][0]["properties"]["t"], "\ud800 \u0000 \u2028 é")
        with self.assertRaises(ValueError):
            client.track("A", {"n": float("nan")}, user_id="u")


class Threads(unittest.TestCase):
    def test_one_client_serves_many(self):
        def script(seen):
            return Reply(200, {"path": seen.path})

        wrong = []
        with Scripted(script) as server, client_of(server.url) as client:

            def work(name):
                for n in range(25):
                    user = f"{name}-{n}"
                    if client.usermodel(user)["path"] != f"/api/usermodel?user_id={user}":
                        wrong.append(user)

            threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual((wrong, len(server.seen)), ([], 200))


if __name__ == "__main__":
    unittest.main()
