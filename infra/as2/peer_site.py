"""django-pyas2 as a partner, in its own environment: `python peer_site.py FOLDER ACTION`, actions in `main`.

Run by `infra.as2.peer`; knows nothing of Relais. Its server, forms of messages and codec are those of the package.
"""

import json
import re
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])
CONFIGURATION = FOLDER / "peer.json"


def import_oscrypto():
    """oscrypto 1.3.0 reads one digit a part of OpenSSL's version; 3.0.19 has two. Asked for more, it works."""
    search = re.search
    narrow = "\\b(\\d\\.\\d\\.\\d[a-z]*)\\b"
    re.search = lambda pattern, *rest: search("\\b(\\d+\\.\\d+\\.\\d+)" if pattern == narrow else pattern, *rest)
    try:
        import oscrypto.asymmetric  # noqa: F401
    finally:
        re.search = search


def start_django():
    import django
    from django.conf import settings

    configured = json.loads(CONFIGURATION.read_text())
    settings.configure(
        SECRET_KEY="of a peer that lives for a test",
        ALLOWED_HOSTS=["127.0.0.1"],
        DEBUG=False,
        ROOT_URLCONF="peer_site",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": FOLDER / "peer.db",
                "OPTIONS": {"timeout": 30},
            }
        },
        DATA_UPLOAD_MAX_MEMORY_SIZE=100_000_000,
        # Not DATA_DIR: newer Django takes what lies there for a path out of its folder.
        MEDIA_ROOT=str(FOLDER / "media"),
        PYAS2={"MDN_URL": configured["receipt_url"]},
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "pyas2",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )
    django.setup()
    return configured


def prepare(configured):
    """The database with both sides' names and keys."""
    from django.core.management import call_command
    from pyas2.models import Organization, Partner, PrivateKey, PublicCertificate

    call_command("migrate", verbosity=0)
    key = PrivateKey.objects.create(name="own", key=Path(configured["key"]).read_bytes(), key_pass="")
    certificate = PublicCertificate.objects.create(
        name="relais", certificate=Path(configured["certificate"]).read_bytes(), verify_cert=False
    )
    Organization.objects.create(
        name=configured["own_id"], as2_name=configured["own_id"], encryption_key=key, signature_key=key
    )
    Partner.objects.create(
        name=configured["partner_id"], as2_name=configured["partner_id"], target_url=configured["url"],
        compress=True, encryption=configured["cipher"], encryption_cert=certificate,
        signature=configured["digest"], signature_cert=certificate,
        mdn=True, mdn_mode=configured["receipt"], mdn_sign=configured["digest"], keep_filename=True,
    )  # fmt: skip


def send(configured, path, times):
    """Sends a file so many times under one Message-ID."""
    from pyas2.models import Message, Organization, Partner
    from pyas2lib import Message as As2Message

    organization = Organization.objects.get(as2_name=configured["own_id"])
    partner = Partner.objects.get(as2_name=configured["partner_id"])
    payload = Path(path).read_bytes()
    built = As2Message(sender=organization.as2org, receiver=partner.as2partner)
    built.build(
        payload, filename=Path(path).name, subject="flow", content_type="application/xml",
        disposition_notification_to="peer@example.org",
    )  # fmt: skip
    message, _ = Message.objects.create_from_as2message(
        as2message=built, payload=payload, filename=Path(path).name, direction="OUT", status="P"
    )
    for _ in range(int(times)):
        message.send_message(built.headers, built.content)


def send_all(configured, folder):
    """Sends the files of a folder one by one, each under one Message-ID until its receipt came."""
    from pyas2.models import Message, Organization, Partner
    from pyas2lib import Message as As2Message

    organization = Organization.objects.get(as2_name=configured["own_id"])
    partner = Partner.objects.get(as2_name=configured["partner_id"])
    (FOLDER / "wire").mkdir(exist_ok=True)
    for path in sorted(Path(folder).iterdir()):
        wire = FOLDER / "wire" / path.name
        if not wire.exists():
            payload = path.read_bytes()
            built = As2Message(sender=organization.as2org, receiver=partner.as2partner)
            built.build(
                payload, filename=path.name, subject="flow", content_type="application/octet-stream",
                disposition_notification_to="peer@example.org",
            )  # fmt: skip
            Message.objects.create_from_as2message(
                as2message=built, payload=payload, filename=path.name, direction="OUT", status="P"
            )
            part = wire.with_name(wire.name + ".part")
            part.write_bytes(json.dumps([built.message_id, dict(built.headers)]).encode() + b"\n" + built.content)
            part.replace(wire)
        head, content = wire.read_bytes().split(b"\n", 1)
        message_id, headers = json.loads(head)
        message = Message.objects.get(message_id=message_id)
        for pause_seconds in (1, 2, 4, 8, 16, 32, 0):
            if message.status == "S":
                break
            message.send_message(headers, content)
            if message.status != "S":
                time.sleep(pause_seconds)
        if message.status != "S":
            sys.exit(f"{path.name}: {message.detailed_status}")


def inbox():
    """Names and places of what was received, in order."""
    from pyas2.models import Message

    rows = Message.objects.filter(direction="IN", status="S").order_by("timestamp", "id")
    print(json.dumps([(Path(row.payload.name).name, row.payload.name) for row in rows]))


def state():
    """Messages both ways with what they hold and the receipts about them."""
    from pyas2.models import Mdn, Message

    rows = []
    for message in Message.objects.order_by("id"):
        # The peer writes the row of a receipt first, then what it says: until then there is none.
        mdn = next((row for row in Mdn.objects.filter(message=message) if row.payload), None)
        rows.append({
            "message_id": message.message_id, "direction": message.direction, "status": message.status,
            "detail": message.detailed_status, "signed": message.signed, "encrypted": message.encrypted,
            "compressed": message.compressed, "name": Path(message.payload.name).name,
            "payload": message.payload.read().hex(),
            "receipt": "" if mdn is None else mdn.payload.read().hex(),
            "receipt_signed": None if mdn is None else mdn.signed,
            "receipt_status": None if mdn is None else mdn.status,
        })  # fmt: skip
    print(json.dumps(rows))


def main():
    import_oscrypto()
    configured = start_django()
    from django.core.management import call_command

    action, *arguments = sys.argv[2:]
    if action == "prepare":
        prepare(configured)
    elif action == "serve":
        call_command("runserver", f"127.0.0.1:{arguments[0]}", use_reloader=False, skip_checks=True)
    elif action == "send":
        send(configured, *arguments)
    elif action == "send_all":
        send_all(configured, *arguments)
    elif action == "inbox":
        inbox()
    elif action == "receipts":
        call_command("manageas2server", async_mdns=True)
    elif action == "state":
        state()


if __name__ == "__main__":
    main()
else:  # imported by Django, for its addresses
    from django.urls import include, path

    urlpatterns = [path("pyas2/", include("pyas2.urls"))]
