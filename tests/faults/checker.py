"""Compares what a restarted server tells with what was acknowledged before."""

import concurrent.futures

from acknowledged import GONE, profile_of
from wire import Connection, Refused

WRONG_PASSWORD = "Incorrect username or password."
DISABLED = "User is disabled."


class Checker:
    """Counts the values compared and collects those that are wrong."""

    def __init__(self, port, pool_id, client_id, chance):
        self._port = port
        self._pool_id = pool_id
        self._client_id = client_id
        self._chance = chance
        self.compared = 0
        self.lost = []

    def check(self, users, everything):
        """Compares every profile; and by signing in, what changed and a sample of the rest (or everything)."""
        self._profiles(users)
        chosen = [user for user in users if everything or user.changed or self._chance.random() < 0.02]
        chunks = [chosen[start::4] for start in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for compared, lost in pool.map(self._sign_ins, chunks):
                self.compared += compared
                self.lost += lost

    def _profiles(self, users):
        connection = Connection(self._port)
        listed, token = {}, {}
        while True:
            page = connection.call("ListUsers", UserPoolId=self._pool_id, **token)
            listed |= {user["Username"]: profile_of(user) for user in page["Users"]}
            if "PaginationToken" not in page:
                break
            token = {"PaginationToken": page["PaginationToken"]}
        connection.close()
        for user in users:
            found = listed.pop(user.name, GONE)
            possible = list(user.profile.possible)
            self.compared += 1
            if not user.profile.found(found):
                self.lost.append(f"{user.name}: found {found}, acknowledged {possible}")
            if found == GONE:
                user.grants = {}
        for name, found in listed.items():
            self.lost.append(f"{name}: found {found}, never asked for")

    def _sign_ins(self, users):
        connection = Connection(self._port)
        compared, lost = 0, []
        for user in users:
            user.changed = False
            if user.profile.value == GONE:
                continue
            compared += 1
            if not self._password(connection, user):
                lost.append(f"{user.name}: none of {len(user.password.possible)} possible passwords is right")
            for token in list(user.grants):
                compared += 1
                alive = self._refreshes(connection, token)
                if user.grants[token] is None:
                    user.grants[token] = alive
                elif user.grants[token] is not alive:
                    expected = "alive" if user.grants[token] else "revoked"
                    lost.append(f"{user.name}: a refresh token that was {expected} is not")
        connection.close()
        return compared, lost

    def _password(self, connection, user):
        # The newest first: of two possible ones it is the likelier, and failures count.
        for password in reversed(user.password.possible):
            if password is None:
                continue
            try:
                connection.call(
                    "AdminInitiateAuth",
                    UserPoolId=self._pool_id,
                    ClientId=self._client_id,
                    AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": user.name, "PASSWORD": password},
                )
            except Refused as refusal:
                if refusal.text == WRONG_PASSWORD:
                    continue
                # Told only after the right password.
                if refusal.text != DISABLED and refusal.name != "UserNotConfirmedException":
                    raise
            return user.password.found(password)
        return False

    def _refreshes(self, connection, token):
        try:
            connection.call("GetTokensFromRefreshToken", signed=False, ClientId=self._client_id, RefreshToken=token)
        except Refused as refusal:
            if refusal.name != "NotAuthorizedException":
                raise
            return False
        return True
