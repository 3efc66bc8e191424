"""One client that signs users up and in and changes them, and notes what was acknowledged."""

import collections
import threading

from acknowledged import GONE, User
from wire import Connection, Lost, Refused


class Writer:
    """A client with users of its own, so that what it knows depends on nobody else."""

    def __init__(self, number, chance, pool_id, client_id):
        self._number = number
        self._chance = chance
        self._pool_id = pool_id
        self._client_id = client_id
        self._made = 0
        self.users = []
        self.counts = collections.Counter()
        self.connection = None
        self.failure = None

    def run(self, port, acknowledged):
        """Writes in a thread until the connection ends; calls `acknowledged` after each answer."""
        self.connection = Connection(port)
        thread = threading.Thread(target=self._write, args=[acknowledged], daemon=True)
        thread.start()
        return thread

    def _write(self, acknowledged):
        try:
            while True:
                self._step()
                acknowledged()
        except Lost:
            self.connection.close()
        except Exception as failure:  # noqa: BLE001 - told by the main thread
            self.failure = failure

    def _step(self):
        living = [user for user in self.users if user.exists()]
        if len(living) < 8:
            self._make()
            return
        user = self._chance.choice(living)
        status, enabled = user.profile.value[:2]
        kinds = [(self._update, 70), (self._set_password, 4), (self._toggle, 4 if enabled else 20), (self._make, 6)]
        if status == "UNCONFIRMED":
            kinds.append((self._confirm, 40))
        elif enabled:
            kinds.append((self._sign_in, 16))
        if any(user.grants.values()):
            kinds.append((self._revoke, 6))
        if len(living) > 16:
            kinds.append((self._delete, 4))
        action = self._chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        if action == self._make:
            self._make()
        else:
            action(user)

    def _make(self):
        self._made += 1
        name = f"user-{self._number}-{self._made}"
        password = f"First-passw0rd-{self._made}!"
        user = User(name, GONE)
        attributes = [{"Name": "name", "Value": "0"}, {"Name": "nickname", "Value": "0"}]
        self.users.append(user)
        if self._chance.random() < 0.7:
            self._written(
                "SignUp",
                [(user.profile, ("UNCONFIRMED", True, "0", "0")), (user.password, password)],
                signed=False,
                ClientId=self._client_id,
                Username=name,
                Password=password,
                UserAttributes=attributes,
            )
        else:
            self._written(
                "AdminCreateUser",
                [(user.profile, ("FORCE_CHANGE_PASSWORD", True, "0", "0")), (user.password, password)],
                UserPoolId=self._pool_id,
                Username=name,
                TemporaryPassword=password,
                MessageAction="SUPPRESS",
                UserAttributes=attributes,
            )

    def _update(self, user):
        status, enabled, number, _ = user.profile.value
        number = str(int(number) + 1)
        attributes = [{"Name": "name", "Value": number}, {"Name": "nickname", "Value": number}]
        profile = (status, enabled, number, number)
        self._admin("AdminUpdateUserAttributes", user, [(user.profile, profile)], UserAttributes=attributes)

    def _confirm(self, user):
        profile = ("CONFIRMED", *user.profile.value[1:])
        self._admin("AdminConfirmSignUp", user, [(user.profile, profile)])

    def _set_password(self, user):
        self._made += 1
        password = f"Later-passw0rd-{self._made}!"
        profile = ("CONFIRMED", *user.profile.value[1:])
        user.changed = True
        self._admin(
            "AdminSetUserPassword",
            user,
            [(user.profile, profile), (user.password, password)],
            Password=password,
            Permanent=True,
        )

    def _toggle(self, user):
        status, enabled, *rest = user.profile.value
        user.changed = True
        operation = "AdminDisableUser" if enabled else "AdminEnableUser"
        # Disabling ends every token; one that had no answer may have.
        ended = user.grants if enabled else {}
        try:
            self._admin(operation, user, [(user.profile, (status, not enabled, *rest))])
        except Lost:
            user.grants = {token: None if alive else alive for token, alive in ended.items()} or user.grants
            raise
        for token in ended:
            user.grants[token] = False

    def _delete(self, user):
        user.changed = True
        self._admin("AdminDeleteUser", user, [(user.profile, GONE), (user.password, None)])
        user.grants = {}

    def _sign_in(self, user):
        reply = self._call(
            "InitiateAuth",
            signed=False,
            ClientId=self._client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.name, "PASSWORD": user.password.value},
        )
        user.changed = True
        if "AuthenticationResult" in reply:
            user.grants[reply["AuthenticationResult"]["RefreshToken"]] = True

    def _revoke(self, user):
        token = self._chance.choice([token for token, alive in user.grants.items() if alive])
        user.changed = True
        try:
            self._call("RevokeToken", signed=False, ClientId=self._client_id, Token=token)
        except Lost:
            user.grants[token] = None
            raise
        user.grants[token] = False

    def _admin(self, operation, user, facts, **members):
        self._written(operation, facts, UserPoolId=self._pool_id, Username=user.name, **members)

    def _written(self, operation, facts, **members):
        try:
            self._call(operation, **members)
        except Lost:
            for fact, value in facts:
                fact.unanswered(value)
            raise
        for fact, value in facts:
            fact.acknowledged(value)

    def _call(self, operation, **members):
        while True:
            try:
                reply = self.connection.call(operation, **members)
            except Refused as refusal:
                # A full queue is an answer too: nothing happened, and the client may ask again.
                if refusal.name == "TooManyRequestsException":
                    continue
                raise
            self.counts[operation] += 1
            return reply
