"""Tells users what concerns them, by the HTTP API: each line of standard input is a user's id and a text.

echo "u1 Your order is on its way" | TROUPE_API_KEY=... python notifier.py
"""

import os
import sys

from troupe_client.api import Api, TroupeError


def main() -> None:
    with Api("http://127.0.0.1:8081", os.environ["TROUPE_API_KEY"]) as api:
        for line in sys.stdin:
            user_id, _, text = line.strip().partition(" ")
            if not text:
                continue
            try:
                told = api.send_to_user(user_id, text)
            except TroupeError as error:  # a temporary one has been tried again already, where that is safe
                print(f"{user_id}: {error}", flush=True)
                continue
            kept = ", and it waits for the others" if told.get("kept") else ""
            print(f"{user_id}: heard by {told['connections']}{kept}", flush=True)


main()
